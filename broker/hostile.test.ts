// Hostile clients. Real requests of stock clients (protocol/fixtures/golden), each spoilt in some way from a printed seed, are sent to a
// broker that serves somebody else meanwhile. Whatever they say: an answer or a closed connection, one log line for what was closed, no
// failure of ours, and the other client is served as if nothing happened.
//
//   ODRADEK_SEED=… repeats a run, ODRADEK_ROUNDS=… makes it longer

import { readdirSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { crc32 } from 'node:zlib'
import { Produce } from '../protocol/apis/00-produce.ts'
import { Fetch } from '../protocol/apis/01-fetch.ts'
import { apis } from '../protocol/apis/index.ts'
import { codecOf } from '../protocol/codec/message.ts'
import { Reader } from '../protocol/codec/reader.ts'
import { Writer } from '../protocol/codec/writer.ts'
import { writeRequest } from '../protocol/frame.ts'
import { readRequestHeader, writeRequestHeader } from '../protocol/header.ts'
import { buildBatch } from '../protocol/records/builder.ts'
import { type CompressionType, compressionTypes } from '../protocol/records/compression.ts'
import { crc32c } from '../protocol/records/crc32c.ts'
import { buildLegacySet } from '../protocol/records/legacy.ts'
import type { Api } from '../protocol/schema/message.ts'
import { handlersOn } from './handlers/registry.ts'
import { startBroker, type TopicToCreate } from './index.ts'

const SEED = Number(process.env['ODRADEK_SEED'] ?? (Math.random() * 2 ** 31) | 0)
const ROUNDS = Number(process.env['ODRADEK_ROUNDS'] ?? 2)
const MAX_REQUEST_BYTES = 1024 * 1024
/** A request that is not answered by then waits for something (records, members): we go on without it. */
const PATIENCE_MS = 25

interface Golden {
  readonly kind: 'request' | 'response'
  readonly hex: string
}

const folder = join(import.meta.dirname, '../protocol/fixtures/golden')
const requests: readonly Buffer[] = readdirSync(folder).flatMap(file =>
  (JSON.parse(readFileSync(join(folder, file), 'utf8')) as Golden[])
    .filter(one => one.kind === 'request')
    .map(one => Buffer.from(one.hex, 'hex')),
)

/** Requests that a broker of ours once had no answer to. */
const ONCE_BROKE: readonly Buffer[] = [
  // Produce v0 with the beginning of a message
  '000000000000000300076f64726164656b0001000003e8000000010006676f6c64656e00000001000000000000001c0000000000000000' +
    '00000064656b0001000003e8000000010006676f6c64656e00000001000000000000001c0000000000000000000000101fecd70a0000' +
    '000000016b0000000176',
  // UnregisterBroker of the only one
  '004000000000000100000000000100',
].map(hex => Buffer.from(hex, 'hex'))

/** mulberry32: small, seeded, good enough. */
function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const NUMBERS = [-1, 0, 1, 2, 127, 128, 255, 256, 0x7fff, 0x7fff_ffff, -0x8000_0000, 0x0100_0000]

function spoil(frame: Buffer, random: (below: number) => number): Buffer {
  const spoilt = Buffer.from(frame)
  // The header's key and version stay most of the time: what lies behind them is what we are after.
  const from = random(20) === 0 ? 0 : Math.min(4, frame.length)
  const at = from + random(Math.max(1, frame.length - from))
  switch (random(6)) {
    case 0:
      spoilt[at] = random(256)
      return spoilt
    case 1:
      for (let flips = 1 + random(8); flips > 0; flips--) {
        spoilt[from + random(Math.max(1, frame.length - from))] = random(256)
      }
      return spoilt
    case 2:
      if (at + 4 <= frame.length) spoilt.writeInt32BE(NUMBERS[random(NUMBERS.length)]!, at)
      return spoilt
    case 3:
      return spoilt.subarray(0, at)
    case 4: {
      const bytes = Buffer.from(Array.from({ length: 1 + random(64) }, () => random(256)))
      return Buffer.concat([spoilt.subarray(0, at), bytes, spoilt.subarray(at)])
    }
    default: {
      const until = at + random(frame.length - at + 1)
      return Buffer.concat([spoilt.subarray(0, until), spoilt.subarray(at)])
    }
  }
}

const TEXTS = [
  '',
  'golden',
  'other',
  '__proto__',
  '../../etc',
  '\0',
  'a'.repeat(249),
  'b'.repeat(32_000),
  '(a+)+$',
]
const INTEGERS = [-2, -1, 0, 1, 2, 3, 100, 0x7f, -0x80, 0x7fff, -0x8000, 0x7fff_ffff, -0x8000_0000, Infinity]
const LONGS = [-5n, -4n, -3n, -2n, -1n, 0n, 1n, 2n ** 53n, 2n ** 63n - 1n, -(2n ** 63n)]

/** A value of the same type that nobody expects there. */
function hostile(value: unknown, random: (below: number) => number): unknown {
  const pick = <T>(from: readonly T[]): T => from[random(from.length)]!
  if (random(12) === 0) return null
  if (Array.isArray(value)) {
    if (value.length === 0 || random(3) === 0) return []
    return Array.from({ length: pick([2, 3, 1000]) }, () => value[0] as unknown)
  }
  switch (typeof value) {
    case 'number':
      return pick(INTEGERS)
    case 'bigint':
      return pick(LONGS)
    case 'boolean':
      return !value
    case 'string':
      return pick(TEXTS)
    default:
      return Buffer.from(Array.from({ length: random(80) }, () => random(256)))
  }
}

/** Well-formed, and not what anybody means. */
function distort(frame: Buffer, random: (below: number) => number): Buffer {
  const reader = new Reader(frame)
  const header = readRequestHeader(reader)
  const api = apis.find(one => one.key === header.requestApiKey) as Api
  const codec = codecOf(api.request, header.requestApiVersion)
  const request = codec.read(reader)
  const leaves: { at: Record<string, unknown>; name: string }[] = []
  const walk = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || Buffer.isBuffer(value)) return
    for (const name of Object.keys(value)) {
      leaves.push({ at: value as Record<string, unknown>, name })
      walk((value as Record<string, unknown>)[name])
    }
  }
  walk(request)
  for (let times = Math.min(leaves.length, 1 + random(3)); times > 0; times--) {
    const { at, name } = leaves[random(leaves.length)]!
    at[name] = hostile(at[name], random)
  }
  const writer = new Writer()
  writer.begin()
  try {
    writeRequestHeader(writer, api, header)
    codec.write(writer, request)
    return Buffer.concat(writer.end())
  } catch {
    return frame // not every value can be written in every version
  }
}

