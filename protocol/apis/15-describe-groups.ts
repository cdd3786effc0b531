// DescribeGroups: state and members of classic groups.

import { Errors } from '../errors.ts'
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

/** What a version brought that handlers must know. */
const means = { authorizedOperations: 3, groupErrors: 6 } as const

/** Before v6 a group that does not exist is a dead one. */
function downgrade(response: DescribeGroupsResponse, version: number): void {
  if (version >= means.groupErrors) return
  for (const group of response.groups) {
    group.errorMessage = null
    if (group.errorCode === Errors.GROUP_ID_NOT_FOUND.code) group.errorCode = Errors.NONE.code
    if (version < means.authorizedOperations) group.authorizedOperations = -2147483648
  }
}

export const DescribeGroups = defineApi<DescribeGroupsRequest, DescribeGroupsResponse, keyof typeof means>({
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 6],
  flexibleFrom: 5,
  listeners: ['broker'],
  request: describeGroupsRequest,
  response: describeGroupsResponse,
  means,
  downgrade,
})
