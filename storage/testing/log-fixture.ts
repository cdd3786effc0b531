// A log on a file system in memory and a clock that stands still, for the tests of this folder.

import { batches } from '../../protocol/records/batch.ts'
import { type BatchInput, buildBatch } from '../../protocol/records/builder.ts'
import { records as recordsOf } from '../../protocol/records/record.ts'
import { ManualClock } from '../../broker/time/manual-clock.ts'
import { type LogConfig, logConfig } from '../config.ts'
import { MemoryFileSystem } from '../fs/memory.ts'
import type { FileSystem } from '../fs/port.ts'
import { Log, type LogOptions } from '../log.ts'

export const DIRECTORY = '/data/orders-0'

export interface LogFixtureOptions extends Partial<Omit<LogOptions, 'config'>> {
  readonly config?: Partial<LogConfig>
}

export function openLog(options: LogFixtureOptions = {}): Log {
  const { config, fs = memoryFileSystem(), ...rest } = options
  return Log.open({
    fs,
    clock: new ManualClock(),
    directory: DIRECTORY,
    topicPartition: { topic: 'orders', partition: 0 },
    ...rest,
    config: logConfig(config),
  })
}

export function memoryFileSystem(): MemoryFileSystem {
  const fs = new MemoryFileSystem({ recordsCrashes: true })
  fs.mkdirp('/data')
  fs.syncDir('/')
  return fs
}

/** Records whose values tell them apart, at one timestamp. */
export function batch(values: readonly string[], rest: Partial<BatchInput> = {}): Buffer {
  const timestamp = rest.timestamp ?? 1_700_000_000_000
  return buildBatch({ records: values.map(value => ({ key: null, value })), ...rest, timestamp })
}

export interface SeenRecord {
  readonly offset: number
  readonly value: string
}

export function seen(bytes: Buffer): SeenRecord[] {
  const found: SeenRecord[] = []
  for (const view of batches(bytes)) {
    if (view.isControl) continue
    for (const record of recordsOf(view)) found.push({ offset: record.offset, value: String(record.value) })
  }
  return found
}

/** Everything a consumer would get by reading on from `from`, and only whole batches on the way. */
export function readAll(log: Log, from = log.logStartOffset, maxBytes = 1000): SeenRecord[] {
  const found: SeenRecord[] = []
  let offset = from
  while (offset < log.logEndOffset) {
    const { records } = log.read(offset, maxBytes, 'log-end', true)
    if (records.length === 0) break
    let next = offset
    for (const view of batches(records)) next = view.nextOffset
    found.push(...seen(records).filter(record => record.offset >= offset))
    offset = next
  }
  return found
}

export function filesOf(fs: FileSystem, directory = DIRECTORY): string[] {
  return fs.readdir(directory).sort()
}

/** The same answers for the same seed, for choices that a property test makes. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    let mixed = state ^ (state >>> 15)
    mixed = Math.imul(mixed | 1, mixed ^ (mixed >>> 7))
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000
  }
}