const framed = (frame: Buffer): Buffer => {
  const size = Buffer.alloc(4)
  size.writeInt32BE(frame.length)
  return Buffer.concat([size, frame])
}

/** One connection of somebody who does not care what comes back, once it has come in full. */
class Peer {
  readonly #socket: Socket
  #settle: (how: 'answered' | 'closed' | 'waits') => void = () => {}
  #received = Buffer.alloc(0)
  closed = false

  /** `address` is host:port. */
  constructor(address: string) {
    const { hostname, port } = new URL(`tcp://${address}`)
    this.#socket = connect(Number(port), hostname)
    this.#socket.on('data', chunk => {
      this.#received = Buffer.concat([this.#received, chunk])
      if (this.#received.length < 4 || this.#received.length < 4 + this.#received.readInt32BE(0)) return
      this.#received = Buffer.alloc(0)
      this.#settle('answered')
    })
    this.#socket.on('error', () => {})
    this.#socket.on('close', () => {
      this.closed = true
      this.#settle('closed')
    })
  }

  send(bytes: Buffer, patienceMs = PATIENCE_MS): Promise<'answered' | 'closed' | 'waits'> {
    if (this.closed) return Promise.resolve('closed')
    return new Promise(resolve => {
      const timer = setTimeout(() => this.#settle('waits'), patienceMs)
      this.#settle = how => {
        clearTimeout(timer)
        resolve(how)
      }
      this.#socket.write(bytes)
    })
  }

  leave(): void {
    this.#socket.destroy()
  }
}

