// DeleteGroups: deletes groups that have no members (KIP-229).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const deleteGroupsRequest = struct({
  groupsNames: array(string).entity('groupId'),
})
export interface DeleteGroupsRequest extends Value<typeof deleteGroupsRequest> {}

const deletableGroupResult = struct({
  groupId: string.entity('groupId').key(),
  errorCode: int16,
})
export interface DeletableGroupResult extends Value<typeof deletableGroupResult> {}

const deleteGroupsResponse = struct({
  throttleTimeMs: int32,
  results: array<DeletableGroupResult>(deletableGroupResult),
})
export interface DeleteGroupsResponse extends Value<typeof deleteGroupsResponse> {}

export const DeleteGroups = defineApi<DeleteGroupsRequest, DeleteGroupsResponse>({
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 2],
  flexibleFrom: 2,
  listeners: ['broker'],
  request: deleteGroupsRequest,
  response: deleteGroupsResponse,
})
