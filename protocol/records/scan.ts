// What every append to a log looks at first: batch by batch the checks of Kafka's UnifiedLog.analyzeAndValidateRecords,
// and the walk over a batch's records that LogValidator makes. Nothing is allocated for a good plain batch: one view,
// one result object, both reused; the walk costs a few ns a record beside the CRC.
import { batchEnd, BatchView, NO_PARTITION_LEADER_EPOCH, NO_TIMESTAMP } from './batch.ts'
import { compressionTypeOf } from './compression.ts'
import {
  corrupt,
  INVALID_RECORD,
  INVALID_TIMESTAMP,
  invalidRecord,
  MESSAGE_TOO_LARGE,
  type RecordError,
  RecordsError,
} from './errors.ts'
import { unzigzag } from './varint.ts'

export type AppendOrigin = 'client' | 'coordinator' | 'raft-leader' | 'replication'

/** What an append learns about its records. One object a log, filled again for each append. */
export class AppendScan {
  /** What to write: the records given, without a cut batch at their end, or what they were rebuilt into. */
  records: Buffer = Buffer.alloc(0)
  batchCount = 0
  validBytes = 0
  /** -1 when the first batch has magic 0 or 1: its header knows the last offset only. */
  firstOffset = -1
  lastOffset = -1
  lastOffsetOfFirstBatch = -1
  lastLeaderEpoch = NO_PARTITION_LEADER_EPOCH
  maxTimestamp = NO_TIMESTAMP
  /** The last offset of the batch that has it: time indexes point at batches, as since Kafka 3.9. */
  shallowOffsetOfMaxTimestamp = -1
  /** Codec id of the last compressed batch, 0 when none is. */
  sourceCompression = 0
  offsetsAreMonotonic = true
  // Known after validateAndAssignOffsets:
  recordCount = 0
  logAppendTimeMs = NO_TIMESTAMP
  /** Records that had to be written anew, for the message conversion metrics. */
  conversionCount = 0
}

export interface BatchChecks {
  origin: AppendOrigin
  /** Infinity where the leader has already accepted the records. */
  maxMessageBytes: number
}

/** Where validation looks from: reused because nothing here is asynchronous. */
const view = new BatchView()

/**
 * Checks every complete batch: magic, size, CRC, and for clients that offsets start at 0. Nothing is changed.
 * A cut batch at the end is left out, as Kafka does. No batch at all gives batchCount 0, which is no error here.
 */
export function scanBatches(
  records: Buffer,
  { origin, maxMessageBytes }: BatchChecks,
  leaderEpoch: number,
  into: AppendScan,
): AppendScan {
  into.batchCount = into.validBytes = into.sourceCompression = into.recordCount = into.conversionCount = 0
  into.firstOffset = into.lastOffset = into.lastOffsetOfFirstBatch = into.shallowOffsetOfMaxTimestamp = -1
  into.maxTimestamp = into.logAppendTimeMs = NO_TIMESTAMP
  into.lastLeaderEpoch = NO_PARTITION_LEADER_EPOCH
  into.offsetsAreMonotonic = true
  let position = 0
  for (;;) {
    const end = batchEnd(records, position)
    if (end < 0) break
    view.reset(records, position)
    scanBatch(origin, maxMessageBytes, leaderEpoch, into)
    position = end
  }
  into.validBytes = position
  into.records = position === records.length ? records : records.subarray(0, position)
  return into
}

function scanBatch(
  origin: AppendOrigin,
  maxMessageBytes: number,
  leaderEpoch: number,
  into: AppendScan,
): void {
  const magic = view.magic
  if (origin === 'raft-leader' && view.partitionLeaderEpoch !== leaderEpoch)
    throw invalidRecord(
      `a batch of leader epoch ${view.partitionLeaderEpoch} in an append of epoch ${leaderEpoch}`,
    )
  const baseOffset = view.baseOffset
  // Old clients number the entries of a set as they like.
  if (magic >= 2 && origin === 'client' && baseOffset !== 0)
    throw invalidRecord(`the base offset of a produced batch is ${baseOffset}, not 0`)
  const lastOffset = view.lastOffset
  if (into.batchCount === 0) {
    if (magic >= 2) into.firstOffset = baseOffset
    into.lastOffsetOfFirstBatch = lastOffset
  }
  if (into.lastOffset >= lastOffset) into.offsetsAreMonotonic = false
  into.lastOffset = lastOffset
  into.lastLeaderEpoch = view.partitionLeaderEpoch
  const size = view.sizeInBytes
  if (size > maxMessageBytes)
    throw new RecordsError(
      MESSAGE_TOO_LARGE,
      `a batch of ${size} bytes is beyond the limit of ${maxMessageBytes}`,
    )
  if (!view.isValidCrc())
    throw corrupt(`the checksum of a batch does not match (stored ${view.crc})`, 'invalid-crc')
  const maxTimestamp = view.maxTimestamp
  if (maxTimestamp > into.maxTimestamp) {
    into.maxTimestamp = maxTimestamp
    into.shallowOffsetOfMaxTimestamp = lastOffset
  }
  const codec = view.compression
  if (codec !== 0) {
    compressionTypeOf(codec)
    into.sourceCompression = codec
  }
  into.batchCount++
}

