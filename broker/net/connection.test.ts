import fc from 'fast-check'
import { expect, test } from 'vitest'
import { defineApi } from '../../protocol/schema/message.ts'
import { array, int16, string, struct } from '../../protocol/schema/vocabulary.ts'
import { defineHandler, type Handle, type HandlerOptions } from '../handlers/handler.ts'
import { bindAll } from '../handlers/registry.ts'
import { ANONYMOUS } from '../ports/request-context.ts'
import { ConnectionError, RequestError } from '../ports/request-error.ts'
import { allowAll } from '../security/allow-all.ts'
import { ManualClock } from '../time/manual-clock.ts'
import { BlockPool } from './block-pool.ts'
import { Connection, MAX_QUEUED_REQUESTS } from './connection.ts'
import type { NetEvents } from './events.ts'
import type { FaultInjector } from './fault.ts'
import { MemoryGate } from './memory-gate.ts'
import { Pipeline } from './pipeline.ts'
import { Outbox } from './outbox.ts'
import { ReplyMemory } from './reply-memory.ts'
import { MemorySocket } from './testing/memory-socket.ts'

interface Note {
  text: string
}
interface Answer {
  errorCode: number
  text: string
}
// Keys and flexible versions of real apis, because the header is read by them.
const noteApi = (key: number, name: string) =>
  defineApi<Note, Answer>({
    key,
    name,
    versions: [0, 2],
    flexibleFrom: 2,
    listeners: ['broker'],
    request: struct({ text: string }),
    response: struct({ errorCode: int16.since(1), text: string }),
  })
const Serial = noteApi(29, 'Serial')
const Pipelined = noteApi(30, 'Pipelined')
const Rows = defineApi<{ rows: { name: string }[] }, { rows: { name: string; errorCode: number }[] }>({
  key: 31,
  name: 'Rows',
  versions: [0, 0],
  listeners: ['broker'],
  request: struct({ rows: array(struct({ name: string })) }),
  response: struct({ rows: array(struct({ name: string, errorCode: int16 })) }),
})

type Notes = Handle<Note, Answer, Readonly<Record<never, boolean>>>

interface SetUp {
  readonly gateBytes?: number
  readonly fault?: FaultInjector
  readonly rows?: () => never
  readonly failed?: () => null
}

/** Requests whose text is `wait…` are answered by the test, others echo at once. */
function setUp(options: SetUp = {}) {
  const clock = new ManualClock(0)
  const socket = new MemorySocket()
  const started: string[] = []
  const open = new Map<string, (text: string) => void>()
  const closed: string[] = []
  const failures: unknown[] = []
  const events: NetEvents = {
    requestDone: () => {},
    connectionOpened: () => {},
    connectionClosed: (_id, _listener, reason, detail) => closed.push(`${reason}: ${detail}`),
    handlerFailed: (_api, _clientId, error) => failures.push(error),
  }
  const handle: Notes = request => {
    started.push(request.text)
    if (request.text === 'no reply') return null
    if (request.text === 'bug') throw new TypeError('a bug')
    if (request.text === 'refused') throw new RequestError({ code: 42, name: 'X' }, 'because')
    if (request.text === 'close') throw new ConnectionError('acks=0 failed')
    if (!request.text.startsWith('wait')) return { errorCode: 0, text: request.text }
    return new Promise(resolve => open.set(request.text, text => resolve({ errorCode: 0, text })))
  }
  const define = (api: typeof Serial, lane: 'serial' | 'pipelined') =>
    defineHandler(api, { access: 'open', lane } satisfies HandlerOptions<Note, Answer>, () => handle)
  const { failed } = options
  const rows = defineHandler(
    Rows,
    { access: 'open', ...(failed && { failed }) },
    () => () => options.rows?.() ?? null,
  )
  const handlers = bindAll([define(Serial, 'serial'), define(Pipelined, 'pipelined'), rows], {})
  const gate = new MemoryGate(options.gateBytes ?? 1 << 20)
  const blocks = new BlockPool({ poison: true })
  const replyMemory = new ReplyMemory(blocks, 1 << 20)
  const outbox = new Outbox(clock)
  const pipeline = new Pipeline({ handlers, authorizer: allowAll, clock, events, fault: options.fault })
  const identity = {
    connectionId: 'c',
    listener: 'PLAINTEXT',
    securityProtocol: 'PLAINTEXT',
    clientAddress: '127.0.0.1',
    localAddress: { host: '127.0.0.1', port: 9092 },
    principal: ANONYMOUS,
  }
  const connect = (to = socket) =>
    new Connection({
      socket: to,
      identity,
      pipeline,
      gate,
      blocks,
      outbox,
      replyMemory,
      clock,
      events,
      maxRequestBytes: 1 << 16,
      onClosed: () => {},
    })
  return { clock, socket, started, open, closed, failures, gate, replyMemory, connection: connect(), connect }
}

