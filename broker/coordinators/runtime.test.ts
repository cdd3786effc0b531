import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Errors, errorOf } from '../../protocol/errors.ts'
import { buildBatch } from '../../protocol/records/builder.ts'
import { ManualClock } from '../time/manual-clock.ts'
import { partitionForKey, javaHash } from './partitioning.ts'
import { CoordinatorRuntime, type RuntimeOptions } from './runtime.ts'
import type { Effects, RecordCodec, Shard } from './shard.ts'
import { RETRY_BACKOFF_MS } from './shard-context.ts'
import { MemoryInternalLog } from './testing/memory-internal-log.ts'

// A coordinator as small as can be: it adds up numbers.

interface Added {
  readonly amount: number
}

const codec: RecordCodec<Added> = {
  write: ({ amount }) => ({ key: Buffer.from('added'), value: Buffer.from(String(amount)) }),
  read: (key, value) => (key.toString() === 'added' ? { amount: Number(value) } : null),
}

class Sum implements Shard<Added> {
  total = 0
  parked: number | null = null
  readonly ended: string[] = []

  replay(_offset: number, _producerId: number, record: Added): void {
    this.total += record.amount
  }

  replayEndTransactionMarker(producerId: number, committed: boolean): void {
    this.ended.push(`${producerId} ${committed}`)
  }

  loaded(): void {}

  unloaded(effects: Effects<Added>): void {
    if (this.parked !== null) effects.reply(this.parked, 'unloaded')
  }
}

function start(options: Partial<RuntimeOptions<Sum, Added>> = {}) {
  const clock = new ManualClock()
  const log = new MemoryInternalLog()
  const unknown: string[] = []
  const failures: string[] = []
  const runtime = new CoordinatorRuntime<Sum, Added>({
    clock,
    codec,
    newShard: () => new Sum(),
    writeTimeoutMs: () => 5000,
    unknownRecord: (_, key) => unknown.push(key.toString()),
    failed: (_, what) => failures.push(what),
    ...options,
  })
  const add = (amount: number, partition = 0): Promise<string> =>
    runtime
      .query(partition, 'add', (shard, effects) => {
        effects.append({ amount })
        return `was ${shard.total}`
      })
      .catch(error => errorOf(error.code).name)
  const total = (): Promise<number | string> =>
    runtime.query(0, 'total', shard => shard.total).catch(error => errorOf(error.code).name)
  return { clock, log, runtime, unknown, failures, add, total }
}

/** What a promise has come to by now. */
async function now<T>(promise: Promise<T>): Promise<T | 'pending'> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
  return Promise.race([promise, Promise.resolve('pending' as const)])
}

function batchOf(...amounts: number[]): Buffer {
  return buildBatch({ records: amounts.map(amount => codec.write({ amount })), timestamp: 1 })
}

test('a command takes effect before the next one, and is answered', async () => {
  const { log, runtime, add } = start()
  runtime.elected(0, log)
  expect(await Promise.all([add(1), add(2), add(4)])).toEqual(['was 0', 'was 1', 'was 3'])
  expect(log.logEndOffset).toBe(3)
})

test('who is not elected is not the coordinator; who resigned is not either', async () => {
  const { log, runtime, add } = start()
  expect(await add(1)).toBe('NOT_COORDINATOR')
  log.leaderEpoch = 4
  runtime.elected(0, log)
  runtime.resigned(0, 4)
  expect(await add(1)).toBe('was 0')
  runtime.resigned(0, 5)
  expect(await add(1)).toBe('NOT_COORDINATOR')
})

test('a deletion ends the leadership whatever its epoch', async () => {
  const { log, runtime, add } = start()
  runtime.elected(0, log)
  runtime.resigned(0, undefined)
  expect(await add(1)).toBe('NOT_COORDINATOR')
})

test('an election of the past is ignored; a later epoch goes on with the same state and the new log', async () => {
  const { log, runtime, add, total } = start()
  log.leaderEpoch = 7
  runtime.elected(0, log)
  await add(5)
  runtime.elected(0, new MemoryInternalLog())
  expect(await total()).toBe(5)
  const next = log.failOver(true)
  runtime.elected(0, next)
  await add(1)
  expect(next.logEndOffset).toBe(2)
  expect(log.logEndOffset).toBe(1)
})

