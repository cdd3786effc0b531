// A controller to talk to in tests: on a log in memory, a clock that stands still, ids that count up, the real config table.
// `run` takes a line `command {json}` and returns everything that was said: records by offset, what was published, the answer.
import { AlterPartitionReassignments } from '../../../protocol/apis/45-alter-partition-reassignments.ts'
import { CreatePartitions } from '../../../protocol/apis/37-create-partitions.ts'
import { CreateTopics } from '../../../protocol/apis/19-create-topics.ts'
import { ElectLeaders } from '../../../protocol/apis/43-elect-leaders.ts'
import { UpdateFeatures } from '../../../protocol/apis/57-update-features.ts'
import { BrokerConfig } from '../../config/broker-config.ts'
import { BrokerConfigSchema } from '../../config/config-schema.ts'
import { fromOptions, SINGLE_NODE_PROFILE } from '../../config/sources.ts'
import { recordLine } from '../../metadata/dump.ts'
import type { MetadataImage } from '../../metadata/image.ts'
import { readBatches } from '../../metadata/metadata-batch.ts'
import type { MetadataPublisher } from '../../metadata/publisher.ts'
import { encodeSnapshot, STATIC_VOTERS } from '../../metadata/snapshot.ts'
import type { MetadataLog } from '../../ports/metadata-log.ts'
import { RequestError } from '../../ports/request-error.ts'
import { ManualClock } from '../../time/manual-clock.ts'
import { defaultBootstrapRecords } from '../activation.ts'
import { BrokerLifecycle } from '../broker-lifecycle.ts'
import { EmbeddedController } from '../embedded-controller.ts'
import { MemoryMetadataLog } from './memory-metadata-log.ts'

const DIRECTORY_ID = 'DDDDDDDDDDDDDDDDDDDDDA'

export interface HarnessOptions {
  readonly settings?: Record<string, string | number | boolean>
  readonly maxBytesBetweenSnapshots?: number
  readonly retentionBytes?: number
  readonly directoryIds?: readonly string[]
  /** Where ids begin to count: a restarted node must not repeat them. */
  readonly firstId?: number
}

export class ControllerHarness {
  readonly clock = new ManualClock()
  log: MetadataLog = new MemoryMetadataLog()
  controller!: EmbeddedController
  lifecycle!: BrokerLifecycle
  readonly publishers: MetadataPublisher[] = []
  readonly failures: Error[] = []
  readonly #options: HarnessOptions
  #ids = 0
  #said = 0

  constructor(options: HarnessOptions = {}) {
    this.#options = options
    this.#ids = options.firstId ?? 0
  }

