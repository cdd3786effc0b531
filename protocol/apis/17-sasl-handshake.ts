// SaslHandshake: chooses the SASL mechanism. v0 goes on with raw tokens, v1 with SaslAuthenticate
// (KIP-152).

import { defineApi } from '../schema/message.ts'
import { array, int16, string, struct, type Value } from '../schema/vocabulary.ts'

const saslHandshakeRequest = struct({
  mechanism: string,
})
export interface SaslHandshakeRequest extends Value<typeof saslHandshakeRequest> {}

const saslHandshakeResponse = struct({
  errorCode: int16,
  mechanisms: array(string),
})
export interface SaslHandshakeResponse extends Value<typeof saslHandshakeResponse> {}

/** What a version brought that handlers must know. */
const means = { authenticateRequests: 1 } as const

export const SaslHandshake = defineApi<SaslHandshakeRequest, SaslHandshakeResponse, keyof typeof means>({
  key: 17,
  name: 'SaslHandshake',
  versions: [0, 1],
  listeners: ['broker', 'controller'],
  request: saslHandshakeRequest,
  response: saslHandshakeResponse,
  means,
})
