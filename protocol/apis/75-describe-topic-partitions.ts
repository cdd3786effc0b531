// DescribeTopicPartitions: topics and partitions in pages, with eligible leader replicas (KIP-966).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, one, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const describeTopicPartitionsTopicRequest = struct({
  name: string.entity('topicName'),
})
export interface DescribeTopicPartitionsTopicRequest
  extends Value<typeof describeTopicPartitionsTopicRequest> {}

const describeTopicPartitionsRequestCursor = struct({
  topicName: string.entity('topicName'),
  partitionIndex: int32,
})
export interface DescribeTopicPartitionsRequestCursor
  extends Value<typeof describeTopicPartitionsRequestCursor> {}

const describeTopicPartitionsRequest = struct({
  topics: array<DescribeTopicPartitionsTopicRequest>(describeTopicPartitionsTopicRequest),
  responsePartitionLimit: int32.default(2000),
  cursor: one<DescribeTopicPartitionsRequestCursor>(describeTopicPartitionsRequestCursor)
    .nullable()
    .default(null),
})
export interface DescribeTopicPartitionsRequest extends Value<typeof describeTopicPartitionsRequest> {}

const describeTopicPartitionsResponsePartition = struct({
  errorCode: int16,
  partitionIndex: int32,
  leaderId: int32.entity('brokerId'),
  leaderEpoch: int32.default(-1).ignorable(),
  replicaNodes: array(int32).entity('brokerId'),
  isrNodes: array(int32).entity('brokerId'),
  eligibleLeaderReplicas: array(int32).nullable().default(null).entity('brokerId'),
  lastKnownElr: array(int32).nullable().default(null).entity('brokerId'),
  offlineReplicas: array(int32).ignorable().entity('brokerId'),
})
export interface DescribeTopicPartitionsResponsePartition
  extends Value<typeof describeTopicPartitionsResponsePartition> {}

const describeTopicPartitionsResponseTopic = struct({
  errorCode: int16,
  name: string.nullable().entity('topicName').key(),
  topicId: uuid.ignorable(),
  isInternal: bool.ignorable(),
  partitions: array<DescribeTopicPartitionsResponsePartition>(describeTopicPartitionsResponsePartition),
  topicAuthorizedOperations: int32.default(-2147483648),
})
export interface DescribeTopicPartitionsResponseTopic
  extends Value<typeof describeTopicPartitionsResponseTopic> {}

const describeTopicPartitionsResponseCursor = struct({
  topicName: string.entity('topicName'),
  partitionIndex: int32,
})
export interface DescribeTopicPartitionsResponseCursor
  extends Value<typeof describeTopicPartitionsResponseCursor> {}

const describeTopicPartitionsResponse = struct({
  throttleTimeMs: int32.ignorable(),
  topics: array<DescribeTopicPartitionsResponseTopic>(describeTopicPartitionsResponseTopic),
  nextCursor: one<DescribeTopicPartitionsResponseCursor>(describeTopicPartitionsResponseCursor)
    .nullable()
    .default(null),
})
export interface DescribeTopicPartitionsResponse extends Value<typeof describeTopicPartitionsResponse> {}

export const DescribeTopicPartitions = defineApi<
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse
>({
  key: 75,
  name: 'DescribeTopicPartitions',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: describeTopicPartitionsRequest,
  response: describeTopicPartitionsResponse,
})
