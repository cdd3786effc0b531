// `odradek dump-log`: segments, indexes and producer snapshots as lines for people. Reads and never writes. A damaged
// batch is named with its position, and the dump of that file ends there.
import { closeSync, openSync, readFileSync, readSync, readdirSync, statSync } from 'node:fs'
import { basename, join } from 'node:path'
import { readMessage } from '../../protocol/codec/message.ts'
import { BatchView, batchEnd } from '../../protocol/records/batch.ts'
import { compressionTypeOf } from '../../protocol/records/compression.ts'
import { controlRecordType } from '../../protocol/records/control.ts'
import { crc32c } from '../../protocol/records/crc32c.ts'
import { type Record, records } from '../../protocol/records/record.ts'
import { decodeCoordinatorRecord } from './coordinator-records.ts'
import {
  BATCH_HEADER,
  OFFSET_INDEX,
  PRODUCER_SNAPSHOT,
  PRODUCER_SNAPSHOT_HEADER,
  TIME_INDEX,
  TXN_INDEX,
  entries,
} from './layouts.ts'

export interface DumpOptions {
  /** Also the records inside the batches. */
  readonly records?: boolean
  /** Keys and values as text; otherwise only their sizes. */
  readonly values?: boolean
  /** Read keys and values as what the group or transaction coordinator wrote. */
  readonly decode?: 'offsets' | 'transactions'
}

/** Files of a partition's directory in the order in which they belong together. */
function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path]
  return readdirSync(path)
    .filter(name => /^\d{20}\.(log|index|timeindex|txnindex|snapshot)$/.test(name))
    .sort()
    .map(name => join(path, name))
}

export function* dumpLog(paths: readonly string[], options: DumpOptions): Generator<string> {
  for (const path of paths.flatMap(filesOf)) {
    yield `${path}:`
    yield* dumpFile(path, options)
  }
}

function dumpFile(path: string, options: DumpOptions): Iterable<string> {
  const baseOffset = Number.parseInt(basename(path), 10)
  if (path.endsWith('.log')) return dumpSegment(path, options)
  if (path.endsWith('.index')) return dumpOffsetIndex(readFileSync(path), baseOffset)
  if (path.endsWith('.timeindex')) return dumpTimeIndex(readFileSync(path), baseOffset)
  if (path.endsWith('.txnindex')) return dumpTxnIndex(readFileSync(path))
  if (path.endsWith('.snapshot')) return dumpProducerSnapshot(readFileSync(path))
  return [`  ${basename(path)}: neither .log, .index, .timeindex, .txnindex nor .snapshot`]
}

/** Preallocated room behind the last entry is zeros; an entry of zeros is the first one or none. */
function* dumpOffsetIndex(bytes: Buffer, baseOffset: number): Generator<string> {
  let first = true
  for (const { relativeOffset, position } of entries(OFFSET_INDEX, bytes)) {
    if (relativeOffset === 0 && position === 0 && !first) return
    if (relativeOffset !== 0 || position !== 0)
      yield `  offset ${baseOffset + relativeOffset} position ${position}`
    first = false
  }
}

function* dumpTimeIndex(bytes: Buffer, baseOffset: number): Generator<string> {
  for (const { timestamp, relativeOffset } of entries(TIME_INDEX, bytes)) {
    if (timestamp === 0n && relativeOffset === 0) return
    yield `  time ${timestamp} offset ${baseOffset + relativeOffset}`
  }
}

function* dumpTxnIndex(bytes: Buffer): Generator<string> {
  for (const entry of entries(TXN_INDEX, bytes))
    yield `  aborted producer ${entry.producerId} offsets ${entry.firstOffset}..${entry.lastOffset} last stable offset ${entry.lastStableOffset}`
}

