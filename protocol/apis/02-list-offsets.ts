// ListOffsets: the offset at a timestamp, or at one of the special places (latest -1, earliest -2, max
// timestamp -3 (KIP-734), earliest local -4 (KIP-405), latest tiered -5 (KIP-1005), earliest pending upload
// -6 (KIP-1023)).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int64, int8, offset, string, struct, type Value } from '../schema/vocabulary.ts'

const listOffsetsPartition = struct({
  partitionIndex: int32,
  currentLeaderEpoch: int32.since(4).default(-1).ignorable(),
  timestamp: int64,
  maxNumOffsets: int32.until(0).default(1),
})
export interface ListOffsetsPartition extends Value<typeof listOffsetsPartition> {}

const listOffsetsTopic = struct({
  name: string.entity('topicName'),
  partitions: array<ListOffsetsPartition>(listOffsetsPartition),
})
export interface ListOffsetsTopic extends Value<typeof listOffsetsTopic> {}

const listOffsetsRequest = struct({
  replicaId: int32.entity('brokerId'),
  isolationLevel: int8.since(2),
  topics: array<ListOffsetsTopic>(listOffsetsTopic),
  timeoutMs: int32.since(10).ignorable(),
})
export interface ListOffsetsRequest extends Value<typeof listOffsetsRequest> {}

const listOffsetsPartitionResponse = struct({
  partitionIndex: int32,
  errorCode: int16,
  oldStyleOffsets: array(offset).until(0),
  timestamp: int64.since(1).default(-1n),
  offset: offset.since(1).default(-1),
  leaderEpoch: int32.since(4).default(-1),
})
export interface ListOffsetsPartitionResponse extends Value<typeof listOffsetsPartitionResponse> {}

const listOffsetsTopicResponse = struct({
  name: string.entity('topicName'),
  partitions: array<ListOffsetsPartitionResponse>(listOffsetsPartitionResponse),
})
export interface ListOffsetsTopicResponse extends Value<typeof listOffsetsTopicResponse> {}

const listOffsetsResponse = struct({
  throttleTimeMs: int32.since(2).ignorable(),
  topics: array<ListOffsetsTopicResponse>(listOffsetsTopicResponse),
})
export interface ListOffsetsResponse extends Value<typeof listOffsetsResponse> {}

/** What a version brought that handlers must know. */
const means = {
  singleOffset: 1,
  leaderEpochs: 4,
  maxTimestamp: 7,
  earliestLocal: 8,
  latestTiered: 9,
  earliestPendingUpload: 11,
} as const

/** v0 answers with a list of offsets, newest first; later versions with one offset and its timestamp. */
function downgrade(response: ListOffsetsResponse, version: number): void {
  if (version >= means.leaderEpochs) return
  for (const topic of response.topics) {
    for (const partition of topic.partitions) {
      partition.leaderEpoch = -1
      if (version >= means.singleOffset) continue
      if (partition.oldStyleOffsets.length === 0 && partition.offset >= 0) {
        partition.oldStyleOffsets = [partition.offset]
      }
      partition.offset = -1
      partition.timestamp = -1n
    }
  }
}

export const ListOffsets = defineApi<ListOffsetsRequest, ListOffsetsResponse, keyof typeof means>({
  key: 2,
  name: 'ListOffsets',
  versions: [0, 11],
  flexibleFrom: 6,
  listeners: ['broker'],
  request: listOffsetsRequest,
  response: listOffsetsResponse,
  means,
  downgrade,
})
