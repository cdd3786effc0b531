// The append path:  scan → validate and assign offsets → dedupe → roll → write and index → producers → epochs → advance
// Synchronous from end to end, so a partition's appends happen in the order they are called; records are written from
// the buffer they came in, their offsets patched in place. Everything that can be refused is refused before the write.
// Answers to UnifiedLog.append and analyzeAndValidateProducerState.

import { Errors } from '../protocol/errors.ts'
import { BatchView } from '../protocol/records/batch.ts'
import { readEndTransactionMarker } from '../protocol/records/control.ts'
import type { RecordError } from '../protocol/records/errors.ts'
import { records as recordsOf } from '../protocol/records/record.ts'
import { type AppendOrigin, AppendScan, scanBatches } from '../protocol/records/scan.ts'
import { validateAndAssignOffsets } from '../protocol/records/validate.ts'
import { OffsetOutOfRangeError, RecordsError } from './errors.ts'
import { segmentLifeMs } from './config.ts'
import type { LogState } from './log-state.ts'
import type { BatchMetadata, CompletedTxn, EndTxnMarker } from './producer-state.ts'
import type { Segment } from './segment.ts'

export interface AppendOptions {
  readonly origin?: AppendOrigin
  /** The guard that maybeStartVerification gave a transactional producer, once the coordinator confirmed it. */
  readonly verification?: number
  /** What the transaction coordinator's request says of its markers (KIP-890). */
  readonly transactionVersion?: number
}

export interface LogAppendInfo {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly maxTimestamp: number
  /** The last offset of the batch that has maxTimestamp. */
  readonly shallowOffsetOfMaxTimestamp: number
  /** -1 unless the topic stamps LogAppendTime (or the append was a duplicate, then the first one's timestamp). */
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
  /** -1 when nothing was appended. */
  readonly leaderEpoch: number
  /** Nothing was written: these offsets are those of the first time. */
  readonly duplicate: boolean
  readonly recordErrors: readonly RecordError[]
  /** As written. */
  readonly sizeInBytes: number
  readonly recordCount: number
  /** Records that had to be written anew for the topic's format or codec. */
  readonly conversionCount: number
}

const NO_ERRORS: readonly RecordError[] = Object.freeze([])
const NOTHING = Buffer.alloc(0)
/** Filled anew by each append: nothing here is ever under way twice. */
const scan = new AppendScan()
const view = new BatchView()
const markerView = new BatchView()

/** Offsets from the log end on; those of the raft leader's batches are already right and only checked. */
export function appendAsLeader(
  state: LogState,
  records: Buffer,
  leaderEpoch: number,
  { origin = 'client', verification = 0, transactionVersion = 0 }: AppendOptions,
): LogAppendInfo {
  const { rules } = state
  rules.origin = origin
  try {
    scanBatches(records, rules, leaderEpoch, scan)
    if (scan.batchCount === 0) return nothingAppended(state)
    if (origin === 'raft-leader') checkOffsets(state, scan)
    else validateAndAssignOffsets(rules, state.offsets.logEnd, leaderEpoch, state.clock.nowMs(), scan)
    return append(state, scan, origin, verification, transactionVersion)
  } finally {
    letGo()
  }
}

const FOLLOWER_CHECKS = { origin: 'replication', maxMessageBytes: Infinity } as const

/** Batches as the leader wrote them, offsets and all. */
export function appendAsFollower(state: LogState, records: Buffer): LogAppendInfo {
  try {
    scanBatches(records, FOLLOWER_CHECKS, -1, scan)
    checkOffsets(state, scan)
    return append(state, scan, 'replication', 0, 0)
  } finally {
    letGo()
  }
}

/** A view on the last request would keep all its bytes alive. */
function letGo(): void {
  scan.records = NOTHING
  view.reset(NOTHING, 0)
  markerView.reset(NOTHING, 0)
}

function checkOffsets(state: LogState, scan: AppendScan): void {
  if (scan.batchCount === 0) return
  const { logEnd } = state.offsets
  const first = scan.firstOffset >= 0 ? scan.firstOffset : scan.lastOffsetOfFirstBatch
  if (!scan.offsetsAreMonotonic) throw state.corrupt('batches out of order in an append')
  if (first < logEnd) {
    throw new OffsetOutOfRangeError(
      `an append at offset ${first} to ${state.directory}, which ends at ${logEnd}`,
    )
  }
}