test('loading takes its turns, and answers that it is loading meanwhile', async () => {
  const { clock, log, runtime, total } = start()
  const big = 'x'.repeat(100_000)
  for (let i = 0; i < 6; i++) log.append(batchOf(1, 2, 3))
  for (let i = 0; i < 6; i++)
    log.append(buildBatch({ records: [{ key: 'of another kind', value: big }], timestamp: 1 }))
  log.append(batchOf(10))
  runtime.elected(0, log)
  expect(await total()).toBe('COORDINATOR_LOAD_IN_PROGRESS')
  clock.advance(0)
  expect(await total()).toBe(46)
})

test('unknown records are skipped, and told', async () => {
  const { clock, log, runtime, unknown, total } = start()
  log.append(batchOf(1))
  log.append(buildBatch({ records: [{ key: 'mystery', value: 'x' }], timestamp: 1 }))
  log.append(batchOf(1))
  runtime.elected(0, log)
  clock.advance(0)
  expect(await total()).toBe(2)
  expect(unknown).toEqual(['mystery'])
})

test('records are compressed as asked, and read again', async () => {
  const { clock, log, runtime, add, total } = start({ compression: () => 'gzip' })
  runtime.elected(0, log)
  await add(5)
  expect([...log.batches()].map(batch => batch.compression)).toEqual([1])
  runtime.resigned(0, undefined)
  runtime.elected(0, log)
  clock.advance(0)
  expect(await total()).toBe(5)
})

test('no more is read at once than the load buffer holds, and never so much that the loop stands still', () => {
  const asked: number[] = []
  class Watched extends MemoryInternalLog {
    override read(fromOffset: number, maxBytes: number): Buffer {
      asked.push(maxBytes)
      return super.read(fromOffset, maxBytes)
    }
  }
  for (const loadBufferBytes of [100, 1 << 30]) {
    const { clock, runtime } = start({ loadBufferBytes: () => loadBufferBytes })
    const log = new Watched()
    log.append(batchOf(1))
    runtime.elected(0, log)
    clock.advance(0)
  }
  expect(asked).toEqual([100, 256 * 1024])
})

test('a log that cannot be read leaves no coordinator', async () => {
  const { clock, log, runtime, failures, total } = start({
    codec: {
      ...codec,
      read: () => {
        throw new Error('nonsense')
      },
    },
  })
  log.append(batchOf(1))
  runtime.elected(0, log)
  clock.advance(0)
  expect(failures).toEqual(['load'])
  expect(await total()).toBe('NOT_COORDINATOR')
})

test('nothing is answered before the high watermark has passed it, reads included', async () => {
  const { log, runtime, add, total } = start()
  runtime.elected(0, log)
  log.hold()
  const written = add(3)
  const read = total()
  expect(await now(written)).toBe('pending')
  expect(await now(read)).toBe('pending')
  log.release()
  expect(await now(written)).toBe('was 0')
  expect(await now(read)).toBe(3)
})

test('the high watermark releases what it has passed and no more', async () => {
  const { log, runtime, add } = start()
  runtime.elected(0, log)
  log.hold()
  const first = add(1)
  const second = add(2)
  log.release(1)
  expect(await now(first)).toBe('was 0')
  expect(await now(second)).toBe('pending')
  log.release(2)
  expect(await now(second)).toBe('was 1')
})

test('a reply that waits too long is an error; the record may be committed all the same', async () => {
  const { clock, log, runtime, add, total } = start()
  runtime.elected(0, log)
  log.hold()
  const early = add(1)
  clock.advance(3000)
  const late = add(2)
  clock.advance(2000)
  expect(await now(early)).toBe('REQUEST_TIMED_OUT')
  expect(await now(late)).toBe('pending')
  log.release()
  expect(await now(late)).toBe('was 1')
  expect(await total()).toBe(3)
})

