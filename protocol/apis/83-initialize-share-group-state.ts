// InitializeShareGroupState: sets the first state of share partitions (KIP-932).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, offset, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const initializeShareGroupStatePartitionData = struct({
  partition: int32,
  stateEpoch: int32,
  startOffset: offset,
})
export interface InitializeShareGroupStatePartitionData
  extends Value<typeof initializeShareGroupStatePartitionData> {}

const initializeStateData = struct({
  topicId: uuid,
  partitions: array<InitializeShareGroupStatePartitionData>(initializeShareGroupStatePartitionData),
})
export interface InitializeStateData extends Value<typeof initializeStateData> {}

const initializeShareGroupStateRequest = struct({
  groupId: string,
  topics: array<InitializeStateData>(initializeStateData),
})
export interface InitializeShareGroupStateRequest extends Value<typeof initializeShareGroupStateRequest> {}

const initializeShareGroupStatePartitionResult = struct({
  partition: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
})
export interface InitializeShareGroupStatePartitionResult
  extends Value<typeof initializeShareGroupStatePartitionResult> {}

const initializeStateResult = struct({
  topicId: uuid,
  partitions: array<InitializeShareGroupStatePartitionResult>(initializeShareGroupStatePartitionResult),
})
export interface InitializeStateResult extends Value<typeof initializeStateResult> {}

const initializeShareGroupStateResponse = struct({
  results: array<InitializeStateResult>(initializeStateResult),
})
export interface InitializeShareGroupStateResponse extends Value<typeof initializeShareGroupStateResponse> {}

export const InitializeShareGroupState = defineApi<
  InitializeShareGroupStateRequest,
  InitializeShareGroupStateResponse
>({
  key: 83,
  name: 'InitializeShareGroupState',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: initializeShareGroupStateRequest,
  response: initializeShareGroupStateResponse,
})
