// The leader's half of an append: the checks of Kafka's LogValidator in its order, then offsets, leader epoch and
// timestamps. A batch with magic 2 is patched in place; it is written anew only when the topic wants another codec
// or its inner offsets do not count from 0, and sets with magic 0 and 1 are always turned into one batch with magic 2.
import { BatchView, batches, NO_TIMESTAMP, RECORD_BATCH_OVERHEAD, type TimestampType } from './batch.ts'
import { buildBatch, type RecordInput } from './builder.ts'
import { type CompressionType, compressionTypeOf } from './compression.ts'
import { corrupt, invalidRecord, MESSAGE_TOO_LARGE, RecordsError } from './errors.ts'
import { legacyRecords } from './legacy.ts'
import { records as recordsOf, recordBytes } from './record.ts'
import {
  type AppendOrigin,
  type AppendScan,
  type BatchChecks,
  type RecordChecks,
  RecordScan,
} from './scan.ts'

/** The topic's side of the checks; made once for a log's configuration. */
export interface AppendRules extends BatchChecks {
  /** cleanup.policy has compact in it. */
  compacted: boolean
  messageTimestampType: TimestampType
  messageTimestampBeforeMaxMs: number
  messageTimestampAfterMaxMs: number
  /** compression.type; 'producer' keeps what comes. */
  compressionType: 'producer' | CompressionType
  compressionLevel?: number | undefined
  decompressionLimitBytes?: number
}

const view = new BatchView()
const recordScan = new RecordScan()
const checks: RecordChecks = {
  keyRequired: false,
  timestampsMatter: true,
  earliestTimestamp: Number.NEGATIVE_INFINITY,
  latestTimestamp: Number.POSITIVE_INFINITY,
}

/**
 * Validates what scanBatches found good and gives it offsets from `nextOffset` on. `into.records` is then what belongs
 * into the log, and firstOffset, lastOffset, maxTimestamp, shallowOffsetOfMaxTimestamp and recordCount are those of it.
 */
export function validateAndAssignOffsets(
  rules: AppendRules,
  nextOffset: number,
  leaderEpoch: number,
  nowMs: number,
  into: AppendScan,
): AppendScan {
  if (into.batchCount === 0) throw invalidRecord('there is no complete batch')
  recordScan.reset()
  checks.keyRequired = rules.compacted
  checks.timestampsMatter = rules.messageTimestampType === 'CreateTime'
  checks.earliestTimestamp = nowMs - rules.messageTimestampBeforeMaxMs
  checks.latestTimestamp = nowMs + rules.messageTimestampAfterMaxMs
  view.reset(into.records, 0)
  if ((view.magic >= 2 || into.sourceCompression !== 0) && into.batchCount > 1)
    throw invalidRecord('more than one batch where only one may be')
  if (view.magic >= 2) validateBatch(rules, nextOffset, leaderEpoch, nowMs, into)
  else convertLegacy(rules, nextOffset, leaderEpoch, nowMs, into)
  into.firstOffset = nextOffset
  into.lastOffset = into.lastOffsetOfFirstBatch = nextOffset + into.recordCount - 1
  into.lastLeaderEpoch = leaderEpoch
  if (rules.messageTimestampType === 'LogAppendTime') into.maxTimestamp = into.logAppendTimeMs = nowMs
  into.shallowOffsetOfMaxTimestamp = into.maxTimestamp === NO_TIMESTAMP ? -1 : into.lastOffset
  return into
}

function validateBatch(
  rules: AppendRules,
  nextOffset: number,
  leaderEpoch: number,
  nowMs: number,
  into: AppendScan,
): void {
  checkHeader(rules.origin)
  const bytes = into.records
  const source = compressionTypeOf(view.compression)
  const target = rules.compressionType === 'producer' ? source : rules.compressionType
  // Nothing that was not compressed when it came is compressed if it is a control batch.
  const isKept = source === target || (source === 'none' && view.isControl)
  if (source === 'none') recordScan.run(bytes, RECORD_BATCH_OVERHEAD, into.validBytes, view, checks)
  else {
    const plain = recordBytes(view, { limitBytes: rules.decompressionLimitBytes, isLent: true })
    recordScan.run(plain, 0, plain.length, view, checks)
  }
  into.recordCount = view.recordCount
  into.maxTimestamp = recordScan.maxTimestamp
  if (!isKept || !recordScan.offsetsAreContiguous) {
    const records = numbered(recordsOf(view, { limitBytes: rules.decompressionLimitBytes }))
    rebuild(rules, target, records, nextOffset, leaderEpoch, nowMs, into)
    return
  }
  view.setBaseOffset(nextOffset)
  view.setPartitionLeaderEpoch(leaderEpoch)
  const isStamped = rules.messageTimestampType === 'LogAppendTime'
  view.setMaxTimestamp(rules.messageTimestampType, isStamped ? nowMs : recordScan.maxTimestamp)
}