test('a failed append leaves no trace in the state', async () => {
  const { log, runtime, add, total } = start()
  runtime.elected(0, log)
  await add(1)
  log.failures.push(Errors.NOT_ENOUGH_REPLICAS.code)
  expect(await add(100)).toBe('NOT_ENOUGH_REPLICAS')
  expect(await total()).toBe(1)
  expect(await add(2)).toBe('was 1')
})

test('how an append ended is told to the command that asked, before its replies go out', async () => {
  const { log, runtime } = start()
  runtime.elected(0, log)
  const told: string[] = []
  const command = () =>
    runtime
      .query(0, 'ask', (_, effects) => {
        effects.append({ amount: 1 })
        effects.whenSettled(error => told.push(error === null ? 'committed' : error.errorName))
        return 'done'
      })
      .catch(error => errorOf(error.code).name)
      .then(answer => told.push(answer))
  await command()
  log.failures.push(Errors.KAFKA_STORAGE_ERROR.code)
  await command()
  expect(told).toEqual(['committed', 'done', 'KAFKA_STORAGE_ERROR', 'KAFKA_STORAGE_ERROR'])
})

test('a command that throws fails alone', async () => {
  const { log, runtime, failures, total } = start()
  runtime.elected(0, log)
  const broken = runtime.query<string>(0, 'broken', (_, effects) => {
    effects.append({ amount: 1 })
    throw new Error('a mistake of ours')
  })
  expect(await broken.catch(error => errorOf(error.code).name)).toBe('UNKNOWN_SERVER_ERROR')
  expect(failures).toEqual(['broken'])
  expect(log.logEndOffset).toBe(0)
  expect(await total()).toBe(0)
})

test('parked callers and waiting ones are answered when the partition moves away', async () => {
  const { log, runtime, add } = start()
  runtime.elected(0, log)
  const parked = runtime.submit(0, 'park', (shard, _, caller) => {
    shard.parked = caller
  })
  const forgotten = runtime.submit(0, 'forget', () => {})
  log.hold()
  const waiting = add(1)
  runtime.resigned(0, 1)
  expect(await parked).toBe('unloaded')
  expect(await waiting).toBe('NOT_COORDINATOR')
  expect(await forgotten.catch(error => errorOf(error.code).name)).toBe('NOT_COORDINATOR')
})

test('when somebody else writes to the log, the shard starts over from the log', async () => {
  const { clock, log, runtime, add, total, failures } = start()
  runtime.elected(0, log)
  await add(1)
  log.append(batchOf(1000))
  expect(await add(2)).toBe('NOT_COORDINATOR')
  expect(failures).toEqual(['append'])
  clock.advance(0)
  expect(await total()).toBe(1003)
})

test('a timer fires once; a moved one at its new time only; a cancelled one never', async () => {
  const { clock, log, runtime, total } = start()
  runtime.elected(0, log)
  const set = (key: string, afterMs: number, amount: number) =>
    runtime.query(0, 'set', (_, effects) => effects.schedule(key, afterMs, next => next.append({ amount })))
  await set('moved later', 100, 1)
  await set('moved later', 200, 10)
  await set('moved sooner', 500, 100)
  await set('moved sooner', 50, 1000)
  await set('cancelled', 100, 10_000)
  await runtime.query(0, 'cancel', (_, effects) => effects.cancel('cancelled'))
  clock.advance(50)
  expect(await total()).toBe(1000)
  clock.advance(149)
  expect(await total()).toBe(1000)
  clock.advance(1)
  expect(await total()).toBe(1010)
  clock.advance(10_000)
  expect(await total()).toBe(1010)
  expect(clock.nextTimerInMs()).toBeUndefined()
})

test('a timer whose append failed runs again if it asked for that', async () => {
  const { clock, log, runtime, total } = start()
  runtime.elected(0, log)
  const set = (key: string, retry: boolean, amount: number) =>
    runtime.query(0, 'set', (_, effects) =>
      effects.schedule(key, 100, next => next.append({ amount }), retry),
    )
  await set('stubborn', true, 1)
  await set('meek', false, 10)
  log.failures.push(Errors.NOT_ENOUGH_REPLICAS.code, Errors.NOT_ENOUGH_REPLICAS.code)
  clock.advance(100)
  expect(await total()).toBe(0)
  clock.advance(RETRY_BACKOFF_MS)
  expect(await total()).toBe(1)
})

