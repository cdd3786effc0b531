// JoinGroup: how a client becomes, or stays, a member of a classic group.
//
//   no member id, dynamic       an id is made; new clients are sent away to come back with it (KIP-394), old ones join
//   no member id, static        a new instance joins; a known one takes the place of its former self (KIP-345)
//   member id, pending          joins
//   member id, member           joins again: news if its metadata changed or it leads, otherwise told what is
//   member id, nobody we know   UNKNOWN_MEMBER_ID, or FENCED_INSTANCE_ID if its instance goes by another id now
//
// Answers to classicGroupJoin… in Kafka's GroupMetadataManager, check by check.

import { Errors } from '../../../protocol/errors.ts'
import type { JoinGroupRequest, JoinGroupResponse } from '../../../protocol/apis/11-join-group.ts'
import type { GroupRequestContext } from '../../ports/groups.ts'
import { RequestError } from '../../ports/request-error.ts'
import { coordinatorError } from '../errors.ts'
import type { Caller } from '../shard.ts'
import { ClassicGroup, ClassicGroupMember, type MemberProtocol } from './classic-group.ts'
import { NEW_MEMBER_JOIN_TIMEOUT_MS } from './config.ts'
import { joinError, joinSucceeded, reasonOf, syncError, UNKNOWN_MEMBER_ID } from './messages.ts'
import {
  answerJoin,
  answerSync,
  completeJoinIfAllAreIn,
  expireHeartbeat,
  type GroupEffects,
  type Groups,
  heartbeatKey,
  persist,
  prepareRebalance,
  rebalanceOrComplete,
  scheduleHeartbeat,
} from './rebalance.ts'
import { emptyGroupMetadataRecord } from './records.ts'

/** One JoinGroup on its way: the request, whom to answer, and the protocols in memory of our own. */
export interface Joining {
  readonly request: JoinGroupRequest
  readonly context: GroupRequestContext
  readonly caller: Caller
  readonly protocols: readonly MemberProtocol[]
}

export interface JoinGroups extends Groups {
  /** Makes the group if there is none. */
  classicOrNew(groupId: string, nowMs: number): ClassicGroup
  /** Whether the id belongs to a group of a type that we do not serve. */
  isForeign(groupId: string): boolean
}

export function joinGroup(
  groups: JoinGroups,
  effects: GroupEffects,
  request: JoinGroupRequest,
  context: GroupRequestContext,
  caller: Caller,
): void {
  const { groupId, memberId } = request
  const isUnknown = memberId === UNKNOWN_MEMBER_ID
  const known = groups.classic(groupId)
  if (known === undefined && !isUnknown) {
    effects.reply(caller, joinError(memberId, Errors.UNKNOWN_MEMBER_ID))
    return
  }
  const group = known ?? groups.classicOrNew(groupId, effects.nowMs)
  // Request buffers are views on a frame; what outlives the request must not pin it.
  const protocols = request.protocols.map(({ name, metadata }) => ({ name, metadata: Buffer.from(metadata) }))
  const joining: Joining = { request, context, caller, protocols }
  if (!accepts(groups, group, memberId)) {
    group.remove(memberId)
    effects.reply(caller, joinError(UNKNOWN_MEMBER_ID, Errors.GROUP_MAX_SIZE_REACHED))
  } else if (isUnknown) joinNewMember(groups, effects, group, joining)
  else joinExistingMember(groups, effects, group, joining)

  if (known === undefined && effects.records.length === 0) {
    // The group exists from now on, for whoever loads this log later too.
    effects.append(emptyGroupMetadataRecord(group))
    effects.replayed = false
    effects.whenSettled((error, next, isAppended) => {
      if (error === null || isAppended) return
      for (const member of group.members.values())
        answerJoin(next, group, member, joinError(UNKNOWN_MEMBER_ID, coordinatorError(error)))
      groups.forget(group)
    })
  }
}

/** Members over group.max.size are turned away, the last to rejoin first. */
function accepts(groups: Groups, group: ClassicGroup, memberId: string): boolean {
  const { maxSize } = groups.config
  switch (group.state) {
    case 'Empty':
    case 'Dead':
      return true
    case 'PreparingRebalance':
      return (group.members.get(memberId)?.awaitingJoin ?? null) !== null || group.awaitingJoinCount < maxSize
    case 'CompletingRebalance':
    case 'Stable':
      return group.members.has(memberId) || group.members.size < maxSize
  }
}

