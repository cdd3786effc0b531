// EndTxn: commits or aborts a transaction. From v5 the answer raises the producer's epoch (KIP-890).

import { defineApi } from '../schema/message.ts'
import { bool, int16, int32, int64, string, struct, type Value } from '../schema/vocabulary.ts'

const endTxnRequest = struct({
  transactionalId: string.entity('transactionalId'),
  producerId: int64.entity('producerId'),
  producerEpoch: int16,
  committed: bool,
})
export interface EndTxnRequest extends Value<typeof endTxnRequest> {}

const endTxnResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  producerId: int64.since(5).default(-1n).ignorable().entity('producerId'),
  producerEpoch: int16.since(5).default(-1).ignorable(),
})
export interface EndTxnResponse extends Value<typeof endTxnResponse> {}

export const EndTxn = defineApi<EndTxnRequest, EndTxnResponse>({
  key: 26,
  name: 'EndTxn',
  versions: [0, 5],
  flexibleFrom: 3,
  listeners: ['broker'],
  request: endTxnRequest,
  response: endTxnResponse,
})
