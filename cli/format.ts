// `odradek format`: gives every log directory its meta.properties, so that it belongs to one cluster and one node
// before anything starts on it. A start does this by itself for empty directories; this command is for choosing the
// cluster id, and for finding out beforehand. What is formatted stays as it is.
import { randomBytes } from 'node:crypto'
import { NodeFileSystem } from '../storage/fs/node.ts'
import {
  META_PROPERTIES,
  randomDirectoryId,
  readMetaProperties,
  writeMetaProperties,
} from '../storage/meta-properties.ts'
import { randomUuid } from '../protocol/uuid.ts'
import type { BrokerConfig } from '../broker/config/broker-config.ts'

export interface FormatOptions {
  readonly clusterId?: string | undefined
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
  return found.map(({ directory, meta }) => {
    if (meta !== undefined) return `${directory} is formatted already`
    fs.mkdirp(directory)
    if (
      fs
        .readdir(directory)
        .some(name => name !== META_PROPERTIES && !name.startsWith('.') && name !== 'lost+found')
    )
      throw new Error(`${directory} is neither empty nor formatted: it is left alone`)
    const directoryId = randomDirectoryId(randomBytes)
    writeMetaProperties(
      fs,
      directory,
      { version: 1, clusterId, nodeId: config.nodeId, directoryId },
      Date.now(),
    )
    return `${directory} is formatted for node ${config.nodeId} of cluster ${clusterId}`
  })
}
