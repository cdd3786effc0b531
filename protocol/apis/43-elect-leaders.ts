// ElectLeaders: elects preferred leaders, or unclean ones from v1 (KIP-183, KIP-460).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const electLeadersTopicPartitions = struct({
  topic: string.entity('topicName').key(),
  partitions: array(int32),
})
export interface ElectLeadersTopicPartitions extends Value<typeof electLeadersTopicPartitions> {}

const electLeadersRequest = struct({
  electionType: int8.since(1),
  topicPartitions: array<ElectLeadersTopicPartitions>(electLeadersTopicPartitions).nullable(),
  timeoutMs: int32.default(60000),
})
export interface ElectLeadersRequest extends Value<typeof electLeadersRequest> {}

const electLeadersPartitionResult = struct({
  partitionId: int32,
  errorCode: int16,
  errorMessage: string.nullable(),
})
export interface ElectLeadersPartitionResult extends Value<typeof electLeadersPartitionResult> {}

const replicaElectionResult = struct({
  topic: string.entity('topicName'),
  partitionResult: array<ElectLeadersPartitionResult>(electLeadersPartitionResult),
})
export interface ReplicaElectionResult extends Value<typeof replicaElectionResult> {}

const electLeadersResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16.since(1),
  replicaElectionResults: array<ReplicaElectionResult>(replicaElectionResult),
})
export interface ElectLeadersResponse extends Value<typeof electLeadersResponse> {}

/** What a version brought that handlers must know. */
const means = { electionTypes: 1 } as const

function downgrade(response: ElectLeadersResponse, version: number): void {
  if (version < means.electionTypes) response.errorCode = 0
}

export const ElectLeaders = defineApi<ElectLeadersRequest, ElectLeadersResponse, keyof typeof means>({
  key: 43,
  name: 'ElectLeaders',
  versions: [0, 2],
  flexibleFrom: 2,
  listeners: ['broker', 'controller'],
  request: electLeadersRequest,
  response: electLeadersResponse,
  means,
  downgrade,
})
