import fc from 'fast-check'
import { expect, test } from 'vitest'
import { RecordsError } from './errors.ts'
import { MemoryFileSystem } from './fs/memory.ts'
import type { EndTxnMarker, ProducerBatch } from './producer-append.ts'
import { DEFAULT_PRODUCER_STATE_CONFIG, ProducerState, type ProducerStateConfig } from './producer-state.ts'
import { readProducerSnapshot, writeProducerSnapshot } from './producer-snapshot.ts'

const DIRECTORY = '/log/orders-0'
const MAX_SEQUENCE = 0x7fffffff

interface BatchInput {
  offset: number
  producerId?: number
  epoch?: number
  sequence?: number
  count?: number
  timestamp?: number
  isTransactional?: boolean
  isControl?: boolean
}

function batch(input: BatchInput): ProducerBatch {
  const { offset, producerId = 1, epoch = 0, sequence = -1, count = 1, timestamp = 1000 } = input
  const last = sequence + count - 1
  return {
    baseOffset: offset,
    lastOffset: offset + count - 1,
    maxTimestamp: timestamp,
    producerId,
    producerEpoch: epoch,
    baseSequence: sequence,
    lastSequence: last > MAX_SEQUENCE ? last - MAX_SEQUENCE - 1 : last,
    isTransactional: input.isTransactional ?? false,
    isControl: input.isControl ?? false,
  }
}

function newState(config: Partial<ProducerStateConfig> = {}, fs = new MemoryFileSystem()): ProducerState {
  fs.mkdirp(DIRECTORY)
  return new ProducerState({
    fs,
    directory: DIRECTORY,
    config: { ...DEFAULT_PRODUCER_STATE_CONFIG, transactionVerificationEnabled: false, ...config },
  })
}

type Append = 'appended' | { duplicateOf: number } | { refused: number }

function append(state: ProducerState, input: BatchInput, marker?: EndTxnMarker, guard?: number): Append {
  try {
    state.beginAppend(marker === undefined ? 'client' : 'coordinator')
    const duplicate = state.prepare(batch(input), guard, marker)
    if (duplicate !== undefined) return { duplicateOf: duplicate.firstOffset }
    for (const completed of state.apply()) state.completeTxn(completed)
    state.updateMapEndOffset(input.offset + (input.count ?? 1))
    return 'appended'
  } catch (error) {
    if (error instanceof RecordsError) return { refused: error.code }
    throw error
  }
}

function marker(input: Partial<EndTxnMarker> = {}): EndTxnMarker {
  return { coordinatorEpoch: 0, isAbort: false, timestamp: 2000, transactionVersion: 0, ...input }
}

const control = { isTransactional: true, isControl: true }

test('a gap, a repetition outside the window and a stale epoch are refused with Kafka’s codes', () => {
  const state = newState()
  expect(append(state, { offset: 0, sequence: 0, count: 10 })).toBe('appended')
  expect(append(state, { offset: 10, sequence: 11 })).toEqual({ refused: 45 })
  expect(append(state, { offset: 10, sequence: 10, epoch: 1 })).toEqual({ refused: 45 })
  expect(append(state, { offset: 10, sequence: 0, epoch: 1 })).toBe('appended')
  expect(append(state, { offset: 11, sequence: 10, epoch: 0 })).toEqual({ refused: 47 })
  for (let i = 1; i <= 5; i++)
    expect(append(state, { offset: 10 + i, sequence: i, epoch: 1 })).toBe('appended')
  expect(append(state, { offset: 16, sequence: 1, epoch: 1 })).toEqual({ duplicateOf: 11 })
  expect(append(state, { offset: 16, sequence: 0, epoch: 1 })).toEqual({ refused: 45 })
})

test('a producer of which nothing is known may begin anywhere', () => {
  const state = newState()
  expect(append(state, { offset: 0, sequence: 77, epoch: 3 })).toBe('appended')
  expect(append(state, { offset: 1, sequence: 78, epoch: 3 })).toBe('appended')
})

