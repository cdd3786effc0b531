// DescribeShareGroupOffsets: where share groups' partitions start (KIP-932), and their lag from v1
// (KIP-1226).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, offset, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const describeShareGroupOffsetsRequestTopic = struct({
  topicName: string.entity('topicName'),
  partitions: array(int32),
})
export interface DescribeShareGroupOffsetsRequestTopic
  extends Value<typeof describeShareGroupOffsetsRequestTopic> {}

const describeShareGroupOffsetsRequestGroup = struct({
  groupId: string.entity('groupId'),
  topics: array<DescribeShareGroupOffsetsRequestTopic>(describeShareGroupOffsetsRequestTopic).nullable(),
})
export interface DescribeShareGroupOffsetsRequestGroup
  extends Value<typeof describeShareGroupOffsetsRequestGroup> {}

const describeShareGroupOffsetsRequest = struct({
  groups: array<DescribeShareGroupOffsetsRequestGroup>(describeShareGroupOffsetsRequestGroup),
})
export interface DescribeShareGroupOffsetsRequest extends Value<typeof describeShareGroupOffsetsRequest> {}

const describeShareGroupOffsetsResponsePartition = struct({
  partitionIndex: int32,
  startOffset: offset,
  leaderEpoch: int32,
  lag: offset.since(1).default(-1).ignorable(),
  errorCode: int16,
  errorMessage: string.nullable().default(null),
})
export interface DescribeShareGroupOffsetsResponsePartition
  extends Value<typeof describeShareGroupOffsetsResponsePartition> {}

const describeShareGroupOffsetsResponseTopic = struct({
  topicName: string.entity('topicName'),
  topicId: uuid,
  partitions: array<DescribeShareGroupOffsetsResponsePartition>(describeShareGroupOffsetsResponsePartition),
})
export interface DescribeShareGroupOffsetsResponseTopic
  extends Value<typeof describeShareGroupOffsetsResponseTopic> {}

const describeShareGroupOffsetsResponseGroup = struct({
  groupId: string.entity('groupId'),
  topics: array<DescribeShareGroupOffsetsResponseTopic>(describeShareGroupOffsetsResponseTopic),
  errorCode: int16,
  errorMessage: string.nullable().default(null),
})
export interface DescribeShareGroupOffsetsResponseGroup
  extends Value<typeof describeShareGroupOffsetsResponseGroup> {}

const describeShareGroupOffsetsResponse = struct({
  throttleTimeMs: int32,
  groups: array<DescribeShareGroupOffsetsResponseGroup>(describeShareGroupOffsetsResponseGroup),
})
export interface DescribeShareGroupOffsetsResponse extends Value<typeof describeShareGroupOffsetsResponse> {}

export const DescribeShareGroupOffsets = defineApi<
  DescribeShareGroupOffsetsRequest,
  DescribeShareGroupOffsetsResponse
>({
  key: 90,
  name: 'DescribeShareGroupOffsets',
  versions: [0, 1],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: describeShareGroupOffsetsRequest,
  response: describeShareGroupOffsetsResponse,
})
