// One open-loop producer at a fixed rate and consumers at the end of the log, all in one franz-go process, so that one clock measures. The
// floor is the same program against a responder that does nothing but pass the record on.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import type { Bench, Measured, Workload } from '../cell.ts'
import { franzClient, latencyOf, outcomeOf } from '../franz-client.ts'
import { forgetPeak } from '../process-stat.ts'
import { type Program, run } from '../program.ts'
import { loadFreshTopic } from './fresh-topic.ts'

export interface TailSettings {
  readonly recordsPerSecond: number
  readonly recordBytes: number
  readonly acks: '1' | 'all'
  readonly consumers: number
}

const CLIENT_WARM_UP_SECONDS = 2
const FLOOR_SECONDS = 3

export class TailWorkload implements Workload {
  readonly #settings: TailSettings

  constructor(settings: TailSettings) {
    this.#settings = settings
  }

  async warmUp(bench: Bench, seconds: number): Promise<void> {
    await this.#load(bench, seconds)
    forgetPeak(bench.broker.pid)
  }

  async round(bench: Bench, seconds: number): Promise<Measured> {
    const { consumers } = this.#settings
    return {
      ...(await this.#load(bench, seconds)),
      ...(consumers === 1 ? await this.#floor(bench) : {}),
    }
  }

  #load(bench: Bench, seconds: number): Promise<Measured> {
    return loadFreshTopic(bench, {
      ...{ partitions: 1, recordBytes: this.#settings.recordBytes, warmUpSeconds: CLIENT_WARM_UP_SECONDS },
      program: topic => this.#program(bench.broker.bootstrap, topic, seconds),
    })
  }

  #program(bootstrap: string, topic: string, seconds: number): Program {
    const { recordsPerSecond: rate, recordBytes, acks, consumers: clients } = this.#settings
    const load = { topic, rate, 'record-bytes': recordBytes, acks, clients }
    const skip = CLIENT_WARM_UP_SECONDS
    return franzClient('tail', { bootstrap, ...load, seconds: seconds + skip, skip })
  }

  async #floor(bench: Bench): Promise<Measured> {
    const [command, ...args] = franzClient('null', {}).command
    const responder = spawn(command!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
    try {
      const port = await new Promise<string>((resolve, reject) => {
        createInterface({ input: responder.stdout }).once('line', resolve)
        responder.once('exit', code => reject(new Error(`the null responder ended with ${code}`)))
      })
      const ran = await run(this.#program(`127.0.0.1:${port}`, 'bench', FLOOR_SECONDS), bench)
      const { p50Ms, p99Ms } = latencyOf(outcomeOf(ran.lines))
      return { floorP50Ms: p50Ms!, floorP99Ms: p99Ms! }
    } finally {
      responder.kill()
    }
  }
}
