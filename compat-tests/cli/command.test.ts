/** The command as an operator meets it: banner, exit codes, signals, settings from everywhere, a second start. Runs what is built. */
import { type ChildProcess, type ChildProcessByStdio, spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Readable } from 'node:stream'
import { Kafka, logLevel } from 'kafkajs'
import { afterEach, beforeEach, expect, test } from 'vitest'

const MAIN = 'dist/bin/main.js'
let home: string
let running: ChildProcess[]

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'odradek-cli-'))
  running = []
})
afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
  rmSync(home, { recursive: true, force: true })
})

const SETTINGS = [
  '--set',
  'listeners=PLAINTEXT://127.0.0.1:0',
  '--set',
  'odradek.metrics.listener=127.0.0.1:0',
]
const data = (): string[] => ['--set', `log.dirs=${join(home, 'data')}`]

interface Started {
  readonly child: ChildProcess
  readonly banner: string
  readonly address: string
  readonly ended: Promise<{ code: number | null; stderr: string }>
}

function begin(args: readonly string[], environment: Record<string, string> = {}): Promise<Started> {
  return watch(
    spawn(process.execPath, [MAIN, ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...environment },
    }),
  )
}

function watch(child: ChildProcessByStdio<null, Readable, Readable>): Promise<Started> {
  running.push(child)
  let stdout = ''
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const ended = new Promise<{ code: number | null; stderr: string }>(resolve =>
    child.once('close', code => resolve({ code, stderr })),
  )
  return new Promise((resolve, reject) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString()
      if (!/\n {2}metrics .*\n/.test(stdout)) return
      const address = /\s(127\.0\.0\.1:\d+)/.exec(stdout)?.[1] ?? ''
      resolve({ child, banner: stdout, address, ended })
    })
    void ended.then(({ code }) => reject(new Error(`ended with ${code}: ${stderr}`)))
  })
}

function run(...args: string[]) {
  const ran = spawnSync(process.execPath, [MAIN, ...args], { encoding: 'utf8', timeout: 20_000 })
  return { code: ran.status, stdout: ran.stdout, stderr: ran.stderr }
}

