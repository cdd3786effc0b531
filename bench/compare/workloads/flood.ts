// One franz-go producer as fast as it can, with the batches it makes by itself: what another stock client says about produce.
import { touchPageMemory } from '../../page-memory.ts'
import type { Bench, Measured, Workload } from '../cell.ts'
import { franzClient, outcomeOf } from '../franz-client.ts'
import { forgetPeak, peakResidentMb } from '../process-stat.ts'
import { measuredIn, run, windowOf } from '../program.ts'
import { createTopic, deleteTopic, expectRecords } from '../topics.ts'

export interface FloodSettings {
  readonly recordBytes: number
  readonly acks: '1' | 'all'
}

const CLIENT_WARM_UP_SECONDS = 1
const TOUCHED_BYTES = 2 * 2 ** 30

export class FloodWorkload implements Workload {
  readonly #settings: FloodSettings

  constructor(settings: FloodSettings) {
    this.#settings = settings
  }

  async warmUp(bench: Bench, seconds: number): Promise<void> {
    await this.round(bench, seconds)
    forgetPeak(bench.broker.pid)
  }

  async round(bench: Bench, seconds: number): Promise<Measured> {
    const { recordBytes, acks } = this.#settings
    const { broker, port } = bench
    touchPageMemory(broker.dataDir, TOUCHED_BYTES)
    const topic = bench.topic()
    await createTopic(port, topic, 1)
    const load = { topic, 'record-bytes': recordBytes, acks, seconds: seconds + CLIENT_WARM_UP_SECONDS }
    const ran = await run(franzClient('flood', { bootstrap: broker.bootstrap, ...load }), bench)
    const peakMb = peakResidentMb(broker.pid)
    await expectRecords(port, topic, 1, outcomeOf(ran.lines).records ?? 0)
    await deleteTopic(port, topic)
    return { ...measuredIn(windowOf(ran, CLIENT_WARM_UP_SECONDS), recordBytes), peakMb }
  }
}
