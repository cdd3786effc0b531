// FetchSnapshot: reads a piece of a snapshot of the metadata log (KIP-630).

import { defineApi } from '../schema/message.ts'
import {
  array,
  int16,
  int32,
  offset,
  one,
  records,
  string,
  struct,
  uint16,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'

const fetchSnapshotRequestSnapshotId = struct({
  endOffset: offset,
  epoch: int32,
})
export interface FetchSnapshotRequestSnapshotId extends Value<typeof fetchSnapshotRequestSnapshotId> {}

const fetchSnapshotRequestPartitionSnapshot = struct({
  partition: int32,
  currentLeaderEpoch: int32,
  snapshotId: one<FetchSnapshotRequestSnapshotId>(fetchSnapshotRequestSnapshotId),
  position: offset,
  replicaDirectoryId: uuid.since(1).tag(0).ignorable(),
})
export interface FetchSnapshotRequestPartitionSnapshot
  extends Value<typeof fetchSnapshotRequestPartitionSnapshot> {}

const fetchSnapshotRequestTopicSnapshot = struct({
  name: string.entity('topicName'),
  partitions: array<FetchSnapshotRequestPartitionSnapshot>(fetchSnapshotRequestPartitionSnapshot),
})
export interface FetchSnapshotRequestTopicSnapshot extends Value<typeof fetchSnapshotRequestTopicSnapshot> {}

const fetchSnapshotRequest = struct({
  clusterId: string.nullable().default(null).tag(0),
  replicaId: int32.default(-1).entity('brokerId'),
  maxBytes: int32.default(0x7fffffff),
  topics: array<FetchSnapshotRequestTopicSnapshot>(fetchSnapshotRequestTopicSnapshot),
})
export interface FetchSnapshotRequest extends Value<typeof fetchSnapshotRequest> {}

const fetchSnapshotResponseSnapshotId = struct({
  endOffset: offset,
  epoch: int32,
})
export interface FetchSnapshotResponseSnapshotId extends Value<typeof fetchSnapshotResponseSnapshotId> {}

const fetchSnapshotLeaderIdAndEpoch = struct({
  leaderId: int32.entity('brokerId'),
  leaderEpoch: int32,
})
export interface FetchSnapshotLeaderIdAndEpoch extends Value<typeof fetchSnapshotLeaderIdAndEpoch> {}

const fetchSnapshotResponsePartitionSnapshot = struct({
  index: int32,
  errorCode: int16,
  snapshotId: one<FetchSnapshotResponseSnapshotId>(fetchSnapshotResponseSnapshotId),
  currentLeader: one<FetchSnapshotLeaderIdAndEpoch>(fetchSnapshotLeaderIdAndEpoch).tag(0),
  size: offset,
  position: offset,
  unalignedRecords: records,
})
export interface FetchSnapshotResponsePartitionSnapshot
  extends Value<typeof fetchSnapshotResponsePartitionSnapshot> {}

const fetchSnapshotResponseTopicSnapshot = struct({
  name: string.entity('topicName'),
  partitions: array<FetchSnapshotResponsePartitionSnapshot>(fetchSnapshotResponsePartitionSnapshot),
})
export interface FetchSnapshotResponseTopicSnapshot
  extends Value<typeof fetchSnapshotResponseTopicSnapshot> {}

const fetchSnapshotNodeEndpoint = struct({
  nodeId: int32.entity('brokerId').key(),
  host: string,
  port: uint16,
})
export interface FetchSnapshotNodeEndpoint extends Value<typeof fetchSnapshotNodeEndpoint> {}

const fetchSnapshotResponse = struct({
  throttleTimeMs: int32.ignorable(),
  errorCode: int16,
  topics: array<FetchSnapshotResponseTopicSnapshot>(fetchSnapshotResponseTopicSnapshot),
  nodeEndpoints: array<FetchSnapshotNodeEndpoint>(fetchSnapshotNodeEndpoint).since(1).tag(0),
})
export interface FetchSnapshotResponse extends Value<typeof fetchSnapshotResponse> {}

/** What a version brought that handlers must know. */
const means = { endpoints: 1 } as const

function downgrade(response: FetchSnapshotResponse, version: number): void {
  if (version < means.endpoints) response.nodeEndpoints = []
}

export const FetchSnapshot = defineApi<FetchSnapshotRequest, FetchSnapshotResponse, keyof typeof means>({
  key: 59,
  name: 'FetchSnapshot',
  versions: [0, 1],
  flexibleFrom: 0,
  listeners: ['controller'],
  request: fetchSnapshotRequest,
  response: fetchSnapshotResponse,
  means,
  downgrade,
})
