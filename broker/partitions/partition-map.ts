/**
 * The partitions this broker hosts, by topic and index, kept in step with the metadata image: it creates and deletes their logs, tells
 * each its leader and epochs, and the coordinators which internal partitions they now lead. Answers to the part of Kafka's
 * ReplicaManager that applies topic deltas. It is a metadata publisher: `onUpdate` runs to the end before the next image is shown.
 */
import { Errors } from '../../protocol/errors.ts'
import { StorageError } from '../../storage/errors.ts'
import type { LogConfig } from '../../storage/config.ts'
import type { Log } from '../../storage/log.ts'
import { ConfigResourceType, configKey, configsOf } from '../metadata/image.ts'
import type { MetadataImage, PartitionRegistration } from '../metadata/image.ts'
import type { MetadataDelta } from '../metadata/delta.ts'
import type { CoordinatorElections } from '../ports/internal-log.ts'
import { PartitionInternalLog } from './internal-log.ts'
import { Partition } from './partition.ts'
import { PartitionError } from './partition-error.ts'
import type { WaitingRoom } from './waiting.ts'

/** What we need of the log manager. Names and ids are those of the image. */
export interface LogSource {
  /** The partition's log, opened or created. `directoryId` is what the image says; the manager may choose when it says "unassigned". */
  openOrCreate(
    partition: { readonly topic: string; readonly partition: number },
    topicId: string,
    config: LogConfig,
    directoryId: string | undefined,
    /** False when the replica was there before: then a missing log is a failure, not a beginning. */
    isNew: boolean,
  ): Log
  /** Renames it away; the bytes go later. */
  delete(partition: { readonly topic: string; readonly partition: number }): void
}

interface Opening {
  readonly config: LogConfig
  readonly isNew: boolean
}

export interface PartitionMapNeeds {
  readonly localNodeId: number
  readonly logs: LogSource
  readonly room: WaitingRoom
  /** A topic's settings from its overrides. */
  readonly topicConfig: (overrides: ReadonlyMap<string, string>) => LogConfig
  /** By internal topic. */
  readonly elections: ReadonlyMap<string, CoordinatorElections>
  /** A log could not be opened, created or deleted: the row of the journal an operator needs. */
  readonly onError: (what: string, error: unknown) => void
  readonly onTopicDeleted?: (topic: string) => void
}

export class PartitionMap {
  readonly name = 'partitions'
  readonly #needs: PartitionMapNeeds
  readonly #topics = new Map<string, Map<number, Partition>>()
  readonly #all = new Set<Partition>()

  constructor(needs: PartitionMapNeeds) {
    this.#needs = needs
  }

  get size(): number {
    return this.#all.size
  }

  values(): Iterable<Partition> {
    return this.#all
  }

  find(topic: string, partition: number): Partition | undefined {
    return this.#topics.get(topic)?.get(partition)
  }

  /** The partition, or what Kafka answers for one that the image knows but we do not host. */
  get(topic: string, partition: number): Partition {
    const found = this.#topics.get(topic)?.get(partition)
    if (found === undefined) throw new PartitionError(Errors.NOT_LEADER_OR_FOLLOWER.code)
    if (found.isOffline) throw new PartitionError(Errors.KAFKA_STORAGE_ERROR.code)
    return found
  }

  onUpdate(delta: MetadataDelta, image: MetadataImage): void {
    for (const topic of delta.topics.deleted.values()) this.#deleteTopic(topic.name, topic.id)
    // The first image tells of everything as if it were new.
    const isFirst = delta.before.offset < 0
    for (const change of delta.topics.changed.values()) {
      const config = this.#configOf(change.name, image)
      for (const [index, registration] of change.partitions) {
        const isNew = !isFirst && change.before?.partitions.get(index) === undefined
        this.#apply(change.name, change.id, index, registration, { config, isNew })
      }
    }
    this.#applyConfigs(delta, image)
  }

