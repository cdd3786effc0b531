// Random logs, cleaned at random moments, held against what a consumer with read_committed makes of them: before, after,
// after a power cut in the middle, and after the producers' state was rebuilt from what is left.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ManualClock } from '../../broker/time/manual-clock.ts'
import { BatchView } from '../../protocol/records/batch.ts'
import { buildBatch } from '../../protocol/records/builder.ts'
import type { CompressionType } from '../../protocol/records/compression.ts'
import { buildEndTransactionMarker, readEndTransactionMarker } from '../../protocol/records/control.ts'
import { records } from '../../protocol/records/record.ts'
import { type LogConfig, logConfig } from '../config.ts'
import { MemoryFileSystem } from '../fs/memory.ts'
import type { FileSystem } from '../fs/port.ts'
import type { Log } from '../log.ts'
import { LogManager, type LogManagerSettings } from '../log-manager.ts'
import { DEFAULT_PRODUCER_STATE_CONFIG } from '../producer-state.ts'
import { SILENT_LOGGER } from '../logger.ts'
import { LogCleaner, type LogCleanerSettings } from './log-cleaner.ts'

const TOPIC_ID = 'tjNPb5PrTuaxBdOdSMDqJA'
const topicPartition = { topic: 'state', partition: 0 }
const CLEANER_SETTINGS: LogCleanerSettings = {
  isEnabled: true,
  backoffMs: 15_000,
  dedupeBufferBytes: 1 << 20,
  loadFactor: 0.9,
  ioBufferBytes: 512,
  maxBytesPerSecond: Infinity,
}

class Room {
  readonly fs: FileSystem
  readonly clock: ManualClock
  readonly config: LogConfig
  cleaner!: LogCleaner
  manager!: LogManager

  constructor(
    config: Partial<LogConfig> = {},
    { fs = new MemoryFileSystem(), clock = new ManualClock() } = {},
  ) {
    this.fs = fs
    this.clock = clock
    this.config = logConfig({
      segmentBytes: 1000,
      indexIntervalBytes: 100,
      cleanupPolicy: { delete: false, compact: true },
      minCleanableDirtyRatio: 0,
      deleteRetentionMs: 10_000,
      fileDeleteDelayMs: 1000,
      ...config,
    })
  }

  async start(): Promise<Log> {
    const settings: LogManagerSettings = {
      defaultLogConfig: this.config,
      retentionCheckIntervalMs: 300_000,
      recoveryPointCheckpointIntervalMs: 60_000,
      logStartOffsetCheckpointIntervalMs: 60_000,
      highWatermarkCheckpointIntervalMs: 5_000,
      producerIdExpirationCheckIntervalMs: 600_000,
      initialTaskDelayMs: 30_000,
      producerState: { ...DEFAULT_PRODUCER_STATE_CONFIG, transactionVerificationEnabled: false },
    }
    this.manager = await LogManager.open({
      fs: this.fs,
      clock: this.clock,
      random: () => 0.5,
      randomBytes: size => new Uint8Array(size).fill(7),
      logDirs: ['/d1'],
      nodeId: 1,
      settings,
    })
    this.manager.format('cluster')
    await this.manager.startup({ expectedTopicId: () => TOPIC_ID, topicConfig: () => this.config })
    const log = this.manager.getOrCreateLog(topicPartition, { topicId: TOPIC_ID, config: this.config })
    this.cleaner = new LogCleaner({
      fs: this.fs,
      clock: this.clock,
      logger: SILENT_LOGGER,
      random: () => 0.5,
      settings: CLEANER_SETTINGS,
      logs: () => [[log, '/d1']],
      onDirectoryFailure: () => {},
    })
    return log
  }
}

async function cleanAll(room: Room): Promise<void> {
  while (await room.cleaner.cleanOne());
}

interface Written {
  key: string | null
  value: string | null
}

interface Producing {
  producerId?: number
  producerEpoch?: number
  baseSequence?: number
  isTransactional?: boolean
  compression?: CompressionType
}

function put(log: Log, clock: ManualClock, written: readonly Written[], producing: Producing = {}): void {
  const batch = buildBatch({
    records: written.map(({ key, value }) => ({ key, value })),
    timestamp: clock.nowMs(),
    ...producing,
  })
  log.appendAsLeader(batch, 0)
}