test('sequences wrap from 2^31-1 to 0, within a batch and between batches', () => {
  const state = newState()
  expect(append(state, { offset: 0, sequence: MAX_SEQUENCE - 1, count: 4 })).toBe('appended')
  expect(state.lastEntry(1)?.lastSequence).toBe(1)
  expect(state.lastEntry(1)?.firstSequence).toBe(MAX_SEQUENCE - 1)
  expect(append(state, { offset: 4, sequence: MAX_SEQUENCE - 1, count: 4 })).toEqual({ duplicateOf: 0 })
  expect(append(state, { offset: 4, sequence: 2, count: 3 })).toBe('appended')

  const exact = newState()
  expect(append(exact, { offset: 0, sequence: MAX_SEQUENCE })).toBe('appended')
  expect(append(exact, { offset: 1, sequence: 0 })).toBe('appended')
})

test('nothing is staged into the state until apply', () => {
  const state = newState()
  state.beginAppend('client')
  state.prepare(batch({ offset: 0, sequence: 0, count: 5 }))
  state.prepare(batch({ offset: 5, sequence: 5, count: 5 }))
  state.prepare(batch({ offset: 10, sequence: 0, producerId: 2 }))
  expect(state.producerIdCount).toBe(0)
  state.apply()
  expect(state.activeProducers().map(p => [p.producerId, p.lastSequence])).toEqual([
    [1, 9],
    [2, 0],
  ])
  expect(append(state, { offset: 11, sequence: 0, count: 5 })).toEqual({ duplicateOf: 0 })
})

test('transactions: plain writes inside are refused, markers end them, coordinators are fenced by epoch', () => {
  const state = newState()
  expect(append(state, { offset: 0, sequence: 0, isTransactional: true })).toBe('appended')
  expect(state.firstUnstableOffset).toBe(0)
  expect(append(state, { offset: 1, sequence: 1 })).toEqual({ refused: 48 })
  expect(append(state, { offset: 1, ...control }, marker({ coordinatorEpoch: 5 }))).toBe('appended')
  expect(state.firstUndecidedOffset).toBeUndefined()
  expect(state.firstUnstableOffset).toBe(0)
  state.onHighWatermarkUpdated(1)
  expect(state.firstUnstableOffset).toBe(0)
  state.onHighWatermarkUpdated(2)
  expect(state.firstUnstableOffset).toBeUndefined()
  expect(append(state, { offset: 2, ...control }, marker({ coordinatorEpoch: 4 }))).toEqual({ refused: 52 })
  // A marker with a new epoch (a fenced producer) starts sequences again.
  expect(append(state, { offset: 2, epoch: 1, ...control }, marker({ coordinatorEpoch: 5 }))).toBe('appended')
  expect(append(state, { offset: 3, sequence: 1, epoch: 1, isTransactional: true })).toEqual({ refused: 45 })
  expect(append(state, { offset: 3, sequence: 0, epoch: 1, isTransactional: true })).toBe('appended')
})

test('transaction version 2: a marker needs a higher epoch, except its own retry and at the last epoch', () => {
  const v2 = marker({ transactionVersion: 2 })
  const state = newState()
  append(state, { offset: 0, sequence: 0, epoch: 4, isTransactional: true })
  expect(append(state, { offset: 1, epoch: 4, ...control }, v2)).toEqual({ refused: 47 })
  expect(append(state, { offset: 1, epoch: 5, ...control }, v2)).toBe('appended')
  expect(append(state, { offset: 2, epoch: 5, ...control }, v2)).toBe('appended')
  expect(append(state, { offset: 3, epoch: 4, ...control }, v2)).toEqual({ refused: 47 })
  append(state, { offset: 3, sequence: 0, epoch: 0x7fff, isTransactional: true })
  expect(append(state, { offset: 4, epoch: 0x7fff, ...control }, v2)).toBe('appended')
})

