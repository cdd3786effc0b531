// AlterPartitionReassignments: starts and cancels reassignments of partitions (KIP-455).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const reassignablePartition = struct({
  partitionIndex: int32,
  replicas: array(int32).nullable().default(null).entity('brokerId'),
})
export interface ReassignablePartition extends Value<typeof reassignablePartition> {}

const reassignableTopic = struct({
  name: string.entity('topicName'),
  partitions: array<ReassignablePartition>(reassignablePartition),
})
export interface ReassignableTopic extends Value<typeof reassignableTopic> {}

const alterPartitionReassignmentsRequest = struct({
  timeoutMs: int32.default(60000),
  allowReplicationFactorChange: bool.since(1).default(true),
  topics: array<ReassignableTopic>(reassignableTopic),
})
export interface AlterPartitionReassignmentsRequest
  extends Value<typeof alterPartitionReassignmentsRequest> {}

const reassignablePartitionResponse = struct({
  partitionIndex: int32,
  errorCode: int16,
  errorMessage: string.nullable(),
})
export interface ReassignablePartitionResponse extends Value<typeof reassignablePartitionResponse> {}

const reassignableTopicResponse = struct({
  name: string.entity('topicName'),
  partitions: array<ReassignablePartitionResponse>(reassignablePartitionResponse),
})
export interface ReassignableTopicResponse extends Value<typeof reassignableTopicResponse> {}

const alterPartitionReassignmentsResponse = struct({
  throttleTimeMs: int32,
  allowReplicationFactorChange: bool.since(1).default(true).ignorable(),
  errorCode: int16,
  errorMessage: string.nullable(),
  responses: array<ReassignableTopicResponse>(reassignableTopicResponse),
})
export interface AlterPartitionReassignmentsResponse
  extends Value<typeof alterPartitionReassignmentsResponse> {}

export const AlterPartitionReassignments = defineApi<
  AlterPartitionReassignmentsRequest,
  AlterPartitionReassignmentsResponse
>({
  key: 45,
  name: 'AlterPartitionReassignments',
  versions: [0, 1],
  flexibleFrom: 0,
  listeners: ['broker', 'controller'],
  request: alterPartitionReassignmentsRequest,
  response: alterPartitionReassignmentsResponse,
})
