// CreatePartitions: raises the number of partitions of topics (KIP-195).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const createPartitionsAssignment = struct({
  brokerIds: array(int32).entity('brokerId'),
})
export interface CreatePartitionsAssignment extends Value<typeof createPartitionsAssignment> {}

const createPartitionsTopic = struct({
  name: string.entity('topicName').key(),
  count: int32,
  assignments: array<CreatePartitionsAssignment>(createPartitionsAssignment).nullable(),
})
export interface CreatePartitionsTopic extends Value<typeof createPartitionsTopic> {}

const createPartitionsRequest = struct({
  topics: array<CreatePartitionsTopic>(createPartitionsTopic),
  timeoutMs: int32,
  validateOnly: bool,
})
export interface CreatePartitionsRequest extends Value<typeof createPartitionsRequest> {}

const createPartitionsTopicResult = struct({
  name: string.entity('topicName'),
  errorCode: int16,
  errorMessage: string.nullable().default(null),
})
export interface CreatePartitionsTopicResult extends Value<typeof createPartitionsTopicResult> {}

const createPartitionsResponse = struct({
  throttleTimeMs: int32,
  results: array<CreatePartitionsTopicResult>(createPartitionsTopicResult),
})
export interface CreatePartitionsResponse extends Value<typeof createPartitionsResponse> {}

export const CreatePartitions = defineApi<CreatePartitionsRequest, CreatePartitionsResponse>({
  key: 37,
  name: 'CreatePartitions',
  versions: [0, 3],
  flexibleFrom: 2,
  listeners: ['broker', 'controller'],
  request: createPartitionsRequest,
  response: createPartitionsResponse,
})
