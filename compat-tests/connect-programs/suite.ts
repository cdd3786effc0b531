/**
 * Kafka Connect's and MirrorMaker 2's programs, as an operator starts them: a standalone worker, two distributed ones, a mirror between two
 * brokers; with the file connectors that Kafka ships. What a check reads is what comes out at the far end.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { appendFileSync, existsSync, mkdtempSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Kafka, logLevel } from 'kafkajs'
import { type RunningBroker, sleep, startServer } from '../brokers.ts'
import { suiteJars } from '../jvm/junit-classes.ts'
import { type CheckContext, expectEqual, type Suite } from '../suite.ts'
import { pins } from '../toolchain.ts'

const PATIENCE_MS = 90_000

const programs = {
  standalone: 'org.apache.kafka.connect.cli.ConnectStandalone',
  distributed: 'org.apache.kafka.connect.cli.ConnectDistributed',
  mirrorMaker: 'org.apache.kafka.connect.mirror.MirrorMaker',
} as const

type Properties = Readonly<Record<string, string>>

const text = (properties: Properties): string =>
  Object.entries(properties)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('')

/** A program that runs until it is stopped; its files are in `home`. */
function start(
  program: keyof typeof programs,
  home: string,
  files: Record<string, Properties>,
): ChildProcess {
  const paths = Object.entries(files).map(([name, properties]) => {
    const path = join(home, `${name}.properties`)
    writeFileSync(path, text(properties))
    return path
  })
  const log = openSync(join(home, 'out.txt'), 'a')
  const jvm = [
    '-Xmx384m',
    '-XX:TieredStopAtLevel=1',
    '-XX:+UseSerialGC',
    '-cp',
    `${suiteJars('kafka-connect')}/*`,
  ]
  return spawn('java', [...jvm, programs[program], ...paths], { cwd: home, stdio: ['ignore', log, log] })
}

async function end(child: ChildProcess, signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  child.kill(signal)
  const hard = setTimeout(() => child.kill('SIGKILL'), 20_000)
  await gone
  clearTimeout(hard)
}

async function until<T>(what: string, look: () => Promise<T | undefined> | T | undefined): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS
  let last = ''
  while (Date.now() < deadline) {
    try {
      const found = await look()
      if (found !== undefined) return found
      last = ''
    } catch (error) {
      last = `: ${error instanceof Error ? error.message : 'no error object'}`
    }
    await sleep(100)
  }
  throw new Error(`waited in vain for ${what}${last}`)
}

const lines = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => `line-${from + i}`)
const linesOf = (file: string) =>
  existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : []
const scratch = () => mkdtempSync(join(tmpdir(), 'connect-'))

const converters: Properties = {
  'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
  'value.converter': 'org.apache.kafka.connect.storage.StringConverter',
}

const source = (file: string, topic: string): Properties => ({
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSourceConnector',
  'tasks.max': '1',
  file,
  topic,
})

const sink = (file: string, topic: string): Properties => ({
  'connector.class': 'org.apache.kafka.connect.file.FileStreamSinkConnector',
  'tasks.max': '1',
  file,
  topics: topic,
})

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as { port: number }
  await new Promise(resolve => server.close(resolve))
  return port
}

/** A file goes through a topic into another file; after a stop and a start the rest follows, and nothing comes twice. */
async function standalone({ broker, topic }: CheckContext): Promise<void> {
  const home = scratch()
  const [from, to, name] = [join(home, 'from.txt'), join(home, 'to.txt'), topic()]
  const files = {
    worker: {
      'bootstrap.servers': broker.bootstrap,
      ...converters,
      'offset.storage.file.filename': join(home, 'offsets'),
      'offset.flush.interval.ms': '500',
      listeners: `http://127.0.0.1:${await freePort()}`,
    },
    source: { name: 'source', ...source(from, name) },
    sink: { name: 'sink', ...sink(to, name) },
  }
  appendFileSync(from, `${lines(0, 500).join('\n')}\n`)
  let worker = start('standalone', home, files)
  try {
    await until('500 lines', () => (linesOf(to).length >= 500 ? true : undefined))
    await end(worker)
    appendFileSync(from, `${lines(500, 800).join('\n')}\n`)
    worker = start('standalone', home, files)
    await until('800 lines', () => (linesOf(to).length >= 800 ? true : undefined))
    expectEqual(linesOf(to), lines(0, 800), 'the lines at the far end')
  } finally {
    await end(worker)
  }
}

