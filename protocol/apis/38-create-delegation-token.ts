// CreateDelegationToken: makes a delegation token (KIP-48).

import { defineApi } from '../schema/message.ts'
import { array, bytes, int16, int32, int64, string, struct, type Value } from '../schema/vocabulary.ts'

const creatableRenewers = struct({
  principalType: string,
  principalName: string,
})
export interface CreatableRenewers extends Value<typeof creatableRenewers> {}

const createDelegationTokenRequest = struct({
  ownerPrincipalType: string.since(3).nullable(),
  ownerPrincipalName: string.since(3).nullable(),
  renewers: array<CreatableRenewers>(creatableRenewers),
  maxLifetimeMs: int64,
})
export interface CreateDelegationTokenRequest extends Value<typeof createDelegationTokenRequest> {}

const createDelegationTokenResponse = struct({
  errorCode: int16,
  principalType: string,
  principalName: string,
  tokenRequesterPrincipalType: string.since(3),
  tokenRequesterPrincipalName: string.since(3),
  issueTimestampMs: int64,
  expiryTimestampMs: int64,
  maxTimestampMs: int64,
  tokenId: string,
  hmac: bytes,
  throttleTimeMs: int32,
})
export interface CreateDelegationTokenResponse extends Value<typeof createDelegationTokenResponse> {}

/** What a version brought that handlers must know. */
const means = { owners: 3 } as const

function downgrade(response: CreateDelegationTokenResponse, version: number): void {
  if (version >= means.owners) return
  response.tokenRequesterPrincipalType = ''
  response.tokenRequesterPrincipalName = ''
}

export const CreateDelegationToken = defineApi<
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
  keyof typeof means
>({
  key: 38,
  name: 'CreateDelegationToken',
  versions: [0, 3],
  flexibleFrom: 2,
  listeners: ['broker', 'controller'],
  request: createDelegationTokenRequest,
  response: createDelegationTokenResponse,
  means,
  downgrade,
})
