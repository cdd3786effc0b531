// OffsetCommit, OffsetFetch, OffsetDelete, and the two ways in which offsets go away by themselves: their retention runs
// out, or their topic is deleted. Nothing here changes an offset: it makes records, and replay changes them.
// Answers to Kafka's OffsetMetadataManager (KIP-211 for retention, KIP-496 for OffsetDelete, KIP-447 for requireStable).

import type {
  OffsetCommitRequest,
  OffsetCommitRequestPartition,
  OffsetCommitResponse,
} from '../../../protocol/apis/08-offset-commit.ts'
import type {
  OffsetFetchRequestGroup,
  OffsetFetchResponseGroup,
  OffsetFetchResponsePartitions,
} from '../../../protocol/apis/09-offset-fetch.ts'
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../../protocol/apis/47-offset-delete.ts'
import { Errors } from '../../../protocol/errors.ts'
import { ZERO_UUID } from '../../../protocol/uuid.ts'
import type { GroupRequestContext } from '../../ports/groups.ts'
import { RequestError } from '../../ports/request-error.ts'
import type { ClassicGroup } from './classic-group.ts'
import type { JoinGroups } from './join.ts'
import type { Offsets, StoredOffset } from './offsets.ts'
import { type GroupEffects, scheduleHeartbeat } from './rebalance.ts'
import { type CommittedOffset, offsetRecord } from './records.ts'

/** The client names no retention or commit time of its own. */
const NOT_GIVEN = -1n
const INVALID_OFFSET = -1n

// ---- OffsetCommit

export function commitOffsets(
  groups: JoinGroups,
  effects: GroupEffects,
  request: OffsetCommitRequest,
  context: GroupRequestContext,
): OffsetCommitResponse {
  const isNewGroup = groups.classic(request.groupId) === undefined
  const group = groupForCommit(groups, request, context, effects.nowMs)
  if (isNewGroup) {
    effects.whenSettled((_error, _next, isAppended) => {
      if (!isAppended || effects.records.length === 0) groups.forget(group)
    })
  }
  // A classic consumer that commits is alive, whatever its heartbeat thread does.
  const member = group.members.get(request.memberId)
  if (member !== undefined && group.isIn('Stable', 'PreparingRebalance'))
    scheduleHeartbeat(groups, effects, group, member)

  const nowMs = BigInt(effects.nowMs)
  const expireTimestampMs = request.retentionTimeMs === NOT_GIVEN ? null : nowMs + request.retentionTimeMs
  const maxBytes = groups.config.offsetMetadataMaxBytes
  const topics = request.topics.map(topic => ({
    topicId: topic.topicId,
    name: topic.name,
    partitions: topic.partitions.map(partition => {
      const { partitionIndex, committedMetadata } = partition
      if (committedMetadata !== null && committedMetadata.length > maxBytes)
        return { partitionIndex, errorCode: Errors.OFFSET_METADATA_TOO_LARGE.code }
      const value = committed(partition, topic.topicId, nowMs, expireTimestampMs)
      effects.append(offsetRecord(request.groupId, topic.name, partitionIndex, value))
      return { partitionIndex, errorCode: Errors.NONE.code }
    }),
  }))
  if (effects.records.length > 0) groups.counters.offsetCommits.inc(effects.records.length)
  return { throttleTimeMs: 0, topics }
}

function committed(
  partition: OffsetCommitRequestPartition,
  topicId: string,
  nowMs: bigint,
  expireTimestampMs: bigint | null,
): CommittedOffset {
  return {
    offset: partition.committedOffset,
    leaderEpoch: partition.committedLeaderEpoch,
    metadata: partition.committedMetadata ?? '',
    commitTimestampMs: partition.commitTimestamp === NOT_GIVEN ? nowMs : partition.commitTimestamp,
    expireTimestampMs,
    topicId,
  }
}

