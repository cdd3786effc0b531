// What a start finds after a crash: every flushed batch, whole batches only, indexes and producers that agree with the
// log; and every leftover of a half-done operation, one test each.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { LogConfig } from './config.ts'
import type { MemoryFileSystem } from './fs/memory.ts'
import type { Log } from './log.ts'
import {
  batch,
  DIRECTORY,
  filesOf,
  memoryFileSystem,
  openLog,
  randomFrom,
  readAll,
} from './testing/log-fixture.ts'

const small: Partial<LogConfig> = { segmentBytes: 1200, indexIntervalBytes: 100, segmentIndexBytes: 400 }

function name(base: number, suffix: string): string {
  return `${DIRECTORY}/${String(base).padStart(20, '0')}${suffix}`
}

function values(from: number, to: number): { offset: number; value: string }[] {
  return Array.from({ length: to - from }, (_, i) => ({ offset: from + i, value: `v${from + i}` }))
}

/** One idempotent producer, so that sequences are offsets and a retry can be tried. */
function append(log: Log, records: number): void {
  const from = log.logEndOffset
  const own = Array.from({ length: records }, (_, i) => `v${from + i}`)
  log.appendAsLeader(batch(own, { producerId: 1, producerEpoch: 0, baseSequence: from }), 0)
}

function fill(log: Log, count: number): void {
  while (log.logEndOffset < count) append(log, Math.min(3, count - log.logEndOffset))
}

/** Indexes give what a scan of the log gives. */
function expectSoundIndexes(log: Log): void {
  for (let offset = log.logStartOffset; offset < log.logEndOffset; offset += 5) {
    expect(readAll(log, offset, 150)[0]?.offset).toBe(offset)
  }
  const found = log.fetchOffsetByTimestamp(1_700_000_000_000)
  if (log.logEndOffset > log.logStartOffset) expect(found?.offset).toBe(log.logStartOffset)
}

