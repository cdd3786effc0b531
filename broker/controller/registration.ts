// The life of a broker's registration: registered fenced, unfenced when it has read its own registration, shutting down in an orderly
// way, fenced. In process the heartbeat is a call, not a timer: the broker cannot be silent while its controller speaks.
// KIP-631; Kafka's ClusterControlManager and BrokerHeartbeatManager.
import { Errors } from '../../protocol/errors.ts'
import { features, since } from '../metadata/features.ts'
import type { Endpoint, MetadataImage } from '../metadata/image.ts'
import type { MetadataRecord } from '../metadata/metadata-record.ts'
import type { CommandContext } from './context.ts'
import { brokerBack, brokerGone, leadershipChanges } from './leadership.ts'
import { ControllerError, type Result } from './result.ts'
import type { ControllerState } from './state.ts'

export interface BrokerIdentity {
  readonly brokerId: number
  readonly incarnationId: string
  readonly endpoints: readonly Endpoint[]
  readonly rack: string | null
  /** Ids of the log directories that are online. */
  readonly directories: readonly string[]
  readonly cordonedDirectories: readonly string[]
  /** Broker epoch of the run before if it stopped cleanly in every directory, else -1. A false claim costs data. */
  readonly previousBrokerEpoch: number
}

/** The broker epoch is the offset at which this registration will be written: `nextOffset` plus what is cleaned up before it. */
export function registerBroker(
  state: ControllerState,
  broker: BrokerIdentity,
  nextOffset: number,
  context: CommandContext,
): Result<{ brokerEpoch: number }> {
  const { image } = state
  refuseDirectories(image, broker)
  const existing = image.cluster.brokers.get(broker.brokerId)
  const wasClean = existing !== undefined && existing.epoch === broker.previousBrokerEpoch
  const cleanUp = existing === undefined ? [] : brokerGone(image, broker.brokerId, wasClean, context)
  // Kafka takes the offset at which the whole write starts, clean-up included.
  const brokerEpoch = nextOffset
  const record: MetadataRecord = {
    type: 'RegisterBrokerRecord',
    value: {
      brokerId: broker.brokerId,
      isMigratingZkBroker: false,
      incarnationId: broker.incarnationId,
      brokerEpoch,
      endPoints: broker.endpoints.map(endpoint => ({ ...endpoint })),
      features: supportedRanges(),
      rack: broker.rack,
      fenced: true,
      inControlledShutdown: false,
      logDirs:
        image.features.metadataVersion >= since.directoryAssignment ? [...broker.directories].sort() : [],
      cordonedLogDirs:
        image.features.metadataVersion >= since.cordonedDirectories && broker.cordonedDirectories.length > 0
          ? [...broker.cordonedDirectories]
          : null,
    },
  }
  return { records: [...cleanUp, record], reply: { brokerEpoch } }
}

const supportedRanges = () =>
  features.map(({ name, served }) => ({
    name,
    minSupportedVersion: served.min,
    maxSupportedVersion: served.max,
  }))

function refuseDirectories(image: MetadataImage, { brokerId, directories }: BrokerIdentity): void {
  const refuse = (message: string) => {
    throw new ControllerError(Errors.INVALID_REGISTRATION, message)
  }
  if (directories.length === 0) refuse('No directories specified in request')
  if (new Set(directories).size !== directories.length) refuse('Duplicate directory ID in request')
  for (const other of image.cluster.brokers.values()) {
    if (other.id === brokerId) continue
    const taken = directories.find(directory => other.directories.includes(directory))
    if (taken !== undefined) refuse(`Broker ${other.id} is already registered with directory ${taken}`)
  }
}

export interface Heartbeat {
  readonly brokerId: number
  readonly brokerEpoch: number
  /** Last offset of the image the broker has published to itself. */
  readonly currentMetadataOffset: number
  readonly wantFence: boolean
  readonly wantShutDown: boolean
  readonly offlineDirectories: readonly string[]
}

export interface HeartbeatReply {
  readonly isCaughtUp: boolean
  readonly isFenced: boolean
  readonly shouldShutDown: boolean
}

