// OffsetFetch: reads a group's committed offsets, of several groups from v8 (KIP-709). v0 read ZooKeeper
// and stays unadvertised.

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, int64, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const offsetFetchRequestTopic = struct({
  name: string.until(7).entity('topicName'),
  partitionIndexes: array(int32).until(7),
})
export interface OffsetFetchRequestTopic extends Value<typeof offsetFetchRequestTopic> {}

const offsetFetchRequestTopics = struct({
  name: string.since(8).until(9).ignorable().entity('topicName'),
  topicId: uuid.since(10).ignorable(),
  partitionIndexes: array(int32).since(8),
})
export interface OffsetFetchRequestTopics extends Value<typeof offsetFetchRequestTopics> {}

const offsetFetchRequestGroup = struct({
  groupId: string.since(8).entity('groupId'),
  memberId: string.since(9).nullable().default(null).ignorable(),
  memberEpoch: int32.since(9).default(-1).ignorable(),
  topics: array<OffsetFetchRequestTopics>(offsetFetchRequestTopics).since(8).nullable(),
})
export interface OffsetFetchRequestGroup extends Value<typeof offsetFetchRequestGroup> {}

const offsetFetchRequest = struct({
  groupId: string.until(7).entity('groupId'),
  topics: array<OffsetFetchRequestTopic>(offsetFetchRequestTopic).until(7).nullable(2),
  groups: array<OffsetFetchRequestGroup>(offsetFetchRequestGroup).since(8),
  requireStable: bool.since(7),
})
export interface OffsetFetchRequest extends Value<typeof offsetFetchRequest> {}

const offsetFetchResponsePartition = struct({
  partitionIndex: int32.until(7),
  committedOffset: int64.until(7),
  committedLeaderEpoch: int32.since(5).until(7).default(-1).ignorable(),
  metadata: string.until(7).nullable(),
  errorCode: int16.until(7),
})
export interface OffsetFetchResponsePartition extends Value<typeof offsetFetchResponsePartition> {}

const offsetFetchResponseTopic = struct({
  name: string.until(7).entity('topicName'),
  partitions: array<OffsetFetchResponsePartition>(offsetFetchResponsePartition).until(7),
})
export interface OffsetFetchResponseTopic extends Value<typeof offsetFetchResponseTopic> {}

const offsetFetchResponsePartitions = struct({
  partitionIndex: int32.since(8),
  committedOffset: int64.since(8),
  committedLeaderEpoch: int32.since(8).default(-1).ignorable(),
  metadata: string.since(8).nullable(),
  errorCode: int16.since(8),
})
export interface OffsetFetchResponsePartitions extends Value<typeof offsetFetchResponsePartitions> {}

const offsetFetchResponseTopics = struct({
  name: string.since(8).until(9).ignorable().entity('topicName'),
  topicId: uuid.since(10).ignorable(),
  partitions: array<OffsetFetchResponsePartitions>(offsetFetchResponsePartitions).since(8),
})
export interface OffsetFetchResponseTopics extends Value<typeof offsetFetchResponseTopics> {}

const offsetFetchResponseGroup = struct({
  groupId: string.since(8).entity('groupId'),
  topics: array<OffsetFetchResponseTopics>(offsetFetchResponseTopics).since(8),
  errorCode: int16.since(8),
})
export interface OffsetFetchResponseGroup extends Value<typeof offsetFetchResponseGroup> {}

const offsetFetchResponse = struct({
  throttleTimeMs: int32.since(3).ignorable(),
  topics: array<OffsetFetchResponseTopic>(offsetFetchResponseTopic).until(7),
  errorCode: int16.since(2).until(7).ignorable(),
  groups: array<OffsetFetchResponseGroup>(offsetFetchResponseGroup).since(8),
})
export interface OffsetFetchResponse extends Value<typeof offsetFetchResponse> {}

export const OffsetFetch = defineApi<OffsetFetchRequest, OffsetFetchResponse>({
  key: 9,
  name: 'OffsetFetch',
  versions: [0, 10],
  flexibleFrom: 6,
  listeners: ['broker'],
  request: offsetFetchRequest,
  response: offsetFetchResponse,
})
