// The runtime around the pure commands: one voter that is always the leader of its own metadata log.
//
//   command ─▶ records ─▶ append (one batch) ─▶ replay: the controller's own state
//                            └─▶ flush ─▶ high watermark ─▶ loader ─▶ image ─▶ publishers ─▶ reply
//
// Promises: commands take effect in the order in which they are given; a reply leaves after its records are on the disk and
// published; commands that come while a flush is under way share the next one; a command that refuses has written nothing. An error
// from the log is final: everything waiting is rejected, `onFailure` is called once, and nothing is accepted afterwards.
// Kafka's QuorumController on a raft layer of one node.
import { writeMessage } from '../../protocol/codec/message.ts'
import { Errors } from '../../protocol/errors.ts'
import { LeaderChangeMessage } from '../../protocol/internal/control-records.ts'
import { ZERO_UUID } from '../../protocol/uuid.ts'
import { LATEST_METADATA_VERSION, since } from '../metadata/features.ts'
import type { Endpoint, MetadataSource } from '../metadata/image.ts'
import { MetadataLoader } from '../metadata/loader.ts'
import {
  chunksOf,
  controlBatch,
  dataBatch,
  encodeRecords,
  MAX_RECORDS_PER_BATCH,
  type MetadataBatch,
  readBatches,
} from '../metadata/metadata-batch.ts'
import type { MetadataRecord } from '../metadata/metadata-record.ts'
import type { MetadataPublisher } from '../metadata/publisher.ts'
import { decodeSnapshot, STATIC_VOTERS, voterRecords, type VoterSet } from '../metadata/snapshot.ts'
import type { Clock } from '../ports/clock.ts'
import type { ConfigSchema, Controller, QuorumInfo } from '../ports/controller.ts'
import type { MetadataLog } from '../ports/metadata-log.ts'
import { activationRecords, defaultBootstrapRecords, levelIn } from './activation.ts'
import { alterConfigs, incrementalAlterConfigs } from './configs.ts'
import type { CommandContext, ControllerSettings } from './context.ts'
import { assignReplicaToDirectory, type ReplicaAssignment } from './directories.ts'
import { electLeaders } from './elections.ts'
import { recovered } from './leadership.ts'
import { loadMetadata, votersAfter } from './load.ts'
import { allocateProducerIds } from './producer-ids.ts'
import { alterPartitionReassignments, listPartitionReassignments } from './reassignments.ts'
import {
  type BrokerIdentity,
  brokerHeartbeat,
  type Heartbeat,
  type HeartbeatReply,
  registerBroker,
  registerController,
  unregisterBroker,
} from './registration.ts'
import { ControllerError, type Result } from './result.ts'
import { type SnapshotPolicy, SnapshotWriter } from './snapshot-writer.ts'
import { type ControllerState, replay, stateOf } from './state.ts'
import { createPartitions, createTopics, deleteTopics } from './topics.ts'
import { kraftVersionAfter, updateFeatures } from './update-features.ts'

export interface EmbeddedControllerOptions {
  readonly log: MetadataLog
  readonly clock: Clock
  readonly newUuid: () => string
  readonly settings: ControllerSettings
  readonly schema: ConfigSchema
  readonly snapshots: SnapshotPolicy
  /** Called once when the metadata log cannot be written any more. */
  readonly onFailure: (error: Error) => void
}

interface Waiter {
  /** Released once the high watermark has passed this offset. */
  readonly offset: number
  readonly release: () => void
  readonly reject: (error: Error) => void
}

export class EmbeddedController implements Controller {
  readonly #options: EmbeddedControllerOptions
  readonly #log: MetadataLog
  readonly #loader = new MetadataLoader()
  readonly #snapshots: SnapshotWriter
  #state: ControllerState = stateOf(this.#loader.current())
  /** What the committed log says of who votes. */
  #voterSet: VoterSet = STATIC_VOTERS
  #endpoints: readonly Endpoint[] = []
  #epoch = 0
  #highWatermark = 0
  /** Appended and not committed: what the loader is given when the high watermark passes. */
  #uncommitted: MetadataBatch[] = []
  #waiters: Waiter[] = []
  #isFlushing = false
  #failure: Error | undefined

