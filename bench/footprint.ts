// npm run bench:footprint: what a broker costs before anybody uses it. Each figure is the median of several runs and stands
// beside its budget; the Node that runs this runs the broker.
//
//   process start → first answered ApiVersions        idle resident memory        startBroker() in memory
//   1,000 topics × 10 partitions: created, stopped cleanly, started again
import { readFileSync } from 'node:fs'
import { startBroker } from '../broker/index.ts'
import { type RunningBroker, sleep, startServer } from '../compat-tests/brokers.ts'
import { ApiVersions } from '../protocol/apis/18-api-versions.ts'
import { CreateTopics } from '../protocol/apis/19-create-topics.ts'
import { Connection } from './connection.ts'

const RUNS = 7
const TOPICS = 1000
const PARTITIONS = 10
const TOPICS_PER_REQUEST = 50

const median = (numbers: readonly number[]) => numbers.toSorted((a, b) => a - b)[numbers.length >> 1]!

function print(what: string, value: number, unit: string, budget?: number): void {
  const verdict = budget === undefined ? '' : value <= budget ? `within ${budget}` : `OVER ${budget}`
  console.log(`${what.padEnd(52)} ${value.toFixed(0).padStart(7)} ${unit.padEnd(3)} ${verdict}`)
}

const portOf = (broker: RunningBroker) => Number(broker.bootstrap.split(':')[1])

/** Milliseconds from the spawn to the first answer. */
async function untilAnswered(broker: RunningBroker): Promise<number> {
  const connection = await Connection.open(portOf(broker))
  await connection.request(ApiVersions, 0, ApiVersions.request.create())
  connection.close()
  return performance.now() - broker.spawnedAt
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) / 1024
}

async function startAndRest(): Promise<void> {
  const starts: number[] = []
  const residents: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const broker = await startServer('odradek')
    starts.push(await untilAnswered(broker))
    await sleep(1500)
    residents.push(residentMb(broker.pid))
    await broker.dispose()
  }
  print('process start to first answered ApiVersions', median(starts), 'ms', 300)
  print('idle resident memory', median(residents), 'MB', process.versions.node.startsWith('20.') ? 90 : 105)
}

async function embedded(): Promise<void> {
  const times: number[] = []
  for (let run = 0; run < RUNS; run++) {
    const started = performance.now()
    const broker = await startBroker()
    times.push(performance.now() - started)
    await broker.stop()
  }
  print('startBroker() in memory, first in the process', times[0]!, 'ms')
  print('startBroker() in memory, median', median(times), 'ms', 50)
}

async function manyPartitions(): Promise<void> {
  const broker = await startServer('odradek')
  try {
    const connection = await Connection.open(portOf(broker))
    const created = performance.now()
    for (let first = 0; first < TOPICS; first += TOPICS_PER_REQUEST) {
      const topics = Array.from({ length: TOPICS_PER_REQUEST }, (_, i) => ({
        name: `topic-${first + i}`,
        numPartitions: PARTITIONS,
        replicationFactor: 1,
      }))
      const answer = await connection.request(
        CreateTopics,
        5,
        CreateTopics.request.create({ topics, timeoutMs: 60_000 }),
      )
      const failed = answer.topics.find(topic => topic.errorCode !== 0)
      if (failed !== undefined) throw new Error(`${failed.name}: error ${failed.errorCode}`)
    }
    print(`${TOPICS} topics × ${PARTITIONS} partitions created`, performance.now() - created, 'ms')
    connection.close()
    await sleep(1000)
    print('resident memory with them', residentMb(broker.pid), 'MB')
    const stopped = performance.now()
    await broker.stop()
    print('stopped cleanly', performance.now() - stopped, 'ms', 2000)
    await broker.restart()
    print('started again, to first answer', await untilAnswered(broker), 'ms', 2000)
  } finally {
    await broker.dispose()
  }
}

console.log(`Node ${process.versions.node}`)
await startAndRest()
await embedded()
await manyPartitions()
