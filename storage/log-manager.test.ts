import { expect, test } from 'vitest'
import { ManualClock } from '../broker/time/manual-clock.ts'
import { buildBatch } from '../protocol/records/builder.ts'
import { logConfig } from './config.ts'
import { StorageError } from './errors.ts'
import { FaultyFileSystem } from './fs/faulty.ts'
import { MemoryFileSystem } from './fs/memory.ts'
import type { FileSystem } from './fs/port.ts'
import type { Log, TopicPartition } from './log.ts'
import type { LogDir } from './log-dir.ts'
import { LogManager, type LogManagerOptions, type LogManagerSettings } from './log-manager.ts'
import type { StorageLogger } from './logger.ts'
import { MetaPropertiesError } from './meta-properties.ts'
import { DEFAULT_PRODUCER_STATE_CONFIG } from './producer-state.ts'

const ID_A = 'tjNPb5PrTuaxBdOdSMDqJA'
const ID_B = '2LNnVXIp0Q7HnC-CfqHvmA'
const CLUSTER = 'chqmc5MHT1WgsipS_RfOPQ'
const orders: TopicPartition = { topic: 'orders', partition: 0 }
const config = logConfig({ fileDeleteDelayMs: 60_000 })

class Room {
  readonly disk: FileSystem
  readonly clock = new ManualClock()
  readonly fs: FaultyFileSystem
  readonly failed: { logDir: LogDir; lost: readonly Log[] }[] = []
  readonly warnings: string[] = []
  readonly topics = new Map<string, string>([['orders', ID_A]])
  readonly settings: { -readonly [K in keyof LogManagerSettings]: LogManagerSettings[K] } = {
    defaultLogConfig: config,
    retentionCheckIntervalMs: 300_000,
    recoveryPointCheckpointIntervalMs: 60_000,
    logStartOffsetCheckpointIntervalMs: 60_000,
    highWatermarkCheckpointIntervalMs: 5_000,
    producerIdExpirationCheckIntervalMs: 600_000,
    initialTaskDelayMs: 30_000,
    producerState: DEFAULT_PRODUCER_STATE_CONFIG,
  }
  directoryOfOrders: string | undefined
  readonly #random = seeded(1)

  constructor(disk: FileSystem = new MemoryFileSystem()) {
    this.disk = disk
    this.fs = new FaultyFileSystem(disk)
  }

