// TxnOffsetCommit: stores a group's offsets as part of a transaction (KIP-98, fenced by generation:
// KIP-447).

import { Errors } from '../errors.ts'
import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int64, string, struct, type Value } from '../schema/vocabulary.ts'

const txnOffsetCommitRequestPartition = struct({
  partitionIndex: int32,
  committedOffset: int64,
  committedLeaderEpoch: int32.since(2).default(-1).ignorable(),
  committedMetadata: string.nullable(),
})
export interface TxnOffsetCommitRequestPartition extends Value<typeof txnOffsetCommitRequestPartition> {}

const txnOffsetCommitRequestTopic = struct({
  name: string.entity('topicName'),
  partitions: array<TxnOffsetCommitRequestPartition>(txnOffsetCommitRequestPartition),
})
export interface TxnOffsetCommitRequestTopic extends Value<typeof txnOffsetCommitRequestTopic> {}

const txnOffsetCommitRequest = struct({
  transactionalId: string.entity('transactionalId'),
  groupId: string.entity('groupId'),
  producerId: int64.entity('producerId'),
  producerEpoch: int16,
  generationId: int32.since(3).default(-1),
  memberId: string.since(3),
  groupInstanceId: string.since(3).nullable().default(null),
  topics: array<TxnOffsetCommitRequestTopic>(txnOffsetCommitRequestTopic),
})
export interface TxnOffsetCommitRequest extends Value<typeof txnOffsetCommitRequest> {}

const txnOffsetCommitResponsePartition = struct({
  partitionIndex: int32,
  errorCode: int16,
})
export interface TxnOffsetCommitResponsePartition extends Value<typeof txnOffsetCommitResponsePartition> {}

const txnOffsetCommitResponseTopic = struct({
  name: string.entity('topicName'),
  partitions: array<TxnOffsetCommitResponsePartition>(txnOffsetCommitResponsePartition),
})
export interface TxnOffsetCommitResponseTopic extends Value<typeof txnOffsetCommitResponseTopic> {}

const txnOffsetCommitResponse = struct({
  throttleTimeMs: int32,
  topics: array<TxnOffsetCommitResponseTopic>(txnOffsetCommitResponseTopic),
})
export interface TxnOffsetCommitResponse extends Value<typeof txnOffsetCommitResponse> {}

/** What a version brought that handlers must know. */
const means = { loadingErrors: 2, memberIds: 3, transactionErrors: 4, transactionVersion2: 5 } as const

/** Producers before 2.3 may crash on the loading error (KAFKA-7296). */
function downgrade(response: TxnOffsetCommitResponse, version: number): void {
  if (version >= means.loadingErrors) return
  for (const topic of response.topics) {
    for (const partition of topic.partitions) {
      if (partition.errorCode === Errors.COORDINATOR_LOAD_IN_PROGRESS.code) {
        partition.errorCode = Errors.COORDINATOR_NOT_AVAILABLE.code
      }
    }
  }
}

export const TxnOffsetCommit = defineApi<TxnOffsetCommitRequest, TxnOffsetCommitResponse, keyof typeof means>(
  {
    key: 28,
    name: 'TxnOffsetCommit',
    versions: [0, 5],
    flexibleFrom: 3,
    listeners: ['broker'],
    request: txnOffsetCommitRequest,
    response: txnOffsetCommitResponse,
    means,
    downgrade,
  },
)
