// Builds record batches with magic 2: what coordinators, the controller, the cleaner, conversions and tests append.
// Answers to Kafka's MemoryRecordsBuilder. Two passes, sizes then bytes, into one buffer of the exact size;
// a compressed batch costs a second buffer for the plain records.
import {
  ATTRIBUTES_OFFSET,
  CONTROL_MASK,
  CRC_OFFSET,
  DELETE_HORIZON_MASK,
  LOG_OVERHEAD,
  NO_PARTITION_LEADER_EPOCH,
  NO_PRODUCER_EPOCH,
  NO_PRODUCER_ID,
  NO_SEQUENCE,
  NO_TIMESTAMP,
  RECORD_BATCH_OVERHEAD,
  TIMESTAMP_TYPE_MASK,
  type TimestampType,
  TRANSACTIONAL_MASK,
} from './batch.ts'
import { type CompressionType, codecId, compress } from './compression.ts'
import { crc32c } from './crc32c.ts'
import { sizeOfVarint, sizeOfVarlong, writeVarint, writeVarlong } from './varint.ts'

export interface RecordHeader {
  key: string
  value: Uint8Array | null
}

export interface RecordInput {
  key: Uint8Array | string | null
  value: Uint8Array | string | null
  headers?: readonly RecordHeader[]
  /** Key, value and headers as another batch with magic 2 has them encoded: copied instead of the three above. */
  body?: Uint8Array | undefined
  /** Defaults to the batch's. */
  timestamp?: number
  /** Defaults to the one after the record before, starting at baseOffset. */
  offset?: number
}

export interface BatchInput {
  records: readonly RecordInput[]
  /** Of records that name none of their own. */
  timestamp?: number
  baseOffset?: number
  partitionLeaderEpoch?: number
  compression?: CompressionType
  compressionLevel?: number | undefined
  timestampType?: TimestampType
  producerId?: number
  producerEpoch?: number
  baseSequence?: number
  isTransactional?: boolean
  isControl?: boolean
  /** The cleaner's mark: stored in place of the base timestamp. */
  deleteHorizonMs?: number
  /** Defaults to the last record's; a cleaned batch keeps its old one. */
  lastOffsetDelta?: number
  /** Defaults to the largest of the records', or `timestamp` with LogAppendTime. */
  maxTimestamp?: number
}

export function buildBatch(input: BatchInput): Buffer {
  const { records, baseOffset = 0, compression = 'none' } = input
  const fallback = input.timestamp ?? NO_TIMESTAMP
  const first = records[0]
  const firstTimestamp = first === undefined ? NO_TIMESTAMP : (first.timestamp ?? fallback)
  const baseTimestamp = input.deleteHorizonMs ?? firstTimestamp

  let maxTimestamp = NO_TIMESTAMP
  let recordsSize = 0
  let offset = baseOffset
  const bodySizes: number[] = []
  for (let i = 0; i < records.length; i++) {
    const record = records[i]!
    const timestamp = record.timestamp ?? fallback
    if (timestamp > maxTimestamp) maxTimestamp = timestamp
    if (record.offset !== undefined) offset = record.offset
    const bodySize = sizeOfBody(record, offset - baseOffset, timestamp - baseTimestamp)
    bodySizes.push(bodySize)
    recordsSize += sizeOfVarint(bodySize) + bodySize
    offset++
  }
  if (input.timestampType === 'LogAppendTime') maxTimestamp = fallback

  const plainStart = compression === 'none' ? RECORD_BATCH_OVERHEAD : 0
  const plain = Buffer.allocUnsafe(plainStart + recordsSize)
  let position = plainStart
  let delta = -1
  for (let i = 0; i < records.length; i++) {
    const record = records[i]!
    delta = record.offset === undefined ? delta + 1 : record.offset - baseOffset
    const timestampDelta = (record.timestamp ?? fallback) - baseTimestamp
    position = writeRecord(plain, position, record, bodySizes[i]!, delta, timestampDelta)
  }

  const batch =
    compression === 'none'
      ? plain
      : withRoomForHeader(compress(compression, plain, { level: input.compressionLevel }))
  writeHeader(batch, input, {
    baseTimestamp,
    maxTimestamp: input.maxTimestamp ?? maxTimestamp,
    lastOffsetDelta: input.lastOffsetDelta ?? Math.max(delta, 0),
  })
  return batch
}

