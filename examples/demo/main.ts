// `npm run demo`: 200,000 flights (vega-datasets) are produced by two stock clients, kafkajs and @platformatic/kafka,
// each with its own keys, and consumed by a kafkajs group of three members, one of which is killed on the way. Then
// the broker is stopped and started again, and everything is still there: records and committed offsets.
// Ends with exit code 0 when all of that was verified, 1 otherwise.
import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Producer, stringSerializers } from '@platformatic/kafka'
import { Kafka, logLevel } from 'kafkajs'
import { BrokerProcess } from './broker-process.ts'
import { Ledger } from './ledger.ts'
import type { Handed } from './member.ts'

const TOPIC = 'flights'
const PARTITIONS = 6
const GROUP = 'departures'
const BATCH = 2000
/** Longer than a session, a rebalance and a slow machine together. */
const STALL_MS = 60_000
const MEMBER = fileURLToPath(new URL('./member.js', import.meta.url))

interface Flight {
  readonly delay: number
  readonly distance: number
  readonly time: number
}
type Message = { readonly key: string; readonly value: string }

const started = performance.now()
const say = (text: string): void => {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5)
  process.stdout.write(`${seconds} s  ${text}\n`)
}

function progress(what: string, total: number): (count: number) => void {
  let shownAt = 0
  return count => {
    if (count < shownAt && count < total) return
    shownAt = count + total / 5
    say(`${what}: ${count.toLocaleString('en')} of ${total.toLocaleString('en')}`)
  }
}

/** Each flight goes to one of the two clients; its key names the client, so no key has two writers. */
function messagesOf(flights: readonly Flight[], client: string, turn: number): Message[] {
  return flights.flatMap((flight, index) =>
    index % 2 === turn
      ? [{ key: `${client}:${flight.distance % 250}`, value: JSON.stringify({ index, ...flight }) }]
      : [],
  )
}

async function produceAll(address: string, flights: readonly Flight[]): Promise<void> {
  const show = progress('produced', flights.length)
  let produced = 0
  const inBatches = async (
    messages: readonly Message[],
    send: (batch: Message[]) => Promise<unknown>,
  ): Promise<void> => {
    for (let at = 0; at < messages.length; at += BATCH) {
      const batch = messages.slice(at, at + BATCH)
      await send(batch)
      produced += batch.length
      show(produced)
    }
  }
  const kafka = new Kafka({ clientId: 'demo', brokers: [address], logLevel: logLevel.ERROR })
  const classic = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
  const modern = new Producer({
    clientId: 'demo',
    bootstrapBrokers: [address],
    serializers: stringSerializers,
  })
  await classic.connect()
  try {
    await Promise.all([
      inBatches(messagesOf(flights, 'kafkajs', 0), messages =>
        classic.send({ topic: TOPIC, messages, acks: -1 }),
      ),
      inBatches(messagesOf(flights, 'platformatic', 1), messages =>
        modern.send({ messages: messages.map(message => ({ topic: TOPIC, ...message })), acks: -1 }),
      ),
    ])
  } finally {
    await Promise.all([classic.disconnect(), modern.close()])
  }
}

/** Three members; one is killed with SIGKILL when a third has arrived. */
async function consumeAll(address: string, group: string, count: number, kills: boolean): Promise<Ledger> {
  const ledger = new Ledger(count)
  const show = progress(`consumed by group ${group}`, count)
  const members: ChildProcess[] = []
  let stalled: NodeJS.Timeout | undefined
  await new Promise<void>((resolve, reject) => {
    const isMissing = (): void =>
      reject(new Error(`${ledger.arrived} of ${count} records arrived, and no more in ${STALL_MS / 1000} s`))
    stalled = setTimeout(isMissing, STALL_MS)
    for (let i = 0; i < 3; i++) {
      const member = fork(MEMBER, [address, TOPIC, group])
      members.push(member)
      member.on('message', message => {
        stalled?.refresh()
        try {
          ledger.add(message as Handed)
        } catch (error) {
          reject(error as Error)
        }
        show(ledger.arrived)
        if (kills && ledger.arrived > count / 3 && members.length === 3) {
          const [victim] = members.splice(0, 1)
          victim!.kill('SIGKILL')
          say('one member is killed; the others take over when its session times out')
        }
        if (ledger.isComplete) resolve()
      })
      member.on('exit', code => {
        if (code) reject(new Error(`a member ended with exit code ${code}`))
      })
    }
  }).finally(() => clearTimeout(stalled))
  await Promise.all(
    members.map(member => {
      member.removeAllListeners('exit')
      const gone = new Promise(resolve => member.once('exit', resolve))
      member.send('stop')
      return gone
    }),
  )
  return ledger
}

async function committedOffsets(kafka: Kafka, group: string): Promise<string> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    const [topic] = await admin.fetchOffsets({ groupId: group, topics: [TOPIC] })
    const rows = [...topic!.partitions].sort((a, b) => a.partition - b.partition)
    return rows.map(({ partition, offset }) => `${partition}:${offset}`).join(' ')
  } finally {
    await admin.disconnect()
  }
}

async function createTopic(kafka: Kafka): Promise<void> {
  const admin = kafka.admin()
  await admin.connect()
  await admin.createTopics({ topics: [{ topic: TOPIC, numPartitions: PARTITIONS }] })
  await admin.disconnect()
}

async function main(dataDirectory: string, broker: BrokerProcess): Promise<void> {
  const vegaDatasets = createRequire(import.meta.url).resolve('vega-datasets')
  const file = join(dirname(vegaDatasets), '../data/flights-200k.json')
  const flights = JSON.parse(readFileSync(file, 'utf8')) as Flight[]
  process.stdout.write(await broker.start())
  const kafka = new Kafka({ clientId: 'demo-admin', brokers: [broker.address], logLevel: logLevel.ERROR })
  await createTopic(kafka)

  await produceAll(broker.address, flights)
  const first = await consumeAll(broker.address, GROUP, flights.length, true)
  say(
    `verified: ${first.verify()} keys, each in order; ${first.redelivered} records came twice, none was lost`,
  )
  const before = await committedOffsets(kafka, GROUP)

  await broker.stop()
  say(`the broker has stopped; its data is in ${dataDirectory}`)
  await broker.start()
  say('the broker is back')
  const after = await committedOffsets(kafka, GROUP)
  if (before !== after) throw new Error(`committed offsets were ${before} and are ${after}`)
  say(`committed offsets are still there: ${after}`)
  const second = await consumeAll(broker.address, 'arrivals', flights.length, false)
  say(`verified again: ${second.verify()} keys, each in order, by a new group`)
}

const dataDirectory = mkdtempSync(join(tmpdir(), 'odradek-demo-'))
const broker = await BrokerProcess.on(dataDirectory)
try {
  await main(dataDirectory, broker)
  say('all of it holds')
} catch (error) {
  say(`FAILED: ${(error as Error).stack}`)
  process.exitCode = 1
} finally {
  await broker.stop()
  rmSync(dataDirectory, { recursive: true, force: true })
}
