// ListConfigResources: the resources that have settings. v0 is the elder's ListClientMetricsResources
// (KIP-714, KIP-1142).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const listConfigResourcesRequest = struct({
  resourceTypes: array(int8).since(1),
})
export interface ListConfigResourcesRequest extends Value<typeof listConfigResourcesRequest> {}

const configResource = struct({
  resourceName: string,
  resourceType: int8.since(1).default(16).ignorable(),
})
export interface ConfigResource extends Value<typeof configResource> {}

const listConfigResourcesResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  configResources: array<ConfigResource>(configResource),
})
export interface ListConfigResourcesResponse extends Value<typeof listConfigResourcesResponse> {}

/** What a version brought that handlers must know. */
const means = { resourceTypes: 1 } as const

export const ListConfigResources = defineApi<
  ListConfigResourcesRequest,
  ListConfigResourcesResponse,
  keyof typeof means
>({
  key: 74,
  name: 'ListConfigResources',
  versions: [0, 1],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: listConfigResourcesRequest,
  response: listConfigResourcesResponse,
  means,
})
