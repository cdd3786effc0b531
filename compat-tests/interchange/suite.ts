/**
 * Data directories change hands: Odradek starts on a copy of one of Apache Kafka's, Apache Kafka (combined mode) on a copy of one of
 * ours, and back again. What the first showed, the next must show: topics with their ids, configs, every record with its headers,
 * offsets, committed offsets; and it must go on from there.
 */
import { createHash } from 'node:crypto'
import { execFileSync, spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import {
  type RunningBroker,
  type Server,
  type Settings,
  type StartOptions,
  sleep,
  startServer,
} from '../brokers.ts'
import { RawClient } from '../raw/client.ts'
import { expectEqual, type Suite } from '../suite.ts'
import { kafkaJars, kcat, pins } from '../toolchain.ts'

const RECORDS = 500
const GROUP = 'readers'

/** Some of everything that a directory can hold. `run` tells runs on the same directory apart. */
async function leaveTraces(broker: RunningBroker, run: string): Promise<void> {
  await withAdmin(broker, async admin => {
    await admin.createTopics({
      topics: [
        {
          topic: `plain-${run}`,
          numPartitions: 3,
          configEntries: [{ name: 'retention.ms', value: '77777777' }],
        },
        {
          topic: `compact-${run}`,
          numPartitions: 1,
          configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
        },
        { topic: `gone-${run}`, numPartitions: 1 },
      ],
    })
    await admin.deleteTopics({ topics: [`gone-${run}`] })
    await admin.createPartitions({ topicPartitions: [{ topic: `plain-${run}`, count: 4 }] })
  })
  for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) {
    produce(
      broker,
      `plain-${run}`,
      RECORDS,
      '-z',
      codec,
      '-H',
      `codec=${codec}`,
      '-X',
      'enable.idempotence=true',
    )
  }
  produce(broker, `compact-${run}`, 50)
  await patiently(broker, admin =>
    admin.setOffsets({
      groupId: GROUP,
      topic: `plain-${run}`,
      partitions: [0, 1, 2, 3].map(partition => ({ partition, offset: String(10 + partition) })),
    }),
  )
}

function produce(broker: RunningBroker, topic: string, count: number, ...args: string[]): void {
  const input = Array.from({ length: count }, (_, i) => `key-${i}:value ${i}\n`).join('')
  execFileSync(kcat(), ['-b', broker.bootstrap, '-P', '-t', topic, '-K:', ...args], { input })
}

async function withAdmin<T>(
  broker: RunningBroker,
  use: (admin: ReturnType<Kafka['admin']>) => Promise<T>,
): Promise<T> {
  const admin = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

/** A leader or coordinator that has just been elected says for a while that it is not, or that it is loading; KafkaJS gives up on that. */
async function patiently<T>(
  broker: RunningBroker,
  use: (admin: ReturnType<Kafka['admin']>) => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await withAdmin(broker, use)
    } catch (error) {
      if (attempt === 40 || !/coordinator|leader/i.test(String(error))) throw error
      await sleep(500)
    }
  }
}

/** Everything a client can see of what is kept. */
async function seen(broker: RunningBroker): Promise<Record<string, unknown>> {
  return patiently(broker, async admin => {
    const names = (await admin.listTopics()).filter(name => !name.startsWith('__')).sort()
    const facts: Record<string, unknown> = {}
    for (const name of names) {
      const { topics } = await admin.fetchTopicMetadata({ topics: [name] })
      const offsets = await admin.fetchTopicOffsets(name)
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: [{ type: 2, name, configNames: ['retention.ms', 'cleanup.policy'] }],
      })
      const committed = await admin.fetchOffsets({ groupId: GROUP, topics: [name] })
      facts[name] = {
        leaders: topics[0]!.partitions.map(({ partitionId, leader }) => `${partitionId}:${leader}`).sort(),
        offsets: offsets.map(({ partition, low, high }) => `${partition}:${low}..${high}`).sort(),
        configs: resources[0]!.configEntries
          .map(({ configName, configValue }) => `${configName}=${configValue}`)
          .sort(),
        committed: committed[0]!.partitions.map(({ partition, offset }) => `${partition}:${offset}`).sort(),
        records: recordsOf(broker, name),
      }
    }
    facts[KRAFT_VERSION] = await kraftVersion(broker)
    return facts
  })
}

const KRAFT_VERSION = 'kraft.version'

async function asked<T>(broker: RunningBroker, ask: (client: RawClient) => Promise<T>): Promise<T> {
  const client = new RawClient(broker.bootstrap, 'interchange')
  try {
    return await ask(client)
  } finally {
    client.close()
  }
}

/** Static voters become dynamic ones (KIP-853). */
async function upgradeVoters(broker: RunningBroker): Promise<void> {
  const featureUpdates = [{ feature: KRAFT_VERSION, maxVersionLevel: 1, upgradeType: 1 }]
  const answer = await asked(broker, client =>
    client.call('UpdateFeatures', 1, { timeoutMs: 10_000, featureUpdates, validateOnly: false }),
  )
  expectEqual(answer['errorCode'], 0, `the upgrade of ${KRAFT_VERSION}`)
}

/** Whether the voters are in the log. */
async function kraftVersion(broker: RunningBroker): Promise<number> {
  const answer = await asked(broker, client =>
    client.call('ApiVersions', 3, { clientSoftwareName: 'interchange', clientSoftwareVersion: '1' }),
  )
  const finalized = answer['finalizedFeatures'] as { name: string; maxVersionLevel: number }[]
  return finalized.find(({ name }) => name === KRAFT_VERSION)?.maxVersionLevel ?? 0
}

