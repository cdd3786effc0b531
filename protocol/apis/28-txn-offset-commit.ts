// TxnOffsetCommit: stores a group's offsets as part of a transaction (KIP-98, fenced by generation:
// KIP-447).

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

export const TxnOffsetCommit = defineApi<TxnOffsetCommitRequest, TxnOffsetCommitResponse>({
  key: 28,
  name: 'TxnOffsetCommit',
  versions: [0, 5],
  flexibleFrom: 3,
  listeners: ['broker'],
  request: txnOffsetCommitRequest,
  response: txnOffsetCommitResponse,
})
