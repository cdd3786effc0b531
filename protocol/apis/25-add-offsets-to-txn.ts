// AddOffsetsToTxn: a group's offsets partition joins a transaction (KIP-98).

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

export const AddOffsetsToTxn = defineApi<AddOffsetsToTxnRequest, AddOffsetsToTxnResponse>({
  key: 25,
  name: 'AddOffsetsToTxn',
  versions: [0, 4],
  flexibleFrom: 3,
  listeners: ['broker'],
  request: addOffsetsToTxnRequest,
  response: addOffsetsToTxnResponse,
})
