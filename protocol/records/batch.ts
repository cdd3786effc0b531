// The header of a record batch, read and patched in place: no copy, no object per batch, Numbers instead of BigInts.
// Answers to Kafka's DefaultRecordBatch (magic 2) and, for the fields they share, to the entries of the old message
// sets (magic 0 and 1), which a compressed set wraps in one such entry.
//
//   magic 2                                        magic 0 and 1
//    0  int64  baseOffset                           0  int64  offset (of a wrapper: its last record's)
//    8  int32  length (of all that follows)         8  int32  length
//   12  int32  partitionLeaderEpoch                12  uint32 crc32 of [16, end)
//   16  int8   magic                               16  int8   magic
//   17  uint32 crc32c of [21, end)                 17  int8   attributes
//   21  int16  attributes                          18  int64  timestamp (magic 1 only)
//   23  int32  lastOffsetDelta                     18|26 int32 key length, key, int32 value length, value
//   27  int64  baseTimestamp
//   35  int64  maxTimestamp                        attributes: bits 0-2 codec, 3 timestamp type (log append time),
//   43  int64  producerId                          4 transactional, 5 control, 6 delete horizon (4-6: magic 2 only)
//   51  int16  producerEpoch
//   53  int32  baseSequence
//   57  int32  recordCount
//   61  records
import { crc32 } from 'node:zlib'
import { crc32c } from './crc32c.ts'
import { corrupt } from './errors.ts'

export const BASE_OFFSET_OFFSET = 0
export const LENGTH_OFFSET = 8
/** Base offset and length: what must be there before the size of a batch is known. */
export const LOG_OVERHEAD = 12
export const PARTITION_LEADER_EPOCH_OFFSET = 12
export const MAGIC_OFFSET = 16
export const HEADER_SIZE_UP_TO_MAGIC = 17
export const CRC_OFFSET = 17
export const ATTRIBUTES_OFFSET = 21
export const LAST_OFFSET_DELTA_OFFSET = 23
export const BASE_TIMESTAMP_OFFSET = 27
export const MAX_TIMESTAMP_OFFSET = 35
export const PRODUCER_ID_OFFSET = 43
export const PRODUCER_EPOCH_OFFSET = 51
export const BASE_SEQUENCE_OFFSET = 53
export const RECORD_COUNT_OFFSET = 57
/** Size of a magic 2 header; an empty batch is exactly this long. */
export const RECORD_BATCH_OVERHEAD = 61

export const LEGACY_CRC_OFFSET = 12
export const LEGACY_ATTRIBUTES_OFFSET = 17
export const LEGACY_TIMESTAMP_OFFSET = 18
/** What follows offset and length in an empty entry: crc, magic, attributes, [timestamp], two int32 lengths. */
export const LEGACY_RECORD_OVERHEAD_V0 = 14
export const LEGACY_RECORD_OVERHEAD_V1 = 22

export const CODEC_MASK = 0x07
export const TIMESTAMP_TYPE_MASK = 0x08
export const TRANSACTIONAL_MASK = 0x10
export const CONTROL_MASK = 0x20
export const DELETE_HORIZON_MASK = 0x40
const MEANT_MASK = 0x7f

export const NO_TIMESTAMP = -1
export const NO_PRODUCER_ID = -1
export const NO_PRODUCER_EPOCH = -1
export const NO_SEQUENCE = -1
export const NO_PARTITION_LEADER_EPOCH = -1

export type TimestampType = 'CreateTime' | 'LogAppendTime'

const TWO_32 = 0x1_0000_0000

export function getInt64(view: DataView, position: number): number {
  return view.getInt32(position) * TWO_32 + view.getUint32(position + 4)
}

export function setInt64(view: DataView, position: number, value: number): void {
  view.setInt32(position, Math.floor(value / TWO_32))
  view.setUint32(position + 4, value >>> 0)
}

// A DataView for each buffer costs more than all that is read through it.
const readInt64 = (bytes: Buffer, at: number): number =>
  bytes.readInt32BE(at) * TWO_32 + bytes.readUInt32BE(at + 4)

function writeInt64(bytes: Buffer, at: number, value: number): void {
  bytes.writeInt32BE(Math.floor(value / TWO_32), at)
  bytes.writeUInt32BE(value >>> 0, at + 4)
}

/** Sequence numbers wrap from 2^31-1 to 0. */
export function incrementSequence(sequence: number, increment: number): number {
  return sequence > 0x7fffffff - increment ? increment - (0x7fffffff - sequence) - 1 : sequence + increment
}

export class BatchView {
  bytes: Buffer = Buffer.alloc(0)
  position = 0

  /** Points the view at the batch that starts at `position`; the whole batch must lie within `bytes`. */
  reset(bytes: Buffer, position: number): this {
    this.bytes = bytes
    this.position = position
    return this
  }

