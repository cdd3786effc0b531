// Topics and partitions under replay. Epochs follow PartitionRegistration.merge: every PartitionChangeRecord adds one to the
// partition epoch, and one that names a leader (even the same, even none) adds one to the leader epoch.
import { MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY } from '../../protocol/uuid.ts'
import { LeaderRecoveryState, NO_LEADER_CHANGE } from './image.ts'
import type { PartitionRegistration, TopicImage, TopicsImage } from './image.ts'
import { MapDelta } from './map-delta.ts'
import type { MetadataRecordTypes } from './metadata-record.ts'
import { type MapEditor, PersistentMap } from './persistent-map.ts'
import { ReplayError } from './replay-error.ts'

/** A topic that is new or has new or changed partitions. */
export interface TopicChange {
  readonly id: string
  readonly name: string
  /** The topic before the delta; undefined if the delta created it. */
  readonly before: TopicImage | undefined
  /** New state of the partitions that are new or changed. */
  readonly partitions: ReadonlyMap<number, PartitionRegistration>
}

interface WorkingTopic extends TopicChange {
  readonly partitions: Map<number, PartitionRegistration>
  readonly all: MapEditor<number, PartitionRegistration>
}

export class TopicsDelta {
  readonly #byId: MapDelta<string, TopicImage>
  readonly #byName: MapDelta<string, TopicImage>
  readonly #working = new Map<string, WorkingTopic>()
  readonly #deleted = new Map<string, TopicImage>()
  readonly #before: TopicsImage

  constructor(before: TopicsImage) {
    this.#before = before
    this.#byId = new MapDelta(before.byId)
    this.#byName = new MapDelta(before.byName)
  }

  /** By topic id. */
  get changed(): ReadonlyMap<string, TopicChange> {
    return this.#working
  }

  /** By topic id, as they were. A topic deleted and created again under its name is in both maps, with two ids. */
  get deleted(): ReadonlyMap<string, TopicImage> {
    return this.#deleted
  }

  nameOf(topicId: string): string | undefined {
    return this.#byId.get(topicId)?.name
  }

