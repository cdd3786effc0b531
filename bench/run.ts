// npm run bench: the broker as a child process, a light client, and beside each number the ceiling of a bare Node process
// in the same run. One table. Compare ratios: absolute numbers belong to the machine and its neighbours.
//
//   npm run bench -- [--server odradek|kafka|both] [--mib 1024] [--partitions 4] [--in-flight 4] [--batch 131072]
//                    [--record 1024] [--fetch 1048576] [--acks 1]
import { fork, type ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { type Server, sleep, startServer } from '../compat-tests/brokers.ts'
import { ApiVersions } from '../protocol/apis/18-api-versions.ts'
import { batchOf, createTopic, fetch, type Passed, produce, produceFrame } from './client.ts'
import { Connection } from './connection.ts'

const { values } = parseArgs({
  options: {
    server: { type: 'string', default: 'odradek' },
    mib: { type: 'string', default: '1024' },
    partitions: { type: 'string', default: '4' },
    'in-flight': { type: 'string', default: '4' },
    batch: { type: 'string', default: '131072' },
    record: { type: 'string', default: '1024' },
    fetch: { type: 'string', default: '1048576' },
    acks: { type: 'string', default: '1' },
  },
})
const totalBytes = Number(values.mib) * 1024 * 1024
const partitions = Number(values.partitions)
const inFlight = Number(values['in-flight'])
const fetchBytes = Number(values.fetch)
const batch = batchOf({ batchBytes: Number(values.batch), recordBytes: Number(values.record) })
const recordsPerBatch = batch.readInt32BE(57)
const batchesPerFetch = Math.max(1, Math.floor(fetchBytes / batch.length))

interface Row {
  what: string
  mbPerSecond: number
  /** Seconds of processor time the server spent on each GiB. */
  cpuPerGib: number
  requestsPerSecond: number
  p50: number
  p99: number
}

const TICKS_PER_SECOND = 100

function cpuSeconds(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

async function measured(what: string, pid: number, run: () => Promise<Passed>): Promise<Row> {
  const cpuBefore = cpuSeconds(pid)
  const { bytes, requests, seconds, latencies } = await run()
  const at = (share: number) => latencies[Math.floor(latencies.length * share)] ?? 0
  return {
    what,
    mbPerSecond: bytes / 1e6 / seconds,
    cpuPerGib: (cpuSeconds(pid) - cpuBefore) / (bytes / 2 ** 30),
    requestsPerSecond: requests / seconds,
    p50: at(0.5),
    p99: at(0.99),
  }
}

function print(rows: readonly Row[]): void {
  console.log(`${''.padEnd(34)}     MB/s   CPU s/GiB   requests/s    p50 ms    p99 ms`)
  for (const { what, mbPerSecond, cpuPerGib, requestsPerSecond, p50, p99 } of rows) {
    const cells = [
      mbPerSecond.toFixed(0),
      cpuPerGib.toFixed(2),
      requestsPerSecond.toFixed(0),
      p50.toFixed(2),
      p99.toFixed(2),
    ]
    console.log(what.padEnd(34) + cells.map((cell, i) => cell.padStart([9, 12, 13, 10, 10][i]!)).join(''))
  }
}

/** The bare process moves the same frames; its answers only have to be counted. */
async function rawRow(mode: string, file: string, what: string): Promise<Row> {
  const child = fork(
    fileURLToPath(new URL(`./raw-server${import.meta.url.endsWith('.ts') ? '.ts' : '.js'}`, import.meta.url)),
    [mode, file],
    {
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    },
  )
  try {
    const port = await firstLine(child)
    return await measured(what, child.pid!, () => rawLoad(port, mode))
  } finally {
    child.kill()
  }
}

function firstLine(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.stdout!.once('data', (bytes: Buffer) => resolve(Number(bytes.toString())))
    child.once('exit', code => reject(new Error(`the raw server ended with ${code}`)))
  })
}

async function rawLoad(port: number, mode: string): Promise<Passed> {
  const connection = await Connection.open(port)
  const frame = mode === 'send' ? Buffer.alloc(8) : produceFrame('raw', [0], 1, batch)
  const moved = mode === 'send' ? batchesPerFetch * batch.length : batch.length
  if (mode === 'send') {
    frame.writeInt32BE(4)
    frame.writeInt32BE(moved, 4)
  }
  const latencies: number[] = []
  const start = performance.now()
  let left = Math.ceil(totalBytes / moved)
  const requests = left
  await new Promise<void>((resolve, reject) => {
    let open = 0
    const next = (): void => {
      if (left === 0) {
        if (open === 0) resolve()
        return
      }
      left--
      open++
      const sentAt = performance.now()
      connection.send(
        [frame],
        () => {
          open--
          latencies.push(performance.now() - sentAt)
          next()
        },
        reject,
      )
    }
    for (let i = 0; i < inFlight; i++) next()
  })
  connection.close()
  latencies.sort((a, b) => a - b)
  return { bytes: requests * moved, requests, seconds: (performance.now() - start) / 1000, latencies }
}

async function brokerRows(server: Server): Promise<Row[]> {
  const broker = await startServer(server)
  try {
    const port = Number(broker.bootstrap.split(':')[1])
    const first = await Connection.open(port)
    await first.request(ApiVersions, 0, ApiVersions.request.create())
    const startedMs = performance.now() - broker.spawnedAt
    first.close()
    await sleep(1000)
    const idle = residentMb(broker.pid)
    await createTopic(port, 'bench', partitions)
    const acks = Number(values.acks) as -1 | 1
    const load = { port, topic: 'bench', partitions, inFlight }
    const warm = await produce({ ...load, totalBytes: totalBytes / 8, acks, batch })
    let producedBytes = warm.bytes
    const produced = await measured(`${server}: produce, acks=${acks}`, broker.pid, async () => {
      const passed = await produce({ ...load, totalBytes, acks, batch })
      producedBytes += passed.bytes
      return passed
    })
    // One batch of each partition to spare: the load does not end even.
    const endOffset = (Math.floor(producedBytes / batch.length / partitions) - inFlight) * recordsPerBatch
    const fetching = { ...load, batch, recordsPerBatch, endOffset, maxBytes: fetchBytes }
    await fetch({ ...fetching, totalBytes: totalBytes / 8 })
    const fetched = await measured(`${server}: fetch`, broker.pid, () => fetch({ ...fetching, totalBytes }))
    console.log(
      `${server}: first answer after ${startedMs.toFixed(0)} ms, ${idle.toFixed(0)} MB resident idle, ${residentMb(broker.pid).toFixed(0)} MB after the load`,
    )
    return [produced, fetched]
  } finally {
    await broker.dispose()
  }
}

const home = mkdtempSync(join(tmpdir(), 'bench-'))
try {
  const file = join(home, 'raw')
  const rows = [
    await rawRow('receive', file, 'raw: receive'),
    await rawRow('crc', file, 'raw: receive, crc'),
    await rawRow('write', file, 'raw: receive, crc, write'),
    await rawRow('send', file, 'raw: read, send'),
  ]
  const servers: Server[] = values.server === 'both' ? ['odradek', 'kafka'] : [values.server as Server]
  for (const server of servers) rows.push(...(await brokerRows(server)))
  print(rows)
} finally {
  rmSync(home, { recursive: true, force: true })
}
