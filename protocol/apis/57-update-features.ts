// UpdateFeatures: raises or lowers the finalized levels of features (KIP-584), dry runs from v1 (KIP-778).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const featureUpdateKey = struct({
  feature: string.key(),
  maxVersionLevel: int16,
  allowDowngrade: bool.until(0),
  upgradeType: int8.since(1).default(1),
})
export interface FeatureUpdateKey extends Value<typeof featureUpdateKey> {}

const updateFeaturesRequest = struct({
  timeoutMs: int32.default(60000),
  featureUpdates: array<FeatureUpdateKey>(featureUpdateKey),
  validateOnly: bool.since(1),
})
export interface UpdateFeaturesRequest extends Value<typeof updateFeaturesRequest> {}

const updatableFeatureResult = struct({
  feature: string.key(),
  errorCode: int16,
  errorMessage: string.nullable(),
})
export interface UpdatableFeatureResult extends Value<typeof updatableFeatureResult> {}

const updateFeaturesResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable(),
  results: array<UpdatableFeatureResult>(updatableFeatureResult).until(1).ignorable(),
})
export interface UpdateFeaturesResponse extends Value<typeof updateFeaturesResponse> {}

export const UpdateFeatures = defineApi<UpdateFeaturesRequest, UpdateFeaturesResponse>({
  key: 57,
  name: 'UpdateFeatures',
  versions: [0, 2],
  flexibleFrom: 0,
  listeners: ['broker', 'controller'],
  request: updateFeaturesRequest,
  response: updateFeaturesResponse,
})
