// What a topic can override.
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import { LONG_MAX, bool, double, int, list, long, text, type SettingTable } from '../setting.ts'
import { throttledReplicas } from '../checks.ts'
import { NO_TIERS, ONE_NODE } from './inert.ts'

export const PER_TOPIC = {
  'cleanup.policy': list(
    'delete',
    'MEDIUM',
    'What happens to old segments: delete them, compact them to the newest record per key, or both. Empty keeps everything.',
    { oneOf: ['compact', 'delete'], acts: 'storage/retention.test.ts: whatever the cleanup policy' },
  ),
  'compression.gzip.level': int(
    -1,
    'MEDIUM',
    "Level when the broker compresses with gzip: 1 to 9, or -1 for the library's default.",
    {
      check: value => (value === -1 || (value >= 1 && value <= 9) ? null : 'must be -1 or from 1 to 9'),
      acts: 'storage/log-settings.test.ts: compression.gzip.level and',
    },
  ),
  'compression.lz4.level': int(9, 'MEDIUM', 'Level when the broker compresses with lz4.', {
    min: 1,
    max: 17,
    inert: 'the LZ4 library has one level',
  }),
  'compression.type': text(
    'producer',
    'MEDIUM',
    'Compression of stored batches: producer keeps what came, uncompressed removes it, the others recompress.',
    {
      oneOf: ['uncompressed', 'zstd', 'lz4', 'snappy', 'gzip', 'producer'],
      acts: 'storage/log-settings.test.ts: compression.type=producer keeps what came',
    },
  ),
  'compression.zstd.level': int(3, 'MEDIUM', 'Level when the broker compresses with zstd.', {
    min: -131_072,
    max: 22,
    acts: 'storage/log-settings.test.ts: compression.zstd.level reach',
  }),
  'delete.retention.ms': long(
    86_400_000,
    'MEDIUM',
    'How long a deleted key stays visible as a tombstone in a compacted topic.',
    { min: 0, acts: 'storage/cleaner/log-cleaner.test.ts: delete.retention.ms' },
  ),
  'file.delete.delay.ms': long(60000, 'MEDIUM', 'How long the files of a deleted segment stay on disk.', {
    min: 0,
    acts: 'storage/retention.test.ts: removed after file.delete.delay.ms',
  }),
  'flush.messages': long(
    LONG_MAX,
    'MEDIUM',
    'Records after which a partition is forced to disk. With 1, an ack means the disk.',
    { min: 1, acts: 'storage/flush.test.ts: flush.messages = 3 asks at every third record' },
  ),
  'flush.ms': long(LONG_MAX, 'MEDIUM', 'Longest time a record may stay in memory only.', {
    min: 0,
    acts: 'storage/log-manager.test.ts: flush.ms: what has been in memory that long',
  }),
  'follower.replication.throttled.replicas': list(
    '',
    'MEDIUM',
    'Replicas whose fetching is throttled, as partition:broker, or * for all.',
    { check: throttledReplicas, inert: ONE_NODE },
  ),
  'index.interval.bytes': int(4096, 'MEDIUM', 'Bytes of log between two entries of the offset index.', {
    min: 0,
    acts: 'storage/log-settings.test.ts: index.interval.bytes: a shorter interval',
  }),
  'internal.segment.bytes': int(null, 'MEDIUM', 'Size of a segment, without a lower bound. For tests.', {
    internal: true,
    acts: 'broker/config/broker-config.test.ts: internal.segment.bytes',
  }),
  'leader.replication.throttled.replicas': list(
    '',
    'MEDIUM',
    'Replicas whose sending is throttled, as partition:broker, or * for all.',
    { check: throttledReplicas, inert: ONE_NODE },
  ),
  'local.retention.bytes': long(
    -2,
    'MEDIUM',
    'Bytes of a tiered partition that stay on the broker; -2 for retention.bytes.',
    { min: -2, inert: NO_TIERS },
  ),
  'local.retention.ms': long(
    -2,
    'MEDIUM',
    'Age up to which a tiered partition stays on the broker; -2 for retention.ms.',
    { min: -2, inert: NO_TIERS },
  ),
  'max.compaction.lag.ms': long(
    LONG_MAX,
    'MEDIUM',
    'Age at which a record must become eligible for compaction.',
    { min: 1, acts: 'storage/cleaner/log-cleaner.test.ts: max.compaction.lag.ms' },
  ),
  'max.message.bytes': int(1_048_588, 'MEDIUM', 'Largest record batch accepted.', {
    min: 0,
    acts: 'broker/settings.test.ts: message.max.bytes refuses a larger batch',
  }),
  'message.timestamp.after.max.ms': long(
    3_600_000,
    'MEDIUM',
    "How far in the future a producer's timestamp may lie.",
    { min: 0, acts: 'storage/log-settings.test.ts: message.timestamp.before.max.ms and .after.max.ms' },
  ),
  'message.timestamp.before.max.ms': long(
    LONG_MAX,
    'MEDIUM',
    "How far in the past a producer's timestamp may lie.",
    { min: 0, acts: 'storage/log-settings.test.ts: message.timestamp.before.max.ms and .after.max.ms' },
  ),
  'message.timestamp.type': text(
    'CreateTime',
    'MEDIUM',
    "Whose time a record carries: the producer's (CreateTime) or the broker's (LogAppendTime).",
    {
      oneOf: ['CreateTime', 'LogAppendTime'],
      acts: 'storage/log.test.ts: LogAppendTime stamps the batch by the clock',
    },
  ),
  'min.cleanable.dirty.ratio': double(
    0.5,
    'MEDIUM',
    'Part of a log that must be dirty before it is compacted.',
    { min: 0, max: 1, acts: 'storage/cleaner/log-cleaner.test.ts: min.cleanable.dirty.ratio' },
  ),
  'min.compaction.lag.ms': long(0, 'MEDIUM', 'Age below which a record is never compacted away.', {
    min: 0,
    acts: 'storage/cleaner/log-cleaner.test.ts: min.compaction.lag.ms',
  }),
  'min.insync.replicas': int(1, 'MEDIUM', 'Replicas in sync, at least, for a write with acks=all.', {
    min: 1,
    acts: 'broker/handlers/data-path.test.ts: min.insync.replicas counts for acks=all',
  }),
  preallocate: bool(false, 'MEDIUM', 'Reserve the whole segment file when it is created.', {
    acts: 'storage/log-settings.test.ts: preallocate: the segment has its full size',
  }),
  'remote.log.copy.disable': bool(false, 'MEDIUM', 'Stop copying segments to the remote tier.', {
    inert: NO_TIERS,
  }),
  'remote.log.delete.on.disable': bool(
    false,
    'MEDIUM',
    'Delete remote segments when tiering is switched off for the topic.',
    { inert: NO_TIERS },
  ),
  'remote.storage.enable': bool(false, 'MEDIUM', 'Keep older segments in the remote tier.', {
    inert: NO_TIERS,
  }),
  'retention.bytes': long(
    -1,
    'MEDIUM',
    'Size of a partition above which its oldest segments may be deleted; -1 for no limit.',
    { acts: 'storage/retention.test.ts: no smaller than retention.bytes' },
  ),
  'retention.ms': long(604_800_000, 'MEDIUM', 'Age at which a segment may be deleted; -1 for never.', {
    min: -1,
    acts: 'storage/retention.test.ts: older than retention.ms',
  }),
  'segment.bytes': int(1_073_741_824, 'MEDIUM', 'Size at which a segment is closed and the next one begun.', {
    min: 1_048_576,
    acts: 'storage/log.test.ts: by size, with exact file names',
  }),
  'segment.index.bytes': int(
    10_485_760,
    'MEDIUM',
    'Size of an index file; a segment is closed when its index is full.',
    { min: 4, acts: 'storage/log.test.ts: when the index is full' },
  ),
  'segment.jitter.ms': long(
    0,
    'MEDIUM',
    'Random part taken off segment.ms, so that segments are not all rolled at once.',
    { min: 0, acts: 'storage/log.test.ts: less the jitter' },
  ),
  'segment.ms': long(604_800_000, 'MEDIUM', 'Age at which a segment is closed.', {
    min: 1,
    acts: 'storage/log.test.ts: by time: record timestamps',
  }),
  'unclean.leader.election.enable': bool(
    false,
    'MEDIUM',
    'Let a replica that is not in sync become leader when nothing better is left. Records may be lost.',
    { inert: ONE_NODE },
  ),
} satisfies SettingTable
