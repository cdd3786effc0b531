// ListGroups: the groups that this broker coordinates, filtered by state from v4 (KIP-518) and type from v5
// (KIP-848).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const listGroupsRequest = struct({
  statesFilter: array(string).since(4),
  typesFilter: array(string).since(5),
})
export interface ListGroupsRequest extends Value<typeof listGroupsRequest> {}

const listedGroup = struct({
  groupId: string.entity('groupId'),
  protocolType: string,
  groupState: string.since(4).ignorable(),
  groupType: string.since(5).ignorable(),
})
export interface ListedGroup extends Value<typeof listedGroup> {}

const listGroupsResponse = struct({
  throttleTimeMs: int32.since(1).ignorable(),
  errorCode: int16,
  groups: array<ListedGroup>(listedGroup),
})
export interface ListGroupsResponse extends Value<typeof listGroupsResponse> {}

/** What a version brought that handlers must know. */
const means = { states: 4, types: 5 } as const

export const ListGroups = defineApi<ListGroupsRequest, ListGroupsResponse, keyof typeof means>({
  key: 16,
  name: 'ListGroups',
  versions: [0, 5],
  flexibleFrom: 3,
  listeners: ['broker'],
  request: listGroupsRequest,
  response: listGroupsResponse,
  means,
})
