// SyncGroup, Heartbeat and LeaveGroup: what a member does between joining and being gone.
// Answers to classicGroupSync, classicGroupHeartbeat and classicGroupLeave in Kafka's GroupMetadataManager.

import { Errors } from '../../../protocol/errors.ts'
import type { HeartbeatRequest, HeartbeatResponse } from '../../../protocol/apis/12-heartbeat.ts'
import type {
  LeaveGroupResponse,
  MemberIdentity,
  MemberResponse,
} from '../../../protocol/apis/13-leave-group.ts'
import type { SyncGroupRequest } from '../../../protocol/apis/14-sync-group.ts'
import type { LeaveRequest } from '../../ports/groups.ts'
import { RequestError } from '../../ports/request-error.ts'
import { coordinatorError } from '../errors.ts'
import type { Caller } from '../shard.ts'
import type { ClassicGroup } from './classic-group.ts'
import { type Coded, joinError, reasonOf, syncError, syncSucceeded, UNKNOWN_MEMBER_ID } from './messages.ts'
import {
  answerJoin,
  answerSync,
  completeJoinIfAllAreIn,
  dropAssignments,
  type GroupEffects,
  type Groups,
  handOutAssignments,
  heartbeatKey,
  persist,
  rebalanceOrComplete,
  scheduleHeartbeat,
  syncReceived,
} from './rebalance.ts'

// ---- SyncGroup

export function syncGroup(
  groups: Groups,
  effects: GroupEffects,
  request: SyncGroupRequest,
  caller: Caller,
): void {
  const group = groups.classic(request.groupId)
  if (group === undefined || group.state === 'Empty') {
    effects.reply(caller, syncError(Errors.UNKNOWN_MEMBER_ID))
    return
  }
  const refused = refuseSync(group, request)
  if (refused !== null) {
    effects.reply(caller, syncError(refused))
    return
  }
  const member = group.members.get(request.memberId)!
  switch (group.state) {
    case 'PreparingRebalance':
      effects.reply(caller, syncError(Errors.REBALANCE_IN_PROGRESS))
      return
    case 'CompletingRebalance':
      // Like a second JoinGroup, a second SyncGroup takes the place of the first.
      answerSync(effects, member, syncError(Errors.REBALANCE_IN_PROGRESS))
      member.awaitingSync = caller
      syncReceived(effects, group, member.memberId)
      if (group.isLeader(member.memberId)) storeAssignment(groups, effects, group, request)
      return
    case 'Stable':
      syncReceived(effects, group, member.memberId)
      effects.reply(caller, syncSucceeded(group, member))
      return
    default:
      throw new Error(`SyncGroup reached group ${group.groupId} in state ${group.state}`)
  }
}

function refuseSync(group: ClassicGroup, request: SyncGroupRequest): Coded | null {
  if (group.state === 'Dead') return Errors.COORDINATOR_NOT_AVAILABLE
  try {
    group.validateMember(request.memberId, request.groupInstanceId)
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    return error
  }
  if (request.generationId !== group.generationId) return Errors.ILLEGAL_GENERATION
  if (differs(request.protocolType, group.protocolType) || differs(request.protocolName, group.protocolName))
    return Errors.INCONSISTENT_GROUP_PROTOCOL
  return null
}

const differs = (asked: string | null, own: string | null): boolean =>
  asked !== null && own !== null && asked !== own

/** The leader has decided. The group is stable once its decision is in the log and cannot be lost. */
function storeAssignment(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  request: SyncGroupRequest,
): void {
  const { groupId, generationId } = group
  const assignments = new Map<string, Buffer>()
  for (const { memberId, assignment } of request.assignments)
    assignments.set(memberId, Buffer.from(assignment))
  persist(effects, group, assignments)
  effects.whenSettled((error, next) => {
    // A member may have joined while the record was on its way: then this generation is history.
    if (group.state !== 'CompletingRebalance' || group.generationId !== generationId) return
    if (error === null) {
      handOutAssignments(groups, next, group, assignments)
      group.transitionTo('Stable', next.nowMs)
      groups.counters.completedRebalances.inc()
      groups.log.info({ groupId, generationId, members: group.members.size }, 'a group is stable')
      return
    }
    dropAssignments(groups, next, group, coordinatorError(error))
    rebalanceOrComplete(groups, next, group, `${error.errorName} when storing the assignment`)
  })
}

