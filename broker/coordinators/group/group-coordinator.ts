// The group coordinator as handlers see it: finds the shard, gives it the request, and turns whatever fails into the
// answer Kafka gives. What needs no group is checked here, before anything else: the group id and the session timeout.
// Answers to Kafka's GroupCoordinatorService.

import { Errors } from '../../../protocol/errors.ts'
import type { OffsetCommitRequest, OffsetCommitResponse } from '../../../protocol/apis/08-offset-commit.ts'
import type { OffsetFetchResponseGroup } from '../../../protocol/apis/09-offset-fetch.ts'
import type { JoinGroupRequest, JoinGroupResponse } from '../../../protocol/apis/11-join-group.ts'
import type { LeaveGroupResponse } from '../../../protocol/apis/13-leave-group.ts'
import type { SyncGroupResponse } from '../../../protocol/apis/14-sync-group.ts'
import type { DescribeGroupsDescribedGroup } from '../../../protocol/apis/15-describe-groups.ts'
import type { ListedGroup } from '../../../protocol/apis/16-list-groups.ts'
import type { DeletableGroupResult } from '../../../protocol/apis/42-delete-groups.ts'
import { compressionTypes } from '../../../protocol/records/compression.ts'
import type { MetadataDelta, MetadataPublisher } from '../../metadata/publisher.ts'
import type { Clock } from '../../ports/clock.ts'
import type { GroupCoordinator, GroupRequestContext, LeaveRequest } from '../../ports/groups.ts'
import type { CoordinatorElections, InternalLog } from '../../ports/internal-log.ts'
import { RequestError } from '../../ports/request-error.ts'
import { coordinatorError } from '../errors.ts'
import { CoordinatorRuntime } from '../runtime.ts'
import type { GroupCoordinatorConfig, GroupCounters, GroupLogger } from './config.ts'
import { describeError } from './description.ts'
import { GroupShard } from './group-shard.ts'
import { type Coded, joinError, syncError, UNKNOWN_MEMBER_ID } from './messages.ts'
import type { DeletedTopic } from './offset-commands.ts'
import { partitionForKey } from '../partitioning.ts'
import { type GroupRecord, groupRecordCodec } from './records.ts'

export interface GroupServiceOptions {
  readonly clock: Clock
  readonly config: GroupCoordinatorConfig
  readonly log: GroupLogger
  readonly randomUuid: () => string
  readonly counters?: GroupCounters
  /** Partitions of __consumer_offsets: what the image says, else what it would be created with. */
  readonly partitionCount: () => number
}

export class GroupService implements GroupCoordinator, CoordinatorElections, MetadataPublisher {
  readonly name = 'group coordinator'
  readonly #runtime: CoordinatorRuntime<GroupShard, GroupRecord>
  readonly #options: GroupServiceOptions

