// The log alone, no broker and no socket: how fast batches are appended, read and found. Per second of CPU time, but
// for flushes, which wait for the disk.
//   sh scripts/prepare && node dist/bench/log.js [directory]
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { SystemClock } from '../broker/time/system-clock.ts'
import { buildBatch } from '../protocol/records/builder.ts'
import { logConfig } from '../storage/config.ts'
import { MemoryFileSystem } from '../storage/fs/memory.ts'
import { NodeFileSystem } from '../storage/fs/node.ts'
import type { FileSystem } from '../storage/fs/port.ts'
import { Log } from '../storage/log.ts'
import { OffsetIndex } from '../storage/offset-index.ts'

const TOTAL_BYTES = 2 * 1024 ** 3
const SMALL_APPENDS = 300_000
const rows: { what: string; result: string }[] = []

function open(system: FileSystem, directory: string, config = {}): Log {
  return Log.open({
    fs: system,
    clock: new SystemClock(),
    directory,
    topicPartition: { topic: 'bench', partition: 0 },
    config: logConfig({ messageTimestampAfterMaxMs: Infinity, ...config }),
  })
}

function batchOf(records: number, valueBytes: number): Buffer {
  const value = Buffer.alloc(valueBytes, 'x')
  return buildBatch({
    timestamp: Date.now(),
    records: Array.from({ length: records }, () => ({ key: null, value })),
  })
}

/** CPU seconds, user and system: what the work costs, whoever else is on the machine. */
function seconds(action: () => void): number {
  const start = process.cpuUsage()
  action()
  const { user, system } = process.cpuUsage(start)
  return (user + system) / 1e6
}

/** A client's batch comes with base offset 0: the append before has patched it. */
function appendAgain(log: Log, batch: Buffer): void {
  batch.writeBigInt64BE(0n, 0)
  log.appendAsLeader(batch, 0)
}

function appendLarge(where: string, log: Log, totalBytes: number): void {
  const batch = batchOf(120, 1024)
  const count = Math.floor(totalBytes / batch.length)
  const took = seconds(() => {
    for (let i = 0; i < count; i++) appendAgain(log, batch)
  })
  rows.push({
    what: `append ${where}, 1 KiB records in ${batch.length} byte batches`,
    result: mbPerSecond(count * batch.length, took),
  })
}

function appendSmall(where: string, log: Log, producerId: number): void {
  const value = Buffer.alloc(100, 'x')
  const batch = buildBatch({
    timestamp: Date.now(),
    records: [{ key: null, value }],
    ...(producerId < 0 ? {} : { producerId, producerEpoch: 0, baseSequence: 0 }),
  })
  let sequence = 0
  const took = seconds(() => {
    for (let i = 0; i < SMALL_APPENDS; i++) {
      if (producerId >= 0) {
        // Only the header changes, so the checksum must too: what a producer would send next.
        sequence = i
        const next = buildBatch({
          timestamp: 1e12,
          records: [{ key: null, value }],
          producerId,
          producerEpoch: 0,
          baseSequence: sequence,
        })
        log.appendAsLeader(next, 0)
      } else appendAgain(log, batch)
    }
  })
  const kind = producerId < 0 ? 'plain' : 'idempotent (building the batch included)'
  rows.push({
    what: `append ${where}, one 100 byte record, ${kind}`,
    result: `${Math.round(SMALL_APPENDS / took)} /s`,
  })
}

function readAll(where: string, log: Log, maxBytes: number): void {
  let offset = log.logStartOffset
  let bytes = 0
  const took = seconds(() => {
    while (offset < log.logEndOffset) {
      const { records } = log.read(offset, maxBytes, 'log-end', true)
      bytes += records.length
      let at = 0
      while (at < records.length) {
        offset = Number(records.readBigInt64BE(at)) + records.readInt32BE(at + 23) + 1
        at += 12 + records.readInt32BE(at + 8)
      }
    }
  })
  rows.push({ what: `read ${where}, ${maxBytes >> 10} KiB at a time`, result: mbPerSecond(bytes, took) })
}

