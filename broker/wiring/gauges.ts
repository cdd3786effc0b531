/** What is counted by looking, when somebody scrapes: logs, partitions, the image, groups and their lag. */
import type { LogManager } from '../../storage/log-manager.ts'
import type { EmbeddedController } from '../controller/embedded-controller.ts'
import type { GroupService } from '../coordinators/group/group-coordinator.ts'
import type { MetadataImage, MetadataSource } from '../metadata/image.ts'
import type { Labels, MetricsRegistry, Samples } from '../metrics/cells.ts'
import type { MemoryGate } from '../net/memory-gate.ts'
import type { FetchSessionTable } from '../partitions/fetch-sessions.ts'
import type { Partition } from '../partitions/partition.ts'
import type { PartitionMap } from '../partitions/partition-map.ts'
import type { WaitingRoom } from '../partitions/waiting.ts'

export interface GaugeSources {
  readonly logs: LogManager
  readonly partitions: PartitionMap
  readonly metadata: MetadataSource
  readonly controller: EmbeddedController
  readonly groups: GroupService
  readonly sessions: FetchSessionTable
  readonly room: WaitingRoom
  readonly gate: MemoryGate
}

export function registerGauges(metrics: MetricsRegistry, sources: GaugeSources): void {
  const { logs, partitions, controller, sessions, room, gate } = sources
  metrics.gauge('kafka_network_socketserver_memorypoolused', () => gate.usedBytes)
  metrics.gauge('kafka_network_socketserver_memorypoolavailable', () => gate.availableBytes)
  metrics.gauge('kafka_server_fetchsessioncache_numincrementalfetchsessions', () => sessions.size)
  metrics.gauge(
    'kafka_server_fetchsessioncache_numincrementalfetchpartitionscached',
    () => sessions.partitionCount,
  )
  metrics.gauge('kafka_server_delayedoperationpurgatory_purgatorysize', () => [
    [{ delayedoperation: 'all' }, room.size],
  ])
  metrics.gauge('kafka_server_replicamanager_partitioncount', () => partitions.size)
  metrics.gauge('kafka_server_replicamanager_leadercount', () => count(partitions, one => one.isLeader))
  metrics.gauge('kafka_server_replicamanager_offlinereplicacount', () =>
    count(partitions, one => one.isOffline),
  )
  metrics.gauge('kafka_log_logmanager_offlinelogdirectorycount', () => {
    return logs.logDirs.filter(logDir => !logDir.isOnline).length
  })
  metrics.gauge('kafka_log_logmanager_logdirectoryoffline', () =>
    logs.logDirs.map(logDir => [{ logdirectory: logDir.path }, logDir.isOnline ? 0 : 1] as const),
  )
  metrics.gauge('kafka_server_raftmetrics_current_epoch', () => controller.epoch)
  metrics.gauge('kafka_server_raftmetrics_log_end_offset', () => controller.describeQuorum().logEndOffset)
  metrics.gauge('kafka_server_raftmetrics_high_watermark', () => controller.describeQuorum().highWatermark)
  registerLogGauges(metrics, logs)
  registerImageGauges(metrics, sources.metadata)
  registerGroupGauges(metrics, sources)
}

function count(partitions: PartitionMap, what: (partition: Partition) => boolean): number {
  let found = 0
  for (const partition of partitions.values()) if (what(partition)) found++
  return found
}

function registerLogGauges(metrics: MetricsRegistry, logs: LogManager): void {
  const perLog = (value: (log: ReturnType<LogManager['getLog']> & object) => number) => (): Samples =>
    Array.from(logs.logs(), log => {
      const { topic, partition } = log.topicPartition
      return [{ topic, partition: String(partition) }, value(log)] as const
    })
  metrics.gauge(
    'kafka_log_log_size',
    perLog(log => log.sizeInBytes),
  )
  metrics.gauge(
    'kafka_log_log_logstartoffset',
    perLog(log => log.logStartOffset),
  )
  metrics.gauge(
    'kafka_log_log_logendoffset',
    perLog(log => log.logEndOffset),
  )
  metrics.gauge(
    'kafka_log_log_numlogsegments',
    perLog(log => log.segmentCount),
  )
  metrics.gauge(
    'kafka_topic_partition_current_offset',
    perLog(log => log.highWatermark),
  )
  metrics.gauge(
    'kafka_topic_partition_oldest_offset',
    perLog(log => log.logStartOffset),
  )
}

