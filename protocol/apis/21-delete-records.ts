// DeleteRecords: moves partitions' log start offsets forward (KIP-107).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, offset, string, struct, type Value } from '../schema/vocabulary.ts'

const deleteRecordsPartition = struct({
  partitionIndex: int32,
  offset: offset,
})
export interface DeleteRecordsPartition extends Value<typeof deleteRecordsPartition> {}

const deleteRecordsTopic = struct({
  name: string.entity('topicName'),
  partitions: array<DeleteRecordsPartition>(deleteRecordsPartition),
})
export interface DeleteRecordsTopic extends Value<typeof deleteRecordsTopic> {}

const deleteRecordsRequest = struct({
  topics: array<DeleteRecordsTopic>(deleteRecordsTopic),
  timeoutMs: int32,
})
export interface DeleteRecordsRequest extends Value<typeof deleteRecordsRequest> {}

const deleteRecordsPartitionResult = struct({
  partitionIndex: int32.key(),
  lowWatermark: offset,
  errorCode: int16,
})
export interface DeleteRecordsPartitionResult extends Value<typeof deleteRecordsPartitionResult> {}

const deleteRecordsTopicResult = struct({
  name: string.entity('topicName').key(),
  partitions: array<DeleteRecordsPartitionResult>(deleteRecordsPartitionResult),
})
export interface DeleteRecordsTopicResult extends Value<typeof deleteRecordsTopicResult> {}

const deleteRecordsResponse = struct({
  throttleTimeMs: int32,
  topics: array<DeleteRecordsTopicResult>(deleteRecordsTopicResult),
})
export interface DeleteRecordsResponse extends Value<typeof deleteRecordsResponse> {}

export const DeleteRecords = defineApi<DeleteRecordsRequest, DeleteRecordsResponse>({
  key: 21,
  name: 'DeleteRecords',
  versions: [0, 2],
  flexibleFrom: 2,
  listeners: ['broker'],
  request: deleteRecordsRequest,
  response: deleteRecordsResponse,
})
