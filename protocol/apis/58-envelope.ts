// Envelope: a broker forwards a client's request, with its principal, to the controller (KIP-590).

import { defineApi } from '../schema/message.ts'
import { bytes, int16, struct, type Value } from '../schema/vocabulary.ts'

const envelopeRequest = struct({
  requestData: bytes,
  requestPrincipal: bytes.nullable(),
  clientHostAddress: bytes,
})
export interface EnvelopeRequest extends Value<typeof envelopeRequest> {}

const envelopeResponse = struct({
  responseData: bytes.nullable().default(null),
  errorCode: int16,
})
export interface EnvelopeResponse extends Value<typeof envelopeResponse> {}

export const Envelope = defineApi<EnvelopeRequest, EnvelopeResponse>({
  key: 58,
  name: 'Envelope',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['controller'],
  request: envelopeRequest,
  response: envelopeResponse,
})
