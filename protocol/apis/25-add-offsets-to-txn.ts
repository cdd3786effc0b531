// AddOffsetsToTxn: a group's offsets partition joins a transaction (KIP-98).

import { Errors } from '../errors.ts'
import { defineApi } from '../schema/message.ts'
import { int16, int32, int64, string, struct, type Value } from '../schema/vocabulary.ts'

const addOffsetsToTxnRequest = struct({
  transactionalId: string.entity('transactionalId'),
  producerId: int64.entity('producerId'),
  producerEpoch: int16,
  groupId: string.entity('groupId'),
})
export interface AddOffsetsToTxnRequest extends Value<typeof addOffsetsToTxnRequest> {}

const addOffsetsToTxnResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
})
export interface AddOffsetsToTxnResponse extends Value<typeof addOffsetsToTxnResponse> {}

/** What a version brought that handlers must know. */
const means = { fencedErrors: 2, transactionErrors: 4 } as const

/** Older producers do not know PRODUCER_FENCED. */
function downgrade(response: AddOffsetsToTxnResponse, version: number): void {
  if (version < means.fencedErrors && response.errorCode === Errors.PRODUCER_FENCED.code) {
    response.errorCode = Errors.INVALID_PRODUCER_EPOCH.code
  }
}

export const AddOffsetsToTxn = defineApi<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse, keyof typeof means>(
  {
    key: 25,
    name: 'AddOffsetsToTxn',
    versions: [0, 4],
    flexibleFrom: 3,
    listeners: ['broker'],
    request: addOffsetsToTxnRequest,
    response: addOffsetsToTxnResponse,
    means,
    downgrade,
  },
)
