// What goes from the old end of a log, when, and what stays whatever the settings say.
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../broker/time/manual-clock.ts'
import type { LogConfig } from './config.ts'
import { OffsetOutOfRangeError } from './errors.ts'
import type { Log } from './log.ts'
import { batch, filesOf, memoryFileSystem, openLog, readAll } from './testing/log-fixture.ts'

const HOUR = 3600 * 1000

function setUp(config: Partial<LogConfig>) {
  const fs = memoryFileSystem()
  const clock = new ManualClock()
  const log = openLog({ fs, clock, config: { segmentMs: Infinity, fileDeleteDelayMs: 60_000, ...config } })
  return { fs, clock, log }
}

/** One segment per call, with two records at the clock's time. */
function segment(log: Log, timestamp: number): void {
  log.appendAsLeader(batch(['a', 'b'], { timestamp }), 0)
  log.roll()
}

function replicated(log: Log): void {
  log.updateHighWatermark(log.logEndOffset)
}

describe('by time', () => {
  test('segments whose latest record is older than retention.ms, from the old end', () => {
    const { log, clock } = setUp({ retentionMs: HOUR })
    const start = clock.nowMs()
    for (const age of [0, 10, 20, 30]) segment(log, start + age * 60_000)
    replicated(log)
    clock.advance(HOUR + 10 * 60_000)
    expect(log.deleteOldSegments()).toBe(1)
    clock.advance(1)
    expect(log.deleteOldSegments()).toBe(1)
    expect(log.logStartOffset).toBe(4)
    expect(() => log.read(3, 100, 'log-end', true)).toThrow(OffsetOutOfRangeError)
    expect(readAll(log)).toHaveLength(4)
  })

  test('an old segment behind a young one waits', () => {
    const { log, clock } = setUp({ retentionMs: HOUR, messageTimestampAfterMaxMs: Infinity })
    segment(log, clock.nowMs() + 2 * HOUR)
    segment(log, clock.nowMs())
    replicated(log)
    clock.advance(HOUR + 1)
    expect(log.deleteOldSegments()).toBe(0)
  })

  test('records without timestamps are as old as their file', () => {
    const clock = new ManualClock()
    const fs = memoryFileSystem()
    const log = openLog({ fs, clock, config: { retentionMs: HOUR, segmentMs: Infinity } })
    segment(log, -1)
    replicated(log)
    fs.setModifiedTime('/data/orders-0/00000000000000000000.log', clock.nowMs())
    clock.advance(HOUR)
    expect(log.deleteOldSegments()).toBe(0)
    clock.advance(1)
    expect(log.deleteOldSegments()).toBe(1)
  })

  test('the active segment goes too, once an empty one has taken its place', () => {
    const { log, clock, fs } = setUp({ retentionMs: HOUR })
    log.appendAsLeader(batch(['a', 'b'], { timestamp: clock.nowMs() }), 0)
    replicated(log)
    clock.advance(HOUR + 1)
    expect(log.deleteOldSegments()).toBe(1)
    expect(log).toMatchObject({ logStartOffset: 2, logEndOffset: 2, segmentCount: 1, sizeInBytes: 0 })
    expect(log.deleteOldSegments()).toBe(0)
    expect(filesOf(fs)).toContain('00000000000000000002.log')
    log.appendAsLeader(batch(['c']), 0)
    expect(readAll(log)).toEqual([{ offset: 2, value: 'c' }])
  })
})

describe('by size', () => {
  test('as many segments as make the log no smaller than retention.bytes', () => {
    const { log, clock } = setUp({ retentionMs: -1, retentionBytes: 200 })
    for (let i = 0; i < 4; i++) segment(log, clock.nowMs())
    const each = log.sizeInBytes / 4
    replicated(log)
    expect(each).toBeGreaterThan(50)
    expect(log.deleteOldSegments()).toBe(Math.floor((4 * each - 200) / each))
    expect(log.sizeInBytes).toBeGreaterThanOrEqual(200)
  })

  test('-1 means never', () => {
    const { log, clock } = setUp({ retentionMs: -1, retentionBytes: -1 })
    for (let i = 0; i < 4; i++) segment(log, clock.nowMs())
    replicated(log)
    clock.advance(1e12)
    expect(log.deleteOldSegments()).toBe(0)
  })
})

