// A log against a list: whatever is appended comes back, at its offset, however segments roll and indexes lie.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../broker/time/manual-clock.ts'
import { BatchView } from '../protocol/records/batch.ts'
import { buildBatch } from '../protocol/records/builder.ts'
import { buildEndTransactionMarker } from '../protocol/records/control.ts'
import { OffsetOutOfRangeError } from './errors.ts'
import { MemoryFileSystem } from './fs/memory.ts'
import type { Log } from './log.ts'
import { batch, filesOf, memoryFileSystem, openLog, readAll, seen } from './testing/log-fixture.ts'

const small = { segmentBytes: 1200, indexIntervalBytes: 100, segmentIndexBytes: 400 }

function fill(log: Log, count: number, epoch = 0): void {
  for (let i = 0; i < count; i++) log.appendAsLeader(batch([`v${log.logEndOffset}`]), epoch)
}

describe('append', () => {
  test('assigns offsets in place and tells where the records went', () => {
    const log = openLog()
    const first = log.appendAsLeader(batch(['a', 'b']), 3)
    expect(first).toMatchObject({
      firstOffset: 0,
      lastOffset: 1,
      logStartOffset: 0,
      leaderEpoch: 3,
      duplicate: false,
    })
    expect(first).toMatchObject({ maxTimestamp: 1_700_000_000_000, logAppendTimeMs: -1, recordCount: 2 })
    const bytes = batch(['c'])
    expect(log.appendAsLeader(bytes, 4)).toMatchObject({ firstOffset: 2, lastOffset: 2 })
    expect(new BatchView().reset(bytes, 0).baseOffset).toBe(2)
    expect(log.logEndOffset).toBe(3)
    expect(log.latestEpoch).toBe(4)
    expect(log.endOffsetForEpoch(3)).toEqual({ offset: 2, leaderEpoch: 3 })
    expect(log.highWatermark).toBe(0)
  })

  test('LogAppendTime stamps the batch by the clock', () => {
    const clock = new ManualClock(1_800_000_000_000)
    const log = openLog({ clock, config: { messageTimestampType: 'LogAppendTime' } })
    expect(log.appendAsLeader(batch(['a']), 0).logAppendTimeMs).toBe(1_800_000_000_000)
    const view = new BatchView().reset(log.read(0, 1000, 'log-end', true).records, 0)
    expect(view.timestampType).toBe('LogAppendTime')
    expect(view.maxTimestamp).toBe(1_800_000_000_000)
    expect(view.isValidCrc()).toBe(true)
  })

  test('a refused batch leaves no trace', () => {
    const log = openLog({ config: { maxMessageBytes: 200 } })
    fill(log, 2)
    const size = log.sizeInBytes
    const torn = batch(['x'])
    torn[torn.length - 1]! ^= 1
    expect(() => log.appendAsLeader(torn, 0)).toThrow(expect.objectContaining({ code: 2 }))
    expect(() => log.appendAsLeader(batch(['y'.repeat(300)]), 0)).toThrow(
      expect.objectContaining({ code: 10 }),
    )
    expect(log.appendAsLeader(batch(['z']).subarray(0, 62), 0)).toMatchObject({
      firstOffset: -1,
      recordCount: 0,
    })
    expect(log.logEndOffset).toBe(2)
    expect(log.sizeInBytes).toBe(size)
    const big = openLog({ config: { segmentBytes: 100 } })
    expect(() => big.appendAsLeader(batch(['y'.repeat(300)]), 0)).toThrow(
      expect.objectContaining({ code: 18 }),
    )
  })

  test('a retry of an idempotent producer is answered with the first offsets and written once', () => {
    const log = openLog()
    const idempotent = (sequence: number) =>
      batch(['a', 'b'], { producerId: 7, producerEpoch: 0, baseSequence: sequence })
    log.appendAsLeader(batch(['other']), 0)
    expect(log.appendAsLeader(idempotent(0), 0)).toMatchObject({ firstOffset: 1, lastOffset: 2 })
    expect(log.appendAsLeader(idempotent(2), 0)).toMatchObject({ firstOffset: 3 })
    expect(log.appendAsLeader(idempotent(0), 0)).toMatchObject({
      firstOffset: 1,
      lastOffset: 2,
      duplicate: true,
    })
    expect(() => log.appendAsLeader(idempotent(9), 0)).toThrow(expect.objectContaining({ code: 45 }))
    expect(log.logEndOffset).toBe(5)
  })

  test('a follower takes offsets as they are, and refuses those it has', () => {
    const log = openLog()
    log.appendAsFollower(batch(['a', 'b'], { baseOffset: 0, partitionLeaderEpoch: 1 }))
    log.appendAsFollower(
      Buffer.concat([
        batch(['c'], { baseOffset: 5, partitionLeaderEpoch: 2 }),
        batch(['d'], { baseOffset: 9, partitionLeaderEpoch: 4 }),
      ]),
    )
    expect(log.logEndOffset).toBe(10)
    expect(readAll(log).map(record => record.offset)).toEqual([0, 1, 5, 9])
    expect(log.endOffsetForEpoch(3)).toEqual({ offset: 9, leaderEpoch: 2 })
    expect(() => log.appendAsFollower(batch(['e'], { baseOffset: 9 }))).toThrow(OffsetOutOfRangeError)
  })

  test("the raft leader's batches keep the offsets and epochs they come with", () => {
    const log = openLog()
    const own = batch(['a'], { baseOffset: 0, partitionLeaderEpoch: 5 })
    expect(log.appendAsLeader(own, 5, { origin: 'raft-leader' })).toMatchObject({
      firstOffset: 0,
      leaderEpoch: 5,
    })
    expect(() => log.appendAsLeader(batch(['b'], { baseOffset: 1 }), 5, { origin: 'raft-leader' })).toThrow(
      /epoch/,
    )
  })
})

