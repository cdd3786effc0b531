// The records inside a batch, one at a time: for coordinators and the controller loading their logs, the cleaner,
// conversions, consumers in tests. Not for the produce and fetch paths, which never look at single records as objects.
// Answers to Kafka's DefaultRecord. Compressed batches are decompressed whole, under a limit; keys and values are
// parts of the batch's (or the decompressed) bytes, not copies. Malformed records throw INVALID_RECORD.
import { type BatchView, NO_SEQUENCE, incrementSequence, RECORD_BATCH_OVERHEAD } from './batch.ts'
import type { RecordHeader } from './builder.ts'
import { compressionTypeOf, type DecompressOptions, decompress } from './compression.ts'
import { invalidRecord } from './errors.ts'
import { legacyRecords } from './legacy.ts'
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

/** Every record of the batch the view points at. The view may move on only after the last one. */
export function* records(batch: BatchView, options?: DecompressOptions): Generator<Record, void, undefined> {
  if (batch.magic < 2) {
    for (const { offset, timestamp, key, value } of legacyRecords(batch, options))
      yield { offset, timestamp, sequence: NO_SEQUENCE, key, value, headers: noHeaders, body: undefined }
    return
  }
  const count = batch.recordCount
  if (count < 0) throw invalidRecord(`a record count of ${count} is not valid`)
  if (count === 0) return
  const reader = new RecordReader(recordBytes(batch, options))
  const { baseOffset, baseTimestamp, baseSequence } = batch
  const logAppendTime = batch.timestampType === 'LogAppendTime' ? batch.maxTimestamp : undefined
  for (let i = 0; i < count; i++) yield reader.next(baseOffset, baseTimestamp, baseSequence, logAppendTime)
  reader.expectEnd()
}

/** What follows the header, decompressed if need be. */
export function recordBytes(batch: BatchView, options?: DecompressOptions): Buffer {
  const stored = batch.bytes.subarray(batch.position + RECORD_BATCH_OVERHEAD, batch.end)
  return batch.compression === 0 ? stored : decompress(compressionTypeOf(batch.compression), stored, options)
}

/** How a record without key, value and headers is at least long: six fields of one byte. */
const MIN_BODY_SIZE = 6

class RecordReader {
  readonly #bytes: Buffer
  #at = 0
  #end: number

  constructor(bytes: Buffer) {
    this.#bytes = bytes
    this.#end = bytes.length
  }

  next(
    baseOffset: number,
    baseTimestamp: number,
    baseSequence: number,
    logAppendTime: number | undefined,
  ): Record {
    this.#end = this.#bytes.length
    const size = this.#varint()
    const end = this.#at + size
    if (size < MIN_BODY_SIZE || end > this.#bytes.length)
      throw invalidRecord(`a record of ${size} bytes is cut`)
    this.#end = end
    this.#at++ // attributes: none are defined
    const timestamp = baseTimestamp + this.#varlong()
    const offsetDelta = this.#varint()
    const body = this.#bytes.subarray(this.#at, end)
    const key = this.#nullableBytes()
    const value = this.#nullableBytes()
    const headers = this.#headers()
    if (this.#at !== end) throw invalidRecord(`${end - this.#at} bytes of a record are left over`)
    return {
      offset: baseOffset + offsetDelta,
      timestamp: logAppendTime ?? timestamp,
      sequence: baseSequence >= 0 ? incrementSequence(baseSequence, offsetDelta) : NO_SEQUENCE,
      key,
      value,
      headers,
      body,
    }
  }

  expectEnd(): void {
    const left = this.#bytes.length - this.#at
    if (left !== 0) throw invalidRecord(`${left} bytes are left over after the last record`)
  }

  #headers(): readonly RecordHeader[] {
    const count = this.#varint()
    if (count === 0) return noHeaders
    if (count < 0 || count > this.#end - this.#at)
      throw invalidRecord(`a count of ${count} headers is not valid`)
    const headers: RecordHeader[] = []
    for (let i = 0; i < count; i++) {
      const key = this.#nullableBytes()
      if (key === null) throw invalidRecord('a header without a key')
      headers.push({ key: key.toString('utf8'), value: this.#nullableBytes() })
    }
    return headers
  }

  #nullableBytes(): Buffer | null {
    const size = this.#varint()
    if (size < 0) return null
    const start = this.#at
    if (size > this.#end - start) throw invalidRecord(`a field of ${size} bytes is cut`)
    this.#at = start + size
    return this.#bytes.subarray(start, this.#at)
  }

  #byte(): number {
    if (this.#at >= this.#end) throw invalidRecord('a record is cut')
    return this.#bytes[this.#at++]!
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