interface Status {
  readonly connector: { readonly state: string; readonly worker_id: string }
  readonly tasks: readonly { readonly state: string; readonly worker_id: string }[]
}

async function rest<T>(port: number, path: string, put?: unknown): Promise<T> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    ...(put === undefined ? {} : { method: 'PUT', body: JSON.stringify(put) }),
    headers: { 'content-type': 'application/json' },
  })
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

const worker = (broker: RunningBroker, group: string, port: number): Properties => ({
  'bootstrap.servers': broker.bootstrap,
  'group.id': group,
  ...converters,
  'config.storage.topic': `${group}-configs`,
  'offset.storage.topic': `${group}-offsets`,
  'status.storage.topic': `${group}-status`,
  'config.storage.replication.factor': '1',
  'offset.storage.replication.factor': '1',
  'status.storage.replication.factor': '1',
  'offset.flush.interval.ms': '500',
  'scheduled.rebalance.max.delay.ms': '1000',
  'session.timeout.ms': '10000',
  listeners: `http://127.0.0.1:${port}`,
})

/** Two workers share two connectors; one is killed, the other takes its part over and no line is lost. */
async function distributed({ broker, topic }: CheckContext): Promise<void> {
  const [name, group] = [topic(), `workers-${Date.now()}`]
  const homes = [scratch(), scratch()]
  const ports = [await freePort(), await freePort()]
  const [from, to] = [join(homes[0]!, 'from.txt'), join(homes[0]!, 'to.txt')]
  appendFileSync(from, `${lines(0, 300).join('\n')}\n`)
  const workers = homes.map((home, i) =>
    start('distributed', home, { worker: worker(broker, group, ports[i]!) }),
  )
  const isRunning = async (port: number, connector: string) => {
    const { connector: own, tasks } = await rest<Status>(port, `/connectors/${connector}/status`)
    const all = [own, ...tasks]
    return tasks.length === 1 && all.every(part => part.state === 'RUNNING') ? all : undefined
  }
  try {
    await until('both workers', async () => Promise.all(ports.map(port => rest(port, '/connectors'))))
    await until('the source', () => rest(ports[0]!, '/connectors/source/config', source(from, name)))
    await until('the sink', () => rest(ports[1]!, '/connectors/sink/config', sink(to, name)))
    await until('300 lines', () => (new Set(linesOf(to)).size === 300 ? true : undefined))
    const parts = await until('running connectors', async () => {
      const [a, b] = [await isRunning(ports[0]!, 'source'), await isRunning(ports[0]!, 'sink')]
      const ids = new Set([...(a ?? []), ...(b ?? [])].map(part => part.worker_id))
      return a && b && ids.size === 2 ? ids : undefined
    })
    expectEqual(parts.size, 2, 'workers that run a part')
    await end(workers[0]!, 'SIGKILL')
    appendFileSync(from, `${lines(300, 500).join('\n')}\n`)
    await until('500 lines', () => (new Set(linesOf(to)).size === 500 ? true : undefined))
    const policy = await withAdmin(broker, async admin => {
      const { resources } = await admin.describeConfigs({
        includeSynonyms: false,
        resources: ['configs', 'offsets', 'status'].map(kind => ({
          type: 2,
          name: `${group}-${kind}`,
          configNames: ['cleanup.policy'],
        })),
      })
      return resources.map(resource => resource.configEntries[0]?.configValue)
    })
    expectEqual(policy, ['compact', 'compact', 'compact'], "cleanup.policy of the workers' topics")
  } finally {
    await Promise.all(workers.map(child => end(child)))
  }
}

