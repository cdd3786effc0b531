// The composition root when something under it fails: disks while it serves and while it starts, and stops that cross each other.
import { randomBytes } from 'node:crypto'
import { connect, type Socket } from 'node:net'
import { expect, test, vi } from 'vitest'
import { Produce } from '../protocol/apis/00-produce.ts'
import { Fetch } from '../protocol/apis/01-fetch.ts'
import { AlterReplicaLogDirs } from '../protocol/apis/34-alter-replica-log-dirs.ts'
import { DescribeLogDirs } from '../protocol/apis/35-describe-log-dirs.ts'
import { Errors } from '../protocol/errors.ts'
import { readResponse, writeRequest } from '../protocol/frame.ts'
import { buildBatch } from '../protocol/records/builder.ts'
import type { Api } from '../protocol/schema/message.ts'
import { FaultyFileSystem } from '../storage/fs/faulty.ts'
import { MemoryFileSystem } from '../storage/fs/memory.ts'
import { openBroker } from './broker.ts'
import { BrokerConfig } from './config/broker-config.ts'
import { fromOptions, SINGLE_NODE_PROFILE } from './config/sources.ts'
import { Loggers } from './logging/loggers.ts'
import { MetricsRegistry } from './metrics/cells.ts'
import type { RunningBroker } from './options.ts'
import { ManualClock } from './time/manual-clock.ts'

const STORAGE_ERROR = Errors.KAFKA_STORAGE_ERROR.code

interface World {
  readonly fs: FaultyFileSystem
  readonly clock: ManualClock
  readonly metrics: MetricsRegistry
  open(settings?: Record<string, string>): Promise<RunningBroker>
}

function world(memory?: MemoryFileSystem): World {
  const clock = new ManualClock(1_700_000_000_000)
  const fs = new FaultyFileSystem(memory ?? new MemoryFileSystem({ nowMs: () => clock.nowMs() }))
  const metrics = new MetricsRegistry()
  const open = (settings: Record<string, string> = {}): Promise<RunningBroker> =>
    openBroker({
      config: new BrokerConfig([
        SINGLE_NODE_PROFILE,
        fromOptions({
          listeners: 'PLAINTEXT://127.0.0.1:0',
          'log.dirs': '/one,/two',
          'metadata.log.dir': '/one',
          'num.partitions': '4',
          ...settings,
        }),
      ]),
      ...{ fs, clock, randomBytes },
      loggers: new Loggers(),
      metrics,
    })
  return { fs, clock, metrics, open }
}

/** A client that asks one thing at a time. */
class Client {
  readonly #socket: Socket
  #received = Buffer.alloc(0)
  #settle: ((frame: Buffer | undefined) => void) | undefined

  constructor({ listeners }: RunningBroker) {
    this.#socket = connect(listeners[0]!.port, '127.0.0.1')
    this.#socket.on('data', chunk => {
      this.#received = Buffer.concat([this.#received, chunk])
      if (this.#received.length < 4) return
      const size = this.#received.readInt32BE(0)
      if (this.#received.length < 4 + size) return
      const frame = this.#received.subarray(4, 4 + size)
      this.#received = this.#received.subarray(4 + size)
      this.#settle?.(frame)
    })
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => this.#settle?.(undefined))
  }

  async ask<Q, R>(api: Api<Q, R>, version: number, request: Q): Promise<R> {
    for (const bytes of writeRequest(api, version, { correlationId: 1, clientId: 'test' }, request)) {
      this.#socket.write(bytes)
    }
    const frame = await new Promise<Buffer | undefined>(resolve => {
      this.#settle = resolve
    })
    if (frame === undefined) throw new Error('the connection was closed')
    return readResponse(api, version, frame).response
  }

  /** The code of every partition of the topic. */
  async produce(topic: string, partitions: number, acks = -1): Promise<number[]> {
    const records = (): Buffer =>
      buildBatch({ records: [{ key: null, value: Buffer.from('v') }], timestamp: 1_700_000_000_000 })
    const partitionData = Array.from({ length: partitions }, (_, index) => ({ index, records: records() }))
    const topicData = [{ name: topic, topicId: 'AAAAAAAAAAAAAAAAAAAAAA', partitionData }]
    const request = Produce.request.create({ transactionalId: null, acks, timeoutMs: 5000, topicData })
    const { responses } = await this.ask(Produce, 9, request)
    return responses[0]!.partitionResponses.map(one => one.errorCode)
  }

