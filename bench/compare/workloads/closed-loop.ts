// Many producers, each with one record on its way: requests per second, not bytes. By the light client, or by as many franz-go producers.
import { fileURLToPath } from 'node:url'
import { touchPageMemory } from '../../page-memory.ts'
import type { Bench, Measured, Workload } from '../cell.ts'
import { franzClient, latencyOf, outcomeOf, reportedSoFar } from '../franz-client.ts'
import { forgetPeak, peakResidentMb } from '../process-stat.ts'
import { measuredIn, type Program, run, windowOf } from '../program.ts'
import { createTopic, deleteTopic, expectRecords } from '../topics.ts'

export interface ClosedLoopSettings {
  readonly client: 'light' | 'franz-go'
  readonly producers: number
  readonly partitions: number
  readonly recordBytes: number
  readonly acks: '1' | 'all'
  readonly isFlushed?: boolean
}

/** More than a round writes. */
const TOUCHED_BYTES = 256 * 2 ** 20
const CLIENT_WARM_UP_SECONDS = 1

export class ClosedLoopWorkload implements Workload {
  readonly #settings: ClosedLoopSettings

  constructor(settings: ClosedLoopSettings) {
    this.#settings = settings
  }

  async warmUp(bench: Bench, seconds: number): Promise<void> {
    await this.#load(bench, seconds + CLIENT_WARM_UP_SECONDS)
    forgetPeak(bench.broker.pid)
  }

  async round(bench: Bench, seconds: number): Promise<Measured> {
    return this.#load(bench, seconds + CLIENT_WARM_UP_SECONDS)
  }

  async #load(bench: Bench, seconds: number): Promise<Measured> {
    const { partitions, isFlushed, recordBytes } = this.#settings
    touchPageMemory(bench.broker.dataDir, TOUCHED_BYTES)
    const topic = bench.topic()
    const configs: Record<string, string> = isFlushed ? { 'flush.messages': '1' } : {}
    await createTopic(bench.port, topic, partitions, configs)
    const ran = await run(this.#program(bench, topic, seconds), bench)
    const peakMb = peakResidentMb(bench.broker.pid)
    await expectRecords(bench.port, topic, partitions, outcomeOf(ran.lines).records ?? 0)
    await deleteTopic(bench.port, topic)
    const window = windowOf(ran, CLIENT_WARM_UP_SECONDS)
    const { recordsPerSecond, ...others } = measuredIn(window, recordBytes)
    return { requestsPerSecond: recordsPerSecond!, ...others, ...latencyOf(ran.lines), peakMb }
  }

  #program({ port, broker }: Bench, topic: string, seconds: number): Program {
    const { client, producers, partitions, recordBytes, acks } = this.#settings
    const skip = CLIENT_WARM_UP_SECONDS
    if (client === 'franz-go') {
      const load = { topic, partitions, clients: producers, 'record-bytes': recordBytes, acks, seconds, skip }
      return franzClient('produce', { bootstrap: broker.bootstrap, ...load })
    }
    const script = fileURLToPath(new URL('../light-producer.js', import.meta.url))
    const args = [port, topic, producers, recordBytes, seconds, skip].map(String)
    return { command: [process.execPath, script, ...args], progress: reportedSoFar }
  }
}
