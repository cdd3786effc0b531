// Real sockets on the loopback: what only a listener promises.
import { connect, type Socket } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { DescribeAcls } from '../../protocol/apis/29-describe-acls.ts'
import { CreateAcls } from '../../protocol/apis/30-create-acls.ts'
import { FrameSplitter, readResponse, writeRequest } from '../../protocol/frame.ts'
import { defineHandler } from '../handlers/handler.ts'
import { bindAll } from '../handlers/registry.ts'
import { allowAll } from '../security/allow-all.ts'
import { ManualClock } from '../time/manual-clock.ts'
import { BlockPool } from './block-pool.ts'
import { ConnectionQuotas } from './connection-quotas.ts'
import { SILENT_EVENTS } from './events.ts'
import { Listener, type ListenerLimits } from './listener.ts'
import { MemoryGate } from './memory-gate.ts'
import { Pipeline } from './pipeline.ts'
import { Outbox } from './outbox.ts'
import { ReplyMemory } from './reply-memory.ts'
import { SharedReads } from './shared-reads.ts'

/** DescribeAcls answers at once with the resource name it was asked about; CreateAcls when the test says so. */
async function setUp(limits: Partial<ListenerLimits> = {}, quotas = new ConnectionQuotas()) {
  const clock = new ManualClock(0)
  const blocks = new BlockPool({ poison: true })
  const closed: string[] = []
  const answers: (() => void)[] = []
  const describe = defineHandler(
    DescribeAcls,
    { access: 'open' },
    () => request => DescribeAcls.response.create({ errorMessage: request.resourceNameFilter }),
  )
  const create = defineHandler(CreateAcls, { access: 'open' }, () => () => {
    return new Promise(resolve => answers.push(() => resolve(CreateAcls.response.create())))
  })
  const events = {
    ...SILENT_EVENTS,
    connectionClosed: (_id: string, _listener: string, reason: string, detail: string | undefined) =>
      void closed.push(detail === undefined ? reason : `${reason}: ${detail}`),
  }
  const pipeline = new Pipeline({
    handlers: bindAll([describe, create], {}),
    authorizer: allowAll,
    clock,
    events,
  })
  const listener = new Listener({
    name: 'PLAINTEXT',
    securityProtocol: 'PLAINTEXT',
    host: '127.0.0.1',
    port: 0,
    backlog: 50,
    gate: new MemoryGate(1 << 26),
    quotas,
    blocks,
    outbox: new Outbox(clock),
    replyMemory: new ReplyMemory(blocks, 1 << 30),
    sharedReads: new SharedReads(),
    clock,
    events,
    limits: () => ({
      maxRequestBytes: 1 << 24,
      maxConnections: 100,
      maxConnectionsPerIp: 100,
      maxIdleMs: 600_000,
      ...limits,
    }),
  })
  const { port } = await listener.start()
  listener.admit(pipeline)
  onTestFinished(() => listener.stop(0))
  return { clock, closed, answers, listener, port }
}

class Client {
  readonly socket: Socket
  readonly frames: Buffer[] = []
  ended = false
  #wake: () => void = () => {}

  private constructor(socket: Socket) {
    this.socket = socket
    const splitter = new FrameSplitter()
    socket.on('data', chunk => {
      this.frames.push(...splitter.push(chunk as Buffer))
      this.#wake()
    })
    socket.on('error', () => {}) // a reset is an end
    socket.on('close', () => {
      this.ended = true
      this.#wake()
    })
    onTestFinished(() => void socket.destroy())
  }

  static async open(port: number, allowHalfOpen = false): Promise<Client> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen })
    const client = new Client(socket)
    await new Promise(resolve => socket.once('connect', resolve))
    return client
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>(resolve => (this.#wake = resolve))
  }

  describe(correlationId: number, name: string): void {
    const request = DescribeAcls.request.create({ resourceNameFilter: name })
    for (const bytes of writeRequest(DescribeAcls, 3, { correlationId, clientId: 'test' }, request)) {
      this.socket.write(bytes)
    }
  }

  create(correlationId: number): void {
    const request = CreateAcls.request.create()
    const bytes = writeRequest(CreateAcls, 3, { correlationId, clientId: null }, request)
    this.socket.write(Buffer.concat(bytes))
  }
}

const tick = () => new Promise<void>(resolve => setImmediate(resolve))

test('small and large frames of two clients at once, each its own', async () => {
  const { port } = await setUp()
  const clients = [await Client.open(port), await Client.open(port)]
  const sizes = [0, 1, 100, 5000, 70_000, 400_000, 1_500_000, 3]
  const lengths = sizes.map(size => Math.min(size, 32_000))
  clients.forEach((client, c) => {
    for (let round = 0; round < 5; round++) {
      lengths.forEach((length, i) => client.describe(round * 10 + i, String(c).repeat(length)))
    }
  })
  for (const [c, client] of clients.entries()) {
    await client.until(() => client.frames.length === 5 * lengths.length)
    client.frames.forEach((frame, n) => {
      const { correlationId, response } = readResponse(DescribeAcls, 3, frame)
      const i = n % lengths.length
      expect(correlationId).toBe(Math.floor(n / lengths.length) * 10 + i)
      expect(response.errorMessage).toBe(String(c).repeat(lengths[i]!))
    })
  }
})

