// GetTelemetrySubscriptions: which metrics a client should push (KIP-714).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, int8, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const getTelemetrySubscriptionsRequest = struct({
  clientInstanceId: uuid,
})
export interface GetTelemetrySubscriptionsRequest extends Value<typeof getTelemetrySubscriptionsRequest> {}

const getTelemetrySubscriptionsResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  clientInstanceId: uuid,
  subscriptionId: int32,
  acceptedCompressionTypes: array(int8),
  pushIntervalMs: int32,
  telemetryMaxBytes: int32,
  deltaTemporality: bool,
  requestedMetrics: array(string),
})
export interface GetTelemetrySubscriptionsResponse extends Value<typeof getTelemetrySubscriptionsResponse> {}

export const GetTelemetrySubscriptions = defineApi<
  GetTelemetrySubscriptionsRequest,
  GetTelemetrySubscriptionsResponse
>({
  key: 71,
  name: 'GetTelemetrySubscriptions',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: getTelemetrySubscriptionsRequest,
  response: getTelemetrySubscriptionsResponse,
})
