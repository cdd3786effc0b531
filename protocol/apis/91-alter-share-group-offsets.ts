// AlterShareGroupOffsets: sets where an empty share group starts (KIP-932).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, offset, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const alterShareGroupOffsetsRequestPartition = struct({
  partitionIndex: int32,
  startOffset: offset,
})
export interface AlterShareGroupOffsetsRequestPartition
  extends Value<typeof alterShareGroupOffsetsRequestPartition> {}

const alterShareGroupOffsetsRequestTopic = struct({
  topicName: string.entity('topicName').key(),
  partitions: array<AlterShareGroupOffsetsRequestPartition>(alterShareGroupOffsetsRequestPartition),
})
export interface AlterShareGroupOffsetsRequestTopic
  extends Value<typeof alterShareGroupOffsetsRequestTopic> {}

const alterShareGroupOffsetsRequest = struct({
  groupId: string.entity('groupId'),
  topics: array<AlterShareGroupOffsetsRequestTopic>(alterShareGroupOffsetsRequestTopic),
})
export interface AlterShareGroupOffsetsRequest extends Value<typeof alterShareGroupOffsetsRequest> {}

const alterShareGroupOffsetsResponsePartition = struct({
  partitionIndex: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
})
export interface AlterShareGroupOffsetsResponsePartition
  extends Value<typeof alterShareGroupOffsetsResponsePartition> {}

const alterShareGroupOffsetsResponseTopic = struct({
  topicName: string.entity('topicName').key(),
  topicId: uuid,
  partitions: array<AlterShareGroupOffsetsResponsePartition>(alterShareGroupOffsetsResponsePartition),
})
export interface AlterShareGroupOffsetsResponseTopic
  extends Value<typeof alterShareGroupOffsetsResponseTopic> {}

const alterShareGroupOffsetsResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  responses: array<AlterShareGroupOffsetsResponseTopic>(alterShareGroupOffsetsResponseTopic),
})
export interface AlterShareGroupOffsetsResponse extends Value<typeof alterShareGroupOffsetsResponse> {}

export const AlterShareGroupOffsets = defineApi<
  AlterShareGroupOffsetsRequest,
  AlterShareGroupOffsetsResponse
>({
  key: 91,
  name: 'AlterShareGroupOffsets',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: alterShareGroupOffsetsRequest,
  response: alterShareGroupOffsetsResponse,
})
