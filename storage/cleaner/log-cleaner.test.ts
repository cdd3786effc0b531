// What compaction keeps and what it drops, held against a map; what a crash in the middle leaves; and when it runs.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { ManualClock } from '../../broker/time/manual-clock.ts'
import { batches } from '../../protocol/records/batch.ts'
import { buildBatch } from '../../protocol/records/builder.ts'
import { buildEndTransactionMarker } from '../../protocol/records/control.ts'
import { records as recordsOf } from '../../protocol/records/record.ts'
import { type LogConfig, logConfig } from '../config.ts'
import type { MemoryFileSystem } from '../fs/memory.ts'
import { FaultyFileSystem } from '../fs/faulty.ts'
import type { FileSystem } from '../fs/port.ts'
import type { Log } from '../log.ts'
import { SILENT_LOGGER } from '../logger.ts'
import { filesOf, memoryFileSystem, openLog, randomFrom } from '../testing/log-fixture.ts'
import { LogCleaner, type LogCleanerSettings } from './log-cleaner.ts'

const DAY = 24 * 3600 * 1000
const compact: Partial<LogConfig> = {
  cleanupPolicy: { delete: false, compact: true },
  segmentBytes: 700,
  indexIntervalBytes: 100,
  minCleanableDirtyRatio: 0,
  segmentMs: Infinity,
  messageTimestampAfterMaxMs: Infinity,
}
const producerState = {
  producerIdExpirationMs: 1e12,
  transactionVerificationEnabled: false,
  maxTransactionTimeoutMs: 1e12,
}

interface Seen {
  readonly offset: number
  readonly key: string
  readonly value: string | null
}

class World {
  readonly clock = new ManualClock()
  /** Directories that were to go offline. */
  readonly failed: string[] = []
  fs: FileSystem
  log: Log
  config: LogConfig
  readonly settings: { -readonly [K in keyof LogCleanerSettings]: LogCleanerSettings[K] } = {
    isEnabled: true,
    backoffMs: 15_000,
    dedupeBufferBytes: 1024 * 1024,
    loadFactor: 0.9,
    ioBufferBytes: 2048,
    maxBytesPerSecond: Infinity,
  }

  constructor(config: Partial<LogConfig> = {}, fs: FileSystem = memoryFileSystem()) {
    this.fs = fs
    this.config = logConfig({ ...compact, ...config })
    this.log = this.open()
  }

  open(options = {}): Log {
    const { fs, clock, config } = this
    this.log = openLog({ fs, clock, config, producerState, cleanShutdown: true, ...options })
    return this.log
  }

  cleaner(yieldNow = async () => {}): LogCleaner {
    const { fs, clock, settings } = this
    const logs = () => [[this.log, '/data'] as const]
    const onDirectoryFailure = (logDir: string) => this.failed.push(logDir)
    const options = { fs, clock, settings, logs, yieldNow, onDirectoryFailure }
    return new LogCleaner({ ...options, logger: SILENT_LOGGER, random: () => 0.5 })
  }

  put(key: string, value: string | null, rest = {}): number {
    const batch = buildBatch({ records: [{ key, value }], timestamp: this.clock.nowMs(), ...rest })
    return this.log.appendAsLeader(batch, 0).firstOffset
  }

  /** Everything so far may be cleaned. */
  settle(): void {
    this.log.roll()
    this.log.updateHighWatermark(this.log.logEndOffset)
  }

  async clean(): Promise<void> {
    this.settle()
    await this.cleaner().cleanOne()
  }

  seen(): Seen[] {
    const found: Seen[] = []
    for (let offset = this.log.logStartOffset; offset < this.log.logEndOffset; ) {
      const { records } = this.log.read(offset, 500, 'log-end', true)
      if (records.length === 0) break
      for (const view of batches(records)) {
        expect(view.isValidCrc()).toBe(true)
        if (!view.isControl) {
          for (const { offset: at, key, value } of recordsOf(view)) {
            if (at >= offset)
              found.push({ offset: at, key: String(key), value: value === null ? null : String(value) })
          }
        }
        offset = Math.max(offset, view.nextOffset)
      }
    }
    return found
  }

