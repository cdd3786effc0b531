// UpdateFeatures: moves finalized levels within what every registered node supports. KIP-584; Kafka's FeatureControlManager.
import type { FeatureUpdateKey } from '../../protocol/apis/57-update-features.ts'
import { Errors } from '../../protocol/errors.ts'
import {
  ELR_VERSION,
  featureNamed,
  KRAFT_VERSION,
  METADATA_VERSION,
  metadataVersionName,
} from '../metadata/features.ts'
import {
  configsOf,
  EMPTY_IMAGE,
  ConfigResourceType,
  featureLevel,
  type MetadataImage,
  type VersionRange,
} from '../metadata/image.ts'
import type { MetadataRecord } from '../metadata/metadata-record.ts'
import type { ConfigSchema } from '../ports/controller.ts'
import { configRecord } from './configs.ts'
import type { CommandContext } from './context.ts'
import { type ApiError, apiError, NO_ERROR, type Result } from './result.ts'
import type { ControllerState } from './state.ts'

const UPGRADE = 1
const SAFE_DOWNGRADE = 2
const UNSAFE_DOWNGRADE = 3

/**
 * All or nothing: the first refusal is everybody's. kraft.version is no record of the controller's: the raft layer writes it, where this
 * is accepted (`kraftVersionAfter`).
 */
export function updateFeatures(
  state: ControllerState,
  updates: readonly FeatureUpdateKey[],
  validateOnly: boolean,
  kraftVersion: number,
  context: CommandContext,
): Result<ApiError> {
  const { image } = state
  const levelNow = (feature: string) =>
    feature === KRAFT_VERSION ? kraftVersion : featureLevel(image, feature)
  const records: MetadataRecord[] = []
  for (const update of updates) {
    const refusal = refusalOf(image, update, levelNow(update.feature), context.settings.nodeId)
    if (refusal !== undefined) {
      return { records: [], reply: apiError(Errors.INVALID_UPDATE_VERSION, refusal) }
    }
    if (update.feature === KRAFT_VERSION) continue
    records.push({
      type: 'FeatureLevelRecord',
      value: { name: update.feature, featureLevel: update.maxVersionLevel },
    })
    if (update.feature === ELR_VERSION)
      records.push(...elrRecords(image, update.maxVersionLevel, context.schema))
  }
  return { records: validateOnly ? [] : records, reply: NO_ERROR }
}

/** The level of kraft.version once accepted updates have happened. */
export const kraftVersionAfter = (kraftVersion: number, updates: readonly FeatureUpdateKey[]): number =>
  updates.find(({ feature }) => feature === KRAFT_VERSION)?.maxVersionLevel ?? kraftVersion

/** In the words that kafka-features prints, and its users look for. */
function refusalOf(
  image: MetadataImage,
  update: FeatureUpdateKey,
  current: number,
  nodeId: number,
): string | undefined {
  const { feature, maxVersionLevel: level } = update
  const reason = reasonAgainst(image, update, current, nodeId)
  if (reason !== undefined) return `Invalid update version ${level} for feature ${feature}. ${reason}`
  return feature === METADATA_VERSION ? refusalOfMetadataVersion(image, update) : undefined
}

function reasonAgainst(
  image: MetadataImage,
  { feature, maxVersionLevel: level, upgradeType }: FeatureUpdateKey,
  current: number,
  nodeId: number,
): string | undefined {
  if (upgradeType < UPGRADE || upgradeType > UNSAFE_DOWNGRADE) {
    return 'The controller does not support the given upgrade type.'
  }
  if (level < 0) return 'A feature version cannot be less than 0.'
  const known = featureNamed(feature)
  if (known === undefined) return 'The controller does not support this feature.'
  const unsupported =
    outside(level, known.served, `Local controller ${nodeId}`) ?? outsideOfBrokers(image, feature, level)
  if (unsupported !== undefined) return unsupported
  if (level < current && upgradeType === UPGRADE) {
    return "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade."
  }
  if (level > current && upgradeType !== UPGRADE) return "Can't downgrade to a newer version."
  if (feature === METADATA_VERSION) return undefined
  if (feature === KRAFT_VERSION) {
    return level < current ? "Can't downgrade the version of this feature." : undefined
  }
  const needed = known.needs[level - 1] ?? 0
  if (level > 0 && image.features.metadataVersion < needed) {
    return `${feature} could not be set to ${level} because it depends on metadata.version level ${needed}`
  }
  return undefined
}

function outside(level: number, { min, max }: VersionRange, who: string): string | undefined {
  if (level >= min && level <= max) return undefined
  if (max === 0) return `${who} does not support this feature.`
  return `${who} only supports versions ${min}-${max}`
}

function outsideOfBrokers(image: MetadataImage, feature: string, level: number): string | undefined {
  for (const broker of image.cluster.brokers.values()) {
    const reason = outside(level, broker.features.get(feature) ?? { min: 0, max: 0 }, `Broker ${broker.id}`)
    if (reason !== undefined) return reason
  }
  return undefined
}

function refusalOfMetadataVersion(
  image: MetadataImage,
  { maxVersionLevel: level, upgradeType }: FeatureUpdateKey,
): string | undefined {
  const { metadataVersion } = image.features
  for (const [name, finalized] of image.features.finalized) {
    const needed = featureNamed(name)?.needs[finalized - 1] ?? 0
    if (level < needed) {
      return `Invalid metadata.version ${level}. ${name} is at level ${finalized}, which depends on metadata.version ${metadataVersionName(needed)}`
    }
  }
  if (level >= metadataVersion || !changesFormat(level, metadataVersion)) return undefined
  const reason =
    upgradeType === SAFE_DOWNGRADE
      ? 'Refusing to perform the requested downgrade because it might delete metadata information.'
      : 'Unsafe metadata downgrade is not supported in this version.'
  return `Unsupported metadata.version downgrade from ${metadataVersion} to ${level}. ${reason}`
}

// Levels of metadata.version with new records or record versions, from 8 on.
const formatChanges = new Set([8, 10, 11, 13, 14, 15, 17, 18, 22, 23, 24, 30])
function changesFormat(from: number, to: number): boolean {
  for (let level = from + 1; level <= to; level++) if (formatChanges.has(level)) return true
  return false
}

/**
 * KIP-966: with ELR there is one min.insync.replicas for the whole cluster. It is written there, with the static value if there is
 * none yet, and taken from single brokers. Without ELR the lists go.
 */
export function elrRecords(image: MetadataImage, level: number, schema: ConfigSchema): MetadataRecord[] {
  if (level === 0) return [{ type: 'ClearElrRecord', value: { topicName: '' } }]
  const records: MetadataRecord[] = []
  if (!configsOf(image, ConfigResourceType.BROKER, '').has(MIN_ISR)) {
    const clusterDefault = { resourceType: ConfigResourceType.BROKER, resourceName: '' }
    records.push(configRecord(clusterDefault, MIN_ISR, schema.topicValue(EMPTY_IMAGE, '', MIN_ISR)))
  }
  for (const { resourceType, resourceName, entries } of image.configs.values()) {
    if (resourceType !== ConfigResourceType.BROKER || resourceName === '' || !entries.has(MIN_ISR)) continue
    records.push(configRecord({ resourceType, resourceName }, MIN_ISR, null))
  }
  return records
}

const MIN_ISR = 'min.insync.replicas'
