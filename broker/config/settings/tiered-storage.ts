// Tiered storage.
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import { LONG_MAX, bool, double, int, long, text, type SettingTable } from '../setting.ts'
import { NO_TIERS } from './inert.ts'

export const TIERED = {
  'remote.fetch.max.wait.ms': int(500, 'MEDIUM', 'How long a fetch may wait for the remote tier.', {
    min: 1,
    dynamic: 'cluster-wide',
    inert: NO_TIERS,
  }),
  'remote.list.offsets.request.timeout.ms': long(
    30000,
    'MEDIUM',
    'How long an offset look-up may wait for the remote tier.',
    { min: 1, dynamic: 'cluster-wide', inert: NO_TIERS },
  ),
  'remote.log.index.file.cache.total.size.bytes': long(
    1_073_741_824,
    'LOW',
    'Disk space for indexes of remote segments.',
    { min: 1, dynamic: 'cluster-wide', inert: NO_TIERS },
  ),
  'remote.log.index.file.cache.ttl.ms': long(
    900_000,
    'LOW',
    'How long an unused index of a remote segment is kept.',
    { min: -1, internal: true, inert: NO_TIERS },
  ),
  'remote.log.manager.copier.thread.pool.size': int(
    10,
    'MEDIUM',
    'Threads that copy segments to the remote tier.',
    { min: 1, dynamic: 'cluster-wide', inert: NO_TIERS },
  ),
  'remote.log.manager.copy.max.bytes.per.second': long(
    LONG_MAX,
    'MEDIUM',
    'Bytes per second copied to the remote tier.',
    { min: 1, dynamic: 'cluster-wide', inert: NO_TIERS },
  ),
  'remote.log.manager.copy.quota.window.num': int(11, 'MEDIUM', 'Samples kept for that limit.', {
    min: 1,
    inert: NO_TIERS,
  }),
  'remote.log.manager.copy.quota.window.size.seconds': int(
    1,
    'MEDIUM',
    'Length of a sample for that limit.',
    { min: 1, inert: NO_TIERS },
  ),
  'remote.log.manager.expiration.thread.pool.size': int(
    10,
    'MEDIUM',
    'Threads that delete expired remote segments.',
    { min: 1, dynamic: 'cluster-wide', inert: NO_TIERS },
  ),
  'remote.log.manager.fetch.max.bytes.per.second': long(
    LONG_MAX,
    'MEDIUM',
    'Bytes per second read from the remote tier.',
    { min: 1, dynamic: 'cluster-wide', inert: NO_TIERS },
  ),
  'remote.log.manager.fetch.quota.window.num': int(11, 'MEDIUM', 'Samples kept for that limit.', {
    min: 1,
    inert: NO_TIERS,
  }),
  'remote.log.manager.fetch.quota.window.size.seconds': int(
    1,
    'MEDIUM',
    'Length of a sample for that limit.',
    { min: 1, inert: NO_TIERS },
  ),
  'remote.log.manager.follower.thread.pool.size': int(
    2,
    'MEDIUM',
    'Threads that follow remote segments of other leaders.',
    { min: 1, dynamic: 'cluster-wide', inert: NO_TIERS },
  ),
  'remote.log.manager.task.interval.ms': long(30000, 'LOW', 'How often tiering work is looked for.', {
    min: 1,
    inert: NO_TIERS,
  }),
  'remote.log.manager.task.retry.backoff.ms': long(500, 'LOW', 'First pause after tiering work failed.', {
    min: 1,
    internal: true,
    inert: NO_TIERS,
  }),
  'remote.log.manager.task.retry.backoff.max.ms': long(
    30000,
    'LOW',
    'Longest pause after tiering work failed.',
    { min: 1, internal: true, inert: NO_TIERS },
  ),
  'remote.log.manager.task.retry.jitter': double(0.2, 'LOW', 'Random part of that pause.', {
    min: 0,
    max: 0.5,
    internal: true,
    inert: NO_TIERS,
  }),
  'remote.log.manager.thread.pool.size': int(2, 'MEDIUM', 'Threads that plan tiering work.', {
    min: 1,
    inert: NO_TIERS,
  }),
  'remote.log.metadata.custom.metadata.max.bytes': int(
    128,
    'LOW',
    'Largest note a storage plugin may keep per segment.',
    { min: 0, inert: NO_TIERS },
  ),
  'remote.log.metadata.manager.class.name': text(
    'org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager',
    'MEDIUM',
    'Java class that keeps track of remote segments.',
    { nonEmpty: true, inert: NO_TIERS },
  ),
  'remote.log.metadata.manager.class.path': text(null, 'MEDIUM', 'Where that class is found.', {
    inert: NO_TIERS,
  }),
  'remote.log.metadata.manager.impl.prefix': text(
    'rlmm.config.',
    'MEDIUM',
    'Prefix of the settings handed to that class.',
    { nonEmpty: true, inert: NO_TIERS },
  ),
  'remote.log.metadata.manager.listener.name': text(null, 'MEDIUM', 'Listener that class connects to.', {
    nonEmpty: true,
    inert: NO_TIERS,
  }),
  'remote.log.reader.max.pending.tasks': int(100, 'MEDIUM', 'Remote reads that may wait.', {
    min: 1,
    inert: NO_TIERS,
  }),
  'remote.log.reader.threads': int(10, 'MEDIUM', 'Threads that read from the remote tier.', {
    min: 1,
    dynamic: 'cluster-wide',
    inert: NO_TIERS,
  }),
  'remote.log.storage.manager.class.name': text(null, 'MEDIUM', 'Java class that stores segments remotely.', {
    nonEmpty: true,
    inert: NO_TIERS,
  }),
  'remote.log.storage.manager.class.path': text(null, 'MEDIUM', 'Where that class is found.', {
    inert: NO_TIERS,
  }),
  'remote.log.storage.manager.impl.prefix': text(
    'rsm.config.',
    'MEDIUM',
    'Prefix of the settings handed to that class.',
    { nonEmpty: true, inert: NO_TIERS },
  ),
  'remote.log.storage.system.enable': bool(false, 'MEDIUM', 'Switch tiered storage on.', { inert: NO_TIERS }),
} satisfies SettingTable