const API_VERSIONS = framed(Buffer.from('00120000000000010000', 'hex'))

interface Line {
  readonly level: string
  readonly fields: object
  readonly message: string
}

const controllerKeys = new Set(handlersOn('controller').map(handler => handler.api.key))

test.each([
  { listener: 'broker', sent: [...ONCE_BROKE, ...requests] },
  { listener: 'controller', sent: requests.filter(one => controllerKeys.has(one.readInt16BE(0))) },
])(
  `spoilt requests to the $listener harm nobody (ODRADEK_SEED=${SEED})`,
  {
    timeout: 60_000 + ROUNDS * 60_000,
  },
  async ({ listener, sent }) => {
    const lines: Line[] = []
    await using broker = await startBroker({
      topics: [{ name: 'golden', partitions: 2 }, 'other'],
      settings: {
        listeners: 'PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0',
        'socket.request.max.bytes': MAX_REQUEST_BYTES,
        'connections.max.idle.ms': 2 ** 40,
      },
      log: (level, _logger, fields, message) => lines.push({ level, fields, message }),
    })
    const address = listener === 'broker' ? broker.bootstrapServers : broker.bootstrapControllers!
    const random = randomFrom(SEED)
    const witness = new Peer(broker.bootstrapServers)
    const counts = { answered: 0, closed: 0, waits: 0 }
    let peer = new Peer(address)
    for (let round = 0; round < ROUNDS; round++) {
      for (const one of sent) {
        const spoilt = ONCE_BROKE.includes(one)
          ? one
          : random(2) === 0
            ? spoil(one, random)
            : distort(one, random)
        const how = await peer.send(framed(spoilt))
        counts[how]++
        const failed = lines.find(line => line.level === 'ERROR' || line.level === 'FATAL')
        if (failed !== undefined) {
          expect.fail(`${failed.message}\n${spoilt.toString('hex')}\n${inspected(failed.fields)}`)
        }
        if (how === 'answered' && random(50) > 0) continue
        peer.leave()
        peer = new Peer(address)
        if (random(20) === 0) await broker.clock.advance(random(60_000))
        if (random(20) === 0) expect(await witness.send(API_VERSIONS, 10_000)).toBe('answered')
      }
    }
    peer.leave()
    expect(await witness.send(API_VERSIONS, 10_000)).toBe('answered')
    witness.leave()
    // Every one that was closed for what it sent has one line. (Of those that we left, some were being closed already.)
    const refused = lines
      .filter(line => line.message === 'connection closed for what the client sent')
      .map(line => (line.fields as { connectionId: string }).connectionId)
    expect(new Set(refused).size).toBe(refused.length)
    expect(refused.length).toBeGreaterThanOrEqual(counts.closed)
    expect(refused.length).toBeLessThanOrEqual(counts.closed + counts.waits)
    expect(counts.answered).toBeGreaterThan(sent.length / 10)
    expect(counts.closed).toBeGreaterThan(sent.length / 10)
  },
)

const RECORD_TOPICS: readonly TopicToCreate[] = [
  { name: 'plain' },
  { name: 'compacted', config: { 'cleanup.policy': 'compact' } },
  { name: 'stamped', config: { 'message.timestamp.type': 'LogAppendTime' } },
  ...['gzip', 'snappy', 'lz4', 'zstd'].map(name => ({ name, config: { 'compression.type': name } })),
]
const CRC = 17
const ATTRIBUTES = 21
const LEGACY_CRC = 12
const LEGACY_MAGIC = 16

