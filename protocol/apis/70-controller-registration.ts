// ControllerRegistration: a controller registers with the active one (KIP-919).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, string, struct, uint16, uuid, type Value } from '../schema/vocabulary.ts'

const controllerRegistrationListener = struct({
  name: string.key(),
  host: string,
  port: uint16,
  securityProtocol: int16,
})
export interface ControllerRegistrationListener extends Value<typeof controllerRegistrationListener> {}

const controllerRegistrationFeature = struct({
  name: string.key(),
  minSupportedVersion: int16,
  maxSupportedVersion: int16,
})
export interface ControllerRegistrationFeature extends Value<typeof controllerRegistrationFeature> {}

const controllerRegistrationRequest = struct({
  controllerId: int32,
  incarnationId: uuid,
  zkMigrationReady: bool,
  listeners: array<ControllerRegistrationListener>(controllerRegistrationListener),
  features: array<ControllerRegistrationFeature>(controllerRegistrationFeature),
})
export interface ControllerRegistrationRequest extends Value<typeof controllerRegistrationRequest> {}

const controllerRegistrationResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable(),
})
export interface ControllerRegistrationResponse extends Value<typeof controllerRegistrationResponse> {}

export const ControllerRegistration = defineApi<
  ControllerRegistrationRequest,
  ControllerRegistrationResponse
>({
  key: 70,
  name: 'ControllerRegistration',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['controller'],
  request: controllerRegistrationRequest,
  response: controllerRegistrationResponse,
})
