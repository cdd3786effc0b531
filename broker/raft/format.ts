// Formatting: what turns empty directories into the storage of a cluster. `odradek format` and a first start call this.
//
//   bootstrap.checkpoint   the feature levels that the first controller will write, as a snapshot at 0-0
//   meta.properties        cluster id, node id, directory id; written last, for it is what makes a directory formatted
//
// A directory that is formatted stays as it is. Kafka's org.apache.kafka.metadata.storage.Formatter.
import type { FileSystem } from '../../storage/fs/port.ts'
import type { LogDir, LogManager } from '../../storage/log-manager.ts'
import { bootstrapLevels, LATEST_METADATA_VERSION } from '../metadata/features.ts'
import type { MetadataRecord } from '../metadata/metadata-record.ts'
import { encodeSnapshot, STATIC_VOTERS } from '../metadata/snapshot.ts'

export const BOOTSTRAP_CHECKPOINT = 'bootstrap.checkpoint'

export interface FormatOptions {
  readonly clusterId: string
  readonly nowMs: number
  /** Level of metadata.version; the reference's, unless given. */
  readonly metadataVersion?: number
  /** Levels of other features, by name, where they shall not have their default. */
  readonly features?: ReadonlyMap<string, number>
}

/** The directories that were formatted by this call: those of `manager` that had no meta.properties. */
export function formatStorage(
  fs: FileSystem,
  manager: Pick<LogManager, 'onlineLogDirs' | 'format'>,
  options: FormatOptions,
): LogDir[] {
  const unformatted = manager.onlineLogDirs.filter(logDir => logDir.meta === undefined)
  const bytes = bootstrapCheckpoint(options)
  for (const { path } of unformatted) fs.writeFileAtomic(`${path}/${BOOTSTRAP_CHECKPOINT}`, bytes)
  manager.format(options.clusterId)
  return unformatted
}

export function bootstrapCheckpoint({
  nowMs,
  metadataVersion = LATEST_METADATA_VERSION,
  features,
}: Omit<FormatOptions, 'clusterId'>): Buffer {
  const records = bootstrapLevels(metadataVersion, features).map(
    ([name, featureLevel]): MetadataRecord => ({ type: 'FeatureLevelRecord', value: { name, featureLevel } }),
  )
  const content = { lastContainedLogTimestampMs: 0, voterSet: STATIC_VOTERS, records }
  return encodeSnapshot(content, { epoch: 0, timestampMs: nowMs, metadataVersion })
}