function randomReads(where: string, log: Log): void {
  const count = 100_000
  const end = log.logEndOffset
  let state = 1
  const took = seconds(() => {
    for (let i = 0; i < count; i++) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0
      log.read(state % end, 1, 'log-end', true)
    }
  })
  rows.push({
    what: `find and read one batch at a random offset ${where}`,
    result: `${((took / count) * 1e6).toFixed(2)} µs`,
  })
}

function indexLookups(system: FileSystem, directory: string): void {
  system.mkdirp(directory)
  const entries = 256 * 1024
  const index = new OffsetIndex(system, `${directory}/0.index`, 0, 10 * 1024 * 1024, true)
  const appendTook = seconds(() => {
    for (let i = 1; i <= entries; i++) index.append(i * 4, i * 4096)
  })
  rows.push({ what: 'offset index append', result: `${((appendTook / entries) * 1e9).toFixed(0)} ns` })
  index.writeOut()
  for (const [what, spread] of [
    ['random', entries * 4],
    ['in the last page', 2000],
  ] as const) {
    let state = 1
    const count = 500_000
    const took = seconds(() => {
      for (let i = 0; i < count; i++) {
        state = (Math.imul(state, 1664525) + 1013904223) >>> 0
        index.lookup(entries * 4 - (state % spread))
      }
    })
    rows.push({ what: `offset index lookup, ${what}`, result: `${((took / count) * 1e9).toFixed(0)} ns` })
  }
  index.close()
}

function manyLogs(system: FileSystem, root: string): void {
  const count = 10_000
  const paths = Array.from({ length: count }, (_, i) => `${root}/many-${i}`)
  let logs: Log[] = []
  global.gc?.()
  const before = process.memoryUsage().rss
  const create = seconds(() => {
    logs = paths.map(each => open(system, each))
  })
  global.gc?.()
  const perLog = (process.memoryUsage().rss - before) / count
  rows.push({ what: `create ${count} logs`, result: `${create.toFixed(2)} s` })
  rows.push({ what: 'memory of an idle log', result: `${(perLog / 1024).toFixed(1)} KiB` })
  rows.push({
    what: `close ${count} idle logs`,
    result: `${seconds(() => logs.forEach(log => log.close())).toFixed(2)} s`,
  })
  const reopen = seconds(() => {
    logs = paths.map(each =>
      Log.open({
        fs: system,
        clock: new SystemClock(),
        directory: each,
        topicPartition: { topic: 'many', partition: 0 },
        config: logConfig(),
        cleanShutdown: true,
      }),
    )
  })
  rows.push({ what: `open ${count} empty logs after a clean stop`, result: `${reopen.toFixed(2)} s` })
  for (const log of logs) log.close()
}

async function flushes(log: Log): Promise<void> {
  const batch = batchOf(1, 100)
  const count = 300
  const start = performance.now()
  for (let i = 0; i < count; i++) {
    appendAgain(log, batch)
    await log.flush()
  }
  rows.push({
    what: 'append and flush, one after the other',
    result: `${((performance.now() - start) / count).toFixed(2)} ms`,
  })
}

function mbPerSecond(bytes: number, took: number): string {
  return `${Math.round(bytes / took / 1e6)} MB/s`
}

const root = process.argv[2] ?? fs.mkdtempSync(path.join(os.tmpdir(), 'odradek-bench-'))
const disk = new NodeFileSystem()
disk.mkdirp(root)
try {
  const large = open(disk, `${root}/large-0`)
  appendLarge('to disk', large, TOTAL_BYTES)
  readAll('from the page cache', large, 1024 * 1024)
  readAll('from the page cache', large, 64 * 1024)
  randomReads('in 128 KiB batches', large)
  large.delete()
  const small = open(disk, `${root}/small-0`)
  appendSmall('to disk', small, -1)
  readAll('small batches', small, 1024 * 1024)
  randomReads('in small batches', small)
  small.delete()
  const idempotent = open(disk, `${root}/idempotent-0`)
  appendSmall('to disk', idempotent, 1)
  await flushes(idempotent)
  idempotent.delete()
  const memory = open(new MemoryFileSystem(), '/memory-0')
  appendLarge('in memory', memory, TOTAL_BYTES / 8)
  indexLookups(disk, `${root}/index`)
  manyLogs(disk, `${root}/many`)
} finally {
  fs.rmSync(root, { recursive: true, force: true })
}
console.log(`Node ${process.version}`)
console.table(rows)
