// Many partitions: creating them, what one costs at rest, and starting again with all of them.
import { CreateTopics } from '../../../protocol/apis/19-create-topics.ts'
import { sleep } from '../../../compat-tests/brokers.ts'
import { batchOf, produceFrame } from '../../client.ts'
import { Connection, responseOf } from '../../connection.ts'
import { Produce } from '../../../protocol/apis/00-produce.ts'
import type { Bench, Measured, Workload } from '../cell.ts'
import { cpuSeconds, residentMb } from '../process-stat.ts'
import { createTopic } from '../topics.ts'

const PARTITIONS_PER_TOPIC = 10
const TOPICS_PER_REQUEST = 50
const SETTLE_MS = 3000

/** One round only: what it makes, stays. */
export class PartitionsWorkload implements Workload {
  readonly #partitions: number

  constructor(partitions: number) {
    this.#partitions = partitions
  }

  async warmUp(bench: Bench): Promise<void> {
    await createTopic(bench.port, bench.topic(), PARTITIONS_PER_TOPIC)
  }

  async round(bench: Bench, seconds: number): Promise<Measured> {
    const { broker, port } = bench
    const before = residentMb(broker.pid)
    const started = performance.now()
    const connection = await Connection.open(port, { keptBytes: 1 << 20 })
    const names = Array.from({ length: this.#partitions / PARTITIONS_PER_TOPIC }, () => bench.topic())
    for (let i = 0; i < names.length; i += TOPICS_PER_REQUEST) {
      await create(connection, names.slice(i, i + TOPICS_PER_REQUEST))
    }
    await untilTaken(connection, names.at(-1)!)
    const createMs = performance.now() - started
    connection.close()
    await sleep(SETTLE_MS)
    const partitionKb = ((residentMb(broker.pid) - before) * 1024) / this.#partitions
    const cpuBefore = cpuSeconds(broker.pid)!
    await sleep(seconds * 1000)
    const serverCores = (cpuSeconds(broker.pid)! - cpuBefore) / seconds
    await broker.restart()
    for (;;) {
      const again = await Connection.open(port)
      const isServed = await untilTaken(again, names.at(-1)!).then(
        () => true,
        () => false,
      )
      again.close()
      if (isServed) break
    }
    const startMs = performance.now() - broker.spawnedAt
    await sleep(SETTLE_MS)
    return { createMs, partitionKb, serverCores, startMs, restMb: residentMb(broker.pid) }
  }
}

async function create(connection: Connection, names: readonly string[]): Promise<void> {
  const topics = names.map(name => ({ name, numPartitions: PARTITIONS_PER_TOPIC, replicationFactor: 1 }))
  const request = CreateTopics.request.create({ topics, timeoutMs: 60_000 })
  const failed = (await connection.request(CreateTopics, 5, request)).topics.find(row => row.errorCode !== 0)
  if (failed !== undefined) throw new Error(`${failed.name}: CreateTopics answered ${failed.errorCode}`)
}

/** The broker takes up partitions after the controller has made them: done is when the last topic takes a record. */
async function untilTaken(connection: Connection, topic: string): Promise<void> {
  const frame = [
    produceFrame(topic, [PARTITIONS_PER_TOPIC - 1], 1, batchOf({ batchBytes: 1, recordBytes: 10 })),
  ]
  for (;;) {
    const errorCode = await new Promise<number>((resolve, reject) =>
      connection.send(
        frame,
        answer => resolve(responseOf(Produce, 9, answer).responses[0]!.partitionResponses[0]!.errorCode),
        reject,
      ),
    )
    if (errorCode === 0) return
    await sleep(5)
  }
}
