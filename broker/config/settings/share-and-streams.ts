// Share groups and streams groups.
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import { int, list, short, text, type SettingTable } from '../setting.ts'
import { NO_JAVA, NO_SHARE_GROUPS, NO_STREAMS_GROUPS, NO_THREADS } from './inert.ts'

export const SHARE_AND_STREAMS = {
  'group.share.assignors': list('simple', 'MEDIUM', 'Assignors of share groups.', {
    nonEmpty: true,
    inert: NO_SHARE_GROUPS,
  }),
  'group.share.assignment.interval.ms': int(
    1000,
    'MEDIUM',
    'Shortest time between two assignments of one group.',
    { min: 0, dynamic: 'cluster-wide', inert: NO_SHARE_GROUPS },
  ),
  'group.share.min.assignment.interval.ms': int(
    0,
    'MEDIUM',
    'Lower bound of that interval for a single group.',
    { min: 0, inert: NO_SHARE_GROUPS },
  ),
  'group.share.max.assignment.interval.ms': int(
    15000,
    'MEDIUM',
    'Upper bound of that interval for a single group.',
    { min: 0, inert: NO_SHARE_GROUPS },
  ),
  'group.share.delivery.count.limit': int(
    5,
    'MEDIUM',
    'How often a record is handed out before it is given up.',
    { min: 2, max: 10, inert: NO_SHARE_GROUPS },
  ),
  'group.share.min.delivery.count.limit': int(2, 'MEDIUM', 'Lower bound of that number for a single group.', {
    min: 2,
    max: 5,
    inert: NO_SHARE_GROUPS,
  }),
  'group.share.max.delivery.count.limit': int(
    10,
    'MEDIUM',
    'Upper bound of that number for a single group.',
    { min: 5, max: 25, inert: NO_SHARE_GROUPS },
  ),
  'group.share.heartbeat.interval.ms': int(5000, 'MEDIUM', 'Time between heartbeats of members.', {
    min: 1,
    inert: NO_SHARE_GROUPS,
  }),
  'group.share.min.heartbeat.interval.ms': int(
    5000,
    'MEDIUM',
    'Lower bound of that time for a single group.',
    { min: 1, inert: NO_SHARE_GROUPS },
  ),
  'group.share.max.heartbeat.interval.ms': int(
    15000,
    'MEDIUM',
    'Upper bound of that time for a single group.',
    { min: 1, inert: NO_SHARE_GROUPS },
  ),
  'group.share.session.timeout.ms': int(
    45000,
    'MEDIUM',
    'Time without a heartbeat after which a member is out.',
    { min: 1, inert: NO_SHARE_GROUPS },
  ),
  'group.share.min.session.timeout.ms': int(45000, 'MEDIUM', 'Lower bound of that time for a single group.', {
    min: 1,
    inert: NO_SHARE_GROUPS,
  }),
  'group.share.max.session.timeout.ms': int(60000, 'MEDIUM', 'Upper bound of that time for a single group.', {
    min: 1,
    inert: NO_SHARE_GROUPS,
  }),
  'group.share.partition.max.record.locks': int(
    2000,
    'MEDIUM',
    'Records of a partition that may be handed out at the same time.',
    { min: 100, max: 10000, inert: NO_SHARE_GROUPS },
  ),
  'group.share.min.partition.max.record.locks': int(
    100,
    'MEDIUM',
    'Lower bound of that number for a single group.',
    { min: 100, max: 2000, inert: NO_SHARE_GROUPS },
  ),
  'group.share.max.partition.max.record.locks': int(
    4000,
    'MEDIUM',
    'Upper bound of that number for a single group.',
    { min: 2000, max: 10000, inert: NO_SHARE_GROUPS },
  ),
  'group.share.record.lock.duration.ms': int(
    30000,
    'MEDIUM',
    'How long a member may work on a record before another one gets it.',
    { min: 1000, max: 3_600_000, inert: NO_SHARE_GROUPS },
  ),
  'group.share.min.record.lock.duration.ms': int(
    15000,
    'MEDIUM',
    'Lower bound of that time for a single group.',
    { min: 1000, max: 30000, inert: NO_SHARE_GROUPS },
  ),
  'group.share.max.record.lock.duration.ms': int(
    60000,
    'MEDIUM',
    'Upper bound of that time for a single group.',
    { min: 30000, max: 3_600_000, inert: NO_SHARE_GROUPS },
  ),
  'group.share.max.share.sessions': int(2000, 'MEDIUM', 'Share sessions kept at most.', {
    min: 1,
    inert: NO_SHARE_GROUPS,
  }),
  'group.share.max.size': int(200, 'MEDIUM', 'Members of a share group at most.', {
    min: 1,
    max: 1000,
    inert: NO_SHARE_GROUPS,
  }),
  'group.share.initialize.retry.interval.ms': int(
    30000,
    'LOW',
    'Pause before the start of a share partition is tried again.',
    { min: 1, internal: true, inert: NO_SHARE_GROUPS },
  ),
  'group.share.persister.class.name': text(
    'org.apache.kafka.server.share.persister.DefaultStatePersister',
    'MEDIUM',
    'Java class that keeps the state of share groups.',
    { internal: true, inert: NO_JAVA },
  ),
  'share.coordinator.append.linger.ms': int(
    -1,
    'MEDIUM',
    'How long the share coordinator gathers records before it writes them.',
    { min: -1, inert: NO_SHARE_GROUPS },
  ),
  'share.coordinator.cached.buffer.max.bytes': int(
    1_048_588,
    'MEDIUM',
    'Largest write buffer the share coordinator keeps for reuse.',
    { min: 524_288, dynamic: 'cluster-wide', inert: NO_SHARE_GROUPS },
  ),
  'share.coordinator.cold.partition.snapshot.interval.ms': int(
    300_000,
    'LOW',
    'How often a quiet share partition is written out whole.',
    { min: 1, internal: true, inert: NO_SHARE_GROUPS },
  ),
  'share.coordinator.load.buffer.size': int(
    5_242_880,
    'HIGH',
    'Bytes read at once when share state is loaded.',
    { min: 1, inert: NO_SHARE_GROUPS },
  ),
  'share.coordinator.snapshot.update.records.per.snapshot': int(
    500,
    'MEDIUM',
    'Updates between two full snapshots of a share partition.',
    { min: 0, max: 500, inert: NO_SHARE_GROUPS },
  ),
  'share.coordinator.state.topic.compression.codec': int(
    0,
    'HIGH',
    'Compression of the share state topic, by number.',
    { inert: NO_SHARE_GROUPS },
  ),
  'share.coordinator.state.topic.min.isr': short(2, 'HIGH', 'min.insync.replicas of the share state topic.', {
    min: 1,
    inert: NO_SHARE_GROUPS,
  }),
  'share.coordinator.state.topic.num.partitions': int(50, 'HIGH', 'Partitions of the share state topic.', {
    min: 1,
    inert: NO_SHARE_GROUPS,
  }),
  'share.coordinator.state.topic.prune.interval.ms': int(
    300_000,
    'LOW',
    'How often outdated share state is cut off.',
    { min: 1, internal: true, inert: NO_SHARE_GROUPS },
  ),
  'share.coordinator.state.topic.replication.factor': short(3, 'HIGH', 'Replicas of the share state topic.', {
    min: 1,
    inert: NO_SHARE_GROUPS,
  }),
  'share.coordinator.state.topic.segment.bytes': int(
    104_857_600,
    'HIGH',
    'Size of a segment of the share state topic.',
    { min: 1, inert: NO_SHARE_GROUPS },
  ),
  'share.coordinator.threads': int(1, 'MEDIUM', 'Threads of the share coordinator.', {
    min: 1,
    inert: NO_THREADS,
  }),
  'share.coordinator.write.timeout.ms': int(5000, 'HIGH', 'How long a write of share state may take.', {
    min: 1,
    inert: NO_SHARE_GROUPS,
  }),
  'group.streams.assignment.interval.ms': int(
    1000,
    'MEDIUM',
    'Shortest time between two assignments of one group.',
    { min: 0, dynamic: 'cluster-wide', inert: NO_STREAMS_GROUPS },
  ),
  'group.streams.min.assignment.interval.ms': int(
    0,
    'MEDIUM',
    'Lower bound of that interval for a single group.',
    { min: 0, inert: NO_STREAMS_GROUPS },
  ),
  'group.streams.max.assignment.interval.ms': int(
    15000,
    'MEDIUM',
    'Upper bound of that interval for a single group.',
    { min: 0, inert: NO_STREAMS_GROUPS },
  ),
  'group.streams.heartbeat.interval.ms': int(5000, 'MEDIUM', 'Time between heartbeats of members.', {
    min: 1,
    inert: NO_STREAMS_GROUPS,
  }),
  'group.streams.min.heartbeat.interval.ms': int(
    5000,
    'MEDIUM',
    'Lower bound of that time for a single group.',
    { min: 1, inert: NO_STREAMS_GROUPS },
  ),
  'group.streams.max.heartbeat.interval.ms': int(
    15000,
    'MEDIUM',
    'Upper bound of that time for a single group.',
    { min: 1, inert: NO_STREAMS_GROUPS },
  ),
  'group.streams.session.timeout.ms': int(
    45000,
    'MEDIUM',
    'Time without a heartbeat after which a member is out.',
    { min: 1, inert: NO_STREAMS_GROUPS },
  ),
  'group.streams.min.session.timeout.ms': int(
    45000,
    'MEDIUM',
    'Lower bound of that time for a single group.',
    { min: 1, inert: NO_STREAMS_GROUPS },
  ),
  'group.streams.max.session.timeout.ms': int(
    60000,
    'MEDIUM',
    'Upper bound of that time for a single group.',
    { min: 1, inert: NO_STREAMS_GROUPS },
  ),
  'group.streams.initial.rebalance.delay.ms': int(
    3000,
    'MEDIUM',
    'How long an empty group waits for more members before its first assignment.',
    { min: 0, inert: NO_STREAMS_GROUPS },
  ),
  'group.streams.num.standby.replicas': int(0, 'MEDIUM', 'Standby copies of each task.', {
    min: 0,
    inert: NO_STREAMS_GROUPS,
  }),
  'group.streams.max.standby.replicas': int(2, 'MEDIUM', 'Upper bound of that number for a single group.', {
    min: 0,
    inert: NO_STREAMS_GROUPS,
  }),
  'group.streams.max.size': int(2_147_483_647, 'MEDIUM', 'Members of a streams group at most.', {
    min: 1,
    inert: NO_STREAMS_GROUPS,
  }),
} satisfies SettingTable
