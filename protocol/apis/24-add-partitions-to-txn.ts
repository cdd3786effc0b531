// AddPartitionsToTxn: partitions join a transaction. From v4 brokers send batches, also just to verify
// (KIP-890).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, int64, string, struct, type Value } from '../schema/vocabulary.ts'

const addPartitionsToTxnTopic = struct({
  name: string.entity('topicName').key(),
  partitions: array(int32),
})
export interface AddPartitionsToTxnTopic extends Value<typeof addPartitionsToTxnTopic> {}

const addPartitionsToTxnTransaction = struct({
  transactionalId: string.since(4).entity('transactionalId').key(),
  producerId: int64.since(4).entity('producerId'),
  producerEpoch: int16.since(4),
  verifyOnly: bool.since(4),
  topics: array<AddPartitionsToTxnTopic>(addPartitionsToTxnTopic).since(4),
})
export interface AddPartitionsToTxnTransaction extends Value<typeof addPartitionsToTxnTransaction> {}

const addPartitionsToTxnRequest = struct({
  transactions: array<AddPartitionsToTxnTransaction>(addPartitionsToTxnTransaction).since(4),
  v3AndBelowTransactionalId: string.until(3).entity('transactionalId'),
  v3AndBelowProducerId: int64.until(3).entity('producerId'),
  v3AndBelowProducerEpoch: int16.until(3),
  v3AndBelowTopics: array<AddPartitionsToTxnTopic>(addPartitionsToTxnTopic).until(3),
})
export interface AddPartitionsToTxnRequest extends Value<typeof addPartitionsToTxnRequest> {}

const addPartitionsToTxnPartitionResult = struct({
  partitionIndex: int32.key(),
  partitionErrorCode: int16,
})
export interface AddPartitionsToTxnPartitionResult extends Value<typeof addPartitionsToTxnPartitionResult> {}

const addPartitionsToTxnTopicResult = struct({
  name: string.entity('topicName').key(),
  resultsByPartition: array<AddPartitionsToTxnPartitionResult>(addPartitionsToTxnPartitionResult),
})
export interface AddPartitionsToTxnTopicResult extends Value<typeof addPartitionsToTxnTopicResult> {}

const addPartitionsToTxnResult = struct({
  transactionalId: string.since(4).entity('transactionalId').key(),
  topicResults: array<AddPartitionsToTxnTopicResult>(addPartitionsToTxnTopicResult).since(4),
})
export interface AddPartitionsToTxnResult extends Value<typeof addPartitionsToTxnResult> {}

const addPartitionsToTxnResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16.since(4).ignorable(),
  resultsByTransaction: array<AddPartitionsToTxnResult>(addPartitionsToTxnResult).since(4),
  resultsByTopicV3AndBelow: array<AddPartitionsToTxnTopicResult>(addPartitionsToTxnTopicResult).until(3),
})
export interface AddPartitionsToTxnResponse extends Value<typeof addPartitionsToTxnResponse> {}

export const AddPartitionsToTxn = defineApi<AddPartitionsToTxnRequest, AddPartitionsToTxnResponse>({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 5],
  flexibleFrom: 3,
  listeners: ['broker'],
  request: addPartitionsToTxnRequest,
  response: addPartitionsToTxnResponse,
})
