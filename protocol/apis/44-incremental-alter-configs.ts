// IncrementalAlterConfigs: sets, deletes, appends to and subtracts from settings (KIP-339).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const incrementalAlterConfigsAlterableConfig = struct({
  name: string.key(),
  configOperation: int8.key(),
  value: string.nullable(),
})
export interface IncrementalAlterConfigsAlterableConfig
  extends Value<typeof incrementalAlterConfigsAlterableConfig> {}

const incrementalAlterConfigsAlterConfigsResource = struct({
  resourceType: int8.key(),
  resourceName: string.key(),
  configs: array<IncrementalAlterConfigsAlterableConfig>(incrementalAlterConfigsAlterableConfig),
})
export interface IncrementalAlterConfigsAlterConfigsResource
  extends Value<typeof incrementalAlterConfigsAlterConfigsResource> {}

const incrementalAlterConfigsRequest = struct({
  resources: array<IncrementalAlterConfigsAlterConfigsResource>(incrementalAlterConfigsAlterConfigsResource),
  validateOnly: bool,
})
export interface IncrementalAlterConfigsRequest extends Value<typeof incrementalAlterConfigsRequest> {}

const incrementalAlterConfigsAlterConfigsResourceResponse = struct({
  errorCode: int16,
  errorMessage: string.nullable(),
  resourceType: int8,
  resourceName: string,
})
export interface IncrementalAlterConfigsAlterConfigsResourceResponse
  extends Value<typeof incrementalAlterConfigsAlterConfigsResourceResponse> {}

const incrementalAlterConfigsResponse = struct({
  throttleTimeMs: int32,
  responses: array<IncrementalAlterConfigsAlterConfigsResourceResponse>(
    incrementalAlterConfigsAlterConfigsResourceResponse,
  ),
})
export interface IncrementalAlterConfigsResponse extends Value<typeof incrementalAlterConfigsResponse> {}

export const IncrementalAlterConfigs = defineApi<
  IncrementalAlterConfigsRequest,
  IncrementalAlterConfigsResponse
>({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: [0, 1],
  flexibleFrom: 1,
  listeners: ['broker', 'controller'],
  request: incrementalAlterConfigsRequest,
  response: incrementalAlterConfigsResponse,
})
