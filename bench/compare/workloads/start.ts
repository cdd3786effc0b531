// From the start of the process to the first acknowledged record, by a client that is already running and tries again every two
// milliseconds. The topic is there; the shutdown before was clean, or a kill -9 over a GiB that nobody had flushed.
import { Produce } from '../../../protocol/apis/00-produce.ts'
import { sleep } from '../../../compat-tests/brokers.ts'
import { batchOf, produce, produceFrame } from '../../client.ts'
import { Connection, responseOf } from '../../connection.ts'
import { touchPageMemory } from '../../page-memory.ts'
import type { Bench, Measured, Workload } from '../cell.ts'
import { cpuSeconds, machineSeconds, residentMb } from '../process-stat.ts'
import { foreignOf } from '../program.ts'
import { createTopic, deleteTopic, expectRecords } from '../topics.ts'

export type StartAfter = 'clean shutdown' | 'kill -9'

const PARTITIONS = 4
const UNFLUSHED_BYTES = 2 ** 30
const RETRY_MS = 2
const LIMIT_MS = 60_000

export class StartWorkload implements Workload {
  readonly #after: StartAfter

  constructor(after: StartAfter) {
    this.#after = after
  }

  /** Nothing is to be warm: what is measured is a new process. */
  async warmUp(): Promise<void> {}

  async round(bench: Bench): Promise<Measured> {
    const topic = bench.topic()
    await createTopic(bench.port, topic, PARTITIONS)
    let records = await send(bench, topic)
    if (this.#after === 'kill -9') {
      records += await fill(bench, topic)
      await bench.broker.kill()
    } else await bench.broker.stop()
    const before = machineSeconds()
    const ourselves = process.cpuUsage()
    const from = performance.now()
    const first = untilAcknowledged(bench.port, topic)
    await bench.broker.restart()
    const startMs = (await first) - bench.broker.spawnedAt
    const seconds = (performance.now() - from) / 1000
    const { idle, stolen } = machineSeconds()
    const { user, system } = process.cpuUsage(ourselves)
    const known = cpuSeconds(bench.broker.pid)! + (user + system) / 1e6
    const machine = { idle: idle - before.idle, stolen: stolen - before.stolen }
    const foreignCores = foreignOf(seconds, machine, known) / seconds
    const peakMb = residentMb(bench.broker.pid)
    await expectRecords(bench.port, topic, PARTITIONS, records + 1)
    await deleteTopic(bench.port, topic)
    return { startMs, peakMb, foreignCores }
  }
}

const oneRecord = batchOf({ batchBytes: 1, recordBytes: 100 })

async function send(bench: Bench, topic: string): Promise<number> {
  await untilAcknowledged(bench.port, topic)
  return 1
}

async function fill({ port, broker }: Bench, topic: string): Promise<number> {
  touchPageMemory(broker.dataDir, UNFLUSHED_BYTES)
  const batch = batchOf({ batchBytes: 16_384, recordBytes: 1024 })
  const load = { port, topic, partitions: PARTITIONS, connections: 1, inFlight: 4, acks: 1 as const, batch }
  const { requests } = await produce({ ...load, totalBytes: UNFLUSHED_BYTES })
  return requests * batch.readInt32BE(57)
}

/** When the first record was acknowledged, by performance.now(). */
async function untilAcknowledged(port: number, topic: string): Promise<number> {
  const deadline = performance.now() + LIMIT_MS
  for (;;) {
    if ((await tryOnce(port, topic)) === 0) return performance.now()
    if (performance.now() > deadline) throw new Error(`no record was taken within ${LIMIT_MS} ms`)
    await sleep(RETRY_MS)
  }
}

async function tryOnce(port: number, topic: string): Promise<number> {
  try {
    const connection = await Connection.open(port)
    try {
      const answered = new Promise<number>((resolve, reject) =>
        connection.send(
          [produceFrame(topic, [0], 1, oneRecord)],
          answer => resolve(responseOf(Produce, 9, answer).responses[0]!.partitionResponses[0]!.errorCode),
          reject,
        ),
      )
      return await answered
    } finally {
      connection.close()
    }
  } catch {
    return -1
  }
}