/** Every record that is there: offset, key, value; markers by their type. */
function contentOf(log: Log): [offset: number, key: string | null, value: string | null][] {
  const content: [number, string | null, string | null][] = []
  for (const batch of batchesOf(log)) {
    for (const { offset, key, value } of records(batch)) {
      if (batch.isControl) content.push([offset, null, readEndTransactionMarker(key, value)!.type])
      else content.push([offset, key?.toString() ?? null, value?.toString() ?? null])
    }
  }
  return content
}

function* batchesOf(log: Log): Generator<BatchView> {
  const view = new BatchView()
  for (let offset = log.logStartOffset; offset < log.logEndOffset; ) {
    const { records: bytes } = log.read(offset, 1 << 20, 'log-end', true)
    if (bytes.length === 0) return
    for (let at = 0; at < bytes.length; at += view.sizeInBytes) {
      expect(view.reset(bytes, at).isValidCrc()).toBe(true)
      offset = view.nextOffset
      yield view
    }
  }
}

/** What a consumer with read_committed ends up knowing: the last value of every key that has one. */
function committedState(log: Log): Map<string, string> {
  const state = new Map<string, string>()
  const aborting = new Set<number>()
  for (let offset = log.logStartOffset; offset < log.lastStableOffset; ) {
    const { records: bytes, abortedTransactions } = log.read(offset, 1 << 20, 'txn-committed', true)
    if (bytes.length === 0) break
    const pending = [...(abortedTransactions ?? [])].sort((a, b) => a.firstOffset - b.firstOffset)
    const view = new BatchView()
    for (let at = 0; at < bytes.length; at += view.sizeInBytes) {
      view.reset(bytes, at)
      while (pending.length > 0 && pending[0]!.firstOffset <= view.lastOffset)
        aborting.add(pending.shift()!.producerId)
      if (view.isControl) aborting.delete(view.producerId)
      else if (!(view.isTransactional && aborting.has(view.producerId))) {
        for (const { key, value } of records(view)) {
          if (value === null) state.delete(key!.toString())
          else state.set(key!.toString(), value.toString())
        }
      }
      offset = view.nextOffset
    }
  }
  return state
}

/** Everything but the active segment becomes cleanable. */
function roll(log: Log): void {
  log.roll()
  log.incrementHighWatermark(log.logEndOffset)
}

// ---- properties

interface Step {
  kind: 'put' | 'tombstone' | 'transaction' | 'end' | 'roll' | 'clean' | 'wait'
  keys: number[]
  producer: number
  isAborted: boolean
  compression: CompressionType
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom('put', 'put', 'tombstone', 'transaction', 'end', 'roll', 'clean', 'wait'),
    keys: fc.array(fc.integer({ min: 0, max: 7 }), { minLength: 1, maxLength: 4 }),
    producer: fc.integer({ min: 0, max: 3 }),
    isAborted: fc.boolean(),
    compression: fc.constantFrom('none', 'none', 'gzip', 'snappy', 'lz4'),
  }) as fc.Arbitrary<Step>,
  { minLength: 5, maxLength: 60 },
)

/** Does random work on a log; `onClean` runs the cleaner. */
async function work(
  room: Room,
  log: Log,
  list: readonly Step[],
  onClean: () => Promise<void>,
): Promise<void> {
  const sequences = new Map<number, number>()
  let value = 0
  const write = (step: Step, isTransactional: boolean) => {
    const { keys, producer, compression } = step
    const written = keys.map(key => ({
      key: `k${key}`,
      value: step.kind === 'tombstone' ? null : `v${value++}`,
    }))
    const sequence = sequences.get(producer) ?? 0
    const producing = {
      producerId: producer,
      producerEpoch: 0,
      baseSequence: sequence,
      isTransactional,
      compression,
    }
    put(log, room.clock, written, producer === 0 ? { compression } : producing)
    sequences.set(producer, sequence + keys.length)
  }
  const open = new Set<number>()
  const end = (producerId: number, isAborted: boolean) => {
    if (!open.delete(producerId)) return
    const type = isAborted ? 'ABORT' : 'COMMIT'
    const marker = {
      type,
      coordinatorEpoch: 0,
      producerId,
      producerEpoch: 0,
      timestamp: room.clock.nowMs(),
    } as const
    log.appendAsLeader(buildEndTransactionMarker(marker), 0, { origin: 'coordinator' })
  }
  for (const step of list) {
    if (step.kind === 'put' || step.kind === 'tombstone') write(step, open.has(step.producer))
    else if (step.kind === 'transaction') {
      if (step.producer === 0) continue
      write(step, true)
      open.add(step.producer)
    } else if (step.kind === 'end') {
      end(step.producer, step.isAborted)
    } else if (step.kind === 'roll') roll(log)
    else if (step.kind === 'wait') room.clock.advance(6_000)
    else await onClean()
    log.incrementHighWatermark(log.logEndOffset)
  }
  for (const producerId of open) end(producerId, false)
  log.incrementHighWatermark(log.logEndOffset)
}