test('where segments begin that were last written to before a time (ListOffsets v0)', () => {
  const clock = new ManualClock()
  const fs = new MemoryFileSystem({ nowMs: () => clock.nowMs() })
  fs.mkdirp('/data')
  const log = openLog({ fs, clock, config: { segmentBytes: 200 } })
  expect(log.legacyOffsetsBefore(-1, 9)).toEqual([0])
  const writtenMs: number[] = []
  for (let index = 0; index < 6; index++) {
    clock.advance(1000)
    writtenMs.push(clock.nowMs())
    log.appendAsLeader(batch(['x'.repeat(20)]), 0)
  }
  // Two records each.
  expect(log.segmentCount).toBe(3)
  clock.advance(1000)
  expect(log.legacyOffsetsBefore(-1, 9)).toEqual([6, 4, 2, 0])
  expect(log.legacyOffsetsBefore(-1, 2)).toEqual([6, 4])
  expect(log.legacyOffsetsBefore(-2, 9)).toEqual([0])
  expect(log.legacyOffsetsBefore(writtenMs[3]!, 9)).toEqual([2, 0])
  expect(log.legacyOffsetsBefore(writtenMs[3]! - 1, 9)).toEqual([0])
  expect(log.legacyOffsetsBefore(writtenMs[1]! - 1, 9)).toEqual([])
  expect(log.legacyOffsetsBefore(clock.nowMs(), 1)).toEqual([6])
  expect(log.legacyOffsetsBefore(-1, 0)).toEqual([])
  expect(log.legacyOffsetsBefore(-1, -5)).toEqual([])
  log.updateHighWatermark(6)
  log.maybeIncrementLogStartOffset(3, 'client-delete-records')
  expect(log.legacyOffsetsBefore(-1, 9)).toEqual([6, 4, 3, 3])
})

