// UnregisterBroker: removes a broker's registration (KIP-631).

import { defineApi } from '../schema/message.ts'
import { int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const unregisterBrokerRequest = struct({
  brokerId: int32.entity('brokerId'),
})
export interface UnregisterBrokerRequest extends Value<typeof unregisterBrokerRequest> {}

const unregisterBrokerResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable(),
})
export interface UnregisterBrokerResponse extends Value<typeof unregisterBrokerResponse> {}

export const UnregisterBroker = defineApi<UnregisterBrokerRequest, UnregisterBrokerResponse>({
  key: 64,
  name: 'UnregisterBroker',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker', 'controller'],
  request: unregisterBrokerRequest,
  response: unregisterBrokerResponse,
})
