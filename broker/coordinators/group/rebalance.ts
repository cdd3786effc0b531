// How a classic group gets from one generation to the next: who is waited for, how long, and what happens to those who do
// not come. Time passes only through the three timers of a group:
//
//   join        the end of the initial delay, or of the wait for members to rejoin     (PreparingRebalance)
//   sync        the end of the wait for members to ask for their assignment            (CompletingRebalance, Stable)
//   heartbeat   one per member: its session                                            (any)
//
// Answers to prepareRebalance … completeClassicGroupJoin in Kafka's GroupMetadataManager.

import { Errors } from '../../../protocol/errors.ts'
import type { Caller, Effects } from '../shard.ts'
import {
  type ClassicGroup,
  type ClassicGroupMember,
  type ClassicGroupState,
  EMPTY_ASSIGNMENT,
} from './classic-group.ts'
import type { GroupCoordinatorConfig, GroupCounters, GroupLogger } from './config.ts'
import {
  type Coded,
  joinError,
  joinSucceeded,
  syncError,
  syncSucceeded,
  UNKNOWN_MEMBER_ID,
} from './messages.ts'
import { type GroupRecord, groupMetadataRecord } from './records.ts'

export type GroupEffects = Effects<GroupRecord>

/** What the life of a group needs to know beyond the group: the others, the settings, fresh member ids. */
export interface Groups {
  readonly config: GroupCoordinatorConfig
  readonly log: GroupLogger
  readonly counters: GroupCounters
  classic(groupId: string): ClassicGroup | undefined
  /** Forgets the group, if it is still this one. */
  forget(group: ClassicGroup): void
  newMemberId(prefix: string): string
}

export const heartbeatKey = (groupId: string, memberId: string): string => `heartbeat-${groupId}-${memberId}`
const joinKey = (groupId: string): string => `join-${groupId}`
const syncKey = (groupId: string): string => `sync-${groupId}`

// ---- Answering

export function answerJoin(
  effects: GroupEffects,
  group: ClassicGroup,
  member: ClassicGroupMember,
  response: unknown,
): void {
  const caller = group.takeAwaitingJoin(member)
  if (caller !== null) effects.reply(caller, response)
}

export function answerSync(effects: GroupEffects, member: ClassicGroupMember, response: unknown): boolean {
  const caller: Caller | null = member.awaitingSync
  if (caller === null) return false
  member.awaitingSync = null
  effects.reply(caller, response)
  return true
}

// ---- Sessions

export function scheduleHeartbeat(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  member: ClassicGroupMember,
  timeoutMs = member.sessionTimeoutMs,
): void {
  const { groupId } = group
  const { memberId } = member
  effects.schedule(heartbeatKey(groupId, memberId), timeoutMs, next =>
    expireHeartbeat(groups, next, groupId, memberId),
  )
}

/** A session has ended, or an id that was given away was never used. */
export function expireHeartbeat(
  groups: Groups,
  effects: GroupEffects,
  groupId: string,
  memberId: string,
): void {
  const group = groups.classic(groupId)
  if (group === undefined || group.state === 'Dead') return
  if (group.pendingJoinMembers.has(memberId)) {
    groups.log.info({ groupId, memberId }, 'a member that was given an id did not come back with it in time')
    group.remove(memberId)
    if (group.state === 'PreparingRebalance' && group.hasAllMembersJoined)
      completeJoin(groups, effects, group)
    return
  }
  const member = group.members.get(memberId)
  if (member === undefined || member.hasSatisfiedHeartbeat) return
  groups.log.info({ groupId, memberId }, 'a member failed: its session has ended')
  // A new member may expire while its JoinGroup is parked; if it is alive after all, this makes it join again.
  answerJoin(effects, group, member, joinError(UNKNOWN_MEMBER_ID, Errors.UNKNOWN_MEMBER_ID))
  group.remove(memberId)
  if (group.isIn('Stable', 'CompletingRebalance'))
    rebalanceOrComplete(groups, effects, group, `the session of member ${memberId} has ended`)
  else if (group.state === 'PreparingRebalance' && group.hasAllMembersJoined)
    completeJoin(groups, effects, group)
}

// ---- From a generation to the next

export function rebalanceOrComplete(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  reason: string,
): void {
  if (group.canRebalance) prepareRebalance(groups, effects, group, reason)
  else completeJoinIfAllAreIn(groups, effects, group)
}

export function prepareRebalance(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  reason: string,
): void {
  const { groupId } = group
  if (group.state === 'CompletingRebalance')
    dropAssignments(groups, effects, group, Errors.REBALANCE_IN_PROGRESS)
  group.pendingSyncMembers.clear()
  effects.cancel(syncKey(groupId))

  const isInitial = group.state === 'Empty'
  if (isInitial) {
    // The first members seldom come alone: wait a little, and again while more arrive.
    const delayMs = groups.config.initialRebalanceDelayMs
    const remainingMs = Math.max(group.rebalanceTimeoutMs - delayMs, 0)
    scheduleInitialJoin(groups, effects, groupId, delayMs, remainingMs)
  }
  groups.log.info(
    { groupId, state: group.state, generationId: group.generationId, reason },
    'preparing to rebalance a group',
  )
  group.transitionTo('PreparingRebalance', effects.nowMs)
  if (isInitial) return
  if (group.hasAllMembersJoined) completeJoin(groups, effects, group)
  else scheduleJoin(groups, effects, group)
}

