// DescribeAcls: lists the access rules that match a filter (KIP-140, prefixes: KIP-290).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const describeAclsRequest = struct({
  resourceTypeFilter: int8,
  resourceNameFilter: string.nullable(),
  patternTypeFilter: int8.since(1).default(3),
  principalFilter: string.nullable(),
  hostFilter: string.nullable(),
  operation: int8,
  permissionType: int8,
})
export interface DescribeAclsRequest extends Value<typeof describeAclsRequest> {}

const aclDescription = struct({
  principal: string,
  host: string,
  operation: int8,
  permissionType: int8,
})
export interface AclDescription extends Value<typeof aclDescription> {}

const describeAclsResource = struct({
  resourceType: int8,
  resourceName: string,
  patternType: int8.since(1).default(3),
  acls: array<AclDescription>(aclDescription),
})
export interface DescribeAclsResource extends Value<typeof describeAclsResource> {}

const describeAclsResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable(),
  resources: array<DescribeAclsResource>(describeAclsResource),
})
export interface DescribeAclsResponse extends Value<typeof describeAclsResponse> {}

/** What a version brought that handlers must know. */
const means = { patternTypes: 1 } as const

export const DescribeAcls = defineApi<DescribeAclsRequest, DescribeAclsResponse, keyof typeof means>({
  key: 29,
  name: 'DescribeAcls',
  versions: [0, 3],
  flexibleFrom: 2,
  listeners: ['broker', 'controller'],
  request: describeAclsRequest,
  response: describeAclsResponse,
  means,
})