describe('after a crash', () => {
  const step = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.record({ do: fc.constant('append' as const), n: fc.integer({ min: 1, max: 8 }) }),
    },
    { weight: 2, arbitrary: fc.record({ do: fc.constant('flush' as const), n: fc.constant(0) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constantFrom('flush unawaited' as const, 'roll' as const),
        n: fc.constant(0),
      }),
    },
    { weight: 1, arbitrary: fc.record({ do: fc.constant('truncate' as const), n: fc.nat(6) }) },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constantFrom('idle' as const, 'checkpoint' as const),
        n: fc.constant(0),
      }),
    },
  )

  interface Run {
    readonly log: Log
    readonly checkpointed: number
  }

  async function perform(log: Log, steps: readonly { do: string; n: number }[]): Promise<Run> {
    let checkpointed = 0
    // Where batches begin: a log is only ever truncated there.
    let starts: number[] = []
    for (const { do: what, n } of steps) {
      if (what === 'append') {
        starts.push(log.logEndOffset)
        append(log, n)
      } else if (what === 'flush') await log.flush()
      else if (what === 'flush unawaited') void log.flush().catch(() => {})
      else if (what === 'roll') log.roll()
      else if (what === 'idle') log.releaseIdle()
      else if (what === 'checkpoint') checkpointed = log.flushedOffset
      else {
        // A follower drops its end only as long as nobody was promised it.
        const unflushed = starts.filter(start => start >= log.flushedOffset && start < log.logEndOffset)
        log.truncateTo(unflushed.at(-1 - n) ?? log.logEndOffset)
        starts = starts.filter(start => start < log.logEndOffset)
      }
      checkpointed = Math.min(checkpointed, log.flushedOffset)
    }
    return { log, checkpointed }
  }

  test('every flushed batch is there, and after it a prefix of the others; then life goes on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(), fc.nat(), async (steps, seed, again) => {
        const fs = memoryFileSystem()
        const { log, checkpointed } = await perform(openLog({ fs, config: small }), steps)
        const { flushedOffset, logEndOffset } = log
        let survivor = fs.crash(randomFrom(seed))
        let recovered = openLog({ fs: survivor, config: small, recoveryPoint: checkpointed })
        if (again % 2 === 0) {
          // The power fails again before anything was synced.
          survivor = survivor.crash(randomFrom(again))
          recovered = openLog({ fs: survivor, config: small, recoveryPoint: checkpointed })
        }
        expect(recovered.logEndOffset).toBeGreaterThanOrEqual(flushedOffset)
        expect(recovered.logEndOffset).toBeLessThanOrEqual(
          Math.max(logEndOffset, ...steps.map(s => s.n), 400),
        )
        expect(readAll(recovered)).toEqual(values(0, recovered.logEndOffset))
        expectSoundIndexes(recovered)
        fill(recovered, recovered.logEndOffset + 20)
        await recovered.flush()
        expect(readAll(recovered)).toEqual(values(0, recovered.logEndOffset))
        recovered.close()
        const clean = openLog({ fs: survivor, config: small, cleanShutdown: true })
        expect(readAll(clean)).toEqual(values(0, recovered.logEndOffset))
      }),
      { numRuns: Number(process.env.CRASH_RUNS ?? 200) },
    )
  })

  test('a killed process loses nothing, whatever it had flushed', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async steps => {
        const fs = memoryFileSystem()
        const { log, checkpointed } = await perform(openLog({ fs, config: small }), steps)
        const recovered = openLog({ fs: fs.kill(), config: small, recoveryPoint: checkpointed })
        expect(readAll(recovered)).toEqual(values(0, log.logEndOffset))
        expect(recovered.latestEpoch).toBe(log.logEndOffset > 0 ? 0 : null)
        expectSoundIndexes(recovered)
      }),
      { numRuns: 100 },
    )
  })

  test('a retry of what survived is still a duplicate', async () => {
    const fs = memoryFileSystem()
    const log = openLog({ fs, config: small })
    fill(log, 60)
    await log.flush()
    const recovered = openLog({ fs: fs.crash(), config: small, recoveryPoint: 30 })
    const retry = batch(['v57', 'v58', 'v59'], { producerId: 1, producerEpoch: 0, baseSequence: 57 })
    expect(recovered.appendAsLeader(retry, 0)).toMatchObject({ duplicate: true, firstOffset: 57 })
    append(recovered, 1)
    expect(recovered.logEndOffset).toBe(61)
  })

  test('torn at any byte, the log ends at the last whole batch', () => {
    const fs = memoryFileSystem()
    const log = openLog({ fs })
    const ends: { bytes: number; offset: number }[] = [{ bytes: 0, offset: 0 }]
    for (const n of [1, 3, 2, 4]) {
      append(log, n)
      ends.push({ bytes: log.sizeInBytes, offset: log.logEndOffset })
    }
    const whole = fs.readFile(name(0, '.log'))
    for (let cut = 0; cut <= whole.length; cut++) {
      for (const tail of [Buffer.alloc(0), Buffer.alloc(300, 0x55)]) {
        const torn = memoryFileSystem()
        torn.mkdirp(DIRECTORY)
        torn.replaceFile(name(0, '.log'), Buffer.concat([whole.subarray(0, cut), tail]))
        const recovered = openLog({ fs: torn })
        const expected = ends.findLast(end => end.bytes <= cut)!
        expect([cut, recovered.logEndOffset]).toEqual([cut, expected.offset])
        expect(recovered.sizeInBytes).toBe(expected.bytes)
        expect(torn.stat(name(0, '.log'))?.size).toBe(expected.bytes)
      }
    }
  })

  test('any flipped byte above the recovery point costs what follows it, and nothing before', () => {
    const fs = memoryFileSystem()
    const log = openLog({ fs, config: small })
    fill(log, 60)
    const bases = filesOf(fs)
      .filter(file => file.endsWith('.log'))
      .map(file => Number(file.slice(0, 20)))
    fc.assert(
      fc.property(
        fc.nat(bases.length - 1),
        fc.nat(5000),
        fc.integer({ min: 1, max: 255 }),
        (which, at, flip) => {
          const copy = copyOf(fs)
          const path = name(bases[which]!, '.log')
          const bytes = copy.readFile(path)
          const position = at % bytes.length
          // The leader epoch and the base offset are not covered by the checksum; offsets are checked otherwise.
          bytes[position]! ^= flip
          copy.replaceFile(path, bytes)
          const recovered = openLog({ fs: copy, config: small })
          const found = readAll(recovered).map(record => record.value)
          expect(found).toEqual(
            values(0, 60)
              .slice(0, found.length)
              .map(record => record.value),
          )
          expect(found.length).toBeGreaterThanOrEqual(bases[which]!)
        },
      ),
      { numRuns: 150 },
    )
  })
})

function copyOf(fs: MemoryFileSystem): MemoryFileSystem {
  const copy = memoryFileSystem()
  copy.mkdirp(DIRECTORY)
  for (const file of fs.readdir(DIRECTORY))
    copy.replaceFile(`${DIRECTORY}/${file}`, fs.readFile(`${DIRECTORY}/${file}`))
  return copy
}

/** Where the second segment of closedLog() begins. */
const SECOND_BASE = 39

/** A log of several segments, closed cleanly, and its files. */
function closedLog(count = 60): MemoryFileSystem {
  const fs = memoryFileSystem()
  const log = openLog({ fs, config: small })
  fill(log, count)
  log.close()
  return fs
}

