// The group coordinator's shard: the groups and offsets of one partition of __consumer_offsets. It holds the state and
// says which part answers what; how members come and go is in join.ts, rebalance.ts and session.ts, offsets are in
// offset-commands.ts. Answers to Kafka's GroupCoordinatorShard.

import type { OffsetCommitRequest, OffsetCommitResponse } from '../../../protocol/apis/08-offset-commit.ts'
import type {
  OffsetFetchRequestGroup,
  OffsetFetchResponseGroup,
} from '../../../protocol/apis/09-offset-fetch.ts'
import type { JoinGroupRequest } from '../../../protocol/apis/11-join-group.ts'
import type { HeartbeatRequest, HeartbeatResponse } from '../../../protocol/apis/12-heartbeat.ts'
import type { LeaveGroupResponse } from '../../../protocol/apis/13-leave-group.ts'
import type { SyncGroupRequest } from '../../../protocol/apis/14-sync-group.ts'
import type { DescribeGroupsDescribedGroup } from '../../../protocol/apis/15-describe-groups.ts'
import type { ListedGroup } from '../../../protocol/apis/16-list-groups.ts'
import type { DeletableGroupResult } from '../../../protocol/apis/42-delete-groups.ts'
import type { OffsetDeleteRequest, OffsetDeleteResponse } from '../../../protocol/apis/47-offset-delete.ts'
import type { GroupMetadataValue } from '../../../protocol/internal/group-records.ts'
import { Errors } from '../../../protocol/errors.ts'
import type { GroupRequestContext, LeaveRequest } from '../../ports/groups.ts'
import { RequestError } from '../../ports/request-error.ts'
import type { Caller, Shard } from '../shard.ts'
import { ClassicGroup, ClassicGroupMember } from './classic-group.ts'
import { type GroupCoordinatorConfig, type GroupCounters, type GroupLogger, UNCOUNTED } from './config.ts'
import { describeGroup, describeMissing, listForeign, listGroup, matchesFilters } from './description.ts'
import { joinError, syncError } from './messages.ts'
import * as commands from './offset-commands.ts'
import { Offsets } from './offsets.ts'
import { joinGroup, type JoinGroups } from './join.ts'
import {
  answerJoin,
  answerSync,
  type GroupEffects,
  prepareRebalance,
  scheduleHeartbeat,
} from './rebalance.ts'
import { type ForeignGroupType, type GroupRecord, groupTombstone } from './records.ts'
import { heartbeat, leaveGroup, syncGroup } from './session.ts'

const EXPIRATION_KEY = 'expire-group-metadata'

export class GroupShard implements Shard<GroupRecord>, JoinGroups {
  readonly config: GroupCoordinatorConfig
  readonly log: GroupLogger
  readonly counters: GroupCounters
  readonly offsets = new Offsets()
  readonly #groups = new Map<string, ClassicGroup>()
  /** Groups of types that we do not serve yet, known from the log: their ids are taken. */
  readonly #foreign = new Map<string, ForeignGroupType>()
  readonly #randomUuid: () => string

  constructor(
    config: GroupCoordinatorConfig,
    log: GroupLogger,
    randomUuid: () => string,
    counters: GroupCounters = UNCOUNTED,
  ) {
    this.counters = counters
    this.config = config
    this.log = log
    this.#randomUuid = randomUuid
  }

  // ---- Groups

  get groups(): ReadonlyMap<string, ClassicGroup> {
    return this.#groups
  }

  classic(groupId: string): ClassicGroup | undefined {
    return this.#groups.get(groupId)
  }

