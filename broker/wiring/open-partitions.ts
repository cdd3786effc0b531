/** What the data path is made of, from settings and the parts that are there already: partitions, groups, moves, fetch sessions. */
import { randomDashedUuid } from '../../protocol/uuid.ts'
import type { LogManager } from '../../storage/log-manager.ts'
import type { BrokerLifecycle } from '../controller/broker-lifecycle.ts'
import { groupConfigOf, groupCounters } from '../coordinators/group/config.ts'
import { GroupService } from '../coordinators/group/group-coordinator.ts'
import type { MetadataSource } from '../metadata/image.ts'
import type { BrokerOptions } from '../options.ts'
import { FetchSessionTable } from '../partitions/fetch-sessions.ts'
import { PartitionMap } from '../partitions/partition-map.ts'
import { ReplicaAlterLogDirs } from '../partitions/replica-alter-log-dirs.ts'
import type { TopicMetrics } from '../partitions/topic-metrics.ts'
import type { WaitingRoom } from '../partitions/waiting.ts'
import { OFFSETS_TOPIC } from '../ports/internal-topics.ts'
import { logSource } from './log-sources.ts'

type OnBug = (what: string, error: unknown) => void

export function openGroups(
  { config, clock, loggers, metrics, randomBytes }: BrokerOptions,
  metadata: MetadataSource,
): GroupService {
  return new GroupService({
    clock,
    config: groupConfigOf(config),
    log: loggers.get('groups'),
    randomUuid: () => randomDashedUuid(randomBytes),
    counters: groupCounters(metrics),
    partitionCount: () =>
      metadata.current().topics.byName.get(OFFSETS_TOPIC)?.partitions.size ??
      config.get('offsets.topic.num.partitions'),
  })
}

export interface PartitionParts {
  readonly logs: LogManager
  readonly groups: GroupService
  readonly room: WaitingRoom
  readonly topicMetrics: TopicMetrics
  readonly onBug: OnBug
}

export const openPartitions = (
  { config }: BrokerOptions,
  { logs, groups, room, topicMetrics, onBug }: PartitionParts,
): PartitionMap =>
  new PartitionMap({
    localNodeId: config.nodeId,
    logs: logSource(logs),
    room,
    topicConfig: overrides => config.topicConfig(overrides),
    elections: new Map([[OFFSETS_TOPIC, groups]]),
    onTopicDeleted: topic => topicMetrics.remove(topic),
    onError: onBug,
  })

export interface MoveParts {
  readonly logs: LogManager
  readonly partitions: PartitionMap
  readonly lifecycle: BrokerLifecycle
  readonly onBug: OnBug
}

export const openMoves = (
  { config, clock }: BrokerOptions,
  { logs, partitions, lifecycle, onBug }: MoveParts,
): ReplicaAlterLogDirs =>
  new ReplicaAlterLogDirs({
    manager: logs,
    map: partitions,
    clock,
    assign: (...place) => lifecycle.assignReplica(...place),
    maxBytesPerSecond: () => Number(config.get('replica.alter.log.dirs.io.max.bytes.per.second')),
    onError: onBug,
  })

export const openSessions = ({ config, clock }: BrokerOptions, random: () => number): FetchSessionTable =>
  new FetchSessionTable({
    clock,
    maxSessions: config.get('max.incremental.fetch.session.cache.slots'),
    random,
  })
