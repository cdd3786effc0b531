// Kafka's own EndToEndLatency: one record on its way at a time, sent, acknowledged and read by one program before the next one leaves. So
// the time of a record follows from how many there were in a second; the program's own percentiles are whole milliseconds.
import type { Bench, Measured, Workload } from '../cell.ts'
import { endToEndLatency, endToEndPercentiles } from '../java-clients.ts'
import { forgetPeak } from '../process-stat.ts'
import { type Program, run, windowOf } from '../program.ts'
import { createTopic, deleteTopic } from '../topics.ts'
import { loadFreshTopic } from './fresh-topic.ts'
import { SameLoad } from './same-load.ts'

export interface EndToEndSettings {
  readonly recordBytes: number
  readonly acks: '1' | 'all'
}

const CLIENT_WARM_UP_SECONDS = 2
/** More than a warm-up makes; the program keeps a number for each from its start. */
const ENDLESS = 5_000_000

export class EndToEndWorkload implements Workload {
  readonly #settings: EndToEndSettings
  readonly #load = new SameLoad()

  constructor(settings: EndToEndSettings) {
    this.#settings = settings
  }

  async warmUp(bench: Bench, seconds: number): Promise<void> {
    const topic = bench.topic()
    await createTopic(bench.port, topic, 1)
    const ran = await run(this.#program(bench, topic, ENDLESS), bench, { stopAfterMs: seconds * 1000 })
    const window = windowOf(ran, 0)
    this.#load.learn(window.records / window.seconds)
    await deleteTopic(bench.port, topic)
    forgetPeak(bench.broker.pid)
  }

  async round(bench: Bench, seconds: number): Promise<Measured> {
    const records = this.#load.recordsIn(seconds + CLIENT_WARM_UP_SECONDS)
    const measured = await loadFreshTopic(bench, {
      partitions: 1,
      recordBytes: this.#settings.recordBytes,
      warmUpSeconds: CLIENT_WARM_UP_SECONDS,
      program: topic => this.#program(bench, topic, records),
      outcome: lines => ({ records, ...endToEndPercentiles(lines) }),
    })
    return { roundTripMs: 1000 / measured.recordsPerSecond!, ...measured }
  }

  #program({ broker }: Bench, topic: string, records: number): Program {
    return endToEndLatency({ bootstrap: broker.bootstrap, topic, records, ...this.#settings })
  }
}