const frameOf = (body: Buffer): Buffer => {
  const frame = Buffer.alloc(4 + body.length)
  frame.writeInt32BE(body.length)
  body.copy(frame, 4)
  return frame
}

function request(key: number, correlationId: number, text: string, version = 0): Buffer {
  const header = Buffer.alloc(10)
  header.writeInt16BE(key, 0)
  header.writeInt16BE(version, 2)
  header.writeInt32BE(correlationId, 4)
  header.writeInt16BE(-1, 8)
  const utf8 = Buffer.from(text)
  const size =
    version >= 2 ? Buffer.from([0, utf8.length + 1]) : Buffer.from([utf8.length >> 8, utf8.length & 255])
  const end = version >= 2 ? Buffer.from([0]) : Buffer.alloc(0)
  return frameOf(Buffer.concat([header, size, utf8, end]))
}

const serial = (id: number, text: string) => request(29, id, text)
const pipelined = (id: number, text: string) => request(30, id, text)
const ids = (socket: MemorySocket) => socket.frames().map(frame => frame.readInt32BE(0))
const turn = () => new Promise<void>(resolve => setImmediate(resolve))
/** A reply that becomes ready at the end of a turn leaves at the end of the next. */
const tick = () => turn().then(turn)

test('however the bytes are cut, the same requests come out, in order', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1 }), async cuts => {
      const { socket, started } = setUp()
      const texts = Array.from({ length: 12 }, (_, i) => 'x'.repeat(i * 3))
      let rest = Buffer.concat(texts.map((text, i) => (i % 2 ? serial(i, text) : pipelined(i, text))))
      for (let i = 0; rest.length > 0; i++) {
        const size = cuts[i % cuts.length]!
        socket.receive(Buffer.from(rest.subarray(0, size)))
        rest = rest.subarray(size)
      }
      await tick()
      expect(started).toEqual(texts)
      expect(ids(socket)).toEqual(texts.map((_, i) => i))
    }),
    { numRuns: 100 },
  )
})

test('all replies of one chunk leave in one corked write', async () => {
  const { socket } = setUp()
  socket.receive(Buffer.concat([serial(1, 'a'), pipelined(2, 'b'), serial(3, 'c')]))
  await tick()
  expect(ids(socket)).toEqual([1, 2, 3])
  expect(socket.writes).toBe(1)
})

test('pipelined requests start together, and their replies keep the order of arrival', async () => {
  const { socket, started, open } = setUp()
  socket.receive(Buffer.concat([pipelined(1, 'wait a'), pipelined(2, 'wait b'), pipelined(3, 'c')]))
  expect(started).toEqual(['wait a', 'wait b', 'c'])
  open.get('wait b')!('b')
  await tick()
  expect(ids(socket)).toEqual([])
  open.get('wait a')!('a')
  await tick()
  expect(ids(socket)).toEqual([1, 2, 3])
})

test('a serial request starts after all before it are answered, and nothing starts beside it', async () => {
  const { socket, started, open } = setUp()
  socket.receive(Buffer.concat([pipelined(1, 'wait a'), serial(2, 'wait b'), pipelined(3, 'c')]))
  expect(started).toEqual(['wait a'])
  open.get('wait a')!('')
  await tick()
  expect(started).toEqual(['wait a', 'wait b'])
  open.get('wait b')!('')
  await tick()
  expect(started).toEqual(['wait a', 'wait b', 'c'])
  expect(ids(socket)).toEqual([1, 2, 3])
})

test('a request without a reply holds no other back', async () => {
  const { socket } = setUp()
  socket.receive(Buffer.concat([pipelined(1, 'no reply'), pipelined(2, 'b')]))
  await tick()
  expect(ids(socket)).toEqual([2])
})