  /** Of a wrapper with magic 0 or 1 this is the offset of its last record, the only one its header knows. */
  get baseOffset(): number {
    return readInt64(this.bytes, this.position)
  }

  get length(): number {
    return this.bytes.readInt32BE(this.position + LENGTH_OFFSET)
  }

  get sizeInBytes(): number {
    return LOG_OVERHEAD + this.bytes.readInt32BE(this.position + LENGTH_OFFSET)
  }

  get end(): number {
    return this.position + this.sizeInBytes
  }

  /** The batch's bytes, shared with what the view looks at. */
  get slice(): Buffer {
    return this.bytes.subarray(this.position, this.end)
  }

  get partitionLeaderEpoch(): number {
    return this.magic < 2
      ? NO_PARTITION_LEADER_EPOCH
      : this.bytes.readInt32BE(this.position + PARTITION_LEADER_EPOCH_OFFSET)
  }

  get magic(): number {
    return this.bytes.readInt8(this.position + MAGIC_OFFSET)
  }

  get crc(): number {
    return this.bytes.readUInt32BE(this.position + (this.magic < 2 ? LEGACY_CRC_OFFSET : CRC_OFFSET))
  }

  get attributes(): number {
    return this.magic < 2
      ? this.bytes.readUInt8(this.position + LEGACY_ATTRIBUTES_OFFSET)
      : this.bytes.readInt16BE(this.position + ATTRIBUTES_OFFSET)
  }

  /** 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd; 5 to 7 are no codec. */
  get compression(): number {
    return this.attributes & CODEC_MASK
  }

  get isTransactional(): boolean {
    return this.magic >= 2 && (this.attributes & TRANSACTIONAL_MASK) !== 0
  }

  get isControl(): boolean {
    return this.magic >= 2 && (this.attributes & CONTROL_MASK) !== 0
  }

  get timestampType(): TimestampType {
    return this.magic > 0 && (this.attributes & TIMESTAMP_TYPE_MASK) !== 0 ? 'LogAppendTime' : 'CreateTime'
  }

  get hasDeleteHorizon(): boolean {
    return this.magic >= 2 && (this.attributes & DELETE_HORIZON_MASK) !== 0
  }

  /** When the cleaner may drop this batch's tombstones and markers; -1 when it has not said yet. */
  get deleteHorizonMs(): number {
    return this.hasDeleteHorizon ? this.baseTimestamp : NO_TIMESTAMP
  }

  get lastOffsetDelta(): number {
    return this.magic < 2 ? 0 : this.bytes.readInt32BE(this.position + LAST_OFFSET_DELTA_OFFSET)
  }

  get lastOffset(): number {
    return this.baseOffset + this.lastOffsetDelta
  }

  get nextOffset(): number {
    return this.lastOffset + 1
  }

  get baseTimestamp(): number {
    const magic = this.magic
    if (magic === 0) return NO_TIMESTAMP
    return readInt64(
      this.bytes,
      this.position + (magic < 2 ? LEGACY_TIMESTAMP_OFFSET : BASE_TIMESTAMP_OFFSET),
    )
  }

  get maxTimestamp(): number {
    const magic = this.magic
    if (magic === 0) return NO_TIMESTAMP
    return readInt64(this.bytes, this.position + (magic < 2 ? LEGACY_TIMESTAMP_OFFSET : MAX_TIMESTAMP_OFFSET))
  }

  get producerId(): number {
    return this.magic < 2 ? NO_PRODUCER_ID : readInt64(this.bytes, this.position + PRODUCER_ID_OFFSET)
  }

  get hasProducerId(): boolean {
    return this.producerId > NO_PRODUCER_ID
  }

  get producerEpoch(): number {
    return this.magic < 2 ? NO_PRODUCER_EPOCH : this.bytes.readInt16BE(this.position + PRODUCER_EPOCH_OFFSET)
  }

  get baseSequence(): number {
    return this.magic < 2 ? NO_SEQUENCE : this.bytes.readInt32BE(this.position + BASE_SEQUENCE_OFFSET)
  }

  get lastSequence(): number {
    const baseSequence = this.baseSequence
    return baseSequence === NO_SEQUENCE ? NO_SEQUENCE : incrementSequence(baseSequence, this.lastOffsetDelta)
  }

  /** -1 for a wrapper with magic 0 or 1, whose count is known only after decompressing it. */
  get recordCount(): number {
    if (this.magic >= 2) return this.bytes.readInt32BE(this.position + RECORD_COUNT_OFFSET)
    return this.compression === 0 ? 1 : -1
  }

  computeCrc(): number {
    return this.magic < 2
      ? crc32(this.bytes.subarray(this.position + MAGIC_OFFSET, this.end))
      : crc32c(this.bytes, 0, this.position + ATTRIBUTES_OFFSET, this.end)
  }

