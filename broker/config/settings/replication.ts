// Replication: accepted so that a cluster's file starts here; one node has nobody to replicate to.
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import { LONG_MAX, bool, int, long, text, type SettingTable } from '../setting.ts'
import { NO_THREADS, NO_TIERS, ONE_NODE } from './inert.ts'

export const REPLICATION = {
  'num.replica.fetchers': int(1, 'HIGH', 'Threads that fetch from each other broker.', {
    min: 1,
    dynamic: 'cluster-wide',
    inert: ONE_NODE,
  }),
  'num.replica.alter.log.dirs.threads': int(
    null,
    'HIGH',
    'Threads that move replicas between log directories.',
    { inert: NO_THREADS },
  ),
  'replica.alter.log.dirs.io.max.bytes.per.second': long(
    LONG_MAX,
    'MEDIUM',
    'Bytes per second when replicas move between log directories.',
    {
      min: 0,
      dynamic: 'cluster-wide',
      acts: 'broker/partitions/replica-alter-log-dirs.test.ts: no faster than its rate',
    },
  ),
  'replica.fetch.backoff.ms': int(1000, 'MEDIUM', 'Pause after a failed fetch from a leader.', {
    min: 0,
    inert: ONE_NODE,
  }),
  'replica.fetch.max.bytes': int(1_048_576, 'MEDIUM', 'Bytes to fetch per partition from a leader.', {
    min: 0,
    inert: ONE_NODE,
  }),
  'replica.fetch.min.bytes': int(1, 'HIGH', 'Bytes a leader should gather before it answers a follower.', {
    inert: ONE_NODE,
  }),
  'replica.fetch.response.max.bytes': int(
    10_485_760,
    'MEDIUM',
    'Bytes to fetch from a leader in one answer.',
    { min: 0, inert: ONE_NODE },
  ),
  'replica.fetch.wait.max.ms': int(
    500,
    'HIGH',
    'How long a leader may gather before it answers a follower.',
    { inert: ONE_NODE },
  ),
  'replica.high.watermark.checkpoint.interval.ms': long(
    5000,
    'HIGH',
    'How often high watermarks are noted on disk.',
    { acts: 'storage/log-manager.test.ts: retention and checkpoints run on their intervals' },
  ),
  'replica.lag.time.max.ms': long(
    30000,
    'HIGH',
    'How far behind a follower may be, in time, and still count as in sync.',
    { inert: ONE_NODE },
  ),
  'replica.selector.class': text(
    null,
    'MEDIUM',
    'Java class that picks the replica a consumer should read from.',
    { inert: ONE_NODE },
  ),
  'replica.socket.receive.buffer.bytes': int(65536, 'HIGH', 'Receive buffer of connections to leaders.', {
    inert: ONE_NODE,
  }),
  'replica.socket.timeout.ms': int(30000, 'HIGH', "How long to wait for a leader's answer.", {
    inert: ONE_NODE,
  }),
  'replication.quota.window.num': int(11, 'LOW', 'Samples kept for replication throttles.', {
    min: 1,
    inert: ONE_NODE,
  }),
  'replication.quota.window.size.seconds': int(1, 'LOW', 'Length of a sample for replication throttles.', {
    min: 1,
    inert: ONE_NODE,
  }),
  'leader.replication.throttled.rate': long(
    LONG_MAX,
    'MEDIUM',
    'Bytes per second sent to throttled followers.',
    { min: 0, dynamic: 'cluster-wide', inert: ONE_NODE },
  ),
  'follower.replication.throttled.rate': long(
    LONG_MAX,
    'MEDIUM',
    'Bytes per second fetched for throttled replicas.',
    { min: 0, dynamic: 'cluster-wide', inert: ONE_NODE },
  ),
  'alter.log.dirs.replication.quota.window.num': int(
    11,
    'LOW',
    'Samples kept for the throttle of moves between directories.',
    { min: 1, inert: ONE_NODE },
  ),
  'alter.log.dirs.replication.quota.window.size.seconds': int(
    1,
    'LOW',
    'Length of a sample for the throttle of moves between directories.',
    { min: 1, inert: ONE_NODE },
  ),
  'follower.fetch.last.tiered.offset.enable': bool(
    false,
    'MEDIUM',
    'Let a new follower start at the last offset in the remote tier.',
    { dynamic: 'cluster-wide', inert: NO_TIERS },
  ),
} satisfies SettingTable