test('at the bound of queued requests nothing more is read, and reading goes on when they are answered', async () => {
  const { socket, started, open } = setUp()
  const count = MAX_QUEUED_REQUESTS + 10
  socket.receive(serial(0, 'wait'))
  for (let i = 1; i <= count; i++) socket.receive(serial(i, `${i}`))
  expect(socket.paused).toBe(true)
  expect(socket.waitingBytes).toBeGreaterThan(0)
  expect(started).toEqual(['wait'])
  open.get('wait')!('')
  await tick()
  expect(started.length).toBe(count + 1)
  expect(ids(socket)).toEqual(Array.from({ length: count + 1 }, (_, i) => i))
})

test('a peer that does not read its replies gets no more requests started', async () => {
  const { socket, started } = setUp()
  socket.stuck = true
  socket.receive(serial(1, 'a'))
  await tick()
  socket.writableLength = 9 << 20
  socket.receive(Buffer.concat([serial(2, 'b'), pipelined(3, 'c')]))
  expect(started).toEqual(['a'])
  socket.unstick()
  await tick()
  expect(started).toEqual(['a', 'b', 'c'])
})

test('the memory gate holds other connections back until bytes are given back', async () => {
  const { socket, open, connect, started, gate } = setUp({ gateBytes: 20 })
  const other = new MemorySocket()
  const second = connect(other)
  socket.receive(serial(1, 'wait for it'))
  other.receive(serial(2, 'b'))
  expect(other.paused).toBe(true)
  expect(started).toEqual(['wait for it'])
  open.get('wait for it')!('')
  await tick()
  expect(started).toEqual(['wait for it', 'b'])
  expect(gate.usedBytes).toBe(0)
  expect(second.openRequests).toBe(0)
})

test('who only announces a frame takes no room in the memory gate', async () => {
  const { socket, connect, started, gate } = setUp({ gateBytes: 100 })
  for (let i = 0; i < 20; i++) {
    const announcer = new MemorySocket()
    connect(announcer)
    announcer.receive(serial(i, 'x'.repeat(200)).subarray(0, 6))
  }
  expect(gate.usedBytes).toBe(40)
  socket.receive(serial(1, 'served'))
  await tick()
  expect(started).toEqual(['served'])
})

test('unfinished frames that fill the memory gate are finished one after the other', async () => {
  const { connect, started, gate } = setUp({ gateBytes: 100 })
  const sockets = Array.from({ length: 5 }, () => new MemorySocket())
  const frames = sockets.map((_, i) => serial(i, String(i).repeat(200)))
  for (const to of sockets) connect(to)
  sockets.forEach((to, i) => to.receive(frames[i]!.subarray(0, 60)))
  sockets.forEach((to, i) => to.receive(frames[i]!.subarray(60, 120)))
  sockets.forEach((to, i) => to.receive(frames[i]!.subarray(120)))
  for (let turn = 0; turn < 5; turn++) await tick()
  expect(started.map(text => text[0]).sort()).toEqual(['0', '1', '2', '3', '4'])
  expect(gate.usedBytes).toBe(0)
})

test('the one that was let past a full memory gate leaves, and the next one is let past', async () => {
  const { connect, started, gate } = setUp({ gateBytes: 100 })
  const [first, second] = [new MemorySocket(), new MemorySocket()]
  connect(first)
  connect(second)
  first.receive(serial(1, 'a'.repeat(200)).subarray(0, 64))
  second.receive(serial(2, 'b'.repeat(200)).subarray(0, 64))
  first.receive(Buffer.alloc(10, 'a'))
  second.receive(serial(2, 'b'.repeat(200)).subarray(64))
  expect(second.paused).toBe(true)
  first.emit('close')
  await tick()
  expect(started).toEqual(['b'.repeat(200)])
  expect(gate.usedBytes).toBe(0)
})

test('thousands that wait for the memory gate are let in without one standing on the other', async () => {
  const { socket, open, connect, started } = setUp({ gateBytes: 20 })
  socket.receive(serial(1, 'wait for it'))
  for (let i = 0; i < 10_000; i++) {
    const other = new MemorySocket()
    connect(other)
    other.receive(serial(2, 'b'))
  }
  open.get('wait for it')!('')
  await tick()
  expect(started.length).toBe(10_001)
})

test('a reply that nobody takes is idleness, a request that waits for its answer is not', async () => {
  const { socket, connection, clock } = setUp()
  socket.receive(pipelined(1, 'wait'))
  clock.advance(2000)
  expect(connection.isIdle(1000)).toBe(false)
  socket.stuck = true
  socket.receive(pipelined(2, 'echo'))
  socket.receive(pipelined(3, 'wait too'))
  await tick()
  socket.writableLength = 1
  expect(connection.isIdle(1000)).toBe(false)
  clock.advance(2000)
  expect(connection.isIdle(1000)).toBe(true)
  socket.unstick()
  expect(connection.isIdle(1000)).toBe(false)
})