test('whatever is written and however often it is cleaned, a reader ends up knowing the same', async () => {
  await fc.assert(
    fc.asyncProperty(steps, async list => {
      const room = new Room()
      const log = await room.start()
      await work(room, log, list, async () => {
        roll(log)
        const state = committedState(log)
        const before = new Map(contentOf(log).map(row => [row[0], row]))
        const lastSequences = log.producers.activeProducers()
        await cleanAll(room)
        expect(committedState(log)).toEqual(state)
        // Nothing moves and nothing is made up.
        for (const row of contentOf(log)) expect(row).toEqual(before.get(row[0]))
        expect(log.producers.activeProducers()).toEqual(lastSequences)
      })
      // Once all is clean and every horizon has passed, each key is there once and no tombstone is left.
      for (let round = 0; round < 3; round++) {
        put(log, room.clock, [{ key: 'last', value: `${round}` }])
        roll(log)
        await cleanAll(room)
        room.clock.advance(20_000)
      }
      const data = contentOf(log).filter(([, key]) => key !== null)
      expect(new Map(data.map(([, key, value]) => [key, value]))).toEqual(committedState(log))
      expect(data).toHaveLength(committedState(log).size)
      const known = log.producers
        .activeProducers()
        .map(({ producerId, lastSequence }) => [producerId, lastSequence])
      await room.manager.close()

      for (const name of room.fs.readdir(log.directory))
        if (/snapshot/.test(name)) room.fs.unlink(`${log.directory}/${name}`)
      room.fs.unlink('/d1/.kafka_cleanshutdown')
      const rebuilt = await room.start()
      const found = new Map(rebuilt.producers.activeProducers().map(p => [p.producerId, p.lastSequence]))
      rebuilt.updateHighWatermark(rebuilt.logEndOffset)
      expect(rebuilt.lastStableOffset).toBe(rebuilt.logEndOffset)
      for (const [producerId, lastSequence] of known) expect(found.get(producerId!)).toBe(lastSequence)
      await room.manager.close()
    }),
    { numRuns: 100 },
  )
}, 60_000)

test('a power cut at any moment of a cleaning changes nothing that a reader knows', async () => {
  await fc.assert(
    fc.asyncProperty(steps, fc.integer({ min: 0, max: 400 }), fc.integer(), async (list, ticks, seed) => {
      const disk = new MemoryFileSystem({ recordsCrashes: true })
      const room = new Room({ flushMessages: 1 }, { fs: disk })
      const log = await room.start()
      await work(room, log, list, async () => {
        roll(log)
        await cleanAll(room)
      })
      roll(log)
      await room.manager.flusher.whenFlushed(log)
      log.incrementHighWatermark(log.logEndOffset)
      const state = committedState(log)
      const cleaning = cleanAll(room)
      for (let i = 0; i < ticks; i++) await undefined
      let next = seed >>> 0
      const survivor = disk.crash(() => {
        next = (Math.imul(next, 1664525) + 1013904223) >>> 0
        return next / 2 ** 32
      })
      await cleaning
      const after = new Room({ flushMessages: 1 }, { fs: survivor, clock: room.clock })
      const recovered = await after.start()
      recovered.updateHighWatermark(recovered.logEndOffset)
      expect(recovered.logEndOffset).toBe(log.logEndOffset)
      expect(committedState(recovered)).toEqual(state)
      expect(after.fs.readdir(recovered.directory).filter(name => /cleaned|swap/.test(name))).toEqual([])
      await after.manager.close()
    }),
    { numRuns: 100 },
  )
}, 60_000)
