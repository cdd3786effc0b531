// SaslAuthenticate: one step of a SASL exchange (KIP-152), with the session's life from v1 (KIP-368).

import { defineApi } from '../schema/message.ts'
import { bytes, int16, int64, string, struct, type Value } from '../schema/vocabulary.ts'

const saslAuthenticateRequest = struct({
  authBytes: bytes,
})
export interface SaslAuthenticateRequest extends Value<typeof saslAuthenticateRequest> {}

const saslAuthenticateResponse = struct({
  errorCode: int16,
  errorMessage: string.nullable(),
  authBytes: bytes,
  sessionLifetimeMs: int64.since(1).ignorable(),
})
export interface SaslAuthenticateResponse extends Value<typeof saslAuthenticateResponse> {}

export const SaslAuthenticate = defineApi<SaslAuthenticateRequest, SaslAuthenticateResponse>({
  key: 36,
  name: 'SaslAuthenticate',
  versions: [0, 2],
  flexibleFrom: 2,
  listeners: ['broker', 'controller'],
  request: saslAuthenticateRequest,
  response: saslAuthenticateResponse,
})
