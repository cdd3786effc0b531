// A compacted topic that nobody may clean yet is filled, each key ten times; then it may be cleaned, and the clock runs until nothing but the
// newest record of each key is left. By the light client, so that what is measured is the cleaner: its time, its processor time, its memory.
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { Produce } from '../../../protocol/apis/00-produce.ts'
import { buildBatch } from '../../../protocol/records/builder.ts'
import { sleep } from '../../../compat-tests/brokers.ts'
import { drive, produceFrame } from '../../client.ts'
import { responseOf } from '../../connection.ts'
import { touchPageMemory } from '../../page-memory.ts'
import type { Bench, Measured, Workload } from '../cell.ts'
import { cpuSeconds, forgetPeak, peakResidentMb } from '../process-stat.ts'
import { alterTopic, createTopic, deleteTopic, readBack } from '../topics.ts'

export interface CompactionSettings {
  readonly recordBytes: number
  readonly totalBytes: number
}

export const TIMES_EACH_KEY = 10
export const SEGMENTS = 16
const BATCH_BYTES = 16_384
const KEY_BYTES = 8
const RECORD_OVERHEAD_BYTES = 8
const POLL_MS = 20
const LIMIT_MS = 120_000

export class CompactionWorkload implements Workload {
  readonly #settings: CompactionSettings

  constructor(settings: CompactionSettings) {
    this.#settings = settings
  }

  async warmUp(bench: Bench, seconds: number): Promise<void> {
    const until = performance.now() + seconds * 1000
    while (performance.now() < until) await this.round(bench)
    forgetPeak(bench.broker.pid)
  }

  async round(bench: Bench): Promise<Measured> {
    const { port, broker } = bench
    const batches = onceEachKey(this.#settings)
    const bytes = batches.reduce((sum, batch) => sum + batch.length, 0)
    const keys = batches.reduce((sum, batch) => sum + batch.readInt32BE(57), 0)
    const topic = bench.topic()
    await createTopic(port, topic, 1, {
      'cleanup.policy': 'compact',
      'segment.bytes': `${this.#settings.totalBytes / SEGMENTS}`,
      'min.cleanable.dirty.ratio': '0.01',
      'min.compaction.lag.ms': `${24 * 3600 * 1000}`,
    })
    touchPageMemory(broker.dataDir, bytes * (TIMES_EACH_KEY + 1))
    await fill(port, topic, batches)
    const directory = join(broker.dataDir, `${topic}-0`)
    const active = activeSegment(directory)
    const cpuBefore = cpuSeconds(broker.pid)!
    const from = performance.now()
    await alterTopic(port, topic, { 'min.compaction.lag.ms': '0' })
    while (logBytes(directory) > (bytes + active.bytes) * 1.01) {
      if (performance.now() - from > LIMIT_MS) throw new Error(`not compacted within ${LIMIT_MS} ms`)
      await sleep(POLL_MS)
    }
    const compactMs = performance.now() - from
    const serverSeconds = cpuSeconds(broker.pid)! - cpuBefore
    const peakMb = peakResidentMb(broker.pid)
    // Before the active segment, which is not cleaned, the last one of each key is left, and those were written last.
    const end = await readBack(port, topic, 1, undefined, active.baseOffset - keys)
    if (end !== keys * TIMES_EACH_KEY)
      throw new Error(`${keys} keys were written, and the log ends at ${end}`)
    await deleteTopic(port, topic)
    return { compactMs, serverCpuPerGib: serverSeconds / ((bytes * TIMES_EACH_KEY) / 2 ** 30), peakMb }
  }
}

/** Batches such as the Java producer's, in which each key comes once. */
function onceEachKey({ recordBytes, totalBytes }: CompactionSettings): readonly Buffer[] {
  const perBatch = Math.floor(BATCH_BYTES / (recordBytes + KEY_BYTES + RECORD_OVERHEAD_BYTES))
  const count = Math.floor(totalBytes / TIMES_EACH_KEY / BATCH_BYTES)
  const value = Buffer.alloc(recordBytes, 'odradek ')
  const timestamp = Date.now()
  return Array.from({ length: count }, (_, batch) => {
    const records = Array.from({ length: perBatch }, (__, i) => {
      const key = Buffer.alloc(KEY_BYTES)
      key.writeDoubleBE(batch * perBatch + i)
      return { key, value }
    })
    return buildBatch({ records, timestamp })
  })
}

async function fill(port: number, topic: string, batches: readonly Buffer[]): Promise<void> {
  const frames = batches.map(batch => produceFrame(topic, [0], 1, batch))
  const sizes = batches.map(batch => batch.length)
  const totalBytes = sizes.reduce((sum, size) => sum + size, 0) * TIMES_EACH_KEY
  let sent = 0
  let taken = 0
  // One request on its way, so that exactly so many are sent.
  await drive({ port, totalBytes, connections: 1, inFlight: 1 }, () => ({
    frame: () => [frames[sent++ % frames.length]!],
    take: answer => {
      const { errorCode } = responseOf(Produce, 9, answer).responses[0]!.partitionResponses[0]!
      if (errorCode !== 0) throw new Error(`Produce answered ${errorCode}`)
      return sizes[taken++ % sizes.length]!
    },
  }))
}

function activeSegment(directory: string): { baseOffset: number; bytes: number } {
  const last = readdirSync(directory)
    .filter(file => file.endsWith('.log'))
    .sort()
    .at(-1)!
  return { baseOffset: Number.parseInt(last, 10), bytes: statSync(join(directory, last)).size }
}

/** Of what readers see, without what is being made or waits to be deleted. */
function logBytes(directory: string): number {
  let bytes = 0
  for (const file of readdirSync(directory)) {
    if (!file.endsWith('.log')) continue
    // A segment may go between the two.
    bytes += statSync(join(directory, file), { throwIfNoEntry: false })?.size ?? 0
  }
  return bytes
}
