/** ListOffsets v0: where segments begin, by the age of their files. Answers to Kafka's legacyFetchOffsetsBefore. */
import type { LogState } from './log-state.ts'

const LATEST_TIMESTAMP = -1
const EARLIEST_TIMESTAMP = -2

/** Newest first, at most so many: the beginnings of the segments last written to at `timestamp` or before, and of what comes next. */
export function legacyOffsetsBefore(
  { segments, offsets, clock }: LogState,
  timestamp: number,
  maxOffsets: number,
): number[] {
  const places = segments.all.map(segment => ({
    offset: Math.max(segment.baseOffset, offsets.logStart),
    modifiedMs: segment.log.modifiedMs ?? 0,
  }))
  if (segments.active.sizeInBytes > 0) places.push({ offset: offsets.logEnd, modifiedMs: clock.nowMs() })
  let count = places.findLastIndex(place => place.modifiedMs <= timestamp) + 1
  if (timestamp === LATEST_TIMESTAMP) count = places.length
  if (timestamp === EARLIEST_TIMESTAMP) count = 1
  const found = places.slice(Math.max(0, count - Math.max(0, maxOffsets)), count)
  return found.map(place => place.offset).toSorted((a, b) => b - a)
}
