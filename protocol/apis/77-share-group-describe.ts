// ShareGroupDescribe: state, members and assignments of share groups (KIP-932).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, one, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const shareGroupDescribeRequest = struct({
  groupIds: array(string).entity('groupId'),
  includeAuthorizedOperations: bool,
})
export interface ShareGroupDescribeRequest extends Value<typeof shareGroupDescribeRequest> {}

const shareGroupDescribeTopicPartitions = struct({
  topicId: uuid,
  topicName: string.entity('topicName'),
  partitions: array(int32),
})
export interface ShareGroupDescribeTopicPartitions extends Value<typeof shareGroupDescribeTopicPartitions> {}

const shareGroupDescribeAssignment = struct({
  topicPartitions: array<ShareGroupDescribeTopicPartitions>(shareGroupDescribeTopicPartitions),
})
export interface ShareGroupDescribeAssignment extends Value<typeof shareGroupDescribeAssignment> {}

const shareGroupDescribeMember = struct({
  memberId: string,
  rackId: string.nullable().default(null),
  memberEpoch: int32,
  clientId: string,
  clientHost: string,
  subscribedTopicNames: array(string).entity('topicName'),
  assignment: one<ShareGroupDescribeAssignment>(shareGroupDescribeAssignment),
})
export interface ShareGroupDescribeMember extends Value<typeof shareGroupDescribeMember> {}

const shareGroupDescribeDescribedGroup = struct({
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  groupId: string.entity('groupId'),
  groupState: string,
  groupEpoch: int32,
  assignmentEpoch: int32,
  assignorName: string,
  members: array<ShareGroupDescribeMember>(shareGroupDescribeMember),
  authorizedOperations: int32.default(-2147483648),
})
export interface ShareGroupDescribeDescribedGroup extends Value<typeof shareGroupDescribeDescribedGroup> {}

const shareGroupDescribeResponse = struct({
  throttleTimeMs: int32,
  groups: array<ShareGroupDescribeDescribedGroup>(shareGroupDescribeDescribedGroup),
})
export interface ShareGroupDescribeResponse extends Value<typeof shareGroupDescribeResponse> {}

export const ShareGroupDescribe = defineApi<ShareGroupDescribeRequest, ShareGroupDescribeResponse>({
  key: 77,
  name: 'ShareGroupDescribe',
  versions: [1, 1],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: shareGroupDescribeRequest,
  response: shareGroupDescribeResponse,
})
