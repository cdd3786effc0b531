// RenewDelegationToken: lets a delegation token live longer (KIP-48).

import { defineApi } from '../schema/message.ts'
import { bytes, int16, int32, int64, struct, type Value } from '../schema/vocabulary.ts'

const renewDelegationTokenRequest = struct({
  hmac: bytes,
  renewPeriodMs: int64,
})
export interface RenewDelegationTokenRequest extends Value<typeof renewDelegationTokenRequest> {}

const renewDelegationTokenResponse = struct({
  errorCode: int16,
  expiryTimestampMs: int64,
  throttleTimeMs: int32,
})
export interface RenewDelegationTokenResponse extends Value<typeof renewDelegationTokenResponse> {}

export const RenewDelegationToken = defineApi<RenewDelegationTokenRequest, RenewDelegationTokenResponse>({
  key: 39,
  name: 'RenewDelegationToken',
  versions: [0, 2],
  flexibleFrom: 2,
  listeners: ['broker', 'controller'],
  request: renewDelegationTokenRequest,
  response: renewDelegationTokenResponse,
})