test('verification: a transaction that is not open here needs its guard', () => {
  const state = newState({ transactionVerificationEnabled: true })
  const first = { offset: 0, sequence: 0, isTransactional: true }
  expect(append(state, first)).toEqual({ refused: 48 })
  const guard = state.maybeStartVerification(1, 0, 0, false, 0)
  expect(append(state, first, undefined, guard + 1)).toEqual({ refused: 48 })
  expect(append(state, first, undefined, guard)).toBe('appended')
  expect(state.maybeStartVerification(1, 1, 0, false, 0)).toBe(0)
  expect(append(state, { offset: 1, sequence: 1, isTransactional: true })).toBe('appended')
  expect(append(state, { offset: 2, ...control }, marker())).toBe('appended')
  // The transaction is over: its guard admits nothing any more.
  expect(append(state, { offset: 3, sequence: 2, isTransactional: true }, undefined, guard)).toEqual({
    refused: 48,
  })
  expect(() => state.maybeStartVerification(1, 0, -1, false, 0)).toThrow(RecordsError)
})

test('verification: a later batch cannot overtake the lowest sequence that asked', () => {
  const state = newState({ transactionVerificationEnabled: true })
  state.maybeStartVerification(1, 5, 0, false, 0)
  const guard = state.maybeStartVerification(1, 3, 0, false, 0)
  expect(append(state, { offset: 0, sequence: 5, isTransactional: true }, undefined, guard)).toEqual({
    refused: 45,
  })
  expect(append(state, { offset: 0, sequence: 3, isTransactional: true }, undefined, guard)).toBe('appended')

  const bumping = newState({ transactionVerificationEnabled: true })
  const theirs = bumping.maybeStartVerification(1, 5, 0, true, 0)
  expect(append(bumping, { offset: 0, sequence: 5, isTransactional: true }, undefined, theirs)).toEqual({
    refused: 45,
  })
})

test('idle producers expire, those with an open transaction stay', () => {
  const state = newState({ producerIdExpirationMs: 500 })
  append(state, { offset: 0, producerId: 1, sequence: 0, timestamp: 1000 })
  append(state, { offset: 1, producerId: 2, sequence: 0, timestamp: 1000, isTransactional: true })
  state.removeExpired(1499)
  expect(state.producerIdCount).toBe(2)
  state.removeExpired(1500)
  expect(state.activeProducers().map(p => p.producerId)).toEqual([2])
  expect(append(state, { offset: 2, producerId: 1, sequence: 40 })).toBe('appended')
})

test('a transaction counts as late when it outlives its longest possible timeout by five minutes', () => {
  const state = newState({ maxTransactionTimeoutMs: 60_000 })
  append(state, { offset: 0, sequence: 0, timestamp: 1000, isTransactional: true })
  expect(state.hasLateTransaction(1000 + 360_000)).toBe(false)
  expect(state.hasLateTransaction(1000 + 360_001)).toBe(true)
})

// ---- snapshots

// Written by Apache Kafka 4.3.1: a transactional producer (2, epoch 0, after its marker) and an idempotent one.
const KAFKA_SNAPSHOT = Buffer.from(
  '0001ef8377ff00000002' +
    '00000000000000000003ffffffffffffffffffffffff00000000000001a20469ccee00000000ffffffffffffffff' +
    '00000000000000010000000001e000000000000005c300000093000001a20469d00dffffffffffffffffffffffff',
  'hex',
)

test('reads and writes Kafka’s snapshot byte for byte', () => {
  const producers = readProducerSnapshot(KAFKA_SNAPSHOT)
  expect(producers.map(p => [p.producerId, p.producerEpoch, p.lastSequence, p.lastDataOffset])).toEqual([
    [0, 3, -1, -1],
    [1, 0, 480, 1475],
  ])
  expect(producers.map(p => [p.coordinatorEpoch, p.currentTxnFirstOffset])).toEqual([
    [0, -1],
    [-1, -1],
  ])
  expect(writeProducerSnapshot(new Map(producers.map(p => [p.producerId, p])))).toEqual(KAFKA_SNAPSHOT)
})

