// Producers and transactions.
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import { bool, int, short, type SettingTable } from '../setting.ts'
import { NO_TRANSACTIONS } from './inert.ts'

export const TRANSACTIONS = {
  'producer.id.expiration.ms': int(
    86_400_000,
    'LOW',
    'How long a partition remembers a producer that has gone quiet.',
    { min: 1, dynamic: 'cluster-wide', acts: 'storage/producer-state.test.ts: idle producers expire' },
  ),
  'producer.id.expiration.check.interval.ms': int(
    600_000,
    'LOW',
    'How often quiet producers are looked for.',
    { min: 1, internal: true, acts: 'storage/log-manager.test.ts: producerIdExpirationCheckIntervalMs' },
  ),
  'transactional.id.expiration.ms': int(
    604_800_000,
    'HIGH',
    'How long an unused transactional id is remembered.',
    { min: 1, inert: NO_TRANSACTIONS },
  ),
  'transaction.max.timeout.ms': int(900_000, 'HIGH', 'Longest transaction timeout a client may ask for.', {
    min: 1,
    inert: NO_TRANSACTIONS,
  }),
  'transaction.two.phase.commit.enable': bool(
    false,
    'LOW',
    'Allow transactions that only their owner may end.',
    { inert: NO_TRANSACTIONS },
  ),
  'transaction.partition.verification.enable': bool(
    true,
    'LOW',
    'Check with the coordinator before a transactional write is taken.',
    { dynamic: 'cluster-wide', inert: NO_TRANSACTIONS },
  ),
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': int(
    10000,
    'LOW',
    'How often transactions are looked at for their timeout.',
    { min: 1, inert: NO_TRANSACTIONS },
  ),
  'transaction.remove.expired.transaction.cleanup.interval.ms': int(
    3_600_000,
    'LOW',
    'How often transactional ids are looked at for expiry.',
    { min: 1, inert: NO_TRANSACTIONS },
  ),
  'transaction.state.log.load.buffer.size': int(
    5_242_880,
    'HIGH',
    'Bytes read at once when transaction state is loaded.',
    { min: 1, inert: NO_TRANSACTIONS },
  ),
  'transaction.state.log.min.isr': int(2, 'HIGH', 'min.insync.replicas of the transaction topic.', {
    min: 1,
    inert: NO_TRANSACTIONS,
  }),
  'transaction.state.log.num.partitions': int(
    50,
    'HIGH',
    'Partitions of the transaction topic. Fixed once it exists.',
    { min: 1, inert: NO_TRANSACTIONS },
  ),
  'transaction.state.log.replication.factor': short(3, 'HIGH', 'Replicas of the transaction topic.', {
    min: 1,
    inert: NO_TRANSACTIONS,
  }),
  'transaction.state.log.segment.bytes': int(
    104_857_600,
    'HIGH',
    'Size of a segment of the transaction topic.',
    { min: 1, inert: NO_TRANSACTIONS },
  ),
  'add.partitions.to.txn.retry.backoff.ms': int(20, 'HIGH', 'Pause before a partition is verified again.', {
    min: 1,
    inert: NO_TRANSACTIONS,
  }),
  'add.partitions.to.txn.retry.backoff.max.ms': int(
    100,
    'HIGH',
    'Longest time a partition is verified again and again.',
    { min: 0, inert: NO_TRANSACTIONS },
  ),
} satisfies SettingTable
