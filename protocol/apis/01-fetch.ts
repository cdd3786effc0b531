// Fetch: reads record batches, for consumers and for followers. Waits for a minimum of bytes; sessions from
// v7 (KIP-227), leader epochs from v9 (KIP-320), divergence from v12 (KIP-595), topic ids from v13
// (KIP-516), replica state from v15 (KIP-903).

import { Errors } from '../errors.ts'
import { defineApi } from '../schema/message.ts'
import {
  array,
  int16,
  int32,
  int64,
  int8,
  offset,
  one,
  records,
  string,
  struct,
  uuid,
  type Value,
  type Wire,
} from '../schema/vocabulary.ts'

const fetchReplicaState = struct({
  replicaId: int32.default(-1).entity('brokerId'),
  replicaEpoch: offset.default(-1),
})
export interface FetchReplicaState extends Value<typeof fetchReplicaState> {}

const fetchPartition = struct({
  partition: int32,
  currentLeaderEpoch: int32.since(9).default(-1).ignorable(),
  fetchOffset: offset,
  lastFetchedEpoch: int32.since(12).default(-1),
  logStartOffset: offset.since(5).default(-1).ignorable(),
  partitionMaxBytes: int32,
  replicaDirectoryId: uuid.since(17).tag(0).ignorable(),
  highWatermark: offset.since(18).default(Number.POSITIVE_INFINITY).tag(1).ignorable(),
})
export interface FetchPartition extends Value<typeof fetchPartition> {}

const fetchTopic = struct({
  topic: string.until(12).ignorable().entity('topicName'),
  topicId: uuid.since(13).ignorable(),
  partitions: array<FetchPartition>(fetchPartition),
})
export interface FetchTopic extends Value<typeof fetchTopic> {}

const fetchForgottenTopic = struct({
  topic: string.until(12).ignorable().entity('topicName'),
  topicId: uuid.since(13).ignorable(),
  partitions: array(int32),
})
export interface FetchForgottenTopic extends Value<typeof fetchForgottenTopic> {}

const fetchRequest = struct({
  clusterId: string.since(12).nullable().default(null).tag(0).ignorable(),
  replicaId: int32.until(14).default(-1).entity('brokerId').legacy(),
  replicaState: one<FetchReplicaState>(fetchReplicaState).since(15).tag(1),
  maxWaitMs: int32,
  minBytes: int32,
  maxBytes: int32.since(3).default(0x7fffffff).ignorable(),
  isolationLevel: int8.since(4).ignorable(),
  sessionId: int32.since(7).ignorable(),
  sessionEpoch: int32.since(7).default(-1).ignorable(),
  topics: array<FetchTopic>(fetchTopic),
  forgottenTopicsData: array<FetchForgottenTopic>(fetchForgottenTopic).since(7),
  rackId: string.since(11).ignorable(),
})
export interface FetchRequest extends Value<typeof fetchRequest> {}

const fetchEpochEndOffset = struct({
  epoch: int32.default(-1),
  endOffset: offset.default(-1),
})
export interface FetchEpochEndOffset extends Value<typeof fetchEpochEndOffset> {}

const fetchLeaderIdAndEpoch = struct({
  leaderId: int32.default(-1).entity('brokerId'),
  leaderEpoch: int32.default(-1),
})
export interface FetchLeaderIdAndEpoch extends Value<typeof fetchLeaderIdAndEpoch> {}

const fetchSnapshotId = struct({
  endOffset: offset.default(-1),
  epoch: int32.default(-1),
})
export interface FetchSnapshotId extends Value<typeof fetchSnapshotId> {}

const abortedTransaction = struct({
  producerId: int64.entity('producerId'),
  firstOffset: offset,
})
export interface AbortedTransaction extends Value<typeof abortedTransaction> {}

const fetchPartitionData = struct({
  partitionIndex: int32,
  errorCode: int16,
  highWatermark: offset,
  lastStableOffset: offset.since(4).default(-1).ignorable(),
  logStartOffset: offset.since(5).default(-1).ignorable(),
  divergingEpoch: one<FetchEpochEndOffset>(fetchEpochEndOffset).since(12).tag(0),
  currentLeader: one<FetchLeaderIdAndEpoch>(fetchLeaderIdAndEpoch).since(12).tag(1),
  snapshotId: one<FetchSnapshotId>(fetchSnapshotId).since(12).tag(2),
  abortedTransactions: array<AbortedTransaction>(abortedTransaction).since(4).nullable().ignorable(),
  preferredReadReplica: int32.since(11).default(-1).entity('brokerId'),
  records: records.nullable(),
})
export interface FetchPartitionData extends Value<typeof fetchPartitionData> {}

const fetchableTopicResponse = struct({
  topic: string.until(12).ignorable().entity('topicName'),
  topicId: uuid.since(13).ignorable(),
  partitions: array<FetchPartitionData>(fetchPartitionData),
})
export interface FetchableTopicResponse extends Value<typeof fetchableTopicResponse> {}

const fetchNodeEndpoint = struct({
  nodeId: int32.entity('brokerId').key(),
  host: string,
  port: int32,
  rack: string.nullable().default(null),
})
export interface FetchNodeEndpoint extends Value<typeof fetchNodeEndpoint> {}

const fetchResponse = struct({
  throttleTimeMs: int32.since(1).ignorable(),
  errorCode: int16.since(7).ignorable(),
  sessionId: int32.since(7),
  responses: array<FetchableTopicResponse>(fetchableTopicResponse),
  nodeEndpoints: array<FetchNodeEndpoint>(fetchNodeEndpoint).since(16).tag(0),
})
export interface FetchResponse extends Value<typeof fetchResponse> {}

/** What a version brought that handlers must know. */
const means = {
  messageFormat1: 2,
  messageFormat2: 4,
  storageErrors: 6,
  sessions: 7,
  zstd: 10,
  preferredReadReplica: 11,
  divergingEpochs: 12,
  topicIds: 13,
  tieredStorageErrors: 14,
  leaderHints: 16,
} as const

/** Before v15 a replica named itself at the top. */
function upgrade(request: Wire<typeof fetchRequest>, version: number): void {
  if (version < 15) request.replicaState.replicaId = request.replicaId
}

function downgrade(response: FetchResponse, version: number): void {
  if (version >= means.leaderHints) return
  response.nodeEndpoints = []
  if (version >= means.divergingEpochs) return
  if (version < means.sessions) response.sessionId = 0
  for (const topic of response.responses) {
    for (const partition of topic.partitions) downgradePartition(partition, version)
  }
}

function downgradePartition(partition: FetchPartitionData, version: number): void {
  partition.divergingEpoch = { epoch: -1, endOffset: -1 }
  partition.currentLeader = { leaderId: -1, leaderEpoch: -1 }
  partition.snapshotId = { endOffset: -1, epoch: -1 }
  if (version < means.preferredReadReplica) partition.preferredReadReplica = -1
  // Consumers that do not know the storage error would not retry; this one makes them look for the leader.
  if (version < means.storageErrors && partition.errorCode === Errors.KAFKA_STORAGE_ERROR.code) {
    partition.errorCode = Errors.NOT_LEADER_OR_FOLLOWER.code
  }
}

export const Fetch = defineApi<FetchRequest, FetchResponse, keyof typeof means>({
  key: 1,
  name: 'Fetch',
  versions: [0, 18],
  flexibleFrom: 12,
  listeners: ['broker', 'controller'],
  request: fetchRequest,
  response: fetchResponse,
  means,
  upgrade,
  downgrade,
})
