// ExpireDelegationToken: lets a delegation token end sooner (KIP-48).

import { defineApi } from '../schema/message.ts'
import { bytes, int16, int32, int64, struct, type Value } from '../schema/vocabulary.ts'

const expireDelegationTokenRequest = struct({
  hmac: bytes,
  expiryTimePeriodMs: int64,
})
export interface ExpireDelegationTokenRequest extends Value<typeof expireDelegationTokenRequest> {}

const expireDelegationTokenResponse = struct({
  errorCode: int16,
  expiryTimestampMs: int64,
  throttleTimeMs: int32,
})
export interface ExpireDelegationTokenResponse extends Value<typeof expireDelegationTokenResponse> {}

export const ExpireDelegationToken = defineApi<ExpireDelegationTokenRequest, ExpireDelegationTokenResponse>({
  key: 40,
  name: 'ExpireDelegationToken',
  versions: [0, 2],
  flexibleFrom: 2,
  listeners: ['broker', 'controller'],
  request: expireDelegationTokenRequest,
  response: expireDelegationTokenResponse,
})
