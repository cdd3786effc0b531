// AddPartitionsToTxn: partitions join a transaction. From v4 brokers send batches, also just to verify
// (KIP-890).

import { Errors } from '../errors.ts'
import { defineApi } from '../schema/message.ts'
import {
  array,
  bool,
  int16,
  int32,
  int64,
  string,
  struct,
  type Value,
  type Wire,
} from '../schema/vocabulary.ts'

const addPartitionsToTxnTopic = struct({
  name: string.entity('topicName').key(),
  partitions: array(int32),
})
export interface AddPartitionsToTxnTopic extends Value<typeof addPartitionsToTxnTopic> {}

const addPartitionsToTxnTransaction = struct({
  transactionalId: string.entity('transactionalId').key(),
  producerId: int64.entity('producerId'),
  producerEpoch: int16,
  verifyOnly: bool,
  topics: array<AddPartitionsToTxnTopic>(addPartitionsToTxnTopic),
})
export interface AddPartitionsToTxnTransaction extends Value<typeof addPartitionsToTxnTransaction> {}

const addPartitionsToTxnRequest = struct({
  transactions: array<AddPartitionsToTxnTransaction>(addPartitionsToTxnTransaction).since(4),
  v3AndBelowTransactionalId: string.until(3).entity('transactionalId').legacy(),
  v3AndBelowProducerId: int64.until(3).entity('producerId').legacy(),
  v3AndBelowProducerEpoch: int16.until(3).legacy(),
  v3AndBelowTopics: array<AddPartitionsToTxnTopic>(addPartitionsToTxnTopic).until(3).legacy(),
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
  transactionalId: string.entity('transactionalId').key(),
  topicResults: array<AddPartitionsToTxnTopicResult>(addPartitionsToTxnTopicResult),
})
export interface AddPartitionsToTxnResult extends Value<typeof addPartitionsToTxnResult> {}

const addPartitionsToTxnResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16.since(4).ignorable(),
  resultsByTransaction: array<AddPartitionsToTxnResult>(addPartitionsToTxnResult).since(4),
  resultsByTopicV3AndBelow: array<AddPartitionsToTxnTopicResult>(addPartitionsToTxnTopicResult)
    .until(3)
    .legacy(),
})
export interface AddPartitionsToTxnResponse extends Value<typeof addPartitionsToTxnResponse> {}

/** What a version brought that handlers must know. */
const means = { fencedErrors: 2, fromBrokers: 4, transactionErrors: 5 } as const

/** Before v4 a client adds to one transaction: a batch of one. */
function upgrade(request: Wire<typeof addPartitionsToTxnRequest>, version: number): void {
  if (version >= means.fromBrokers) return
  request.transactions = [
    {
      transactionalId: request.v3AndBelowTransactionalId,
      producerId: request.v3AndBelowProducerId,
      producerEpoch: request.v3AndBelowProducerEpoch,
      verifyOnly: false,
      topics: request.v3AndBelowTopics,
    },
  ]
}

function downgrade(response: Wire<typeof addPartitionsToTxnResponse>, version: number): void {
  if (version >= means.fromBrokers) return
  response.resultsByTopicV3AndBelow = response.resultsByTransaction[0]?.topicResults ?? []
  response.resultsByTransaction = []
  if (version >= means.fencedErrors) return
  // Older producers do not know PRODUCER_FENCED.
  for (const topic of response.resultsByTopicV3AndBelow) {
    for (const partition of topic.resultsByPartition) {
      if (partition.partitionErrorCode === Errors.PRODUCER_FENCED.code) {
        partition.partitionErrorCode = Errors.INVALID_PRODUCER_EPOCH.code
      }
    }
  }
}

export const AddPartitionsToTxn = defineApi<
  AddPartitionsToTxnRequest,
  AddPartitionsToTxnResponse,
  keyof typeof means
>({
  key: 24,
  name: 'AddPartitionsToTxn',
  versions: [0, 5],
  flexibleFrom: 3,
  listeners: ['broker'],
  request: addPartitionsToTxnRequest,
  response: addPartitionsToTxnResponse,
  means,
  upgrade,
  downgrade,
})