test('a reply that cannot leave closes its connection, and those behind it in the outbox leave', async () => {
  const { socket, connect, closed, failures } = setUp()
  const broken = new MemorySocket()
  broken.write = () => {
    throw new TypeError('a bug')
  }
  connect(broken)
  broken.receive(serial(1, 'a'))
  socket.receive(serial(2, 'b'))
  await tick()
  expect(closed).toEqual(['internal-error: TypeError: a bug'])
  expect(failures).toEqual([new TypeError('a bug')])
  expect(broken.destroyed).toBe(true)
  expect(ids(socket)).toEqual([2])
})

test('an error of ours in reading ends the connection and nothing else', () => {
  const { socket, gate, closed, failures } = setUp()
  const bug = new TypeError('a bug')
  gate.tryEnter = () => {
    throw bug
  }
  socket.receive(serial(1, 'a'))
  expect(failures).toEqual([bug])
  expect(closed).toEqual(['internal-error: TypeError: a bug'])
})

test('a connection that closes gives its bytes back', async () => {
  const { socket, gate, closed } = setUp()
  socket.receive(serial(1, 'wait'))
  expect(gate.usedBytes).toBeGreaterThan(0)
  socket.emit('close')
  expect(gate.usedBytes).toBe(0)
  expect(closed).toEqual(['peer: undefined'])
})

test.each([
  ['a negative size', Buffer.from([0xff, 0xff, 0xff, 0xff]), /malformed: frame size -1/],
  ['a size over the limit', Buffer.from([0x7f, 0, 0, 0]), /malformed: .*socket.request.max.bytes/],
  ['an empty frame', frameOf(Buffer.alloc(0)), /malformed: request header/],
  ['half a header', frameOf(Buffer.from([0, 29, 0, 0, 0])), /malformed: request header/],
  ['an unknown key', request(999, 1, ''), /malformed: .*999/],
  ['a negative key', request(-1, 1, ''), /malformed: .*-1/],
  ['a key we do not serve', request(4, 1, ''), /unsupported: api key 4 is/],
  ['a version above', request(29, 1, '', 3), /unsupported: version 3 of Serial/],
  ['a negative version', request(29, 1, '', -1), /unsupported: version -1 of Serial/],
  [
    'a string longer than its frame',
    frameOf(Buffer.from('001d000000000001ffff7fff', 'hex')),
    /malformed: Serial v0/,
  ],
  ['more rows than bytes', frameOf(Buffer.from('001f000000000001ffff7fffffff', 'hex')), /malformed: Rows v0/],
])('%s closes the connection, once, without an answer, and no other', async (_name, bytes, expected) => {
  const { socket, closed, connect, failures } = setUp()
  const other = new MemorySocket()
  connect(other)
  socket.receive(bytes)
  socket.receive(serial(2, 'later'))
  await tick()
  expect(socket.destroyed).toBe(true)
  expect(closed).toHaveLength(1)
  expect(closed[0]).toMatch(expected)
  expect(socket.frames()).toEqual([])
  expect(failures).toEqual([])
  other.receive(serial(1, 'still here'))
  await tick()
  expect(ids(other)).toEqual([1])
})

