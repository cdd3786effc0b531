// The library: a broker inside any Node process.
//
//   import { startBroker } from 'odradek'
//   await using broker = await startBroker({ topics: ['orders'] })
//   const kafka = new Kafka({ brokers: [broker.bootstrapServers] })
//
// In memory unless `dataDir` says otherwise, on a free port of 127.0.0.1, silent. It opens no port but its listeners
// unless asked, installs no signal handler, never ends the process, and leaves no timer or handle behind when stopped.
// Several live side by side, each with its own clock and its own metrics.
import { randomBytes } from 'node:crypto'
import { resolve } from 'node:path'
import type { FileSystem } from '../storage/fs/port.ts'
import { MemoryFileSystem } from '../storage/fs/memory.ts'
import { NodeFileSystem } from '../storage/fs/node.ts'
import { openBroker } from './broker.ts'
import { BrokerConfig, InvalidSettings } from './config/broker-config.ts'
import { ConfigError } from './config/setting.ts'
import { SINGLE_NODE_PROFILE, fromOptions } from './config/sources.ts'
import type { BrokerSettingName, BrokerSettingValue } from './config/tables.ts'
import { type ActiveFault, type ErrorName, type FaultRule, Faults } from './faults.ts'
import { handlers } from './handlers/registry.ts'
import { type Level, Loggers } from './logging/loggers.ts'
import { MetricsRegistry } from './metrics/cells.ts'
import type { RunningBroker } from './options.ts'
import { AdvanceableClock } from './time/advanceable-clock.ts'
import { SystemClock } from './time/system-clock.ts'

export { ConfigError, InvalidSettings }
export type { ActiveFault, ErrorName, FaultRule }

/** A value of a setting. Lists may be written as Kafka writes them, and long numbers as text or bigint. */
type SettingInput<T> =
  | T
  | (T extends number ? string | bigint : never)
  | (T extends readonly string[] ? string : never)

/** Kafka's broker settings by their names, each with its type. */
export type BrokerSettings = {
  readonly [Name in BrokerSettingName]?: SettingInput<NonNullable<BrokerSettingValue<Name>>>
}

export interface TopicToCreate {
  readonly name: string
  /** num.partitions when left out. */
  readonly partitions?: number
  readonly config?: Readonly<Record<string, string | number | boolean>>
}

export type LogFunction = (level: Level, logger: string, fields: object, message: string) => void

export interface StartBrokerOptions {
  readonly topics?: readonly (string | TopicToCreate)[]
  /** Kafka's broker settings. */
  readonly settings?: BrokerSettings
  /** Keep the data in this directory; in memory when left out. */
  readonly dataDir?: string
  /** A free one when left out. */
  readonly port?: number
  /** Where to listen; 127.0.0.1 when left out. */
  readonly host?: string
  /** Gets every log line of level `info` and above. Silent when left out. */
  readonly log?: LogFunction
}

/** Starts a broker and resolves when clients can come. Rejects with InvalidSettings, or why it could not start. */
export async function startBroker(options: StartBrokerOptions = {}): Promise<EmbeddedBroker> {
  const broker = new EmbeddedBroker(options)
  await broker[START]()
  return broker
}

const START = Symbol('start')