async function adminOf<T>(
  address: string,
  use: (admin: ReturnType<Kafka['admin']>) => Promise<T>,
): Promise<T> {
  const admin = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

test('a start says where everything is, and SIGTERM ends it cleanly within two seconds', async () => {
  const { child, banner, address, ended } = await begin([...SETTINGS, ...data()])
  expect(banner).toMatch(/^Odradek \d+\.\d+\.\d+ serves after \d+ ms\n/)
  expect(banner).toMatch(/PLAINTEXT +127\.0\.0\.1:\d+/)
  expect(banner).toContain(join(home, 'data'))
  expect(banner).toMatch(/node +1 of cluster [\w-]{22}/)
  const metrics = /http:\/\/localhost:(\d+)\/metrics/.exec(banner)![1]!
  expect((await fetch(`http://127.0.0.1:${metrics}/readyz`)).status).toBe(200)
  expect(await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text()).toMatch(
    /^kafka_brokers 1$[^]*^odradek_info\{version="[\d.]+",node_id="1"/m,
  )
  await adminOf(address, admin => admin.createTopics({ topics: [{ topic: 'a' }] }))
  const idle = connect(Number(address.split(':')[1]), '127.0.0.1')
  await new Promise(resolve => idle.once('connect', resolve))
  const asked = performance.now()
  child.kill('SIGTERM')
  expect((await ended).code).toBe(0)
  expect(performance.now() - asked).toBeLessThan(2000)
  expect(readdirSync(join(home, 'data'))).toContain('.kafka_cleanshutdown')
  idle.destroy()
})

test('every metric that is declared is fed by somebody', async () => {
  const { banner, address } = await begin([...SETTINGS, ...data()])
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'a', messages: [{ value: 'x' }], acks: -1 })
  await producer.disconnect()
  const consumer = kafka.consumer({ groupId: 'g', maxWaitTimeInMs: 50 })
  await consumer.connect()
  await consumer.subscribe({ topic: 'a', fromBeginning: true })
  const joined = new Promise(resolve => consumer.on('consumer.group_join', resolve))
  await consumer.run({ eachMessage: async () => {} })
  await joined
  await consumer.commitOffsets([{ topic: 'a', partition: 0, offset: '1' }])
  const port = /http:\/\/localhost:(\d+)\/metrics/.exec(banner)![1]!
  const lines = (await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()).split('\n')
  await consumer.disconnect()
  const declared = lines.flatMap(line => /^# TYPE (\S+)/.exec(line)?.[1] ?? [])
  const fed = new Set(lines.flatMap(line => /^([a-z_]+)[ {]/.exec(line)?.[1] ?? []))
  // What only goes wrong, and does not here.
  const quiet = /^(kafka_server_brokertopicmetrics_(invalid|nokey)|odradek_connections_rejected)/
  expect(declared.filter(name => !fed.has(name) && !quiet.test(name))).toEqual([])
})

test('a second start on the same directory says so and touches nothing', async () => {
  await begin([...SETTINGS, ...data()])
  const second = run(...SETTINGS, ...data())
  expect(second.code).toBe(1)
  expect(second.stderr).toMatch(/in use/)
  expect(second.stdout).toBe('')
})

test('file, environment and --set, each stronger than the one before', async () => {
  const file = join(home, 'server.properties')
  writeFileSync(
    file,
    `process.roles=broker,controller\nnode.id=7\ncontroller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0\nlog.dirs=${join(home, 'data')}
offsets.topic.replication.factor=1\nnum.partitions=2\nlog.segment.bytes=2000000\nnum.partiton=1\n`,
  )
  const environment = {
    KAFKA_NUM_PARTITIONS: '3',
    KAFKA_LOG_SEGMENT_BYTES: '3000000',
    KAFKA_HEAP_OPTS: '-Xmx1G',
  }
  const { child, banner, address, ended } = await begin(
    ['start', '--config', file, '--set', 'num.partitions=4', '--set', 'odradek.metrics.listener='],
    environment,
  )
  expect(banner).toMatch(/node +7 of/)
  expect(banner).toMatch(/metrics +off/)
  const described = await adminOf(address, admin =>
    admin.describeConfigs({
      includeSynonyms: true,
      resources: [{ type: 4, name: '7', configNames: ['num.partitions', 'log.segment.bytes'] }],
    }),
  )
  const values = described.resources[0]!.configEntries.map(entry => [entry.configName, entry.configValue])
  expect(Object.fromEntries(values)).toEqual({ 'num.partitions': '4', 'log.segment.bytes': '3000000' })
  child.kill('SIGINT')
  const { code, stderr } = await ended
  expect(code).toBe(0)
  expect(stderr).toContain('num.partiton is not a setting; did you mean num.partitions?')
})

test.each([
  ['an ill-typed value', ['--set', 'num.partitions=many'], 1, /num\.partitions: not a number of type INT/],
  ['a foreign quorum', ['--set', 'controller.quorum.voters=2@elsewhere:9093'], 1, /2@elsewhere:9093/],
  ['a broker alone', ['--set', 'process.roles=broker'], 1, /joining a controller quorum is not built yet/],
  ['a missing file', ['--config', '/no/such/file'], 1, /no such file/],
  ['an option nobody knows', ['--sett', 'a=b'], 2, /--sett/],
])('%s refuses to start and says why', (_, args, code, message) => {
  const ran = run(...SETTINGS, ...data(), ...args)
  expect(ran.stderr).toMatch(message)
  expect(ran.code).toBe(code)
  expect(readdirSync(home)).toEqual([])
})

test('a port that is taken is named', async () => {
  const { address } = await begin([...SETTINGS, ...data()])
  const other = join(home, 'other')
  const ran = run('--set', `listeners=PLAINTEXT://${address}`, '--set', `log.dirs=${other}`)
  expect(ran.code).toBe(1)
  expect(ran.stderr).toMatch(/EADDRINUSE.*is another broker running\?/)
})

test('odradek.log.level says how much is logged, one JSON line an event', async () => {
  const linesAt = async (level: string): Promise<string[]> => {
    const { child, ended } = await begin([...SETTINGS, ...data(), '--set', `odradek.log.level=${level}`])
    child.kill('SIGTERM')
    return (await ended).stderr.split('\n').filter(line => line !== '')
  }
  const lines = await linesAt('info')
  expect(lines.length).toBeGreaterThan(0)
  for (const line of lines)
    expect(JSON.parse(line)).toMatchObject({ logger: expect.any(String), msg: expect.any(String) })
  expect(await linesAt('error')).toEqual([])
})

test('format chooses the cluster, a start keeps it, and formatting again is refused', async () => {
  const clusterId = run('random-uuid').stdout.trim()
  expect(run('format', '--cluster-id', clusterId, ...data()).stdout).toContain(`cluster ${clusterId}`)
  expect((await begin([...SETTINGS, ...data()])).banner).toContain(clusterId)
  const again = run('format', ...data())
  expect([again.code, again.stderr]).toEqual([1, expect.stringContaining('formatted already')])
  expect(run('format', '--cluster-id', run('random-uuid').stdout.trim(), '-g', ...data()).stderr).toContain(
    'belongs to',
  )
  expect(run('format', '--ignore-formatted', ...data()).code).toBe(0)
})

test('the dump commands read what a broker wrote', async () => {
  const { child, address, ended } = await begin([...SETTINGS, ...data()])
  await adminOf(address, admin => admin.createTopics({ topics: [{ topic: 'orders' }] }))
  const producer = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING }).producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ key: 'k', value: 'hello' }], acks: -1 })
  await producer.disconnect()
  child.kill('SIGTERM')
  await ended
  const dumped = run('dump-log', '--records', '--values', join(home, 'data', 'orders-0'))
  expect(dumped.stdout).toMatch(/key "k" value "hello"/)
  const metadata = run('dump-metadata', join(home, 'data'))
  expect(metadata.stdout).toMatch(/TopicRecord \{"name":"orders"/)
  expect([dumped.code, metadata.code]).toEqual([0, 0])
})

test('help and version are there', () => {
  expect(run('--version').stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  const help = run('--help').stdout
  for (const command of ['start', 'format', 'dump-log', 'dump-metadata']) expect(help).toContain(command)
  expect(run('dump-log', '--help').stdout).toContain('--records')
})

test('SIGTERM to the npm of `npm start` reaches the broker, which stops cleanly', async () => {
  const npm = spawn('npm', ['start', '--', ...SETTINGS, ...data()], { stdio: ['ignore', 'pipe', 'pipe'] })
  const { address, ended } = await watch(npm)
  npm.kill('SIGTERM')
  await ended
  // npm may be gone a moment before its child: the mark is what the broker writes last.
  await expect
    .poll(() => readdirSync(join(home, 'data')), { timeout: 2000 })
    .toContain('.kafka_cleanshutdown')
  const probe = connect(Number(address.split(':')[1]), '127.0.0.1')
  const answer = new Promise(resolve =>
    probe.once('error', resolve).once('connect', () => resolve(undefined)),
  )
  expect(await answer).toMatchObject({ code: 'ECONNREFUSED' })
}, 60_000)
