// Records of `__transaction_state`, the transaction coordinator's log (KIP-98, KIP-890). Framed as in
// group-records.ts.

import { defineMessage } from '../schema/message.ts'
import { array, int16, int32, int64, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const transactionLogKey = struct({
  transactionalId: string,
})
export interface TransactionLogKey extends Value<typeof transactionLogKey> {}

export const TransactionLogKey = defineMessage<TransactionLogKey>({
  name: 'TransactionLogKey',
  apiKey: 0,
  versions: [0, 0],
  fields: transactionLogKey,
})

const partitionsSchema = struct({
  topic: string,
  partitionIds: array(int32),
})
export interface PartitionsSchema extends Value<typeof partitionsSchema> {}

const transactionLogValue = struct({
  producerId: int64,
  previousProducerId: int64.since(1).default(-1n).tag(0),
  nextProducerId: int64.since(1).default(-1n).tag(1),
  producerEpoch: int16,
  nextProducerEpoch: int16.since(1).default(-1).tag(3),
  transactionTimeoutMs: int32,
  transactionStatus: int8,
  transactionPartitions: array<PartitionsSchema>(partitionsSchema).nullable(),
  transactionLastUpdateTimestampMs: int64,
  transactionStartTimestampMs: int64,
  clientTransactionVersion: int16.since(1).tag(2),
})
export interface TransactionLogValue extends Value<typeof transactionLogValue> {}

export const TransactionLogValue = defineMessage<TransactionLogValue>({
  name: 'TransactionLogValue',
  apiKey: 0,
  versions: [0, 1],
  flexibleFrom: 1,
  fields: transactionLogValue,
})
