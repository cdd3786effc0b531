// CreateTopics, DeleteTopics and CreatePartitions. Checks come in Kafka's order; one bad topic does not stop the others, but all that
// is created by one request is created at once. Kafka's ReplicationControlManager.
import { Errors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/uuid.ts'
import type { CreatableTopicResult, CreateTopicsCommand } from '../ports/controller.ts'
import { ConfigResourceType, LeaderRecoveryState, type MetadataImage } from '../metadata/image.ts'
import type { MetadataRecord } from '../metadata/metadata-record.ts'
import { configRecordsOf } from './configs.ts'
import type { CommandContext } from './context.ts'
import { directoryChooser, isActive, placeReplicas, validateAssignment } from './placement.ts'
import {
  type ApiError,
  apiError,
  boundRecords,
  ControllerError,
  MAX_RECORDS_PER_COMMAND,
  type Result,
  rowOf,
} from './result.ts'
import type { ControllerState } from './state.ts'
import { hasCollisionChars, invalidTopicName, unifyCollisionChars } from '../metadata/topic-name.ts'

type CreatableTopic = CreateTopicsCommand['topics'][number]

export function createTopics(
  state: ControllerState,
  request: CreateTopicsCommand,
  describable: (topic: string) => boolean,
  context: CommandContext,
): Result<CreatableTopicResult[]> {
  if (newPartitions(request.topics, context) > MAX_RECORDS_PER_COMMAND) {
    throw new ControllerError(Errors.POLICY_VIOLATION, 'Excessively large number of partitions per request.')
  }
  const records: MetadataRecord[] = []
  const directoryFor = directoryChooser(state.image)
  const reply = request.topics.map(topic => {
    const result = emptyResult(topic.name)
    const error = rowOf(() => {
      refuseName(state, topic.name)
      records.push(...createTopic(state, topic, result, describable(topic.name), directoryFor, context))
      return undefined
    })
    return error.errorCode === 0 ? result : { ...emptyResult(topic.name), ...error }
  })
  boundRecords(records.length)
  return { records: request.validateOnly ? [] : records, reply }
}

function newPartitions(topics: readonly CreatableTopic[], context: CommandContext): number {
  let count = 0
  for (const topic of topics) {
    if (topic.assignments.length > 0) count += topic.assignments.length
    else
      count +=
        topic.numPartitions === -1 ? context.settings.numPartitions() : Math.max(0, topic.numPartitions)
  }
  return count
}

const emptyResult = (name: string): CreatableTopicResult => ({
  name,
  topicId: ZERO_UUID,
  errorCode: 0,
  errorMessage: null,
  topicConfigErrorCode: 0,
  numPartitions: -1,
  replicationFactor: -1,
  configs: [],
})

// Existence outweighs the name's own faults, as in Kafka, where a later check overwrites an earlier one's answer.
function refuseName({ image, collisions }: ControllerState, name: string): void {
  if (image.topics.byName.has(name)) {
    throw new ControllerError(Errors.TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`)
  }
  const colliding = hasCollisionChars(name) ? collisions.get(unifyCollisionChars(name)) : undefined
  if (colliding !== undefined) {
    throw new ControllerError(
      Errors.INVALID_TOPIC_EXCEPTION,
      `Topic '${name}' collides with existing topic: ${colliding[0]}`,
    )
  }
  const reason = invalidTopicName(name)
  if (reason !== undefined) throw new ControllerError(Errors.INVALID_TOPIC_EXCEPTION, reason)
}

function createTopic(
  state: ControllerState,
  topic: CreatableTopic,
  result: CreatableTopicResult,
  describable: boolean,
  directoryFor: (brokerId: number) => string,
  context: CommandContext,
): MetadataRecord[] {
  const overrides = overridesOf(topic)
  const resource = { resourceType: ConfigResourceType.TOPIC, resourceName: topic.name }
  const refused = context.schema.validate(resource, overrides)
  if (refused !== null) throw new ControllerError(refused.error, refused.message)
  const assignments = assignmentsOf(state.image, topic, context)
  const topicId = context.newUuid()

  result.topicId = topicId
  if (describable) {
    result.numPartitions = assignments.length
    result.replicationFactor = assignments[0]!.length
    result.configs = context.schema.effectiveTopicConfigs(overrides, state.image)
  } else {
    result.topicConfigErrorCode = Errors.TOPIC_AUTHORIZATION_FAILED.code
  }
  return [
    { type: 'TopicRecord', value: { name: topic.name, topicId } },
    ...configRecordsOf(resource, overrides),
    ...assignments.map((replicas, partitionId) =>
      partitionRecord(state.image, topicId, partitionId, replicas, directoryFor),
    ),
  ]
}

function overridesOf(topic: CreatableTopic): Map<string, string> {
  const missing = topic.configs.filter(config => config.value === null)
  if (missing.length > 0) {
    throw new ControllerError(
      Errors.INVALID_CONFIG,
      `Null value not supported for topic configs: ${missing.map(config => config.name).join(',')}`,
    )
  }
  return new Map(topic.configs.map(config => [config.name, config.value!]))
}

/** The replicas of each partition. */
function assignmentsOf(
  image: MetadataImage,
  topic: CreatableTopic,
  { settings }: CommandContext,
): readonly (readonly number[])[] {
  if (topic.assignments.length > 0) return manualAssignments(image, topic)
  if (topic.replicationFactor < -1 || topic.replicationFactor === 0) {
    throw new ControllerError(
      Errors.INVALID_REPLICATION_FACTOR,
      'Replication factor must be larger than 0, or -1 to use the default value.',
    )
  }
  if (topic.numPartitions < -1 || topic.numPartitions === 0) {
    throw new ControllerError(
      Errors.INVALID_PARTITIONS,
      'Number of partitions was set to an invalid non-positive value.',
    )
  }
  const count = topic.numPartitions === -1 ? settings.numPartitions() : topic.numPartitions
  const replicationFactor =
    topic.replicationFactor === -1 ? settings.defaultReplicationFactor() : topic.replicationFactor
  const cannot = `Unable to replicate the partition ${replicationFactor} time(s): `
  try {
    const placed = placeReplicas(image, 0, count, replicationFactor)
    if (placed.some(replicas => activeOf(image, replicas).length === 0)) {
      throw new ControllerError(
        Errors.INVALID_REPLICATION_FACTOR,
        'All brokers are currently fenced or in controlled shutdown.',
      )
    }
    return placed
  } catch (error) {
    if (!(error instanceof ControllerError)) throw error
    throw new ControllerError(Errors.INVALID_REPLICATION_FACTOR, cannot + error.message)
  }
}

function manualAssignments(image: MetadataImage, topic: CreatableTopic): (readonly number[])[] {
  const manual = 'A manual partition assignment was specified, but '
  if (topic.replicationFactor !== -1) {
    throw new ControllerError(Errors.INVALID_REQUEST, `${manual}replication factor was not set to -1.`)
  }
  if (topic.numPartitions !== -1) {
    throw new ControllerError(Errors.INVALID_REQUEST, `${manual}numPartitions was not set to -1.`)
  }
  const byPartition = new Map<number, readonly number[]>()
  let replicationFactor: number | undefined
  for (const { partitionIndex, brokerIds } of topic.assignments) {
    if (byPartition.has(partitionIndex)) {
      throw new ControllerError(
        Errors.INVALID_REPLICA_ASSIGNMENT,
        `Found multiple manual partition assignments for partition ${partitionIndex}`,
      )
    }
    validateAssignment(image, brokerIds, replicationFactor)
    replicationFactor = brokerIds.length
    refuseInactive(image, partitionIndex, brokerIds)
    byPartition.set(partitionIndex, brokerIds)
  }
  return Array.from({ length: byPartition.size }, (_, partition) => {
    const replicas = byPartition.get(partition)
    if (replicas !== undefined) return replicas
    throw new ControllerError(
      Errors.INVALID_REPLICA_ASSIGNMENT,
      'partitions should be a consecutive 0-based integer sequence',
    )
  })
}

const activeOf = (image: MetadataImage, replicas: readonly number[]): number[] =>
  replicas.filter(brokerId => isActive(image.cluster.brokers.get(brokerId)))

function refuseInactive(image: MetadataImage, partition: number, replicas: readonly number[]): void {
  if (activeOf(image, replicas).length > 0) return
  throw new ControllerError(
    Errors.INVALID_REPLICA_ASSIGNMENT,
    `All brokers specified in the manual partition assignment for partition ${partition} are fenced or in ` +
      'controlled shutdown.',
  )
}

function partitionRecord(
  image: MetadataImage,
  topicId: string,
  partitionId: number,
  replicas: readonly number[],
  directoryFor: (brokerId: number) => string,
): MetadataRecord {
  const isr = activeOf(image, replicas)
  return {
    type: 'PartitionRecord',
    value: {
      partitionId,
      topicId,
      replicas: [...replicas],
      isr,
      removingReplicas: [],
      addingReplicas: [],
      leader: isr[0]!,
      leaderRecoveryState: LeaderRecoveryState.RECOVERED,
      leaderEpoch: 0,
      partitionEpoch: 0,
      directories: replicas.map(directoryFor),
      eligibleLeaderReplicas: null,
      lastKnownElr: null,
    },
  }
}

/** By id; names have been looked up and access granted by then. */
export function deleteTopics(state: ControllerState, ids: readonly string[]): Result<Map<string, ApiError>> {
  const records: MetadataRecord[] = []
  const reply = new Map<string, ApiError>()
  for (const topicId of ids) {
    if (reply.has(topicId)) continue
    if (state.image.topics.byId.has(topicId)) {
      records.push({ type: 'RemoveTopicRecord', value: { topicId } })
      reply.set(topicId, { errorCode: 0, errorMessage: null })
    } else {
      reply.set(topicId, apiError(Errors.UNKNOWN_TOPIC_ID))
    }
  }
  boundRecords(records.length)
  return { records, reply }
}

export interface NewPartitions {
  readonly name: string
  /** How many the topic shall have then. */
  readonly count: number
  readonly assignments: readonly { readonly brokerIds: readonly number[] }[] | null
}

export function createPartitions(
  state: ControllerState,
  topics: readonly NewPartitions[],
  validateOnly: boolean,
): Result<(ApiError & { name: string })[]> {
  const records: MetadataRecord[] = []
  const directoryFor = directoryChooser(state.image)
  const reply = topics.map(topic => ({
    name: topic.name,
    ...rowOf(() => {
      records.push(...addPartitions(state.image, topic, directoryFor))
      return undefined
    }),
  }))
  boundRecords(records.length)
  return { records: validateOnly ? [] : records, reply }
}

function addPartitions(
  image: MetadataImage,
  { name, count, assignments }: NewPartitions,
  directoryFor: (brokerId: number) => string,
): MetadataRecord[] {
  const topic = image.topics.byName.get(name)
  if (topic === undefined) throw new ControllerError(Errors.UNKNOWN_TOPIC_OR_PARTITION)
  const present = topic.partitions.size
  if (count === present) {
    throw new ControllerError(Errors.INVALID_PARTITIONS, `Topic already has ${present} partition(s).`)
  }
  if (count < present) {
    throw new ControllerError(
      Errors.INVALID_PARTITIONS,
      `The topic ${name} currently has ${present} partition(s); ${count} would not be an increase.`,
    )
  }
  const additional = count - present
  boundRecords(additional)
  if (assignments !== null && assignments.length !== additional) {
    throw new ControllerError(
      Errors.INVALID_REPLICA_ASSIGNMENT,
      `Attempted to add ${additional} additional partition(s), but only ${assignments.length} assignment(s) ` +
        'were specified.',
    )
  }
  const replicationFactor = topic.partitions.get(0)!.replicas.length
  const placed =
    assignments === null
      ? placeReplicas(image, present, additional, replicationFactor)
      : assignments.map(({ brokerIds }, at) => {
          validateAssignment(image, brokerIds, replicationFactor)
          refuseInactive(image, present + at, brokerIds)
          return brokerIds
        })
  if (placed.some(replicas => activeOf(image, replicas).length === 0)) {
    throw new ControllerError(
      Errors.INVALID_REPLICATION_FACTOR,
      `Unable to replicate the partition ${replicationFactor} time(s): All brokers are currently fenced or in ` +
        'controlled shutdown.',
    )
  }
  return placed.map((replicas, at) => partitionRecord(image, topic.id, present + at, replicas, directoryFor))
}
