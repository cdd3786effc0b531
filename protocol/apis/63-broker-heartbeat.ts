// BrokerHeartbeat: a registered broker is alive, wants to be fenced or unfenced, or to shut down (KIP-631).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, offset, struct, uuid, type Value } from '../schema/vocabulary.ts'

const brokerHeartbeatRequest = struct({
  brokerId: int32.entity('brokerId'),
  brokerEpoch: offset.default(-1),
  currentMetadataOffset: offset,
  wantFence: bool,
  wantShutDown: bool,
  offlineLogDirs: array(uuid).since(1).tag(0),
  cordonedLogDirs: array(uuid).since(2).nullable().default(null).tag(1),
})
export interface BrokerHeartbeatRequest extends Value<typeof brokerHeartbeatRequest> {}

const brokerHeartbeatResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  isCaughtUp: bool,
  isFenced: bool.default(true),
  shouldShutDown: bool,
})
export interface BrokerHeartbeatResponse extends Value<typeof brokerHeartbeatResponse> {}

export const BrokerHeartbeat = defineApi<BrokerHeartbeatRequest, BrokerHeartbeatResponse>({
  key: 63,
  name: 'BrokerHeartbeat',
  versions: [0, 2],
  flexibleFrom: 0,
  listeners: ['controller'],
  request: brokerHeartbeatRequest,
  response: brokerHeartbeatResponse,
})
