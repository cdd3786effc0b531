// The read path:  bounds → segment → position → bytes → whole batches → aborted transactions
// and lookups by timestamp. Answers to UnifiedLog.read, LocalLog.read and UnifiedLog.fetchOffsetByTimestamp.

import type { BatchView } from '../protocol/records/batch.ts'
import { records as recordsOf } from '../protocol/records/record.ts'
import { OffsetOutOfRangeError } from './errors.ts'
import type { LogState } from './log-state.ts'
import type { ReadMemory, Segment } from './segment.ts'
import type { AbortedTxn } from './txn-index.ts'

/** Up to where a reader may see: followers the log end, consumers the high watermark or the last stable offset. */
export type FetchIsolation = 'log-end' | 'high-watermark' | 'txn-committed'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

export interface FetchDataInfo {
  readonly fetchOffset: number
  /** Whole batches; the first may begin before fetchOffset. Only when `firstEntryIncomplete`, a torn first one. */
  readonly records: Buffer
  /** The first batch is larger than maxBytes and minOneMessage was not asked for. */
  readonly firstEntryIncomplete: boolean
  /** What counts against limits: also the beginning of a batch that was cut, which Kafka sends. */
  readonly readBytes: number
  /** Null unless the isolation is txn-committed. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null
}

export interface TimestampAndOffset {
  readonly timestamp: number
  readonly offset: number
  /** -1 when not known. */
  readonly leaderEpoch: number
}

/** Kafka's special ListOffsets timestamps as storage answers them. */
export const LATEST_TIMESTAMP = -1
export const EARLIEST_TIMESTAMP = -2
const MAX_TIMESTAMP = -3
export const EARLIEST_LOCAL_TIMESTAMP = -4
const LATEST_TIERED_TIMESTAMP = -5
const EARLIEST_PENDING_UPLOAD_TIMESTAMP = -6

const NOTHING = Buffer.alloc(0)
const NONE_ABORTED: readonly AbortedTransaction[] = Object.freeze([])

export function read(
  state: LogState,
  startOffset: number,
  maxBytes: number,
  isolation: FetchIsolation,
  minOneMessage: boolean,
  memory?: ReadMemory,
): FetchDataInfo {
  const { offsets, segments } = state
  if (!(startOffset >= offsets.logStart && startOffset <= offsets.logEnd)) {
    throw new OffsetOutOfRangeError(
      `offset ${startOffset} is outside of [${offsets.logStart}, ${offsets.logEnd}] of ${state.directory}`,
    )
  }
  const upperBound = upperBoundOf(state, isolation)
  const isCommitted = isolation === 'txn-committed'
  if (startOffset < upperBound) {
    // Compaction may have emptied the rest of a segment: then the next one goes on.
    let segment = segments.floor(startOffset)
    while (segment !== undefined) {
      const found = segment.read(startOffset, maxBytes, upperBound, minOneMessage, memory)
      if (found !== null) {
        const { records, firstEntryIncomplete, readBytes, nextOffset } = found
        const abortedTransactions = isCommitted ? abortedIn(state, segment, startOffset, nextOffset) : null
        return { fetchOffset: startOffset, records, firstEntryIncomplete, readBytes, abortedTransactions }
      }
      segment = segments.higher(segment.baseOffset)
    }
  }
  const abortedTransactions = isCommitted ? NONE_ABORTED : null
  const nothing = { records: NOTHING, firstEntryIncomplete: false, readBytes: 0 }
  return { fetchOffset: startOffset, ...nothing, abortedTransactions }
}

function upperBoundOf({ offsets }: LogState, isolation: FetchIsolation): number {
  if (isolation === 'log-end') return offsets.logEnd
  return isolation === 'high-watermark' ? offsets.highWatermark : offsets.lastStable
}

/** The abort marker may lie segments after the data it decides. */
function abortedIn(state: LogState, first: Segment, from: number, to: number): readonly AbortedTransaction[] {
  const found: AbortedTxn[] = []
  let segment: Segment | undefined = first
  while (segment !== undefined && !segment.collectAbortedTxns(from, to, found)) {
    segment = state.segments.higher(segment.baseOffset)
  }
  return found
}

/** Null when no record is that late. Special timestamps are negative; an unknown one finds the first record. */
export function fetchOffsetByTimestamp(state: LogState, timestamp: number): TimestampAndOffset | null {
  const { offsets, epochs } = state
  switch (timestamp) {
    case EARLIEST_TIMESTAMP:
    case EARLIEST_LOCAL_TIMESTAMP: {
      const first = epochs.earliestEntry
      const leaderEpoch = first !== undefined && first.startOffset <= offsets.logStart ? first.epoch : -1
      return { timestamp: -1, offset: offsets.logStart, leaderEpoch }
    }
    case LATEST_TIMESTAMP:
      return { timestamp: -1, offset: offsets.logEnd, leaderEpoch: epochs.latestEpoch ?? -1 }
    case LATEST_TIERED_TIMESTAMP:
    case EARLIEST_PENDING_UPLOAD_TIMESTAMP:
      // Nothing is ever tiered.
      return { timestamp: -1, offset: -1, leaderEpoch: -1 }
    case MAX_TIMESTAMP:
      return maxTimestampOf(state)
    default:
      return searchByTimestamp(state, timestamp)
  }
}

function maxTimestampOf(state: LogState): TimestampAndOffset | null {
  let latest = state.segments.first
  for (const segment of state.segments.all) if (segment.maxTimestamp > latest.maxTimestamp) latest = segment
  return latest.searchByTimestamp(latest.maxTimestamp, 0, batch =>
    firstRecordFrom(batch, latest.maxTimestamp, 0),
  )
}

function searchByTimestamp(state: LogState, timestamp: number): TimestampAndOffset | null {
  const { logStart } = state.offsets
  const segment = state.segments.all.find(candidate => candidate.largestTimestamp >= timestamp)
  if (segment === undefined) return null
  return segment.searchByTimestamp(timestamp, logStart, batch => firstRecordFrom(batch, timestamp, logStart))
}

function firstRecordFrom(
  batch: BatchView,
  timestamp: number,
  startOffset: number,
): TimestampAndOffset | null {
  const leaderEpoch = batch.partitionLeaderEpoch
  for (const record of recordsOf(batch)) {
    if (record.timestamp >= timestamp && record.offset >= startOffset) {
      return { timestamp: record.timestamp, offset: record.offset, leaderEpoch }
    }
  }
  return null
}
