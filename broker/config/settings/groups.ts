// Consumer groups and their offsets.
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import { int, list, long, short, text, type SettingTable } from '../setting.ts'
import { NO_CONSUMER_PROTOCOL, NO_KEPT_BUFFERS, NO_LINGER, NO_THREADS } from './inert.ts'

export const GROUPS = {
  'group.coordinator.rebalance.protocols': list(
    'classic,consumer,streams',
    'MEDIUM',
    'Group protocols that are served.',
    { oneOf: ['consumer', 'classic', 'share', 'streams'], nonEmpty: true, inert: NO_CONSUMER_PROTOCOL },
  ),
  'group.coordinator.threads': int(4, 'HIGH', 'Threads of the group coordinator.', {
    min: 1,
    inert: NO_THREADS,
  }),
  'group.coordinator.background.threads': int(2, 'HIGH', "Threads for the group coordinator's slower work.", {
    min: 1,
    inert: NO_THREADS,
  }),
  'group.coordinator.append.linger.ms': int(
    -1,
    'MEDIUM',
    'How long the coordinator gathers records before it writes them; -1 adapts to the load, 0 writes at once.',
    { min: -1, inert: NO_LINGER },
  ),
  'group.coordinator.cached.buffer.max.bytes': int(
    1_048_588,
    'MEDIUM',
    'Largest write buffer the coordinator keeps for reuse.',
    { min: 524_288, dynamic: 'cluster-wide', inert: NO_KEPT_BUFFERS },
  ),
  'group.initial.rebalance.delay.ms': int(
    3000,
    'MEDIUM',
    'How long an empty group waits for more members before its first rebalance.',
    { acts: 'broker/coordinators/group/testdata/rebalance.txt: While the initial delay runs' },
  ),
  'group.min.session.timeout.ms': int(
    6000,
    'MEDIUM',
    'Shortest session timeout a classic member may ask for.',
    { acts: 'broker/coordinators/group/testdata/refusals.txt: join a session=5999' },
  ),
  'group.max.session.timeout.ms': int(
    1_800_000,
    'MEDIUM',
    'Longest session timeout a classic member may ask for.',
    { acts: 'broker/coordinators/group/testdata/refusals.txt: join a session=1800001' },
  ),
  'group.max.size': int(2_147_483_647, 'MEDIUM', 'Members of a classic group at most.', {
    min: 1,
    acts: 'broker/coordinators/group/testdata/refusals.txt: GROUP_MAX_SIZE_REACHED',
  }),
  'offset.metadata.max.bytes': int(4096, 'HIGH', 'Longest text that may go with a committed offset.', {
    acts: 'broker/coordinators/group/testdata/offsets.txt: config offsetMetadataMaxBytes=4',
  }),
  'offsets.commit.timeout.ms': int(5000, 'HIGH', 'How long a commit may wait to be safe.', {
    min: 1,
    acts: 'broker/coordinators/group/testdata/failures.txt: Not committed in time',
  }),
  'offsets.load.buffer.size': int(5_242_880, 'HIGH', 'Bytes read at once when offsets are loaded.', {
    min: 1,
    acts: 'broker/coordinators/runtime.test.ts: than the load buffer holds',
  }),
  'offsets.retention.check.interval.ms': long(
    600_000,
    'HIGH',
    'How often committed offsets are looked at for expiry.',
    { min: 1, acts: 'broker/coordinators/group/testdata/offsets.txt: The check runs every ten minutes' },
  ),
  'offsets.retention.minutes': int(
    10080,
    'HIGH',
    'How long offsets are kept after their group has gone empty.',
    { min: 1, acts: 'broker/coordinators/group/testdata/offsets.txt: Retention: seven days' },
  ),
  'offsets.topic.compression.codec': int(
    0,
    'HIGH',
    'Compression of the offsets topic: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd.',
    { acts: 'broker/coordinators/runtime.test.ts: records are compressed as asked' },
  ),
  'offsets.topic.num.partitions': int(50, 'HIGH', 'Partitions of the offsets topic. Fixed once it exists.', {
    min: 1,
    acts: 'broker/coordinators/group/config.test.ts: the offsets topic is made as its settings say',
  }),
  'offsets.topic.replication.factor': short(3, 'HIGH', 'Replicas of the offsets topic.', {
    min: 1,
    acts: 'broker/coordinators/group/config.test.ts: the offsets topic is made as its settings say',
  }),
  'offsets.topic.segment.bytes': int(104_857_600, 'HIGH', 'Size of a segment of the offsets topic.', {
    min: 1,
    acts: 'broker/coordinators/group/config.test.ts: the offsets topic is made as its settings say',
  }),
  'group.consumer.assignors': list(
    'uniform,range',
    'MEDIUM',
    'Assignors of the consumer protocol, the default first.',
    { nonEmpty: true, inert: NO_CONSUMER_PROTOCOL },
  ),
  'group.consumer.assignment.interval.ms': int(
    1000,
    'MEDIUM',
    'Shortest time between two assignments of one group.',
    { min: 0, dynamic: 'cluster-wide', inert: NO_CONSUMER_PROTOCOL },
  ),
  'group.consumer.min.assignment.interval.ms': int(
    0,
    'MEDIUM',
    'Lower bound of that interval for a single group.',
    { min: 0, inert: NO_CONSUMER_PROTOCOL },
  ),
  'group.consumer.max.assignment.interval.ms': int(
    15000,
    'MEDIUM',
    'Upper bound of that interval for a single group.',
    { min: 0, inert: NO_CONSUMER_PROTOCOL },
  ),
  'group.consumer.heartbeat.interval.ms': int(5000, 'MEDIUM', 'Time between heartbeats of members.', {
    min: 1,
    inert: NO_CONSUMER_PROTOCOL,
  }),
  'group.consumer.min.heartbeat.interval.ms': int(
    5000,
    'MEDIUM',
    'Lower bound of that time for a single group.',
    { min: 1, inert: NO_CONSUMER_PROTOCOL },
  ),
  'group.consumer.max.heartbeat.interval.ms': int(
    15000,
    'MEDIUM',
    'Upper bound of that time for a single group.',
    { min: 1, inert: NO_CONSUMER_PROTOCOL },
  ),
  'group.consumer.session.timeout.ms': int(
    45000,
    'MEDIUM',
    'Time without a heartbeat after which a member is out.',
    { min: 1, inert: NO_CONSUMER_PROTOCOL },
  ),
  'group.consumer.min.session.timeout.ms': int(
    45000,
    'MEDIUM',
    'Lower bound of that time for a single group.',
    { min: 1, inert: NO_CONSUMER_PROTOCOL },
  ),
  'group.consumer.max.session.timeout.ms': int(
    60000,
    'MEDIUM',
    'Upper bound of that time for a single group.',
    { min: 1, inert: NO_CONSUMER_PROTOCOL },
  ),
  'group.consumer.max.size': int(2_147_483_647, 'MEDIUM', 'Members of a consumer group at most.', {
    min: 1,
    inert: NO_CONSUMER_PROTOCOL,
  }),
  'group.consumer.migration.policy': text(
    'bidirectional',
    'MEDIUM',
    'Which way a group may move between the classic and the consumer protocol.',
    {
      oneOf: ['DISABLED', 'DOWNGRADE', 'UPGRADE', 'BIDIRECTIONAL'],
      ignoreCase: true,
      inert: NO_CONSUMER_PROTOCOL,
    },
  ),
  'group.consumer.regex.refresh.interval.ms': int(
    600_000,
    'MEDIUM',
    'How often subscribed patterns are matched against the topics.',
    { min: 10000, internal: true, inert: NO_CONSUMER_PROTOCOL },
  ),
} satisfies SettingTable
