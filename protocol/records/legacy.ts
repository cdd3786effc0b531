// The message formats before batches: magic 0 (no timestamp) and magic 1. Answers to Kafka's LegacyRecord and
// AbstractLegacyRecordBatch. A set is a run of entries; a compressed set is one entry, the wrapper, whose value is
// a compressed run. The layout is drawn in batch.ts.
//
//   inner offsets   magic 0: absolute. magic 1: from 0, and the wrapper carries the last absolute one
//   wrapper offset  0 with a last inner offset above it: old librdkafka; counted from 0
//   timestamps      magic 1: a wrapper with log append time overrules those inside it
import { crc32 } from 'node:zlib'
import {
  type BatchView,
  CODEC_MASK,
  getInt64,
  LEGACY_CRC_OFFSET,
  LEGACY_RECORD_OVERHEAD_V0,
  LEGACY_RECORD_OVERHEAD_V1,
  LEGACY_TIMESTAMP_OFFSET,
  LOG_OVERHEAD,
  MAGIC_OFFSET,
  NO_TIMESTAMP,
  TIMESTAMP_TYPE_MASK,
  type TimestampType,
} from './batch.ts'
import {
  type CompressionType,
  codecId,
  compress,
  compressionTypeOf,
  type DecompressOptions,
  decompress,
} from './compression.ts'
import { corrupt, invalidRecord } from './errors.ts'

const ZSTD = 4

export interface LegacyRecord {
  magic: number
  offset: number
  timestamp: number
  key: Buffer | null
  value: Buffer | null
  /** Whether its own checksum holds. Of an entry that is not inside a wrapper the batch's check covers it. */
  isValidCrc: boolean
}

/** The record of an entry, or those inside a wrapper. */
export function legacyRecords(batch: BatchView, options?: DecompressOptions): LegacyRecord[] {
  const entry = readEntry(batch.bytes, batch.position, batch.end)
  const codec = entry.attributes & CODEC_MASK
  if (codec === 0) return [withoutAttributes(entry)]
  if (codec === ZSTD) throw invalidRecord('zstd is not for messages with magic 0 and 1')
  if (entry.value === null) throw invalidRecord('a compressed message without a value')
  const plain = decompress(compressionTypeOf(codec), entry.value, {
    ...options,
    lz4HeaderChecksum: entry.magic === 0 ? 'ignored' : 'right',
  })
  const inner = readInner(plain, entry)
  const last = inner.at(-1)
  if (last === undefined) throw invalidRecord('a compressed message with nothing in it')
  if (entry.magic === 1) makeAbsolute(inner, entry.offset, last.offset)
  return inner
}

type Entry = LegacyRecord & { attributes: number }

function withoutAttributes({ magic, offset, timestamp, key, value, isValidCrc }: Entry): LegacyRecord {
  return { magic, offset, timestamp, key, value, isValidCrc }
}

function readInner(plain: Buffer, wrapper: Entry): LegacyRecord[] {
  const inner: LegacyRecord[] = []
  const overruled = wrapper.magic === 1 && (wrapper.attributes & TIMESTAMP_TYPE_MASK) !== 0
  for (let at = 0; plain.length - at >= LOG_OVERHEAD; ) {
    const length = plain.readInt32BE(at + 8)
    if (length < LEGACY_RECORD_OVERHEAD_V0)
      throw corrupt(`an inner message of ${length} bytes is below the header's size`)
    const end = at + LOG_OVERHEAD + length
    if (end > plain.length) break
    const isValidCrc =
      crc32(plain.subarray(at + MAGIC_OFFSET, end)) === plain.readUInt32BE(at + LEGACY_CRC_OFFSET)
    // Of a damaged message only the damage is told, not what its sizes say.
    const entry = readEntry(plain, at, isValidCrc ? end : at)
    entry.isValidCrc = isValidCrc
    if ((entry.attributes & CODEC_MASK) !== 0)
      throw invalidRecord('a compressed message inside a compressed message')
    if (overruled && entry.magic === 1) entry.timestamp = wrapper.timestamp
    inner.push(withoutAttributes(entry))
    at = end
  }
  return inner
}

function makeAbsolute(inner: LegacyRecord[], wrapperOffset: number, lastInnerOffset: number): void {
  if (wrapperOffset === 0) return
  if (wrapperOffset < lastInnerOffset)
    throw invalidRecord(
      `the wrapper's offset ${wrapperOffset} is below its last message's ${lastInnerOffset}`,
    )
  for (const record of inner) record.offset += wrapperOffset - lastInnerOffset
}