/** The group, if this member may commit to it now. Throws; makes a simple group for who needs no membership. */
function groupForCommit(
  groups: JoinGroups,
  request: OffsetCommitRequest,
  context: GroupRequestContext,
  nowMs: number,
): ClassicGroup {
  const { groupId, memberId, groupInstanceId, generationIdOrMemberEpoch: generationId } = request
  const known = groups.classic(groupId)
  if (known === undefined && generationId >= 0) {
    throw new RequestError(
      context.missingGroupIsNamed ? Errors.GROUP_ID_NOT_FOUND : Errors.ILLEGAL_GENERATION,
    )
  }
  const group = known ?? groups.classicOrNew(groupId, nowMs)
  if (group.state === 'Dead') throw new RequestError(Errors.COORDINATOR_NOT_AVAILABLE)
  // An administrator, or a consumer that assigns itself: welcome while nobody is a member.
  if (generationId < 0 && group.state === 'Empty') return group
  if (generationId >= 0 || memberId !== '' || groupInstanceId !== null) {
    group.validateMember(memberId, groupInstanceId)
    if (generationId !== group.generationId) throw new RequestError(Errors.ILLEGAL_GENERATION)
  } else if (group.state !== 'Empty') throw new RequestError(Errors.UNKNOWN_MEMBER_ID)
  // Its member id and generation are right: it has joined and will learn what to do from the rebalance.
  if (group.state === 'CompletingRebalance') throw new RequestError(Errors.REBALANCE_IN_PROGRESS)
  return group
}

// ---- OffsetFetch

export function fetchOffsets(
  groups: JoinGroups,
  offsets: Offsets,
  request: OffsetFetchRequestGroup,
  requireStable: boolean,
): OffsetFetchResponseGroup {
  const { groupId } = request
  const known = isKnown(groups, groupId)
  const topics = (request.topics ?? []).map(({ name, topicId, partitionIndexes }) => ({
    name,
    topicId,
    partitions: partitionIndexes.map(partition => {
      if (!known) return nothingCommitted(partition)
      if (requireStable && offsets.isPending(groupId, name, partition)) return unstable(partition)
      const value = offsets.committed.get(groupId, name, partition)
      // Committed for an earlier topic of this name: not for this one.
      const isOthers = value !== undefined && differentTopics(value.topicId, topicId)
      return value === undefined || isOthers ? nothingCommitted(partition) : found(partition, value)
    }),
  }))
  return { groupId, topics, errorCode: Errors.NONE.code }
}

export function fetchAllOffsets(
  groups: JoinGroups,
  offsets: Offsets,
  groupId: string,
  requireStable: boolean,
): OffsetFetchResponseGroup {
  const topics: OffsetFetchResponseGroup['topics'] = []
  if (isKnown(groups, groupId)) {
    for (const [name, partitions] of offsets.committed.ofGroup(groupId) ?? []) {
      const rows = [...partitions].map(([partition, value]) =>
        requireStable && offsets.isPending(groupId, name, partition)
          ? unstable(partition)
          : found(partition, value),
      )
      topics.push({ name, topicId: ZERO_UUID, partitions: rows })
    }
  }
  return { groupId, topics, errorCode: Errors.NONE.code }
}

function isKnown(groups: JoinGroups, groupId: string): boolean {
  const group = groups.classic(groupId)
  return group !== undefined ? group.state !== 'Dead' : groups.isForeign(groupId)
}

const differentTopics = (one: string, other: string): boolean =>
  one !== ZERO_UUID && other !== ZERO_UUID && one !== other

function found(partitionIndex: number, value: StoredOffset): OffsetFetchResponsePartitions {
  return {
    partitionIndex,
    committedOffset: value.offset,
    committedLeaderEpoch: value.leaderEpoch,
    metadata: value.metadata,
    errorCode: Errors.NONE.code,
  }
}

function nothingCommitted(partitionIndex: number): OffsetFetchResponsePartitions {
  return {
    partitionIndex,
    committedOffset: INVALID_OFFSET,
    committedLeaderEpoch: -1,
    metadata: '',
    errorCode: Errors.NONE.code,
  }
}

/** A transaction that may change this offset is still open: ask again. */
function unstable(partitionIndex: number): OffsetFetchResponsePartitions {
  return { ...nothingCommitted(partitionIndex), errorCode: Errors.UNSTABLE_OFFSET_COMMIT.code }
}

// ---- OffsetDelete

