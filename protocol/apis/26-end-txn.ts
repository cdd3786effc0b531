// EndTxn: commits or aborts a transaction. From v5 the answer raises the producer's epoch (KIP-890).

import { Errors } from '../errors.ts'
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

/** What a version brought that handlers must know. */
const means = { fencedErrors: 2, transactionErrors: 4, transactionVersion2: 5 } as const

/** Older producers do not know PRODUCER_FENCED. */
function downgrade(response: EndTxnResponse, version: number): void {
  if (version < means.fencedErrors && response.errorCode === Errors.PRODUCER_FENCED.code) {
    response.errorCode = Errors.INVALID_PRODUCER_EPOCH.code
  }
}

export const EndTxn = defineApi<EndTxnRequest, EndTxnResponse, keyof typeof means>({
  key: 26,
  name: 'EndTxn',
  versions: [0, 5],
  flexibleFrom: 3,
  listeners: ['broker'],
  request: endTxnRequest,
  response: endTxnResponse,
  means,
  downgrade,
})