  async fetch(topic: string, partition: number): Promise<number> {
    const partitions = [{ partition, fetchOffset: 0, partitionMaxBytes: 1 << 20 }]
    const request = Fetch.request.create({ maxWaitMs: 0, minBytes: 1, topics: [{ topic, partitions }] })
    const { responses } = await this.ask(Fetch, 11, request)
    return responses[0]!.partitions[0]!.errorCode
  }

  async logDirs(): Promise<Record<string, number>> {
    const { results } = await this.ask(DescribeLogDirs, 4, { topics: null })
    return Object.fromEntries(results.map(one => [one.logDir, one.errorCode]))
  }

  leave(): void {
    this.#socket.destroy()
  }
}

async function createTopic(broker: RunningBroker, name: string, partitions: number): Promise<void> {
  const [result] = await broker.controller.createTopics({
    validateOnly: false,
    topics: [{ name, numPartitions: partitions, replicationFactor: -1, assignments: [], configs: [] }],
  })
  expect(result!.errorCode).toBe(0)
}

test.each([
  ['the disk is full', { operation: 'write', code: 'ENOSPC' }, {}],
  ['writing fails', { operation: 'write', code: 'EIO' }, {}],
  ['an fsync fails', { operation: 'sync', code: 'EIO' }, { 'log.flush.interval.messages': '1' }],
] as const)('%s in one of two directories: the other serves on', async (_, fault, settings) => {
  const { fs, open } = world()
  const broker = await open(settings)
  const client = new Client(broker)
  await createTopic(broker, 'orders', 4)
  expect(await client.produce('orders', 4)).toEqual([0, 0, 0, 0])
  fs.inject({ ...fault, path: '/two/' })
  const codes = await client.produce('orders', 4)
  expect(codes.toSorted((a, b) => a - b)).toEqual([0, 0, STORAGE_ERROR, STORAGE_ERROR])
  // It stays so, whoever asks and however; the healed disk is for the next start.
  fs.heal()
  const again = await client.produce('orders', 4, 1)
  expect(again.map(code => code === 0)).toEqual(codes.map(code => code === 0))
  expect(await client.fetch('orders', codes.indexOf(0))).toBe(0)
  expect(await client.fetch('orders', codes.indexOf(STORAGE_ERROR))).not.toBe(0)
  expect(await client.logDirs()).toEqual({ '/one': 0, '/two': STORAGE_ERROR })
  // New topics go where there is a disk.
  await createTopic(broker, 'later', 2)
  expect(await client.produce('later', 2)).toEqual([0, 0])
  expect(broker.unhealthy()).toBe(null)
  client.leave()
  await broker.stop()
  await broker.closed

  const next = await open(settings)
  const nextClient = new Client(next)
  expect(await nextClient.produce('orders', 4)).toEqual([0, 0, 0, 0])
  expect(await nextClient.logDirs()).toEqual({ '/one': 0, '/two': 0 })
  nextClient.leave()
  await next.stop()
})

test('reading fails: the directory goes offline, and the other serves on', async () => {
  const { fs, open, metrics } = world()
  const broker = await open()
  const client = new Client(broker)
  const unled = () =>
    (['offlinepartitionscount', 'preferredreplicaimbalancecount'] as const).flatMap(name =>
      [...metrics.samples(`kafka_controller_kafkacontroller_${name}`)].map(([, value]) => value),
    )
  await createTopic(broker, 'orders', 4)
  expect(await client.produce('orders', 4)).toEqual([0, 0, 0, 0])
  expect(unled()).toEqual([0, 0])
  fs.inject({ operation: 'read', code: 'EIO', path: '/two/' })
  const codes: number[] = []
  for (let partition = 0; partition < 4; partition++) codes.push(await client.fetch('orders', partition))
  expect(codes.filter(code => code === 0).length).toBe(2)
  expect(codes.filter(code => code !== 0).length).toBe(2)
  expect(codes).toContain(STORAGE_ERROR)
  await vi.waitFor(() => expect(unled()).toEqual([2, 2]))
  client.leave()
  await broker.stop()
})

