// ListTransactions: the transactions that this broker coordinates, filtered (KIP-664).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int64, string, struct, type Value } from '../schema/vocabulary.ts'

const listTransactionsRequest = struct({
  stateFilters: array(string),
  producerIdFilters: array(int64).entity('producerId'),
  durationFilter: int64.since(1).default(-1n),
  transactionalIdPattern: string.since(2).nullable().default(null),
})
export interface ListTransactionsRequest extends Value<typeof listTransactionsRequest> {}

const listTransactionsTransactionState = struct({
  transactionalId: string.entity('transactionalId'),
  producerId: int64.entity('producerId'),
  transactionState: string,
})
export interface ListTransactionsTransactionState extends Value<typeof listTransactionsTransactionState> {}

const listTransactionsResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  unknownStateFilters: array(string),
  transactionStates: array<ListTransactionsTransactionState>(listTransactionsTransactionState),
})
export interface ListTransactionsResponse extends Value<typeof listTransactionsResponse> {}

/** What a version brought that handlers must know. */
const means = { durations: 1 } as const

export const ListTransactions = defineApi<
  ListTransactionsRequest,
  ListTransactionsResponse,
  keyof typeof means
>({
  key: 66,
  name: 'ListTransactions',
  versions: [0, 2],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: listTransactionsRequest,
  response: listTransactionsResponse,
  means,
})