const addressOf = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`

export class EmbeddedBroker implements AsyncDisposable {
  readonly #options: StartBrokerOptions
  readonly #faults: Faults
  #running: RunningBroker | undefined
  #clock = new AdvanceableClock(new SystemClock())
  #metrics = new MetricsRegistry()
  #fs: FileSystem
  #port: number

  /** @internal Use startBroker(). */
  constructor(options: StartBrokerOptions) {
    this.#options = options
    this.#port = options.port ?? 0
    this.#fs = this.#emptyFileSystem()
    this.#faults = new Faults(
      handlers.map(handler => handler.api.name),
      topic => this.#running?.metadata.current().topics.byName.get(topic)?.id,
    )
  }

  /** host:port, for a client's list of brokers. */
  get bootstrapServers(): string {
    return addressOf(this.host, this.port)
  }

  /**
   * The same for tools that ask a controller; undefined unless `settings.listeners` names such a listener. Where that says port 0,
   * it is another one after reset().
   */
  get bootstrapControllers(): string | undefined {
    const bound = this.#running?.controllerListeners[0]
    if (bound === undefined) return undefined
    return addressOf(['0.0.0.0', '::'].includes(bound.host) ? this.host : bound.host, bound.port)
  }

  get host(): string {
    return this.#options.host ?? '127.0.0.1'
  }

  get port(): number {
    return this.#port
  }

  get nodeId(): number {
    return this.#broker.nodeId
  }

  get clusterId(): string {
    return this.#broker.clusterId
  }

  /** Resolves when the broker has stopped; rejects when it stopped by itself. */
  get closed(): Promise<void> {
    return this.#broker.closed
  }

  readonly clock = {
    /** The broker's time, in milliseconds since the epoch. */
    nowMs: (): number => this.#clock.nowMs(),
    /**
     * Makes the broker's time jump: sessions, rebalances, retention and whatever else waits for that long comes due
     * now, in order. Resolves when the loop has taken what followed at once.
     */
    advance: async (ms: number): Promise<void> => {
      this.#clock.advance(ms)
      for (let turn = 0; turn < 3; turn++) await new Promise<void>(done => setImmediate(done))
    },
  }

  /** Makes requests fail, wait or vanish, once unless `times` says otherwise. */
  fault(rule: FaultRule): ActiveFault {
    return this.#faults.add(rule)
  }

  /** What Prometheus would read. */
  async metrics(): Promise<string> {
    const { Exposition } = await import('./metrics/exposition.ts')
    return new Exposition(this.#metrics, () => 0).render()
  }

  async createTopics(topics: readonly (string | TopicToCreate)[]): Promise<void> {
    const named = topics.map(topic => (typeof topic === 'string' ? { name: topic } : topic))
    if (named.length === 0) return
    const results = await this.#broker.controller.createTopics({
      validateOnly: false,
      topics: named.map(({ name, partitions, config = {} }) => ({
        name,
        numPartitions: partitions ?? -1,
        replicationFactor: -1,
        assignments: [],
        configs: Object.entries(config).map(([key, value]) => ({ name: key, value: String(value) })),
      })),
    })
    const failed = results.find(result => result.errorCode !== 0)
    if (failed) throw new Error(`topic ${failed.name}: ${failed.errorMessage ?? `error ${failed.errorCode}`}`)
  }

  /**
   * Empty again: no topics but those of the options, no groups, no faults, the clock at the real time. Clients are
   * disconnected; the port stays. In memory only.
   */
  async reset(): Promise<void> {
    if (this.#options.dataDir !== undefined) throw new Error('a broker with a dataDir cannot be reset')
    await this.stop()
    this.#faults.clear()
    this.#fs = this.#emptyFileSystem()
    this.#clock = new AdvanceableClock(new SystemClock())
    this.#metrics = new MetricsRegistry()
    await this[START]()
  }

  /** Answers what was accepted, writes everything out, and lets go of port, directory and timers. */
  async stop(): Promise<void> {
    try {
      await this.#running?.stop()
    } finally {
      this.#clock.close()
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.stop()
  }

  /** @internal */
  async [START](): Promise<void> {
    const { log } = this.#options
    try {
      this.#running = await openBroker({
        config: new BrokerConfig([SINGLE_NODE_PROFILE, this.#placement(), this.#settings()]),
        fs: this.#fs,
        clock: this.#clock,
        loggers: new Loggers(log),
        metrics: this.#metrics,
        randomBytes,
        fault: this.#faults.inject,
      })
      this.#port = this.#running.listeners[0]!.port
      await this.createTopics(this.#options.topics ?? [])
    } catch (error) {
      await this.stop()
      throw error
    }
  }

  get #broker(): RunningBroker {
    if (this.#running === undefined) throw new Error('the broker is not running')
    return this.#running
  }

  #placement() {
    const { dataDir } = this.#options
    const host = this.host.includes(':') ? `[${this.host}]` : this.host
    return fromOptions({
      listeners: `PLAINTEXT://${host}:${this.#port}`,
      'log.dirs': dataDir === undefined ? '/odradek' : resolve(dataDir),
      // A test does not want to wait for members that never come.
      'group.initial.rebalance.delay.ms': 0,
      'odradek.metrics.listener': '',
    })
  }

  #settings() {
    const entries = Object.entries(this.#options.settings ?? {}).map(
      ([name, value]) => [name, String(value)] as const,
    )
    return fromOptions(Object.fromEntries(entries))
  }

  #emptyFileSystem(): FileSystem {
    const { dataDir } = this.#options
    return dataDir === undefined
      ? new MemoryFileSystem({ nowMs: () => this.#clock.nowMs() })
      : new NodeFileSystem()
  }
}