  values(): Record<string, string | null> {
    return Object.fromEntries(this.seen().map(({ key, value }) => [key, value]))
  }
}

const writes = fc.array(
  fc.record({
    keys: fc.array(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 5 }),
    codec: fc.constantFrom('none', 'lz4', 'zstd'),
    isDelete: fc.boolean(),
    roll: fc.integer({ min: 0, max: 9 }),
  }),
  { maxLength: 80 },
)

function apply(
  world: World,
  all: readonly { keys: number[]; codec: string; isDelete: boolean; roll: number }[],
): Seen[] {
  const written: Seen[] = []
  for (const { keys, codec, isDelete, roll } of all) {
    const base = world.log.logEndOffset
    const records = keys.map((key, i) => ({
      key: `k${key}`,
      value: isDelete && i === 0 ? null : `v${base + i}`,
    }))
    const compression = codec as 'none' | 'lz4' | 'zstd'
    world.log.appendAsLeader(buildBatch({ records, compression, timestamp: world.clock.nowMs() }), 0)
    records.forEach(({ key, value }, i) => written.push({ offset: base + i, key, value }))
    if (roll === 0) world.log.roll()
  }
  return written
}

const newest = (written: readonly Seen[]) => new Map(written.map(record => [record.key, record]))

describe('what is kept', () => {
  test('the newest record of every key at its offset, in order; nothing else of what was dirty', async () => {
    await fc.assert(
      fc.asyncProperty(writes, writes, async (first, second) => {
        const world = new World()
        const written = apply(world, first)
        await world.clean()
        expect(world.seen()).toEqual([...newest(written).values()].sort((a, b) => a.offset - b.offset))
        written.push(...apply(world, second))
        const end = world.log.logEndOffset
        await world.clean()
        expect(world.log.logEndOffset).toBe(end)
        expect(world.seen()).toEqual([...newest(written).values()].sort((a, b) => a.offset - b.offset))
        world.log.close()
        world.open()
        expect(world.log.logEndOffset).toBe(end)
        expect(world.seen()).toEqual([...newest(written).values()].sort((a, b) => a.offset - b.offset))
        expect(filesOf(world.fs).some(name => name.endsWith('.cleaned') || name.endsWith('.swap'))).toBe(
          false,
        )
      }),
      { numRuns: 60 },
    )
  })

  test('a map too small for the keys of one batch: the log is left as it is', async () => {
    const world = new World()
    Object.assign(world.settings, { dedupeBufferBytes: 24, loadFactor: 0.9 })
    world.log.appendAsLeader(
      buildBatch({ records: [1, 2].map(i => ({ key: `k${i}`, value: 'v' })), timestamp: 1 }),
      0,
    )
    world.settle()
    const cleaner = world.cleaner()
    expect(await cleaner.cleanOne()).toBe(true)
    expect(await cleaner.cleanOne()).toBe(false)
    expect(world.seen()).toHaveLength(2)
  })

  test('a map too small for the keys cleans as far as it goes, and the next rounds the rest', async () => {
    const world = new World()
    // As many entries as one round takes: the map never has fewer than 1,024 slots' worth of room to grow from.
    world.settings.dedupeBufferBytes = 24 * 100
    for (let round = 0; round < 3; round++)
      for (let key = 0; key < 150; key++) world.put(`k${key}`, `v${round}`)
    world.settle()
    const cleaner = world.cleaner()
    let rounds = 0
    while (await cleaner.cleanOne()) rounds++
    expect(rounds).toBeGreaterThan(2)
    expect(world.values()).toEqual(
      Object.fromEntries(Array.from({ length: 150 }, (_, key) => [`k${key}`, 'v2'])),
    )
  })

  test('small segments are merged, offsets stay', async () => {
    const world = new World()
    for (let i = 0; i < 200; i++) world.put(`k${i % 3}`, `v${i}`)
    const before = world.log.segmentCount
    await world.clean()
    expect(before).toBeGreaterThan(10)
    expect(world.seen().map(record => record.offset)).toEqual([197, 198, 199])
    // Groups are made by the sizes before cleaning, so the emptied segments are merged by the next round.
    world.put('k0', 'last')
    await world.clean()
    expect(world.log.segmentCount).toBeLessThanOrEqual(3)
    expect(world.seen().map(record => record.offset)).toEqual([197, 199, 200])
    expect(world.log.read(0, 10, 'log-end', true).records.length).toBeGreaterThan(0)
    expect(world.log.logStartOffset).toBe(0)
  })

  test('the active segment, what the high watermark has not reached, and open transactions are left alone', async () => {
    const world = new World()
    world.put('a', '1')
    world.put('a', '2')
    expect(await world.cleaner().cleanOne()).toBe(false)
    world.log.roll()
    expect(await world.cleaner().cleanOne()).toBe(false)
    world.log.updateHighWatermark(2)
    world.put('t', '1', { producerId: 9, producerEpoch: 0, baseSequence: 0, isTransactional: true })
    world.put('a', '3')
    world.settle()
    await world.cleaner().cleanOne()
    expect(world.seen().map(({ offset }) => offset)).toEqual([1, 2, 3])
  })
})

