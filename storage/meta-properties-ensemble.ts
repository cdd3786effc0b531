// The meta.properties of all log directories together: they must name one cluster and this node, and every directory
// must have an id of its own. New directories join by being formatted.
// Answers to Kafka's MetaPropertiesEnsemble and its Copier.
import { randomUuid } from '../protocol/uuid.ts'
import type { FileSystem } from './fs/port.ts'
import type { LogDir } from './log-dir.ts'
import { type MetaProperties, MetaPropertiesError, writeMetaProperties } from './meta-properties.ts'

export function verifyDirectories(logDirs: readonly LogDir[], nodeId: number): void {
  const ids = new Map<string, LogDir>()
  let first: LogDir | undefined
  for (const logDir of logDirs) {
    const meta = logDir.meta
    if (meta === undefined) continue
    first ??= logDir
    if (meta.nodeId !== nodeId)
      throw new MetaPropertiesError(
        `${logDir.path} belongs to node ${meta.nodeId}, and this is node ${nodeId}`,
      )
    if (meta.clusterId !== first.meta?.clusterId)
      throw new MetaPropertiesError(
        `${logDir.path} belongs to cluster ${meta.clusterId}, ${first.path} to ${first.meta?.clusterId}`,
      )
    if (meta.directoryId === undefined) continue
    const twin = ids.get(meta.directoryId)
    if (twin !== undefined)
      throw new MetaPropertiesError(
        `${logDir.path} and ${twin.path} have the same directory id: one is a copy`,
      )
    ids.set(meta.directoryId, logDir)
  }
}

export interface Formatting {
  readonly clusterId: string
  readonly nodeId: number
  readonly randomBytes: (size: number) => Uint8Array
  readonly nowMs: number
}

/** Leaves formatted directories as they are. */
export function formatDirectories(fs: FileSystem, logDirs: readonly LogDir[], formatting: Formatting): void {
  for (const logDir of logDirs) {
    if (logDir.meta?.directoryId !== undefined) continue
    const meta: MetaProperties = {
      version: 1,
      clusterId: logDir.meta?.clusterId ?? formatting.clusterId,
      nodeId: formatting.nodeId,
      directoryId: randomUuid(formatting.randomBytes),
    }
    writeMetaProperties(fs, logDir.path, meta, formatting.nowMs)
    logDir.meta = meta
  }
}