function checkHeader(origin: AppendOrigin): void {
  const { recordCount, lastOffsetDelta } = view
  if (recordCount <= 0) throw invalidRecord(`a record count of ${recordCount}`, 'invalid-offset-or-sequence')
  if (recordCount !== lastOffsetDelta + 1)
    throw invalidRecord(
      `${recordCount} records where the last offset delta is ${lastOffsetDelta}`,
      'invalid-offset-or-sequence',
    )
  if (origin !== 'client') return
  if (view.isControl)
    throw invalidRecord('clients may not write control records', 'invalid-offset-or-sequence')
  if (view.hasProducerId && view.baseSequence < 0)
    throw invalidRecord(
      `producer ${view.producerId} sends the sequence number ${view.baseSequence}`,
      'invalid-offset-or-sequence',
    )
}

function* numbered(records: Iterable<RecordInput>): Generator<RecordInput> {
  for (const { key, value, body, timestamp } of records)
    yield { key, value, body, ...(timestamp === undefined ? {} : { timestamp }) }
}

/** Writes `records` as one new batch; what the first one's header says about its producer stays. */
function rebuild(
  rules: AppendRules,
  compression: CompressionType,
  records: Iterable<RecordInput>,
  nextOffset: number,
  leaderEpoch: number,
  nowMs: number,
  into: AppendScan,
): void {
  const batch = buildBatch({
    records: [...records],
    baseOffset: nextOffset,
    partitionLeaderEpoch: leaderEpoch,
    compression,
    compressionLevel: rules.compressionLevel,
    timestampType: rules.messageTimestampType,
    ...(rules.messageTimestampType === 'LogAppendTime' ? { timestamp: nowMs } : {}),
    producerId: view.producerId,
    producerEpoch: view.producerEpoch,
    baseSequence: view.baseSequence,
    isTransactional: view.isTransactional,
    isControl: view.isControl,
  })
  if (batch.length > rules.maxMessageBytes)
    throw new RecordsError(
      MESSAGE_TOO_LARGE,
      `a batch of ${batch.length} bytes, after it was converted, is beyond the limit of ${rules.maxMessageBytes}`,
    )
  into.records = batch
  into.validBytes = batch.length
  into.batchCount = 1
  into.conversionCount = into.recordCount
}

function convertLegacy(
  rules: AppendRules,
  nextOffset: number,
  leaderEpoch: number,
  nowMs: number,
  into: AppendScan,
): void {
  const magic = view.magic
  const kept: RecordInput[] = []
  let maxTimestamp = NO_TIMESTAMP
  for (const batch of batches(into.records)) {
    if (batch.magic !== magic)
      throw invalidRecord(`magic ${batch.magic} in a set that began with magic ${magic}`, 'invalid-magic')
    const isLogAppendTime = batch.timestampType === 'LogAppendTime'
    let index = 0
    for (const record of legacyRecords(batch, { limitBytes: rules.decompressionLimitBytes })) {
      if (record.magic !== magic) recordScan.addError(index, `magic ${record.magic} inside of magic ${magic}`)
      else if (!record.isValidCrc)
        throw corrupt('the checksum of an inner message does not match', 'invalid-crc')
      else recordScan.check(index, record.key !== null, record.timestamp, isLogAppendTime, checks)
      maxTimestamp = Math.max(maxTimestamp, record.timestamp)
      kept.push({ key: record.key, value: record.value, timestamp: record.timestamp })
      index++
    }
    recordScan.throwErrors()
  }
  into.recordCount = kept.length
  into.maxTimestamp = maxTimestamp
  view.reset(into.records, 0)
  const target =
    rules.compressionType === 'producer' ? compressionTypeOf(into.sourceCompression) : rules.compressionType
  rebuild(rules, target, kept, nextOffset, leaderEpoch, nowMs, into)
}
