// OffsetForLeaderEpoch: where an epoch ended, so that replicas and consumers find out where logs part
// (KIP-101, KIP-320).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, offset, string, struct, type Value } from '../schema/vocabulary.ts'

const offsetForLeaderPartition = struct({
  partition: int32,
  currentLeaderEpoch: int32.since(2).default(-1).ignorable(),
  leaderEpoch: int32,
})
export interface OffsetForLeaderPartition extends Value<typeof offsetForLeaderPartition> {}

const offsetForLeaderTopic = struct({
  topic: string.entity('topicName').key(),
  partitions: array<OffsetForLeaderPartition>(offsetForLeaderPartition),
})
export interface OffsetForLeaderTopic extends Value<typeof offsetForLeaderTopic> {}

const offsetForLeaderEpochRequest = struct({
  replicaId: int32.since(3).default(-2).ignorable().entity('brokerId'),
  topics: array<OffsetForLeaderTopic>(offsetForLeaderTopic),
})
export interface OffsetForLeaderEpochRequest extends Value<typeof offsetForLeaderEpochRequest> {}

const offsetForLeaderEpochEpochEndOffset = struct({
  errorCode: int16,
  partition: int32,
  leaderEpoch: int32.since(1).default(-1).ignorable(),
  endOffset: offset.default(-1),
})
export interface OffsetForLeaderEpochEpochEndOffset
  extends Value<typeof offsetForLeaderEpochEpochEndOffset> {}

const offsetForLeaderTopicResult = struct({
  topic: string.entity('topicName').key(),
  partitions: array<OffsetForLeaderEpochEpochEndOffset>(offsetForLeaderEpochEpochEndOffset),
})
export interface OffsetForLeaderTopicResult extends Value<typeof offsetForLeaderTopicResult> {}

const offsetForLeaderEpochResponse = struct({
  throttleTimeMs: int32.since(2).ignorable(),
  topics: array<OffsetForLeaderTopicResult>(offsetForLeaderTopicResult),
})
export interface OffsetForLeaderEpochResponse extends Value<typeof offsetForLeaderEpochResponse> {}

/** What a version brought that handlers must know. */
const means = { leaderEpochs: 1, replicas: 3 } as const

export const OffsetForLeaderEpoch = defineApi<
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse,
  keyof typeof means
>({
  key: 23,
  name: 'OffsetForLeaderEpoch',
  versions: [0, 4],
  flexibleFrom: 4,
  listeners: ['broker'],
  request: offsetForLeaderEpochRequest,
  response: offsetForLeaderEpochResponse,
  means,
})