test('a snapshot torn or altered at any byte is passed over for the one before', () => {
  const fs = new MemoryFileSystem()
  const state = newState({}, fs)
  append(state, { offset: 0, sequence: 0, count: 10 })
  state.takeSnapshot()
  append(state, { offset: 10, sequence: 10, count: 10 })
  state.takeSnapshot()
  const path = `${DIRECTORY}/00000000000000000020.snapshot`
  const good = fs.readFile(path)
  const broken = [...good.keys()].flatMap(at => {
    const flipped = Buffer.from(good)
    flipped[at]! ^= 0x40
    return [flipped, good.subarray(0, at)]
  })
  for (const bytes of broken) {
    fs.writeFileAtomic(path, bytes)
    const reloaded = newState({}, fs)
    reloaded.truncateAndReload(0, 20, 1000)
    expect(reloaded.mapEndOffset).toBe(10)
    expect(reloaded.lastEntry(1)?.lastSequence).toBe(9)
    expect(fs.exists(path)).toBe(false)
  }
})

test('snapshots: taken once per offset, trimmed by range, strays removed, the newest stray kept', () => {
  const fs = new MemoryFileSystem()
  const state = newState({}, fs)
  for (const offset of [5, 10, 15, 20, 25]) {
    state.updateMapEndOffset(offset)
    expect(state.takeSnapshot()).toBe(`${DIRECTORY}/${String(offset).padStart(20, '0')}.snapshot`)
    expect(state.takeSnapshot()).toBeUndefined()
  }
  const reopened = newState({}, fs)
  reopened.snapshots.removeStrays([0, 10])
  expect(
    fs
      .readdir(DIRECTORY)
      .sort()
      .map(name => Number.parseInt(name, 10)),
  ).toEqual([10, 25])
  expect([reopened.snapshots.oldestOffset, reopened.snapshots.latestOffset]).toEqual([10, 25])
  reopened.snapshots.removeStrays([0, 10, 30])
  expect(fs.readdir(DIRECTORY)).toHaveLength(1)
  expect(reopened.snapshots.markForDeletion(10)).toBe(`${DIRECTORY}/00000000000000000010.snapshot.deleted`)
  expect(reopened.snapshots.markForDeletion(10)).toBeUndefined()
})

// ---- properties

interface Step {
  producerId: number
  kind: 'next' | 'retry' | 'gap' | 'bump' | 'old'
  count: number
  back: number
}

const step: fc.Arbitrary<Step> = fc.record({
  producerId: fc.integer({ min: 1, max: 3 }),
  kind: fc.constantFrom('next', 'next', 'next', 'retry', 'gap', 'bump', 'old'),
  count: fc.integer({ min: 1, max: 5 }),
  back: fc.integer({ min: 1, max: 8 }),
})

test('whatever producers send, each epoch’s sequences are in the log once and in order', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 80 }), fc.boolean(), (steps, wraps) => {
      const state = newState()
      const start = wraps ? MAX_SEQUENCE - 10 : 0
      const sent = new Map<number, { epoch: number; next: number; batches: BatchInput[] }>()
      let end = 0
      for (const { producerId, kind, count, back } of steps) {
        const mine = sent.get(producerId) ?? { epoch: 0, next: start, batches: [] }
        sent.set(producerId, mine)
        if (kind === 'retry') {
          const earlier = mine.batches.at(-back)
          if (earlier === undefined) continue
          const outcome = append(state, { ...earlier, offset: end })
          // A window of five; a retry from further back is told apart from new records, never appended.
          expect(outcome).toEqual(back <= 5 ? { duplicateOf: earlier.offset } : { refused: 45 })
        } else if (kind === 'gap') {
          if (mine.batches.length === 0) continue
          const sequence = (mine.next + 1) % (MAX_SEQUENCE + 1)
          expect(append(state, { offset: end, producerId, epoch: mine.epoch, sequence })).toEqual({
            refused: 45,
          })
        } else if (kind === 'old') {
          if (mine.epoch === 0 || mine.batches.length === 0) continue
          const outcome = append(state, {
            offset: end,
            producerId,
            epoch: mine.epoch - 1,
            sequence: mine.next,
          })
          expect(outcome).toEqual({ refused: 47 })
        } else {
          if (kind === 'bump') Object.assign(mine, { epoch: mine.epoch + 1, next: 0, batches: [] })
          const input = { offset: end, producerId, epoch: mine.epoch, sequence: mine.next, count }
          expect(append(state, input)).toBe('appended')
          mine.batches.push(input)
          mine.next = (mine.next + count) % (MAX_SEQUENCE + 1)
          end += count
        }
      }
    }),
  )
})

