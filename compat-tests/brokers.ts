/**
 * The broker under test as a child process of its own: Odradek from `dist/`, or Apache Kafka (combined mode) from its jars.
 * Both on loopback, on a free port, with data in a fresh directory that goes when the broker does.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { cpSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { kafkaJars, pins, root } from './toolchain.ts'

export type Server = 'odradek' | 'kafka'

export interface RunningBroker {
  readonly server: Server
  /** host:port for clients. */
  readonly bootstrap: string
  /** host:port for those who ask a controller. */
  readonly bootstrapController: string
  readonly dataDir: string
  readonly logFile: string
  readonly pid: number
  /** When the process was last started, by performance.now(). */
  readonly spawnedAt: number
  /** SIGTERM, wait; the data directory stays. */
  stop(): Promise<void>
  /** kill -9, wait; the data directory stays. */
  kill(): Promise<void>
  /** The same data directory and port again. */
  restart(): Promise<void>
  /** Stop if running, and remove everything. */
  dispose(): Promise<void>
}

export type Settings = Readonly<Record<string, string>>

/** Settings every run shares: internal topics that fit one node, and no waiting for more members. */
const singleNode: Settings = {
  'offsets.topic.replication.factor': '1',
  'offsets.topic.num.partitions': '5',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
}

export interface StartOptions {
  /** A data directory to start on a copy of, instead of on a fresh one. */
  readonly copyOf?: string
  /** Another release of Apache Kafka than the reference. */
  readonly release?: string
  /** More arguments for `kafka-storage format`. */
  readonly format?: readonly string[]
  /** Flags of Kafka's JVM, instead of a small heap. */
  readonly jvm?: readonly string[]
  /** What runs the server's command, with its own arguments in front; it must become the server, as `taskset` does. */
  readonly runner?: readonly string[]
}

export async function startServer(
  server: Server,
  settings: Settings | ((ports: { broker: number; controller: number }) => Settings) = {},
  options: StartOptions = {},
): Promise<RunningBroker> {
  const home = mkdtempSync(join(tmpdir(), `${server}-`))
  const [port, controllerPort] = await freePorts(2)
  const own =
    typeof settings === 'function' ? settings({ broker: port!, controller: controllerPort! }) : settings
  const properties: Record<string, string> = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `${own['node.id'] ?? 1}@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'log.dirs': join(home, 'data'),
    ...singleNode,
    ...own,
  }
  const file = join(home, 'server.properties')
  writeFileSync(
    file,
    Object.entries(properties)
      .map(([k, v]) => `${k}=${v}\n`)
      .join(''),
  )
  const { copyOf, release = pins.reference, jvm = ['-Xmx512m'], runner = [] } = options
  const command = server === 'kafka' ? kafkaCommand(file, release, jvm) : odradekCommand(file)
  const broker = new ServerProcess(server, home, [port!, controllerPort!], [...runner, ...command])
  if (copyOf !== undefined) copyData(copyOf, broker.dataDir)
  else if (server === 'kafka') formatKafka(file, release, options.format ?? [])
  await broker.start()
  return broker
}

class ServerProcess implements RunningBroker {
  readonly server: Server
  readonly bootstrap: string
  readonly bootstrapController: string
  readonly dataDir: string
  readonly logFile: string
  readonly #home: string
  readonly #port: number
  readonly #command: readonly string[]
  spawnedAt = 0
  #child: ChildProcess | undefined

  constructor(
    server: Server,
    home: string,
    [port, controllerPort]: readonly [broker: number, controller: number],
    command: readonly string[],
  ) {
    this.server = server
    this.#home = home
    this.#port = port
    this.#command = command
    this.bootstrap = `127.0.0.1:${port}`
    this.bootstrapController = `127.0.0.1:${controllerPort}`
    this.dataDir = join(home, 'data')
    this.logFile = join(home, 'broker.log')
  }

  get pid(): number {
    return this.#child?.pid ?? -1
  }

  async start(): Promise<void> {
    const log = openSync(this.logFile, 'a')
    const [command, ...args] = this.#command
    this.spawnedAt = performance.now()
    const child = spawn(command!, args, {
      stdio: ['ignore', log, log],
      cwd: this.#home,
      env: this.server === 'kafka' ? { ...process.env, CLASSPATH: '' } : process.env,
    })
    this.#child = child
    const deadline = Date.now() + (this.server === 'kafka' ? 90_000 : 20_000)
    while (!(await accepts(this.#port))) {
      if (child.exitCode !== null || Date.now() > deadline) {
        throw new Error(`${this.server} did not start:\n${readFileSync(this.logFile, 'utf8').slice(-4000)}`)
      }
      await sleep(this.server === 'kafka' ? 50 : 2)
    }
  }

  async restart(): Promise<void> {
    await this.stop()
    await this.start()
  }

  stop(): Promise<void> {
    return this.#end('SIGTERM')
  }

  kill(): Promise<void> {
    return this.#end('SIGKILL')
  }

  async dispose(): Promise<void> {
    await this.#end('SIGKILL')
    rmSync(this.#home, { recursive: true, force: true })
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#child
    this.#child = undefined
    if (!child || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
    child.kill(signal)
    const hard = setTimeout(() => child.kill('SIGKILL'), 30_000)
    await gone
    clearTimeout(hard)
  }
}

function odradekCommand(file: string): string[] {
  const main = join(root, 'dist/bin/main.js')
  return [process.execPath, main, '--config', file, '--set', 'odradek.metrics.listener=']
}

function kafkaCommand(file: string, release: string, jvm: readonly string[]): string[] {
  return ['java', ...jvm, '-cp', kafkaJars(release), 'kafka.Kafka', file]
}

/** Everything but what a running broker holds open for itself. */
function copyData(from: string, to: string): void {
  cpSync(from, to, { recursive: true, filter: path => basename(path) !== '.lock' })
}

function formatKafka(file: string, release: string, more: readonly string[]): void {
  const storageTool = ['-cp', kafkaJars(release), 'kafka.tools.StorageTool']
  const id = spawnSync('java', [...storageTool, 'random-uuid'], { encoding: 'utf8' }).stdout.trim()
  const formatted = spawnSync('java', [...storageTool, 'format', '-t', id, '-c', file, ...more], {
    encoding: 'utf8',
  })
  if (formatted.status !== 0) throw new Error(`kafka-storage format: ${formatted.stdout}${formatted.stderr}`)
}

async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from({ length: count }, async () => {
      const server = createServer()
      await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
      return server
    }),
  )
  const ports = servers.map(server => (server.address() as { port: number }).port)
  await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  return ports
}

function accepts(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

export const sleep = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