describe('rolling', () => {
  test('by size, with exact file names and trimmed indexes', () => {
    const fs = memoryFileSystem()
    const log = openLog({ fs, config: small })
    fill(log, 40)
    expect(log.segmentCount).toBeGreaterThan(2)
    const bases = filesOf(fs)
      .filter(name => name.endsWith('.log'))
      .map(name => Number(name.slice(0, 20)))
    for (const [i, base] of bases.entries()) {
      const size = fs.stat(`/data/orders-0/${String(base).padStart(20, '0')}.log`)!.size
      expect(size).toBeLessThanOrEqual(small.segmentBytes)
      if (i === bases.length - 1) continue
      const index = fs.stat(`/data/orders-0/${String(base).padStart(20, '0')}.index`)!
      expect(index.size % 8).toBe(0)
      expect(index.size).toBeLessThan(400)
      expect(fs.exists(`/data/orders-0/${String(bases[i + 1]).padStart(20, '0')}.snapshot`)).toBe(true)
    }
    expect(readAll(log)).toHaveLength(40)
  })

  test('by time: record timestamps against the first one, less the jitter', () => {
    const config = { segmentMs: 1000, segmentJitterMs: 400 }
    const log = openLog({ config, random: () => 0.5 })
    log.appendAsLeader(batch(['a'], { timestamp: 1_700_000_000_000 }), 0)
    log.appendAsLeader(batch(['b'], { timestamp: 1_700_000_000_800 }), 0)
    expect(log.segmentCount).toBe(1)
    log.appendAsLeader(batch(['c'], { timestamp: 1_700_000_000_801 }), 0)
    expect(log.segmentCount).toBe(2)
  })

  test('by the clock when records have no timestamps', () => {
    const clock = new ManualClock()
    const log = openLog({ clock, config: { segmentMs: 1000 } })
    log.appendAsLeader(batch(['a'], { timestamp: -1 }), 0)
    clock.advance(1000)
    log.appendAsLeader(batch(['b'], { timestamp: -1 }), 0)
    expect(log.segmentCount).toBe(1)
    clock.advance(1)
    log.appendAsLeader(batch(['c'], { timestamp: -1 }), 0)
    expect(log.segmentCount).toBe(2)
  })

  test('when the index is full, and when an offset leaves 31 bits', () => {
    const log = openLog({ config: { indexIntervalBytes: 1, segmentIndexBytes: 60 } })
    fill(log, 20)
    // Five entries fit the time index, one stays reserved; equal timestamps add none, so the offset index (7) decides.
    expect(log.segmentCount).toBe(3)
    const wide = openLog()
    wide.appendAsFollower(batch(['a'], { baseOffset: 10 }))
    wide.appendAsFollower(batch(['b'], { baseOffset: 10 + 0x7fffffff }))
    expect(wide.segmentCount).toBe(2)
    expect(readAll(wide)).toHaveLength(2)
  })

  test('a settings change acts on the next roll', () => {
    const log = openLog({ config: small })
    fill(log, 3)
    log.updateConfig({ ...log.config, segmentBytes: 220 })
    fill(log, 4)
    expect(log.segmentCount).toBe(3)
  })
})

describe('read', () => {
  test('whole batches within maxBytes, the first one whatever its size, nothing above the bound', () => {
    const log = openLog()
    for (const value of ['a', 'b', 'c']) log.appendAsLeader(batch([value, `${value}2`]), 0)
    const one = log.read(0, 1, 'log-end', true)
    expect(seen(one.records)).toHaveLength(2)
    const size = one.records.length
    expect(seen(log.read(0, 2 * size, 'log-end', false).records)).toHaveLength(4)
    expect(seen(log.read(0, 3 * size - 1, 'log-end', false).records)).toHaveLength(4)
    expect(seen(log.read(3, 9999, 'log-end', false).records).map(record => record.offset)).toEqual([
      2, 3, 4, 5,
    ])
    const torn = log.read(0, size - 1, 'log-end', false)
    expect(torn).toMatchObject({ firstEntryIncomplete: true })
    expect(torn.records).toHaveLength(size - 1)
    expect(log.read(0, 0, 'log-end', false)).toMatchObject({ firstEntryIncomplete: false })
    expect(log.read(6, 100, 'log-end', true).records).toHaveLength(0)
    expect(log.read(0, 9999, 'high-watermark', true).records).toHaveLength(0)
    log.incrementHighWatermark(4)
    expect(seen(log.read(0, 9999, 'high-watermark', true).records)).toHaveLength(4)
    expect(log.read(4, 9999, 'high-watermark', true).records).toHaveLength(0)
    expect(log.read(5, 9999, 'high-watermark', true).records).toHaveLength(0)
  })

  test('out of range below the start and above the end', () => {
    const log = openLog()
    fill(log, 5)
    log.updateHighWatermark(5)
    log.maybeIncrementLogStartOffset(2, 'client-delete-records')
    for (const offset of [-1, 0, 1, 6, Infinity, NaN]) {
      expect(() => log.read(offset, 100, 'log-end', true)).toThrow(OffsetOutOfRangeError)
    }
    expect(seen(log.read(2, 1, 'log-end', true).records)).toEqual([{ offset: 2, value: 'v2' }])
  })

  test('anything appended is read back, from any offset, with any maxBytes', () => {
    const batches = fc.array(fc.array(fc.string({ maxLength: 30 }), { minLength: 1, maxLength: 6 }), {
      maxLength: 60,
    })
    const codec = fc.constantFrom('none', 'gzip', 'lz4', 'snappy', 'zstd')
    fc.assert(
      fc.property(batches, codec, fc.nat(2000), fc.boolean(), (all, compression, maxBytes, reopened) => {
        const fs = memoryFileSystem()
        let log = openLog({ fs, config: small })
        const model: { offset: number; value: string }[] = []
        for (const values of all) {
          log.appendAsLeader(batch(values, { compression }), 0)
          for (const value of values) model.push({ offset: model.length, value })
        }
        if (reopened) {
          log.close()
          log = openLog({ fs, config: small, cleanShutdown: true })
        }
        expect(log.logEndOffset).toBe(model.length)
        expect(readAll(log, 0, maxBytes)).toEqual(model)
        for (let from = 0; from < model.length; from += 7)
          expect(readAll(log, from, 400)).toEqual(model.slice(from))
      }),
      { numRuns: 60 },
    )
  })
})

