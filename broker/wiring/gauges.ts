/** What is counted by looking, when somebody scrapes: logs, partitions, the image, groups and their lag. One table for each. */
import type { Log } from '../../storage/log.ts'
import type { LogManager } from '../../storage/log-manager.ts'
import type { EmbeddedController } from '../controller/embedded-controller.ts'
import type { GroupService } from '../coordinators/group/group-coordinator.ts'
import type { MetadataImage, MetadataSource, PartitionRegistration } from '../metadata/image.ts'
import type { MetricsRegistry, Samples } from '../metrics/cells.ts'
import type { NameOf } from '../metrics/declarations.ts'
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

type Gauges = { readonly [Name in NameOf<'gauge'>]?: () => Samples }

export function registerGauges(metrics: MetricsRegistry, sources: GaugeSources): void {
  const all: Gauges = {
    ...brokerGauges(sources),
    ...logGauges(sources.logs),
    ...imageGauges(sources.metadata),
    ...groupGauges(sources),
  }
  for (const [name, collect] of Object.entries(all)) metrics.gauge(name as NameOf<'gauge'>, collect)
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, one) => total + one, 0)

function brokerGauges({ gate, sessions, room, partitions, logs, controller }: GaugeSources): Gauges {
  const count = (what: (partition: Partition) => boolean) => [...partitions.values()].filter(what).length
  return {
    kafka_network_socketserver_memorypoolused: () => gate.usedBytes,
    kafka_network_socketserver_memorypoolavailable: () => gate.availableBytes,
    kafka_server_fetchsessioncache_numincrementalfetchsessions: () => sessions.size,
    kafka_server_fetchsessioncache_numincrementalfetchpartitionscached: () => sessions.partitionCount,
    kafka_server_delayedoperationpurgatory_purgatorysize: () => [[{ delayedoperation: 'all' }, room.size]],
    kafka_server_replicamanager_partitioncount: () => partitions.size,
    kafka_server_replicamanager_leadercount: () => count(one => one.isLeader),
    kafka_server_replicamanager_offlinereplicacount: () => count(one => one.isOffline),
    kafka_log_logmanager_offlinelogdirectorycount: () => logs.logDirs.filter(one => !one.isOnline).length,
    kafka_log_logmanager_logdirectoryoffline: () =>
      logs.logDirs.map(logDir => [{ logdirectory: logDir.path }, logDir.isOnline ? 0 : 1] as const),
    kafka_server_raftmetrics_current_epoch: () => controller.epoch,
    kafka_server_raftmetrics_log_end_offset: () => controller.describeQuorum().logEndOffset,
    kafka_server_raftmetrics_high_watermark: () => controller.describeQuorum().highWatermark,
  }
}

function logGauges(logs: LogManager): Gauges {
  const perLog = (value: (log: Log) => number) => (): Samples =>
    Array.from(logs.logs(), log => {
      const { topic, partition } = log.topicPartition
      return [{ topic, partition: String(partition) }, value(log)] as const
    })
  return {
    kafka_log_log_size: perLog(log => log.sizeInBytes),
    kafka_log_log_logstartoffset: perLog(log => log.logStartOffset),
    kafka_log_log_logendoffset: perLog(log => log.logEndOffset),
    kafka_log_log_numlogsegments: perLog(log => log.segmentCount),
    kafka_topic_partition_current_offset: perLog(log => log.highWatermark),
    kafka_topic_partition_oldest_offset: perLog(log => log.logStartOffset),
  }
}

function imageGauges(metadata: MetadataSource): Gauges {
  const image = (value: (image: MetadataImage) => number) => () => value(metadata.current())
  const partitions = (what: (partition: PartitionRegistration) => boolean) =>
    image(({ topics }) =>
      sum([...topics.byId.values()].map(topic => [...topic.partitions.values()].filter(what).length)),
    )
  const brokers = (fenced: boolean) =>
    image(({ cluster }) => [...cluster.brokers.values()].filter(broker => broker.fenced === fenced).length)
  return {
    kafka_controller_kafkacontroller_activecontrollercount: () => 1,
    kafka_controller_kafkacontroller_activebrokercount: brokers(false),
    kafka_controller_kafkacontroller_fencedbrokercount: brokers(true),
    kafka_brokers: brokers(false),
    kafka_controller_kafkacontroller_globaltopiccount: image(one => one.topics.byId.size),
    kafka_controller_kafkacontroller_globalpartitioncount: partitions(() => true),
    kafka_controller_kafkacontroller_offlinepartitionscount: partitions(({ leader }) => leader < 0),
    kafka_controller_kafkacontroller_preferredreplicaimbalancecount: partitions(
      ({ leader, replicas }) => leader !== replicas[0],
    ),
    kafka_server_broker_metadata_metrics_last_applied_record_offset: image(one => one.offset),
    kafka_controller_kafkacontroller_lastappliedrecordoffset: image(one => one.offset),
    kafka_server_replicamanager_underreplicatedpartitions: partitions(
      ({ isr, replicas }) => isr.length < replicas.length,
    ),
    kafka_topic_partitions: () =>
      [...metadata.current().topics.byId.values()].map(
        topic => [{ topic: topic.name }, topic.partitions.size] as const,
      ),
  }
}

/** Groups of the shards this broker serves, and how far behind they are, under kafka_exporter's names. */
function groupGauges({ groups, partitions }: GaugeSources): Gauges {
  const shards = () => [...groups.shards()]
  const groupCount = () => sum(shards().map(shard => shard.groups.size))
  const perOffset = (value: (offset: number, highWatermark: number) => number) => () =>
    committedOffsets(groups).flatMap(({ labels, offset }) => {
      const log = partitions.find(labels.topic, Number(labels.partition))?.log
      return log === undefined ? [] : [[labels, value(offset, log.highWatermark)] as const]
    })
  return {
    kafka_coordinator_group_groupmetadatamanager_numgroups: groupCount,
    kafka_coordinator_group_groupmetadatamanager_numoffsets: () =>
      sum(shards().map(shard => shard.offsets.count)),
    kafka_server_groupcoordinatormetrics_group_count: () => [[{ protocol: 'classic' }, groupCount()]],
    kafka_consumergroup_members: () =>
      shards().flatMap(shard =>
        [...shard.groups].map(([consumergroup, group]) => [{ consumergroup }, group.members.size] as const),
      ),
    kafka_consumergroup_current_offset: perOffset(offset => offset),
    kafka_consumergroup_lag: perOffset((offset, highWatermark) => Math.max(0, highWatermark - offset)),
  }
}

interface CommittedOffset {
  readonly labels: { readonly consumergroup: string; readonly topic: string; readonly partition: string }
  readonly offset: number
}

function committedOffsets(groups: GroupService): CommittedOffset[] {
  const found: CommittedOffset[] = []
  for (const { offsets } of groups.shards())
    for (const consumergroup of offsets.committed.groupIds())
      for (const { topic, partition, value } of offsets.committed.entries(consumergroup))
        found.push({
          labels: { consumergroup, topic, partition: String(partition) },
          offset: Number(value.offset),
        })
  return found
}
