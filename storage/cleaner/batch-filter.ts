// What is left of one batch after cleaning. Answers to the record filter of Kafka's Cleaner and MemoryRecords.filterTo.
//
//   record      stays if it is past the map, or the newest of its key and (it has a value, or its tombstone is still due)
//   tombstone   the round that first sees it stamps the batch with a delete horizon; it goes once that has passed
//   marker      as a tombstone, from the round on that finds no record of its transaction
//   batch       is copied as it is if nothing changes, written anew if records go, and kept without records if its
//               producer's last sequence, or the last offset of the round, would be forgotten with it; else it goes

import type { BatchView } from '../../protocol/records/batch.ts'
import { buildBatch } from '../../protocol/records/builder.ts'
import { compressionTypeOf } from '../../protocol/records/compression.ts'
import { corrupt } from '../../protocol/records/errors.ts'
import { type Record, type RecordCursor, recordCursor } from '../../protocol/records/record.ts'
import type { CleanedTransactions } from './cleaned-transactions.ts'
import type { OffsetMap } from './offset-map.ts'

/** The last thing an active producer wrote: the batch that must not be forgotten. */
export interface LastRecord {
  /** -1 when only a marker is known. */
  readonly lastDataOffset: number
  readonly producerEpoch: number
}

export interface FilterContext {
  readonly map: OffsetMap
  readonly transactions: CleanedTransactions
  readonly lastRecords: ReadonlyMap<number, LastRecord>
  readonly nowMs: number
  readonly deleteRetentionMs: number
  /** Where this round of cleaning ends: the offset before must stay visible. */
  readonly roundEnd: number
}

export interface FilterCounts {
  records: number
  kept: number
}

/** The bytes to write, or null when the batch goes. `keepsLegacyDeletes` is for batches without a delete horizon. */
export function filterBatch(
  batch: BatchView,
  context: FilterContext,
  keepsLegacyDeletes: boolean,
  counts: FilterCounts,
): Buffer | null {
  const { transactions, nowMs } = context
  const isDecided = batch.isControl ? transactions.onControlBatch(batch) : transactions.onBatch(batch)
  const horizonMs = batch.deleteHorizonMs
  const isDiscarded = batch.isControl ? isDecided && horizonMs >= 0 && horizonMs <= nowMs : isDecided
  const mustStay = mustStayEmpty(batch, context)
  if (isDiscarded) return mustStay ? emptied(batch) : null

  const { isControl } = batch
  const cursor = recordCursor(batch, { isLent: true })
  const kept: number[] = []
  let count = 0
  let hasTombstones = false
  for (; cursor.next(); count++) {
    if (!isControl && !isKept(cursor, batch, context, keepsLegacyDeletes)) continue
    if (!isControl && !cursor.hasValue) hasTombstones = true
    kept.push(count)
  }
  counts.records += count
  counts.kept += kept.length
  if (kept.length === 0) return mustStay ? emptied(batch) : null
  const isNewHorizon = batch.magic >= 2 && horizonMs < 0 && (hasTombstones || (isControl && isDecided))
  if (kept.length === count && !isNewHorizon) return Buffer.from(batch.slice)
  return rebuilt(batch, pick(cursor, kept), isNewHorizon ? nowMs + context.deleteRetentionMs : horizonMs)
}

function pick(cursor: RecordCursor, indexes: readonly number[]): Record[] {
  const picked: Record[] = []
  cursor.rewind()
  for (let i = 0; cursor.next(); i++) if (i === indexes[picked.length]) picked.push(cursor.record())
  return picked
}

function isKept(
  record: RecordCursor,
  batch: BatchView,
  context: FilterContext,
  keepsLegacyDeletes: boolean,
): boolean {
  const { map, nowMs } = context
  if (record.offset > map.latestOffset) return true
  // A record without a key cannot be found again; it came in before the topic was compacted.
  if (record.keyStart < 0) return false
  if (record.offset < map.get(record.bytes, record.keyStart, record.keyEnd)) return false
  if (record.hasValue) return true
  if (batch.magic < 2) return keepsLegacyDeletes
  return batch.deleteHorizonMs < 0 || nowMs < batch.deleteHorizonMs
}

function mustStayEmpty(batch: BatchView, { lastRecords, roundEnd }: FilterContext): boolean {
  if (batch.magic < 2) return false
  if (batch.nextOffset === roundEnd) return true
  const last = batch.hasProducerId ? lastRecords.get(batch.producerId) : undefined
  if (last === undefined) return false
  return last.lastDataOffset >= 0
    ? batch.lastOffset === last.lastDataOffset
    : batch.isControl && batch.producerEpoch === last.producerEpoch
}

function emptied(batch: BatchView): Buffer {
  return buildBatch({ ...headerOf(batch), records: [], maxTimestamp: batch.maxTimestamp })
}

function rebuilt(batch: BatchView, kept: readonly Record[], deleteHorizonMs: number): Buffer {
  // Kafka does not look, and gives what was damaged a checksum that is right.
  if (!batch.isValidCrc())
    throw corrupt(`the checksum of the batch at ${batch.baseOffset} does not match`, 'invalid-crc')
  const first = kept[0]!.offset
  // Old formats have no base offset of their own; they are written anew in the new one.
  const baseOffset = batch.magic >= 2 ? batch.baseOffset : first
  return buildBatch({
    ...headerOf(batch),
    baseOffset,
    lastOffsetDelta: batch.lastOffset - baseOffset,
    records: kept,
    compression: compressionTypeOf(batch.compression),
    ...(deleteHorizonMs >= 0 ? { deleteHorizonMs } : {}),
    ...(batch.timestampType === 'LogAppendTime' ? { timestamp: batch.maxTimestamp } : {}),
  })
}

function headerOf(batch: BatchView) {
  return {
    baseOffset: batch.baseOffset,
    lastOffsetDelta: batch.lastOffsetDelta,
    partitionLeaderEpoch: batch.partitionLeaderEpoch,
    timestampType: batch.timestampType,
    producerId: batch.producerId,
    producerEpoch: batch.producerEpoch,
    baseSequence: batch.baseSequence,
    isTransactional: batch.isTransactional,
    isControl: batch.isControl,
  }
}