export interface RecordChecks {
  /** Compacted topics take no record without a key. */
  keyRequired: boolean
  /** False for topics that stamp their records themselves. */
  timestampsMatter: boolean
  earliestTimestamp: number
  latestTimestamp: number
}

/** The walk over the records of one batch with magic 2. */
export class RecordScan {
  maxTimestamp = NO_TIMESTAMP
  /** Every record's offset delta is its index. If not, the batch must be rebuilt. */
  offsetsAreContiguous = true
  #errors: RecordError[] = []
  #hasTimestampError = false

  /** Forgets what a scan that threw half-way had collected. */
  reset(): void {
    if (this.#errors.length > 0) this.#errors = []
    this.#hasTimestampError = false
  }

  /** Throws INVALID_RECORD for a malformed record, or the errors of all records that broke a rule. */
  run(bytes: Uint8Array, start: number, end: number, batch: BatchView, checks: RecordChecks): void {
    const count = batch.recordCount
    const baseTimestamp = batch.baseTimestamp
    const isLogAppendTime = batch.timestampType === 'LogAppendTime'
    const logAppendTime = batch.maxTimestamp
    const { keyRequired, timestampsMatter, earliestTimestamp, latestTimestamp } = checks
    let maxTimestamp = NO_TIMESTAMP
    let contiguous = true
    let at = start
    for (let index = 0; index < count; index++) {
      //  varint size | attributes | varlong timestamp delta | varint offset delta | key | value | headers
      if (at >= end) throw cut()
      let raw = bytes[at++]!
      if (raw >= 0x80) {
        at = readLong(bytes, at, raw, end)
        raw = long.raw
      }
      const size = (raw >>> 1) ^ -(raw & 1)
      const bodyEnd = at + size
      if (size < 6 || bodyEnd > end) throw cut()
      at++
      raw = bytes[at++]!
      let timestamp: number
      if (raw < 0x80) timestamp = baseTimestamp + ((raw >>> 1) ^ -(raw & 1))
      else {
        at = readVarlong(bytes, at, raw, bodyEnd - 4)
        timestamp = baseTimestamp + long.value
      }
      raw = bytes[at++]!
      if (raw >= 0x80) {
        at = readLong(bytes, at, raw, bodyEnd - 3)
        raw = long.raw
      }
      if (((raw >>> 1) ^ -(raw & 1)) !== index) contiguous = false
      raw = bytes[at++]!
      if (raw >= 0x80) {
        at = readLong(bytes, at, raw, bodyEnd - 2)
        raw = long.raw
      }
      const hasKey = (raw & 1) === 0
      if (hasKey) at += raw >>> 1
      if (at > bodyEnd - 2) throw cut()
      raw = bytes[at++]!
      if (raw >= 0x80) {
        at = readLong(bytes, at, raw, bodyEnd - 1)
        raw = long.raw
      }
      if ((raw & 1) === 0) at += raw >>> 1
      if (at > bodyEnd - 1) throw cut()
      raw = bytes[at++]!
      if (raw !== 0) at = skipHeaders(bytes, at, raw, bodyEnd)
      if (at !== bodyEnd) throw cut()

      if (isLogAppendTime) timestamp = logAppendTime
      if (keyRequired && !hasKey) this.#addKeyError(index)
      else if (timestampsMatter && timestamp !== NO_TIMESTAMP) {
        if (timestamp < earliestTimestamp || timestamp > latestTimestamp)
          this.#addRangeError(index, timestamp, checks)
        else if (timestamp > maxTimestamp) maxTimestamp = timestamp
      } else if (isLogAppendTime) this.#addTypeError(index)
      else if (timestamp > maxTimestamp) maxTimestamp = timestamp
    }
    if (at !== end) throw invalidRecord(`${end - at} bytes are left over after the last record`)
    this.maxTimestamp = maxTimestamp
    this.offsetsAreContiguous = contiguous
    this.throwErrors()
  }

  /** The rules for one record, for those that do not come in a batch with magic 2. */
  check(
    index: number,
    hasKey: boolean,
    timestamp: number,
    isLogAppendTime: boolean,
    checks: RecordChecks,
  ): void {
    if (checks.keyRequired && !hasKey) this.#addKeyError(index)
    else if (checks.timestampsMatter && timestamp !== NO_TIMESTAMP) {
      if (timestamp < checks.earliestTimestamp || timestamp > checks.latestTimestamp)
        this.#addRangeError(index, timestamp, checks)
    } else if (isLogAppendTime) this.#addTypeError(index)
  }

  addError(batchIndex: number, batchIndexErrorMessage: string): void {
    this.#errors.push({ batchIndex, batchIndexErrorMessage })
  }

  throwErrors(): void {
    if (this.#errors.length === 0) return
    const errors = this.#errors
    const isTimestampError = this.#hasTimestampError
    this.reset()
    const message = isTimestampError
      ? 'records with a timestamp that this topic does not take'
      : `${errors.length} records break a rule, the first: ${errors[0]!.batchIndexErrorMessage}`
    throw new RecordsError(
      isTimestampError ? INVALID_TIMESTAMP : INVALID_RECORD,
      message,
      this.#kind(errors),
      errors,
    )
  }

  #kind(errors: RecordError[]): 'no-key' | undefined {
    return errors.some(error => error.batchIndexErrorMessage === NO_KEY) ? 'no-key' : undefined
  }

  #addKeyError(index: number): void {
    this.addError(index, NO_KEY)
  }

