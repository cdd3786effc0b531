// Resident memory of a server that has just been started and stands idle, and its peak under one stock producer.
import { sleep } from '../../../compat-tests/brokers.ts'
import type { Bench, Measured, Workload } from '../cell.ts'
import { residentMb } from '../process-stat.ts'
import { ProduceWorkload } from './produce.ts'

const REST_MS = 5000

export class MemoryWorkload implements Workload {
  readonly #load = new ProduceWorkload({ recordBytes: 1024, acks: '1', partitions: 1 })

  /** Only so that the load knows how much fits a round: each round begins with a new process. */
  warmUp(bench: Bench, seconds: number): Promise<void> {
    return this.#load.warmUp(bench, Math.min(seconds, 10))
  }

  async round(bench: Bench, seconds: number): Promise<Measured> {
    await bench.broker.restart()
    await sleep(REST_MS)
    const restMb = residentMb(bench.broker.pid)
    return { restMb, ...(await this.#load.round(bench, seconds)) }
  }
}