describe('tombstones', () => {
  test('delete.retention.ms: seen for that long after the round that first met them, then gone', async () => {
    const world = new World({ deleteRetentionMs: DAY })
    world.put('a', '1')
    world.put('a', null)
    world.put('b', '1')
    await world.clean()
    expect(world.values()).toEqual({ a: null, b: '1' })
    world.clock.advance(DAY - 1)
    world.put('c', '1')
    await world.clean()
    expect(world.values()).toEqual({ a: null, b: '1', c: '1' })
    world.clock.advance(1)
    world.put('d', '1')
    await world.clean()
    expect(world.values()).toEqual({ b: '1', c: '1', d: '1' })
  })

  test('records keep their timestamps when their batch gets a delete horizon', async () => {
    const world = new World()
    const at = world.clock.nowMs()
    const records = [
      { key: 'a', value: null, timestamp: at - 5000 },
      { key: 'b', value: '1', timestamp: at - 3000 },
    ]
    world.log.appendAsLeader(buildBatch({ records }), 0)
    await world.clean()
    const [batch] = batches(world.log.read(0, 1000, 'log-end', true).records)
    expect(batch!.hasDeleteHorizon).toBe(true)
    expect(Array.from(recordsOf(batch!), record => record.timestamp)).toEqual([at - 5000, at - 3000])
    expect(world.log.fetchOffsetByTimestamp(at - 4000)?.offset).toBe(1)
  })
})