interface TxnStep {
  producerId: number
  action: 'write' | 'end' | 'watermark'
  isAbort: boolean
}

const txnSteps = fc.array(
  fc.record({
    producerId: fc.integer({ min: 1, max: 4 }),
    action: fc.constantFrom('write', 'write', 'end', 'watermark'),
    isAbort: fc.boolean(),
  }) as fc.Arbitrary<TxnStep>,
  { maxLength: 60 },
)

test('the first unstable offset is that of the oldest transaction open or decided above the high watermark', () => {
  fc.assert(
    fc.property(txnSteps, steps => {
      const state = newState()
      const open = new Map<number, number>()
      const sequences = new Map<number, number>()
      const decided: { first: number; marker: number }[] = []
      let end = 0
      let highWatermark = 0
      for (const { producerId, action, isAbort } of steps) {
        if (action === 'write') {
          const sequence = sequences.get(producerId) ?? 0
          expect(append(state, { offset: end, producerId, sequence, isTransactional: true })).toBe('appended')
          sequences.set(producerId, sequence + 1)
          if (!open.has(producerId)) open.set(producerId, end)
          end++
        } else if (action === 'end') {
          state.beginAppend('coordinator')
          state.prepare(batch({ offset: end, producerId, ...control }), 0, marker({ isAbort }))
          const first = open.get(producerId)
          const completed = state.apply()
          open.delete(producerId)
          const others = [...open.values()]
          expect(completed).toEqual(
            first === undefined
              ? []
              : [{ producerId, firstOffset: first, lastOffset: end, isAborted: isAbort }],
          )
          for (const txn of completed) {
            expect(state.lastStableOffsetAfter(txn)).toBe(others.length === 0 ? end + 1 : Math.min(...others))
            state.completeTxn(txn)
          }
          if (first !== undefined) decided.push({ first, marker: end })
          end++
        } else {
          highWatermark = Math.floor((highWatermark + end + 1) / 2)
          state.onHighWatermarkUpdated(highWatermark)
        }
        const unstable = [
          ...open.values(),
          ...decided.filter(d => d.marker >= highWatermark).map(d => d.first),
        ]
        expect(state.firstUnstableOffset).toBe(unstable.length === 0 ? undefined : Math.min(...unstable))
      }
    }),
  )
})

test('a snapshot plus the batches after it give the state that all batches give', () => {
  fc.assert(
    fc.property(txnSteps, fc.nat(), (steps, cutSeed) => {
      const fs = new MemoryFileSystem()
      const whole = newState({}, fs)
      const log: [ProducerBatch, EndTxnMarker | undefined][] = []
      const cut = steps.length === 0 ? 0 : cutSeed % steps.length
      const sequences = new Map<number, number>()
      steps.forEach(({ producerId, action, isAbort }, index) => {
        if (index === cut) whole.takeSnapshot()
        if (action === 'watermark') return
        const sequence = sequences.get(producerId) ?? 0
        if (action === 'write') sequences.set(producerId, sequence + 1)
        const isEnd = action === 'end'
        const next = batch({
          offset: log.length,
          producerId,
          sequence: isEnd ? -1 : sequence,
          isTransactional: true,
          isControl: isEnd,
          timestamp: 1000 + index,
        })
        const entry: [ProducerBatch, EndTxnMarker | undefined] = [
          next,
          isEnd ? marker({ isAbort }) : undefined,
        ]
        log.push(entry)
        whole.replay(...entry)
      })
      const reloaded = newState({}, fs)
      reloaded.truncateAndReload(0, log.length, 2000)
      for (const entry of log.slice(reloaded.mapEndOffset)) reloaded.replay(...entry)
      expect(reloaded.activeProducers()).toEqual(whole.activeProducers())
      expect(reloaded.firstUndecidedOffset).toBe(whole.firstUndecidedOffset)
      expect(reloaded.mapEndOffset).toBe(whole.mapEndOffset)
    }),
  )
})