  addTopic({ name, topicId }: MetadataRecordTypes['TopicRecord']): void {
    const existing = this.#byName.get(name)
    if (existing !== undefined) {
      throw new ReplayError(`topic ${name} is created as ${topicId}, but exists as ${existing.id}`)
    }
    const namesake = this.#byId.get(topicId)
    if (namesake !== undefined)
      throw new ReplayError(`topic id ${topicId} of ${name} is that of ${namesake.name}`)
    const partitions = PersistentMap.empty<number, PartitionRegistration>()
    const topic = { name, id: topicId, partitions }
    this.#byId.set(topicId, topic)
    this.#byName.set(name, topic)
    this.#working.set(topicId, {
      id: topicId,
      name,
      before: undefined,
      partitions: new Map(),
      all: partitions.edit(),
    })
  }

  removeTopic(topicId: string): TopicImage {
    const topic = this.#byId.get(topicId)
    if (topic === undefined) throw new ReplayError(`topic ${topicId} is removed, but does not exist`)
    this.#byId.delete(topicId)
    this.#byName.delete(topic.name)
    this.#working.delete(topicId)
    const before = this.#before.byId.get(topicId)
    if (before !== undefined) this.#deleted.set(topicId, before)
    return topic
  }

  setPartition(record: MetadataRecordTypes['PartitionRecord']): void {
    this.#put(record.topicId, record.partitionId, {
      replicas: record.replicas,
      // Before metadata.version 17 a record names no directories: Kafka's DirectoryId.MIGRATING, all zeros.
      directories:
        record.directories.length > 0 ? record.directories : record.replicas.map(() => MIGRATING_DIRECTORY),
      isr: record.isr,
      elr: record.eligibleLeaderReplicas ?? [],
      lastKnownElr: record.lastKnownElr ?? [],
      addingReplicas: record.addingReplicas,
      removingReplicas: record.removingReplicas,
      leader: record.leader,
      leaderRecoveryState: record.leaderRecoveryState,
      leaderEpoch: record.leaderEpoch,
      partitionEpoch: record.partitionEpoch,
    })
  }

  changePartition(record: MetadataRecordTypes['PartitionChangeRecord']): void {
    const partition = this.#topic(record.topicId).all.get(record.partitionId)
    if (partition === undefined) {
      throw new ReplayError(`partition ${record.topicId}-${record.partitionId} changes, but does not exist`)
    }
    this.#put(record.topicId, record.partitionId, mergePartition(partition, record))
  }

  clearElr(topicName: string): void {
    for (const name of topicName === '' ? [...this.#byName.keys()] : [topicName]) {
      const topic = this.#byName.get(name)
      if (topic === undefined) throw new ReplayError(`ELR of topic ${name} is cleared, but it does not exist`)
      const working = this.#topic(topic.id)
      const affected = [...working.all.keys()].filter(partitionId => {
        const { elr, lastKnownElr } = working.all.get(partitionId)!
        return elr.length > 0 || lastKnownElr.length > 0
      })
      for (const partitionId of affected) {
        this.#put(topic.id, partitionId, { ...working.all.get(partitionId)!, elr: [], lastKnownElr: [] })
      }
    }
  }

  apply(): TopicsImage {
    for (const { id, name, all, partitions } of this.#working.values()) {
      if (partitions.size === 0 && this.#before.byId.has(id)) continue
      const topic: TopicImage = { name, id, partitions: all.done() }
      this.#byId.set(id, topic)
      this.#byName.set(name, topic)
    }
    const byId = this.#byId.apply()
    return byId === this.#before.byId ? this.#before : { byId, byName: this.#byName.apply() }
  }

  #topic(topicId: string): WorkingTopic {
    let working = this.#working.get(topicId)
    if (working !== undefined) return working
    const topic = this.#byId.get(topicId)
    if (topic === undefined) throw new ReplayError(`a partition of topic ${topicId}, which does not exist`)
    working = {
      id: topicId,
      name: topic.name,
      before: this.#before.byId.get(topicId),
      partitions: new Map(),
      all: PersistentMap.from(topic.partitions).edit(),
    }
    this.#working.set(topicId, working)
    return working
  }

  #put(topicId: string, partitionId: number, partition: PartitionRegistration): void {
    const topic = this.#topic(topicId)
    topic.partitions.set(partitionId, partition)
    topic.all.set(partitionId, partition)
  }
}

function mergePartition(
  partition: PartitionRegistration,
  change: MetadataRecordTypes['PartitionChangeRecord'],
): PartitionRegistration {
  const replicas = change.replicas ?? partition.replicas
  const leaderChanges = change.leader !== NO_LEADER_CHANGE
  return {
    replicas,
    directories: change.directories ?? directoriesFor(replicas, partition),
    isr: change.isr ?? partition.isr,
    elr: change.eligibleLeaderReplicas ?? partition.elr,
    lastKnownElr: change.lastKnownElr ?? partition.lastKnownElr,
    addingReplicas: change.addingReplicas ?? partition.addingReplicas,
    removingReplicas: change.removingReplicas ?? partition.removingReplicas,
    leader: leaderChanges ? change.leader : partition.leader,
    leaderRecoveryState:
      change.leaderRecoveryState === LeaderRecoveryState.NO_CHANGE
        ? partition.leaderRecoveryState
        : change.leaderRecoveryState,
    leaderEpoch: leaderChanges ? partition.leaderEpoch + 1 : partition.leaderEpoch,
    partitionEpoch: partition.partitionEpoch + 1,
  }
}

/** A record that changes replicas without naming directories keeps those of the replicas that stay. */
function directoriesFor(replicas: readonly number[], partition: PartitionRegistration): readonly string[] {
  if (replicas === partition.replicas) return partition.directories
  return replicas.map(replica => {
    const at = partition.replicas.indexOf(replica)
    return at < 0 ? UNASSIGNED_DIRECTORY : partition.directories[at]!
  })
}
