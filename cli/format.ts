// `odradek format`: gives every log directory its bootstrap.checkpoint and meta.properties, so that it belongs to one cluster and one node
// before anything starts on it. A start does this by itself for empty directories; this command is for choosing the
// cluster id, and for finding out beforehand. What is formatted stays as it is.
import { randomBytes } from 'node:crypto'
import { NodeFileSystem } from '../storage/fs/node.ts'
import { META_PROPERTIES, readMetaProperties, writeMetaProperties } from '../storage/meta-properties.ts'
import { randomUuid } from '../protocol/uuid.ts'
import {
  featureNamed,
  LATEST_METADATA_VERSION,
  metadataVersionLevel,
  metadataVersionName,
} from '../broker/metadata/features.ts'
import { BOOTSTRAP_CHECKPOINT, bootstrapCheckpoint } from '../broker/raft/format.ts'
import type { BrokerConfig } from '../broker/config/broker-config.ts'

export interface FormatOptions {
  readonly clusterId?: string | undefined
  /** A release, such as 4.1, or a level of metadata.version, such as 4.1-IV0; the reference's latest when left out. */
  readonly releaseVersion?: string | undefined
  /** Levels of other features, as name=level. */
  readonly feature?: readonly string[] | undefined
  /** Formatted directories are no error. */
  readonly ignoreFormatted?: boolean | undefined
}

/** Lines to print. Throws when a directory belongs to others. */
export function format(config: BrokerConfig, options: FormatOptions): string[] {
  const fs = new NodeFileSystem()
  const directories = [...new Set([config.metadataLogDir, ...config.logDirs])]
  const found = directories.map(directory => ({ directory, meta: readMetaProperties(fs, directory) }))
  const clusterId =
    options.clusterId ?? found.find(({ meta }) => meta)?.meta?.clusterId ?? randomUuid(randomBytes)
  if (!/^[A-Za-z0-9_-]{22}$/.test(clusterId))
    throw new Error(
      `${clusterId} is no cluster id: 22 characters of base64url are, such as ${randomUuid(randomBytes)}`,
    )
  for (const { directory, meta } of found) {
    if (meta === undefined) continue
    if (meta.clusterId !== clusterId || meta.nodeId !== config.nodeId)
      throw new Error(`${directory} belongs to node ${meta.nodeId} of cluster ${meta.clusterId}`)
    if (!options.ignoreFormatted)
      throw new Error(`${directory} is formatted already; --ignore-formatted passes it over`)
  }
  const bootstrap = bootstrapCheckpoint({ nowMs: Date.now(), ...levels(options) })
  return found.map(({ directory, meta }) => {
    if (meta !== undefined) return `${directory} is formatted already`
    fs.mkdirp(directory)
    if (
      fs
        .readdir(directory)
        .some(name => name !== META_PROPERTIES && !name.startsWith('.') && name !== 'lost+found')
    )
      throw new Error(`${directory} is neither empty nor formatted: it is left alone`)
    const directoryId = randomUuid(randomBytes)
    fs.writeFileAtomic(`${directory}/${BOOTSTRAP_CHECKPOINT}`, bootstrap)
    writeMetaProperties(
      fs,
      directory,
      { version: 1, clusterId, nodeId: config.nodeId, directoryId },
      Date.now(),
    )
    return `${directory} is formatted for node ${config.nodeId} of cluster ${clusterId}`
  })
}

/** The feature levels the cluster begins with. Throws for what we do not know or serve. */
function levels({ releaseVersion, feature = [] }: FormatOptions) {
  const metadataVersion =
    releaseVersion === undefined ? LATEST_METADATA_VERSION : metadataVersionLevel(releaseVersion)
  if (metadataVersion === undefined) {
    throw new Error(
      `${releaseVersion} is no release this broker knows; 3.3 to ${metadataVersionName(LATEST_METADATA_VERSION)} are`,
    )
  }
  const features = new Map<string, number>()
  for (const pair of feature) {
    const [name = '', level = ''] = pair.split('=')
    const known = featureNamed(name)
    if (known === undefined || !/^\d+$/.test(level)) throw new Error(`${pair} is no feature=level`)
    if (Number(level) > known.served.max)
      throw new Error(`${name} is served up to level ${known.served.max}, not ${level}`)
    const needed = known.needs[Number(level) - 1] ?? 0
    if (needed > metadataVersion) {
      throw new Error(`${pair} needs metadata.version ${metadataVersionName(needed)} at least`)
    }
    features.set(name, Number(level))
  }
  return { metadataVersion, features }
}
