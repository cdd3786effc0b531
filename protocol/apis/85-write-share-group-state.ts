// WriteShareGroupState: stores changes to the state of share partitions (KIP-932).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int8, offset, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const writeShareGroupStateStateBatch = struct({
  firstOffset: offset,
  lastOffset: offset,
  deliveryState: int8,
  deliveryCount: int16,
})
export interface WriteShareGroupStateStateBatch extends Value<typeof writeShareGroupStateStateBatch> {}

const writeShareGroupStatePartitionData = struct({
  partition: int32,
  stateEpoch: int32,
  leaderEpoch: int32,
  startOffset: offset,
  deliveryCompleteCount: int32.since(1).default(-1).ignorable(),
  stateBatches: array<WriteShareGroupStateStateBatch>(writeShareGroupStateStateBatch),
})
export interface WriteShareGroupStatePartitionData extends Value<typeof writeShareGroupStatePartitionData> {}

const writeStateData = struct({
  topicId: uuid,
  partitions: array<WriteShareGroupStatePartitionData>(writeShareGroupStatePartitionData),
})
export interface WriteStateData extends Value<typeof writeStateData> {}

const writeShareGroupStateRequest = struct({
  groupId: string,
  topics: array<WriteStateData>(writeStateData),
})
export interface WriteShareGroupStateRequest extends Value<typeof writeShareGroupStateRequest> {}

const writeShareGroupStatePartitionResult = struct({
  partition: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
})
export interface WriteShareGroupStatePartitionResult
  extends Value<typeof writeShareGroupStatePartitionResult> {}

const writeStateResult = struct({
  topicId: uuid,
  partitions: array<WriteShareGroupStatePartitionResult>(writeShareGroupStatePartitionResult),
})
export interface WriteStateResult extends Value<typeof writeStateResult> {}

const writeShareGroupStateResponse = struct({
  results: array<WriteStateResult>(writeStateResult),
})
export interface WriteShareGroupStateResponse extends Value<typeof writeShareGroupStateResponse> {}

export const WriteShareGroupState = defineApi<WriteShareGroupStateRequest, WriteShareGroupStateResponse>({
  key: 85,
  name: 'WriteShareGroupState',
  versions: [0, 1],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: writeShareGroupStateRequest,
  response: writeShareGroupStateResponse,
})
