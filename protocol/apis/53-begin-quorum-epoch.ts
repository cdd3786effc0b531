// BeginQuorumEpoch: the new leader of the metadata quorum tells the voters (KIP-595).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, string, struct, uint16, uuid, type Value } from '../schema/vocabulary.ts'

const beginQuorumEpochRequestPartitionData = struct({
  partitionIndex: int32,
  voterDirectoryId: uuid.since(1).ignorable(),
  leaderId: int32.entity('brokerId'),
  leaderEpoch: int32,
})
export interface BeginQuorumEpochRequestPartitionData
  extends Value<typeof beginQuorumEpochRequestPartitionData> {}

const beginQuorumEpochRequestTopicData = struct({
  topicName: string.entity('topicName'),
  partitions: array<BeginQuorumEpochRequestPartitionData>(beginQuorumEpochRequestPartitionData),
})
export interface BeginQuorumEpochRequestTopicData extends Value<typeof beginQuorumEpochRequestTopicData> {}

const beginQuorumEpochLeaderEndpoint = struct({
  name: string.key(),
  host: string,
  port: uint16,
})
export interface BeginQuorumEpochLeaderEndpoint extends Value<typeof beginQuorumEpochLeaderEndpoint> {}

const beginQuorumEpochRequest = struct({
  clusterId: string.nullable().default(null),
  voterId: int32.since(1).default(-1).ignorable().entity('brokerId'),
  topics: array<BeginQuorumEpochRequestTopicData>(beginQuorumEpochRequestTopicData),
  leaderEndpoints: array<BeginQuorumEpochLeaderEndpoint>(beginQuorumEpochLeaderEndpoint).since(1).ignorable(),
})
export interface BeginQuorumEpochRequest extends Value<typeof beginQuorumEpochRequest> {}

const beginQuorumEpochResponsePartitionData = struct({
  partitionIndex: int32,
  errorCode: int16,
  leaderId: int32.entity('brokerId'),
  leaderEpoch: int32,
})
export interface BeginQuorumEpochResponsePartitionData
  extends Value<typeof beginQuorumEpochResponsePartitionData> {}

const beginQuorumEpochResponseTopicData = struct({
  topicName: string.entity('topicName'),
  partitions: array<BeginQuorumEpochResponsePartitionData>(beginQuorumEpochResponsePartitionData),
})
export interface BeginQuorumEpochResponseTopicData extends Value<typeof beginQuorumEpochResponseTopicData> {}

const beginQuorumEpochNodeEndpoint = struct({
  nodeId: int32.entity('brokerId').key(),
  host: string,
  port: uint16,
})
export interface BeginQuorumEpochNodeEndpoint extends Value<typeof beginQuorumEpochNodeEndpoint> {}

const beginQuorumEpochResponse = struct({
  errorCode: int16,
  topics: array<BeginQuorumEpochResponseTopicData>(beginQuorumEpochResponseTopicData),
  nodeEndpoints: array<BeginQuorumEpochNodeEndpoint>(beginQuorumEpochNodeEndpoint).since(1).tag(0),
})
export interface BeginQuorumEpochResponse extends Value<typeof beginQuorumEpochResponse> {}

/** What a version brought that handlers must know. */
const means = { endpoints: 1 } as const

function downgrade(response: BeginQuorumEpochResponse, version: number): void {
  if (version < means.endpoints) response.nodeEndpoints = []
}

export const BeginQuorumEpoch = defineApi<
  BeginQuorumEpochRequest,
  BeginQuorumEpochResponse,
  keyof typeof means
>({
  key: 53,
  name: 'BeginQuorumEpoch',
  versions: [0, 1],
  flexibleFrom: 1,
  listeners: ['controller'],
  request: beginQuorumEpochRequest,
  response: beginQuorumEpochResponse,
  means,
  downgrade,
})
