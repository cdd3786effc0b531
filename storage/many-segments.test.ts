// What a log costs when it has more segments, counted in calls to the file system, which no busy machine changes: what concerns one place
// of the log costs the same, and what touches every segment costs for the next ninety what it cost for the ninety before.
import { expect, test } from 'vitest'
import { ManualClock } from '../broker/time/manual-clock.ts'
import { FaultyFileSystem, type FileOperation } from './fs/faulty.ts'
import type { Log } from './log.ts'
import { batch, memoryFileSystem, openLog, readAll } from './testing/log-fixture.ts'

class CountingFileSystem extends FaultyFileSystem {
  calls = 0

  override meet(_operation: FileOperation, _path: string): undefined {
    this.calls++
    return undefined
  }
}

const FIRST_TIMESTAMP = 1_700_000_000_000
const timestampOf = (segment: number) => FIRST_TIMESTAMP + segment * 1000

interface Counted {
  readonly log: Log
  readonly clock: ManualClock
}

/** Of a clean start of a log that has two records in each segment, and of what is done with it then. */
async function callsOf(segments: number, work: (counted: Counted) => unknown) {
  const fs = new CountingFileSystem(memoryFileSystem())
  const clock = new ManualClock(FIRST_TIMESTAMP)
  const config = { segmentMs: Infinity, retentionMs: Infinity }
  const written = openLog({ fs, clock, config })
  for (let i = 0; i < segments; i++) {
    if (i > 0) written.roll()
    written.appendAsLeader(batch(['a', 'b'], { timestamp: timestampOf(i) }), 0)
  }
  const recoveryPoint = written.logEndOffset
  await written.settle()
  written.close()

  fs.calls = 0
  const log = openLog({ fs, clock, config, recoveryPoint, cleanShutdown: true })
  log.updateHighWatermark(log.logEndOffset)
  expect(log.segmentCount).toBe(segments)
  const start = fs.calls
  await work({ log, clock })
  return { start, work: fs.calls - start }
}

test.each<[string, (counted: Counted) => unknown]>([
  ['an append', ({ log }) => log.appendAsLeader(batch(['c']), 0)],
  ['a roll', ({ log }) => log.roll()],
  ['a read in the middle', ({ log }) => log.read(log.logEndOffset / 2, 1000, 'log-end', true)],
  ['a retention check with nothing due', ({ log }) => expect(log.deleteOldSegments()).toBe(0)],
])('%s costs the same however many segments there are', async (_what, work) => {
  const [few, many] = [await callsOf(20, work), await callsOf(200, work)]
  expect(many.work).toBe(few.work)
})

test.each<[string, (counted: Counted) => unknown]>([
  ['reading from end to end', ({ log }) => expect(readAll(log)).toHaveLength(log.segmentCount * 2)],
  [
    'a search by time, which ends in the last',
    ({ log }) =>
      expect(log.fetchOffsetByTimestamp(timestampOf(log.segmentCount - 1))?.offset).toBe(
        log.logEndOffset - 2,
      ),
  ],
  ['the removal of all but the last', removeAllButTheLast],
])('a start after a clean stop and %s cost as much for each segment', async (_what, work) => {
  const [few, more, most] = [await callsOf(20, work), await callsOf(110, work), await callsOf(200, work)]
  expect(few.work).toBeGreaterThan(20)
  expect(most.work - more.work).toBe(more.work - few.work)
  expect(most.start - more.start).toBe(more.start - few.start)
})

function removeAllButTheLast({ log, clock }: Counted): void {
  const segments = log.segmentCount
  log.maybeIncrementLogStartOffset(log.logEndOffset - 1, 'client-delete-records')
  expect(log.deleteOldSegments()).toBe(segments - 1)
  clock.advance(120_000)
}
