// WriteTxnMarkers: the transaction coordinator has markers written to the partitions of a transaction
// (KIP-98).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, int64, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const writableTxnMarkerTopic = struct({
  name: string.entity('topicName'),
  partitionIndexes: array(int32),
})
export interface WritableTxnMarkerTopic extends Value<typeof writableTxnMarkerTopic> {}

const writableTxnMarker = struct({
  producerId: int64.entity('producerId'),
  producerEpoch: int16,
  transactionResult: bool,
  topics: array<WritableTxnMarkerTopic>(writableTxnMarkerTopic),
  coordinatorEpoch: int32,
  transactionVersion: int8.since(2).ignorable(),
})
export interface WritableTxnMarker extends Value<typeof writableTxnMarker> {}

const writeTxnMarkersRequest = struct({
  markers: array<WritableTxnMarker>(writableTxnMarker),
})
export interface WriteTxnMarkersRequest extends Value<typeof writeTxnMarkersRequest> {}

const writableTxnMarkerPartitionResult = struct({
  partitionIndex: int32,
  errorCode: int16,
})
export interface WritableTxnMarkerPartitionResult extends Value<typeof writableTxnMarkerPartitionResult> {}

const writableTxnMarkerTopicResult = struct({
  name: string.entity('topicName'),
  partitions: array<WritableTxnMarkerPartitionResult>(writableTxnMarkerPartitionResult),
})
export interface WritableTxnMarkerTopicResult extends Value<typeof writableTxnMarkerTopicResult> {}

const writableTxnMarkerResult = struct({
  producerId: int64.entity('producerId'),
  topics: array<WritableTxnMarkerTopicResult>(writableTxnMarkerTopicResult),
})
export interface WritableTxnMarkerResult extends Value<typeof writableTxnMarkerResult> {}

const writeTxnMarkersResponse = struct({
  markers: array<WritableTxnMarkerResult>(writableTxnMarkerResult),
})
export interface WriteTxnMarkersResponse extends Value<typeof writeTxnMarkersResponse> {}

export const WriteTxnMarkers = defineApi<WriteTxnMarkersRequest, WriteTxnMarkersResponse>({
  key: 27,
  name: 'WriteTxnMarkers',
  versions: [0, 2],
  flexibleFrom: 1,
  listeners: ['broker'],
  request: writeTxnMarkersRequest,
  response: writeTxnMarkersResponse,
})