export function deleteOffsets(
  groups: JoinGroups,
  effects: GroupEffects,
  offsets: Offsets,
  request: OffsetDeleteRequest,
): OffsetDeleteResponse {
  const { groupId } = request
  const group = groups.classic(groupId)
  if (group === undefined || group.state === 'Dead') throw new RequestError(Errors.GROUP_ID_NOT_FOUND)
  // Of consumers we know what they subscribe to; of others nothing, so they must be gone first.
  if (group.state !== 'Empty' && !group.usesConsumerProtocol) throw new RequestError(Errors.NON_EMPTY_GROUP)
  const topics = request.topics.map(({ name, partitions }) => {
    const isSubscribed = group.isSubscribedTo(name)
    return {
      name,
      partitions: partitions.map(({ partitionIndex }) => {
        if (isSubscribed) return { partitionIndex, errorCode: Errors.GROUP_SUBSCRIBED_TO_TOPIC.code }
        if (
          offsets.committed.get(groupId, name, partitionIndex) !== undefined ||
          offsets.isPending(groupId, name, partitionIndex)
        )
          effects.append(offsetRecord(groupId, name, partitionIndex, null))
        return { partitionIndex, errorCode: Errors.NONE.code }
      }),
    }
  })
  groups.counters.offsetDeletions.inc(effects.records.length)
  return { errorCode: Errors.NONE.code, throttleTimeMs: 0, topics }
}

/** Tombstones for everything a group has committed: it is being deleted. */
export function deleteAllOffsets(effects: GroupEffects, offsets: Offsets, groupId: string): void {
  for (const { topic, partition } of offsets.partitionsOf(groupId))
    effects.append(offsetRecord(groupId, topic, partition, null))
}

// ---- Going away

export interface DeletedTopic {
  readonly name: string
  readonly id: string
}

/** Offsets of a topic that is gone; those of a later topic with the same name stay. */
export function forgetTopics(
  effects: GroupEffects,
  offsets: Offsets,
  deleted: readonly DeletedTopic[],
): void {
  for (const table of offsets.tables()) {
    for (const groupId of table.groupIds()) {
      const topics = table.ofGroup(groupId)
      for (const { name, id } of deleted) {
        for (const [partition, value] of topics?.get(name) ?? []) {
          if (!differentTopics(value.topicId, id))
            effects.append(offsetRecord(groupId, name, partition, null))
        }
      }
    }
  }
}

/**
 * Tombstones for the offsets of a group whose retention has passed. It counts from
 *   the moment the group became empty       a group that had members, and has none
 *   the commit                              a simple group; a stable consumer group, for topics nobody subscribes to
 * and never runs in other states. True when nothing of the group is left, so that the group itself may go.
 */
export function expireOffsets(
  effects: GroupEffects,
  offsets: Offsets,
  group: ClassicGroup,
  retentionMs: number,
): boolean {
  const { groupId } = group
  const topics = offsets.committed.ofGroup(groupId)
  if (topics === undefined) return !offsets.hasOpenTransactions(groupId)
  const baseOf = retentionBase(group)
  if (baseOf === null) return false
  const nowMs = BigInt(effects.nowMs)
  let allExpired = true
  for (const [topic, partitions] of topics) {
    const isSubscribed = group.isSubscribedTo(topic)
    for (const [partition, value] of partitions) {
      const isExpired =
        value.expireTimestampMs !== null
          ? nowMs >= value.expireTimestampMs
          : nowMs - baseOf(value) >= BigInt(retentionMs)
      if (isExpired && !isSubscribed && !offsets.isPending(groupId, topic, partition))
        effects.append(offsetRecord(groupId, topic, partition, null))
      else allExpired = false
    }
  }
  return allExpired && !offsets.hasOpenTransactions(groupId)
}

function retentionBase(group: ClassicGroup): ((value: StoredOffset) => bigint) | null {
  const sinceCommit = (value: StoredOffset): bigint => value.commitTimestampMs
  if (group.protocolType === null) return sinceCommit
  if (group.state === 'Empty') {
    const { stateSinceMs } = group
    return stateSinceMs === null ? sinceCommit : () => BigInt(stateSinceMs)
  }
  return group.state === 'Stable' && group.usesConsumerProtocol && group.subscribedTopics !== null
    ? sinceCommit
    : null
}
