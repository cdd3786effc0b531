// ReadShareGroupStateSummary: reads where share partitions start (KIP-932).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, offset, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const readShareGroupStateSummaryPartitionData = struct({
  partition: int32,
  leaderEpoch: int32,
})
export interface ReadShareGroupStateSummaryPartitionData
  extends Value<typeof readShareGroupStateSummaryPartitionData> {}

const readStateSummaryData = struct({
  topicId: uuid,
  partitions: array<ReadShareGroupStateSummaryPartitionData>(readShareGroupStateSummaryPartitionData),
})
export interface ReadStateSummaryData extends Value<typeof readStateSummaryData> {}

const readShareGroupStateSummaryRequest = struct({
  groupId: string,
  topics: array<ReadStateSummaryData>(readStateSummaryData),
})
export interface ReadShareGroupStateSummaryRequest extends Value<typeof readShareGroupStateSummaryRequest> {}

const readShareGroupStateSummaryPartitionResult = struct({
  partition: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  stateEpoch: int32,
  leaderEpoch: int32,
  startOffset: offset,
  deliveryCompleteCount: int32.since(1).default(-1).ignorable(),
})
export interface ReadShareGroupStateSummaryPartitionResult
  extends Value<typeof readShareGroupStateSummaryPartitionResult> {}

const readStateSummaryResult = struct({
  topicId: uuid,
  partitions: array<ReadShareGroupStateSummaryPartitionResult>(readShareGroupStateSummaryPartitionResult),
})
export interface ReadStateSummaryResult extends Value<typeof readStateSummaryResult> {}

const readShareGroupStateSummaryResponse = struct({
  results: array<ReadStateSummaryResult>(readStateSummaryResult),
})
export interface ReadShareGroupStateSummaryResponse
  extends Value<typeof readShareGroupStateSummaryResponse> {}

export const ReadShareGroupStateSummary = defineApi<
  ReadShareGroupStateSummaryRequest,
  ReadShareGroupStateSummaryResponse
>({
  key: 87,
  name: 'ReadShareGroupStateSummary',
  versions: [0, 1],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: readShareGroupStateSummaryRequest,
  response: readShareGroupStateSummaryResponse,
})