function joinNewMember(
  groups: JoinGroups,
  effects: GroupEffects,
  group: ClassicGroup,
  joining: Joining,
): void {
  const { request, context, caller, protocols } = joining
  if (group.state === 'Dead') {
    effects.reply(caller, joinError(UNKNOWN_MEMBER_ID, Errors.COORDINATOR_NOT_AVAILABLE))
    return
  }
  if (!group.supportsProtocols(request.protocolType, protocols)) {
    effects.reply(caller, joinError(UNKNOWN_MEMBER_ID, Errors.INCONSISTENT_GROUP_PROTOCOL))
    return
  }
  const { groupInstanceId } = request
  const memberId = groups.newMemberId(groupInstanceId ?? context.clientId ?? '')
  if (groupInstanceId === null) {
    if (context.requiresKnownMemberId) sendAwayWithId(groups, effects, group, joining, memberId)
    else addMember(groups, effects, group, joining, memberId)
    return
  }
  const formerId = group.staticMemberId(groupInstanceId)
  if (formerId === undefined) addMember(groups, effects, group, joining, memberId)
  else replaceMember(groups, effects, group, joining, formerId, memberId)
}

/** Clients that vanish between two attempts used to pile up as members; now only a name is reserved. */
function sendAwayWithId(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  { request, caller }: Joining,
  memberId: string,
): void {
  const { groupId } = group
  group.pendingJoinMembers.add(memberId)
  effects.schedule(heartbeatKey(groupId, memberId), request.sessionTimeoutMs, next =>
    expireHeartbeat(groups, next, groupId, memberId),
  )
  effects.reply(caller, joinError(memberId, Errors.MEMBER_ID_REQUIRED))
}

function joinExistingMember(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  joining: Joining,
): void {
  const { request, caller, protocols } = joining
  const { memberId } = request
  if (group.state === 'Dead') {
    effects.reply(caller, joinError(memberId, Errors.COORDINATOR_NOT_AVAILABLE))
    return
  }
  if (!group.supportsProtocols(request.protocolType, protocols)) {
    effects.reply(caller, joinError(memberId, Errors.INCONSISTENT_GROUP_PROTOCOL))
    return
  }
  if (group.pendingJoinMembers.has(memberId)) {
    if (request.groupInstanceId !== null)
      throw new Error(
        `pending member ${memberId} joins with an instance id: only dynamic members are pending`,
      )
    addMember(groups, effects, group, joining, memberId)
    return
  }
  let member: ClassicGroupMember
  try {
    member = group.validateMember(memberId, request.groupInstanceId)
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
    const refused: JoinGroupResponse = { ...joinError(memberId, error), protocolName: null }
    effects.reply(caller, refused)
    return
  }
  rejoin(groups, effects, group, member, joining)
}

function rejoin(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  member: ClassicGroupMember,
  joining: Joining,
): void {
  const { memberId } = member
  const because = `client reason: ${reasonOf(joining.request.reason)}`
  const unchanged = member.matches(joining.protocols)
  switch (group.state) {
    case 'PreparingRebalance':
      updateMember(groups, effects, group, member, joining, `member ${memberId} joins again; ${because}`)
      return
    case 'CompletingRebalance':
      // It may have missed the answer to its first JoinGroup.
      if (unchanged) effects.reply(joining.caller, joinSucceeded(group, member))
      else
        updateMember(
          groups,
          effects,
          group,
          member,
          joining,
          `member ${memberId} has new metadata; ${because}`,
        )
      return
    case 'Stable':
      // A leader that joins again asks for a new assignment: it has seen partitions or topics change.
      if (group.isLeader(memberId))
        updateMember(groups, effects, group, member, joining, `leader ${memberId} joins again; ${because}`)
      else if (!unchanged)
        updateMember(
          groups,
          effects,
          group,
          member,
          joining,
          `member ${memberId} has new metadata; ${because}`,
        )
      else effects.reply(joining.caller, joinSucceeded(group, member))
      return
    default:
      effects.reply(joining.caller, joinError(memberId, Errors.UNKNOWN_MEMBER_ID))
  }
}

function addMember(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  { request, context, caller, protocols }: Joining,
  memberId: string,
): void {
  const member = new ClassicGroupMember({
    memberId,
    groupInstanceId: request.groupInstanceId,
    clientId: context.clientId ?? '',
    clientHost: `/${context.clientAddress}`,
    protocolType: request.protocolType,
    rebalanceTimeoutMs: request.rebalanceTimeoutMs,
    sessionTimeoutMs: request.sessionTimeoutMs,
    supportedProtocols: protocols,
  })
  member.isNew = true
  if (group.state === 'PreparingRebalance' && group.previousState === 'Empty') group.newMemberAdded = true
  group.add(member, caller)
  // It has no id to send heartbeats with, and we do not see it disconnect while its request is parked: this bounds how
  // long the remains of a vanished client hold up a rebalance.
  scheduleHeartbeat(groups, effects, group, member, NEW_MEMBER_JOIN_TIMEOUT_MS)
  rebalanceOrComplete(
    groups,
    effects,
    group,
    `new member ${memberId} with instance id ${request.groupInstanceId}; client reason: ${reasonOf(request.reason)}`,
  )
}