const client = (broker: RunningBroker) =>
  new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING })

async function withAdmin<T>(
  broker: RunningBroker,
  use: (admin: ReturnType<Kafka['admin']>) => Promise<T>,
): Promise<T> {
  const admin = client(broker).admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

/** Records, a topic's settings and partitions, and a group's committed offset arrive in the other cluster. */
async function mirror({ broker, topic }: CheckContext): Promise<void> {
  const [name, group] = [topic(), `readers-${Date.now()}`]
  const other = await startServer(broker.server)
  const home = scratch()
  const files = {
    mm2: {
      clusters: 'A,B',
      'A.bootstrap.servers': broker.bootstrap,
      'B.bootstrap.servers': other.bootstrap,
      'A->B.enabled': 'true',
      'A->B.topics': name,
      'A->B.groups': group,
      'B->A.enabled': 'false',
      'replication.factor': '1',
      'checkpoints.topic.replication.factor': '1',
      'heartbeats.topic.replication.factor': '1',
      'offset-syncs.topic.replication.factor': '1',
      'offset.storage.replication.factor': '1',
      'status.storage.replication.factor': '1',
      'config.storage.replication.factor': '1',
      'refresh.topics.interval.seconds': '1',
      'refresh.groups.interval.seconds': '1',
      'sync.topic.configs.interval.seconds': '1',
      'emit.checkpoints.interval.seconds': '1',
      'sync.group.offsets.enabled': 'true',
      'sync.group.offsets.interval.seconds': '1',
      'offset.lag.max': '0',
    },
  }
  await withAdmin(broker, admin =>
    admin.createTopics({
      topics: [
        { topic: name, numPartitions: 3, configEntries: [{ name: 'retention.ms', value: '7654321' }] },
      ],
    }),
  )
  const producer = client(broker).producer()
  await producer.connect()
  for (const value of lines(0, 300)) {
    await producer.send({
      topic: name,
      messages: [{ key: value, value, partition: Number(value.slice(5)) % 3 }],
    })
  }
  const program = start('mirrorMaker', home, files)
  try {
    const total = async () =>
      withAdmin(other, async admin => {
        const offsets = await admin.fetchTopicOffsets(`A.${name}`)
        return offsets.map(({ partition, high }) => `${partition}:${high}`).sort()
      })
    await until('300 records', async () =>
      (await total()).join() === '0:100,1:100,2:100' ? true : undefined,
    )
    await withAdmin(broker, admin =>
      admin.setOffsets({ groupId: group, topic: name, partitions: [{ partition: 1, offset: '100' }] }),
    )
    const setting = await withAdmin(other, async admin => {
      const resources = [{ type: 2, name: `A.${name}`, configNames: ['retention.ms'] }]
      const configs = await admin.describeConfigs({ includeSynonyms: false, resources })
      return configs.resources[0]?.configEntries[0]?.configValue
    })
    expectEqual(setting, '7654321', 'retention.ms in the other cluster')
    await until("the group's offset in the other cluster", () =>
      withAdmin(other, async admin => {
        const [found] = await admin.fetchOffsets({ groupId: group, topics: [`A.${name}`] })
        return found?.partitions.find(row => row.partition === 1)?.offset === '100' ? true : undefined
      }),
    )
  } finally {
    await producer.disconnect()
    await end(program)
    await other.dispose()
  }
}

export const connectPrograms: Suite = {
  name: 'connect-programs',
  title: `Kafka Connect's and MirrorMaker ${pins.reference}'s programs`,
  isInCi: false,
  prepare: () => void suiteJars('kafka-connect'),
  checks: [
    {
      name: 'connect-standalone carries a file through a topic, and goes on after a restart',
      run: standalone,
    },
    { name: 'two connect-distributed workers share the work, and one takes over', run: distributed },
    { name: 'connect-mirror-maker copies records, settings and committed offsets', run: mirror },
  ],
}
