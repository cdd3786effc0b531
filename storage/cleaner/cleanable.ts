// How dirty a compacted log is, and which part of it may be cleaned now. Answers to LogCleanerManager and LogToClean.
//
//   |  clean  |        dirty        |   not yet: open transactions, min.compaction.lag.ms, active segment  |
//   start     firstDirtyOffset      firstUncleanableOffset                                              end

import type { LogState } from '../log-state.ts'
import type { Segment } from '../segment.ts'

export interface Cleanable {
  readonly firstDirtyOffset: number
  readonly firstUncleanableOffset: number
  readonly cleanBytes: number
  readonly cleanableBytes: number
  /** How much of it is dirty, 0 to 1. */
  readonly dirtyRatio: number
  /** max.compaction.lag.ms has passed for the oldest dirty record: clean it whatever the ratio. */
  readonly isOverdue: boolean
}

/** `cleanedUpTo` is from cleaner-offset-checkpoint; undefined for a log that was never cleaned. */
export function cleanable(state: LogState, cleanedUpTo: number | undefined, nowMs: number): Cleanable {
  const { segments, offsets, config } = state
  // A checkpoint outside the log comes from before its start was raised, or is another log's.
  const cleanEnd = Math.min(cleanedUpTo ?? -1, state.truncatedTo)
  const isUsable = cleanEnd >= offsets.logStart && cleanEnd <= offsets.logEnd
  const firstDirtyOffset = isUsable ? cleanEnd : offsets.logStart
  const { active } = segments
  const dirty = segments.between(firstDirtyOffset, Infinity).filter(segment => segment !== active)
  const tooYoung =
    config.minCompactionLagMs > 0
      ? dirty.find(segment => segment.largestTimestamp > nowMs - config.minCompactionLagMs)
      : undefined
  // Whole segments only: beyond the last stable offset of one that holds it may be records of an open transaction, and
  // they must not take the place of committed ones.
  const limit = Math.min(offsets.lastStable, active.baseOffset, tooYoung?.baseOffset ?? Infinity)
  const firstUncleanableOffset = Math.max(firstDirtyOffset, segments.floor(limit)?.baseOffset ?? limit)
  const cleanBytes = sizeOf(segments.all.filter(segment => segment.baseOffset < firstDirtyOffset))
  const cleanableBytes = sizeOf(
    segments.all.filter(
      ({ baseOffset }) => baseOffset >= firstDirtyOffset && baseOffset < firstUncleanableOffset,
    ),
  )
  const totalBytes = cleanBytes + cleanableBytes
  return {
    firstDirtyOffset,
    firstUncleanableOffset,
    cleanBytes,
    cleanableBytes,
    dirtyRatio: totalBytes === 0 ? 0 : cleanableBytes / totalBytes,
    isOverdue: isOverdue(dirty, nowMs, config.maxCompactionLagMs),
  }
}

function isOverdue(dirty: readonly Segment[], nowMs: number, maxCompactionLagMs: number): boolean {
  const oldest = dirty.map(segment => segment.firstBatchTimestamp).filter(timestamp => timestamp > 0)
  return oldest.length > 0 && Math.min(...oldest) < nowMs - Math.max(0, maxCompactionLagMs)
}

function sizeOf(segments: readonly Segment[]): number {
  return segments.reduce((total, segment) => total + segment.sizeInBytes, 0)
}