test.each([
  ['write', 'ENOSPC'],
  ['write', 'EIO'],
  ['sync', 'EIO'],
] as const)(
  'the metadata directory fails (%s, %s): the broker stops and says why',
  async (operation, code) => {
    const { fs, open } = world()
    const broker = await open()
    fs.inject({ operation, code, path: '/one/' })
    await createTopic(broker, 'orders', 4).catch(() => {})
    await expect(broker.closed).rejects.toThrow(/metadata log directory \/one is offline|\/one/)
    expect(broker.unhealthy()).not.toBe(null)
    fs.heal()
    const next = await open()
    await next.stop()
  },
)

test('every directory fails: the broker stops', async () => {
  const { fs, open } = world()
  const broker = await open()
  const client = new Client(broker)
  await createTopic(broker, 'orders', 4)
  fs.inject({ operation: 'write', code: 'ENOSPC' })
  await client.produce('orders', 4).catch(() => {})
  await expect(broker.closed).rejects.toThrow(/offline|ENOSPC/)
  client.leave()
})

test('a replica moves to another directory, and the metadata says so', async () => {
  const { open } = world()
  const broker = await open()
  const client = new Client(broker)
  await createTopic(broker, 'orders', 1)
  expect(await client.produce('orders', 1)).toEqual([0])
  const placed = (running: RunningBroker) =>
    running.metadata.current().topics.byName.get('orders')!.partitions.get(0)!.directories[0]
  const lies = async (one: Client) => {
    const { results } = await one.ask(DescribeLogDirs, 4, { topics: null })
    return results.filter(dir => dir.topics.some(({ name }) => name === 'orders')).map(dir => dir.logDir)
  }
  const before = placed(broker)
  const from = (await lies(client))[0]!
  const path = from === '/one' ? '/two' : '/one'
  const dirs = [{ path, topics: [{ name: 'orders', partitions: [0] }] }]
  const { results } = await client.ask(AlterReplicaLogDirs, 2, { dirs })
  expect(results[0]!.partitions[0]!.errorCode).toBe(0)
  while ((await lies(client)).includes(from)) await new Promise<void>(done => setImmediate(done))
  const after = placed(broker)
  expect(after).not.toBe(before)
  expect(await client.produce('orders', 1)).toEqual([0])
  client.leave()
  await broker.stop()

  const next = await open()
  const nextClient = new Client(next)
  expect(placed(next)).toBe(after)
  expect(await lies(nextClient)).toEqual([path])
  expect(await nextClient.fetch('orders', 0)).toBe(0)
  nextClient.leave()
  await next.stop()
})

/** Sockets that listen in this process; what has just been closed is gone after a turn or two of the loop. */
async function serverCount(): Promise<number> {
  for (let turn = 0; turn < 3; turn++) await new Promise<void>(done => setImmediate(done))
  return process.getActiveResourcesInfo().filter(one => one === 'TCPServerWrap').length
}

test('whatever fails while it starts, nothing is held afterwards', async () => {
  const serversBefore = await serverCount()
  const { fs, open } = world()
  const first = await open()
  await createTopic(first, 'orders', 4)
  await first.stop()
  for (const operation of [
    'open',
    'read',
    'write',
    'sync',
    'syncDir',
    'readdir',
    'rename',
    'lock',
  ] as const) {
    for (let after = 0; after < 40; after += 5) {
      const take = fs.inject({ operation, code: 'EIO', after, times: 1 })
      const broker = await open().catch(() => undefined)
      take()
      await broker?.stop().catch(() => {})
      expect(await serverCount(), `${operation} after ${after}`).toBe(serversBefore)
      // Locks and files are free again.
      const next = await open()
      const client = new Client(next)
      expect(await client.produce('orders', 4), `${operation} after ${after}`).toEqual([0, 0, 0, 0])
      client.leave()
      await next.stop()
    }
  }
  expect(fs.struck).toBeGreaterThan(20)
})

/** Knows which files of its logs are open. */
class CountedDisk extends MemoryFileSystem {
  readonly #open = new Map<object, string>()

