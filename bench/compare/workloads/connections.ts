// Mostly idle connections: each says ApiVersions once and then nothing. What one costs in resident memory, and what all cost in processor
// time while they stand there.
import { ApiVersions } from '../../../protocol/apis/18-api-versions.ts'
import { sleep } from '../../../compat-tests/brokers.ts'
import { Connection } from '../../connection.ts'
import type { Bench, Measured, Workload } from '../cell.ts'
import { cpuSeconds, peakResidentMb, residentMb } from '../process-stat.ts'

const SETTLE_MS = 2000

export class IdleConnectionsWorkload implements Workload {
  readonly #connections: number

  constructor(connections: number) {
    this.#connections = connections
  }

  /** The first connections pay for buffers and code that later ones share. */
  async warmUp(bench: Bench): Promise<void> {
    await this.round(bench, 1)
  }

  async round({ port, broker }: Bench, seconds: number): Promise<Measured> {
    await sleep(SETTLE_MS)
    const before = residentMb(broker.pid)
    const sizes = { keptBytes: 8192, readBytes: 8192 }
    const opened: Connection[] = []
    for (let i = 0; i < this.#connections; i++) {
      const connection = await Connection.open(port, sizes)
      opened.push(connection)
      await connection.request(ApiVersions, 0, ApiVersions.request.create())
    }
    await sleep(SETTLE_MS)
    const idleConnectionKb = ((residentMb(broker.pid) - before) * 1024) / this.#connections
    const cpuBefore = cpuSeconds(broker.pid)!
    await sleep(seconds * 1000)
    const serverCores = (cpuSeconds(broker.pid)! - cpuBefore) / seconds
    for (const connection of opened) connection.close()
    return { idleConnectionKb, serverCores, peakMb: peakResidentMb(broker.pid) }
  }
}
