// One stock Java producer as fast as it can, with its defaults but for what the cell names. A topic for every round; every record of it
// is read back and checked when the clock has stopped.
import type { BatchView } from '../../../protocol/records/batch.ts'
import { codecId } from '../../../protocol/records/compression.ts'
import { touchPageMemory } from '../../page-memory.ts'
import type { Bench, Measured, Workload } from '../cell.ts'
import { producerLatency, producerPerformance } from '../java-clients.ts'
import { forgetPeak, peakResidentMb } from '../process-stat.ts'
import { measuredIn, run, windowOf } from '../program.ts'
import { createTopic, deleteTopic, expectRecords } from '../topics.ts'
import { SameLoad } from './same-load.ts'

export interface ProduceSettings {
  readonly recordBytes: number
  readonly acks: '1' | 'all'
  readonly partitions: number
  readonly compression?: 'none' | 'lz4' | 'zstd'
  /** Each ack waits for the disk. */
  readonly isFlushed?: boolean
  readonly batchBytes?: number
}

/** The client's own first seconds, in which its code is compiled. */
const CLIENT_WARM_UP_SECONDS = 2
const RECORD_OVERHEAD_BYTES = 12
const ENDLESS = 2_000_000_000

export class ProduceWorkload implements Workload {
  readonly #settings: ProduceSettings
  readonly #load = new SameLoad()

  constructor(settings: ProduceSettings) {
    this.#settings = settings
  }

  async warmUp(bench: Bench, seconds: number): Promise<void> {
    const topic = await this.#createTopic(bench)
    const ran = await run(this.#program(bench, topic, ENDLESS), bench, { stopAfterMs: seconds * 1000 })
    const lasting = (ran.looks.at(-1)!.atMs - ran.looks[0]!.atMs) / 1000
    const { records, seconds: counted } = windowOf(ran, lasting / 2)
    this.#load.learn(records / counted)
    await deleteTopic(bench.port, topic)
    forgetPeak(bench.broker.pid)
  }

  async round(bench: Bench, seconds: number): Promise<Measured> {
    const warmUpRecords = this.#load.recordsIn(CLIENT_WARM_UP_SECONDS)
    const records = this.#load.recordsIn(seconds) + warmUpRecords
    touchPageMemory(bench.broker.dataDir, records * (this.#settings.recordBytes + RECORD_OVERHEAD_BYTES))
    const topic = await this.#createTopic(bench)
    const ran = await run(this.#program(bench, topic, records, warmUpRecords), bench)
    const window = windowOf(ran, CLIENT_WARM_UP_SECONDS)
    const peakMb = peakResidentMb(bench.broker.pid)
    await expectRecords(bench.port, topic, this.#settings.partitions, records, batch => this.#check(batch))
    await deleteTopic(bench.port, topic)
    return { ...measuredIn(window, this.#settings.recordBytes), ...producerLatency(ran.lines), peakMb }
  }

  /** A producer that did not take its settings is measured for something else. With acks=1 it is not idempotent, by default it is. */
  #check(batch: BatchView): void {
    const { acks, compression = 'none' } = this.#settings
    if (batch.compression !== codecId(compression) || batch.hasProducerId !== (acks === 'all'))
      throw new Error(
        `a batch of codec ${batch.compression}, producer ${batch.producerId}: not acks=${acks}, ${compression}`,
      )
  }

  async #createTopic(bench: Bench): Promise<string> {
    const name = bench.topic()
    const settings: Record<string, string> = this.#settings.isFlushed ? { 'flush.messages': '1' } : {}
    await createTopic(bench.port, name, this.#settings.partitions, settings)
    return name
  }

  #program(bench: Bench, topic: string, records: number, warmUpRecords = 0) {
    const { recordBytes, acks, compression = 'none', batchBytes } = this.#settings
    const settings: Record<string, string | number> = { acks, 'compression.type': compression }
    if (batchBytes !== undefined) settings['batch.size'] = batchBytes
    const { bootstrap } = bench.broker
    return producerPerformance({ bootstrap, topic, records, recordBytes, warmUpRecords, settings })
  }
}