  /** Every partition whose log lies there goes offline. */
  onDirectoryOffline(directory: string): void {
    for (const partition of this.#all) {
      const log = partition.log
      if (log !== undefined && log.directory.startsWith(`${directory}/`)) this.#goOffline(partition)
    }
  }

  #goOffline(partition: Partition): void {
    const wasLeader = partition.isLeader
    partition.goOffline()
    if (wasLeader) this.#needs.elections.get(partition.topic)?.resigned(partition.partition, undefined)
  }

  #apply(
    topic: string,
    topicId: string,
    index: number,
    registration: PartitionRegistration,
    opening: Opening,
  ): void {
    const { localNodeId, elections, onError } = this.#needs
    const at = registration.replicas.indexOf(localNodeId)
    const existing = this.find(topic, index)
    if (at < 0) {
      if (existing !== undefined) this.#remove(existing)
      return
    }
    const partition = existing ?? this.#add(topic, topicId, index)
    if (partition.isOffline) return
    let change: 'elected' | 'resigned' | 'same'
    try {
      const log = partition.log ?? this.#open(topic, topicId, index, registration.directories[at], opening)
      change = partition.update(registration, log)
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      onError(`${topic}-${index} cannot be opened`, error)
      this.#goOffline(partition)
      return
    }
    const election = elections.get(topic)
    if (change === 'elected') election?.elected(index, new PartitionInternalLog(partition))
    if (change === 'resigned') election?.resigned(index, registration.leaderEpoch)
  }

  #open(
    topic: string,
    topicId: string,
    partition: number,
    directoryId: string | undefined,
    { config, isNew }: Opening,
  ): Log {
    return this.#needs.logs.openOrCreate({ topic, partition }, topicId, config, directoryId, isNew)
  }

  #add(topic: string, topicId: string, index: number): Partition {
    const { localNodeId, room } = this.#needs
    const partition = new Partition({ topic, topicId, partition: index, localNodeId, room })
    let ofTopic = this.#topics.get(topic)
    if (ofTopic === undefined) {
      ofTopic = new Map()
      this.#topics.set(topic, ofTopic)
    }
    ofTopic.set(index, partition)
    this.#all.add(partition)
    return partition
  }

  #remove(partition: Partition): void {
    const ofTopic = this.#topics.get(partition.topic)
    ofTopic?.delete(partition.partition)
    if (ofTopic?.size === 0) this.#topics.delete(partition.topic)
    this.#all.delete(partition)
    const wasLeader = partition.isLeader
    partition.close()
    if (wasLeader) this.#needs.elections.get(partition.topic)?.resigned(partition.partition, undefined)
    try {
      this.#needs.logs.delete({ topic: partition.topic, partition: partition.partition })
    } catch (error) {
      if (!(error instanceof StorageError)) throw error
      this.#needs.onError(`${partition.topic}-${partition.partition} cannot be deleted`, error)
    }
  }

  #deleteTopic(topic: string, topicId: string): void {
    for (const partition of [...(this.#topics.get(topic)?.values() ?? [])]) {
      if (partition.topicId === topicId) this.#remove(partition)
    }
    this.#needs.onTopicDeleted?.(topic)
  }

  #applyConfigs(delta: MetadataDelta, image: MetadataImage): void {
    if (delta.configs.changed.size === 0) return
    for (const [topic, partitions] of this.#topics) {
      if (!delta.configs.changed.has(configKey(ConfigResourceType.TOPIC, topic))) continue
      const config = this.#configOf(topic, image)
      for (const partition of partitions.values()) partition.log?.updateConfig(config)
    }
  }

  /** The broker's own defaults changed: every topic's settings are made anew. */
  refreshConfigs(image: MetadataImage): void {
    for (const [topic, partitions] of this.#topics) {
      const config = this.#configOf(topic, image)
      for (const partition of partitions.values()) partition.log?.updateConfig(config)
    }
  }

  #configOf(topic: string, image: MetadataImage): LogConfig {
    return this.#needs.topicConfig(configsOf(image, ConfigResourceType.TOPIC, topic))
  }
}