describe('transactions and producers', () => {
  const transactional = (sequence: number, producerId = 1) =>
    ({ producerId, producerEpoch: 0, baseSequence: sequence, isTransactional: true }) as const

  function end(world: World, type: 'ABORT' | 'COMMIT', producerId = 1): void {
    const timestamp = world.clock.nowMs()
    const marker = buildEndTransactionMarker({
      type,
      producerId,
      producerEpoch: 0,
      coordinatorEpoch: 0,
      timestamp,
    })
    world.log.appendAsLeader(marker, 0, { origin: 'coordinator' })
  }

  test('aborted records go, committed ones count, markers go after their records and delete.retention.ms', async () => {
    const world = new World({ deleteRetentionMs: DAY, segmentBytes: 400 })
    world.put('a', 'committed', transactional(0))
    end(world, 'COMMIT')
    world.put('a', 'aborted', transactional(1))
    world.put('b', 'aborted', transactional(2))
    end(world, 'ABORT')
    world.put('c', 'plain')
    await world.clean()
    expect(world.values()).toEqual({ a: 'committed', c: 'plain' })
    const committed = world.log.read(0, 9999, 'txn-committed', true)
    expect(committed.abortedTransactions).toMatchObject([{ producerId: 1, firstOffset: 2 }])
    const markers = () => {
      let count = 0
      for (let offset = 0; offset < world.log.logEndOffset; ) {
        const { records } = world.log.read(offset, 9999, 'log-end', true)
        if (records.length === 0) break
        for (const view of batches(records)) {
          if (view.isControl && view.recordCount > 0) count++
          offset = view.nextOffset
        }
      }
      return count
    }
    expect(markers()).toBe(2)
    // Of the aborted batches an empty one stays, for it has the producer's last sequence: until the producer expires.
    world.log.removeExpiredProducers(world.clock.nowMs() + 1e13)
    world.put('d', '0')
    await world.clean()
    expect(markers()).toBe(2)
    // Now no batch of the transaction is met: the marker is stamped, and goes a day later.
    world.put('d', '1')
    await world.clean()
    expect(markers()).toBe(2)
    world.clock.advance(DAY)
    world.put('d', '2')
    await world.clean()
    expect(markers()).toBe(1)
    expect(world.values()).toEqual({ a: 'committed', c: 'plain', d: '2' })
  })

  test('the last sequence of a producer survives its records', async () => {
    const world = new World()
    world.put('a', '1', { producerId: 4, producerEpoch: 0, baseSequence: 0 })
    world.put('a', '2')
    await world.clean()
    for (let i = 0; i < 30; i++) world.put('a', `${i}`)
    await world.clean()
    world.log.close()
    for (const name of filesOf(world.fs))
      if (name.endsWith('.snapshot')) world.fs.unlink(`/data/orders-0/${name}`)
    world.open({ cleanShutdown: false })
    expect(world.log.producers.lastEntry(4)?.lastSequence).toBe(0)
    const retry = buildBatch({
      records: [{ key: 'a', value: '1' }],
      producerId: 4,
      producerEpoch: 0,
      baseSequence: 0,
    })
    expect(world.log.appendAsLeader(retry, 0)).toMatchObject({ duplicate: true, firstOffset: 0 })
  })
})

describe('when', () => {
  test('min.cleanable.dirty.ratio: not before that part is dirty; the dirtiest log first', async () => {
    const world = new World({ minCleanableDirtyRatio: 0.5 })
    for (let i = 0; i < 50; i++) world.put(`k${i}`, 'v'.repeat(50))
    await world.clean()
    for (let i = 0; i < 20; i++) world.put(`k${i}`, 'w'.repeat(50))
    world.settle()
    expect(world.cleaner().dirtiest()).toBeNull()
    for (let i = 20; i < 60; i++) world.put(`k${i}`, 'w'.repeat(50))
    world.settle()
    expect(world.cleaner().dirtiest()?.range.dirtyRatio).toBeGreaterThan(0.5)
  })

  test('min.compaction.lag.ms: younger records stay as they are', async () => {
    const world = new World({ minCompactionLagMs: DAY })
    world.put('a', '1')
    world.put('a', '2')
    world.settle()
    expect(await world.cleaner().cleanOne()).toBe(false)
    world.clock.advance(DAY)
    expect(await world.cleaner().cleanOne()).toBe(true)
    expect(world.seen()).toHaveLength(1)
  })

  test('max.compaction.lag.ms: overdue records are compacted however clean the log is, and their segment rolls', async () => {
    const world = new World({ minCleanableDirtyRatio: 1, maxCompactionLagMs: DAY })
    world.put('a', '1')
    world.put('a', '2')
    world.log.updateHighWatermark(2)
    world.clock.advance(DAY + 1)
    expect(await world.cleaner().cleanOne()).toBe(false)
    world.put('b', '1')
    expect(world.log.segmentCount).toBe(2)
    world.log.updateHighWatermark(3)
    expect(await world.cleaner().cleanOne()).toBe(true)
    expect(world.values()).toEqual({ a: '2', b: '1' })
    expect(world.seen()).toHaveLength(2)
  })

  test('log.cleaner.enable and log.cleaner.backoff.ms: it looks again after each rest, if it may', async () => {
    const world = new World()
    world.put('a', '1')
    world.put('a', '2')
    world.settle()
    const cleaner = world.cleaner()
    world.settings.isEnabled = false
    cleaner.start()
    world.clock.advance(15_000)
    await settled()
    expect(world.seen()).toHaveLength(2)
    world.settings.isEnabled = true
    world.clock.advance(14_999)
    await settled()
    expect(world.seen()).toHaveLength(2)
    world.clock.advance(1)
    await settled()
    expect(world.seen()).toHaveLength(1)
    await cleaner.stop()
  })

  test('log.cleaner.io.max.bytes.per.second: it rests between slices', async () => {
    const world = new World()
    for (let i = 0; i < 100; i++) world.put(`k${i % 5}`, 'v'.repeat(50))
    world.settle()
    world.settings.maxBytesPerSecond = 10_000
    let isDone = false
    const startMs = world.clock.nowMs()
    const round = world
      .cleaner()
      .cleanOne()
      .then(() => (isDone = true))
    for (let i = 0; i < 100_000 && !isDone; i++) {
      await undefined
      if (i % 50 === 49) world.clock.advance(10)
    }
    await round
    expect(world.clock.nowMs() - startMs).toBeGreaterThan(1000)
    expect(world.seen()).toHaveLength(5)
  })

  test('cleaner-offset-checkpoint: a restart goes on where the last round ended', async () => {
    const world = new World()
    for (let i = 0; i < 50; i++) world.put(`k${i % 5}`, `v${i}`)
    await world.clean()
    expect(world.fs.readFile('/data/cleaner-offset-checkpoint').toString()).toBe('0\n1\norders 0 50\n')
    expect(world.cleaner().dirtiest()).toBeNull()
    world.fs.replaceFile('/data/cleaner-offset-checkpoint', Buffer.from('what?'))
    expect(world.cleaner().dirtiest()?.range.firstDirtyOffset).toBe(0)
  })
})