function* dumpProducerSnapshot(bytes: Buffer): Generator<string> {
  const [header] = entries(PRODUCER_SNAPSHOT_HEADER, bytes.subarray(0, PRODUCER_SNAPSHOT_HEADER.size))
  if (header === undefined) return yield '  shorter than its header'
  const valid = crc32c(bytes, 0, 6) === header.crc
  yield `  version ${header.version} producers ${header.count} crc ${header.crc} ${valid ? 'valid' : 'WRONG'}`
  for (const entry of entries(PRODUCER_SNAPSHOT, bytes, PRODUCER_SNAPSHOT_HEADER.size))
    yield `  producer ${entry.producerId} epoch ${entry.producerEpoch} last sequence ${entry.lastSequence}` +
      ` last offset ${entry.lastOffset} delta ${entry.offsetDelta} time ${entry.timestamp}` +
      ` coordinator epoch ${entry.coordinatorEpoch} transaction since ${entry.currentTxnFirstOffset}`
}

/** One batch after the other, so that a segment of a gigabyte needs no gigabyte of memory. */
function* dumpSegment(path: string, options: DumpOptions): Generator<string> {
  const file = openSync(path, 'r')
  try {
    const view = new BatchView()
    for (let position = 0; ; ) {
      const bytes = readBatch(file, position)
      if (typeof bytes === 'string') {
        if (bytes !== '') yield `  at ${position}: ${bytes}`
        return
      }
      yield batchLine(bytes, position, view.reset(bytes, 0))
      if (options.records) yield* recordLines(view, options)
      position += bytes.length
    }
  } finally {
    closeSync(file)
  }
}

/** The bytes of a whole batch, or why there is none (nothing, at the end). */
function readBatch(file: number, position: number): Buffer | string {
  const head = Buffer.alloc(17)
  const got = readSync(file, head, 0, head.length, position)
  if (got === 0) return ''
  if (got < head.length) return `${got} bytes are left, less than a header`
  try {
    batchEnd(head, 0)
  } catch (error) {
    return `no batch: ${(error as Error).message}`
  }
  const size = 12 + head.readInt32BE(8)
  const bytes = Buffer.allocUnsafe(size)
  const whole = readSync(file, bytes, 0, size, position)
  return whole < size ? `a batch of ${size} bytes, cut after ${whole}` : bytes
}

function batchLine(bytes: Buffer, position: number, view: BatchView): string {
  const crc = view.isValidCrc() ? 'valid' : 'WRONG'
  if (view.magic < 2)
    return `  at ${position} magic ${view.magic} offset ${view.baseOffset} size ${view.sizeInBytes} compression ${compressionTypeOf(view.compression)} crc ${view.crc} ${crc}`
  const header = BATCH_HEADER.parser.parse(bytes)
  const flags = [
    view.isTransactional && 'transactional',
    view.isControl && 'control',
    view.hasDeleteHorizon && `delete horizon ${view.deleteHorizonMs}`,
  ].filter(Boolean)
  return (
    `  at ${position} offsets ${header.baseOffset}..${header.baseOffset + BigInt(header.lastOffsetDelta)}` +
    ` records ${header.recordCount} size ${bytes.length} epoch ${header.partitionLeaderEpoch}` +
    ` producer ${header.producerId}/${header.producerEpoch} sequences ${header.baseSequence}..${view.lastSequence}` +
    ` ${view.timestampType} ${header.maxTimestamp} compression ${compressionTypeOf(view.compression)}` +
    ` crc ${header.crc} ${crc}${flags.length > 0 ? ` ${flags.join(' ')}` : ''}`
  )
}

function* recordLines(view: BatchView, options: DumpOptions): Generator<string> {
  try {
    for (const record of records(view)) yield `    ${recordLine(record, view.isControl, options)}`
  } catch (error) {
    yield `    unreadable: ${(error as Error).message}`
  }
}

function recordLine(record: Record, isControl: boolean, options: DumpOptions): string {
  const start = `${record.offset} time ${record.timestamp}`
  if (isControl) return `${start} ${controlRecordType(record.key)}`
  if (options.decode) return `${start} ${decodeCoordinatorRecord(options.decode, record, readMessage)}`
  const shown = (bytes: Buffer | null): string =>
    bytes === null ? 'null' : options.values ? JSON.stringify(bytes.toString()) : `${bytes.length} bytes`
  const headers = record.headers.map(
    ({ key, value }) => `${key}=${value === null ? 'null' : value.toString()}`,
  )
  return `${start} key ${shown(record.key)} value ${shown(record.value)}${headers.length ? ` headers ${headers.join(' ')}` : ''}`
}