  newUuid = (): string => {
    const bytes = Buffer.alloc(16)
    bytes.writeUInt8(0x40)
    bytes.writeUInt32BE(++this.#ids, 12)
    return bytes.toString('base64url')
  }

  /** A controller on the log as it is, active, with its broker registered and unfenced. */
  async start(previousBrokerEpoch = -1): Promise<void> {
    this.open()
    await this.controller.activate({
      incarnationId: this.newUuid(),
      endpoints: [endpoint('CONTROLLER', 9093)],
    })
    this.controller.start(this.publishers)
    this.lifecycle = new BrokerLifecycle(this.controller, this.controller.metadata)
    await this.lifecycle.register({
      brokerId: 1,
      incarnationId: this.newUuid(),
      endpoints: [endpoint('PLAINTEXT', 9092)],
      rack: null,
      directories: this.#options.directoryIds ?? [DIRECTORY_ID],
      cordonedDirectories: [],
      previousBrokerEpoch,
    })
    await this.lifecycle.unfence()
  }

  open(): void {
    const config = new BrokerConfig([SINGLE_NODE_PROFILE, fromOptions(this.#options.settings ?? {})])
    this.controller = EmbeddedController.open({
      log: this.log,
      clock: this.clock,
      newUuid: this.newUuid,
      settings: {
        nodeId: 1,
        clusterId: 'CCCCCCCCCCCCCCCCCCCCCA',
        numPartitions: () => config.get('num.partitions'),
        defaultReplicationFactor: () => config.get('default.replication.factor'),
      },
      schema: new BrokerConfigSchema(config),
      snapshots: {
        maxBytesBetween: () => this.#options.maxBytesBetweenSnapshots ?? 20 * 1024 * 1024,
        maxIntervalMs: () => 3_600_000,
        retentionBytes: () => this.#options.retentionBytes ?? 100 * 1024 * 1024,
        retentionMs: () => 7 * 24 * 3_600_000,
      },
      onFailure: error => this.failures.push(error),
    })
  }

  get image(): MetadataImage {
    return this.controller.metadata.current()
  }

  async run(line: string): Promise<string[]> {
    const space = line.indexOf(' ')
    const name = space < 0 ? line : line.slice(0, space)
    const argument = space < 0 ? {} : (JSON.parse(line.slice(space + 1)) as Record<string, unknown>)
    let answer: string
    try {
      answer = `= ${text(await this.#command(name, argument))}`
    } catch (error) {
      if (!(error instanceof RequestError)) throw error
      answer = `! ${error.errorName} ${error.message}`
    }
    return [...this.#newRecords(), answer]
  }

  #newRecords(): string[] {
    const lines: string[] = []
    for (const batch of readBatches(this.log.read(this.#said, 1 << 30))) {
      if (batch.baseOffset < this.#said) continue
      lines.push(`batch epoch ${batch.epoch}`)
      let offset = batch.baseOffset
      if (batch.kind === 'control') for (const { type } of batch.control) lines.push(`  ${offset++} ${type}`)
      else for (const record of batch.records) lines.push(`  ${offset++} ${recordLine(record)}`)
      this.#said = batch.lastOffset + 1
    }
    return lines
  }

  // biome-ignore format: one line per command
  async #command(name: string, argument: Record<string, unknown>): Promise<unknown> {
    const controller = this.controller
    switch (name) {
      case 'settings': Object.assign(this.#options, { settings: argument }); return 'ok'
      case 'directories': Object.assign(this.#options, { directoryIds: argument['ids'] }); return 'ok'
      case 'format': this.#format(argument as { features?: Record<string, number> }); return 'ok'
      case 'start': await this.start(argument['previousBrokerEpoch'] as number | undefined); return `epoch ${this.controller.epoch}`
      case 'crash': this.log = (this.log as MemoryMetadataLog).crash(); this.#said = this.log.endOffset; return 'ok'
      case 'shut-down': await this.lifecycle.shutDown(); return 'ok'
      case 'directories-failed': await this.lifecycle.directoriesFailed(argument['ids'] as string[]); return 'ok'
      case 'assign-replica': await this.lifecycle.assignReplica(this.image.topics.byName.get(argument['topic'] as string)!.id, argument['partition'] as number, argument['directoryId'] as string); return 'ok'
      case 'create-topics': {
        const request = CreateTopics.request.create({ ...argument, topics: (argument['topics'] as object[]).map(topic => ({ numPartitions: -1, replicationFactor: -1, ...topic })) })
        const rows = await controller.createTopics(request, () => argument['describe'] === true)
        return rows.map(({ configs, ...row }) => ({ ...row, configs: configs.filter(({ configSource }) => configSource === 1).map(({ name, value }) => `${name}=${value}`) }))
      }
      case 'delete-topics': return [...(await controller.deleteTopics((argument['names'] as string[]).map(topic => this.image.topics.byName.get(topic)?.id ?? topic)))]
      case 'create-partitions': return controller.createPartitions(CreatePartitions.request.create(argument).topics.map(topic => ({ ...topic, assignments: topic.assignments?.length ? topic.assignments : null })), argument['validateOnly'] === true)
      case 'incremental-alter-configs': return controller.incrementalAlterConfigs(argument['resources'] as never, argument['validateOnly'] === true)
      case 'alter-configs': return controller.alterConfigs(argument['resources'] as never, false)
      case 'elect-leaders': return controller.electLeaders({ ...ElectLeaders.request.create(argument), topicPartitions: (argument['topicPartitions'] ?? null) as never })
      case 'reassign': return controller.alterPartitionReassignments(AlterPartitionReassignments.request.create(argument))
      case 'list-reassignments': return controller.listPartitionReassignments(null)
      case 'update-features': return controller.updateFeatures(UpdateFeatures.request.create(argument).featureUpdates, false)
      case 'unregister-broker': return controller.unregisterBroker(argument['brokerId'] as number)
      case 'allocate-producer-ids': return controller.allocateProducerIds()
      case 'topic': return this.#describe(argument['name'] as string)
      default: throw new Error(`no such command: ${name}`)
    }
  }

  #format({ features = {} }: { features?: Record<string, number> }): void {
    const records = [
      ...defaultBootstrapRecords(),
      ...Object.entries(features).map(([name, featureLevel]) => ({
        type: 'FeatureLevelRecord' as const,
        value: { name, featureLevel },
      })),
    ]
    const content = { lastContainedLogTimestampMs: 0, voterSet: STATIC_VOTERS, records }
    const bytes = encodeSnapshot(content, { epoch: 0, timestampMs: 0, metadataVersion: 30 })
    if (this.log instanceof MemoryMetadataLog) this.log.setBootstrap(bytes)
  }

  #describe(name: string): unknown {
    const topic = this.image.topics.byName.get(name)
    if (topic === undefined) return 'none'
    return [...topic.partitions].map(
      ([id, { leader, leaderEpoch, partitionEpoch, isr, elr, lastKnownElr, leaderRecoveryState }]) =>
        `${id}: leader ${leader} epoch ${leaderEpoch}/${partitionEpoch} isr [${isr.join()}] elr [${elr.join()}] last [${lastKnownElr.join()}]` +
        (leaderRecoveryState === 0 ? '' : ' recovering'),
    )
  }
}

const endpoint = (name: string, port: number) => ({ name, host: 'localhost', port, securityProtocol: 0 })

const text = (value: unknown): string =>
  value === undefined
    ? 'ok'
    : JSON.stringify(value, (_, field) => (typeof field === 'bigint' ? Number(field) : field))
