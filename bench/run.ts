// npm run bench: the broker as a child process, a light client, and beside each number the ceiling of a bare Node process
// that does the same work in the same run. Rounds take turns, the order is turned every other round, and the table holds
// medians. Compare ratios: absolute numbers belong to the machine and its neighbours.
//
//   npm run bench -- [--only stream,small,flush] [--rounds 5] [--server odradek|kafka|both] [--mib 512] [--json FILE]
//
//   stream   1 KiB records in 128 KiB batches, acks=1, one connection, 4 in flight, 4 partitions; then fetched
//   small    batches of one 100 B record, 32 connections, 1 in flight, 4 partitions
//   flush    batches of one 1 KiB record, each on the disk before its answer, 16 connections, 1 in flight, on 1 and on 16 partitions
import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Server, startServer } from '../compat-tests/brokers.ts'
import { batchOf, createTopic, drive, fetch, type Passed, produce, produceFrame } from './client.ts'
import type { OwnPath } from './compare/own-paths.ts'
import { cpuSeconds } from './compare/process-stat.ts'
import { touchPageMemory } from './page-memory.ts'

const { values } = parseArgs({
  options: {
    only: { type: 'string', default: 'stream,small,flush' },
    rounds: { type: 'string', default: '5' },
    server: { type: 'string', default: 'odradek' },
    mib: { type: 'string', default: '512' },
    json: { type: 'string' },
  },
})
const MIB = 1024 * 1024
const streamBytes = Number(values.mib) * MIB
const FETCH_BYTES = MIB
/** So many small requests go before the load of each server that is produced to: fewer, and code that is not compiled yet is measured. */
const WARM_UP_REQUESTS = 20_000
const servers: Server[] = values.server === 'both' ? ['odradek', 'kafka'] : [values.server as Server]

interface Workload {
  readonly name: string
  readonly batch: Buffer
  readonly partitions: number
  readonly connections: number
  readonly inFlight: number
  readonly totalBytes: number
  readonly settings?: Readonly<Record<string, string>>
  readonly fetches?: boolean
  /** What the bare process does; the last is the ceiling of produce. */
  readonly raw: readonly string[]
}

function workloads(): Workload[] {
  const batch = batchOf({ batchBytes: 128 * 1024, recordBytes: 1024 })
  const small = batchOf({ batchBytes: 1, recordBytes: 100 })
  const one = batchOf({ batchBytes: 1, recordBytes: 1024 })
  const stream = { partitions: 4, connections: 1, inFlight: 4, totalBytes: streamBytes, fetches: true }
  const requests = { partitions: 4, connections: 32, inFlight: 1, totalBytes: 200_000 * small.length }
  const flushed = { connections: 16, inFlight: 1, settings: { 'flush.messages': '1' }, raw: ['flush'] }
  return [
    { name: 'stream', batch, ...stream, raw: ['receive', 'crc', 'write'] },
    { name: 'small', batch: small, ...requests, raw: ['receive', 'write'] },
    { name: 'flush, 1 partition', batch: one, partitions: 1, totalBytes: 80_000 * one.length, ...flushed },
    { name: 'flush, 16 partitions', batch: one, partitions: 16, totalBytes: 48_000 * one.length, ...flushed },
  ].filter(({ name }) => values.only.split(',').includes(name.split(',')[0]!))
}

interface Row {
  readonly what: string
  /** Its own row; the ceiling it is held against. */
  readonly ceiling: string | undefined
  readonly cells: readonly number[]
}

/** One measurement: how it went, and what the server's process spent. */
async function measured(
  what: string,
  ceiling: string | undefined,
  pid: number,
  run: () => Promise<Passed>,
): Promise<Row> {
  const before = cpuSeconds(pid) ?? Number.NaN
  const { bytes, requests, seconds, latencies } = await run()
  const cpu = (cpuSeconds(pid) ?? Number.NaN) - before
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0
  const rate = requests / seconds
  const cells = [bytes / 1e6 / seconds, (cpu * 2 ** 30) / bytes, rate, (cpu * 1e6) / requests]
  return { what, ceiling, cells: [...cells, at(0.5), at(0.99)] }
}

const COLUMNS = ['MB/s', 'CPU s/GiB', 'requests/s', 'CPU µs each', 'p50 ms', 'p99 ms']
const DIGITS = [0, 2, 0, 1, 2, 2]

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

/** What `--json` writes: the medians, as printed. */
const written: OwnPath[] = []

function print(rows: readonly Row[]): void {
  const medians = new Map<string, { ceiling: string | undefined; cells: number[] }>()
  for (const { what, ceiling } of rows) {
    const rounds = rows.filter(row => row.what === what)
    medians.set(what, { ceiling, cells: DIGITS.map((_, i) => median(rounds.map(row => row.cells[i]!))) })
  }
  console.log(''.padEnd(36) + [...COLUMNS, 'of raw'].map(title => title.padStart(13)).join(''))
  for (const [what, { ceiling, cells }] of medians) {
    const raw = ceiling === undefined ? undefined : medians.get(ceiling)
    const share = raw === undefined ? undefined : cells[2]! / raw.cells[2]!
    written.push({ what, requestsPerSecond: cells[2]!, ...(share === undefined ? {} : { share }) })
    const printed = [...cells.map((cell, i) => cell.toFixed(DIGITS[i])), share?.toFixed(2) ?? '']
    console.log(what.padEnd(36) + printed.map(cell => cell.padStart(13)).join(''))
  }
}

