// PushTelemetry: a client pushes its metrics (KIP-714).

import { defineApi } from '../schema/message.ts'
import { bool, bytes, int16, int32, int8, struct, uuid, type Value } from '../schema/vocabulary.ts'

const pushTelemetryRequest = struct({
  clientInstanceId: uuid,
  subscriptionId: int32,
  terminating: bool,
  compressionType: int8,
  metrics: bytes,
})
export interface PushTelemetryRequest extends Value<typeof pushTelemetryRequest> {}

const pushTelemetryResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
})
export interface PushTelemetryResponse extends Value<typeof pushTelemetryResponse> {}

export const PushTelemetry = defineApi<PushTelemetryRequest, PushTelemetryResponse>({
  key: 72,
  name: 'PushTelemetry',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: pushTelemetryRequest,
  response: pushTelemetryResponse,
})
