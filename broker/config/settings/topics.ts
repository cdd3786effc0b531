// Topics and their logs: defaults for every topic that says nothing else.
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import { LONG_MAX, bool, double, int, javaClass, list, long, text, type SettingTable } from '../setting.ts'
import { NO_JAVA, NO_THREADS, NO_TIERS, ONE_NODE } from './inert.ts'

export const TOPICS = {
  'auto.create.topics.enable': bool(true, 'HIGH', 'Create a topic when a client first asks for it.', {
    acts: 'broker/settings.test.ts: auto.create.topics.enable=false',
  }),
  'delete.topic.enable': bool(true, 'HIGH', 'Allow topics to be deleted.', {
    acts: 'broker/settings.test.ts: delete.topic.enable=false',
  }),
  'num.partitions': int(1, 'MEDIUM', 'Partitions of a topic that is created without a number.', {
    min: 1,
    acts: "broker/index.test.ts: 'num.partitions': 2",
  }),
  'default.replication.factor': int(1, 'MEDIUM', 'Replicas of a topic that is created without a number.', {
    acts: 'broker/settings.test.ts: default.replication.factor above',
  }),
  'min.insync.replicas': int(1, 'HIGH', 'Replicas in sync, at least, for a write with acks=all.', {
    min: 1,
    dynamic: 'cluster-wide',
    acts: 'topic min.insync.replicas',
  }),
  'unclean.leader.election.enable': bool(
    false,
    'HIGH',
    'Let a replica that is not in sync become leader when nothing better is left. Records may be lost.',
    { dynamic: 'cluster-wide', inert: ONE_NODE },
  ),
  'unclean.leader.election.interval.ms': long(
    300_000,
    'MEDIUM',
    'How often partitions without a leader are looked at.',
    { min: 1, internal: true, inert: ONE_NODE },
  ),
  'compression.type': text(
    'producer',
    'HIGH',
    'Compression of stored batches: producer keeps what came, uncompressed removes it, the others recompress.',
    {
      oneOf: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
      dynamic: 'cluster-wide',
      acts: 'topic compression.type',
    },
  ),
  'compression.gzip.level': int(
    -1,
    'MEDIUM',
    "Level when the broker compresses with gzip: 1 to 9, or -1 for the library's default.",
    {
      check: value => (value === -1 || (value >= 1 && value <= 9) ? null : 'must be -1 or from 1 to 9'),
      dynamic: 'cluster-wide',
      acts: 'topic compression.gzip.level',
    },
  ),
  'compression.lz4.level': int(9, 'MEDIUM', 'Level when the broker compresses with lz4.', {
    min: 1,
    max: 17,
    dynamic: 'cluster-wide',
    inert: 'the LZ4 library has one level',
  }),
  'compression.zstd.level': int(3, 'MEDIUM', 'Level when the broker compresses with zstd.', {
    min: -131_072,
    max: 22,
    dynamic: 'cluster-wide',
    acts: 'topic compression.zstd.level',
  }),
  'message.max.bytes': int(1_048_588, 'HIGH', 'Largest record batch accepted.', {
    min: 0,
    dynamic: 'cluster-wide',
    acts: 'topic max.message.bytes',
  }),
  'log.message.timestamp.type': text(
    'CreateTime',
    'MEDIUM',
    "Whose time a record carries: the producer's (CreateTime) or this broker's (LogAppendTime).",
    { oneOf: ['CreateTime', 'LogAppendTime'], dynamic: 'cluster-wide', acts: 'topic message.timestamp.type' },
  ),
  'log.message.timestamp.before.max.ms': long(
    LONG_MAX,
    'MEDIUM',
    "How far in the past a producer's timestamp may lie.",
    { min: 0, dynamic: 'cluster-wide', acts: 'topic message.timestamp.before.max.ms' },
  ),
  'log.message.timestamp.after.max.ms': long(
    3_600_000,
    'MEDIUM',
    "How far in the future a producer's timestamp may lie.",
    { min: 0, dynamic: 'cluster-wide', acts: 'topic message.timestamp.after.max.ms' },
  ),
  'log.segment.bytes': int(
    1_073_741_824,
    'HIGH',
    'Size at which a segment is closed and the next one begun.',
    { min: 1_048_576, dynamic: 'cluster-wide', acts: 'topic segment.bytes' },
  ),
  'log.roll.ms': long(null, 'HIGH', 'Age at which a segment is closed. Wins over log.roll.hours.', {
    dynamic: 'cluster-wide',
    acts: 'topic segment.ms',
  }),
  'log.roll.hours': int(168, 'HIGH', 'Age at which a segment is closed, in hours.', {
    min: 1,
    acts: 'topic segment.ms',
  }),
  'log.roll.jitter.ms': long(
    null,
    'HIGH',
    'Random part taken off the age, so that segments are not all rolled at once. Wins over log.roll.jitter.hours.',
    { dynamic: 'cluster-wide', acts: 'topic segment.jitter.ms' },
  ),
  'log.roll.jitter.hours': int(0, 'HIGH', 'Random part taken off the age, in hours.', {
    min: 0,
    acts: 'topic segment.jitter.ms',
  }),
  'log.index.interval.bytes': int(4096, 'MEDIUM', 'Bytes of log between two entries of the offset index.', {
    min: 0,
    dynamic: 'cluster-wide',
    acts: 'topic index.interval.bytes',
  }),
  'log.index.size.max.bytes': int(
    10_485_760,
    'MEDIUM',
    'Size of an index file; a segment is closed when its index is full.',
    { min: 4, dynamic: 'cluster-wide', acts: 'topic segment.index.bytes' },
  ),
  'log.preallocate': bool(false, 'MEDIUM', 'Reserve the whole segment file when it is created.', {
    dynamic: 'cluster-wide',
    acts: 'topic preallocate',
  }),
  'log.retention.ms': long(
    null,
    'HIGH',
    'Age at which a segment may be deleted; -1 for never. Wins over minutes and hours.',
    { dynamic: 'cluster-wide', acts: 'topic retention.ms' },
  ),
  'log.retention.minutes': int(
    null,
    'HIGH',
    'Age at which a segment may be deleted, in minutes. Wins over hours.',
    { acts: 'topic retention.ms' },
  ),
  'log.retention.hours': int(168, 'HIGH', 'Age at which a segment may be deleted, in hours.', {
    acts: 'topic retention.ms',
  }),
  'log.retention.bytes': long(
    -1,
    'HIGH',
    'Size of a partition above which its oldest segments may be deleted; -1 for no limit.',
    { dynamic: 'cluster-wide', acts: 'topic retention.bytes' },
  ),
  'log.retention.check.interval.ms': long(
    300_000,
    'MEDIUM',
    'How often segments are looked at for deletion.',
    { min: 1, acts: 'broker/settings.test.ts: log.retention.check.interval.ms: retention runs' },
  ),
  'log.segment.delete.delay.ms': long(
    60000,
    'HIGH',
    'How long the files of a deleted segment stay on disk.',
    { min: 0, dynamic: 'cluster-wide', acts: 'topic file.delete.delay.ms' },
  ),
  'log.initial.task.delay.ms': long(30000, 'LOW', 'How long after the start the first housekeeping runs.', {
    min: 0,
    internal: true,
    acts: 'broker/settings.test.ts: log.initial.task.delay.ms and',
  }),
  'log.cleanup.policy': list(
    'delete',
    'MEDIUM',
    'What happens to old segments: delete them, compact them to the newest record per key, or both. Empty keeps everything.',
    { oneOf: ['compact', 'delete'], dynamic: 'cluster-wide', acts: 'topic cleanup.policy' },
  ),
  'log.flush.interval.messages': long(
    LONG_MAX,
    'HIGH',
    'Records after which a partition is forced to disk. With 1, an ack means the disk.',
    { min: 1, dynamic: 'cluster-wide', acts: 'topic flush.messages' },
  ),
  'log.flush.interval.ms': long(
    null,
    'HIGH',
    'Longest time a record may stay in memory only. log.flush.scheduler.interval.ms when not set.',
    { dynamic: 'cluster-wide', acts: 'topic flush.ms' },
  ),
  'log.flush.scheduler.interval.ms': long(
    LONG_MAX,
    'HIGH',
    'How often partitions are looked at for log.flush.interval.ms.',
    { acts: 'storage/log-manager.test.ts: flush.ms: what has been in memory that long' },
  ),
  'log.flush.offset.checkpoint.interval.ms': int(
    60000,
    'HIGH',
    'How often the point is noted from which a crashed log must be checked.',
    { min: 0, acts: 'storage/log-manager.test.ts: retention and checkpoints run on their intervals' },
  ),
  'log.flush.start.offset.checkpoint.interval.ms': int(
    60000,
    'HIGH',
    'How often the first offsets of partitions are noted.',
    { min: 0, acts: 'storage/log-manager.test.ts: retention and checkpoints run on their intervals' },
  ),
  'log.dir.failure.timeout.ms': long(
    30000,
    'LOW',
    'How long a broker may stay up with a failed directory it cannot report.',
    { min: 1, inert: ONE_NODE },
  ),
  'log.cleaner.enable': bool(true, 'MEDIUM', 'Run the compaction of topics with cleanup.policy compact.', {
    acts: 'storage/cleaner/log-cleaner.test.ts: log.cleaner.enable and log.cleaner.backoff.ms',
  }),
  'log.cleaner.threads': int(1, 'MEDIUM', 'Threads that compact.', {
    min: 0,
    dynamic: 'cluster-wide',
    inert: NO_THREADS,
  }),
  'log.cleaner.backoff.ms': long(15000, 'MEDIUM', 'How long compaction rests when it found nothing to do.', {
    min: 0,
    dynamic: 'cluster-wide',
    acts: 'storage/cleaner/log-cleaner.test.ts: log.cleaner.enable and log.cleaner.backoff.ms',
  }),
  'log.cleaner.dedupe.buffer.size': long(
    134_217_728,
    'MEDIUM',
    'Memory for the keys of one compaction pass.',
    { dynamic: 'cluster-wide', acts: 'storage/cleaner/log-cleaner.test.ts: a map too small for the keys' },
  ),
  'log.cleaner.io.buffer.size': int(
    524_288,
    'MEDIUM',
    'Size of the buffers compaction reads and writes with.',
    {
      min: 0,
      dynamic: 'cluster-wide',
      acts: 'storage/cleaner/log-cleaner.test.ts: appends, reads and retention go on during a round',
    },
  ),
  'log.cleaner.io.buffer.load.factor': double(
    0.9,
    'MEDIUM',
    'How full the key memory may get, from 0 to 1.',
    { dynamic: 'cluster-wide', acts: 'storage/cleaner/offset-map.test.ts: full at its load factor' },
  ),
  'log.cleaner.io.max.bytes.per.second': double(
    '1.7976931348623157E308',
    'MEDIUM',
    'Bytes per second compaction may read and write.',
    {
      dynamic: 'cluster-wide',
      acts: 'storage/cleaner/log-cleaner.test.ts: log.cleaner.io.max.bytes.per.second',
    },
  ),
  'log.cleaner.delete.retention.ms': long(
    86_400_000,
    'MEDIUM',
    'How long a deleted key stays visible as a tombstone in a compacted topic.',
    { min: 0, dynamic: 'cluster-wide', acts: 'topic delete.retention.ms' },
  ),
  'log.cleaner.min.cleanable.ratio': double(
    0.5,
    'MEDIUM',
    'Part of a log that must be dirty before it is compacted.',
    { min: 0, max: 1, dynamic: 'cluster-wide', acts: 'topic min.cleanable.dirty.ratio' },
  ),
  'log.cleaner.min.compaction.lag.ms': long(
    0,
    'MEDIUM',
    'Age below which a record is never compacted away.',
    { min: 0, dynamic: 'cluster-wide', acts: 'topic min.compaction.lag.ms' },
  ),
  'log.cleaner.max.compaction.lag.ms': long(
    LONG_MAX,
    'MEDIUM',
    'Age at which a record must become eligible for compaction.',
    { min: 1, dynamic: 'cluster-wide', acts: 'topic max.compaction.lag.ms' },
  ),
  'log.local.retention.bytes': long(
    -2,
    'MEDIUM',
    'Bytes of a tiered partition that stay on this broker; -2 for retention.bytes.',
    { min: -2, dynamic: 'cluster-wide', inert: NO_TIERS },
  ),
  'log.local.retention.ms': long(
    -2,
    'MEDIUM',
    'Age up to which a tiered partition stays on this broker; -2 for retention.ms.',
    { min: -2, dynamic: 'cluster-wide', inert: NO_TIERS },
  ),
  'create.topic.policy.class.name': javaClass(null, 'LOW', 'Java class that judges new topics.', {
    inert: NO_JAVA,
  }),
  'alter.config.policy.class.name': javaClass(null, 'LOW', 'Java class that judges configuration changes.', {
    inert: NO_JAVA,
  }),
} satisfies SettingTable
