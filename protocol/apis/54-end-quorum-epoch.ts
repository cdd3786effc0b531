// EndQuorumEpoch: the leader of the metadata quorum resigns (KIP-595).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, string, struct, uint16, uuid, type Value } from '../schema/vocabulary.ts'

const replicaInfo = struct({
  candidateId: int32.entity('brokerId'),
  candidateDirectoryId: uuid,
})
export interface ReplicaInfo extends Value<typeof replicaInfo> {}

const endQuorumEpochRequestPartitionData = struct({
  partitionIndex: int32,
  leaderId: int32.entity('brokerId'),
  leaderEpoch: int32,
  preferredSuccessors: array(int32).until(0).ignorable(),
  preferredCandidates: array<ReplicaInfo>(replicaInfo).since(1).ignorable(),
})
export interface EndQuorumEpochRequestPartitionData
  extends Value<typeof endQuorumEpochRequestPartitionData> {}

const endQuorumEpochRequestTopicData = struct({
  topicName: string.entity('topicName'),
  partitions: array<EndQuorumEpochRequestPartitionData>(endQuorumEpochRequestPartitionData),
})
export interface EndQuorumEpochRequestTopicData extends Value<typeof endQuorumEpochRequestTopicData> {}

const endQuorumEpochLeaderEndpoint = struct({
  name: string.key(),
  host: string,
  port: uint16,
})
export interface EndQuorumEpochLeaderEndpoint extends Value<typeof endQuorumEpochLeaderEndpoint> {}

const endQuorumEpochRequest = struct({
  clusterId: string.nullable().default(null),
  topics: array<EndQuorumEpochRequestTopicData>(endQuorumEpochRequestTopicData),
  leaderEndpoints: array<EndQuorumEpochLeaderEndpoint>(endQuorumEpochLeaderEndpoint).since(1).ignorable(),
})
export interface EndQuorumEpochRequest extends Value<typeof endQuorumEpochRequest> {}

const endQuorumEpochResponsePartitionData = struct({
  partitionIndex: int32,
  errorCode: int16,
  leaderId: int32.entity('brokerId'),
  leaderEpoch: int32,
})
export interface EndQuorumEpochResponsePartitionData
  extends Value<typeof endQuorumEpochResponsePartitionData> {}

const endQuorumEpochResponseTopicData = struct({
  topicName: string.entity('topicName'),
  partitions: array<EndQuorumEpochResponsePartitionData>(endQuorumEpochResponsePartitionData),
})
export interface EndQuorumEpochResponseTopicData extends Value<typeof endQuorumEpochResponseTopicData> {}

const endQuorumEpochNodeEndpoint = struct({
  nodeId: int32.entity('brokerId').key(),
  host: string,
  port: uint16,
})
export interface EndQuorumEpochNodeEndpoint extends Value<typeof endQuorumEpochNodeEndpoint> {}

const endQuorumEpochResponse = struct({
  errorCode: int16,
  topics: array<EndQuorumEpochResponseTopicData>(endQuorumEpochResponseTopicData),
  nodeEndpoints: array<EndQuorumEpochNodeEndpoint>(endQuorumEpochNodeEndpoint).since(1).tag(0),
})
export interface EndQuorumEpochResponse extends Value<typeof endQuorumEpochResponse> {}

/** What a version brought that handlers must know. */
const means = { endpoints: 1 } as const

function downgrade(response: EndQuorumEpochResponse, version: number): void {
  if (version < means.endpoints) response.nodeEndpoints = []
}

export const EndQuorumEpoch = defineApi<EndQuorumEpochRequest, EndQuorumEpochResponse, keyof typeof means>({
  key: 54,
  name: 'EndQuorumEpoch',
  versions: [0, 1],
  flexibleFrom: 1,
  listeners: ['controller'],
  request: endQuorumEpochRequest,
  response: endQuorumEpochResponse,
  means,
  downgrade,
})