export function brokerHeartbeat(
  state: ControllerState,
  heartbeat: Heartbeat,
  context: CommandContext,
): Result<HeartbeatReply> {
  const { image } = state
  const { brokerId, brokerEpoch } = heartbeat
  const broker = image.cluster.brokers.get(brokerId)
  if (broker === undefined) {
    throw new ControllerError(
      Errors.STALE_BROKER_EPOCH,
      `No broker registration found for broker id ${brokerId}`,
    )
  }
  if (broker.epoch !== brokerEpoch) {
    throw new ControllerError(
      Errors.STALE_BROKER_EPOCH,
      `Expected broker epoch ${broker.epoch}, but got broker epoch ${brokerEpoch}`,
    )
  }
  const isCaughtUp = heartbeat.currentMetadataOffset >= (state.registrationOffsets.get(brokerId) ?? 0)
  const offline = offlineDirectories(image, heartbeat, context)
  if (broker.fenced) {
    if (heartbeat.wantShutDown) return shutDownNow(offline, isCaughtUp)
    if (heartbeat.wantFence || !isCaughtUp) {
      return { records: offline, reply: { isCaughtUp, isFenced: true, shouldShutDown: false } }
    }
    const records = [
      registrationChange(brokerId, brokerEpoch, { fenced: -1 }),
      ...brokerBack(image, brokerId, context),
    ]
    return {
      records: [...records, ...offline],
      reply: { isCaughtUp, isFenced: false, shouldShutDown: false },
    }
  }
  if (heartbeat.wantShutDown) {
    if (!leadsSomething(image, brokerId)) {
      return shutDownNow([...fence(image, brokerId, brokerEpoch, context), ...offline], isCaughtUp)
    }
    const records: MetadataRecord[] = broker.inControlledShutdown
      ? []
      : [registrationChange(brokerId, brokerEpoch, { inControlledShutdown: 1 })]
    records.push(...brokerGone(image, brokerId, true, context), ...offline)
    return { records, reply: { isCaughtUp, isFenced: false, shouldShutDown: false } }
  }
  if (heartbeat.wantFence) {
    const records = [...fence(image, brokerId, brokerEpoch, context), ...offline]
    return { records, reply: { isCaughtUp, isFenced: true, shouldShutDown: false } }
  }
  return { records: offline, reply: { isCaughtUp, isFenced: false, shouldShutDown: false } }
}

const shutDownNow = (records: MetadataRecord[], isCaughtUp: boolean): Result<HeartbeatReply> => ({
  records,
  reply: { isCaughtUp, isFenced: true, shouldShutDown: true },
})

function leadsSomething(image: MetadataImage, brokerId: number): boolean {
  for (const topic of image.topics.byName.values()) {
    for (const partition of topic.partitions.values()) if (partition.leader === brokerId) return true
  }
  return false
}

function fence(
  image: MetadataImage,
  brokerId: number,
  brokerEpoch: number,
  context: CommandContext,
): MetadataRecord[] {
  return [
    ...brokerGone(image, brokerId, true, context),
    registrationChange(brokerId, brokerEpoch, { fenced: 1 }),
  ]
}

function registrationChange(
  brokerId: number,
  brokerEpoch: number,
  change: { fenced?: number; inControlledShutdown?: number; logDirs?: string[] },
): MetadataRecord {
  return {
    type: 'BrokerRegistrationChangeRecord',
    value: {
      brokerId,
      brokerEpoch,
      fenced: 0,
      inControlledShutdown: 0,
      logDirs: [],
      cordonedLogDirs: null,
      ...change,
    },
  }
}

/** KIP-858: the partitions in a directory that failed lose this broker; the registration loses the directory. */
function offlineDirectories(
  image: MetadataImage,
  { brokerId, brokerEpoch, offlineDirectories: reported }: Heartbeat,
  context: CommandContext,
): MetadataRecord[] {
  const registered = image.cluster.brokers.get(brokerId)!.directories
  const failed = registered.filter(directory => reported.includes(directory))
  if (failed.length === 0 || image.features.metadataVersion < since.directoryAssignment) return []
  const left = registered.filter(directory => !failed.includes(directory))
  const records = leadershipChanges(
    image,
    { gone: brokerId },
    partition => failed.includes(partition.directories[partition.replicas.indexOf(brokerId)] ?? ''),
    context,
  )
  return [...records, registrationChange(brokerId, brokerEpoch, { logDirs: [...left] })]
}

export function unregisterBroker(
  state: ControllerState,
  brokerId: number,
  context: CommandContext,
): Result<void> {
  const { image } = state
  const broker = image.cluster.brokers.get(brokerId)
  if (broker === undefined) {
    throw new ControllerError(
      Errors.BROKER_ID_NOT_REGISTERED,
      `Broker ID ${brokerId} is not currently registered`,
    )
  }
  // In a cluster the broker would register again; here nobody would be left to lead a partition.
  if (brokerId === context.settings.nodeId && !broker.fenced) {
    throw new ControllerError(
      Errors.INVALID_REQUEST,
      `Broker ID ${brokerId} is running, and the only one: it cannot be unregistered`,
    )
  }
  const concerns = ({ isr, elr }: { isr: readonly number[]; elr: readonly number[] }) =>
    isr.includes(brokerId) || elr.includes(brokerId)
  return {
    records: [
      ...leadershipChanges(image, { gone: brokerId }, concerns, context),
      { type: 'UnregisterBrokerRecord', value: { brokerId, brokerEpoch: broker.epoch } },
    ],
    reply: undefined,
  }
}

export function registerController(
  nodeId: number,
  incarnationId: string,
  endpoints: readonly Endpoint[],
): Result<void> {
  return {
    records: [
      {
        type: 'RegisterControllerRecord',
        value: {
          controllerId: nodeId,
          incarnationId,
          zkMigrationReady: false,
          endPoints: endpoints.map(endpoint => ({ ...endpoint })),
          features: supportedRanges(),
        },
      },
    ],
    reply: undefined,
  }
}