function updateMember(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  member: ClassicGroupMember,
  { request, caller, protocols }: Joining,
  reason: string,
): void {
  // A second JoinGroup takes the place of one that is still parked: its client has given up on that one.
  answerJoin(effects, group, member, joinError(member.memberId, Errors.REBALANCE_IN_PROGRESS))
  group.update(member, protocols, request.rebalanceTimeoutMs, request.sessionTimeoutMs, caller)
  rebalanceOrComplete(groups, effects, group, reason)
}

// ---- Static members that come back

function replaceMember(
  groups: Groups,
  effects: GroupEffects,
  group: ClassicGroup,
  joining: Joining,
  formerId: string,
  memberId: string,
): void {
  const { request, caller, protocols } = joining
  const instanceId = request.groupInstanceId!
  const formerLeader = group.leaderId
  fence(effects, group, group.members.get(formerId)!)
  const member = group.replaceStaticMember(instanceId, formerId, memberId)
  // The former id's timer finds nobody when it fires.
  scheduleHeartbeat(groups, effects, group, member)
  const before = {
    protocols: member.supportedProtocols,
    rebalanceTimeoutMs: member.rebalanceTimeoutMs,
    sessionTimeoutMs: member.sessionTimeoutMs,
  }
  group.update(member, protocols, request.rebalanceTimeoutMs, request.sessionTimeoutMs, caller)
  const because = `static member ${memberId} with instance id ${instanceId} came back; client reason: ${reasonOf(request.reason)}`

  switch (group.state) {
    case 'Stable':
      if (group.protocolName !== group.selectProtocol()) {
        rebalanceOrComplete(groups, effects, group, `${because}; the protocol changes`)
        return
      }
      // Nothing changes for anybody else: keep the generation, and remember the new id.
      persist(effects, group)
      effects.whenSettled((error, next, isAppended) => {
        if (error === null) {
          answerReplaced(next, group, member, formerLeader, joining.context.supportsSkippingAssignment)
          return
        }
        groups.log.warn(
          { groupId: group.groupId, memberId, error: error.errorName },
          'a static member could not be written',
        )
        const waiting = group.takeAwaitingJoin(member)
        if (!isAppended && group.members.get(memberId) === member) {
          group.update(member, before.protocols, before.rebalanceTimeoutMs, before.sessionTimeoutMs, null)
          scheduleHeartbeat(groups, next, group, group.replaceStaticMember(instanceId, memberId, formerId))
        }
        if (waiting !== null)
          next.reply(waiting, {
            ...joinError(UNKNOWN_MEMBER_ID, coordinatorError(error)),
            generationId: group.generationId,
            protocolType: group.protocolType,
            protocolName: group.protocolName,
            leader: formerLeader ?? '',
          })
      })
      return
    case 'CompletingRebalance':
      // The leader may be assigning to the former id at this moment, so the generation is lost.
      prepareRebalance(groups, effects, group, because)
      return
    case 'PreparingRebalance':
      completeJoinIfAllAreIn(groups, effects, group)
      return
    default:
      throw new Error(`group ${group.groupId} is ${group.state} and yet knows instance ${instanceId}`)
  }
}

/** Whoever still speaks for the former self learns that it is no longer the one. */
function fence(effects: GroupEffects, group: ClassicGroup, former: ClassicGroupMember): void {
  answerJoin(effects, group, former, {
    ...joinError(former.memberId, Errors.FENCED_INSTANCE_ID),
    protocolName: null,
  })
  answerSync(effects, former, syncError(Errors.FENCED_INSTANCE_ID))
}

/**
 * A leader that came back must not assign again: its assignment would be for a generation that is settled. New clients are
 * told so and get the member list, which they watch for changes (KIP-814); old ones are told that the former id leads.
 */
function answerReplaced(
  effects: GroupEffects,
  group: ClassicGroup,
  member: ClassicGroupMember,
  formerLeader: string | null,
  supportsSkippingAssignment: boolean,
): void {
  const succeeded = joinSucceeded(group, member)
  answerJoin(
    effects,
    group,
    member,
    supportsSkippingAssignment
      ? { ...succeeded, skipAssignment: group.isLeader(member.memberId) }
      : { ...succeeded, leader: formerLeader ?? '', members: [] },
  )
}
