// What may go from the old end of a log, segment by segment: those below the log start offset (DeleteRecords), those
// that make the log too large, those that are too old. Nothing at or above the high watermark ever goes, and a log
// always keeps one segment: when all may go, an empty one is rolled first. Answers to UnifiedLog.deleteOldSegments.

import type { LogState } from './log-state.ts'
import type { Segment } from './segment.ts'

type Reason = 'log start offset' | 'retention.bytes' | 'retention.ms'

/** Answers how many segments went. `raiseLogStart` moves the log start offset before a segment is out of sight. */
export function deleteOldSegments(state: LogState, raiseLogStart: (offset: number) => void): number {
  let deleted = deleteWhile(state, 'log start offset', raiseLogStart, (_, next) => {
    return next !== undefined && next.baseOffset <= state.offsets.logStart
  })
  if (!state.config.cleanupPolicy.delete) return deleted
  deleted += deleteBySize(state, raiseLogStart)
  deleted += deleteByAge(state, raiseLogStart)
  return deleted
}

function deleteBySize(state: LogState, raiseLogStart: (offset: number) => void): number {
  const { retentionBytes } = state.config
  const sizeInBytes = state.segments.sizeInBytes
  if (retentionBytes < 0 || sizeInBytes < retentionBytes) return 0
  let excess = sizeInBytes - retentionBytes
  return deleteWhile(state, 'retention.bytes', raiseLogStart, segment => {
    if (excess < segment.sizeInBytes) return false
    excess -= segment.sizeInBytes
    return true
  })
}

function deleteByAge(state: LogState, raiseLogStart: (offset: number) => void): number {
  const { retentionMs } = state.config
  if (retentionMs < 0 || retentionMs === Infinity) return 0
  const nowMs = state.clock.nowMs()
  return deleteWhile(
    state,
    'retention.ms',
    raiseLogStart,
    segment => nowMs - segment.largestTimestamp > retentionMs,
  )
}

function deleteWhile(
  state: LogState,
  reason: Reason,
  raiseLogStart: (offset: number) => void,
  isDeletable: (segment: Segment, next: Segment | undefined) => boolean,
): number {
  const { segments, offsets } = state
  const deletable: Segment[] = []
  for (const segment of segments.all) {
    const next = segments.higher(segment.baseOffset)
    const end = next?.baseOffset ?? offsets.logEnd
    const isEmptyLast = next === undefined && segment.sizeInBytes === 0
    if (isEmptyLast || offsets.highWatermark < end || !isDeletable(segment, next)) break
    deletable.push(segment)
  }
  const last = deletable.at(-1)
  if (last === undefined) return 0
  if (deletable.length === segments.count) state.roll()
  raiseLogStart(segments.higher(last.baseOffset)!.baseOffset)
  state.removeSegments(deletable)
  const { directory } = state
  state.logger.info(
    { directory, reason, segments: deletable.length, logStartOffset: offsets.logStart },
    'segments deleted',
  )
  return deletable.length
}
