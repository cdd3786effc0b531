// AllocateProducerIds: a broker gets a block of producer ids from the controller (KIP-730).

import { defineApi } from '../schema/message.ts'
import { int16, int32, int64, offset, struct, type Value } from '../schema/vocabulary.ts'

const allocateProducerIdsRequest = struct({
  brokerId: int32.entity('brokerId'),
  brokerEpoch: offset.default(-1),
})
export interface AllocateProducerIdsRequest extends Value<typeof allocateProducerIdsRequest> {}

const allocateProducerIdsResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  producerIdStart: int64.entity('producerId'),
  producerIdLen: int32,
})
export interface AllocateProducerIdsResponse extends Value<typeof allocateProducerIdsResponse> {}

export const AllocateProducerIds = defineApi<AllocateProducerIdsRequest, AllocateProducerIdsResponse>({
  key: 67,
  name: 'AllocateProducerIds',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['controller'],
  request: allocateProducerIdsRequest,
  response: allocateProducerIdsResponse,
})