describe('by the log start offset', () => {
  test('segments wholly below it, whatever the cleanup policy', () => {
    for (const compact of [true, false]) {
      const { log, clock } = setUp({ retentionMs: 0, cleanupPolicy: { delete: false, compact } })
      for (let i = 0; i < 4; i++) {
        const records = [{ key: 'k', value: String(i) }]
        log.appendAsLeader(batch([], { records, timestamp: clock.nowMs() }), 0)
        log.roll()
      }
      replicated(log)
      clock.advance(HOUR)
      expect(log.deleteOldSegments()).toBe(0)
      expect(log.maybeIncrementLogStartOffset(2, 'client-delete-records')).toBe(true)
      expect(log.maybeIncrementLogStartOffset(2, 'client-delete-records')).toBe(false)
      expect(log.deleteOldSegments()).toBe(2)
      expect(log.firstSegmentBaseOffset).toBe(2)
    }
  })

  test('in the middle of a segment it hides records and keeps the file', () => {
    const { log } = setUp({})
    log.appendAsLeader(batch(['a', 'b', 'c', 'd']), 0)
    replicated(log)
    log.maybeIncrementLogStartOffset(2, 'client-delete-records')
    expect(log.deleteOldSegments()).toBe(0)
    expect(readAll(log).map(record => record.value)).toEqual(['c', 'd'])
    expect(log.lastStableOffset).toBe(4)
  })

  test('never above the high watermark', () => {
    const { log } = setUp({})
    log.appendAsLeader(batch(['a', 'b']), 0)
    log.updateHighWatermark(1)
    expect(() => log.maybeIncrementLogStartOffset(2, 'client-delete-records')).toThrow(OffsetOutOfRangeError)
    expect(log.logStartOffset).toBe(0)
  })
})

test('nothing at or above the high watermark goes', () => {
  const { log, clock } = setUp({ retentionMs: 0 })
  for (let i = 0; i < 4; i++) segment(log, clock.nowMs())
  clock.advance(HOUR)
  expect(log.deleteOldSegments()).toBe(0)
  log.updateHighWatermark(5)
  expect(log.deleteOldSegments()).toBe(2)
  expect(log.logStartOffset).toBe(4)
})

test('files are renamed at once and removed after file.delete.delay.ms, snapshots with them', () => {
  const { log, clock, fs } = setUp({ retentionMs: 0 })
  for (let i = 0; i < 3; i++) {
    log.appendAsLeader(
      batch(['a'], { producerId: 5, producerEpoch: 0, baseSequence: i, timestamp: clock.nowMs() }),
      0,
    )
    log.roll()
  }
  replicated(log)
  clock.advance(HOUR)
  expect(log.deleteOldSegments()).toBe(3)
  const doomed = filesOf(fs).filter(name => name.endsWith('.deleted'))
  expect(doomed).toHaveLength(3 * 3 + 2)
  clock.advance(59_999)
  expect(filesOf(fs).filter(name => name.endsWith('.deleted'))).toEqual(doomed)
  clock.advance(1)
  expect(filesOf(fs).filter(name => name.endsWith('.deleted'))).toEqual([])
})

test('a log closed meanwhile leaves the renamed files to the next start', () => {
  const { log, clock, fs } = setUp({ retentionMs: 0 })
  segment(log, clock.nowMs())
  replicated(log)
  clock.advance(1)
  log.deleteOldSegments()
  log.close()
  clock.advance(HOUR)
  expect(filesOf(fs).some(name => name.endsWith('.deleted'))).toBe(true)
  openLog({ fs, cleanShutdown: true })
  expect(filesOf(fs).some(name => name.endsWith('.deleted'))).toBe(false)
})
