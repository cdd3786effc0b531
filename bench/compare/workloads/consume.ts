// One stock Java consumer reads a topic from its beginning: from the page cache, or from the disk after the kernel was told to forget the
// files. Filled once for each server by the light client, in batches such as the Java producer's.
import { execFileSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { batchOf, produce } from '../../client.ts'
import { touchPageMemory } from '../../page-memory.ts'
import type { Bench, Measured, Workload } from '../cell.ts'
import { franzClient } from '../franz-client.ts'
import { consumerPerformance } from '../java-clients.ts'
import { forgetPeak, peakResidentMb } from '../process-stat.ts'
import { measuredIn, type Program, run, windowOf } from '../program.ts'
import { createTopic, readBack } from '../topics.ts'

export interface ConsumeSettings {
  readonly client: 'ConsumerPerformance' | 'franz-go'
  readonly from: 'page cache' | 'disk'
  readonly totalBytes: number
  readonly batchBytes: number
  readonly recordBytes: number
}

const CLIENT_WARM_UP_SECONDS = 1

export class ConsumeWorkload implements Workload {
  readonly #settings: ConsumeSettings
  readonly #filled = new Map<Bench, { topic: string; records: number }>()

  constructor(settings: ConsumeSettings) {
    this.#settings = settings
  }

  async warmUp(bench: Bench, seconds: number): Promise<void> {
    const { totalBytes, batchBytes, recordBytes } = this.#settings
    touchPageMemory(bench.broker.dataDir, totalBytes)
    const topic = bench.topic()
    await createTopic(bench.port, topic, 1)
    const batch = batchOf({ batchBytes, recordBytes })
    await produce({
      port: bench.port,
      topic,
      partitions: 1,
      totalBytes,
      connections: 1,
      inFlight: 4,
      acks: 1,
      batch,
    })
    execFileSync('sync')
    this.#filled.set(bench, { topic, records: await readBack(bench.port, topic, 1) })
    const until = performance.now() + seconds * 1000
    while (performance.now() < until) {
      await run(this.#program(bench), bench, { stopAfterMs: until - performance.now() })
    }
    forgetPeak(bench.broker.pid)
  }

  async round(bench: Bench): Promise<Measured> {
    const { topic, records } = this.#filled.get(bench)!
    if (this.#settings.from === 'disk') forgetFiles(join(bench.broker.dataDir, `${topic}-0`))
    const ran = await run(this.#program(bench), bench)
    const read = ran.looks.at(-1)?.records ?? 0
    // The last report of ConsumerPerformance comes up to an interval before its end; that it ended says it had all.
    if (read > records || read < records * 0.8) throw new Error(`${read} of ${records} records were reported`)
    const window = windowOf(ran, CLIENT_WARM_UP_SECONDS)
    return { ...measuredIn(window, this.#settings.recordBytes), peakMb: peakResidentMb(bench.broker.pid) }
  }

  #program(bench: Bench): Program {
    const { topic, records } = this.#filled.get(bench)!
    const { bootstrap } = bench.broker
    if (this.#settings.client === 'franz-go') return franzClient('consume', { bootstrap, topic, records })
    return consumerPerformance({ bootstrap, topic, records, settings: {} })
  }
}

/** Asks the kernel to drop the files from its cache; `dd` with `nocache` and no data does nothing else. */
function forgetFiles(directory: string): void {
  for (const file of readdirSync(directory)) {
    const path = join(directory, file)
    const args = [`of=${path}`, 'oflag=nocache', 'conv=notrunc,fdatasync', 'count=0', 'status=none']
    execFileSync('dd', args)
  }
}