  #addRangeError(
    index: number,
    timestamp: number,
    { earliestTimestamp, latestTimestamp }: RecordChecks,
  ): void {
    this.#hasTimestampError = true
    this.addError(
      index,
      `the timestamp ${timestamp} is not within [${earliestTimestamp}, ${latestTimestamp}]`,
    )
  }

  #addTypeError(index: number): void {
    this.#hasTimestampError = true
    this.addError(index, 'a producer may not mark its records with log append time')
  }
}

const NO_KEY = 'a compacted topic takes no record without a key'

function cut(): RecordsError {
  return invalidRecord('a record is malformed: its sizes do not add up')
}

/** Where the readers of long numbers leave what they read. */
const long = { raw: 0, value: 0 }

/** The rest of a varint whose first byte is `first`; it must leave `at` no further than `limit`. */
function readLong(bytes: Uint8Array, at: number, first: number, limit: number): number {
  let raw = first & 0x7f
  for (let shift = 7; shift < 35; shift += 7) {
    if (at >= limit) throw cut()
    const byte = bytes[at++]!
    raw |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      long.raw = raw
      return at
    }
  }
  throw cut()
}

function readVarlong(bytes: Uint8Array, at: number, first: number, limit: number): number {
  let low = first & 0x7f
  for (let shift = 7; shift < 28; shift += 7) {
    if (at >= limit) throw cut()
    const byte = bytes[at++]!
    low |= (byte & 0x7f) << shift
    if (byte < 0x80) {
      long.value = (low >>> 1) ^ -(low & 1)
      return at
    }
  }
  let raw = BigInt(low)
  for (let shift = 28n; shift < 70n; shift += 7n) {
    if (at >= limit) throw cut()
    const byte = bytes[at++]!
    raw |= BigInt(byte & 0x7f) << shift
    if (byte < 0x80) {
      long.value = unzigzag(raw)
      return at
    }
  }
  throw cut()
}

function skipHeaders(bytes: Uint8Array, at: number, first: number, end: number): number {
  let count = first
  if (first >= 0x80) {
    at = readLong(bytes, at, first, end)
    count = long.raw
  }
  count = (count >>> 1) ^ -(count & 1)
  if (count < 0 || count > end - at) throw cut()
  for (let i = 0; i < count; i++) {
    at = skipField(bytes, at, end, false)
    at = skipField(bytes, at, end, true)
  }
  return at
}

function skipField(bytes: Uint8Array, at: number, end: number, nullable: boolean): number {
  if (at >= end) throw cut()
  let raw = bytes[at++]!
  if (raw >= 0x80) {
    at = readLong(bytes, at, raw, end)
    raw = long.raw
  }
  if ((raw & 1) !== 0) {
    if (!nullable) throw cut()
    return at
  }
  at += raw >>> 1
  if (at > end) throw cut()
  return at
}
