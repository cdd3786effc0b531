// DeleteAcls: removes the access rules that match filters (KIP-140).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const deleteAclsFilter = struct({
  resourceTypeFilter: int8,
  resourceNameFilter: string.nullable(),
  patternTypeFilter: int8.since(1).default(3),
  principalFilter: string.nullable(),
  hostFilter: string.nullable(),
  operation: int8,
  permissionType: int8,
})
export interface DeleteAclsFilter extends Value<typeof deleteAclsFilter> {}

const deleteAclsRequest = struct({
  filters: array<DeleteAclsFilter>(deleteAclsFilter),
})
export interface DeleteAclsRequest extends Value<typeof deleteAclsRequest> {}

const deleteAclsMatchingAcl = struct({
  errorCode: int16,
  errorMessage: string.nullable(),
  resourceType: int8,
  resourceName: string,
  patternType: int8.since(1).default(3),
  principal: string,
  host: string,
  operation: int8,
  permissionType: int8,
})
export interface DeleteAclsMatchingAcl extends Value<typeof deleteAclsMatchingAcl> {}

const deleteAclsFilterResult = struct({
  errorCode: int16,
  errorMessage: string.nullable(),
  matchingAcls: array<DeleteAclsMatchingAcl>(deleteAclsMatchingAcl),
})
export interface DeleteAclsFilterResult extends Value<typeof deleteAclsFilterResult> {}

const deleteAclsResponse = struct({
  throttleTimeMs: int32,
  filterResults: array<DeleteAclsFilterResult>(deleteAclsFilterResult),
})
export interface DeleteAclsResponse extends Value<typeof deleteAclsResponse> {}

/** What a version brought that handlers must know. */
const means = { patternTypes: 1 } as const

export const DeleteAcls = defineApi<DeleteAclsRequest, DeleteAclsResponse, keyof typeof means>({
  key: 31,
  name: 'DeleteAcls',
  versions: [0, 3],
  flexibleFrom: 2,
  listeners: ['broker', 'controller'],
  request: deleteAclsRequest,
  response: deleteAclsResponse,
  means,
})