test('random bytes end in an answer or a close, never in a handler failure', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 80 }), fc.boolean(), (bytes, framed) => {
      const { socket, failures } = setUp()
      socket.receive(framed ? frameOf(Buffer.from(bytes)) : Buffer.from(bytes))
      expect(failures).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('a RequestError is answered in the shape of the api: at the top where the version has a code', async () => {
  const { socket, failures } = setUp()
  socket.receive(request(29, 7, 'refused', 1))
  await tick()
  expect(socket.frames()[0]!.readInt16BE(4)).toBe(42)
  expect(failures).toEqual([])
})

test('… and in every row asked for, where it has none', async () => {
  const { socket } = setUp({
    rows: () => {
      throw new RequestError({ code: 42, name: 'X' })
    },
  })
  socket.receive(frameOf(Buffer.from('001f000000000001ffff00000002000161000162', 'hex')))
  await tick()
  expect(socket.frames()[0]!.toString('hex')).toBe('0000000100000002000161002a000162002a')
})

test('any other throw is UNKNOWN_SERVER_ERROR and one event with the error itself', async () => {
  const { socket, failures } = setUp()
  socket.receive(request(29, 7, 'bug', 1))
  await tick()
  expect(socket.frames()[0]!.readInt16BE(4)).toBe(-1)
  expect(failures).toEqual([new TypeError('a bug')])
})

test('a ConnectionError closes: an error behind acks=0', async () => {
  const { socket, closed } = setUp()
  socket.receive(serial(1, 'close'))
  await tick()
  expect(closed).toEqual(['failed-without-ack: acks=0 failed'])
})

test('a failure that its handler has no answer for closes: Produce without acks', async () => {
  const { socket, closed } = setUp({
    rows: () => {
      throw new TypeError('a bug')
    },
    failed: () => null,
  })
  socket.receive(frameOf(Buffer.from('001f000000000001ffff00000000', 'hex')))
  await tick()
  expect(socket.written).toEqual([])
  expect(closed).toEqual(['failed-without-ack: Rows: code -1'])
})

test('flexible headers on both sides', async () => {
  const { socket } = setUp()
  socket.receive(request(29, 9, 'hi', 2))
  await tick()
  expect(socket.frames()[0]!.toString('hex')).toBe('00000009' + '00' + '0000' + '036869' + '00')
})

test('drain answers what was accepted, then closes', async () => {
  const { socket, open, connection, closed } = setUp()
  socket.receive(Buffer.concat([serial(1, 'wait'), serial(2, 'b')]))
  connection.drain()
  await tick()
  expect(socket.destroyed).toBe(false)
  open.get('wait')!('')
  await tick()
  expect(ids(socket)).toEqual([1, 2])
  expect(socket.ended).toBe(true)
  expect(closed).toEqual(['stopping: undefined'])
})

test('what came before the peer ended is done and answered; then the connection closes', async () => {
  const { socket, open, started, closed, gate } = setUp()
  socket.receive(Buffer.concat([serial(1, 'wait'), pipelined(2, 'without acks'), pipelined(3, 'c')]))
  socket.emit('end')
  expect(started).toEqual(['wait'])
  open.get('wait')!('')
  await tick()
  expect(started).toEqual(['wait', 'without acks', 'c'])
  expect(ids(socket)).toEqual([1, 2, 3])
  expect(closed).toEqual(['peer: undefined'])
  expect(gate.usedBytes).toBe(0)
})

test('reply memory counts large buffers until the peer has them, or the connection is gone', async () => {
  const { socket, open, replyMemory } = setUp()
  const large = 'x'.repeat(5000)
  socket.receive(Buffer.concat([pipelined(1, 'wait'), pipelined(2, large)]))
  await tick()
  expect(replyMemory.queuedBytes).toBeGreaterThan(5000)
  open.get('wait')!('')
  await tick()
  expect(replyMemory.queuedBytes).toBe(0)
  socket.receive(Buffer.concat([pipelined(3, 'wait 3'), pipelined(4, large)]))
  await tick()
  expect(replyMemory.queuedBytes).toBeGreaterThan(5000)
  socket.emit('close')
  open.get('wait 3')!(large)
  await tick()
  expect(replyMemory.queuedBytes).toBe(0)
})

test('a drained connection ends when the peer has taken the last bytes, however few', async () => {
  const { socket, connection, closed } = setUp()
  socket.stuck = true
  socket.receive(serial(1, 'a'))
  await tick()
  connection.drain()
  expect(closed).toEqual([])
  socket.unstick()
  expect(closed).toEqual(['stopping: undefined'])
})

test('faults: an error, a delay, a lost answer, a closed connection', async () => {
  const faults: Record<string, ReturnType<FaultInjector>> = {
    error: { errorCode: 5 },
    late: { delayMs: 100 },
    lost: { drop: true },
    gone: { disconnect: true },
  }
  const { socket, clock, closed, started } = setUp({ fault: ({ request }) => faults[(request as Note).text] })
  socket.receive(Buffer.concat(['error', 'late', 'lost', 'fine'].map((text, i) => request(30, i, text, 1))))
  await tick()
  expect(ids(socket)).toEqual([0])
  expect(socket.frames()[0]!.readInt16BE(4)).toBe(5)
  clock.advance(100)
  await tick()
  expect(ids(socket)).toEqual([0, 1, 3])
  expect(started).toEqual(['lost', 'fine', 'late'])
  socket.receive(serial(9, 'gone'))
  expect(closed).toEqual(['fault: fault on Pipelined'.replace('Pipelined', 'Serial')])
})
