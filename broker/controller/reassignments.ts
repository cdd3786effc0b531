// AlterPartitionReassignments and ListPartitionReassignments (KIP-455). On one node every reassignment is over as soon as it is
// asked for, or refused because it names a broker that does not exist; one read from a directory of Apache Kafka may be under way.
// Kafka's ReplicationControlManager and PartitionReassignmentReplicas.
import type {
  AlterPartitionReassignmentsRequest,
  ReassignablePartition,
  ReassignableTopicResponse,
} from '../../protocol/apis/45-alter-partition-reassignments.ts'
import type {
  ListPartitionReassignmentsTopics,
  OngoingTopicReassignment,
} from '../../protocol/apis/46-list-partition-reassignments.ts'
import { Errors } from '../../protocol/errors.ts'
import type { MetadataImage, PartitionRegistration, TopicImage } from '../metadata/image.ts'
import type { MetadataRecord } from '../metadata/metadata-record.ts'
import type { CommandContext } from './context.ts'
import { changeOf } from './leadership.ts'
import { partitionChange } from './partition-change.ts'
import { validateAssignment } from './placement.ts'
import { boundRecords, ControllerError, type Result, rowOf } from './result.ts'
import type { ControllerState } from './state.ts'

export function alterPartitionReassignments(
  state: ControllerState,
  request: AlterPartitionReassignmentsRequest,
  context: CommandContext,
): Result<ReassignableTopicResponse[]> {
  const records: MetadataRecord[] = []
  const reply = request.topics.map(({ name, partitions }) => ({
    name,
    partitions: partitions.map(target => ({
      partitionIndex: target.partitionIndex,
      ...rowOf(() => {
        const record = reassign(state.image, name, target, request.allowReplicationFactorChange, context)
        if (record !== undefined) records.push(record)
        return undefined
      }),
    })),
  }))
  boundRecords(records.length)
  return { records, reply }
}

function reassign(
  image: MetadataImage,
  name: string,
  { partitionIndex, replicas }: ReassignablePartition,
  allowReplicationFactorChange: boolean,
  context: CommandContext,
): MetadataRecord | undefined {
  const topic = image.topics.byName.get(name)
  if (topic === undefined) {
    throw new ControllerError(Errors.UNKNOWN_TOPIC_OR_PARTITION, `Unable to find a topic named ${name}.`)
  }
  const partition = topic.partitions.get(partitionIndex)
  if (partition === undefined) {
    throw new ControllerError(
      Errors.UNKNOWN_TOPIC_OR_PARTITION,
      `Unable to find partition ${name}:${partitionIndex}.`,
    )
  }
  if (replicas === null) return cancel(image, topic, partitionIndex, partition, context)
  validateAssignment(image, replicas, undefined)
  const original = partition.replicas.filter(id => !partition.addingReplicas.includes(id))
  if (!allowReplicationFactorChange && replicas.length !== original.length) {
    throw new ControllerError(
      Errors.INVALID_REPLICATION_FACTOR,
      `The replication factor is changed from ${original.length} to ${replicas.length}`,
    )
  }
  const removing = partition.replicas.filter(id => !replicas.includes(id)).sort((a, b) => a - b)
  const adding = replicas.filter(id => !partition.replicas.includes(id)).sort((a, b) => a - b)
  return partitionChange({
    ...changeOf(image, topic, partitionIndex, context),
    replicas: [...replicas, ...removing],
    ...(removing.length > 0 ? { removing } : {}),
    ...(adding.length > 0 ? { adding } : {}),
  })
}

const isReassigning = (partition: PartitionRegistration): boolean =>
  partition.addingReplicas.length > 0 || partition.removingReplicas.length > 0

function cancel(
  image: MetadataImage,
  topic: TopicImage,
  partitionId: number,
  partition: PartitionRegistration,
  context: CommandContext,
): MetadataRecord | undefined {
  if (!isReassigning(partition)) throw new ControllerError(Errors.NO_REASSIGNMENT_IN_PROGRESS)
  const replicas = partition.replicas.filter(id => !partition.addingReplicas.includes(id))
  let isr = partition.isr.filter(id => !partition.addingReplicas.includes(id))
  const unclean = context.schema.topicValue(image, topic.name, 'unclean.leader.election.enable') === 'true'
  if (isr.length === 0) {
    if (replicas.length === 0) {
      throw new ControllerError(
        Errors.INVALID_REPLICA_ASSIGNMENT,
        'Invalid replica assignment: addingReplicas contains all replicas.',
      )
    }
    if (!unclean) {
      throw new ControllerError(
        Errors.INVALID_REPLICA_ASSIGNMENT,
        `Unable to revert partition assignment for ${topic.name}:${partitionId} because it would require an ` +
          'unclean leader election.',
      )
    }
    isr = [replicas[0]!]
  }
  return partitionChange({
    ...changeOf(image, topic, partitionId, context),
    election: unclean ? 'unclean' : 'online',
    isr,
    replicas,
    adding: [],
    removing: [],
  })
}

export function listPartitionReassignments(
  image: MetadataImage,
  topics: readonly ListPartitionReassignmentsTopics[] | null,
): OngoingTopicReassignment[] {
  const asked =
    topics ??
    [...image.topics.byName.values()].map(({ name, partitions }) => ({
      name,
      partitionIndexes: [...partitions.keys()],
    }))
  const ongoing: OngoingTopicReassignment[] = []
  for (const { name, partitionIndexes } of asked) {
    const partitions = []
    for (const partitionIndex of partitionIndexes) {
      const partition = image.topics.byName.get(name)?.partitions.get(partitionIndex)
      if (partition === undefined || !isReassigning(partition)) continue
      partitions.push({
        partitionIndex,
        replicas: [...partition.replicas],
        addingReplicas: [...partition.addingReplicas],
        removingReplicas: [...partition.removingReplicas],
      })
    }
    if (partitions.length > 0) ongoing.push({ name, partitions })
  }
  return ongoing
}