describe('transactions', () => {
  const transactional = (values: string[], sequence: number, producerId = 1) =>
    batch(values, { producerId, producerEpoch: 0, baseSequence: sequence, isTransactional: true })
  const marker = (type: 'ABORT' | 'COMMIT', producerId = 1) =>
    buildEndTransactionMarker({ type, producerId, producerEpoch: 0, coordinatorEpoch: 0, timestamp: 5 })
  const asCoordinator = { origin: 'coordinator' } as const
  const unverified = {
    producerIdExpirationMs: 1e9,
    transactionVerificationEnabled: false,
    maxTransactionTimeoutMs: 1e9,
  }

  test('the last stable offset waits for markers, and aborted transactions are told to committed readers', () => {
    const log = openLog({ producerState: unverified, config: small })
    log.appendAsLeader(transactional(['a', 'b'], 0), 0)
    log.appendAsLeader(batch(['plain']), 0)
    log.appendAsLeader(transactional(['other'], 0, 2), 0)
    log.incrementHighWatermark(4)
    expect(log.lastStableOffset).toBe(0)
    log.appendAsLeader(marker('ABORT'), 0, asCoordinator)
    log.incrementHighWatermark(5)
    expect(log.lastStableOffset).toBe(3)
    fill(log, 20)
    log.appendAsLeader(marker('COMMIT', 2), 0, asCoordinator)
    log.incrementHighWatermark(log.logEndOffset)
    expect(log.lastStableOffset).toBe(log.logEndOffset)

    const committed = log.read(0, 99_999, 'txn-committed', true)
    expect(committed.abortedTransactions).toMatchObject([{ producerId: 1, firstOffset: 0 }])
    expect(log.read(2, 1, 'txn-committed', true).abortedTransactions).toHaveLength(1)
    expect(log.read(5, 1, 'txn-committed', true).abortedTransactions).toHaveLength(0)
    expect(log.read(0, 1, 'high-watermark', true).abortedTransactions).toBeNull()
  })

  test('a marker segments later is found', () => {
    const log = openLog({ producerState: unverified, config: small })
    log.appendAsLeader(transactional(['a'], 0), 0)
    fill(log, 40)
    expect(log.segmentCount).toBeGreaterThan(2)
    log.appendAsLeader(marker('ABORT'), 0, asCoordinator)
    log.incrementHighWatermark(log.logEndOffset)
    expect(log.read(0, 1, 'txn-committed', true).abortedTransactions).toMatchObject([{ producerId: 1 }])
  })

  test('a restart knows the open transaction', () => {
    const fs = memoryFileSystem()
    const log = openLog({ fs, producerState: unverified })
    fill(log, 3)
    log.appendAsLeader(transactional(['a'], 0), 0)
    log.close()
    const again = openLog({ fs, producerState: unverified, cleanShutdown: true })
    again.updateHighWatermark(4)
    expect(again.lastStableOffset).toBe(3)
    again.appendAsLeader(marker('ABORT'), 0, asCoordinator)
    again.incrementHighWatermark(5)
    expect(again.read(3, 1, 'txn-committed', true).abortedTransactions).toMatchObject([{ firstOffset: 3 }])
  })
})

