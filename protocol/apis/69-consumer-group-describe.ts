// ConsumerGroupDescribe: state, members and assignments of consumer groups (KIP-848).

import { defineApi } from '../schema/message.ts'
import {
  array,
  bool,
  int16,
  int32,
  int8,
  one,
  string,
  struct,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'

const consumerGroupDescribeRequest = struct({
  groupIds: array(string).entity('groupId'),
  includeAuthorizedOperations: bool,
})
export interface ConsumerGroupDescribeRequest extends Value<typeof consumerGroupDescribeRequest> {}

const consumerGroupDescribeTopicPartitions = struct({
  topicId: uuid,
  topicName: string.entity('topicName'),
  partitions: array(int32),
})
export interface ConsumerGroupDescribeTopicPartitions
  extends Value<typeof consumerGroupDescribeTopicPartitions> {}

const consumerGroupDescribeAssignment = struct({
  topicPartitions: array<ConsumerGroupDescribeTopicPartitions>(consumerGroupDescribeTopicPartitions),
})
export interface ConsumerGroupDescribeAssignment extends Value<typeof consumerGroupDescribeAssignment> {}

const consumerGroupDescribeMember = struct({
  memberId: string,
  instanceId: string.nullable().default(null),
  rackId: string.nullable().default(null),
  memberEpoch: int32,
  clientId: string,
  clientHost: string,
  subscribedTopicNames: array(string).entity('topicName'),
  subscribedTopicRegex: string.nullable().default(null),
  assignment: one<ConsumerGroupDescribeAssignment>(consumerGroupDescribeAssignment),
  targetAssignment: one<ConsumerGroupDescribeAssignment>(consumerGroupDescribeAssignment),
  memberType: int8.since(1).default(-1).ignorable(),
})
export interface ConsumerGroupDescribeMember extends Value<typeof consumerGroupDescribeMember> {}

const consumerGroupDescribeDescribedGroup = struct({
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  groupId: string.entity('groupId'),
  groupState: string,
  groupEpoch: int32,
  assignmentEpoch: int32,
  assignorName: string,
  members: array<ConsumerGroupDescribeMember>(consumerGroupDescribeMember),
  authorizedOperations: int32.default(-2147483648),
})
export interface ConsumerGroupDescribeDescribedGroup
  extends Value<typeof consumerGroupDescribeDescribedGroup> {}

const consumerGroupDescribeResponse = struct({
  throttleTimeMs: int32,
  groups: array<ConsumerGroupDescribeDescribedGroup>(consumerGroupDescribeDescribedGroup),
})
export interface ConsumerGroupDescribeResponse extends Value<typeof consumerGroupDescribeResponse> {}

/** What a version brought that handlers must know. */
const means = { memberTypes: 1 } as const

export const ConsumerGroupDescribe = defineApi<
  ConsumerGroupDescribeRequest,
  ConsumerGroupDescribeResponse,
  keyof typeof means
>({
  key: 69,
  name: 'ConsumerGroupDescribe',
  versions: [0, 1],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: consumerGroupDescribeRequest,
  response: consumerGroupDescribeResponse,
  means,
})
