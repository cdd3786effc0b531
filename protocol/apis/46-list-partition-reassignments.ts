// ListPartitionReassignments: the reassignments under way (KIP-455).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const listPartitionReassignmentsTopics = struct({
  name: string.entity('topicName'),
  partitionIndexes: array(int32),
})
export interface ListPartitionReassignmentsTopics extends Value<typeof listPartitionReassignmentsTopics> {}

const listPartitionReassignmentsRequest = struct({
  timeoutMs: int32.default(60000),
  topics: array<ListPartitionReassignmentsTopics>(listPartitionReassignmentsTopics).nullable().default(null),
})
export interface ListPartitionReassignmentsRequest extends Value<typeof listPartitionReassignmentsRequest> {}

const ongoingPartitionReassignment = struct({
  partitionIndex: int32,
  replicas: array(int32).entity('brokerId'),
  addingReplicas: array(int32).entity('brokerId'),
  removingReplicas: array(int32).entity('brokerId'),
})
export interface OngoingPartitionReassignment extends Value<typeof ongoingPartitionReassignment> {}

const ongoingTopicReassignment = struct({
  name: string.entity('topicName'),
  partitions: array<OngoingPartitionReassignment>(ongoingPartitionReassignment),
})
export interface OngoingTopicReassignment extends Value<typeof ongoingTopicReassignment> {}

const listPartitionReassignmentsResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable(),
  topics: array<OngoingTopicReassignment>(ongoingTopicReassignment),
})
export interface ListPartitionReassignmentsResponse
  extends Value<typeof listPartitionReassignmentsResponse> {}

export const ListPartitionReassignments = defineApi<
  ListPartitionReassignmentsRequest,
  ListPartitionReassignmentsResponse
>({
  key: 46,
  name: 'ListPartitionReassignments',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker', 'controller'],
  request: listPartitionReassignmentsRequest,
  response: listPartitionReassignmentsResponse,
})