function append(
  state: LogState,
  scan: AppendScan,
  origin: AppendOrigin,
  verification: number,
  transactionVersion: number,
): LogAppendInfo {
  const { config, offsets, producers } = state
  const { records, lastOffset } = scan
  if (scan.batchCount === 0) return nothingAppended(state)
  if (records.length > config.segmentBytes) {
    throw new RecordsError(
      Errors.RECORD_LIST_TOO_LARGE.code,
      `${records.length} bytes of records do not fit a segment of ${config.segmentBytes} bytes`,
    )
  }
  producers.beginAppend(origin)
  const duplicate = prepareProducers(state, records, verification, transactionVersion)
  if (duplicate !== undefined) return duplicateInfo(state, duplicate)

  const segment = maybeRoll(state, scan)
  assignEpochs(state, records)
  segment.append(records, lastOffset)
  offsets.setLogEnd(lastOffset + 1)
  const completed = producers.apply()
  if (completed.length > 0) completeTxns(state, segment, completed)
  producers.updateMapEndOffset(lastOffset + 1)
  state.updateFirstUnstable()
  return {
    firstOffset: scan.firstOffset >= 0 ? scan.firstOffset : scan.lastOffsetOfFirstBatch,
    lastOffset,
    maxTimestamp: scan.maxTimestamp,
    shallowOffsetOfMaxTimestamp: scan.shallowOffsetOfMaxTimestamp,
    logAppendTimeMs: scan.logAppendTimeMs,
    logStartOffset: offsets.logStart,
    leaderEpoch: scan.lastLeaderEpoch,
    duplicate: false,
    recordErrors: NO_ERRORS,
    sizeInBytes: records.length,
    recordCount: scan.recordCount,
    conversionCount: scan.conversionCount,
  }
}

/** The earlier batch if this is a retry. Nothing is changed yet: a refusal leaves no trace. */
function prepareProducers(
  state: LogState,
  records: Buffer,
  verification: number,
  transactionVersion: number,
): BatchMetadata | undefined {
  for (let at = 0; at < records.length; at += view.sizeInBytes) {
    view.reset(records, at)
    if (!view.hasProducerId) continue
    const marker = view.isControl ? endTxnMarkerOf(view, transactionVersion) : undefined
    const duplicate = state.producers.prepare(view, verification, marker)
    if (duplicate !== undefined) return duplicate
  }
  return undefined
}

/** What the record of a transaction marker says; undefined for other control batches and for those emptied by the cleaner. */
export function endTxnMarkerOf(batch: BatchView, transactionVersion = 0): EndTxnMarker | undefined {
  if (batch.recordCount === 0) return undefined
  for (const record of recordsOf(markerView.reset(batch.bytes, batch.position))) {
    const marker = readEndTransactionMarker(record.key, record.value)
    if (marker === undefined) return undefined
    return {
      coordinatorEpoch: marker.coordinatorEpoch,
      isAbort: marker.type === 'ABORT',
      timestamp: record.timestamp,
      transactionVersion,
    }
  }
  return undefined
}

/** Rolls when the records do not fit, the segment is old enough, an index is full, or offsets leave its range. */
function maybeRoll(state: LogState, scan: AppendScan): Segment {
  const { config } = state
  const segment = state.segments.active
  const size = segment.sizeInBytes
  const limitMs = segmentLifeMs(config) - segment.rollJitterMs
  const isDue =
    size > config.segmentBytes - scan.records.length ||
    (size > 0 && segment.ageMs(state.clock.nowMs(), scan.maxTimestamp) > limitMs) ||
    segment.isFull ||
    !segment.canAppendOffset(scan.lastOffset)
  if (!isDue) return segment
  // Only a follower's old-format batch hides its first offset; no batch spans more than 2^31 - 1 offsets.
  return state.roll(scan.firstOffset >= 0 ? scan.firstOffset : Math.max(0, scan.lastOffset - 0x7fffffff))
}

function assignEpochs(state: LogState, records: Buffer): void {
  for (let at = 0; at < records.length; at += view.sizeInBytes) {
    view.reset(records, at)
    const epoch = view.partitionLeaderEpoch
    if (view.magic >= 2) {
      if (epoch >= 0) state.epochs.assign(epoch, view.baseOffset)
    } else if (!state.epochs.isEmpty) state.epochs.clear()
  }
}

/** An aborted transaction goes into the index of the segment that holds its marker. */
function completeTxns(state: LogState, segment: Segment, completed: readonly CompletedTxn[]): void {
  for (const txn of completed) {
    const lastStableOffset = state.producers.lastStableOffsetAfter(txn)
    if (txn.isAborted) state.addAbortedTxn(segment, { ...txn, lastStableOffset })
    state.producers.completeTxn(txn)
  }
}

function nothingAppended(state: LogState): LogAppendInfo {
  return {
    firstOffset: -1,
    lastOffset: -1,
    maxTimestamp: -1,
    shallowOffsetOfMaxTimestamp: -1,
    logAppendTimeMs: -1,
    logStartOffset: state.offsets.logStart,
    leaderEpoch: -1,
    duplicate: false,
    recordErrors: NO_ERRORS,
    sizeInBytes: 0,
    recordCount: 0,
    conversionCount: 0,
  }
}

function duplicateInfo(state: LogState, duplicate: BatchMetadata): LogAppendInfo {
  return {
    ...nothingAppended(state),
    firstOffset: duplicate.firstOffset,
    lastOffset: duplicate.lastOffset,
    logAppendTimeMs: duplicate.timestamp,
    duplicate: true,
  }
}