function withRoomForHeader(compressed: Buffer): Buffer {
  const batch = Buffer.allocUnsafe(RECORD_BATCH_OVERHEAD + compressed.length)
  compressed.copy(batch, RECORD_BATCH_OVERHEAD)
  return batch
}

function writeHeader(
  batch: Buffer,
  input: BatchInput,
  derived: { baseTimestamp: number; maxTimestamp: number; lastOffsetDelta: number },
): void {
  const attributes =
    codecId(input.compression ?? 'none') |
    (input.timestampType === 'LogAppendTime' ? TIMESTAMP_TYPE_MASK : 0) |
    (input.isTransactional ? TRANSACTIONAL_MASK : 0) |
    (input.isControl ? CONTROL_MASK : 0) |
    (input.deleteHorizonMs === undefined ? 0 : DELETE_HORIZON_MASK)
  let at = batch.writeBigInt64BE(BigInt(input.baseOffset ?? 0), 0)
  at = batch.writeInt32BE(batch.length - LOG_OVERHEAD, at)
  at = batch.writeInt32BE(input.partitionLeaderEpoch ?? NO_PARTITION_LEADER_EPOCH, at)
  at = batch.writeInt8(2, at)
  at = batch.writeInt16BE(attributes, at + 4)
  at = batch.writeInt32BE(derived.lastOffsetDelta, at)
  at = batch.writeBigInt64BE(BigInt(derived.baseTimestamp), at)
  at = batch.writeBigInt64BE(BigInt(derived.maxTimestamp), at)
  at = batch.writeBigInt64BE(BigInt(input.producerId ?? NO_PRODUCER_ID), at)
  at = batch.writeInt16BE(input.producerEpoch ?? NO_PRODUCER_EPOCH, at)
  at = batch.writeInt32BE(input.baseSequence ?? NO_SEQUENCE, at)
  batch.writeInt32BE(input.records.length, at)
  batch.writeUInt32BE(crc32c(batch, 0, ATTRIBUTES_OFFSET), CRC_OFFSET)
}

function sizeOfBytes(bytes: Uint8Array | string | null): number {
  if (bytes === null) return 1
  const size = typeof bytes === 'string' ? Buffer.byteLength(bytes) : bytes.length
  return sizeOfVarint(size) + size
}

function sizeOfBody(record: RecordInput, offsetDelta: number, timestampDelta: number): number {
  const headers = record.headers ?? []
  let size = 1 + sizeOfVarlong(timestampDelta) + sizeOfVarint(offsetDelta)
  if (record.body !== undefined) return size + record.body.length
  size += sizeOfBytes(record.key) + sizeOfBytes(record.value) + sizeOfVarint(headers.length)
  for (const header of headers) size += sizeOfBytes(header.key) + sizeOfBytes(header.value)
  return size
}

function writeBytes(target: Buffer, position: number, bytes: Uint8Array | string | null): number {
  if (bytes === null) return writeVarint(target, position, -1)
  if (typeof bytes === 'string') {
    const at = writeVarint(target, position, Buffer.byteLength(bytes))
    return at + target.write(bytes, at)
  }
  const at = writeVarint(target, position, bytes.length)
  target.set(bytes, at)
  return at + bytes.length
}

//   varint bodySize | int8 attributes (0) | varlong timestampDelta | varint offsetDelta
//   | varint keySize, key | varint valueSize, value | varint headerCount, (varint, key, varint, value)*
function writeRecord(
  target: Buffer,
  position: number,
  record: RecordInput,
  bodySize: number,
  offsetDelta: number,
  timestampDelta: number,
): number {
  let at = writeVarint(target, position, bodySize)
  target[at++] = 0
  at = writeVarlong(target, at, timestampDelta)
  at = writeVarint(target, at, offsetDelta)
  if (record.body !== undefined) {
    target.set(record.body, at)
    return at + record.body.length
  }
  at = writeBytes(target, at, record.key)
  at = writeBytes(target, at, record.value)
  const headers = record.headers ?? []
  at = writeVarint(target, at, headers.length)
  for (const header of headers) {
    at = writeBytes(target, at, header.key)
    at = writeBytes(target, at, header.value)
  }
  return at
}
