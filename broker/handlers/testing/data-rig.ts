/**
 * The data path for tests: every handler of the registry that needs no coordinator, real partitions, a real log manager on a file system in
 * memory, a clock that stands still, and a metadata log that is a list of records. Requests go through handlers directly, or through the
 * pipeline's codec with `call`.
 */
import { randomBytes } from 'node:crypto'
import type { Api } from '../../../protocol/schema/message.ts'
import { factsAt, type PartialDeep } from '../../../protocol/schema/message.ts'
import { randomUuid, ZERO_UUID } from '../../../protocol/uuid.ts'
import { logConfig } from '../../../storage/config.ts'
import { FaultyFileSystem } from '../../../storage/fs/faulty.ts'
import { MemoryFileSystem } from '../../../storage/fs/memory.ts'
import { LogManager } from '../../../storage/log-manager.ts'
import { DEFAULT_PRODUCER_STATE_CONFIG } from '../../../storage/producer-state.ts'
import { BrokerConfig } from '../../config/broker-config.ts'
import { SILENT } from '../../coordinators/group/config.ts'
import { CoordinatorTopics } from '../../coordinators/internal-topics.ts'
import { MetadataDelta } from '../../metadata/delta.ts'
import { EMPTY_IMAGE, type MetadataImage } from '../../metadata/image.ts'
import { BrokerEndpoints } from '../../wiring/endpoints.ts'
import { logDirSource, logSource } from '../../wiring/log-sources.ts'
import type { MetadataRecord } from '../../metadata/metadata-record.ts'
import { MetricsRegistry } from '../../metrics/cells.ts'
import { BlockPool } from '../../net/block-pool.ts'
import { ReplyMemory } from '../../net/reply-memory.ts'
import { FetchSessionTable } from '../../partitions/fetch-sessions.ts'
import { LocalPartitions } from '../../partitions/local-partitions.ts'
import { PartitionMap } from '../../partitions/partition-map.ts'
import { ReplicaAlterLogDirs } from '../../partitions/replica-alter-log-dirs.ts'
import { TopicMetrics } from '../../partitions/topic-metrics.ts'
import { WaitingRoom } from '../../partitions/waiting.ts'
import type { Authorizer } from '../../ports/authorizer.ts'
import type { Controller } from '../../ports/controller.ts'
import { ANONYMOUS, FREE_TICKET, type RequestContext } from '../../ports/request-context.ts'
import { allowAll } from '../../security/allow-all.ts'
import { ManualClock } from '../../time/manual-clock.ts'
import { bindAll, handlers } from '../registry.ts'

export const NODE = 1

export interface RigOptions {
  readonly settings?: Readonly<Record<string, string>>
  readonly authorizer?: Authorizer
  readonly logDirs?: readonly string[]
  readonly maxSessions?: number
  /** odradek.queued.max.reply.bytes */
  readonly replyBytes?: number
  /** The disk of an earlier run. */
  readonly fs?: MemoryFileSystem
  /** Topics whose logs are on that disk, and the directory the metadata has them in. */
  readonly placed?: Readonly<Record<string, { id: string; directory: string | undefined }>>
  /** What happens while the controller assigns a replica to a directory. */
  readonly onAssign?: (directoryId: string) => void | Promise<void>
}

export type Rig = Awaited<ReturnType<typeof dataRig>>

export const contextOf = (changes: Partial<RequestContext> = {}): RequestContext => ({
  clientId: 'test',
  principal: ANONYMOUS,
  listener: 'PLAINTEXT',
  securityProtocol: 'PLAINTEXT',
  clientAddress: '127.0.0.1',
  localAddress: { host: '127.0.0.1', port: 9092 },
  connectionId: 'c',
  correlationId: 1,
  clientSoftwareName: 'unknown',
  clientSoftwareVersion: 'unknown',
  ticket: FREE_TICKET,
  ...changes,
})

