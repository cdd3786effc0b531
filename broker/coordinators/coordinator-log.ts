// Between a coordinator's records and the batches of its log: building what is appended, reading back what was.
//
// A coordinator's batch is plain: magic 2, create time, one timestamp, no headers; inside a transaction it carries the
// producer. Answers to Kafka's CoordinatorLoaderImpl and to the batch handling of CoordinatorRuntime.

import { Errors } from '../../protocol/errors.ts'
import { type BatchView, batches } from '../../protocol/records/batch.ts'
import { buildBatch, type RecordInput } from '../../protocol/records/builder.ts'
import type { CompressionType } from '../../protocol/records/compression.ts'
import { controlRecordType } from '../../protocol/records/control.ts'
import { records } from '../../protocol/records/record.ts'
import type { InternalLog } from '../ports/internal-log.ts'
import { RequestError } from '../ports/request-error.ts'
import type { RecordCodec, Shard } from './shard.ts'

export interface EncodeOptions {
  readonly timestampMs: number
  readonly maxBatchBytes: number
  /** All in one batch, or MESSAGE_TOO_LARGE. */
  readonly atomic: boolean
  readonly compression: CompressionType
}

/** One batch, or several when the records may be split. The second of each pair is its number of records. */
export function encodeBatches<R>(
  input: readonly R[],
  codec: RecordCodec<R>,
  options: EncodeOptions,
): { readonly bytes: Buffer; readonly count: number }[] {
  const encoded = input.map(record => codec.write(record))
  const built: { bytes: Buffer; count: number }[] = []
  const build = (from: number, to: number): void => {
    const part: RecordInput[] = encoded.slice(from, to)
    const bytes = buildBatch({
      records: part,
      timestamp: options.timestampMs,
      compression: options.compression,
    })
    if (bytes.length <= options.maxBatchBytes) {
      built.push({ bytes, count: to - from })
      return
    }
    if (options.atomic || to - from === 1) throw new RequestError(Errors.MESSAGE_TOO_LARGE)
    const middle = from + ((to - from) >> 1)
    build(from, middle)
    build(middle, to)
  }
  build(0, encoded.length)
  return built
}

export interface Loaded {
  /** Where to read on; equal to the log end when all is read. */
  readonly nextOffset: number
  readonly bytes: number
}

/**
 * Replays one slice of the log into the shard: whole batches from `fromOffset`, about `maxBytes`. Control batches end
 * transactions; a record of an unknown type is told to `unknown` and skipped.
 */
export function replaySlice<R>(
  log: InternalLog,
  fromOffset: number,
  maxBytes: number,
  shard: Shard<R>,
  codec: RecordCodec<R>,
  unknown: (key: Buffer) => void,
): Loaded {
  const bytes = log.read(fromOffset, maxBytes)
  let nextOffset = fromOffset
  for (const batch of batches(bytes)) {
    const after = batch.nextOffset
    if (after <= fromOffset) continue
    if (batch.isControl) replayControlBatch(batch, shard)
    else replayBatch(batch, fromOffset, shard, codec, unknown)
    nextOffset = after
  }
  return { nextOffset, bytes: bytes.length }
}

function replayControlBatch<R>(batch: BatchView, shard: Shard<R>): void {
  const producerId = batch.producerId
  for (const { key } of records(batch)) {
    const type = controlRecordType(key)
    if (type === 'COMMIT' || type === 'ABORT') shard.replayEndTransactionMarker(producerId, type === 'COMMIT')
  }
}

function replayBatch<R>(
  batch: BatchView,
  fromOffset: number,
  shard: Shard<R>,
  codec: RecordCodec<R>,
  unknown: (key: Buffer) => void,
): void {
  const producerId = batch.producerId
  for (const { offset, key, value } of records(batch)) {
    if (offset < fromOffset || key === null) continue
    const record = codec.read(key, value)
    if (record === null) unknown(key)
    else shard.replay(offset, producerId, record)
  }
}
