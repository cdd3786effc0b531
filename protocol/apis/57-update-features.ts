// UpdateFeatures: raises or lowers the finalized levels of features (KIP-584), dry runs from v1 (KIP-778).

import { defineApi } from '../schema/message.ts'
import {
  array,
  bool,
  int16,
  int32,
  int8,
  string,
  struct,
  type Value,
  type Wire,
} from '../schema/vocabulary.ts'

const featureUpdateKey = struct({
  feature: string.key(),
  maxVersionLevel: int16,
  allowDowngrade: bool.until(0).legacy(),
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

/** What a version brought that handlers must know. */
const means = { upgradeTypes: 1, overallErrorOnly: 2 } as const

const UPGRADE = 1
const SAFE_DOWNGRADE = 2

/** v0 says only whether a downgrade is fine. */
function upgrade(request: UpdateFeaturesRequest, version: number): void {
  if (version >= means.upgradeTypes) return
  for (const update of request.featureUpdates as Wire<typeof featureUpdateKey>[]) {
    update.upgradeType = update.allowDowngrade ? SAFE_DOWNGRADE : UPGRADE
  }
}

export const UpdateFeatures = defineApi<UpdateFeaturesRequest, UpdateFeaturesResponse, keyof typeof means>({
  key: 57,
  name: 'UpdateFeatures',
  versions: [0, 2],
  flexibleFrom: 0,
  listeners: ['broker', 'controller'],
  request: updateFeaturesRequest,
  response: updateFeaturesResponse,
  means,
  upgrade,
})
