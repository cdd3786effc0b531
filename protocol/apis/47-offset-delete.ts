// OffsetDelete: deletes committed offsets of topics that a group is not subscribed to (KIP-496).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const offsetDeleteRequestPartition = struct({
  partitionIndex: int32,
})
export interface OffsetDeleteRequestPartition extends Value<typeof offsetDeleteRequestPartition> {}

const offsetDeleteRequestTopic = struct({
  name: string.entity('topicName').key(),
  partitions: array<OffsetDeleteRequestPartition>(offsetDeleteRequestPartition),
})
export interface OffsetDeleteRequestTopic extends Value<typeof offsetDeleteRequestTopic> {}

const offsetDeleteRequest = struct({
  groupId: string.entity('groupId'),
  topics: array<OffsetDeleteRequestTopic>(offsetDeleteRequestTopic),
})
export interface OffsetDeleteRequest extends Value<typeof offsetDeleteRequest> {}

const offsetDeleteResponsePartition = struct({
  partitionIndex: int32.key(),
  errorCode: int16,
})
export interface OffsetDeleteResponsePartition extends Value<typeof offsetDeleteResponsePartition> {}

const offsetDeleteResponseTopic = struct({
  name: string.entity('topicName').key(),
  partitions: array<OffsetDeleteResponsePartition>(offsetDeleteResponsePartition),
})
export interface OffsetDeleteResponseTopic extends Value<typeof offsetDeleteResponseTopic> {}

const offsetDeleteResponse = struct({
  errorCode: int16,
  throttleTimeMs: int32.ignorable(),
  topics: array<OffsetDeleteResponseTopic>(offsetDeleteResponseTopic),
})
export interface OffsetDeleteResponse extends Value<typeof offsetDeleteResponse> {}

export const OffsetDelete = defineApi<OffsetDeleteRequest, OffsetDeleteResponse>({
  key: 47,
  name: 'OffsetDelete',
  versions: [0, 0],
  listeners: ['broker'],
  request: offsetDeleteRequest,
  response: offsetDeleteResponse,
})
