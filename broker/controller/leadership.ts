// What a broker's coming and going does to partitions: leaders are lost and found, the ISR shrinks, epochs grow.
// Kafka's ReplicationControlManager.generateLeaderAndIsrUpdates and what calls it.
import { MIGRATING_DIRECTORY, UNASSIGNED_DIRECTORY } from '../../protocol/uuid.ts'
import { ELR_VERSION, since } from '../metadata/features.ts'
import {
  featureLevel,
  LeaderRecoveryState,
  NO_LEADER,
  type MetadataImage,
  type PartitionRegistration,
  type TopicImage,
} from '../metadata/image.ts'
import type { MetadataRecord } from '../metadata/metadata-record.ts'
import type { CommandContext } from './context.ts'
import { type PartitionChange, partitionChange } from './partition-change.ts'
import { defaultDirectory, isActive } from './placement.ts'

export const isElrEnabled = (image: MetadataImage): boolean =>
  image.features.metadataVersion >= since.elr && featureLevel(image, ELR_VERSION) > 0

/** The parts of a PartitionChange that follow from where the partition is. */
export function changeOf(
  image: MetadataImage,
  topic: TopicImage,
  partitionId: number,
  context: CommandContext,
): PartitionChange {
  const isLive = (brokerId: number) => isActive(image.cluster.brokers.get(brokerId))
  return changesOf(image, topic, context, isLive)(partitionId)
}

/** The same for many partitions of one topic: what the topic's settings say is asked once. */
function changesOf(
  image: MetadataImage,
  topic: TopicImage,
  { schema }: CommandContext,
  isLive: (brokerId: number) => boolean,
): (partitionId: number) => PartitionChange {
  const minIsr = Number(schema.topicValue(image, topic.name, 'min.insync.replicas')) || 1
  const elrEnabled = isElrEnabled(image)
  return partitionId => {
    const partition = topic.partitions.get(partitionId)!
    return {
      topicId: topic.id,
      partitionId,
      partition,
      elrEnabled,
      minIsr: Math.min(minIsr, partition.replicas.length),
      directoryOf: brokerId => defaultDirectory(image, brokerId),
      isAcceptableLeader: brokerId => isLive(brokerId) && hasOnlineReplica(image, partition, brokerId),
    }
  }
}

export function hasOnlineReplica(
  image: MetadataImage,
  partition: PartitionRegistration,
  brokerId: number,
): boolean {
  const directory = partition.directories[partition.replicas.indexOf(brokerId)]
  const online = image.cluster.brokers.get(brokerId)?.directories ?? []
  // Reserved ids (unassigned, migrating) say nothing about where the replica is; LOST says it is nowhere.
  if (directory === undefined || online.length === 0) return true
  return online.includes(directory) || directory === UNASSIGNED_DIRECTORY || directory === MIGRATING_DIRECTORY
}

export interface BrokerEvent {
  /** Leaves every ISR and leads nothing. */
  readonly gone?: number
  /** May lead, though its registration does not say so yet. */
  readonly back?: number
  /** As gone, and it may have lost data: leaves every ELR too. */
  readonly unclean?: number
}

export function leadershipChanges(
  image: MetadataImage,
  event: BrokerEvent,
  concerns: (partition: PartitionRegistration) => boolean,
  context: CommandContext,
): MetadataRecord[] {
  const records: MetadataRecord[] = []
  const { gone, back, unclean } = event
  const isLive = (id: number) =>
    id !== gone && id !== unclean && (id === back || isActive(image.cluster.brokers.get(id)))
  for (const topic of image.topics.byName.values()) {
    const uncleanElection =
      context.schema.topicValue(image, topic.name, 'unclean.leader.election.enable') === 'true'
    const changeOfPartition = changesOf(image, topic, context, isLive)
    for (const [partitionId, partition] of topic.partitions) {
      if (!concerns(partition)) continue
      const record = partitionChange({
        ...changeOfPartition(partitionId),
        election: uncleanElection ? 'unclean' : 'online',
        uncleanShutdown: unclean === undefined ? [] : [unclean],
        isr: partition.isr.filter(id => id !== gone && id !== unclean),
      })
      if (record !== undefined) records.push(record)
    }
  }
  return records
}

/** A new incarnation registers, or a broker is fenced: what the old one led or was in sync with. */
export function brokerGone(
  image: MetadataImage,
  brokerId: number,
  wasClean: boolean,
  context: CommandContext,
): MetadataRecord[] {
  if (!wasClean && isElrEnabled(image)) {
    const concerns = ({ isr, elr }: PartitionRegistration) => isr.includes(brokerId) || elr.includes(brokerId)
    return leadershipChanges(image, { unclean: brokerId }, concerns, context)
  }
  return leadershipChanges(image, { gone: brokerId }, ({ isr }) => isr.includes(brokerId), context)
}

export const brokerBack = (
  image: MetadataImage,
  brokerId: number,
  context: CommandContext,
): MetadataRecord[] =>
  leadershipChanges(image, { back: brokerId }, ({ leader }) => leader === NO_LEADER, context)

/**
 * A leader that was elected uncleanly has recovered as soon as it leads: with nobody else in the ISR there is nothing to agree on.
 * What a broker says with AlterPartition in a cluster, the embedded controller takes as said.
 */
export function recovered(image: MetadataImage, brokerId: number): MetadataRecord[] {
  const records: MetadataRecord[] = []
  for (const topic of image.topics.byName.values()) {
    for (const [partitionId, partition] of topic.partitions) {
      if (partition.leader !== brokerId || partition.leaderRecoveryState !== LeaderRecoveryState.RECOVERING) {
        continue
      }
      records.push({
        type: 'PartitionChangeRecord',
        value: {
          partitionId,
          topicId: topic.id,
          isr: null,
          leader: -2,
          replicas: null,
          removingReplicas: null,
          addingReplicas: null,
          leaderRecoveryState: LeaderRecoveryState.RECOVERED,
          directories: null,
          eligibleLeaderReplicas: null,
          lastKnownElr: null,
        },
      })
    }
  }
  return records
}
