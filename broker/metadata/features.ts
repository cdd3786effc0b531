// The feature table: which levels the reference knows, which of them we serve, and what a new directory is formatted with.
//
// Promise: ApiVersions never names a level whose records and requests we do not serve. A directory of Apache Kafka may have
// higher levels finalized; they stay in its log, and clients are told the smaller of the two (`finalizedForClients`).
// KIP-584, KIP-1022; Kafka's MetadataVersion, Feature and FinalizedControllerFeatures.
import type { MetadataRecord } from './metadata-record.ts'
import type { FeaturesImage, VersionRange } from './image.ts'

export const METADATA_VERSION = 'metadata.version'
export const KRAFT_VERSION = 'kraft.version'
export const GROUP_VERSION = 'group.version'
export const TRANSACTION_VERSION = 'transaction.version'
export const ELR_VERSION = 'eligible.leader.replicas.version'
export const SHARE_VERSION = 'share.version'
export const STREAMS_VERSION = 'streams.version'

export interface Feature {
  readonly name: string
  /** What the reference, Apache Kafka 4.3, can finalize. */
  readonly known: VersionRange
  /** What we serve. A new directory gets the highest of these that its metadata.version allows. */
  readonly served: VersionRange
  /** Smallest metadata.version for each level from 1 up. */
  readonly needs: readonly number[]
}

// metadata.version is first because it is the first record of every bootstrap and snapshot.
export const features: readonly Feature[] = [
  { name: METADATA_VERSION, known: { min: 7, max: 30 }, served: { min: 7, max: 30 }, needs: [] },
  { name: KRAFT_VERSION, known: { min: 0, max: 1 }, served: { min: 0, max: 1 }, needs: [21] },
  // We replicate nothing yet, so an ISR of one is never short: eligible leader replicas are kept right, not needed.
  { name: ELR_VERSION, known: { min: 0, max: 1 }, served: { min: 0, max: 1 }, needs: [26] },
  { name: GROUP_VERSION, known: { min: 0, max: 1 }, served: { min: 0, max: 0 }, needs: [22] },
  { name: SHARE_VERSION, known: { min: 0, max: 1 }, served: { min: 0, max: 0 }, needs: [28] },
  { name: STREAMS_VERSION, known: { min: 0, max: 1 }, served: { min: 0, max: 0 }, needs: [29] },
  { name: TRANSACTION_VERSION, known: { min: 0, max: 2 }, served: { min: 0, max: 0 }, needs: [24, 24] },
]

export const LATEST_METADATA_VERSION = 30

const byName = new Map(features.map(feature => [feature.name, feature]))
export const featureNamed = (name: string): Feature | undefined => byName.get(name)

// Levels of metadata.version from 7 on, as Kafka prints them.
const metadataVersionNames = [
  '3.3-IV3',
  '3.4-IV0',
  '3.5-IV0',
  '3.5-IV1',
  '3.5-IV2',
  '3.6-IV0',
  '3.6-IV1',
  '3.6-IV2',
  '3.7-IV0',
  '3.7-IV1',
  '3.7-IV2',
  '3.7-IV3',
  '3.7-IV4',
  '3.8-IV0',
  '3.9-IV0',
  '4.0-IV0',
  '4.0-IV1',
  '4.0-IV2',
  '4.0-IV3',
  '4.1-IV0',
  '4.1-IV1',
  '4.2-IV0',
  '4.2-IV1',
  '4.3-IV0',
]
export const metadataVersionName = (level: number): string =>
  metadataVersionNames[level - 7] ?? `level ${level}`
/** Level of '4.3-IV0', or of '4.3' (its last level); undefined if there is none. */
export function metadataVersionLevel(version: string): number | undefined {
  const at = metadataVersionNames.findLastIndex(name => name === version || name.startsWith(`${version}-`))
  return at < 0 ? undefined : at + 7
}

/** What metadata.version allows in the log; each name is the first level that has it. */
export const since = {
  metadataTransactions: 13,
  controllerRegistration: 15,
  directoryAssignment: 17,
  elr: 23,
  cordonedDirectories: 30,
} as const

/** Levels a directory formatted at `metadataVersion` starts with: metadata.version first, zeros left out. */
export function bootstrapLevels(metadataVersion: number, chosen: ReadonlyMap<string, number> = new Map()) {
  const levels: [name: string, level: number][] = [[METADATA_VERSION, metadataVersion]]
  for (const feature of features) {
    if (feature.name === METADATA_VERSION || feature.name === KRAFT_VERSION) continue
    let level = chosen.get(feature.name) ?? defaultLevel(feature, metadataVersion)
    level = Math.min(level, feature.known.max)
    if (level > 0) levels.push([feature.name, level])
  }
  return levels
}

function defaultLevel(feature: Feature, metadataVersion: number): number {
  // Eligible leader replicas are of no use with one replica, and they turn kill -9 into an election from the last known
  // leader, in recovery: a directory of ours starts without them.
  if (feature.name === ELR_VERSION) return 0
  const reachable = feature.needs.filter(needed => needed <= metadataVersion).length
  return Math.min(reachable, feature.served.max)
}

/** ApiVersions' finalized features: never above what we serve. */
export function finalizedForClients(
  image: FeaturesImage,
  kraftVersion = 0,
): { name: string; minVersionLevel: number; maxVersionLevel: number }[] {
  const levels = new Map([...image.finalized, [METADATA_VERSION, image.metadataVersion]])
  levels.set(KRAFT_VERSION, kraftVersion)
  const rows = []
  for (const { name, served } of features) {
    const level = Math.min(levels.get(name) ?? 0, served.max)
    if (level > 0) rows.push({ name, minVersionLevel: level, maxVersionLevel: level })
  }
  return rows
}

/** Features that the image has finalized above what we serve: worth a warning at start. */
export const notServed = (image: FeaturesImage): { name: string; level: number; served: number }[] =>
  [...image.finalized]
    .map(([name, level]) => ({ name, level, served: featureNamed(name)?.served.max ?? 0 }))
    .filter(({ level, served }) => level > served)

/** The version to write a record with. Some follow from metadata.version, one from what the record says. */
export function recordVersion(record: MetadataRecord, metadataVersion: number): number {
  switch (record.type) {
    case 'RegisterBrokerRecord':
      if (metadataVersion >= since.cordonedDirectories) return 4
      return metadataVersion >= since.directoryAssignment ? 3 : metadataVersion >= 8 ? 2 : 1
    case 'PartitionRecord':
    case 'PartitionChangeRecord':
      if (metadataVersion >= since.elr) return 2
      return metadataVersion >= since.directoryAssignment ? 1 : 0
    case 'BrokerRegistrationChangeRecord':
      if (record.value.cordonedLogDirs !== null) return 3
      if (record.value.logDirs.length > 0) return 2
      return record.value.inControlledShutdown === 0 ? 0 : 1
    default:
      return 0
  }
}