  constructor(options: GroupServiceOptions) {
    const { clock, config, log, randomUuid, counters } = options
    /** One line per type and partition: a log may hold thousands of records of a kind. */
    const unknown = new Set<string>()
    this.#options = options
    this.#runtime = new CoordinatorRuntime<GroupShard, GroupRecord>({
      clock,
      codec: groupRecordCodec,
      newShard: () => new GroupShard(config, log, randomUuid, counters),
      writeTimeoutMs: () => config.offsetCommitTimeoutMs,
      loadBufferBytes: () => config.offsetsLoadBufferBytes,
      compression: () => compressionTypes[config.offsetsTopicCompressionCodec] ?? 'none',
      failed: (partition, what, error) =>
        log.warn({ partition, what, err: error }, 'the group coordinator failed'),
      unknownRecord: (partition, key) => {
        const type = key.length < 2 ? -1 : key.readInt16BE(0)
        if (unknown.has(`${partition} ${type}`)) return
        unknown.add(`${partition} ${type}`)
        log.warn(
          { partition, type },
          'records of a type that is not served are skipped; they stay in the log',
        )
      },
    })
  }

  // ---- Elections, and what the metadata image tells

  elected(partition: number, log: InternalLog): void {
    this.#runtime.elected(partition, log)
  }

  resigned(partition: number, leaderEpoch: number | undefined): void {
    this.#runtime.resigned(partition, leaderEpoch)
  }

  /** Topics that are gone take their committed offsets along. */
  onUpdate(delta: MetadataDelta): void {
    if (delta.topics.deleted.size > 0) this.topicsDeleted([...delta.topics.deleted.values()])
  }

  topicsDeleted(deleted: readonly DeletedTopic[]): void {
    const removals = this.#runtime.queryAll('topics-deleted', (shard, effects) =>
      shard.forgetTopics(effects, deleted),
    )
    for (const removal of removals) {
      removal.catch((error: RequestError) =>
        this.#options.log.warn({ error: error.errorName }, 'offsets of deleted topics could not be removed'),
      )
    }
  }

  /** The shards that serve, for gauges. */
  shards(): Iterable<GroupShard> {
    return this.#runtime.shards()
  }

  close(): void {
    this.#runtime.close()
  }

  partitionFor(groupId: string): number {
    return partitionForKey(groupId, this.#options.partitionCount())
  }

  // ---- Membership

  async joinGroup(request: JoinGroupRequest, context: GroupRequestContext): Promise<JoinGroupResponse> {
    const { groupId, memberId, sessionTimeoutMs } = request
    const { minSessionTimeoutMs, maxSessionTimeoutMs } = this.#options.config
    if (groupId === '') return joinError(memberId, Errors.INVALID_GROUP_ID)
    if (sessionTimeoutMs < minSessionTimeoutMs || sessionTimeoutMs > maxSessionTimeoutMs)
      return joinError(memberId, Errors.INVALID_SESSION_TIMEOUT)
    return this.#submit<JoinGroupResponse>(
      groupId,
      'join-group',
      (shard, effects, caller) => shard.join(effects, request, context, caller),
      error => joinError(UNKNOWN_MEMBER_ID, error),
    )
  }

  async syncGroup(request: Parameters<GroupShard['sync']>[1]): Promise<SyncGroupResponse> {
    if (request.groupId === '') return syncError(Errors.INVALID_GROUP_ID)
    return this.#submit<SyncGroupResponse>(
      request.groupId,
      'sync-group',
      (shard, effects, caller) => shard.sync(effects, request, caller),
      syncError,
    )
  }

  async heartbeat(
    request: Parameters<GroupShard['heartbeat']>[1],
  ): Promise<ReturnType<GroupShard['heartbeat']>> {
    const answer = ({ code }: Coded) => ({ throttleTimeMs: 0, errorCode: code })
    if (request.groupId === '') return answer(Errors.INVALID_GROUP_ID)
    return this.#query(
      request.groupId,
      'heartbeat',
      (shard, effects) => shard.heartbeat(effects, request),
      error =>
        // Whether the member is known shows when the log has been read; until then it must not give up.
        answer(error.code === Errors.COORDINATOR_LOAD_IN_PROGRESS.code ? Errors.NONE : error),
    )
  }

  async leaveGroup(request: LeaveRequest): Promise<LeaveGroupResponse> {
    const answer = ({ code }: Coded): LeaveGroupResponse => ({
      throttleTimeMs: 0,
      errorCode: code,
      members: [],
    })
    if (request.groupId === '') return answer(Errors.INVALID_GROUP_ID)
    return this.#query(
      request.groupId,
      'leave-group',
      (shard, effects) => shard.leave(effects, request),
      error => {
        if (error.code !== Errors.UNKNOWN_MEMBER_ID.code) return answer(error)
        // There is no such group, so nobody in it.
        const members = request.members.map(({ memberId, groupInstanceId }) => ({
          memberId,
          groupInstanceId,
          errorCode: error.code,
        }))
        return { throttleTimeMs: 0, errorCode: Errors.NONE.code, members }
      },
    )
  }

  // ---- Offsets

  commitOffsets(request: OffsetCommitRequest, context: GroupRequestContext): Promise<OffsetCommitResponse> {
    return this.#query(
      request.groupId,
      'commit-offsets',
      (shard, effects) => shard.commitOffsets(effects, request, context),
      error => ({
        throttleTimeMs: 0,
        topics: request.topics.map(({ name, topicId, partitions }) => ({
          name,
          topicId,
          partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: error.code })),
        })),
      }),
    )
  }

  async fetchOffsets(
    request: Parameters<GroupShard['fetchOffsets']>[0],
    requireStable: boolean,
  ): Promise<OffsetFetchResponseGroup> {
    const { groupId } = request
    try {
      return await this.#runtime.query(this.partitionFor(groupId), 'fetch-offsets', shard =>
        shard.fetchOffsets(request, requireStable),
      )
    } catch (error) {
      const known = coordinatorError(error as RequestError)
      // Consumers before 3.9 do not retry COORDINATOR_NOT_AVAILABLE here.
      const { code } = known === Errors.COORDINATOR_NOT_AVAILABLE ? Errors.NOT_COORDINATOR : known
      return { groupId, topics: [], errorCode: code }
    }
  }

  async deleteOffsets(
    request: Parameters<GroupShard['deleteOffsets']>[1],
  ): Promise<ReturnType<GroupShard['deleteOffsets']>> {
    const answer = ({ code }: Coded) => ({ errorCode: code, throttleTimeMs: 0, topics: [] })
    if (request.groupId === '') return answer(Errors.INVALID_GROUP_ID)
    return this.#query(
      request.groupId,
      'delete-offsets',
      (shard, effects) => shard.deleteOffsets(effects, request),
      answer,
    )
  }

  // ---- Administration

  async describeGroups(
    groupIds: readonly string[],
    missingGroupIsNamed: boolean,
  ): Promise<DescribeGroupsDescribedGroup[]> {
    const answers = [...this.#byPartition(groupIds)].map(([partition, ids]) =>
      this.#runtime
        .query(partition, 'describe-groups', shard => shard.describe(ids, missingGroupIsNamed))
        .catch((error: RequestError) => ids.map(id => describeError(id, coordinatorError(error)))),
    )
    return (await Promise.all(answers)).flat()
  }

  async listGroups(
    states: readonly string[],
    types: readonly string[],
  ): Promise<{ throttleTimeMs: number; errorCode: number; groups: ListedGroup[] }> {
    try {
      const answers = this.#runtime
        .queryAll('list-groups', shard => shard.list(states, types))
        .map(answer =>
          answer.catch((error: RequestError) => {
            if (error.code === Errors.NOT_COORDINATOR.code) return []
            throw error
          }),
        )
      return { throttleTimeMs: 0, errorCode: Errors.NONE.code, groups: (await Promise.all(answers)).flat() }
    } catch (error) {
      return { throttleTimeMs: 0, errorCode: coordinatorError(error as RequestError).code, groups: [] }
    }
  }

  async deleteGroups(groupIds: readonly string[]): Promise<DeletableGroupResult[]> {
    const answers = [...this.#byPartition(groupIds)].map(([partition, ids]) =>
      this.#runtime
        .query(partition, 'delete-groups', (shard, effects) => shard.deleteGroups(effects, ids))
        .catch((error: RequestError) =>
          ids.map(groupId => ({ groupId, errorCode: coordinatorError(error).code })),
        ),
    )
    return (await Promise.all(answers)).flat()
  }

  #byPartition(groupIds: readonly string[]): Map<number, string[]> {
    const grouped = new Map<number, string[]>()
    for (const groupId of groupIds) {
      const partition = this.partitionFor(groupId)
      const ids = grouped.get(partition)
      if (ids === undefined) grouped.set(partition, [groupId])
      else ids.push(groupId)
    }
    return grouped
  }

  #submit<T>(
    groupId: string,
    name: string,
    command: Parameters<CoordinatorRuntime<GroupShard, GroupRecord>['submit']>[2],
    failed: (error: Coded) => T,
  ): Promise<T> {
    return this.#runtime
      .submit<T>(this.partitionFor(groupId), name, command)
      .catch((error: RequestError) => failed(coordinatorError(error)))
  }

  #query<T>(
    groupId: string,
    name: string,
    ask: (shard: GroupShard, effects: Parameters<GroupShard['expire']>[0]) => T,
    failed: (error: Coded) => T,
  ): Promise<T> {
    return this.#runtime
      .query<T>(this.partitionFor(groupId), name, ask)
      .catch((error: RequestError) => failed(coordinatorError(error)))
  }
}
