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

/** All or nothing: the first refusal is everybody's. */
export function updateFeatures(
  state: ControllerState,
  updates: readonly FeatureUpdateKey[],
  validateOnly: boolean,
  context: CommandContext,
): Result<ApiError> {
  const { image } = state
  const records: MetadataRecord[] = []
  for (const update of updates) {
    const refusal = reasonAgainst(image, update)
    if (refusal !== undefined) {
      return { records: [], reply: apiError(Errors.INVALID_UPDATE_VERSION, sentence(update, refusal)) }
    }
    records.push({
      type: 'FeatureLevelRecord',
      value: { name: update.feature, featureLevel: update.maxVersionLevel },
    })
    if (update.feature === ELR_VERSION)
      records.push(...elrRecords(image, update.maxVersionLevel, context.schema))
  }
  return { records: validateOnly ? [] : records, reply: NO_ERROR }
}

const sentence = ({ feature, maxVersionLevel }: FeatureUpdateKey, reason: string): string =>
  feature === METADATA_VERSION
    ? `Invalid metadata.version ${maxVersionLevel}. ${reason}`
    : `Invalid update version ${maxVersionLevel} for feature ${feature}. ${reason}`

function reasonAgainst(
  image: MetadataImage,
  { feature, maxVersionLevel: level, upgradeType }: FeatureUpdateKey,
): string | undefined {
  if (upgradeType < UPGRADE || upgradeType > UNSAFE_DOWNGRADE) {
    return 'The controller does not support the given upgrade type.'
  }
  if (level < 0) return 'A feature version cannot be less than 0.'
  const known = featureNamed(feature)
  if (known === undefined) return 'The controller does not support this feature.'
  const current = featureLevel(image, feature)
  const unsupported =
    outside(level, known.served, 'Local controller') ?? outsideOfBrokers(image, feature, level)
  if (unsupported !== undefined) return unsupported
  if (level < current && upgradeType === UPGRADE) {
    return "Can't downgrade the version of this feature without setting the upgrade type to either safe or unsafe downgrade."
  }
  if (level > current && upgradeType !== UPGRADE) return "Can't downgrade to a newer version."
  if (feature === KRAFT_VERSION) {
    return level === current ? undefined : 'The voters of this node are static: kraft.version cannot change.'
  }
  if (feature === METADATA_VERSION) return reasonAgainstMetadataVersion(image, level, upgradeType)
  const needed = known.needs[level - 1] ?? 0
  if (level > 0 && image.features.metadataVersion < needed) {
    return `${feature} could not be set to ${level} because it depends on metadata.version level ${needed}`
  }
  return undefined
}

function outside(level: number, { min, max }: VersionRange, who: string): string | undefined {
  if (level === 0 || (level >= min && level <= max)) return undefined
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

function reasonAgainstMetadataVersion(
  image: MetadataImage,
  level: number,
  upgradeType: number,
): string | undefined {
  if (level === 0) return 'Unknown metadata.version.'
  const { metadataVersion } = image.features
  for (const [name, finalized] of image.features.finalized) {
    const needed = featureNamed(name)?.needs[finalized - 1] ?? 0
    if (level < needed) {
      return `${name} is at level ${finalized}, which depends on metadata.version ${metadataVersionName(needed)}`
    }
  }
  if (level >= metadataVersion || !changesFormat(level, metadataVersion)) return undefined
  return upgradeType === SAFE_DOWNGRADE
    ? 'Refusing to perform the requested downgrade because it might delete metadata information.'
    : 'Unsafe metadata downgrade is not supported in this version.'
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
