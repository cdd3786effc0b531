// Kafka's own EndToEndLatency: one record on its way at a time, sent, acknowledged and read by one program before the next one leaves. So
// the time of a record is that of the window divided by its records; the program's own percentiles are whole milliseconds.
import type { Bench, Measured, Workload } from '../cell.ts'
import { endToEndLatency, endToEndPercentiles } from '../java-clients.ts'
import { forgetPeak, peakResidentMb } from '../process-stat.ts'
import { measuredIn, type Ran, run, windowOf } from '../program.ts'
import { createTopic, deleteTopic, expectRecords } from '../topics.ts'

export interface EndToEndSettings {
  readonly recordBytes: number
  readonly acks: '1' | 'all'
}

const CLIENT_WARM_UP_SECONDS = 2
/** More than a warm-up makes; the program keeps a number for each from its start. */
const ENDLESS = 5_000_000

export class EndToEndWorkload implements Workload {
  readonly #settings: EndToEndSettings
  /** Of each server, from its warm-up. */
  readonly #recordsPerSecond: number[] = []

  constructor(settings: EndToEndSettings) {
    this.#settings = settings
  }

  async warmUp(bench: Bench, seconds: number): Promise<void> {
    await this.#onFreshTopic(bench, async topic => {
      const ran = await this.#run(bench, topic, ENDLESS, seconds * 1000)
      const window = windowOf(ran, 0)
      this.#recordsPerSecond.push(window.records / window.seconds)
    })
    forgetPeak(bench.broker.pid)
  }

  /** The same number of records for both servers. */
  async round(bench: Bench, seconds: number): Promise<Measured> {
    const rate = this.#recordsPerSecond.reduce((sum, each) => sum + each) / this.#recordsPerSecond.length
    const records = Math.round(rate * (seconds + CLIENT_WARM_UP_SECONDS))
    return this.#onFreshTopic(bench, async topic => {
      const ran = await this.#run(bench, topic, records)
      const window = windowOf(ran, CLIENT_WARM_UP_SECONDS)
      const peakMb = peakResidentMb(bench.broker.pid)
      await expectRecords(bench.port, topic, 1, records)
      const roundTripMs = (window.seconds * 1000) / window.records
      const { p999Ms = Number.NaN } = endToEndPercentiles(ran.lines)
      return { roundTripMs, ...measuredIn(window, this.#settings.recordBytes), p999Ms, peakMb }
    })
  }

  async #onFreshTopic<T>(bench: Bench, load: (topic: string) => Promise<T>): Promise<T> {
    const topic = bench.topic()
    await createTopic(bench.port, topic, 1)
    const result = await load(topic)
    await deleteTopic(bench.port, topic)
    return result
  }

  #run(bench: Bench, topic: string, records: number, stopAfterMs?: number): Promise<Ran> {
    const { recordBytes, acks } = this.#settings
    const program = endToEndLatency({ bootstrap: bench.broker.bootstrap, topic, records, recordBytes, acks })
    return run(program, bench, stopAfterMs === undefined ? {} : { stopAfterMs })
  }
}
