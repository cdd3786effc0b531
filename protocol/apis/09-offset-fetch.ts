// OffsetFetch: reads a group's committed offsets, of several groups from v8 (KIP-709). v0 read ZooKeeper
// and stays unadvertised.

import { defineApi } from '../schema/message.ts'
import {
  array,
  bool,
  int16,
  int32,
  int64,
  string,
  struct,
  uuid,
  type Value,
  type Wire,
} from '../schema/vocabulary.ts'
import { ZERO_UUID } from '../uuid.ts'

const offsetFetchRequestTopic = struct({
  name: string.entity('topicName'),
  partitionIndexes: array(int32),
})
export interface OffsetFetchRequestTopic extends Value<typeof offsetFetchRequestTopic> {}

const offsetFetchRequestTopics = struct({
  name: string.until(9).ignorable().entity('topicName'),
  topicId: uuid.since(10).ignorable(),
  partitionIndexes: array(int32),
})
export interface OffsetFetchRequestTopics extends Value<typeof offsetFetchRequestTopics> {}

const offsetFetchRequestGroup = struct({
  groupId: string.entity('groupId'),
  memberId: string.since(9).nullable().default(null).ignorable(),
  memberEpoch: int32.since(9).default(-1).ignorable(),
  topics: array<OffsetFetchRequestTopics>(offsetFetchRequestTopics).nullable(),
})
export interface OffsetFetchRequestGroup extends Value<typeof offsetFetchRequestGroup> {}

const offsetFetchRequest = struct({
  groupId: string.until(7).entity('groupId').legacy(),
  topics: array<OffsetFetchRequestTopic>(offsetFetchRequestTopic).until(7).nullable(2).legacy(),
  groups: array<OffsetFetchRequestGroup>(offsetFetchRequestGroup).since(8),
  requireStable: bool.since(7),
})
export interface OffsetFetchRequest extends Value<typeof offsetFetchRequest> {}

const offsetFetchResponsePartition = struct({
  partitionIndex: int32,
  committedOffset: int64,
  committedLeaderEpoch: int32.since(5).default(-1).ignorable(),
  metadata: string.nullable(),
  errorCode: int16,
})
export interface OffsetFetchResponsePartition extends Value<typeof offsetFetchResponsePartition> {}

const offsetFetchResponseTopic = struct({
  name: string.entity('topicName'),
  partitions: array<OffsetFetchResponsePartition>(offsetFetchResponsePartition),
})
export interface OffsetFetchResponseTopic extends Value<typeof offsetFetchResponseTopic> {}

const offsetFetchResponsePartitions = struct({
  partitionIndex: int32,
  committedOffset: int64,
  committedLeaderEpoch: int32.default(-1).ignorable(),
  metadata: string.nullable(),
  errorCode: int16,
})
export interface OffsetFetchResponsePartitions extends Value<typeof offsetFetchResponsePartitions> {}

const offsetFetchResponseTopics = struct({
  name: string.until(9).ignorable().entity('topicName'),
  topicId: uuid.since(10).ignorable(),
  partitions: array<OffsetFetchResponsePartitions>(offsetFetchResponsePartitions),
})
export interface OffsetFetchResponseTopics extends Value<typeof offsetFetchResponseTopics> {}

const offsetFetchResponseGroup = struct({
  groupId: string.entity('groupId'),
  topics: array<OffsetFetchResponseTopics>(offsetFetchResponseTopics),
  errorCode: int16,
})
export interface OffsetFetchResponseGroup extends Value<typeof offsetFetchResponseGroup> {}

const offsetFetchResponse = struct({
  throttleTimeMs: int32.since(3).ignorable(),
  topics: array<OffsetFetchResponseTopic>(offsetFetchResponseTopic).until(7).legacy(),
  errorCode: int16.since(2).until(7).ignorable().legacy(),
  groups: array<OffsetFetchResponseGroup>(offsetFetchResponseGroup).since(8),
})
export interface OffsetFetchResponse extends Value<typeof offsetFetchResponse> {}

/** What a version brought that handlers must know. */
const means = { coordinator: 1, groupErrors: 2, batches: 8, memberEpochs: 9, topicIds: 10 } as const

/** Before v8 a request asks for one group. Null topics mean all of them. */
function upgrade(request: Wire<typeof offsetFetchRequest>, version: number): void {
  if (version >= means.batches) return
  const topics = request.topics?.map(({ name, partitionIndexes }) => ({
    name,
    topicId: ZERO_UUID,
    partitionIndexes,
  }))
  request.groups = [{ groupId: request.groupId, memberId: null, memberEpoch: -1, topics: topics ?? null }]
}

/** Before v2 there is nowhere to put a group's error but its partitions: the handler lists them (`groupErrors`). */
function downgrade(response: Wire<typeof offsetFetchResponse>, version: number): void {
  if (version >= means.batches) return
  const group = response.groups[0]
  response.groups = []
  response.topics = group?.topics ?? []
  response.errorCode = group?.errorCode ?? 0
}

export const OffsetFetch = defineApi<OffsetFetchRequest, OffsetFetchResponse, keyof typeof means>({
  key: 9,
  name: 'OffsetFetch',
  versions: [0, 10],
  flexibleFrom: 6,
  listeners: ['broker'],
  request: offsetFetchRequest,
  response: offsetFetchResponse,
  means,
  upgrade,
  downgrade,
})
