// A group of franz-go members: one more joins and leaves, several times in a round. Its heartbeats come ten times a second, which is the
// floor for both servers.
import type { Bench, Measured, Workload } from '../cell.ts'
import { franzClient } from '../franz-client.ts'
import { run } from '../program.ts'
import { createTopic, deleteTopic } from '../topics.ts'

export interface RebalanceSettings {
  readonly members: number
  readonly partitions: number
}

const CYCLES = 3

export class RebalanceWorkload implements Workload {
  readonly #settings: RebalanceSettings

  constructor(settings: RebalanceSettings) {
    this.#settings = settings
  }

  async warmUp(bench: Bench): Promise<void> {
    await this.round(bench)
  }

  async round(bench: Bench): Promise<Measured> {
    const { members, partitions } = this.#settings
    const topic = bench.topic()
    await createTopic(bench.port, topic, partitions)
    const flags = { bootstrap: bench.broker.bootstrap, topic, partitions, clients: members, cycles: CYCLES }
    const { lines } = await run(franzClient('rebalance', flags), bench)
    await deleteTopic(bench.port, topic)
    return JSON.parse(lines.at(-1)!) as Measured
  }
}
