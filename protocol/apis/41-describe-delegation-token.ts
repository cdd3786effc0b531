// DescribeDelegationToken: lists delegation tokens (KIP-48).

import { defineApi } from '../schema/message.ts'
import { array, bytes, int16, int32, int64, string, struct, type Value } from '../schema/vocabulary.ts'

const describeDelegationTokenOwner = struct({
  principalType: string,
  principalName: string,
})
export interface DescribeDelegationTokenOwner extends Value<typeof describeDelegationTokenOwner> {}

const describeDelegationTokenRequest = struct({
  owners: array<DescribeDelegationTokenOwner>(describeDelegationTokenOwner).nullable(),
})
export interface DescribeDelegationTokenRequest extends Value<typeof describeDelegationTokenRequest> {}

const describedDelegationTokenRenewer = struct({
  principalType: string,
  principalName: string,
})
export interface DescribedDelegationTokenRenewer extends Value<typeof describedDelegationTokenRenewer> {}

const describedDelegationToken = struct({
  principalType: string,
  principalName: string,
  tokenRequesterPrincipalType: string.since(3),
  tokenRequesterPrincipalName: string.since(3),
  issueTimestamp: int64,
  expiryTimestamp: int64,
  maxTimestamp: int64,
  tokenId: string,
  hmac: bytes,
  renewers: array<DescribedDelegationTokenRenewer>(describedDelegationTokenRenewer),
})
export interface DescribedDelegationToken extends Value<typeof describedDelegationToken> {}

const describeDelegationTokenResponse = struct({
  errorCode: int16,
  tokens: array<DescribedDelegationToken>(describedDelegationToken),
  throttleTimeMs: int32,
})
export interface DescribeDelegationTokenResponse extends Value<typeof describeDelegationTokenResponse> {}

/** What a version brought that handlers must know. */
const means = { owners: 3 } as const

function downgrade(response: DescribeDelegationTokenResponse, version: number): void {
  if (version >= means.owners) return
  for (const token of response.tokens) {
    token.tokenRequesterPrincipalType = ''
    token.tokenRequesterPrincipalName = ''
  }
}

export const DescribeDelegationToken = defineApi<
  DescribeDelegationTokenRequest,
  DescribeDelegationTokenResponse,
  keyof typeof means
>({
  key: 41,
  name: 'DescribeDelegationToken',
  versions: [0, 3],
  flexibleFrom: 2,
  listeners: ['broker', 'controller'],
  request: describeDelegationTokenRequest,
  response: describeDelegationTokenResponse,
  means,
  downgrade,
})
