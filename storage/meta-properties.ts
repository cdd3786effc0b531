// `meta.properties` in every log directory: which cluster, which node and which directory this is. Written when a
// directory is formatted, checked on every start, never changed afterwards.
//
//   #
//   #Sun Nov 22 17:59:00 UTC 2026
//   node.id=1
//   directory.id=2LNnVXIp0Q7HnC-CfqHvmA
//   version=1
//   cluster.id=chqmc5MHT1WgsipS_RfOPQ
//
// Java's properties format, version 1 (KRaft). A directory that holds logs but no meta.properties is refused: it is
// somebody's data, and formatting it would hand it to another cluster.
// Answers to Kafka's MetaProperties and DirectoryId (KIP-858).
import { parse } from 'dot-properties'
import { type FileSystem, hasCode } from './fs/port.ts'

export const META_PROPERTIES = 'meta.properties'
const VERSION = 1
const UUID = /^[A-Za-z0-9_-]{22}$/

export interface MetaProperties {
  readonly version: 1
  readonly clusterId: string
  readonly nodeId: number
  /** Undefined in directories formatted before Kafka 3.7. */
  readonly directoryId: string | undefined
}

export class MetaPropertiesError extends Error {
  override readonly name = 'MetaPropertiesError'
}

/** Undefined when there is no such file. */
export function readMetaProperties(fs: FileSystem, directory: string): MetaProperties | undefined {
  const path = `${directory}/${META_PROPERTIES}`
  let text: string
  try {
    text = fs.readFile(path).toString('latin1')
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
  return parseMetaProperties(text, path)
}

export function parseMetaProperties(text: string, path: string): MetaProperties {
  const properties = parse(text) as Record<string, string | undefined>
  const need = (key: string, pattern: RegExp): string => {
    const value = properties[key]
    if (value === undefined) throw new MetaPropertiesError(`${path} has no ${key}`)
    if (!pattern.test(value)) throw new MetaPropertiesError(`${path} has ${key}=${value}, which is none`)
    return value
  }
  const version = Number(need('version', /^\d+$/))
  if (version !== VERSION) {
    const hint = version === 0 ? ' (version 0 is the ZooKeeper format)' : ''
    throw new MetaPropertiesError(`${path} has version ${version}; ${VERSION} is needed${hint}`)
  }
  return {
    version: VERSION,
    clusterId: need('cluster.id', /^\S+$/),
    nodeId: Number(need('node.id', /^\d{1,10}$/)),
    directoryId: properties['directory.id'] === undefined ? undefined : need('directory.id', UUID),
  }
}

export function writeMetaProperties(
  fs: FileSystem,
  directory: string,
  properties: MetaProperties,
  nowMs: number,
): void {
  const lines = [
    '#',
    `#${new Date(nowMs).toUTCString()}`,
    `node.id=${properties.nodeId}`,
    ...(properties.directoryId === undefined ? [] : [`directory.id=${properties.directoryId}`]),
    `version=${properties.version}`,
    `cluster.id=${properties.clusterId}`,
  ]
  fs.writeFileAtomic(`${directory}/${META_PROPERTIES}`, Buffer.from(`${lines.join('\n')}\n`, 'latin1'))
}