  get openPaths(): string[] {
    return [...this.#open.values()]
  }

  override open(path: string, mode: Parameters<MemoryFileSystem['open']>[1]) {
    const file = super.open(path, mode)
    if (/\.(log|index|timeindex|txnindex)$/.test(path)) this.#open.set(file, path)
    const close = file.close.bind(file)
    file.close = () => {
      this.#open.delete(file)
      close()
    }
    return file
  }
}

test.each([
  ['its logs load', { operation: 'readdir', path: '/one/orders-' }],
  ['it takes its epoch', { operation: 'rename', path: '/one/__cluster_metadata-0/quorum-state' }],
  ['it registers, and whatever it closes', { operation: 'sync', path: '/one/__cluster_metadata-0/' }],
] as const)(
  'the metadata directory fails while %s: what follows does not begin, and nothing is left',
  async (_, fault) => {
    const disk = new CountedDisk()
    const { fs, clock, open } = world(disk)
    const first = await open()
    await createTopic(first, 'orders', 4)
    await first.stop()
    expect(disk.openPaths).toEqual([])
    expect(clock.nextTimerInMs()).toBe(undefined)
    fs.inject({ ...fault, code: 'EIO' })
    await expect(open()).rejects.toThrow(/\/one|EIO/)
    for (let turn = 0; turn < 10; turn++) await new Promise<void>(done => setImmediate(done))
    expect(fs.struck).toBeGreaterThan(0)
    expect(disk.openPaths).toEqual([])
    expect(clock.nextTimerInMs()).toBe(undefined)
  },
)

/** Files whose fsync waits for `release`, and then fails where `fails` says so. */
class SlowDisk extends MemoryFileSystem {
  #held: Promise<void> = Promise.resolve()
  release: () => void = () => {}
  fails = (_path: string): boolean => false

  hold(): void {
    this.#held = new Promise(resolve => {
      this.release = resolve
    })
  }

  override open(path: string, mode: Parameters<MemoryFileSystem['open']>[1]) {
    const file = super.open(path, mode)
    const sync = file.sync.bind(file)
    file.sync = async () => {
      await this.#held
      if (this.fails(path)) throw Object.assign(new Error(`EIO: ${path}`), { code: 'EIO' })
      return sync()
    }
    return file
  }
}

test('a disk that fails while the broker starts: a client that waits for it is not let in', async () => {
  const disk = new SlowDisk()
  const { fs, metrics, open } = world(disk)
  const first = await open()
  await createTopic(first, 'orders', 4)
  const { port } = first.listeners[0]!
  await first.stop()
  disk.hold()
  fs.inject({ operation: 'readdir', path: '/one/orders-', code: 'EIO' })
  const second = open({ listeners: `PLAINTEXT://127.0.0.1:${port}` })
  const closed = new Promise<void>(done => {
    const dial = (): void => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.on('close', done)
        disk.release()
      })
      socket.on('error', () => setImmediate(dial))
    }
    dial()
  })
  await expect(second).rejects.toThrow('the metadata log directory /one is offline')
  await closed
  expect(metrics.cells('kafka_server_socketservermetrics_connection_creation_total')).toEqual([])
})

test('a flush that fails while the broker stops: the acks of the other directory still go out', async () => {
  const disk = new SlowDisk()
  const { open, metrics } = world(disk)
  const broker = await open({ 'log.flush.interval.messages': '1' })
  const client = new Client(broker)
  await createTopic(broker, 'orders', 4)
  disk.hold()
  const codes = client.produce('orders', 4)
  const appended = () =>
    metrics.counter('kafka_server_brokertopicmetrics_messagesin_total', { topic: 'orders' }).value
  while (appended() < 4) await new Promise<void>(done => setImmediate(done))
  const stopped = broker.stop()
  disk.fails = path => path.startsWith('/two/orders')
  disk.release()
  expect((await codes).toSorted((a, b) => a - b)).toEqual([0, 0, STORAGE_ERROR, STORAGE_ERROR])
  await stopped
  client.leave()
})

test('the series of a deleted topic go with it', async () => {
  const { open, metrics } = world()
  const broker = await open()
  const client = new Client(broker)
  const seriesOf = (topic: string): number =>
    metrics
      .cells('kafka_server_brokertopicmetrics_bytesin_total')
      .filter(({ labels }) => labels['topic'] === topic).length
  await createTopic(broker, 'orders', 1)
  await client.produce('orders', 1)
  expect(seriesOf('orders')).toBe(1)
  await broker.controller.deleteTopics([broker.metadata.current().topics.byName.get('orders')!.id])
  expect(seriesOf('orders')).toBe(0)
  client.leave()
  await broker.stop()
})

test('stop() during stop() is the same stop', async () => {
  const broker = await world().open()
  const stops = [broker.stop(), broker.stop()]
  expect(stops[0]).toBe(stops[1])
  await Promise.all(stops)
  await broker.stop()
  await broker.closed
})
