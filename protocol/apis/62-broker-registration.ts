// BrokerRegistration: a broker registers with the controller and gets its epoch (KIP-631).

import { defineApi } from '../schema/message.ts'
import {
  array,
  bool,
  int16,
  int32,
  offset,
  string,
  struct,
  uint16,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'

const brokerRegistrationListener = struct({
  name: string.key(),
  host: string,
  port: uint16,
  securityProtocol: int16,
})
export interface BrokerRegistrationListener extends Value<typeof brokerRegistrationListener> {}

const brokerRegistrationFeature = struct({
  name: string.key(),
  minSupportedVersion: int16,
  maxSupportedVersion: int16,
})
export interface BrokerRegistrationFeature extends Value<typeof brokerRegistrationFeature> {}

const brokerRegistrationRequest = struct({
  brokerId: int32.entity('brokerId'),
  clusterId: string,
  incarnationId: uuid,
  listeners: array<BrokerRegistrationListener>(brokerRegistrationListener),
  features: array<BrokerRegistrationFeature>(brokerRegistrationFeature),
  rack: string.nullable(),
  isMigratingZkBroker: bool.since(1),
  logDirs: array(uuid).since(2).ignorable(),
  previousBrokerEpoch: offset.since(3).default(-1).ignorable(),
})
export interface BrokerRegistrationRequest extends Value<typeof brokerRegistrationRequest> {}

const brokerRegistrationResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  brokerEpoch: offset.default(-1),
})
export interface BrokerRegistrationResponse extends Value<typeof brokerRegistrationResponse> {}

export const BrokerRegistration = defineApi<BrokerRegistrationRequest, BrokerRegistrationResponse>({
  key: 62,
  name: 'BrokerRegistration',
  versions: [0, 4],
  flexibleFrom: 0,
  listeners: ['controller'],
  request: brokerRegistrationRequest,
  response: brokerRegistrationResponse,
})