// ---- the bare process

const rawServer = fileURLToPath(
  new URL(`./raw-server${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url),
)

async function rawRow(home: string, workload: Workload, mode: string): Promise<Row> {
  const files = mode === 'flush' ? workload.partitions : 1
  const child = fork(rawServer, [mode, home, String(files)], { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] })
  try {
    const port = await firstLine(child)
    const load = { ...workload, port }
    const batches = Math.max(1, Math.floor(FETCH_BYTES / workload.batch.length))
    const moved = mode === 'send' ? batches * workload.batch.length : workload.batch.length
    const frame = mode === 'send' ? sendRequest(moved) : produceFrame('raw', [0], 1, workload.batch)
    const run = (totalBytes: number, request = frame, bytes = moved) =>
      drive({ ...load, totalBytes }, () => ({ frame: () => [request], take: () => bytes }))
    if (mode !== 'send') {
      const { batch, totalBytes } = warmUp()
      await run(totalBytes, produceFrame('raw', [0], 1, batch), batch.length)
    }
    await run(workload.totalBytes / 2)
    if (mode === 'write') touchPageMemory(home, workload.totalBytes)
    return await measured(`${workload.name}: raw ${mode}`, undefined, child.pid!, () =>
      run(workload.totalBytes),
    )
  } finally {
    child.kill()
  }
}

function warmUp(): { batch: Buffer; totalBytes: number } {
  const batch = batchOf({ batchBytes: 1, recordBytes: 100 })
  return { batch, totalBytes: WARM_UP_REQUESTS * batch.length }
}

function sendRequest(bytes: number): Buffer {
  const frame = Buffer.alloc(8)
  frame.writeInt32BE(4)
  frame.writeInt32BE(bytes, 4)
  return frame
}

function firstLine(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', (bytes: Buffer) => resolve(Number(bytes.toString())))
    child.once('exit', code => reject(new Error(`the raw server ended with ${code}`)))
  })
}

// ---- the broker

async function brokerRows(home: string, workload: Workload, server: Server): Promise<Row[]> {
  const broker = await startServer(server)
  try {
    const port = Number(broker.bootstrap.split(':')[1])
    const { name, partitions, batch, totalBytes, settings } = workload
    await createTopic(port, 'bench', partitions, settings)
    const load = { ...workload, port, topic: 'bench', acks: 1 as const }
    await createTopic(port, 'warm-up', partitions, settings)
    await produce({ ...load, topic: 'warm-up', ...warmUp() })
    const warm = await produce({ ...load, totalBytes: totalBytes / 2 })
    touchPageMemory(home, totalBytes)
    let producedBytes = warm.bytes
    const ceiling = `${name}: raw ${workload.raw.at(-1)}`
    const rows = [
      await measured(`${name}: ${server} produce`, ceiling, broker.pid, async () => {
        const passed = await produce(load)
        producedBytes += passed.bytes
        return passed
      }),
    ]
    if (workload.fetches !== true) return rows
    // One batch of each partition to spare: the load does not end even.
    const recordsPerBatch = batch.readInt32BE(57)
    const endOffset =
      (Math.floor(producedBytes / batch.length / partitions) - workload.inFlight) * recordsPerBatch
    const fetching = { ...load, recordsPerBatch, endOffset, maxBytes: FETCH_BYTES }
    await fetch({ ...fetching, totalBytes: totalBytes / 4 })
    const fetched = () => fetch(fetching)
    rows.push(await measured(`${name}: ${server} fetch`, `${name}: raw send`, broker.pid, fetched))
    return rows
  } finally {
    await broker.dispose()
  }
}

async function roundOf(home: string, workload: Workload, round: number): Promise<Row[]> {
  const steps: (() => Promise<Row[]>)[] = workload.raw.map(mode => async () => [
    await rawRow(home, workload, mode),
  ])
  // Behind 'write', whose file it sends.
  if (workload.fetches) steps.push(async () => [await rawRow(home, workload, 'send')])
  const raw = async () => {
    mkdirSync(home)
    const rows: Row[] = []
    for (const step of steps) rows.push(...(await step()))
    rmSync(home, { recursive: true })
    return rows
  }
  const brokers = async () => {
    mkdirSync(home)
    const rows: Row[] = []
    for (const server of servers) rows.push(...(await brokerRows(home, workload, server)))
    rmSync(home, { recursive: true })
    return rows
  }
  return round % 2 === 0
    ? [...(await raw()), ...(await brokers())]
    : await brokers().then(async rows => [...(await raw()), ...rows])
}

const base = mkdtempSync(join(tmpdir(), 'bench-'))
try {
  for (const workload of workloads()) {
    const rows: Row[] = []
    for (let round = 0; round < Number(values.rounds); round++)
      rows.push(...(await roundOf(join(base, 'home'), workload, round)))
    print(rows)
  }
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(written, null, 1)}\n`)
} finally {
  rmSync(base, { recursive: true, force: true })
}