test('what was truncated since, and a log made anew under its name, count as dirty', async () => {
  const world = new World()
  for (let i = 0; i < 50; i++) world.put(`k${i % 5}`, `v${i}`)
  await world.clean()
  const cleaner = world.cleaner()
  expect(cleaner.dirtiest()).toBeNull()
  world.log.truncateTo(20)
  for (let i = 0; i < 50; i++) world.put(`k${i % 5}`, `w${i}`)
  world.settle()
  expect(cleaner.dirtiest()?.range.firstDirtyOffset).toBe(20)
  await cleaner.cleanOne()
  expect(world.seen()).toHaveLength(5)
  cleaner.forget('/data', world.log.topicPartition)
  expect(cleaner.dirtiest()?.range.firstDirtyOffset).toBe(0)
  expect(world.fs.readFile('/data/cleaner-offset-checkpoint').toString()).toBe('0\n0\n')
})

async function settled(): Promise<void> {
  for (let i = 0; i < 2000; i++) await undefined
}

describe('what goes wrong', () => {
  test('a crash at any moment of a round loses no newest record, and the next round completes it', async () => {
    await fc.assert(
      fc.asyncProperty(writes, fc.nat(60), fc.nat(), async (first, pauses, seed) => {
        const world = new World()
        const written = apply(world, first)
        world.settle()
        await world.log.flush()
        let left = pauses
        const crashed = new Error('crashed')
        const cleaner = world.cleaner(async () => {
          if (left-- === 0) throw crashed
        })
        await cleaner.cleanOne().catch(() => {})
        const disk = world.fs as MemoryFileSystem
        world.fs = seed % 3 === 0 ? disk.kill() : disk.crash(randomFrom(seed))
        world.open({ cleanShutdown: false, recoveryPoint: written.length })
        expect(world.log.logEndOffset).toBe(written.length)
        const now = world.seen()
        for (const record of newest(written).values()) expect(now).toContainEqual(record)
        for (const record of now) expect(written[record.offset]).toEqual(record)
        await world.clean()
        expect(world.seen()).toEqual([...newest(written).values()].sort((a, b) => a.offset - b.offset))
      }),
      { numRuns: Number(process.env.CRASH_RUNS ?? 150) },
    )
  })

  test.each([
    ['truncated', (log: Log) => void log.truncateTo(30)],
    ['closed', (log: Log) => log.close()],
    ['emptied', (log: Log) => log.truncateFullyAndStartAt(500)],
  ])('a log that is %s under the round: the round leaves nothing behind', async (_, change) => {
    const world = new World()
    for (let i = 0; i < 100; i++) world.put(`k${i % 5}`, `v${i}`)
    world.settle()
    let pauses = 0
    await world
      .cleaner(async () => {
        if (++pauses === 4) change(world.log)
      })
      .cleanOne()
    expect(pauses).toBeGreaterThan(3)
    expect(filesOf(world.fs).some(name => name.endsWith('.cleaned') || name.endsWith('.swap'))).toBe(false)
    expect(world.fs.exists('/data/cleaner-offset-checkpoint')).toBe(false)
  })

  test('appends, reads and retention go on during a round', async () => {
    const world = new World()
    for (let i = 0; i < 100; i++) world.put(`k${i % 5}`, `v${i}`)
    world.settle()
    let extra = 0
    await world
      .cleaner(async () => {
        world.put('extra', `${extra++}`)
        expect(world.values()['k4']).toBe('v99')
        world.log.deleteOldSegments()
      })
      .cleanOne()
    expect(extra).toBeGreaterThan(5)
    expect(world.values()).toEqual({
      k0: 'v95',
      k1: 'v96',
      k2: 'v97',
      k3: 'v98',
      k4: 'v99',
      extra: `${extra - 1}`,
    })
    expect(world.seen()).toHaveLength(5 + extra)
  })

  test('a corrupt batch: the log is left as it is, once and for all', async () => {
    const world = new World()
    for (let i = 0; i < 30; i++) world.put(`k${i % 5}`, `v${i}`)
    world.settle()
    world.log.close()
    const path = '/data/orders-0/00000000000000000000.log'
    const bytes = world.fs.readFile(path)
    bytes.fill(0xff, 61, 68)
    world.fs.replaceFile(path, bytes)
    world.open().updateHighWatermark(30)
    const cleaner = world.cleaner()
    expect(await cleaner.cleanOne()).toBe(true)
    expect(await cleaner.cleanOne()).toBe(false)
    expect(world.fs.readFile(path).equals(bytes)).toBe(true)
    world.put('still', 'alive')
  })

  test('damage in a batch that would be written anew is not made to look whole', async () => {
    const world = new World()
    world.log.appendAsLeader(
      buildBatch({ records: ['a', 'b'].map(key => ({ key, value: 'as it was' })), timestamp: 1 }),
      0,
    )
    world.put('a', 'newer')
    world.settle()
    world.log.close()
    const path = '/data/orders-0/00000000000000000000.log'
    const bytes = world.fs.readFile(path)
    bytes.write('not', bytes.lastIndexOf('as it was'))
    world.fs.replaceFile(path, bytes)
    world.open().updateHighWatermark(3)
    expect(await world.cleaner().cleanOne()).toBe(true)
    expect(world.fs.readFile(path).equals(bytes)).toBe(true)
  })

  test('a full disk takes the log offline, as any write does', async () => {
    const fs = new FaultyFileSystem(memoryFileSystem())
    const world = new World({}, fs)
    for (let i = 0; i < 30; i++) world.put(`k${i}`, `v${i}`)
    world.settle()
    fs.inject({ operation: 'write', path: '.log.cleaned', code: 'ENOSPC' })
    await world.cleaner().cleanOne()
    expect(() => world.put('a', '1')).toThrow(expect.objectContaining({ kind: 'full' }))
    fs.heal()
    world.open({ cleanShutdown: false })
    expect(world.seen()).toHaveLength(30)
    expect(filesOf(fs).some(name => name.endsWith('.cleaned'))).toBe(false)
  })
})
