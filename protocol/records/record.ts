// The records inside a batch, one at a time: for coordinators and the controller loading their logs, the cleaner,
// conversions, consumers in tests. Not for the produce and fetch paths, which never look at single records as objects.
// Answers to Kafka's DefaultRecord. Compressed batches are decompressed whole, under a limit; keys and values are
// parts of the batch's (or the decompressed) bytes, not copies. Malformed records throw INVALID_RECORD.
import { type BatchView, NO_SEQUENCE, incrementSequence, RECORD_BATCH_OVERHEAD } from './batch.ts'
import type { RecordHeader } from './builder.ts'
import { compressionTypeOf, type DecompressOptions, decompress } from './compression.ts'
import { invalidRecord } from './errors.ts'
import { type LegacyRecord, legacyRecords } from './legacy.ts'
import { unzigzag } from './varint.ts'

export interface Record {
  readonly offset: number
  readonly timestamp: number
  readonly sequence: number
  readonly key: Buffer | null
  readonly value: Buffer | null
  readonly headers: readonly RecordHeader[]
  /** Key, value and headers still encoded, as buildBatch takes them; undefined for magic 0 and 1. */
  readonly body: Buffer | undefined
}

const noHeaders: readonly RecordHeader[] = Object.freeze([])
const NO_BYTES = Buffer.alloc(0)

/** Every record of the batch the view points at. The view may move on only after the last one. */
export function* records(batch: BatchView, options?: DecompressOptions): Generator<Record, void, undefined> {
  const cursor = recordCursor(batch, options)
  while (cursor.next()) yield cursor.record()
}

/**
 * The same records without an object for each: for those who look at all and keep few, such as the cleaner. What is behind the value is
 * not looked at before `record()`.
 */
export interface RecordCursor {
  readonly offset: number
  /** The key is `bytes[keyStart, keyEnd)`; `keyStart` is -1 for null. */
  readonly bytes: Uint8Array
  readonly keyStart: number
  readonly keyEnd: number
  readonly hasValue: boolean
  /** To the next record, at first to the first one; false behind the last. */
  next(): boolean
  /** The record under the cursor, to be kept. */
  record(): Record
  /** Before the first one again. */
  rewind(): void
}

export function recordCursor(batch: BatchView, options?: DecompressOptions): RecordCursor {
  return batch.magic < 2 ? new LegacyRecordCursor(batch, options) : new DefaultRecordCursor(batch, options)
}

/** What follows the header, decompressed if need be. */
export function recordBytes(batch: BatchView, options?: DecompressOptions): Buffer {
  const stored = batch.bytes.subarray(batch.position + RECORD_BATCH_OVERHEAD, batch.end)
  return batch.compression === 0 ? stored : decompress(compressionTypeOf(batch.compression), stored, options)
}

class LegacyRecordCursor implements RecordCursor {
  readonly #records: readonly LegacyRecord[]
  #index = -1

  constructor(batch: BatchView, options: DecompressOptions | undefined) {
    this.#records = legacyRecords(batch, options)
  }

  get offset(): number {
    return this.#records[this.#index]!.offset
  }

  get bytes(): Uint8Array {
    return this.#records[this.#index]!.key ?? NO_BYTES
  }

  get keyStart(): number {
    return this.#records[this.#index]!.key === null ? -1 : 0
  }

  get keyEnd(): number {
    return this.bytes.length
  }

  get hasValue(): boolean {
    return this.#records[this.#index]!.value !== null
  }

  next(): boolean {
    return ++this.#index < this.#records.length
  }

  rewind(): void {
    this.#index = -1
  }

  record(): Record {
    const { offset, timestamp, key, value } = this.#records[this.#index]!
    return { offset, timestamp, sequence: NO_SEQUENCE, key, value, headers: noHeaders, body: undefined }
  }
}

/** How a record without key, value and headers is at least long: six fields of one byte. */
const MIN_BODY_SIZE = 6

class DefaultRecordCursor implements RecordCursor {
  readonly bytes: Buffer
  offset = -1
  keyStart = -1
  keyEnd = -1
  readonly #baseOffset: number
  readonly #baseTimestamp: number
  readonly #baseSequence: number
  readonly #logAppendTime: number | undefined
  readonly #count: number
  #left: number
  #timestamp = 0
  #offsetDelta = 0
  #bodyStart = 0
  #valueStart = -1
  #valueEnd = -1
  /** Where the record under the cursor ends. */
  #recordEnd = 0
  /** What is parsed next, and what may not be passed. */
  #at = 0
  #end = 0

