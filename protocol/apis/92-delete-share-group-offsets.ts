// DeleteShareGroupOffsets: deletes a share group's start offsets of topics (KIP-932).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const deleteShareGroupOffsetsRequestTopic = struct({
  topicName: string.entity('topicName'),
})
export interface DeleteShareGroupOffsetsRequestTopic
  extends Value<typeof deleteShareGroupOffsetsRequestTopic> {}

const deleteShareGroupOffsetsRequest = struct({
  groupId: string.entity('groupId'),
  topics: array<DeleteShareGroupOffsetsRequestTopic>(deleteShareGroupOffsetsRequestTopic),
})
export interface DeleteShareGroupOffsetsRequest extends Value<typeof deleteShareGroupOffsetsRequest> {}

const deleteShareGroupOffsetsResponseTopic = struct({
  topicName: string.entity('topicName'),
  topicId: uuid,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
})
export interface DeleteShareGroupOffsetsResponseTopic
  extends Value<typeof deleteShareGroupOffsetsResponseTopic> {}

const deleteShareGroupOffsetsResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  responses: array<DeleteShareGroupOffsetsResponseTopic>(deleteShareGroupOffsetsResponseTopic),
})
export interface DeleteShareGroupOffsetsResponse extends Value<typeof deleteShareGroupOffsetsResponse> {}

export const DeleteShareGroupOffsets = defineApi<
  DeleteShareGroupOffsetsRequest,
  DeleteShareGroupOffsetsResponse
>({
  key: 92,
  name: 'DeleteShareGroupOffsets',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: deleteShareGroupOffsetsRequest,
  response: deleteShareGroupOffsetsResponse,
})
