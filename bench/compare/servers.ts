// The two servers, side by side on the same disk, each with its stock settings: Kafka with the heap of kafka-server-start and the
// collector flags of kafka-run-class, started as the script's last line does (without the shell in front, without a log file). Both run
// from the start of a session to its end, so that each is warmed once; the one that is not measured stands idle, and what it uses
// meanwhile is measured too.
import { type RunningBroker, type Server, startServer } from '../../compat-tests/brokers.ts'
import type { Bench } from './cell.ts'
import { kafkaRunClassFlags } from './java-clients.ts'

export const servers = ['odradek', 'kafka'] as const satisfies readonly Server[]

export const kafkaServerFlags = ['-Xmx1G', '-Xms1G', ...kafkaRunClassFlags] as const

/** Stock values of what our test harness otherwise makes small, and one that frees the disk between rounds. */
export const serverSettings = {
  'offsets.topic.num.partitions': '50',
  'group.initial.rebalance.delay.ms': '3000',
  'log.segment.delete.delay.ms': '1000',
} as const

export const pins = { server: ['taskset', '-c', '0'], client: ['taskset', '-c', '1'] } as const

export interface Session extends AsyncDisposable {
  readonly benches: readonly Bench[]
  /** Seconds of uncounted load each server has had so far. */
  warmedSeconds: number
}

export async function startSession(
  isPinned: boolean,
  settings: Readonly<Record<string, string>> = {},
): Promise<Session> {
  const options = { jvm: kafkaServerFlags, runner: isPinned ? pins.server : [] }
  const brokers: RunningBroker[] = []
  const disposeAll = async () => {
    for (const broker of brokers) await broker.dispose()
  }
  try {
    for (const server of servers) {
      brokers.push(await startServer(server, { ...serverSettings, ...settings }, options))
    }
  } catch (error) {
    await disposeAll()
    throw error
  }
  let topics = 0
  const benches = brokers.map((broker): Bench => {
    const other = brokers.find(each => each !== broker)!
    return {
      name: broker.server,
      broker,
      port: Number(broker.bootstrap.split(':')[1]),
      get otherPid() {
        return other.pid < 0 ? undefined : other.pid
      },
      clientRunner: isPinned ? pins.client : [],
      topic: () => `bench-${++topics}`,
    }
  })
  return { benches, warmedSeconds: 0, [Symbol.asyncDispose]: disposeAll }
}
