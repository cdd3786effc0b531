/**
 * The composition root: builds the parts, hands each the ports it needs, starts them in order and stops them in reverse. It decides
 * nothing itself. The order of start is Kafka's BrokerServer:
 *
 *   lock and identify the directories ─▶ bind the sockets (nobody is admitted yet) ─▶ read the metadata log, take the next epoch
 *   ─▶ register, fenced ─▶ load the logs ─▶ publish the image ─▶ unfence: partitions get leaders, coordinators load ─▶ admit clients
 */
import { randomUuid } from '../protocol/uuid.ts'
import { type LogDir, LogManager } from '../storage/log-manager.ts'
import type { BrokerConfig } from './config/broker-config.ts'
import { BrokerLifecycle } from './controller/broker-lifecycle.ts'
import type { EmbeddedController } from './controller/embedded-controller.ts'
import { ProducerIdManager } from './controller/producer-id-manager.ts'
import type { GroupService } from './coordinators/group/group-coordinator.ts'
import { CoordinatorTopics } from './coordinators/internal-topics.ts'
import type { ListenerType } from './handlers/handler.ts'
import { bindAll, handlersOn } from './handlers/registry.ts'
import { ConfigResourceType, configsOf, type MetadataImage, type MetadataSource } from './metadata/image.ts'
import { notServed } from './metadata/features.ts'
import type { MetadataPublisher } from './metadata/publisher.ts'
import { RequestMetrics } from './metrics/request-metrics.ts'
import { BlockPool } from './net/block-pool.ts'
import { MemoryGate } from './net/memory-gate.ts'
import { Outbox } from './net/outbox.ts'
import { Pipeline } from './net/pipeline.ts'
import { ReplyMemory } from './net/reply-memory.ts'
import { SharedReads } from './net/shared-reads.ts'
import type { BrokerOptions, RunningBroker } from './options.ts'
import type { FetchSessionTable } from './partitions/fetch-sessions.ts'
import { LocalPartitions } from './partitions/local-partitions.ts'
import type { PartitionMap } from './partitions/partition-map.ts'
import type { ReplicaAlterLogDirs } from './partitions/replica-alter-log-dirs.ts'
import { TopicMetrics } from './partitions/topic-metrics.ts'
import { WaitingRoom } from './partitions/waiting.ts'
import { formatStorage } from './raft/format.ts'
import { allowAll } from './security/allow-all.ts'
import { BrokerEndpoints } from './wiring/endpoints.ts'
import { registerGauges } from './wiring/gauges.ts'
import { logDirSource, startupMetadata } from './wiring/log-sources.ts'
import { openController } from './wiring/open-controller.ts'
import { boundOf, openListeners, type OpenListeners, shownOf } from './wiring/open-listeners.ts'
import { openGroups, openMoves, openPartitions, openSessions } from './wiring/open-partitions.ts'
import { type ServicesByListener, servicesByListener } from './wiring/services.ts'
import { logManagerSettings } from './wiring/settings.ts'

/** A client that has been accepted gets this long for its last answers when the broker stops. */
const STOP_GRACE_MS = 1000
/** Requests held in memory over all connections when queued.max.request.bytes sets no limit. */
const DEFAULT_REQUEST_MEMORY_BYTES = 512 * 1024 * 1024

/** Resolves when clients are served. Rejects, with everything released again, when the broker cannot start. */
export const openBroker = (options: BrokerOptions): Promise<RunningBroker> => Broker.open(options)

class Broker implements RunningBroker {
  readonly #options: BrokerOptions
  readonly #events: RequestMetrics
  readonly #gate: MemoryGate
  readonly #blocks = new BlockPool()
  readonly #outbox: Outbox
  readonly #replyMemory: ReplyMemory
  readonly #sharedReads = new SharedReads()
  readonly #room: WaitingRoom
  readonly #topicMetrics: TopicMetrics
  /** What has been started, newest last; stopped in reverse. */
  readonly #stops: (() => void | Promise<void>)[] = []
  readonly closed: Promise<void>
  #settleClosed: { resolve: () => void; reject: (error: Error) => void } = { resolve() {}, reject() {} }
  #stopping: Promise<void> | undefined
  #failure: Error | undefined
  readonly #warned = new Set<string>()
  #isServing = false
  #clusterId = ''
  #controller: EmbeddedController | undefined
  #listeners: OpenListeners = { client: [], controller: [] }
  #onDirectoryFailure: (logDir: LogDir) => void = () => {}