function recordsOf(broker: RunningBroker, topic: string): string {
  const format = '%p %o %T %k=%s %h\n'
  const args = ['-b', broker.bootstrap, '-C', '-t', topic, '-e', '-q', '-f', format]
  const lines = execFileSync(kcat(), args, { encoding: 'utf8', maxBuffer: 64 << 20 })
    .split('\n')
    .sort()
  return `${lines.length - 1} ${createHash('sha256').update(lines.join('\n')).digest('hex').slice(0, 16)}`
}

/** What Kafka's own dump says about a directory's metadata log and snapshots; complaints throw. */
function dumpMetadata(dataDir: string): void {
  const directory = join(dataDir, '__cluster_metadata-0')
  const files = readdirSync(directory).filter(name => /\.(log|checkpoint)$/.test(name))
  for (const name of files) {
    const args = ['--cluster-metadata-decoder', '--deep-iteration', '--files', join(directory, name)]
    const program = ['-Xmx256m', '-cp', kafkaJars(pins.reference), 'org.apache.kafka.tools.DumpLogSegments']
    const ran = spawnSync('java', [...program, ...args], { encoding: 'utf8', maxBuffer: 256 << 20 })
    const complaint = /isvalid: false|Could not read|Found invalid|Exception|Skipping/.exec(
      ran.stdout + ran.stderr,
    )
    if (ran.status !== 0 || complaint !== null) {
      throw new Error(
        `DumpLogSegments of ${name}: ${complaint?.[0] ?? ''}\n${ran.stdout.slice(-2000)}${ran.stderr}`,
      )
    }
  }
}

interface Leg {
  readonly server: Server
  readonly release?: string
  /** How it ends: a clean stop, or kill -9. */
  readonly ends?: 'stopped' | 'killed'
  readonly upgradesVoters?: boolean
}

/** One directory, handed from leg to leg; every leg must show what the one before it left, and adds its own. */
async function relay(
  legs: readonly Leg[],
  settings: Parameters<typeof startServer>[1] = {},
  first: StartOptions = {},
): Promise<void> {
  let left: { dataDir: string; facts: Record<string, unknown> } | undefined
  const started: RunningBroker[] = []
  try {
    for (const [at, { server, release, ends = 'stopped', upgradesVoters }] of legs.entries()) {
      const options: StartOptions = {
        ...(left === undefined ? first : { copyOf: left.dataDir }),
        ...(release === undefined ? {} : { release }),
      }
      const broker = await startServer(server, settings, options)
      started.push(broker)
      const what = `leg ${at + 1} (${server}${release ? ` ${release}` : ''})`
      const facts = await named(what, async () => {
        if (left !== undefined) expectEqual(await seen(broker), left.facts, 'what the leg before left')
        if (upgradesVoters) await upgradeVoters(broker)
        await leaveTraces(broker, String(at))
        return seen(broker)
      })
      if (ends === 'killed') await broker.kill()
      else await broker.stop()
      if (server === 'odradek') dumpMetadata(broker.dataDir)
      left = { dataDir: broker.dataDir, facts }
    }
  } finally {
    for (const broker of started) await broker.dispose()
  }
}

async function named<T>(what: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw new Error(`${what}: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
}

/** A quorum whose voters are in the log: no static voters, and the node finds itself. */
const dynamicVoters = (ports: { controller: number }): Settings => ({
  'controller.quorum.voters': '',
  'controller.quorum.bootstrap.servers': `127.0.0.1:${ports.controller}`,
})

const snapshotOften: Settings = { 'metadata.log.max.record.bytes.between.snapshots': '3000' }

const odradek: Leg = { server: 'odradek' }
const kafka: Leg = { server: 'kafka' }
const elder: Leg = { server: 'kafka', release: pins.elder }
const killed = (leg: Leg): Leg => ({ ...leg, ends: 'killed' })

export const interchange: Suite = {
  name: 'interchange',
  title: `data directories shared with Apache Kafka ${pins.reference} and ${pins.elder}`,
  isInCi: true,
  prepare: () => {
    kcat()
    kafkaJars(pins.reference)
  },
  checks: [
    { name: 'ours, then Kafka, then ours', run: () => relay([odradek, kafka, odradek]) },
    { name: 'Kafka, then ours, then Kafka', run: () => relay([kafka, odradek, kafka]) },
    {
      name: 'each killed with -9',
      isSlow: true,
      run: () => relay([killed(odradek), killed(kafka), killed(odradek), kafka]),
    },
    {
      name: 'Kafka formatted --standalone, then ours, then Kafka',
      isSlow: true,
      run: () => relay([kafka, odradek, kafka], dynamicVoters, { format: ['--standalone'] }),
    },
    {
      name: 'ours, which makes its static voters dynamic, then Kafka, then ours',
      isSlow: true,
      run: () => relay([{ ...odradek, upgradesVoters: true }, kafka, odradek]),
    },
    {
      name: 'snapshots on both sides',
      isSlow: true,
      run: () => relay([odradek, kafka, odradek, kafka], snapshotOften),
    },
    {
      name: `Kafka ${pins.elder}, then ours, then Kafka ${pins.elder}`,
      isSlow: true,
      run: () => relay([elder, odradek, elder]),
    },
  ],
}