const reopen = (fs: MemoryFileSystem, options = {}) =>
  openLog({ fs, config: small, cleanShutdown: true, ...options })

describe('after a clean stop', () => {
  test('nothing is scanned: a start reads no more than the end of the last segment', () => {
    const fs = closedLog()
    const bytes = fs.readFile(name(0, '.log'))
    bytes.fill(0xff, 20, 200)
    fs.replaceFile(name(0, '.log'), bytes)
    expect(reopen(fs).logEndOffset).toBe(60)
  })

  test('the indexes are cut to their entries, and the last timestamp is in the time index', () => {
    const fs = closedLog(10)
    expect(fs.readFile(name(0, '.timeindex')).readBigInt64BE(0)).toBe(1_700_000_000_000n)
    expect(fs.stat(name(0, '.index'))!.size % 8).toBe(0)
    expect(fs.stat(name(0, '.index'))!.size).toBeLessThan(400)
  })

  test.each([
    ['missing', (fs: MemoryFileSystem, path: string) => fs.unlink(path)],
    ['of an odd length', (fs: MemoryFileSystem, path: string) => fs.replaceFile(path, Buffer.alloc(11, 1))],
    ['of another log', (fs: MemoryFileSystem, path: string) => fs.replaceFile(path, Buffer.alloc(24, 0x7f))],
    [
      'never cut',
      (fs: MemoryFileSystem, path: string) => {
        const file = fs.open(path, 'write')
        file.truncate(408)
        file.close()
      },
    ],
    ['empty', (fs: MemoryFileSystem, path: string) => fs.replaceFile(path, Buffer.alloc(0))],
  ])('an index that is %s costs nothing but time', (_, harm) => {
    for (const suffix of ['.index', '.timeindex']) {
      for (const base of [0, SECOND_BASE]) {
        const fs = closedLog()
        expect(fs.exists(name(base, suffix))).toBe(true)
        harm(fs, name(base, suffix))
        const log = reopen(fs)
        expect(readAll(log)).toEqual(values(0, 60))
        expectSoundIndexes(log)
        fill(log, 80)
        log.close()
        expect(readAll(reopen(fs))).toEqual(values(0, 80))
      }
    }
  })

  test('a corrupt transaction index is rebuilt from the log', () => {
    const fs = closedLog()
    fs.replaceFile(name(SECOND_BASE, '.txnindex'), Buffer.alloc(33))
    const log = reopen(fs)
    log.updateHighWatermark(60)
    expect(log.read(SECOND_BASE, 10, 'txn-committed', true).abortedTransactions).toEqual([])
    expect(fs.stat(name(SECOND_BASE, '.txnindex'))?.size).toBe(0)
    expect(readAll(log)).toEqual(values(0, 60))
    expect(log.producers.lastEntry(1)?.lastSequence).toBe(59)
  })

  test('a corrupt transaction index below others does not cost the producers', () => {
    const fs = closedLog()
    fs.replaceFile(name(0, '.txnindex'), Buffer.alloc(33))
    expect(reopen(fs).producers.lastEntry(1)?.lastSequence).toBe(59)
  })

  test('a torn producer snapshot is passed over', () => {
    const fs = closedLog()
    fs.replaceFile(name(60, '.snapshot'), Buffer.alloc(20, 1))
    const log = reopen(fs)
    const retry = batch(['v57', 'v58', 'v59'], { producerId: 1, producerEpoch: 0, baseSequence: 57 })
    expect(log.appendAsLeader(retry, 0)).toMatchObject({ duplicate: true })
  })

  test('the start offset of the checkpoint holds; epochs begin there', () => {
    const log = reopen(closedLog(), { logStartOffset: 41 })
    expect(log.logStartOffset).toBe(41)
    expect(log.highWatermark).toBe(41)
    expect(log.fetchOffsetByTimestamp(-2)).toEqual({ timestamp: -1, offset: 41, leaderEpoch: 0 })
    expect(log.deleteOldSegments()).toBe(1)
  })

  test('a log that ends below its start offset begins anew there', () => {
    const fs = closedLog()
    const log = reopen(fs, { logStartOffset: 100 })
    expect(log).toMatchObject({ logStartOffset: 100, logEndOffset: 100, segmentCount: 1 })
    expect(filesOf(fs).filter(file => file.endsWith('.log'))).toEqual(['00000000000000000100.log'])
    append(log, 2)
    expect(readAll(log)).toEqual(values(100, 102))
  })

  test('an empty last segment', () => {
    const fs = memoryFileSystem()
    const log = openLog({ fs, config: small })
    fill(log, 20)
    log.roll()
    log.close()
    for (const options of [{}, { cleanShutdown: false }, { cleanShutdown: false, recoveryPoint: 20 }]) {
      const again = reopen(fs, options)
      expect(again.logEndOffset).toBe(20)
      expect(readAll(again)).toEqual(values(0, 20))
      again.close()
    }
  })

  test('an empty directory is an empty log', () => {
    const log = openLog()
    expect(log).toMatchObject({ logStartOffset: 0, logEndOffset: 0, segmentCount: 1, flushedOffset: 0 })
  })
})