  constructor(options: BrokerOptions) {
    this.#options = options
    this.#events = new RequestMetrics(options.metrics, options.loggers.get('net'))
    this.#gate = new MemoryGate(requestMemoryBytes(options.config))
    this.#outbox = new Outbox(options.clock)
    this.#replyMemory = new ReplyMemory(this.#blocks, options.config.get('odradek.queued.max.reply.bytes'))
    this.#room = new WaitingRoom(options.clock)
    this.#topicMetrics = new TopicMetrics(options.metrics)
    this.closed = new Promise((resolve, reject) => {
      this.#settleClosed = { resolve, reject }
    })
    this.closed.catch(() => {}) // whoever does not ask for it is not bothered by it
  }

  get nodeId(): number {
    return this.#options.config.nodeId
  }

  get clusterId(): string {
    return this.#clusterId
  }

  get metadata(): MetadataSource {
    return this.controller.metadata
  }

  get controller(): EmbeddedController {
    if (this.#controller === undefined) throw new Error('the broker has not started')
    return this.#controller
  }

  get listeners(): RunningBroker['listeners'] {
    return shownOf(this.#listeners.client)
  }

  get controllerListeners(): RunningBroker['controllerListeners'] {
    return shownOf(this.#listeners.controller)
  }

  unhealthy(): string | null {
    return this.#failure?.message ?? null
  }

  unready(): string | null {
    if (this.#failure !== undefined) return this.#failure.message
    if (this.#stopping !== undefined) return 'the broker is stopping'
    return this.#isServing ? null : 'the broker is starting'
  }

  // ---- start

  static async open(options: BrokerOptions): Promise<Broker> {
    const broker = new Broker(options)
    try {
      await broker.#start()
      return broker
    } catch (error) {
      // What failed is what the caller must hear of, not how the stop went.
      await broker.stop().catch(() => {})
      throw error
    }
  }

  async #start(): Promise<void> {
    const { config } = this.#options
    const logs = await this.#openLogManager()
    await this.#bindListeners()
    const controller = openController(this.#options, {
      logs,
      clusterId: this.#clusterId,
      onFailure: this.#failLater,
    })
    this.#controller = controller
    const { metadata } = controller
    const endpoints = new BrokerEndpoints({
      nodeId: this.nodeId,
      rack: config.get('broker.rack'),
      metadata,
      advertised: [...(config.listeners.advertised ?? []), ...config.listeners.advertisedControllers],
      bound: boundOf(this.#listeners.client),
      boundControllers: boundOf(this.#listeners.controller),
    })
    const onBug = this.#onBug
    const groups = openGroups(this.#options, metadata)
    const partitions = openPartitions(this.#options, {
      ...{ logs, groups, onBug },
      room: this.#room,
      topicMetrics: this.#topicMetrics,
    })
    const sessions = openSessions(this.#options, this.#random)
    const lifecycle = new BrokerLifecycle(controller, metadata)
    const moves = openMoves(this.#options, { logs, partitions, lifecycle, onBug })
    const services = this.#services({ controller, endpoints, groups, partitions, sessions, logs, moves })
    registerGauges(this.#options.metrics, {
      ...{ logs, partitions, metadata, controller, groups, sessions },
      ...{ room: this.#room, gate: this.#gate },
    })

    this.#onDirectoryFailure = logDir => this.#directoryFailed(logDir, { logs, partitions, lifecycle })
    this.#stops.push(
      () => logs.close(lifecycle.brokerEpoch),
      () => controller.close(),
      () => lifecycle.shutDown(),
      () => groups.close(),
      () => moves.stop(),
    )
    await this.#register(controller, lifecycle, endpoints, logs)
    this.#goOn()
    await logs.startup(startupMetadata(metadata.current(), config))
    this.#goOn()
    controller.start(this.#publishers(partitions, groups))
    await lifecycle.unfence()
    this.#goOn()
    moves.resume()
    this.#admit(services, logs)
  }

  /** A disk may have failed meanwhile: then the broker has been stopping since, and nothing more begins. */
  #goOn(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  async #openLogManager(): Promise<LogManager> {
    const { config, fs, clock, loggers, randomBytes } = this.#options
    const logs = await LogManager.open({
      ...{ fs, clock, randomBytes, random: this.#random },
      logger: loggers.get('storage'),
      logDirs: config.logDirs,
      nodeId: this.nodeId,
      settings: logManagerSettings(config),
      onDirectoryFailure: logDir => this.#onDirectoryFailure(logDir),
    })
    this.#stops.push(() => logs.close())
    this.#clusterId = logs.clusterId ?? randomUuid(randomBytes)
    formatStorage(fs, logs, { clusterId: this.#clusterId, nowMs: clock.nowMs() })
    return logs
  }

  /** The ports are known from here on; clients wait unread until `#admit`. */
  async #bindListeners(): Promise<void> {
    const shared = {
      ...{ gate: this.#gate, events: this.#events, sharedReads: this.#sharedReads },
      ...{ blocks: this.#blocks, outbox: this.#outbox, replyMemory: this.#replyMemory },
    }
    this.#listeners = await openListeners(this.#options, shared, server => {
      this.#stops.push(() => server.stop(0))
    })
  }

  #services(parts: {
    readonly controller: EmbeddedController
    readonly endpoints: BrokerEndpoints
    readonly groups: GroupService
    readonly partitions: PartitionMap
    readonly sessions: FetchSessionTable
    readonly logs: LogManager
    readonly moves: ReplicaAlterLogDirs
  }): ServicesByListener {
    const { config, fs, loggers } = this.#options
    const { controller, endpoints, groups, sessions, logs, moves } = parts
    const common = {
      ...{ config, loggers, controller, endpoints, groups },
      clusterId: this.#clusterId,
      metadata: controller.metadata,
      authorizer: allowAll,
      partitions: new LocalPartitions({
        map: parts.partitions,
        room: this.#room,
        metrics: this.#topicMetrics,
        sessions,
        moves,
        logDirs: logDirSource(logs, fs),
        replyMemory: this.#replyMemory,
        onBug: this.#onBug,
      }),
      producerIds: new ProducerIdManager(controller),
      internalTopics: new CoordinatorTopics(controller, config, loggers.get('groups')),
    }
    return servicesByListener(common, endpoints)
  }

  async #register(
    controller: EmbeddedController,
    lifecycle: BrokerLifecycle,
    endpoints: BrokerEndpoints,
    logs: LogManager,
  ): Promise<void> {
    const incarnationId = randomUuid(this.#options.randomBytes)
    const hostName = this.#options.hostName ?? 'localhost'
    const registered = endpoints.registered(hostName)
    await controller.activate({ incarnationId, endpoints: endpoints.controllerRegistered(hostName) })
    for (const feature of notServed(controller.metadata.current().features)) {
      this.#options.loggers
        .get('start')
        .warn(
          feature,
          'a finalized feature is above what this broker serves: clients are told the lower level',
        )
    }
    await lifecycle.register({
      brokerId: this.nodeId,
      incarnationId,
      endpoints: registered,
      rack: this.#options.config.get('broker.rack'),
      directories: logs.onlineLogDirs.map(logDir => logDir.directoryId!).sort(),
      cordonedDirectories: [],
      previousBrokerEpoch: logs.previousBrokerEpoch() ?? -1,
    })
  }

  /** Who is told of a new image, in this order, each before the next. */
  #publishers(partitions: PartitionMap, groups: GroupService): MetadataPublisher[] {
    const { config } = this.#options
    let image: MetadataImage | undefined
    config.onTopicDefaultsChange(() => {
      if (image !== undefined) partitions.refreshConfigs(image)
    })
    return [
      {
        name: 'broker settings',
        onUpdate: (_delta, latest) => {
          image = latest
          const { BROKER } = ConfigResourceType
          const own = configsOf(latest, BROKER, String(this.nodeId))
          for (const problem of config.update(configsOf(latest, BROKER, ''), own)) this.#warnOnce(problem)
        },
      },
      partitions,
      groups,
    ]
  }

  /** What the metadata log holds and this broker cannot take over, said when it is first met. */
  #warnOnce(problem: string): void {
    if (this.#warned.has(problem)) return
    this.#warned.add(problem)
    this.#options.loggers.get('config').warn({ problem }, 'a dynamic setting is ignored')
  }

  #admit(services: ServicesByListener, logs: LogManager): void {
    const pipelineOf = (kind: ListenerType): Pipeline =>
      new Pipeline({
        handlers: bindAll(handlersOn(kind), services[kind]),
        authorizer: services[kind].authorizer,
        clock: this.#options.clock,
        events: this.#events,
        fault: this.#options.fault,
      })
    this.#stops.push(() => this.#drain(logs))
    const [forClients, forControllers] = [pipelineOf('broker'), pipelineOf('controller')]
    for (const { server } of this.#listeners.client) server.admit(forClients)
    for (const { server } of this.#listeners.controller) server.admit(forControllers)
    this.#isServing = true
  }

  // ---- stop

  stop(): Promise<void> {
    this.#stopping ??= this.#stopAll().then(
      () => {
        if (this.#failure === undefined) this.#settleClosed.resolve()
        else this.#settleClosed.reject(this.#failure)
      },
      (error: Error) => {
        this.#settleClosed.reject(this.#failure ?? error)
        throw error
      },
    )
    return this.#stopping
  }

  async #stopAll(): Promise<void> {
    this.#isServing = false
    let failed: unknown
    for (const stop of this.#stops.splice(0).reverse()) {
      try {
        await stop()
      } catch (error) {
        failed ??= error
      }
    }
    if (failed !== undefined) throw failed
  }

  /** Accepts no more, lets pending acks have their flush, ends every other wait with what there is, closes the connections. */
  async #drain(logs: LogManager): Promise<void> {
    const { client, controller } = this.#listeners
    const closed = [...client, ...controller].map(({ server }) => server.stop(STOP_GRACE_MS))
    // A flush that fails has told its directory; the others' acks are still owed.
    await Promise.allSettled(Array.from(logs.logs(), log => logs.flusher.whenFlushed(log)))
    this.#room.close()
    await Promise.all(closed)
  }

  // ---- failure

  #directoryFailed(
    logDir: LogDir,
    {
      logs,
      partitions,
      lifecycle,
    }: { logs: LogManager; partitions: PartitionMap; lifecycle: BrokerLifecycle },
  ): void {
    partitions.onDirectoryOffline(logDir.path)
    const { metadataLogDir } = this.#options.config
    if (logs.onlineLogDirs.length === 0) this.#fail(new Error('every log directory is offline'))
    else if (logDir.path === metadataLogDir)
      this.#fail(new Error(`the metadata log directory ${metadataLogDir} is offline`))
    else if (logDir.directoryId !== undefined)
      lifecycle.directoriesFailed([logDir.directoryId]).catch(this.#failLater)
  }

  readonly #failLater = (error: Error): void => this.#fail(error)

  /** The broker cannot go on: it stops by itself, and `closed` says why. */
  #fail(error: Error): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#options.loggers.get('broker').fatal({ err: error }, 'the broker stops')
    this.stop().catch(() => {}) // `closed` has the reason already
  }

  readonly #onBug = (what: string, error: unknown): void => {
    this.#options.loggers.get('partitions').error({ what, err: error }, 'a partition failed')
  }

  /** In [0, 1), from the same source as ids, so that a simulation can repeat itself. */
  readonly #random = (): number => {
    const bytes = this.#options.randomBytes(4)
    return (((bytes[0]! << 24) | (bytes[1]! << 16) | (bytes[2]! << 8) | bytes[3]!) >>> 0) / 2 ** 32
  }
}

/** queued.max.request.bytes; -1 is no limit in Kafka, and a default one here: every queue has a bound. */
function requestMemoryBytes(config: BrokerConfig): number {
  const limit = Number(config.get('queued.max.request.bytes'))
  return limit > 0 ? limit : DEFAULT_REQUEST_MEMORY_BYTES
}
