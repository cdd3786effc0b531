// What a group can override.
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import { bool, int, text, type SettingTable } from '../setting.ts'
import { autoOffsetReset } from '../checks.ts'
import { NO_CONSUMER_PROTOCOL, NO_SHARE_GROUPS, NO_STREAMS_GROUPS } from './inert.ts'

export const PER_GROUP = {
  'consumer.assignment.interval.ms': int(
    1000,
    'MEDIUM',
    'Shortest time between two assignments of this group.',
    { min: 0, inert: NO_CONSUMER_PROTOCOL },
  ),
  'consumer.heartbeat.interval.ms': int(5000, 'MEDIUM', 'Time between heartbeats of members.', {
    min: 1,
    inert: NO_CONSUMER_PROTOCOL,
  }),
  'consumer.session.timeout.ms': int(
    45000,
    'MEDIUM',
    'Time without a heartbeat after which a member is out.',
    { min: 1, inert: NO_CONSUMER_PROTOCOL },
  ),
  'share.assignment.interval.ms': int(
    1000,
    'MEDIUM',
    'Shortest time between two assignments of this group.',
    { min: 0, inert: NO_SHARE_GROUPS },
  ),
  'share.auto.offset.reset': text(
    'latest',
    'MEDIUM',
    'Where a new share group starts: earliest, latest, or by_duration: and a length of time.',
    { check: autoOffsetReset, inert: NO_SHARE_GROUPS },
  ),
  'share.delivery.count.limit': int(5, 'MEDIUM', 'How often a record is handed out before it is given up.', {
    min: 2,
    inert: NO_SHARE_GROUPS,
  }),
  'share.heartbeat.interval.ms': int(5000, 'MEDIUM', 'Time between heartbeats of members.', {
    min: 1,
    inert: NO_SHARE_GROUPS,
  }),
  'share.isolation.level': text(
    'read_uncommitted',
    'MEDIUM',
    'Whether records of open and aborted transactions are handed out.',
    { oneOf: ['read_committed', 'read_uncommitted'], inert: NO_SHARE_GROUPS },
  ),
  'share.partition.max.record.locks': int(
    2000,
    'MEDIUM',
    'Records of a partition that may be handed out at the same time.',
    { min: 100, inert: NO_SHARE_GROUPS },
  ),
  'share.record.lock.duration.ms': int(
    30000,
    'MEDIUM',
    'How long a member may work on a record before another one gets it.',
    { min: 1000, inert: NO_SHARE_GROUPS },
  ),
  'share.renew.acknowledge.enable': bool(true, 'MEDIUM', 'Let members ask for more time on a record.', {
    inert: NO_SHARE_GROUPS,
  }),
  'share.session.timeout.ms': int(45000, 'MEDIUM', 'Time without a heartbeat after which a member is out.', {
    min: 1,
    inert: NO_SHARE_GROUPS,
  }),
  'streams.assignment.interval.ms': int(
    1000,
    'MEDIUM',
    'Shortest time between two assignments of this group.',
    { min: 0, inert: NO_STREAMS_GROUPS },
  ),
  'streams.heartbeat.interval.ms': int(5000, 'MEDIUM', 'Time between heartbeats of members.', {
    min: 1,
    inert: NO_STREAMS_GROUPS,
  }),
  'streams.initial.rebalance.delay.ms': int(
    3000,
    'MEDIUM',
    'How long an empty group waits for more members before its first assignment.',
    { min: 0, inert: NO_STREAMS_GROUPS },
  ),
  'streams.num.standby.replicas': int(0, 'MEDIUM', 'Standby copies of each task.', {
    min: 0,
    inert: NO_STREAMS_GROUPS,
  }),
  'streams.session.timeout.ms': int(
    45000,
    'MEDIUM',
    'Time without a heartbeat after which a member is out.',
    { min: 1, inert: NO_STREAMS_GROUPS },
  ),
} satisfies SettingTable