  private constructor(options: EmbeddedControllerOptions) {
    this.#options = options
    this.#log = options.log
    this.#snapshots = new SnapshotWriter(options.log, options.clock, options.snapshots)
  }

  /** Reads the newest snapshot that is whole, and the log after it. Nothing is written and nobody is told yet. */
  static open(options: EmbeddedControllerOptions): EmbeddedController {
    const controller = new EmbeddedController(options)
    const { settings, log } = options
    controller.#voterSet = loadMetadata(log, controller.#snapshots, controller.#loader, settings.nodeId)
    return controller
  }

  get metadata(): MetadataSource {
    return this.#loader
  }

  get epoch(): number {
    return this.#epoch
  }

  // ---- start

  /** Takes the next epoch, which is on the disk before anything is written in it, and brings an empty log to life. */
  async activate(controller: {
    readonly incarnationId: string
    readonly endpoints: readonly Endpoint[]
  }): Promise<void> {
    const { nodeId } = this.#options.settings
    this.#endpoints = controller.endpoints
    const before = this.#log.readQuorumState()
    this.#epoch = Math.max(before?.leaderEpoch ?? 0, this.#log.lastEpoch, this.#loader.epoch) + 1
    const dynamic = this.#voterSet.kraftVersion > 0
    this.#log.writeQuorumState({
      dataVersion: dynamic ? 1 : 0,
      leaderId: nodeId,
      leaderEpoch: this.#epoch,
      votedId: -1,
      votedDirectoryId: ZERO_UUID,
      currentVoters: dynamic ? [] : [nodeId],
    })
    this.#appendLeaderChange()
    const bootstrap = this.#bootstrapRecords()
    const metadataVersion =
      this.#loader.current().features.metadataVersion || levelIn(bootstrap, 'metadata.version')
    const activation = activationRecords(
      this.#loader.current(),
      this.#loader.openTransactionOffset !== undefined,
      bootstrap,
      this.#options.schema,
    )
    // The state begins where the loader would be once the left-over transaction is gone.
    this.#state = stateOf(this.#loader.current())
    if (activation.length > 0) this.#append(activation, metadataVersion)
    if (metadataVersion >= since.controllerRegistration) {
      await this.#submit(() => registerController(nodeId, controller.incarnationId, controller.endpoints))
    } else await this.#committed(this.#log.endOffset - 1)
  }

  #bootstrapRecords(): readonly MetadataRecord[] {
    const bytes = this.#log.readBootstrap()
    return bytes === undefined ? defaultBootstrapRecords() : decodeSnapshot(bytes).records
  }

  #appendLeaderChange(): void {
    const { nodeId } = this.#options.settings
    const voter = { voterId: nodeId, voterDirectoryId: ZERO_UUID }
    const message = { version: 0, leaderId: nodeId, voters: [voter], grantingVoters: [voter] }
    const place = this.#place()
    const bytes = controlBatch(place, [
      { type: 'LEADER_CHANGE', value: writeMessage(LeaderChangeMessage, 0, message) },
      // The voters that `format --standalone` left in the snapshot at 0 enter the log with its first epoch.
      ...(this.#log.endOffset === 0 ? voterRecords(this.#voterSet) : []),
    ])
    const [batch] = readBatches(bytes)
    this.#write(bytes, batch!)
  }

  /** Static voters become dynamic ones (KIP-853): the log says from here on that this node votes, and where it is reached. */
  #appendVoters(kraftVersion: number): void {
    const voter = {
      voterId: this.#options.settings.nodeId,
      voterDirectoryId: this.#log.directoryId ?? ZERO_UUID,
      endpoints: this.#endpoints.map(({ name, host, port }) => ({ name, host, port })),
      kRaftVersionFeature: { minSupportedVersion: 0, maxSupportedVersion: 1 },
    }
    const voterSet = { kraftVersion, voters: { version: 0, voters: [voter] } }
    const bytes = controlBatch(this.#place(), voterRecords(voterSet))
    const [batch] = readBatches(bytes)
    this.#write(bytes, batch!)
  }

  /** From now on everybody in the list is told, beginning with all there is. */
  start(publishers: readonly MetadataPublisher[]): void {
    this.#loader.start(publishers)
  }

  // ---- commands

  createTopics: Controller['createTopics'] = (request, describable = () => true) =>
    this.#submit((state, context) => createTopics(state, request, describable, context))

  deleteTopics: Controller['deleteTopics'] = ids => this.#submit(state => deleteTopics(state, ids))

  createPartitions: Controller['createPartitions'] = (topics, validateOnly) =>
    this.#submit(state => createPartitions(state, topics, validateOnly))

  incrementalAlterConfigs: Controller['incrementalAlterConfigs'] = (resources, validateOnly) =>
    this.#submit((state, context) => incrementalAlterConfigs(state, resources, validateOnly, context))

  alterConfigs: Controller['alterConfigs'] = (resources, validateOnly) =>
    this.#submit((state, context) => alterConfigs(state, resources, validateOnly, context))

  electLeaders: Controller['electLeaders'] = request =>
    this.#submit((state, context) => electLeaders(state, request, context))

  alterPartitionReassignments: Controller['alterPartitionReassignments'] = request =>
    this.#submit((state, context) => alterPartitionReassignments(state, request, context))

  listPartitionReassignments: Controller['listPartitionReassignments'] = async topics =>
    listPartitionReassignments(this.#loader.current(), topics)

  updateFeatures: Controller['updateFeatures'] = (updates, validateOnly) =>
    this.#submit((state, context) => {
      const before = this.#voterSet.kraftVersion
      const result = updateFeatures(state, updates, validateOnly, before, context)
      const after = kraftVersionAfter(before, updates)
      if (result.reply.errorCode === 0 && !validateOnly && after > before) this.#appendVoters(after)
      return result
    })

  unregisterBroker: Controller['unregisterBroker'] = brokerId =>
    this.#submit((state, context) => unregisterBroker(state, brokerId, context))

  allocateProducerIds: Controller['allocateProducerIds'] = () =>
    this.#submit(state => allocateProducerIds(state, this.#options.settings.nodeId))

  registerBroker(broker: BrokerIdentity): Promise<{ brokerEpoch: number }> {
    return this.#submit((state, context) => registerBroker(state, broker, this.#log.endOffset, context))
  }

  async brokerHeartbeat(heartbeat: Heartbeat): Promise<HeartbeatReply> {
    const reply = await this.#submit((state, context) => brokerHeartbeat(state, heartbeat, context))
    // An elected leader that is alone in its ISR has nothing to recover from anybody.
    if (!reply.isFenced && !heartbeat.wantShutDown) {
      await this.#submit(state => ({ records: recovered(state.image, heartbeat.brokerId), reply: undefined }))
    }
    return reply
  }

  assignReplicaToDirectory(assignment: ReplicaAssignment): Promise<void> {
    return this.#submit((state, context) => assignReplicaToDirectory(state, assignment, context))
  }

  describeQuorum(): QuorumInfo {
    return {
      leaderId: this.#options.settings.nodeId,
      leaderEpoch: this.#epoch,
      highWatermark: this.#highWatermark,
      logEndOffset: this.#log.endOffset,
      directoryId: this.#log.directoryId ?? ZERO_UUID,
      kraftVersion: this.#voterSet.kraftVersion,
      timestampMs: this.#options.clock.nowMs(),
    }
  }

  get kraftVersion(): number {
    return this.#voterSet.kraftVersion
  }

  /** Runs a command now. What it answers is given when all it saw, and all it wrote, is committed and published. */
  async #submit<Reply>(
    command: (state: ControllerState, context: CommandContext) => Result<Reply>,
  ): Promise<Reply> {
    if (this.#failure !== undefined) throw new ControllerError(Errors.NOT_CONTROLLER)
    const { records, reply } = command(this.#state, this.#context())
    if (records.length > 0) this.#append(records, this.#state.image.features.metadataVersion)
    await this.#committed(this.#log.endOffset - 1)
    return reply
  }

  #context(): CommandContext {
    const { settings, schema, clock, newUuid } = this.#options
    return { settings, schema, nowMs: clock.nowMs(), newUuid }
  }

  // ---- the log

  #place() {
    return { baseOffset: this.#log.endOffset, epoch: this.#epoch, timestampMs: this.#options.clock.nowMs() }
  }

  /** One batch if it fits in one; else a metadata transaction over several, so that all of it happens or nothing. */
  #append(records: readonly MetadataRecord[], metadataVersion: number): void {
    let whole = records
    let values = encodeRecords(records, metadataVersion || LATEST_METADATA_VERSION)
    let chunks = [...chunksOf(values)]
    if (
      chunks.length > 1 &&
      records.length > MAX_RECORDS_PER_BATCH &&
      metadataVersion >= since.metadataTransactions
    ) {
      whole = [
        { type: 'BeginTransactionRecord', value: { name: 'Large operation' } },
        ...records,
        { type: 'EndTransactionRecord', value: {} },
      ]
      values = encodeRecords(whole, metadataVersion)
      chunks = [...chunksOf(values)]
    }
    const { epoch, timestampMs } = this.#place()
    // Replayed first: what does not fit the state must not reach the log.
    const endOffset = this.#log.endOffset + whole.length
    const next = replay(this.#state, whole, { offset: endOffset - 1, epoch, timestampMs })
    let at = 0
    for (const chunk of chunks) {
      const place = { ...this.#place(), timestampMs }
      const bytes = dataBatch(place, chunk)
      const lastOffset = place.baseOffset + chunk.length - 1
      const chunkRecords = whole.slice(at, (at += chunk.length))
      this.#write(bytes, {
        ...place,
        kind: 'data',
        lastOffset,
        sizeInBytes: bytes.length,
        records: chunkRecords,
      })
    }
    this.#state = next
  }

  #write(bytes: Buffer, batch: MetadataBatch): void {
    try {
      this.#log.append(bytes)
    } catch (error) {
      this.#fail(error)
      throw new ControllerError(Errors.NOT_CONTROLLER)
    }
    this.#uncommitted.push(batch)
    void this.#flush()
  }

  #committed(offset: number): Promise<void> {
    if (offset < this.#highWatermark) return Promise.resolve()
    return new Promise((release, reject) => this.#waiters.push({ offset, release, reject }))
  }

  async #flush(): Promise<void> {
    if (this.#isFlushing) return
    this.#isFlushing = true
    try {
      while (this.#uncommitted.length > 0 && this.#failure === undefined) {
        await Promise.resolve() // the commands of this tick share the flush
        const batches = this.#uncommitted
        this.#uncommitted = []
        await this.#log.flush()
        this.#commit(batches)
      }
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#isFlushing = false
    }
  }

  #commit(batches: readonly MetadataBatch[]): void {
    for (const batch of batches) {
      this.#loader.replay(batch)
      this.#voterSet = votersAfter(this.#voterSet, batch)
      this.#snapshots.count(batch.sizeInBytes)
    }
    this.#highWatermark = batches.at(-1)!.lastOffset + 1
    this.#loader.publish()
    const waiting = this.#waiters
    this.#waiters = []
    for (const waiter of waiting) {
      if (waiter.offset < this.#highWatermark) waiter.release()
      else this.#waiters.push(waiter)
    }
    if (this.#loader.openTransactionOffset === undefined) {
      this.#snapshots.maybeWrite(this.#loader.current(), this.#voterSet)
    }
  }

  #fail(cause: unknown): void {
    if (this.#failure !== undefined) return
    this.#failure = cause instanceof Error ? cause : new Error(String(cause))
    const waiting = this.#waiters
    this.#waiters = []
    for (const waiter of waiting) waiter.reject(new ControllerError(Errors.NOT_CONTROLLER))
    this.#options.onFailure(this.#failure)
  }

  /** Everything that was accepted is committed; nothing more is. */
  async close(): Promise<void> {
    if (this.#failure === undefined) {
      if (this.#isFlushing) await this.#committed(this.#log.endOffset - 1).catch(() => {})
      this.#failure = new Error('the controller is closed')
    }
    this.#log.close()
  }
}