describe('leftovers', () => {
  const suffixes = ['.log', '.index', '.timeindex'] as const

  test('.deleted: removed', () => {
    const fs = closedLog()
    for (const suffix of suffixes) fs.replaceFile(`${name(0, suffix)}.deleted`, Buffer.from('old'))
    fs.replaceFile(`${DIRECTORY}/00000000000000000007-0000000001.checkpoint.deleted`, Buffer.from('kept'))
    const log = reopen(fs)
    expect(filesOf(fs).filter(file => file.endsWith('.deleted'))).toEqual([
      '00000000000000000007-0000000001.checkpoint.deleted',
    ])
    expect(readAll(log)).toEqual(values(0, 60))
  })

  test('.cleaned: removed', () => {
    const fs = closedLog()
    for (const suffix of suffixes) fs.replaceFile(`${name(0, suffix)}.cleaned`, Buffer.from('half'))
    const log = reopen(fs)
    expect(filesOf(fs).some(file => file.endsWith('.cleaned'))).toBe(false)
    expect(readAll(log)).toEqual(values(0, 60))
  })

  test('.swap: what it covers goes, it takes their place', () => {
    const fs = closedLog()
    const bases = filesOf(fs)
      .filter(file => file.endsWith('.log'))
      .map(file => Number(file.slice(0, 20)))
    // The first two segments were merged into one.
    const merged = Buffer.concat([fs.readFile(name(bases[0]!, '.log')), fs.readFile(name(bases[1]!, '.log'))])
    fs.replaceFile(`${name(0, '.log')}.swap`, merged)
    fs.replaceFile(`${name(0, '.index')}.swap`, Buffer.alloc(0))
    fs.replaceFile(`${name(0, '.timeindex')}.swap`, Buffer.alloc(0))
    const log = reopen(fs)
    expect(log.segmentCount).toBe(bases.length - 1)
    expect(fs.exists(name(bases[1]!, '.log'))).toBe(false)
    expect(fs.exists(name(bases[1]!, '.index'))).toBe(false)
    expect(fs.readFile(name(0, '.log')).equals(merged)).toBe(true)
    expect(readAll(log)).toEqual(values(0, 60))
  })

  test('.swap after the covered segments were renamed away', () => {
    const fs = closedLog()
    const bytes = fs.readFile(name(0, '.log'))
    fs.rename(name(0, '.log'), `${name(0, '.log')}.deleted`)
    fs.rename(name(0, '.index'), `${name(0, '.index')}.deleted`)
    fs.replaceFile(`${name(0, '.log')}.swap`, bytes)
    expect(readAll(reopen(fs))).toEqual(values(0, 60))
  })

  test('only an index was left to rename', () => {
    const fs = closedLog()
    fs.rename(name(0, '.index'), `${name(0, '.index')}.swap`)
    const log = reopen(fs)
    expect(fs.exists(`${name(0, '.index')}.swap`)).toBe(false)
    expect(readAll(log)).toEqual(values(0, 60))
  })

  test('.swap beside a .cleaned at or below it: an unfinished split, both go', () => {
    const fs = closedLog()
    fs.replaceFile(`${name(SECOND_BASE, '.log')}.swap`, batch(['wrong'], { baseOffset: SECOND_BASE }))
    fs.replaceFile(`${name(SECOND_BASE, '.log')}.cleaned`, Buffer.alloc(0))
    const log = reopen(fs)
    expect(filesOf(fs).some(file => file.endsWith('.swap') || file.endsWith('.cleaned'))).toBe(false)
    expect(readAll(log)).toEqual(values(0, 60))
  })

  test('an index without its log: removed', () => {
    const fs = closedLog()
    for (const suffix of ['.index', '.timeindex', '.txnindex'])
      fs.replaceFile(name(777, suffix), Buffer.alloc(0))
    const log = reopen(fs)
    expect(filesOf(fs).some(file => file.includes('777'))).toBe(false)
    expect(log.logEndOffset).toBe(60)
  })

  test('strange files are left alone', () => {
    const fs = closedLog()
    for (const file of ['notes.txt', 'x.log', 'leader-epoch-checkpoint.tmp']) {
      fs.replaceFile(`${DIRECTORY}/${file}`, Buffer.from('?'))
    }
    expect(reopen(fs).logEndOffset).toBe(60)
    expect(filesOf(fs)).toEqual(expect.arrayContaining(['notes.txt', 'x.log']))
  })
})
