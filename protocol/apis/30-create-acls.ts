// CreateAcls: adds access rules (KIP-140).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const aclCreation = struct({
  resourceType: int8,
  resourceName: string,
  resourcePatternType: int8.since(1).default(3),
  principal: string,
  host: string,
  operation: int8,
  permissionType: int8,
})
export interface AclCreation extends Value<typeof aclCreation> {}

const createAclsRequest = struct({
  creations: array<AclCreation>(aclCreation),
})
export interface CreateAclsRequest extends Value<typeof createAclsRequest> {}

const aclCreationResult = struct({
  errorCode: int16,
  errorMessage: string.nullable(),
})
export interface AclCreationResult extends Value<typeof aclCreationResult> {}

const createAclsResponse = struct({
  throttleTimeMs: int32,
  results: array<AclCreationResult>(aclCreationResult),
})
export interface CreateAclsResponse extends Value<typeof createAclsResponse> {}

/** What a version brought that handlers must know. */
const means = { patternTypes: 1 } as const

export const CreateAcls = defineApi<CreateAclsRequest, CreateAclsResponse, keyof typeof means>({
  key: 30,
  name: 'CreateAcls',
  versions: [0, 3],
  flexibleFrom: 2,
  listeners: ['broker', 'controller'],
  request: createAclsRequest,
  response: createAclsResponse,
  means,
})
