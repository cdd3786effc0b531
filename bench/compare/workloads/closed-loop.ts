// Many producers, each with one record on its way: requests per second, not bytes. By the light client, or by as many franz-go producers.
import { fileURLToPath } from 'node:url'
import type { Bench, Measured, Workload } from '../cell.ts'
import { franzClient, reportedSoFar } from '../franz-client.ts'
import { forgetPeak } from '../process-stat.ts'
import type { Program } from '../program.ts'
import { loadFreshTopic } from './fresh-topic.ts'

export interface ClosedLoopSettings {
  readonly client: 'light' | 'franz-go'
  readonly producers: number
  readonly partitions: number
  readonly recordBytes: number
  readonly acks: '1' | 'all'
  readonly isFlushed?: boolean
}

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
    const { recordsPerSecond, ...others } = await loadFreshTopic(bench, {
      ...{ partitions, recordBytes, warmUpSeconds: CLIENT_WARM_UP_SECONDS },
      configs: isFlushed ? { 'flush.messages': '1' } : {},
      program: topic => this.#program(bench, topic, seconds),
    })
    return { requestsPerSecond: recordsPerSecond!, ...others }
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
