// ApiVersions: which keys and versions this broker serves, and its features. The one request that may come
// in any version: an unknown one is answered in v0 with UNSUPPORTED_VERSION. The response header is always
// version 0 (KIP-511, KIP-584).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, offset, string, struct, type Value } from '../schema/vocabulary.ts'

const apiVersionsRequest = struct({
  clientSoftwareName: string.since(3).ignorable(),
  clientSoftwareVersion: string.since(3).ignorable(),
})
export interface ApiVersionsRequest extends Value<typeof apiVersionsRequest> {}

const apiVersion = struct({
  apiKey: int16.key(),
  minVersion: int16,
  maxVersion: int16,
})
export interface ApiVersion extends Value<typeof apiVersion> {}

const supportedFeatureKey = struct({
  name: string.key(),
  minVersion: int16,
  maxVersion: int16,
})
export interface SupportedFeatureKey extends Value<typeof supportedFeatureKey> {}

const finalizedFeatureKey = struct({
  name: string.key(),
  maxVersionLevel: int16,
  minVersionLevel: int16,
})
export interface FinalizedFeatureKey extends Value<typeof finalizedFeatureKey> {}

const apiVersionsResponse = struct({
  errorCode: int16,
  apiKeys: array<ApiVersion>(apiVersion),
  throttleTimeMs: int32.since(1).ignorable(),
  supportedFeatures: array<SupportedFeatureKey>(supportedFeatureKey).since(3).tag(0).ignorable(),
  finalizedFeaturesEpoch: offset.since(3).default(-1).tag(1).ignorable(),
  finalizedFeatures: array<FinalizedFeatureKey>(finalizedFeatureKey).since(3).tag(2).ignorable(),
  zkMigrationReady: bool.since(3).tag(3).ignorable(),
})
export interface ApiVersionsResponse extends Value<typeof apiVersionsResponse> {}

/** What a version brought that handlers must know. */
const means = { softwareNames: 3, featuresFromZero: 4 } as const

/** Older clients cannot read a feature whose levels start at 0 (KAFKA-17492). */
function downgrade(response: ApiVersionsResponse, version: number): void {
  if (version >= means.featuresFromZero) return
  response.supportedFeatures = response.supportedFeatures.filter(feature => feature.minVersion !== 0)
}

export const ApiVersions = defineApi<ApiVersionsRequest, ApiVersionsResponse, keyof typeof means>({
  key: 18,
  name: 'ApiVersions',
  versions: [0, 4],
  flexibleFrom: 3,
  listeners: ['broker', 'controller'],
  request: apiVersionsRequest,
  response: apiVersionsResponse,
  means,
  downgrade,
})
