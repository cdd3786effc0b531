// DeleteShareGroupState: deletes the stored state of share partitions (KIP-932).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const deleteShareGroupStatePartitionData = struct({
  partition: int32,
})
export interface DeleteShareGroupStatePartitionData
  extends Value<typeof deleteShareGroupStatePartitionData> {}

const deleteStateData = struct({
  topicId: uuid,
  partitions: array<DeleteShareGroupStatePartitionData>(deleteShareGroupStatePartitionData),
})
export interface DeleteStateData extends Value<typeof deleteStateData> {}

const deleteShareGroupStateRequest = struct({
  groupId: string,
  topics: array<DeleteStateData>(deleteStateData),
})
export interface DeleteShareGroupStateRequest extends Value<typeof deleteShareGroupStateRequest> {}

const deleteShareGroupStatePartitionResult = struct({
  partition: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
})
export interface DeleteShareGroupStatePartitionResult
  extends Value<typeof deleteShareGroupStatePartitionResult> {}

const deleteStateResult = struct({
  topicId: uuid,
  partitions: array<DeleteShareGroupStatePartitionResult>(deleteShareGroupStatePartitionResult),
})
export interface DeleteStateResult extends Value<typeof deleteStateResult> {}

const deleteShareGroupStateResponse = struct({
  results: array<DeleteStateResult>(deleteStateResult),
})
export interface DeleteShareGroupStateResponse extends Value<typeof deleteShareGroupStateResponse> {}

export const DeleteShareGroupState = defineApi<DeleteShareGroupStateRequest, DeleteShareGroupStateResponse>({
  key: 86,
  name: 'DeleteShareGroupState',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: deleteShareGroupStateRequest,
  response: deleteShareGroupStateResponse,
})