test('work that may be split is split over batches; work that may not be fails whole', async () => {
  const { log, runtime, total } = start()
  log.maxBatchBytes = 300
  runtime.elected(0, log)
  const append = (atomic: boolean) =>
    runtime
      .query(0, 'many', (_, effects) => {
        effects.atomic = atomic
        for (let i = 0; i < 100; i++) effects.append({ amount: 1 })
      })
      .catch(error => errorOf(error.code).name)
  expect(await append(true)).toBe('MESSAGE_TOO_LARGE')
  expect(log.logEndOffset).toBe(0)
  await append(false)
  expect(await total()).toBe(100)
  expect(log.appended.length).toBeGreaterThan(1)
  for (const batch of log.appended) expect(batch.length).toBeLessThanOrEqual(300)
})

test('commands of a command: what arrives while one runs is done after it', async () => {
  const { log, runtime, add, total } = start()
  runtime.elected(0, log)
  let inner: Promise<string> | undefined
  const outer = await runtime.query(0, 'outer', (shard, effects) => {
    inner = add(1)
    effects.append({ amount: 10 })
    return `was ${shard.total}`
  })
  expect(outer).toBe('was 0')
  expect(await inner).toBe('was 10')
  expect(await total()).toBe(11)
})

test('with any mix of commits, failures, delays and moves: what was acknowledged is there, and the log says the same', async () => {
  const step = fc.oneof(
    { weight: 6, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 1000 }) }) },
    { weight: 1, arbitrary: fc.constant('fail' as const) },
    { weight: 2, arbitrary: fc.constant('hold' as const) },
    { weight: 2, arbitrary: fc.constant('release' as const) },
    { weight: 1, arbitrary: fc.constant('time' as const) },
    { weight: 1, arbitrary: fc.constant('move' as const) },
  )
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 60 }), async steps => {
      const { clock, log: firstLog, runtime, add, total } = start()
      let log = firstLog
      runtime.elected(0, log)
      let acknowledged = 0
      let attempted = 0
      for (const one of steps) {
        if (one === 'fail') log.failures.push(Errors.NOT_ENOUGH_REPLICAS.code)
        else if (one === 'hold') log.hold()
        else if (one === 'release') log.release()
        else if (one === 'time') clock.advance(6000)
        else if (one === 'move') {
          runtime.resigned(0, undefined)
          log = log.failOver(false)
          runtime.elected(0, log)
          clock.advance(0)
        } else {
          attempted += one.add
          void add(one.add).then(answer => {
            if (answer.startsWith('was')) acknowledged += one.add
          })
        }
        await now(Promise.resolve())
      }
      log.failures.length = 0
      log.release()
      const live = await total()
      expect(live).toBeGreaterThanOrEqual(acknowledged)
      expect(live).toBeLessThanOrEqual(attempted)
      runtime.resigned(0, undefined)
      runtime.elected(0, log.failOver(true))
      clock.advance(0)
      expect(await total()).toBe(live)
    }),
    { numRuns: 300 },
  )
})

test('keys go to partitions as Java sends them', () => {
  // Values of "…".hashCode() in Java.
  expect(javaHash('')).toBe(0)
  expect(javaHash('group')).toBe(98629247)
  expect(javaHash('polygenelubricants')).toBe(-2147483648)
  expect(javaHash('gruppe-ä-😀')).toBe(javaHashByDefinition('gruppe-ä-😀'))
  expect(partitionForKey('polygenelubricants', 50)).toBe(0)
  expect(partitionForKey('group', 50)).toBe(47)
})

function javaHashByDefinition(text: string): number {
  let hash = 0n
  for (let i = 0; i < text.length; i++) hash = BigInt.asIntN(32, hash * 31n + BigInt(text.charCodeAt(i)))
  return Number(hash)
}
