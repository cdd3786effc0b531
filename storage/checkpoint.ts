// Kafka's text checkpoints: a version, the number of entries, one line per entry.
//
//   recovery-point-offset-checkpoint     0            leader-epoch-checkpoint    0
//   replication-offset-checkpoint        2            (in each partition)        1
//   log-start-offset-checkpoint          orders 0 42                             7 1250
//   cleaner-offset-checkpoint            orders 1 17                             ^ epoch, start offset
//   (in each log directory)              ^ topic, partition, offset
//
// They are replaced whole (temporary file, rename), so a reader finds the old or the new content. Anything else (torn,
// foreign version, wrong count) is refused as a CorruptCheckpointError; an empty file has no entries.
// Answers to Kafka's CheckpointFile and OffsetCheckpointFile.
import type { FileSystem } from './fs/port.ts'
import { hasCode } from './fs/port.ts'

export const RECOVERY_POINT_CHECKPOINT = 'recovery-point-offset-checkpoint'
export const HIGH_WATERMARK_CHECKPOINT = 'replication-offset-checkpoint'
export const LOG_START_OFFSET_CHECKPOINT = 'log-start-offset-checkpoint'
export const CLEANER_OFFSET_CHECKPOINT = 'cleaner-offset-checkpoint'
export const LEADER_EPOCH_CHECKPOINT = 'leader-epoch-checkpoint'

const VERSION = 0
const INTEGER = /^-?\d{1,19}$/

export class CorruptCheckpointError extends Error {
  override readonly name = 'CorruptCheckpointError'
}

/** `<topic>-<partition>`, as directories are named: the key of everything kept per partition in memory. */
export type PartitionKey = string

export function encodeCheckpoint(lines: readonly string[]): Buffer {
  return Buffer.from(`${VERSION}\n${lines.length}\n${lines.join('\n')}${lines.length === 0 ? '' : '\n'}`)
}

/** The entries' lines. */
export function decodeCheckpoint(bytes: Buffer, path: string): string[] {
  const lines = bytes.toString('utf8').split(/\r?\n/)
  if (lines.at(-1) === '') lines.pop()
  if (lines.length < 2) {
    if (lines.length === 1) checkVersion(lines[0]!, path)
    return []
  }
  checkVersion(lines[0]!, path)
  const count = parseOffset(lines[1]!, path)
  if (count !== lines.length - 2)
    throw new CorruptCheckpointError(`${path} announces ${count} entries and has ${lines.length - 2}`)
  return lines.slice(2)
}

export function parseOffset(text: string, path: string): number {
  if (!INTEGER.test(text))
    throw new CorruptCheckpointError(`${path} has no number where it needs one: "${text}"`)
  return Number(text)
}

function checkVersion(line: string, path: string): void {
  if (parseOffset(line, path) !== VERSION)
    throw new CorruptCheckpointError(`${path} has unknown version ${line}`)
}

/** An offset per partition of one log directory. */
export class OffsetCheckpoint {
  readonly path: string
  readonly #fs: FileSystem
  #written: Buffer | undefined

  constructor(fs: FileSystem, directory: string, fileName: string) {
    this.#fs = fs
    this.path = `${directory}/${fileName}`
  }

  /** A missing file has no entries. */
  read(): Map<PartitionKey, number> {
    const offsets = new Map<PartitionKey, number>()
    let bytes: Buffer
    try {
      bytes = this.#fs.readFile(this.path)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return offsets
      throw error
    }
    for (const line of decodeCheckpoint(bytes, this.path)) {
      const [topic, partition, offset, ...rest] = line.split(/\s+/)
      if (topic === undefined || partition === undefined || offset === undefined || rest.length > 0)
        throw new CorruptCheckpointError(`${this.path} has a malformed line: "${line}"`)
      offsets.set(`${topic}-${parseOffset(partition, this.path)}`, parseOffset(offset, this.path))
    }
    return offsets
  }

  /** Durable when it returns. Leaves the disk alone when nothing has changed since the last write. */
  write(entries: Iterable<readonly [topic: string, partition: number, offset: number]>): void {
    const lines: string[] = []
    for (const [topic, partition, offset] of entries) lines.push(`${topic} ${partition} ${offset}`)
    const bytes = encodeCheckpoint(lines)
    if (this.#written?.equals(bytes) === true) return
    this.#fs.writeFileAtomic(this.path, bytes)
    this.#written = bytes
  }
}
