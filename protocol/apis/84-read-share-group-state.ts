// ReadShareGroupState: reads the stored state of share partitions (KIP-932).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int8, offset, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const readShareGroupStatePartitionData = struct({
  partition: int32,
  leaderEpoch: int32,
})
export interface ReadShareGroupStatePartitionData extends Value<typeof readShareGroupStatePartitionData> {}

const readStateData = struct({
  topicId: uuid,
  partitions: array<ReadShareGroupStatePartitionData>(readShareGroupStatePartitionData),
})
export interface ReadStateData extends Value<typeof readStateData> {}

const readShareGroupStateRequest = struct({
  groupId: string,
  topics: array<ReadStateData>(readStateData),
})
export interface ReadShareGroupStateRequest extends Value<typeof readShareGroupStateRequest> {}

const readShareGroupStateStateBatch = struct({
  firstOffset: offset,
  lastOffset: offset,
  deliveryState: int8,
  deliveryCount: int16,
})
export interface ReadShareGroupStateStateBatch extends Value<typeof readShareGroupStateStateBatch> {}

const readShareGroupStatePartitionResult = struct({
  partition: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  stateEpoch: int32,
  startOffset: offset,
  stateBatches: array<ReadShareGroupStateStateBatch>(readShareGroupStateStateBatch),
})
export interface ReadShareGroupStatePartitionResult
  extends Value<typeof readShareGroupStatePartitionResult> {}

const readStateResult = struct({
  topicId: uuid,
  partitions: array<ReadShareGroupStatePartitionResult>(readShareGroupStatePartitionResult),
})
export interface ReadStateResult extends Value<typeof readStateResult> {}

const readShareGroupStateResponse = struct({
  results: array<ReadStateResult>(readStateResult),
})
export interface ReadShareGroupStateResponse extends Value<typeof readShareGroupStateResponse> {}

export const ReadShareGroupState = defineApi<ReadShareGroupStateRequest, ReadShareGroupStateResponse>({
  key: 84,
  name: 'ReadShareGroupState',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: readShareGroupStateRequest,
  response: readShareGroupStateResponse,
})