  classicOrNew(groupId: string, nowMs: number): ClassicGroup {
    if (this.#foreign.has(groupId)) throw new RequestError(Errors.GROUP_ID_NOT_FOUND)
    let group = this.#groups.get(groupId)
    if (group === undefined) this.#groups.set(groupId, (group = new ClassicGroup(groupId, nowMs)))
    return group
  }

  isForeign(groupId: string): boolean {
    return this.#foreign.has(groupId)
  }

  forget(group: ClassicGroup): void {
    if (this.#groups.get(group.groupId) === group) this.#groups.delete(group.groupId)
  }

  newMemberId(prefix: string): string {
    return `${prefix}-${this.#randomUuid()}`
  }

  // ---- Commands

  join(effects: GroupEffects, request: JoinGroupRequest, context: GroupRequestContext, caller: Caller): void {
    if (this.#foreign.has(request.groupId))
      effects.reply(caller, joinError('', Errors.INCONSISTENT_GROUP_PROTOCOL))
    else joinGroup(this, effects, request, context, caller)
  }

  sync(effects: GroupEffects, request: SyncGroupRequest, caller: Caller): void {
    syncGroup(this, effects, request, caller)
  }

  heartbeat(effects: GroupEffects, request: HeartbeatRequest): HeartbeatResponse {
    return heartbeat(this, effects, request)
  }

  leave(effects: GroupEffects, request: LeaveRequest): LeaveGroupResponse {
    return leaveGroup(this, effects, request)
  }

  commitOffsets(
    effects: GroupEffects,
    request: OffsetCommitRequest,
    context: GroupRequestContext,
  ): OffsetCommitResponse {
    return commands.commitOffsets(this, effects, request, context)
  }

  /** All offsets of the group when the request names no topics. */
  fetchOffsets(request: OffsetFetchRequestGroup, requireStable: boolean): OffsetFetchResponseGroup {
    return request.topics === null
      ? commands.fetchAllOffsets(this, this.offsets, request.groupId, requireStable)
      : commands.fetchOffsets(this, this.offsets, request, requireStable)
  }

  deleteOffsets(effects: GroupEffects, request: OffsetDeleteRequest): OffsetDeleteResponse {
    return commands.deleteOffsets(this, effects, this.offsets, request)
  }

  describe(groupIds: readonly string[], missingGroupIsNamed: boolean): DescribeGroupsDescribedGroup[] {
    return groupIds.map(groupId => {
      const group = this.#groups.get(groupId)
      return group === undefined
        ? describeMissing(groupId, missingGroupIsNamed, this.#foreign.has(groupId))
        : describeGroup(group)
    })
  }

  list(states: readonly string[], types: readonly string[]): ListedGroup[] {
    const listed = [...this.#groups.values()].map(listGroup)
    for (const [groupId, type] of this.#foreign) listed.push(listForeign(groupId, type))
    return listed.filter(group => matchesFilters(group, states, types))
  }

  deleteGroups(effects: GroupEffects, groupIds: readonly string[]): DeletableGroupResult[] {
    return groupIds.map(groupId => {
      const group = this.#groups.get(groupId)
      if (group === undefined || group.state === 'Dead')
        return { groupId, errorCode: Errors.GROUP_ID_NOT_FOUND.code }
      if (group.state !== 'Empty') return { groupId, errorCode: Errors.NON_EMPTY_GROUP.code }
      commands.deleteAllOffsets(effects, this.offsets, groupId)
      effects.append(groupTombstone(groupId))
      return { groupId, errorCode: Errors.NONE.code }
    })
  }

  forgetTopics(effects: GroupEffects, deleted: readonly commands.DeletedTopic[]): void {
    effects.atomic = false
    commands.forgetTopics(effects, this.offsets, deleted)
  }

  // ---- Retention

  #scheduleExpiration(effects: GroupEffects): void {
    effects.schedule(
      EXPIRATION_KEY,
      this.config.offsetsRetentionCheckIntervalMs,
      next => this.expire(next),
      true,
    )
  }

  /** Removes offsets whose retention has passed, and empty groups that have none left. */
  expire(effects: GroupEffects): void {
    effects.atomic = false
    for (const group of this.#groups.values()) {
      const before = effects.records.length
      const allGone = commands.expireOffsets(effects, this.offsets, group, this.config.offsetsRetentionMs)
      this.counters.offsetExpirations.inc(effects.records.length - before)
      if (allGone && group.state === 'Empty') effects.append(groupTombstone(group.groupId))
    }
    this.#scheduleExpiration(effects)
  }

  // ---- The log

  replay(offset: number, producerId: number, record: GroupRecord): void {
    switch (record.type) {
      case 'offset':
        // Whoever commits without ever joining has a group all the same.
        if (record.value !== null && !this.#foreign.has(record.groupId) && !this.#groups.has(record.groupId))
          this.#groups.set(record.groupId, new ClassicGroup(record.groupId, null))
        this.offsets.replay(offset, producerId, record, record.value)
        return
      case 'group':
        if (record.value === null) this.#groups.delete(record.groupId)
        else {
          this.#groups.set(record.groupId, loadGroup(record.groupId, record.value))
          this.#foreign.delete(record.groupId)
        }
        return
      case 'foreign':
        if (record.exists) {
          this.#foreign.set(record.groupId, record.groupType)
          this.#groups.delete(record.groupId)
        } else this.#foreign.delete(record.groupId)
    }
  }

  replayEndTransactionMarker(producerId: number, committed: boolean): void {
    this.offsets.endTransaction(producerId, committed)
  }

  loaded(effects: GroupEffects): void {
    for (const group of this.#groups.values()) {
      // Every member gets a full session to find us.
      for (const member of group.members.values()) scheduleHeartbeat(this, effects, group, member)
      if (group.members.size > this.config.maxSize)
        prepareRebalance(this, effects, group, `loaded with ${group.members.size} members, more than allowed`)
    }
    this.#scheduleExpiration(effects)
  }

  unloaded(effects: GroupEffects): void {
    for (const group of this.#groups.values()) {
      for (const member of group.members.values()) {
        answerJoin(effects, group, member, joinError(member.memberId, Errors.NOT_COORDINATOR))
        answerSync(effects, member, syncError(Errors.NOT_COORDINATOR))
      }
      group.transitionTo('Dead', effects.nowMs)
    }
  }
}

/** A group as its last record left it: stable if it had members, for they may all come back. */
function loadGroup(groupId: string, value: GroupMetadataValue): ClassicGroup {
  const sinceMs = value.currentStateTimestamp === -1n ? null : Number(value.currentStateTimestamp)
  const group = new ClassicGroup(groupId, sinceMs, value.members.length === 0 ? 'Empty' : 'Stable')
  group.generationId = value.generation
  group.protocolType = value.protocolType === '' ? null : value.protocolType
  group.protocolName = value.protocol
  group.leaderId = value.leader
  for (const member of value.members) {
    group.load(
      new ClassicGroupMember({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        protocolType: value.protocolType,
        rebalanceTimeoutMs: member.rebalanceTimeout === -1 ? member.sessionTimeout : member.rebalanceTimeout,
        sessionTimeoutMs: member.sessionTimeout,
        supportedProtocols: [{ name: value.protocol ?? '', metadata: member.subscription }],
        assignment: member.assignment,
      }),
    )
  }
  group.subscribedTopics = group.computeSubscribedTopics()
  return group
}