  async open(logDirs = ['/d1', '/d2'], options: Partial<LogManagerOptions> = {}): Promise<LogManager> {
    const logger: StorageLogger = {
      info() {},
      warn: (_, message) => this.warnings.push(message),
      error() {},
    }
    const manager = await LogManager.open({
      fs: this.fs,
      clock: this.clock,
      logger,
      random: this.#random,
      randomBytes: size => Uint8Array.from({ length: size }, () => Math.floor(this.#random() * 256)),
      logDirs,
      nodeId: 1,
      settings: this.settings,
      onDirectoryFailure: (logDir, lost) => this.failed.push({ logDir, lost }),
      ...options,
    })
    manager.format(CLUSTER)
    return manager
  }

  async start(logDirs = ['/d1', '/d2']): Promise<LogManager> {
    const manager = await this.open(logDirs)
    await manager.startup({
      expectedTopicId: ({ topic }) => this.topics.get(topic),
      assignedDirectoryId: () => this.directoryOfOrders,
      topicConfig: () => config,
    })
    return manager
  }

  names(logDir: string): string[] {
    return this.disk.readdir(logDir).sort()
  }

  text(path: string): string {
    return this.disk.readFile(path).toString()
  }
}

function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

function append(log: Log, count = 1): void {
  const batch = { records: [{ key: null, value: Buffer.from('v') }], timestamp: 1_700_000_000_000 }
  for (let i = 0; i < count; i++) log.appendAsLeader(buildBatch(batch), 0)
}

function create(manager: LogManager, topicPartition = orders, topicId = ID_A): Log {
  return manager.getOrCreateLog(topicPartition, { topicId, config })
}

test('a new log goes to the directory with the fewest, or to the one it is assigned to', async () => {
  const room = new Room()
  const manager = await room.start()
  for (let partition = 0; partition < 4; partition++) create(manager, { topic: 'orders', partition })
  expect(manager.logDirs.map(logDir => logDir.logs.size)).toEqual([2, 2])
  const [, second] = manager.logDirs
  for (let partition = 4; partition < 6; partition++)
    manager.getOrCreateLog(
      { topic: 'orders', partition },
      { topicId: ID_A, config, directoryId: second!.directoryId },
    )
  expect(manager.logDirs.map(logDir => logDir.logs.size)).toEqual([2, 4])
  expect(room.text('/d2/orders-4/partition.metadata')).toBe(`version: 0\ntopic_id: ${ID_A}`)
  expect(create(manager)).toBe(manager.getLog(orders))
  expect(() => create(manager, orders, ID_B)).toThrow(/disagree/)
  await manager.close()
})

test('a clean stop flushes, checkpoints and leaves a mark, and the next start scans nothing', async () => {
  const room = new Room()
  const first = await room.start()
  const log = create(first)
  append(log, 4)
  log.roll()
  append(log, 1)
  log.incrementHighWatermark(3)
  await first.close(11)
  expect(room.text('/d1/recovery-point-offset-checkpoint')).toBe('0\n1\norders 0 5\n')
  expect(room.text('/d1/replication-offset-checkpoint')).toBe('0\n1\norders 0 3\n')
  expect(room.text('/d2/.kafka_cleanshutdown')).toBe('{"version":0,"brokerEpoch":11}')

  const second = await room.open()
  expect(second.previousBrokerEpoch()).toBe(11)
  // The first segment is not even read; of the last one, the end is looked up.
  room.fs.inject({ operation: 'read', path: '00000000000000000000.log', code: 'EIO' })
  await second.startup({ expectedTopicId: () => ID_A, topicConfig: () => config })
  room.fs.heal()
  expect(second.logDirs.map(logDir => logDir.hadCleanShutdown)).toEqual([true, true])
  const again = second.getLog(orders)!
  expect([again.logEndOffset, again.highWatermark, again.flushedOffset]).toEqual([5, 3, 5])
  expect(room.names('/d1')).not.toContain('.kafka_cleanshutdown')
  await second.close()
})

test('a power cut right after a clean stop takes nothing that the mark vouches for', async () => {
  for (const luck of [0, 0.5, 0.999]) {
    const disk = new MemoryFileSystem({ recordsCrashes: true })
    const room = new Room(disk)
    const first = await room.start(['/d1'])
    const log = create(first)
    append(log, 3)
    const open = { producerId: 7, producerEpoch: 0, baseSequence: 0, isTransactional: true }
    room.settings.producerState = { ...DEFAULT_PRODUCER_STATE_CONFIG, transactionVerificationEnabled: false }
    const verification = log.producers.maybeStartVerification(7, 0, 0, false, 0)
    const records = [{ key: null, value: Buffer.from('v') }]
    log.appendAsLeader(buildBatch({ ...open, records, timestamp: room.clock.nowMs() }), 0, { verification })
    log.incrementHighWatermark(4)
    await first.close()

    const after = new Room(disk.crash(() => luck))
    const second = await after.start(['/d1'])
    expect(second.logDirs[0]!.hadCleanShutdown).toBe(true)
    const again = second.getLog(orders)!
    expect([again.logEndOffset, again.highWatermark, again.lastStableOffset]).toEqual([4, 4, 3])
    expect(again.producers.lastEntry(7)?.lastSequence).toBe(0)
    await second.close()
  }
})

test('without the mark every log is recovered', async () => {
  const room = new Room()
  const first = await room.start()
  append(create(first), 5)
  await first.close()
  room.disk.unlink('/d1/.kafka_cleanshutdown')
  // A torn tail, as a killed process leaves it.
  const file = room.disk.open('/d1/orders-0/00000000000000000000.log', 'write')
  const size = file.size()
  file.write(Buffer.alloc(30, 1), size)
  file.close()
  room.disk.writeFileAtomic('/d1/recovery-point-offset-checkpoint', Buffer.from('0\n1\norders 0 2\n'))
  const second = await room.start()
  expect(second.logDirs.map(logDir => logDir.hadCleanShutdown)).toEqual([false, true])
  expect(second.previousBrokerEpoch()).toBeUndefined()
  expect(second.getLog(orders)?.logEndOffset).toBe(5)
  expect(second.getLog(orders)?.sizeInBytes).toBe(size)
  await second.close()
})

test('a replica that is not new may be made in its directory while all of them work', async () => {
  const room = new Room()
  const manager = await room.start()
  const { directoryId } = manager.logDirs[1]!
  const log = manager.getOrCreateLog(orders, { topicId: ID_A, config, isNew: false, directoryId })
  expect(log.directory).toBe('/d2/orders-0')
  await manager.close()
})

test('a deleted log is renamed at once, removed after file.delete.delay.ms, and leaves nothing to its successor', async () => {
  const room = new Room()
  const manager = await room.start(['/d1'])
  append(create(manager), 5)
  await manager.flusher.whenFlushed(manager.getLog(orders)!)
  room.clock.advance(60_000)
  expect(room.text('/d1/recovery-point-offset-checkpoint')).toBe('0\n1\norders 0 5\n')

  manager.deleteLog(orders)
  expect(manager.getLog(orders)).toBeUndefined()
  const doomed = room.names('/d1').filter(name => name.startsWith('orders'))
  expect(doomed).toEqual([expect.stringMatching(/^orders-0\.[0-9a-f]{32}-delete$/)])
  await Promise.resolve()
  expect(room.text('/d1/recovery-point-offset-checkpoint')).toBe('0\n0\n')

  expect(create(manager, orders, ID_B).logEndOffset).toBe(0)
  room.clock.advance(59_999)
  expect(room.names('/d1')).toContain(doomed[0])
  room.clock.advance(1)
  expect(room.names('/d1').filter(name => name.startsWith('orders'))).toEqual(['orders-0'])
  await manager.close()
})

test('leftover -delete: removed after the delay by the next start', async () => {
  const room = new Room()
  const first = await room.start(['/d1'])
  create(first)
  first.deleteLog(orders)
  await first.close()
  expect(room.names('/d1').some(name => name.endsWith('-delete'))).toBe(true)
  const second = await room.start(['/d1'])
  expect(second.getLog(orders)).toBeUndefined()
  room.clock.advance(60_000)
  expect(room.names('/d1').some(name => name.endsWith('-delete'))).toBe(false)
  await second.close()
})

test('a log of an unknown topic or another topic id is set aside, and stays aside', async () => {
  const room = new Room()
  const first = await room.start(['/d1'])
  append(create(first))
  create(first, { topic: 'gone', partition: 3 }, ID_B)
  await first.close()
  room.topics.set('orders', ID_B)
  const second = await room.start(['/d1'])
  expect(second.getLog(orders)).toBeUndefined()
  const names = room.names('/d1').filter(name => /orders|gone/.test(name))
  expect(names).toEqual([
    expect.stringMatching(/^gone-3\.[0-9a-f]{32}-stray$/),
    expect.stringMatching(/^orders-0\.[0-9a-f]{32}-stray$/),
  ])
  create(second, orders, ID_B)
  await second.close()

  const third = await room.start(['/d1'])
  expect([...third.strayDirectories].sort()).toEqual(names.map(name => `/d1/${name}`))
  expect(third.getLog(orders)?.topicId).toBe(ID_B)
  room.clock.advance(600_000)
  expect(room.names('/d1')).toEqual(expect.arrayContaining(names))
  await third.close()
})

test('a lost or torn partition.metadata is written again from the metadata', async () => {
  for (const content of [undefined, '', 'version: 0\ntopic_id: tjNP']) {
    const room = new Room()
    const first = await room.start(['/d1'])
    append(create(first))
    await first.close()
    const path = '/d1/orders-0/partition.metadata'
    room.disk.unlink(path)
    if (content !== undefined) room.disk.writeFileAtomic(path, Buffer.from(content))
    const second = await room.start(['/d1'])
    expect(second.getLog(orders)?.logEndOffset).toBe(1)
    expect(room.text(path)).toBe(`version: 0\ntopic_id: ${ID_A}`)
    await second.close()
  }
})

test('a copy to another directory goes on after a restart and takes the log’s place', async () => {
  const room = new Room()
  const first = await room.start()
  append(create(first), 2)
  const target = first.logDirs[1]!.directoryId!
  expect(() => first.createFutureLog(orders, first.logDirs[0]!.directoryId!)).toThrow(/cannot be moved/)
  const future = first.createFutureLog(orders, target)
  expect(future.directory).toMatch(/^\/d2\/orders-0\.[0-9a-f]{32}-future$/)
  append(future, 1)
  await first.close()

  const second = await room.start()
  expect(second.getFutureLog(orders)?.logEndOffset).toBe(1)
  append(second.getFutureLog(orders)!, 1)
  const moved = second.replaceWithFutureLog(orders)
  expect(moved.directory).toBe('/d2/orders-0')
  expect(second.getLog(orders)).toBe(moved)
  expect(second.getFutureLog(orders)).toBeUndefined()
  append(moved, 1)
  expect(room.names('/d1').filter(name => name.startsWith('orders'))).toEqual([
    expect.stringMatching(/-delete$/),
  ])
  await second.close()
  expect((await room.start()).getLog(orders)?.logEndOffset).toBe(3)
})

test('leftover of a copy whose original is gone: it is the log, unless the original may be in a failed directory', async () => {
  const room = new Room()
  const first = await room.start()
  append(create(first), 2)
  append(first.createFutureLog(orders, first.logDirs[1]!.directoryId!), 1)
  await first.close()
  room.fs.inject({ operation: 'read', path: '/d1/meta.properties', code: 'EIO' })
  const second = await room.start()
  expect(second.getLog(orders)).toBeUndefined()
  expect(second.getFutureLog(orders)).toBeDefined()
  await second.close()
  room.fs.heal()

  room.disk.rmrf('/d1/orders-0')
  const third = await room.start()
  expect(third.getLog(orders)?.directory).toBe('/d2/orders-0')
  expect(third.getFutureLog(orders)).toBeUndefined()
  await third.close()
})

test('leftover of a copy that replaced the log just before a crash: two logs, and the start is refused', async () => {
  const room = new Room()
  const first = await room.start()
  create(first)
  await first.close()
  room.disk.mkdirp('/d2/orders-0')
  room.disk.writeFileAtomic('/d2/orders-0/partition.metadata', Buffer.from(`version: 0\ntopic_id: ${ID_A}`))
  await expect(room.start()).rejects.toThrow(/is in both/)
})

test('two logs after a crash, and the metadata knows which of them: it serves, the other keeps its bytes as a stray', async () => {
  const room = new Room()
  const first = await room.start()
  const log = create(first)
  append(log, 2)
  const oldPlace = log.directory.slice(0, '/d1'.length)
  const right = first.logDirs.find(logDir => logDir.path !== oldPlace)!
  await first.close()
  room.disk.mkdirp(`${right.path}/orders-0`)
  room.directoryOfOrders = right.directoryId
  const second = await room.start()
  expect(second.getLog(orders)?.directory).toBe(`${right.path}/orders-0`)
  expect(room.names(oldPlace).filter(name => name.startsWith('orders'))).toEqual([
    expect.stringMatching(/-stray$/),
  ])
  await second.close()
})

test('an unreadable checkpoint counts as empty', async () => {
  const room = new Room()
  const first = await room.start(['/d1'])
  append(create(first), 5)
  await first.close()
  for (const name of ['recovery-point-offset', 'replication-offset', 'log-start-offset'])
    room.disk.writeFileAtomic(`/d1/${name}-checkpoint`, Buffer.from('0\n7\norders'))
  room.disk.unlink('/d1/.kafka_cleanshutdown')
  const second = await room.start(['/d1'])
  expect(second.getLog(orders)?.logEndOffset).toBe(5)
  expect(room.warnings.filter(warning => /checkpoint is unreadable/.test(warning))).toHaveLength(3)
  await second.close()
})

test('DeleteRecords is remembered by log-start-offset-checkpoint', async () => {
  const room = new Room()
  const first = await room.start(['/d1'])
  const log = create(first)
  append(log, 5)
  log.incrementHighWatermark(5)
  log.maybeIncrementLogStartOffset(3, 'client-delete-records')
  room.clock.advance(60_000)
  expect(room.text('/d1/log-start-offset-checkpoint')).toBe('0\n1\norders 0 3\n')
  await first.close()
  const second = await room.start(['/d1'])
  expect(second.getLog(orders)?.logStartOffset).toBe(3)
  await second.close()
})

test('something that is no partition is left alone', async () => {
  const room = new Room()
  const first = await room.start(['/d1'])
  await first.close()
  room.disk.mkdirp('/d1/lost+found')
  const second = await room.start(['/d1'])
  expect(room.warnings).toContain('not a partition: left alone')
  expect(room.names('/d1')).toContain('lost+found')
  await second.close()
})

test('a directory with logs but no meta.properties is refused and left as it is', async () => {
  const room = new Room()
  const first = await room.start(['/d1'])
  create(first)
  await first.close()
  room.disk.unlink('/d1/meta.properties')
  const before = room.names('/d1')
  await expect(room.open(['/d1'])).rejects.toThrow(MetaPropertiesError)
  await expect(room.open(['/d1', '/d2'])).rejects.toThrow(MetaPropertiesError)
  expect(room.names('/d1')).toEqual(before)
})

test('directories of another node, of another cluster, or copied from one another are refused', async () => {
  const room = new Room()
  await (await room.start()).close()
  const meta = room.text('/d2/meta.properties')
  const write = (text: string) => room.disk.writeFileAtomic('/d2/meta.properties', Buffer.from(text))
  write(meta.replace('node.id=1', 'node.id=2'))
  await expect(room.open()).rejects.toThrow(/node 2/)
  write(meta.replace(CLUSTER, 'another'))
  await expect(room.open()).rejects.toThrow(/cluster another/)
  write(room.text('/d1/meta.properties'))
  await expect(room.open()).rejects.toThrow(/one is a copy/)
  write(meta)
  const manager = await room.open(['/d1', '/d2', '/d3'])
  expect(new Set(manager.logDirs.map(logDir => logDir.directoryId)).size).toBe(3)
  expect(manager.clusterId).toBe(CLUSTER)
  await expect(room.open(['/d3'])).rejects.toMatchObject({ code: 'EBUSY' })
  await manager.close()
})

test('an I/O error takes its directory offline, and the others serve on', async () => {
  const room = new Room()
  const manager = await room.start()
  const log = create(manager)
  const other = create(manager, { topic: 'orders', partition: 1 })
  room.fs.inject({ operation: 'write', path: '/d1/', code: 'EIO' })
  expect(() => append(log)).toThrow(expect.objectContaining({ code: 56 }))
  expect(room.failed).toEqual([{ logDir: manager.logDirs[0], lost: [log] }])
  expect(manager.getLog(orders)).toBeUndefined()
  append(other)

  const { directoryId } = manager.logDirs[1]!
  // A replica that may be in the lost directory is not made again empty; a new one goes to what is left.
  expect(() => manager.getOrCreateLog(orders, { topicId: ID_A, config, isNew: false })).toThrow(/offline/)
  expect(() => manager.getOrCreateLog(orders, { topicId: ID_A, config, isNew: false, directoryId })).toThrow(
    /offline/,
  )
  expect(manager.getOrCreateLog({ topic: 'orders', partition: 2 }, { topicId: ID_A, config }).directory).toBe(
    '/d2/orders-2',
  )
  await manager.close()
  expect(room.names('/d1')).not.toContain('.kafka_cleanshutdown')
  expect(room.names('/d2')).toContain('.kafka_cleanshutdown')
})

test('a directory whose disk fails while it is opened or loaded is offline from the start', async () => {
  for (const fault of [
    { operation: 'read', path: '/d1/meta.properties', code: 'EIO' },
    { operation: 'readdir', path: '/d1/orders-0', code: 'EIO' },
  ] as const) {
    const room = new Room()
    const first = await room.start()
    create(first)
    create(first, { topic: 'orders', partition: 1 })
    await first.close()
    room.fs.inject(fault)
    const second = await room.start()
    expect(second.onlineLogDirs.map(logDir => logDir.path)).toEqual(['/d2'])
    expect(second.getLog({ topic: 'orders', partition: 1 })).toBeDefined()
    await second.close()
    room.fs.heal()
    const third = await room.start()
    expect(third.getLog(orders)).toBeDefined()
    await third.close()
  }
})

test('a failed fsync is never tried again: the waiters are refused and the directory is offline', async () => {
  const room = new Room()
  const manager = await room.start()
  const log = create(manager)
  append(log)
  room.fs.inject({ operation: 'sync', path: '/d1/', code: 'EIO', times: 1 })
  const [a, b] = await Promise.allSettled([
    manager.flusher.whenFlushed(log),
    manager.flusher.whenFlushed(log),
  ])
  expect([a.status, b.status]).toEqual(['rejected', 'rejected'])
  await expect(manager.flusher.whenFlushed(log)).rejects.toMatchObject({ code: 56 })
  expect(room.fs.struck).toBe(1)
  expect(room.failed).toHaveLength(1)
  await manager.close()
})

test('with its last directory gone every log is gone', async () => {
  const room = new Room()
  const manager = await room.start(['/d1'])
  const log = create(manager)
  room.fs.inject({ operation: 'write', path: '/d1/', code: 'ENOSPC' })
  expect(() => append(log)).toThrow(expect.objectContaining({ kind: 'full' }))
  expect(manager.onlineLogDirs).toEqual([])
  expect(() => create(manager)).toThrow(/No log directory/)
  await manager.close()
})

test('retention and checkpoints run on their intervals, which may change while running', async () => {
  const room = new Room()
  const manager = await room.start(['/d1'])
  const log = create(manager)
  append(log, 3)
  log.incrementHighWatermark(3)
  room.clock.advance(5_000)
  expect(room.text('/d1/replication-offset-checkpoint')).toBe('0\n1\norders 0 3\n')
  log.updateConfig(logConfig({ retentionMs: 1000 }))
  room.clock.advance(25_000)
  expect(log.logStartOffset).toBe(3)

  room.settings.highWatermarkCheckpointIntervalMs = Number.POSITIVE_INFINITY
  room.clock.advance(5_000)
  append(log, 1)
  log.incrementHighWatermark(4)
  room.clock.advance(100_000)
  expect(room.text('/d1/replication-offset-checkpoint')).toBe('0\n1\norders 0 3\n')
  await manager.close()
  expect(room.clock.nextTimerInMs()).toBeUndefined()
})

test('flush.ms: what has been in memory that long is flushed when the scheduler looks', async () => {
  const room = new Room()
  room.settings.flushSchedulerIntervalMs = 1000
  const manager = await room.start(['/d1'])
  const log = create(manager)
  log.updateConfig(logConfig({ flushMs: 5000 }))
  append(log, 3)
  room.clock.advance(4000)
  await new Promise(setImmediate)
  expect(log.flushedOffset).toBe(0)
  room.clock.advance(32_000)
  await new Promise(setImmediate)
  expect(log.flushedOffset).toBe(3)
  await manager.close()
})

test.each([
  ['written', 'write'],
  ['read', 'read'],
] as const)(
  "the cleaner's checkpoint cannot be %s: its directory goes offline, logs in the other are cleaned",
  async (_, operation) => {
    const room = new Room()
    room.settings.cleaner = {
      ...{ isEnabled: true, backoffMs: 15_000, dedupeBufferBytes: 1 << 20, loadFactor: 0.9 },
      ...{ ioBufferBytes: 1 << 16, maxBytesPerSecond: Infinity },
    }
    const manager = await room.start()
    const compacted = logConfig({ ...config, cleanupPolicy: { delete: false, compact: true } })
    const logs = [0, 1].map(partition =>
      manager.getOrCreateLog({ topic: 'orders', partition }, { topicId: ID_A, config: compacted }),
    )
    const batch = { records: [{ key: 'k', value: 'v' }], timestamp: 1_700_000_000_000 }
    const put = (log: Log) => log.appendAsLeader(buildBatch(batch), 0)
    for (const log of logs) {
      for (let i = 0; i < 10; i++) put(log)
      log.roll()
      log.updateHighWatermark(10)
    }
    const [bad, good] = logs.map(log => manager.logDirOf(log)!)
    room.disk.writeFileAtomic(`${bad!.path}/cleaner-offset-checkpoint`, Buffer.from('0\n0\n'))
    room.fs.inject({ operation, path: `${bad!.path}/cleaner-offset-checkpoint`, code: 'EIO' })
    // One round ends with the failure; the next goes on with what is left.
    for (let round = 0; round < 2; round++) {
      room.clock.advance(15_000)
      for (let turn = 0; turn < 20; turn++) await new Promise<void>(done => setImmediate(done))
    }
    expect(room.failed.map(({ logDir }) => logDir)).toEqual([bad])
    expect(() => put(logs[0]!)).toThrow(StorageError)
    expect(room.text(`${good!.path}/cleaner-offset-checkpoint`)).toBe('0\n1\norders 1 10\n')
    put(logs[1]!)
    await manager.close()
  },
)