/** A batch, spoilt behind its checksum: what lies inside is looked at. */
function spoiltBatch(random: (below: number) => number): { records: Buffer; magic: number } {
  const magic = random(3)
  const compression = compressionTypes[random(magic === 2 ? 5 : 4)] as CompressionType
  const records = Array.from({ length: 1 + random(5) }, (_, i) => ({
    key: random(4) === 0 ? null : Buffer.from(`k${i}`),
    value: random(4) === 0 ? null : Buffer.alloc(random(3000), random(3)),
  }))
  const timestamp = Date.now()
  const good =
    magic === 2
      ? buildBatch({
          records,
          timestamp,
          compression,
          isTransactional: random(9) === 0,
          isControl: random(9) === 0,
        })
      : buildLegacySet({
          magic: magic as 0 | 1,
          compression: compression === 'zstd' ? 'gzip' : compression,
          records: (compression === 'none' ? records.slice(0, 1) : records).map((record, i) => ({
            ...record,
            timestamp,
            offset: i,
          })),
        })
  const spoilt = Buffer.from(good)
  for (let times = random(4); times > 0; times--) {
    const at = (magic === 2 ? ATTRIBUTES : LEGACY_MAGIC + 1) + random(spoilt.length - ATTRIBUTES)
    if (random(3) === 0 && at + 4 <= spoilt.length) spoilt.writeInt32BE(NUMBERS[random(NUMBERS.length)]!, at)
    else if (at < spoilt.length) spoilt[at] = random(256)
  }
  if (magic === 2) spoilt.writeUInt32BE(crc32c(spoilt, 0, ATTRIBUTES), CRC)
  else spoilt.writeUInt32BE(crc32(spoilt.subarray(LEGACY_MAGIC)), LEGACY_CRC)
  return { records: spoilt, magic }
}

test(`spoilt records harm nobody (ODRADEK_SEED=${SEED})`, { timeout: 60_000 + ROUNDS * 60_000 }, async () => {
  const lines: Line[] = []
  await using broker = await startBroker({
    topics: RECORD_TOPICS,
    log: (level, _logger, fields, message) => lines.push({ level, fields, message }),
  })
  const random = randomFrom(SEED)
  const identity = { correlationId: 1, clientId: 'hostile' }
  const peer = new Peer(broker.bootstrapServers)
  for (let i = 0; i < ROUNDS * 500; i++) {
    const { records, magic } = spoiltBatch(random)
    const { name } = RECORD_TOPICS[random(RECORD_TOPICS.length)]!
    const topicData = [{ name, partitionData: [{ index: 0, records }] }]
    const produce = Produce.request.create({ acks: 1, timeoutMs: 1000, topicData })
    const sent = await peer.send(
      Buffer.concat(writeRequest(Produce, magic === 2 ? 9 : 2, identity, produce)),
      10_000,
    )
    expect(sent, records.toString('hex')).toBe('answered')
    const partitions = [{ partition: 0, fetchOffset: random(50), partitionMaxBytes: 1 + random(100_000) }]
    const fetch = Fetch.request.create({
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 1 << 20,
      topics: [{ topic: name, partitions }],
    })
    const version = [0, 1, 2, 3, 4, 9, 11][random(7)]!
    expect(await peer.send(Buffer.concat(writeRequest(Fetch, version, identity, fetch)), 10_000)).toBe(
      'answered',
    )
    const failed = lines.find(line => line.level === 'ERROR' || line.level === 'FATAL')
    if (failed !== undefined) {
      expect.fail(`${failed.message}\n${name} ${records.toString('hex')}\n${inspected(failed.fields)}`)
    }
  }
  peer.leave()
  const metrics = await broker.metrics()
  for (const { name } of RECORD_TOPICS) {
    expect(metrics).toMatch(new RegExp(`messagesin_total{topic="${name}"} [1-9]`))
    expect(metrics).toMatch(new RegExp(`bytesrejected_total{topic="${name}"} [1-9]`))
  }
})

function inspected(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value instanceof Error ? value.stack : String(value)}`)
    .join('\n')
}