describe('offsets by timestamp', () => {
  test('special ones', () => {
    const log = openLog()
    expect(log.fetchOffsetByTimestamp(-3)).toBeNull()
    expect(log.fetchOffsetByTimestamp(-1)).toEqual({ timestamp: -1, offset: 0, leaderEpoch: -1 })
    log.appendAsLeader(batch(['a'], { timestamp: 50 }), 2)
    log.appendAsLeader(batch(['b'], { timestamp: 90 }), 2)
    log.appendAsLeader(batch(['c'], { timestamp: 70 }), 3)
    expect(log.fetchOffsetByTimestamp(-1)).toEqual({ timestamp: -1, offset: 3, leaderEpoch: 3 })
    expect(log.fetchOffsetByTimestamp(-2)).toEqual({ timestamp: -1, offset: 0, leaderEpoch: 2 })
    expect(log.fetchOffsetByTimestamp(-4)).toEqual({ timestamp: -1, offset: 0, leaderEpoch: 2 })
    expect(log.fetchOffsetByTimestamp(-3)).toEqual({ timestamp: 90, offset: 1, leaderEpoch: 2 })
    expect(log.fetchOffsetByTimestamp(-5)).toMatchObject({ offset: -1 })
    expect(log.fetchOffsetByTimestamp(91)).toBeNull()
  })

  test('the first record that is late enough, as a linear search finds it', () => {
    const times = fc.array(fc.array(fc.integer({ min: 1, max: 500 }), { minLength: 1, maxLength: 4 }), {
      minLength: 1,
      maxLength: 50,
    })
    fc.assert(
      fc.property(
        times,
        fc.array(fc.integer({ min: 0, max: 510 }), { minLength: 1 }),
        fc.nat(100),
        (all, wanted, start) => {
          const log = openLog({ config: { ...small, segmentMs: Infinity } })
          const model: { offset: number; timestamp: number }[] = []
          for (const timestamps of all) {
            const records = timestamps.map(timestamp => ({ key: null, value: 'x', timestamp }))
            log.appendAsLeader(buildBatch({ records }), 0)
            for (const timestamp of timestamps) model.push({ offset: model.length, timestamp })
          }
          log.updateHighWatermark(model.length)
          const logStart = Math.min(start, model.length)
          log.maybeIncrementLogStartOffset(logStart, 'client-delete-records')
          for (const timestamp of wanted) {
            const expected = model.find(record => record.offset >= logStart && record.timestamp >= timestamp)
            const found = log.fetchOffsetByTimestamp(timestamp)
            if (expected === undefined) expect(found).toBeNull()
            else expect(found).toEqual({ ...expected, leaderEpoch: 0 })
          }
        },
      ),
      { numRuns: 80 },
    )
  })
})

describe('truncation', () => {
  test('equals cutting the list, and the log goes on from there', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 60 }), fc.nat(70), fc.boolean(), (count, target, reopened) => {
        const fs = memoryFileSystem()
        let log = openLog({ fs, config: small })
        fill(log, count)
        log.updateHighWatermark(count)
        expect(log.truncateTo(target)).toBe(target < count)
        const end = Math.min(target, count)
        expect(log.logEndOffset).toBe(end)
        expect(log.highWatermark).toBe(end)
        fill(log, 5, 1)
        if (reopened) {
          log.close()
          log = openLog({ fs, config: small, cleanShutdown: true })
        }
        expect(readAll(log).map(record => record.value)).toEqual(
          Array.from({ length: end + 5 }, (_, i) => `v${i}`),
        )
        expect(log.endOffsetForEpoch(0)?.offset ?? 0).toBe(end)
      }),
      { numRuns: 60 },
    )
  })

  test('fully, to begin anew from a snapshot', () => {
    const fs = memoryFileSystem()
    const log = openLog({ fs, config: small })
    fill(log, 30)
    log.truncateFullyAndStartAt(1000)
    expect(log).toMatchObject({
      logStartOffset: 1000,
      logEndOffset: 1000,
      highWatermark: 1000,
      segmentCount: 1,
    })
    expect(log.latestEpoch).toBeNull()
    fill(log, 3)
    expect(readAll(log)).toEqual([1000, 1001, 1002].map(offset => ({ offset, value: `v${offset}` })))
    log.truncateTo(500)
    expect(log).toMatchObject({ logStartOffset: 500, logEndOffset: 500 })
  })
})

test('a closed log refuses everything and closes twice', async () => {
  const log = openLog()
  fill(log, 1)
  log.close()
  log.close()
  expect(() => log.read(0, 10, 'log-end', true)).toThrow(
    expect.objectContaining({ kind: 'closed', code: 56 }),
  )
  expect(() => fill(log, 1)).toThrow(expect.objectContaining({ kind: 'closed' }))
  await expect(log.flush()).rejects.toMatchObject({ kind: 'closed' })
})

test('idle logs give everything back and go on as if nothing had been', () => {
  const log = openLog({ config: small })
  fill(log, 30)
  for (let i = 0; i < 3; i++) log.releaseIdle()
  expect(readAll(log)).toHaveLength(30)
  log.releaseIdle()
  log.releaseIdle()
  fill(log, 10)
  expect(readAll(log)).toHaveLength(40)
})

test('a renamed directory is followed', () => {
  const fs = memoryFileSystem()
  const log = openLog({ fs, config: small })
  fill(log, 30)
  log.renameDirectory('/data/orders-0.abc-future')
  fill(log, 10)
  expect(readAll(log)).toHaveLength(40)
  expect(filesOf(fs, '/data')).toEqual(['orders-0.abc-future'])
  log.delete()
  expect(filesOf(fs, '/data')).toEqual([])
})
