// Cutting records off the new end of a log: a follower whose leader never had them, or a log that begins anew from a
// snapshot. Indexes, producers, epochs and offsets follow. Answers to UnifiedLog.truncateTo and truncateFullyAndStartAt.

import type { LogState } from './log-state.ts'
import { rebuildProducerState } from './recovery.ts'

export function truncateTo(state: LogState, offset: number): boolean {
  if (offset < 0) throw new RangeError(`cannot truncate to offset ${offset}`)
  const { offsets, segments, epochs } = state
  if (offset >= offsets.logEnd) {
    // An epoch that began here and got no record may contradict the leader's.
    epochs.truncateFromEnd(offsets.logEnd)
    return false
  }
  if (offset < segments.first.baseOffset) {
    truncateFullyAndStartAt(state, offset, offset)
    return true
  }
  state.removeSegments(segments.all.filter(segment => segment.baseOffset > offset))
  segments.active.truncateTo(offset, state.clock.nowMs())
  epochs.truncateFromEnd(offset)
  finish(state, Math.min(offsets.logStart, offset), offset)
  return true
}

export function truncateFullyAndStartAt(state: LogState, offset: number, logStartOffset: number): void {
  const { segments, epochs, producers } = state
  state.removeSegments(segments.all.slice())
  state.createSegment(offset)
  epochs.clear()
  producers.truncateFullyAndStartAt(offset)
  finish(state, Math.min(logStartOffset, offset), offset)
}

function finish(state: LogState, logStart: number, logEnd: number): void {
  const { offsets } = state
  state.truncations++
  state.truncatedTo = Math.min(state.truncatedTo, logEnd)
  state.syncCut(state.segments.active)
  state.recoveryPoint = Math.min(state.recoveryPoint, logEnd)
  offsets.set(logStart, Math.max(logStart, Math.min(offsets.highWatermark, logEnd)), logEnd)
  rebuildProducerState(state, logEnd, false)
  state.updateFirstUnstable()
}
