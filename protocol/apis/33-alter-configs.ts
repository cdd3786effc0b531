// AlterConfigs: replaces all settings of a resource (KIP-133). Superseded by IncrementalAlterConfigs.

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const alterConfigsAlterableConfig = struct({
  name: string.key(),
  value: string.nullable(),
})
export interface AlterConfigsAlterableConfig extends Value<typeof alterConfigsAlterableConfig> {}

const alterConfigsResource = struct({
  resourceType: int8.key(),
  resourceName: string.key(),
  configs: array<AlterConfigsAlterableConfig>(alterConfigsAlterableConfig),
})
export interface AlterConfigsResource extends Value<typeof alterConfigsResource> {}

const alterConfigsRequest = struct({
  resources: array<AlterConfigsResource>(alterConfigsResource),
  validateOnly: bool,
})
export interface AlterConfigsRequest extends Value<typeof alterConfigsRequest> {}

const alterConfigsResourceResponse = struct({
  errorCode: int16,
  errorMessage: string.nullable(),
  resourceType: int8,
  resourceName: string,
})
export interface AlterConfigsResourceResponse extends Value<typeof alterConfigsResourceResponse> {}

const alterConfigsResponse = struct({
  throttleTimeMs: int32,
  responses: array<AlterConfigsResourceResponse>(alterConfigsResourceResponse),
})
export interface AlterConfigsResponse extends Value<typeof alterConfigsResponse> {}

export const AlterConfigs = defineApi<AlterConfigsRequest, AlterConfigsResponse>({
  key: 33,
  name: 'AlterConfigs',
  versions: [0, 2],
  flexibleFrom: 2,
  listeners: ['broker', 'controller'],
  request: alterConfigsRequest,
  response: alterConfigsResponse,
})
