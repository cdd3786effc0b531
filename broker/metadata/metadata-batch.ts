// Batches of the metadata log: written as Kafka's raft layer writes them, and read as strictly as it reads them.
//
// Data batches: magic 2, create time, no compression, no producer, one timestamp for all, no keys, no headers; at most 10,000 records
// and 8 MiB, and one batch is the unit that happens as a whole. Control batches (LeaderChange, snapshot header and footer,
// KRaftVersion, KRaftVoters) hold what belongs to the raft layer. Kafka's BatchBuilder and RecordsIterator.
import { type BatchView, batches } from '../../protocol/records/batch.ts'
import { buildBatch } from '../../protocol/records/builder.ts'
import {
  type ControlRecordType,
  controlRecordKey,
  controlRecordType,
} from '../../protocol/records/control.ts'
import { records as recordsOf } from '../../protocol/records/record.ts'
import type { MetadataRecord } from './metadata-record.ts'
import { decodeRecord, encodeRecord, MetadataFormatError } from './record-framing.ts'

export const MAX_RECORDS_PER_BATCH = 10_000
const MAX_BATCH_BYTES = 8 * 1024 * 1024

export interface BatchPlace {
  readonly baseOffset: number
  readonly epoch: number
  readonly timestampMs: number
}

export interface ControlRecord {
  readonly type: ControlRecordType
  readonly value: Buffer
}

export type MetadataBatch = {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly epoch: number
  readonly timestampMs: number
  readonly sizeInBytes: number
} & (
  | {
      readonly kind: 'data'
      readonly records: readonly MetadataRecord[]
      /** What each was written as; only a reader of bytes knows. */
      readonly versions?: readonly number[]
    }
  | { readonly kind: 'control'; readonly control: readonly ControlRecord[] }
)

export function controlBatch(
  place: BatchPlace,
  records: readonly { type: Exclude<ControlRecordType, 'UNKNOWN'>; value: Buffer }[],
): Buffer {
  return buildBatch({
    records: records.map(({ type, value }) => ({ key: controlRecordKey(type), value })),
    baseOffset: place.baseOffset,
    partitionLeaderEpoch: place.epoch,
    timestamp: place.timestampMs,
    isControl: true,
  })
}

/** Upper bound of what one record adds to a batch besides its value. */
const RECORD_OVERHEAD = 32

/** Encoded values, cut into what fits in a batch each. */
export function* chunksOf(values: readonly Buffer[]): Generator<Buffer[], void, undefined> {
  let chunk: Buffer[] = []
  let size = RECORD_OVERHEAD * 4
  for (const value of values) {
    const more = value.length + RECORD_OVERHEAD
    if (chunk.length > 0 && (chunk.length === MAX_RECORDS_PER_BATCH || size + more > MAX_BATCH_BYTES)) {
      yield chunk
      chunk = []
      size = RECORD_OVERHEAD * 4
    }
    chunk.push(value)
    size += more
  }
  if (chunk.length > 0) yield chunk
}

/** One batch of encoded records. */
export function dataBatch(place: BatchPlace, values: readonly Buffer[]): Buffer {
  return buildBatch({
    records: values.map(value => ({ key: null, value })),
    baseOffset: place.baseOffset,
    partitionLeaderEpoch: place.epoch,
    timestamp: place.timestampMs,
  })
}

export const encodeRecords = (records: readonly MetadataRecord[], metadataVersion: number): Buffer[] =>
  records.map(record => encodeRecord(record, metadataVersion))

/** Every whole batch in `bytes`. Damage throws: there is no second copy of this log to go on with. */
export function* readBatches(bytes: Buffer): Generator<MetadataBatch, void, undefined> {
  for (const view of batches(bytes)) yield readBatch(view)
}

function readBatch(view: BatchView): MetadataBatch {
  const where = `the metadata batch at offset ${view.baseOffset}`
  if (view.magic !== 2) throw new MetadataFormatError(`${where} has magic ${view.magic}`)
  if (!view.isValidCrc()) throw new MetadataFormatError(`${where} does not match its checksum`)
  const place = {
    baseOffset: view.baseOffset,
    lastOffset: view.lastOffset,
    epoch: view.partitionLeaderEpoch,
    timestampMs: view.maxTimestamp,
    sizeInBytes: view.sizeInBytes,
  }
  if (view.isControl) {
    const control: ControlRecord[] = []
    for (const { key, value } of recordsOf(view)) {
      control.push({ type: controlRecordType(key), value: value ?? Buffer.alloc(0) })
    }
    return { ...place, kind: 'control', control }
  }
  const records: MetadataRecord[] = []
  const versions: number[] = []
  for (const { key, value, headers } of recordsOf(view)) {
    if (key !== null || value === null || headers.length > 0) {
      throw new MetadataFormatError(`${where} holds a record with a key, with headers or without a value`)
    }
    const { record, version } = decodeRecord(value)
    records.push(record)
    versions.push(version)
  }
  return { ...place, kind: 'data', records, versions }
}