/** Without a body when `end` is the position: offset, magic and attributes only. */
function readEntry(bytes: Buffer, position: number, end: number): Entry {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const magic = view.getInt8(position + MAGIC_OFFSET)
  const offset = getInt64(view, position)
  const attributes = view.getUint8(position + MAGIC_OFFSET + 1)
  if (end === position)
    return {
      magic,
      offset,
      attributes,
      timestamp: NO_TIMESTAMP,
      key: null,
      value: null,
      isValidCrc: true,
    }
  if (magic !== 0 && magic !== 1) throw invalidRecord(`magic ${magic} where only 0 and 1 can be`)
  const overhead = magic === 0 ? LEGACY_RECORD_OVERHEAD_V0 : LEGACY_RECORD_OVERHEAD_V1
  if (end - position - LOG_OVERHEAD < overhead) throw invalidRecord('a message is shorter than its header')
  const keyAt = position + LEGACY_TIMESTAMP_OFFSET + (magic === 0 ? 0 : 8)
  const key = sized(bytes, view, keyAt, end)
  const value = sized(bytes, view, keyAt + 4 + (key?.length ?? 0), end)
  return {
    magic,
    offset,
    attributes,
    timestamp: magic === 0 ? NO_TIMESTAMP : getInt64(view, position + LEGACY_TIMESTAMP_OFFSET),
    key,
    value,
    isValidCrc: true,
  }
}

function sized(bytes: Buffer, view: DataView, at: number, end: number): Buffer | null {
  if (end - at < 4) throw invalidRecord('a message is cut')
  const size = view.getInt32(at)
  if (size < 0) return null
  if (size > end - at - 4) throw invalidRecord(`a field of ${size} bytes is cut`)
  return bytes.subarray(at + 4, at + 4 + size)
}

export interface LegacySetInput {
  magic: 0 | 1
  records: readonly { offset: number; timestamp: number; key: Uint8Array | null; value: Uint8Array | null }[]
  compression?: CompressionType
  timestampType?: TimestampType
}

/** A set of messages, or one wrapper around them: what fetchers of before 0.11 are sent. */
export function buildLegacySet(input: LegacySetInput): Buffer {
  const { magic, records, compression = 'none', timestampType = 'CreateTime' } = input
  const first = records[0]
  const last = records.at(-1)
  if (first === undefined || last === undefined) return Buffer.alloc(0)
  const typeBit = magic === 1 && timestampType === 'LogAppendTime' ? TIMESTAMP_TYPE_MASK : 0
  const relativeTo = compression !== 'none' && magic === 1 ? first.offset : 0
  const plain = Buffer.concat(
    records.map(({ offset, timestamp, key, value }) =>
      buildEntry(magic, typeBit, offset - relativeTo, timestamp, key, value),
    ),
  )
  if (compression === 'none') return plain
  let maxTimestamp = NO_TIMESTAMP
  for (const { timestamp } of records) maxTimestamp = Math.max(maxTimestamp, timestamp)
  const value = compress(compression, plain, { lz4HeaderChecksum: magic === 0 ? 'old' : 'right' })
  return buildEntry(magic, typeBit | codecId(compression), last.offset, maxTimestamp, null, value)
}

function buildEntry(
  magic: 0 | 1,
  attributes: number,
  offset: number,
  timestamp: number,
  key: Uint8Array | null,
  value: Uint8Array | null,
): Buffer {
  const overhead = magic === 0 ? LEGACY_RECORD_OVERHEAD_V0 : LEGACY_RECORD_OVERHEAD_V1
  const entry = Buffer.allocUnsafe(LOG_OVERHEAD + overhead + (key?.length ?? 0) + (value?.length ?? 0))
  let at = entry.writeBigInt64BE(BigInt(offset))
  at = entry.writeInt32BE(entry.length - LOG_OVERHEAD, at) + 4
  at = entry.writeUInt8(magic, at)
  at = entry.writeUInt8(attributes, at)
  if (magic === 1) at = entry.writeBigInt64BE(BigInt(timestamp), at)
  for (const bytes of [key, value]) {
    at = entry.writeInt32BE(bytes?.length ?? -1, at)
    if (bytes !== null) {
      entry.set(bytes, at)
      at += bytes.length
    }
  }
  entry.writeUInt32BE(crc32(entry.subarray(MAGIC_OFFSET)), LEGACY_CRC_OFFSET)
  return entry
}
