/**
 * kill -9 against the real process, under load, again and again: every acknowledged record is there afterwards, and an
 * idempotent producer's are there once and in order. The page cache survives a killed process, so this holds with
 * Kafka's default settings. KILL9_ROUNDS (50) says how often.
 */
import { Kafka, logLevel } from 'kafkajs'
import { type RunningBroker, sleep } from '../brokers.ts'
import { type CheckContext, expectEqual, type Suite } from '../suite.ts'
import { IdempotentProducer, readSequences } from './idempotent-producer.ts'

const ROUNDS = Number(process.env.KILL9_ROUNDS ?? 50)
const PARTITIONS = 4
/** The last partition belongs to KafkaJS. */
const JS_PARTITION = PARTITIONS

async function killUnderLoad({ broker, topic }: CheckContext): Promise<void> {
  const name = topic()
  const port = Number(broker.bootstrap.split(':')[1])
  await createTopic(broker, name)
  const producers = Array.from({ length: PARTITIONS }, (_, i) => new IdempotentProducer(port, name, i))
  const js = new KafkaJsProducer(broker.bootstrap, name)
  const runs = [...producers, js].map(producer => producer.run())
  const failure = Promise.all(runs).then(
    () => undefined,
    (error: unknown) => error,
  )
  let failed: unknown
  void failure.then(error => {
    failed = error
  })

  let acked = 0
  for (let round = 1; round <= ROUNDS && failed === undefined; round++) {
    await sleep(100 + Math.random() * 500)
    if (process.env.KILL9_STOP !== '1') await broker.kill()
    await broker.restart()
    // A round counts when something was acknowledged in it.
    const total = () => producers.reduce((sum, producer) => sum + producer.acked, js.acked)
    for (const until = Date.now() + 30_000; total() <= acked && failed === undefined; await sleep(20))
      if (Date.now() > until) throw new Error(`nothing was acknowledged after kill ${round}`)
    acked = total()
  }
  for (const producer of [...producers, js]) producer.stop()
  const error = await failure
  if (error !== undefined) throw error

  for (const [partition, producer] of producers.entries()) {
    const found = await readSequences(port, name, partition)
    expectEqual(firstFault(found), undefined, `partition ${partition}`)
    expectEqual(found.length, producer.acked, `records in partition ${partition}`)
  }
  const found = await readSequences(port, name, JS_PARTITION)
  expectEqual(firstFault(found), undefined, 'KafkaJS, its partition')
  expectEqual(found.length, js.acked, 'KafkaJS, records')
  const retries = producers.reduce((sum, producer) => sum + producer.retries, 0)
  console.log(`     ${ROUNDS} kills, ${acked} records acknowledged, ${retries} reconnections`)
}

/** Values count up from 0 without a gap: where they do not, and how. */
function firstFault(sequences: readonly number[]): string | undefined {
  const at = sequences.findIndex((sequence, i) => sequence !== i)
  return at < 0 ? undefined : `${sequences[at]} at offset ${at}`
}

async function createTopic(broker: RunningBroker, name: string): Promise<void> {
  const admin = kafka(broker.bootstrap).admin()
  await admin.connect()
  const configEntries = [{ name: 'segment.bytes', value: '1048576' }]
  await admin.createTopics({
    topics: [{ topic: name, numPartitions: PARTITIONS + 1, replicationFactor: 1, configEntries }],
    waitForLeaders: true,
  })
  await admin.disconnect()
}

function kafka(bootstrap: string): Kafka {
  const retry = { initialRetryTime: 30, maxRetryTime: 200, retries: 100_000 }
  return new Kafka({ brokers: [bootstrap], clientId: 'kill9', logLevel: logLevel.NOTHING, retry })
}

/** One record at a time; KafkaJS retries by itself. */
class KafkaJsProducer {
  readonly #bootstrap: string
  readonly #topic: string
  #isStopping = false
  acked = 0

  constructor(bootstrap: string, topic: string) {
    this.#bootstrap = bootstrap
    this.#topic = topic
  }

  async run(): Promise<void> {
    const producer = kafka(this.#bootstrap).producer({ idempotent: true })
    await producer.connect()
    while (!this.#isStopping) {
      const messages = [{ partition: JS_PARTITION, value: `${this.acked}:` }]
      await producer.send({ topic: this.#topic, acks: -1, messages })
      this.acked++
    }
    await producer.disconnect()
  }

  stop(): void {
    this.#isStopping = true
  }
}

export const kill9: Suite = {
  name: 'kill9',
  title: 'kill -9 under load',
  isInCi: true,
  checks: [{ name: `${ROUNDS} kills lose nothing acknowledged and repeat nothing`, run: killUnderLoad }],
}