  isValidCrc(): boolean {
    return this.computeCrc() === this.crc
  }

  /** Neither this nor the leader epoch is covered by the CRC of magic 2. */
  setBaseOffset(offset: number): void {
    writeInt64(this.bytes, this.position, offset)
  }

  setLastOffset(offset: number): void {
    writeInt64(this.bytes, this.position, offset - this.lastOffsetDelta)
  }

  setPartitionLeaderEpoch(epoch: number): void {
    if (this.magic >= 2) this.bytes.writeInt32BE(epoch, this.position + PARTITION_LEADER_EPOCH_OFFSET)
  }

  /** Does nothing, and leaves the CRC alone, when both are already so. */
  setMaxTimestamp(type: TimestampType, timestamp: number): void {
    const magic = this.magic
    if (magic === 0 || (this.timestampType === type && this.maxTimestamp === timestamp)) return
    // Bits without a meaning do not survive, as in Kafka.
    const meant = this.attributes & (magic < 2 ? CODEC_MASK : MEANT_MASK)
    const attributes = type === 'LogAppendTime' ? meant | TIMESTAMP_TYPE_MASK : meant & ~TIMESTAMP_TYPE_MASK
    if (magic < 2) {
      this.bytes.writeUInt8(attributes, this.position + LEGACY_ATTRIBUTES_OFFSET)
      writeInt64(this.bytes, this.position + LEGACY_TIMESTAMP_OFFSET, timestamp)
    } else {
      this.bytes.writeInt16BE(attributes, this.position + ATTRIBUTES_OFFSET)
      writeInt64(this.bytes, this.position + MAX_TIMESTAMP_OFFSET, timestamp)
    }
    this.#writeCrc()
  }

  #writeCrc(): void {
    const at = this.position + (this.magic < 2 ? LEGACY_CRC_OFFSET : CRC_OFFSET)
    this.bytes.writeUInt32BE(this.computeCrc(), at)
  }
}

/**
 * The end of the batch at `position`, or -1 when bytes[position, limit) does not hold all of it yet.
 * Throws for bytes that can be no batch: a length shorter than any header, or an unknown magic.
 */
export function batchEnd(bytes: Uint8Array, position: number, limit = bytes.length): number {
  if (limit - position < LOG_OVERHEAD) return -1
  const at = position + LENGTH_OFFSET
  const length = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  if (length < LEGACY_RECORD_OVERHEAD_V0)
    throw corrupt(`a batch length of ${length} bytes is below any header's size`)
  if (limit - position < HEADER_SIZE_UP_TO_MAGIC) return -1
  const magic = bytes[position + MAGIC_OFFSET]!
  if (magic > 2) throw corrupt(`unknown magic ${magic}`)
  if (magic === 2 && length < RECORD_BATCH_OVERHEAD - LOG_OVERHEAD)
    throw corrupt(`a batch length of ${length} bytes is below the header's size`)
  if (magic === 1 && length < LEGACY_RECORD_OVERHEAD_V1)
    throw corrupt(`a message length of ${length} bytes is below the header's size`)
  const end = position + LOG_OVERHEAD + length
  return end > limit ? -1 : end
}

/**
 * As batchEnd, for who only walks over batches, like Kafka's ByteBufferLogInputStream: a length that is below its own format's header is
 * found when the batch is looked into.
 */
export function batchEndOfAnyLength(bytes: Uint8Array, position: number, limit = bytes.length): number {
  if (limit - position < HEADER_SIZE_UP_TO_MAGIC || bytes[position + MAGIC_OFFSET]! > 2)
    return batchEnd(bytes, position, limit)
  const at = position + LENGTH_OFFSET
  const length = (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!
  if (length < LEGACY_RECORD_OVERHEAD_V0 || length >= RECORD_BATCH_OVERHEAD)
    return batchEnd(bytes, position, limit)
  const end = position + LOG_OVERHEAD + length
  return end > limit ? -1 : end
}

/** Every complete batch in bytes[start, limit), as one reused view: read what you need before asking for the next. */
export function* batches(
  bytes: Buffer,
  start = 0,
  limit = bytes.length,
  view = new BatchView(),
): Generator<BatchView, void, undefined> {
  for (let position = start; ; ) {
    const end = batchEnd(bytes, position, limit)
    if (end < 0) return
    yield view.reset(bytes, position)
    position = end
  }
}

/** Where the last complete batch in bytes[start, limit) ends: `start` when there is none. */
export function lastCompleteBatchEnd(bytes: Uint8Array, start = 0, limit = bytes.length): number {
  for (let position = start; ; ) {
    const end = batchEnd(bytes, position, limit)
    if (end < 0) return position
    position = end
  }
}