// ---- Heartbeat

export function heartbeat(
  groups: Groups,
  effects: GroupEffects,
  request: HeartbeatRequest,
): HeartbeatResponse {
  const group = groups.classic(request.groupId)
  if (group === undefined) throw new RequestError(Errors.UNKNOWN_MEMBER_ID)
  if (group.state === 'Dead') throw new RequestError(Errors.COORDINATOR_NOT_AVAILABLE)
  const member = group.validateMember(request.memberId, request.groupInstanceId)
  if (request.generationId !== group.generationId) throw new RequestError(Errors.ILLEGAL_GENERATION)
  switch (group.state) {
    case 'Empty':
      return { throttleTimeMs: 0, errorCode: Errors.UNKNOWN_MEMBER_ID.code }
    case 'PreparingRebalance':
      scheduleHeartbeat(groups, effects, group, member)
      return { throttleTimeMs: 0, errorCode: Errors.REBALANCE_IN_PROGRESS.code }
    default:
      scheduleHeartbeat(groups, effects, group, member)
      return { throttleTimeMs: 0, errorCode: Errors.NONE.code }
  }
}

// ---- LeaveGroup

export function leaveGroup(groups: Groups, effects: GroupEffects, request: LeaveRequest): LeaveGroupResponse {
  const group = groups.classic(request.groupId)
  if (group === undefined) throw new RequestError(Errors.UNKNOWN_MEMBER_ID)
  const response: LeaveGroupResponse = { throttleTimeMs: 0, errorCode: Errors.NONE.code, members: [] }
  if (group.state === 'Dead') {
    response.errorCode = Errors.COORDINATOR_NOT_AVAILABLE.code
    return response
  }
  response.members = request.members.map(identity => leave(groups, effects, group, identity))
  const left = response.members.filter(member => member.errorCode === Errors.NONE.code)
  if (left.length > 0) {
    const reason = `members [${left.map(member => member.memberId || member.groupInstanceId).join(', ')}] left`
    if (group.isIn('Stable', 'CompletingRebalance')) rebalanceOrComplete(groups, effects, group, reason)
    else if (group.state === 'PreparingRebalance') completeJoinIfAllAreIn(groups, effects, group)
  }
  return response
}

function leave(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  identity: MemberIdentity,
): MemberResponse {
  const { memberId, groupInstanceId } = identity
  const row = (error: { code: number }): MemberResponse => ({
    memberId,
    groupInstanceId,
    errorCode: error.code,
  })
  if (memberId === UNKNOWN_MEMBER_ID) {
    // An administrator removes an instance without knowing which member id it goes by (KIP-345).
    const current = groupInstanceId === null ? undefined : group.staticMemberId(groupInstanceId)
    if (current === undefined) return row(Errors.UNKNOWN_MEMBER_ID)
    removeMember(groups, effects, group, current, identity.reason)
    return row(Errors.NONE)
  }
  if (group.pendingJoinMembers.has(memberId)) {
    group.remove(memberId)
    effects.cancel(heartbeatKey(group.groupId, memberId))
    return row(Errors.NONE)
  }
  try {
    group.validateMember(memberId, groupInstanceId)
  } catch (error) {
    if (error instanceof RequestError) return row(error)
    throw error
  }
  removeMember(groups, effects, group, memberId, identity.reason)
  return row(Errors.NONE)
}

function removeMember(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  memberId: string,
  reason: string | null,
): void {
  const member = group.members.get(memberId)!
  effects.cancel(heartbeatKey(group.groupId, memberId))
  groups.log.info({ groupId: group.groupId, memberId, reason: reasonOf(reason) }, 'a member has left')
  // It may be parked in a rebalance; if it is alive after all, this makes it join again.
  answerJoin(effects, group, member, joinError(UNKNOWN_MEMBER_ID, Errors.UNKNOWN_MEMBER_ID))
  answerSync(effects, member, syncError(Errors.UNKNOWN_MEMBER_ID))
  group.remove(memberId)
}
