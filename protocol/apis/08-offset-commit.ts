// OffsetCommit: stores a group's offsets. v0 wrote them to ZooKeeper and stays unadvertised; topic ids from
// v10 (KIP-848).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int64, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const offsetCommitRequestPartition = struct({
  partitionIndex: int32,
  committedOffset: int64,
  committedLeaderEpoch: int32.since(6).default(-1).ignorable(),
  commitTimestamp: int64.since(1).until(1).default(-1n),
  committedMetadata: string.nullable(),
})
export interface OffsetCommitRequestPartition extends Value<typeof offsetCommitRequestPartition> {}

const offsetCommitRequestTopic = struct({
  name: string.until(9).ignorable().entity('topicName'),
  topicId: uuid.since(10).ignorable(),
  partitions: array<OffsetCommitRequestPartition>(offsetCommitRequestPartition),
})
export interface OffsetCommitRequestTopic extends Value<typeof offsetCommitRequestTopic> {}

const offsetCommitRequest = struct({
  groupId: string.entity('groupId'),
  generationIdOrMemberEpoch: int32.since(1).default(-1).ignorable(),
  memberId: string.since(1).ignorable(),
  groupInstanceId: string.since(7).nullable().default(null),
  retentionTimeMs: int64.since(2).until(4).default(-1n).ignorable(),
  topics: array<OffsetCommitRequestTopic>(offsetCommitRequestTopic),
})
export interface OffsetCommitRequest extends Value<typeof offsetCommitRequest> {}

const offsetCommitResponsePartition = struct({
  partitionIndex: int32,
  errorCode: int16,
})
export interface OffsetCommitResponsePartition extends Value<typeof offsetCommitResponsePartition> {}

const offsetCommitResponseTopic = struct({
  name: string.until(9).ignorable().entity('topicName'),
  topicId: uuid.since(10).ignorable(),
  partitions: array<OffsetCommitResponsePartition>(offsetCommitResponsePartition),
})
export interface OffsetCommitResponseTopic extends Value<typeof offsetCommitResponseTopic> {}

const offsetCommitResponse = struct({
  throttleTimeMs: int32.since(3).ignorable(),
  topics: array<OffsetCommitResponseTopic>(offsetCommitResponseTopic),
})
export interface OffsetCommitResponse extends Value<typeof offsetCommitResponse> {}

/** What a version brought that handlers must know. */
const means = { coordinator: 1, memberEpochs: 9, topicIds: 10 } as const

export const OffsetCommit = defineApi<OffsetCommitRequest, OffsetCommitResponse, keyof typeof means>({
  key: 8,
  name: 'OffsetCommit',
  versions: [0, 10],
  flexibleFrom: 8,
  listeners: ['broker'],
  request: offsetCommitRequest,
  response: offsetCommitResponse,
  means,
})
