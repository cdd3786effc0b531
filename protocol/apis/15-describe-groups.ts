// DescribeGroups: state and members of classic groups.

import { defineApi } from '../schema/message.ts'
import { array, bool, bytes, int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const describeGroupsRequest = struct({
  groups: array(string).entity('groupId'),
  includeAuthorizedOperations: bool.since(3),
})
export interface DescribeGroupsRequest extends Value<typeof describeGroupsRequest> {}

const describedGroupMember = struct({
  memberId: string,
  groupInstanceId: string.since(4).nullable().default(null).ignorable(),
  clientId: string,
  clientHost: string,
  memberMetadata: bytes,
  memberAssignment: bytes,
})
export interface DescribedGroupMember extends Value<typeof describedGroupMember> {}

const describeGroupsDescribedGroup = struct({
  errorCode: int16,
  errorMessage: string.since(6).nullable().default(null),
  groupId: string.entity('groupId'),
  groupState: string,
  protocolType: string,
  protocolData: string,
  members: array<DescribedGroupMember>(describedGroupMember),
  authorizedOperations: int32.since(3).default(-2147483648),
})
export interface DescribeGroupsDescribedGroup extends Value<typeof describeGroupsDescribedGroup> {}

const describeGroupsResponse = struct({
  throttleTimeMs: int32.since(1).ignorable(),
  groups: array<DescribeGroupsDescribedGroup>(describeGroupsDescribedGroup),
})
export interface DescribeGroupsResponse extends Value<typeof describeGroupsResponse> {}

export const DescribeGroups = defineApi<DescribeGroupsRequest, DescribeGroupsResponse>({
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 6],
  flexibleFrom: 5,
  listeners: ['broker'],
  request: describeGroupsRequest,
  response: describeGroupsResponse,
})