test('a frame of many chunks comes whole', async () => {
  const { port, answers } = await setUp()
  const client = await Client.open(port)
  const creations = Array.from({ length: 60_000 }, (_, i) => ({
    resourceName: `resource-${i}`.padEnd(40, '.'),
  }))
  const request = CreateAcls.request.create({ creations })
  const bytes = Buffer.concat(writeRequest(CreateAcls, 3, { correlationId: 1, clientId: null }, request))
  expect(bytes.length).toBeGreaterThan(2 << 20)
  client.socket.write(bytes)
  client.describe(2, 'behind it')
  while (answers.length === 0) await tick()
  answers[0]!()
  await client.until(() => client.frames.length === 2)
  expect(client.frames.map(frame => frame.readInt32BE(0))).toEqual([1, 2])
})

test('max.connections.per.ip: one too many is closed, and room is made by one that leaves', async () => {
  const { port, closed } = await setUp({ maxConnectionsPerIp: 1 })
  const first = await Client.open(port)
  first.describe(1, 'a')
  await first.until(() => first.frames.length === 1)
  const second = await Client.open(port)
  await second.until(() => second.ended)
  expect(closed).toEqual(['refused: max.connections.per.ip (1) reached for 127.0.0.1'])
  first.socket.destroy()
  await first.until(() => first.ended)
  await tick()
  const third = await Client.open(port)
  third.describe(1, 'c')
  await third.until(() => third.frames.length === 1 || third.ended)
  expect(third.frames).toHaveLength(1)
})

test('max.connections counts all listeners; a listener may have a limit of its own', async () => {
  const quotas = new ConnectionQuotas()
  const [one, other, narrow] = [
    await setUp({ maxConnections: 2 }, quotas),
    await setUp({ maxConnections: 2 }, quotas),
    await setUp({ maxConnections: 2, maxOwnConnections: 0 }, quotas),
  ]
  const refused = async ({ port }: { port: number }) => {
    const client = await Client.open(port)
    client.describe(1, 'a')
    await client.until(() => client.ended || client.frames.length > 0)
    return client.ended
  }
  expect(await refused(one)).toBe(false)
  expect(await refused(narrow)).toBe(true)
  expect(await refused(other)).toBe(false)
  expect(await refused(other)).toBe(true)
  expect(await refused(one)).toBe(true)
  expect(one.closed).toEqual(['refused: max.connections (2) reached'])
  expect(narrow.closed).toEqual(['refused: max.connections (0) of listener PLAINTEXT reached'])
  await one.listener.stop(0)
  expect(quotas.count).toBe(1)
  expect(await refused(other)).toBe(false)
})

test('a client that says no more still gets its answer', async () => {
  const { port, answers, closed } = await setUp()
  const client = await Client.open(port, true)
  client.socket.once('end', () => client.socket.destroy())
  client.create(1)
  client.socket.end()
  while (answers.length === 0) await tick()
  await tick()
  answers[0]!()
  await client.until(() => client.ended)
  expect(client.frames.map(frame => frame.readInt32BE(0))).toEqual([1])
  expect(closed).toEqual(['peer'])
})

test('connections.max.idle.ms: the idle one goes, the one that waits for an answer stays', async () => {
  const { port, clock, closed, answers } = await setUp({ maxIdleMs: 1000 })
  const idle = await Client.open(port)
  const waiting = await Client.open(port)
  waiting.create(1)
  idle.describe(1, 'a')
  await idle.until(() => idle.frames.length === 1)
  while (answers.length === 0) await tick()
  clock.advance(1500)
  await idle.until(() => idle.ended)
  expect(closed).toEqual(['idle'])
  answers[0]!()
  await waiting.until(() => waiting.frames.length === 1)
})

test('stop: accepts no more, answers what was accepted, then closes', async () => {
  const { port, listener, answers, closed } = await setUp()
  const client = await Client.open(port)
  client.create(7)
  while (answers.length === 0) await tick()
  const stopped = listener.stop(10_000)
  answers[0]!()
  await client.until(() => client.ended)
  expect(readResponse(CreateAcls, 3, client.frames[0]!).correlationId).toBe(7)
  await stopped
  expect(closed).toEqual(['stopping'])
  const late = connect(port, '127.0.0.1')
  await expect(new Promise((_resolve, reject) => late.once('error', reject))).rejects.toThrow(/ECONNREFUSED/)
})

test('stop cuts what takes longer than its grace', async () => {
  const { port, listener, clock, answers } = await setUp()
  const client = await Client.open(port)
  client.create(7)
  while (answers.length === 0) await tick()
  const stopped = listener.stop(1000)
  clock.advance(1000)
  await stopped
  await client.until(() => client.ended)
  expect(client.frames).toEqual([])
})

test('hostile bytes close their own connection, at once', async () => {
  const { port, closed } = await setUp()
  const good = await Client.open(port)
  const bad = await Client.open(port)
  bad.socket.write('GET / HTTP/1.1\r\n\r\n')
  await bad.until(() => bad.ended)
  expect(closed[0]).toMatch(/^malformed: frame size \d+ exceeds socket.request.max.bytes/)
  good.describe(1, 'still here')
  await good.until(() => good.frames.length === 1)
})
