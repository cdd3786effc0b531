// DescribeProducers: the producers that a partition remembers (KIP-664).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int64, offset, string, struct, type Value } from '../schema/vocabulary.ts'

const describeProducersTopicRequest = struct({
  name: string.entity('topicName'),
  partitionIndexes: array(int32),
})
export interface DescribeProducersTopicRequest extends Value<typeof describeProducersTopicRequest> {}

const describeProducersRequest = struct({
  topics: array<DescribeProducersTopicRequest>(describeProducersTopicRequest),
})
export interface DescribeProducersRequest extends Value<typeof describeProducersRequest> {}

const producerState = struct({
  producerId: int64.entity('producerId'),
  producerEpoch: int32,
  lastSequence: int32.default(-1),
  lastTimestamp: int64.default(-1n),
  coordinatorEpoch: int32,
  currentTxnStartOffset: offset.default(-1),
})
export interface ProducerState extends Value<typeof producerState> {}

const partitionResponse = struct({
  partitionIndex: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  activeProducers: array<ProducerState>(producerState),
})
export interface PartitionResponse extends Value<typeof partitionResponse> {}

const topicResponse = struct({
  name: string.entity('topicName'),
  partitions: array<PartitionResponse>(partitionResponse),
})
export interface TopicResponse extends Value<typeof topicResponse> {}

const describeProducersResponse = struct({
  throttleTimeMs: int32,
  topics: array<TopicResponse>(topicResponse),
})
export interface DescribeProducersResponse extends Value<typeof describeProducersResponse> {}

export const DescribeProducers = defineApi<DescribeProducersRequest, DescribeProducersResponse>({
  key: 61,
  name: 'DescribeProducers',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: describeProducersRequest,
  response: describeProducersResponse,
})