function registerImageGauges(metrics: MetricsRegistry, metadata: MetadataSource): void {
  const image = (value: (image: MetadataImage) => number) => () => value(metadata.current())
  const partitionsOf = (image: MetadataImage) =>
    [...image.topics.byId.values()].flatMap(t => [...t.partitions.values()])
  const brokers = (image: MetadataImage, fenced: boolean) =>
    [...image.cluster.brokers.values()].filter(broker => broker.fenced === fenced).length
  metrics.gauge('kafka_controller_kafkacontroller_activecontrollercount', () => 1)
  metrics.gauge(
    'kafka_controller_kafkacontroller_activebrokercount',
    image(one => brokers(one, false)),
  )
  metrics.gauge(
    'kafka_controller_kafkacontroller_fencedbrokercount',
    image(one => brokers(one, true)),
  )
  metrics.gauge(
    'kafka_brokers',
    image(one => brokers(one, false)),
  )
  metrics.gauge(
    'kafka_controller_kafkacontroller_globaltopiccount',
    image(one => one.topics.byId.size),
  )
  metrics.gauge(
    'kafka_controller_kafkacontroller_globalpartitioncount',
    image(one => partitionsOf(one).length),
  )
  metrics.gauge(
    'kafka_controller_kafkacontroller_offlinepartitionscount',
    image(one => partitionsOf(one).filter(partition => partition.leader < 0).length),
  )
  metrics.gauge(
    'kafka_server_broker_metadata_metrics_last_applied_record_offset',
    image(one => one.offset),
  )
  metrics.gauge(
    'kafka_controller_kafkacontroller_lastappliedrecordoffset',
    image(one => one.offset),
  )
  metrics.gauge(
    'kafka_server_replicamanager_underreplicatedpartitions',
    image(one => partitionsOf(one).filter(({ isr, replicas }) => isr.length < replicas.length).length),
  )
  metrics.gauge('kafka_topic_partitions', () =>
    [...metadata.current().topics.byId.values()].map(
      topic => [{ topic: topic.name } as Labels, topic.partitions.size] as const,
    ),
  )
}

/** Groups of the shards this broker serves, and how far behind they are, under kafka_exporter's names. */
function registerGroupGauges(metrics: MetricsRegistry, { groups, partitions }: GaugeSources): void {
  const shards = () => [...groups.shards()]
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0)
  metrics.gauge('kafka_coordinator_group_groupmetadatamanager_numgroups', () =>
    sum(shards().map(shard => shard.groups.size)),
  )
  metrics.gauge('kafka_coordinator_group_groupmetadatamanager_numoffsets', () =>
    sum(shards().map(shard => shard.offsets.count)),
  )
  metrics.gauge('kafka_server_groupcoordinatormetrics_group_count', () => [
    [{ protocol: 'classic' }, sum(shards().map(shard => shard.groups.size))],
  ])
  metrics.gauge('kafka_consumergroup_members', () =>
    shards().flatMap(shard =>
      [...shard.groups].map(([consumergroup, group]) => [{ consumergroup }, group.members.size] as const),
    ),
  )
  const perOffset = (value: (offset: number, highWatermark: number) => number) => () =>
    committedOffsets(groups).flatMap(({ labels, offset }) => {
      const log = partitions.find(labels.topic, Number(labels.partition))?.log
      return log === undefined ? [] : [[labels, value(offset, log.highWatermark)] as const]
    })
  metrics.gauge(
    'kafka_consumergroup_current_offset',
    perOffset(offset => offset),
  )
  metrics.gauge(
    'kafka_consumergroup_lag',
    perOffset((offset, highWatermark) => Math.max(0, highWatermark - offset)),
  )
}

function committedOffsets(groups: GroupService) {
  const found: {
    labels: { consumergroup: string; topic: string; partition: string }
    offset: number
  }[] = []
  for (const shard of groups.shards())
    for (const consumergroup of shard.offsets.committed.groupIds())
      for (const [topic, ofTopic] of shard.offsets.committed.ofGroup(consumergroup) ?? [])
        for (const [partition, { offset }] of ofTopic)
          found.push({
            labels: { consumergroup, topic, partition: String(partition) },
            offset: Number(offset),
          })
  return found
}