function scheduleJoin(groups: Groups, effects: GroupEffects, group: ClassicGroup): void {
  const { groupId } = group
  effects.schedule(joinKey(groupId), group.rebalanceTimeoutMs, next => {
    const found = groups.classic(groupId)
    if (found !== undefined) completeJoin(groups, next, found)
  })
}

function scheduleInitialJoin(
  groups: Groups,
  effects: GroupEffects,
  groupId: string,
  delayMs: number,
  remainingMs: number,
): void {
  effects.schedule(joinKey(groupId), delayMs, next => {
    const group = groups.classic(groupId)
    if (group === undefined) return
    if (group.newMemberAdded && remainingMs !== 0) {
      group.newMemberAdded = false
      const againMs = Math.min(groups.config.initialRebalanceDelayMs, remainingMs)
      scheduleInitialJoin(groups, next, groupId, againMs, Math.max(remainingMs - delayMs, 0))
    } else completeJoin(groups, next, group)
  })
}

/** The join phase ends as soon as nobody is missing, except that an initial rebalance waits for its delay. */
export function completeJoinIfAllAreIn(groups: Groups, effects: GroupEffects, group: ClassicGroup): void {
  if (group.state === 'PreparingRebalance' && group.previousState !== 'Empty' && group.hasAllMembersJoined)
    completeJoin(groups, effects, group)
}

/** Ends the join phase: whoever is here makes the next generation. */
function completeJoin(groups: Groups, effects: GroupEffects, group: ClassicGroup): void {
  const { groupId } = group
  effects.cancel(joinKey(groupId))
  removeAbsentDynamicMembers(groups, effects, group)
  if (group.state === 'Dead') return
  if (!group.electJoinedLeader() && group.members.size > 0) {
    // Only static members are left and none has come back: wait on, until their sessions end.
    groups.log.warn({ groupId }, 'a rebalance could not complete because no member rejoined')
    scheduleJoin(groups, effects, group)
    return
  }
  group.startNextGeneration(effects.nowMs)
  if (group.state === 'Empty') {
    groups.log.info({ groupId, generationId: group.generationId }, 'a group is now empty')
    persist(effects, group)
    effects.whenSettled(error => {
      // The generation before would live again after a restart; it has no living members, so its sessions end.
      if (error !== null)
        groups.log.warn({ groupId, error: error.errorName }, 'the empty group could not be written')
    })
    return
  }
  groups.log.info(
    { groupId, generationId: group.generationId, members: group.members.size },
    'a group has a new generation',
  )
  for (const member of group.members.values()) {
    answerJoin(effects, group, member, joinSucceeded(group, member))
    scheduleHeartbeat(groups, effects, group, member)
    member.isNew = false
    group.pendingSyncMembers.add(member.memberId)
  }
  scheduleSyncExpiry(groups, effects, group)
}

function removeAbsentDynamicMembers(groups: Groups, effects: GroupEffects, group: ClassicGroup): void {
  const absent = [...group.members.values()].filter(
    member => member.awaitingJoin === null && !member.isStatic,
  )
  for (const { memberId } of absent) {
    group.remove(memberId)
    effects.cancel(heartbeatKey(group.groupId, memberId))
  }
  if (absent.length > 0) {
    const memberIds = absent.map(member => member.memberId)
    groups.log.info({ groupId: group.groupId, memberIds }, 'members that did not rejoin were removed')
  }
}

// ---- Waiting for SyncGroup

function scheduleSyncExpiry(groups: Groups, effects: GroupEffects, group: ClassicGroup): void {
  const { groupId, generationId } = group
  effects.schedule(syncKey(groupId), group.rebalanceTimeoutMs, next => {
    const found = groups.classic(groupId)
    if (found === undefined || found.generationId !== generationId) return
    if (!found.isIn('CompletingRebalance', 'Stable') || found.pendingSyncMembers.size === 0) return
    const late = [...found.pendingSyncMembers]
    for (const memberId of late) {
      found.remove(memberId)
      next.cancel(heartbeatKey(groupId, memberId))
    }
    prepareRebalance(groups, next, found, `members [${late.join(', ')}] did not ask for their assignment`)
  })
}

/** The member has asked for its assignment: nothing is left to expire once all have. */
export function syncReceived(effects: GroupEffects, group: ClassicGroup, memberId: string): void {
  group.pendingSyncMembers.delete(memberId)
  const waiting: readonly ClassicGroupState[] = ['CompletingRebalance', 'Stable']
  if (!waiting.includes(group.state) || group.pendingSyncMembers.size === 0)
    effects.cancel(syncKey(group.groupId))
}

// ---- Assignments

export function dropAssignments(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  error: Coded,
): void {
  for (const member of group.members.values()) {
    member.assignment = EMPTY_ASSIGNMENT
    // The session starts afresh: it may have run out, unnoticed, while the member was parked here.
    if (answerSync(effects, member, syncError(error))) scheduleHeartbeat(groups, effects, group, member)
  }
}

export function handOutAssignments(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  assignments: ReadonlyMap<string, Buffer>,
): void {
  for (const member of group.members.values()) {
    member.assignment = assignments.get(member.memberId) ?? EMPTY_ASSIGNMENT
    if (answerSync(effects, member, syncSucceeded(group, member)))
      scheduleHeartbeat(groups, effects, group, member)
  }
}

/** Writes the group as it is; the command itself has changed the state already. */
export function persist(
  effects: GroupEffects,
  group: ClassicGroup,
  assignments?: ReadonlyMap<string, Buffer>,
): void {
  effects.append(groupMetadataRecord(group, assignments))
  effects.replayed = false
}