  constructor(batch: BatchView, options: DecompressOptions | undefined) {
    this.#count = this.#left = batch.recordCount
    if (this.#count < 0) throw invalidRecord(`a record count of ${this.#count} is not valid`)
    this.bytes = this.#count === 0 ? NO_BYTES : recordBytes(batch, options)
    this.#baseOffset = batch.baseOffset
    this.#baseTimestamp = batch.baseTimestamp
    this.#baseSequence = batch.baseSequence
    this.#logAppendTime = batch.timestampType === 'LogAppendTime' ? batch.maxTimestamp : undefined
  }

  get hasValue(): boolean {
    return this.#valueStart >= 0
  }

  next(): boolean {
    this.#at = this.#recordEnd
    this.#end = this.bytes.length
    if (this.#left === 0) {
      if (this.#at !== this.#end)
        throw invalidRecord(`${this.#end - this.#at} bytes are left over after the last record`)
      return false
    }
    this.#left--
    const size = this.#varint()
    this.#recordEnd = this.#at + size
    if (size < MIN_BODY_SIZE || this.#recordEnd > this.#end)
      throw invalidRecord(`a record of ${size} bytes is cut`)
    this.#end = this.#recordEnd
    this.#at++ // attributes: none are defined
    this.#timestamp = this.#baseTimestamp + this.#varlong()
    this.#offsetDelta = this.#varint()
    this.offset = this.#baseOffset + this.#offsetDelta
    this.#bodyStart = this.#at
    this.keyStart = this.#field()
    this.keyEnd = this.#at
    this.#valueStart = this.#field()
    this.#valueEnd = this.#at
    return true
  }

  rewind(): void {
    this.#left = this.#count
    this.#recordEnd = 0
  }

  record(): Record {
    this.#at = this.#valueEnd
    const headers = this.#headers()
    if (this.#at !== this.#end) throw invalidRecord(`${this.#end - this.#at} bytes of a record are left over`)
    return {
      offset: this.offset,
      timestamp: this.#logAppendTime ?? this.#timestamp,
      sequence:
        this.#baseSequence >= 0 ? incrementSequence(this.#baseSequence, this.#offsetDelta) : NO_SEQUENCE,
      key: this.#view(this.keyStart, this.keyEnd),
      value: this.#view(this.#valueStart, this.#valueEnd),
      headers,
      body: this.bytes.subarray(this.#bodyStart, this.#recordEnd),
    }
  }

  #view(start: number, end: number): Buffer | null {
    return start < 0 ? null : this.bytes.subarray(start, end)
  }

  /** Goes over a field of bytes; where it starts, or -1 for null. */
  #field(): number {
    const size = this.#varint()
    if (size < 0) return -1
    const start = this.#at
    if (size > this.#end - start) throw invalidRecord(`a field of ${size} bytes is cut`)
    this.#at = start + size
    return start
  }

  #headers(): readonly RecordHeader[] {
    const count = this.#varint()
    if (count === 0) return noHeaders
    if (count < 0 || count > this.#end - this.#at)
      throw invalidRecord(`a count of ${count} headers is not valid`)
    const headers: RecordHeader[] = []
    for (let i = 0; i < count; i++) {
      const start = this.#field()
      if (start < 0) throw invalidRecord('a header without a key')
      const key = this.bytes.toString('utf8', start, this.#at)
      headers.push({ key, value: this.#view(this.#field(), this.#at) })
    }
    return headers
  }

  #byte(): number {
    if (this.#at >= this.#end) throw invalidRecord('a record is cut')
    return this.bytes[this.#at++]!
  }

  #varint(): number {
    let raw = 0
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.#byte()
      raw |= (byte & 0x7f) << shift
      if (byte < 0x80) return (raw >>> 1) ^ -(raw & 1)
    }
    throw invalidRecord('a varint is longer than 5 bytes')
  }

  #varlong(): number {
    let low = 0
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = this.#byte()
      low |= (byte & 0x7f) << shift
      if (byte < 0x80) return (low >>> 1) ^ -(low & 1)
    }
    let raw = BigInt(low)
    for (let shift = 28n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      raw |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return unzigzag(raw)
    }
    throw invalidRecord('a varint is longer than 10 bytes')
  }
}
