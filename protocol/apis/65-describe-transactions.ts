// DescribeTransactions: the state of transactions, asked of their coordinator (KIP-664).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int64, string, struct, type Value } from '../schema/vocabulary.ts'

const describeTransactionsRequest = struct({
  transactionalIds: array(string).entity('transactionalId'),
})
export interface DescribeTransactionsRequest extends Value<typeof describeTransactionsRequest> {}

const describeTransactionsTopicData = struct({
  topic: string.entity('topicName').key(),
  partitions: array(int32),
})
export interface DescribeTransactionsTopicData extends Value<typeof describeTransactionsTopicData> {}

const describeTransactionsTransactionState = struct({
  errorCode: int16,
  transactionalId: string.entity('transactionalId'),
  transactionState: string,
  transactionTimeoutMs: int32,
  transactionStartTimeMs: int64,
  producerId: int64.entity('producerId'),
  producerEpoch: int16,
  topics: array<DescribeTransactionsTopicData>(describeTransactionsTopicData),
})
export interface DescribeTransactionsTransactionState
  extends Value<typeof describeTransactionsTransactionState> {}

const describeTransactionsResponse = struct({
  throttleTimeMs: int32,
  transactionStates: array<DescribeTransactionsTransactionState>(describeTransactionsTransactionState),
})
export interface DescribeTransactionsResponse extends Value<typeof describeTransactionsResponse> {}

export const DescribeTransactions = defineApi<DescribeTransactionsRequest, DescribeTransactionsResponse>({
  key: 65,
  name: 'DescribeTransactions',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: describeTransactionsRequest,
  response: describeTransactionsResponse,
})