export async function dataRig(options: RigOptions = {}) {
  const clock = new ManualClock()
  const { logDirs = ['/data'], authorizer = allowAll, maxSessions = 100, placed = {} } = options
  const fs = options.fs ?? new MemoryFileSystem({ recordsCrashes: true, nowMs: () => clock.nowMs() })
  for (const path of logDirs) fs.mkdirp(path)
  fs.syncDir('/')
  const faults = new FaultyFileSystem(fs)
  const entries = new Map(
    Object.entries({
      'node.id': `${NODE}`,
      'process.roles': 'broker,controller',
      'controller.quorum.voters': `${NODE}@localhost:9093`,
      listeners: 'PLAINTEXT://:9092,CONTROLLER://:9093',
      'controller.listener.names': 'CONTROLLER',
      'log.dirs': logDirs.join(','),
      ...options.settings,
    }),
  )
  const config = new BrokerConfig([{ name: 'test', entries }])
  const manager = await LogManager.open({
    fs: faults,
    clock,
    random: () => 0.5,
    randomBytes: size => randomBytes(size),
    logDirs,
    nodeId: NODE,
    settings: settingsOf(config),
    onDirectoryFailure: (logDir): void => map.onDirectoryOffline(logDir.path),
  })
  manager.format('cluster')
  await manager.startup({
    expectedTopicId: ({ topic }) => placed[topic]?.id,
    assignedDirectoryId: ({ topic }) => placed[topic]?.directory,
    topicConfig: () => config.topicConfig(),
  })

  let image: MetadataImage = EMPTY_IMAGE
  const room = new WaitingRoom(clock)
  const bugs: unknown[] = []
  const elections = new Map()
  const map = new PartitionMap({
    localNodeId: NODE,
    logs: logSource(manager),
    room,
    topicConfig: overrides => config.topicConfig(overrides),
    elections,
    onError: (_what, error) => bugs.push(error),
  })
  const metrics = new TopicMetrics(new MetricsRegistry())
  const blocks = new BlockPool()
  const sessions = new FetchSessionTable({ clock, maxSessions, random: Math.random })
  const assigned: { topicId: string; partition: number; directoryId: string }[] = []
  const moves = new ReplicaAlterLogDirs({
    ...{ manager, map, clock },
    assign: async (topicId, partition, directoryId) => {
      assigned.push({ topicId, partition, directoryId })
      await options.onAssign?.(directoryId)
    },
    maxBytesPerSecond: () => Number(config.get('replica.alter.log.dirs.io.max.bytes.per.second')),
    onError: (_what, error) => bugs.push(error),
  })
  const partitions = new LocalPartitions({
    moves,
    map,
    room,
    metrics,
    sessions,
    logDirs: logDirSource(manager, fs),
    replyMemory: new ReplyMemory(blocks, options.replyBytes ?? 1 << 28),
    onBug: (what, error) => bugs.push(what, error),
  })
  const metadata = { current: () => image }

  const apply = (records: readonly MetadataRecord[]): void => {
    const delta = new MetadataDelta(image)
    for (const record of records) delta.replay(record)
    image = delta.apply({ offset: image.offset + records.length, epoch: 1, timestampMs: clock.nowMs() })
    map.onUpdate(delta, image)
  }
  apply([registration()])

  const controller = {
    describeQuorum: () => ({ kraftVersion: 0 }),
    createTopics: async (command: { topics: readonly { name: string; numPartitions: number }[] }) =>
      command.topics.map(({ name, numPartitions }) => {
        const id = createTopic(name, { partitions: numPartitions })
        return { name, topicId: id, errorCode: 0, errorMessage: null }
      }),
  } as unknown as Controller

  function createTopic(
    name: string,
    { partitions: count = 1, configs = {}, id = randomUuid(randomBytes) }: TopicOptions = {},
  ): string {
    const records: MetadataRecord[] = [{ type: 'TopicRecord', value: { name, topicId: id } }]
    for (const [key, value] of Object.entries(configs)) {
      records.push({
        type: 'ConfigRecord',
        value: { resourceType: 2, resourceName: name, name: key, value },
      })
    }
    for (let partitionId = 0; partitionId < count; partitionId++) {
      records.push({ type: 'PartitionRecord', value: partitionRecord(id, partitionId) })
    }
    apply(records)
    return id
  }

  const endpoints = new BrokerEndpoints({
    ...{ nodeId: NODE, rack: null, metadata },
    ...{ advertised: [], bound: [], boundControllers: [] },
  })
  const services = {
    metadata,
    authorizer,
    partitions,
    endpoints,
    members: endpoints.brokers,
    config,
    controller,
    internalTopics: new CoordinatorTopics(controller, config, SILENT),
    clusterId: 'cluster',
    apiRanges: () => [],
  }
  const bound = bindAll(
    handlers.filter(({ api }) => DATA_KEYS.has(api.key)),
    services,
  )

  /** What the handler answers to a request of that version, defaults filled in. */
  async function call<Q, R>(
    api: Api<Q, R>,
    version: number,
    request: PartialDeep<Q>,
    context: RequestContext = contextOf(),
  ): Promise<R> {
    return (await start(api, version, request, context)) as R
  }

  /** The same, without waiting: a promise only if the handler waits. */
  function start<Q, R>(
    api: Api<Q, R>,
    version: number,
    request: PartialDeep<Q>,
    context: RequestContext = contextOf(),
  ): R | null | Promise<R | null> {
    const body = api.request.create(request)
    api.upgrade?.(body, version)
    const { handle } = bound.get(api.key)!
    return handle(body, context, factsAt(api as never, version)) as R | null | Promise<R | null>
  }

  return {
    clock,
    fs,
    faults,
    manager,
    map,
    room,
    partitions,
    sessions,
    moves,
    assigned,
    blocks,
    elections,
    apply,
    createTopic,
    call,
    start,
    bugs,
    current: () => image,
  }
}

interface TopicOptions {
  readonly partitions?: number
  readonly configs?: Readonly<Record<string, string>>
  readonly id?: string
}

const DATA_KEYS = new Set([0, 1, 2, 3, 18, 21, 23, 29, 30, 31, 34, 35, 60, 61, 75])

const settingsOf = (config: BrokerConfig) => ({
  defaultLogConfig: logConfig(config.topicConfig()),
  retentionCheckIntervalMs: 300_000,
  recoveryPointCheckpointIntervalMs: 60_000,
  logStartOffsetCheckpointIntervalMs: 60_000,
  highWatermarkCheckpointIntervalMs: 5_000,
  producerIdExpirationCheckIntervalMs: 600_000,
  initialTaskDelayMs: 30_000,
  producerState: { ...DEFAULT_PRODUCER_STATE_CONFIG },
})

const registration = (): MetadataRecord => ({
  type: 'RegisterBrokerRecord',
  value: {
    brokerId: NODE,
    isMigratingZkBroker: false,
    incarnationId: ZERO_UUID,
    brokerEpoch: 1,
    endPoints: [{ name: 'PLAINTEXT', host: 'broker', port: 9092, securityProtocol: 0 }],
    features: [],
    rack: null,
    fenced: false,
    inControlledShutdown: false,
    logDirs: [],
    cordonedLogDirs: null,
  },
})

const partitionRecord = (topicId: string, partitionId: number) => ({
  partitionId,
  topicId,
  replicas: [NODE],
  isr: [NODE],
  removingReplicas: [],
  addingReplicas: [],
  leader: NODE,
  leaderRecoveryState: 0,
  leaderEpoch: 0,
  partitionEpoch: 0,
  directories: [],
  eligibleLeaderReplicas: null,
  lastKnownElr: null,
})
