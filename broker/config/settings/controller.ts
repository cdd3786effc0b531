// The controller and its metadata log.
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import { REQUIRED, bool, int, list, long, type SettingTable } from '../setting.ts'
import { bootstrapServers, quorumVoters } from '../checks.ts'
import { QUORUM_OF_ONE } from './inert.ts'

export const CONTROLLER = {
  'controller.listener.names': list(
    REQUIRED,
    'HIGH',
    'Listeners that serve what a controller is asked: by tools with --bootstrap-controller, by admins with bootstrap.controllers. Unlike in Kafka none of them need be among the listeners.',
    {
      nonEmpty: true,
      acts: 'broker/controller-listener.test.ts: ApiVersions names what a controller is asked',
    },
  ),
  'controller.quorum.voters': list(
    '',
    'HIGH',
    'Controllers of the quorum, as id@host:port. Only this very node is accepted.',
    {
      check: quorumVoters,
      acts: 'broker/config/broker-config.test.ts: a node that was meant for another quorum is refused',
    },
  ),
  'controller.quorum.bootstrap.servers': list(
    '',
    'HIGH',
    'Where to find the quorum, as host:port. Only listeners of this very node are accepted.',
    {
      check: bootstrapServers,
      acts: 'broker/config/broker-config.test.ts: a node that was meant for another quorum is refused',
    },
  ),
  'controller.quorum.append.linger.ms': int(
    25,
    'MEDIUM',
    'How long the leader gathers records before it flushes them.',
    { min: 0, inert: QUORUM_OF_ONE },
  ),
  'controller.quorum.auto.join.enable': bool(false, 'LOW', 'Join the quorum as a voter by oneself.', {
    inert: QUORUM_OF_ONE,
  }),
  'controller.quorum.election.backoff.max.ms': int(1000, 'HIGH', 'Longest pause between elections.', {
    min: 0,
    inert: QUORUM_OF_ONE,
  }),
  'controller.quorum.election.timeout.ms': int(1000, 'HIGH', 'How long a candidate waits for votes.', {
    min: 0,
    inert: QUORUM_OF_ONE,
  }),
  'controller.quorum.fetch.max.bytes': int(1_048_576, 'LOW', 'Bytes of the metadata log to fetch at once.', {
    min: 1,
    inert: QUORUM_OF_ONE,
  }),
  'controller.quorum.fetch.snapshot.max.bytes': int(
    1_048_576,
    'LOW',
    'Bytes of a snapshot to fetch at once.',
    { min: 1, inert: QUORUM_OF_ONE },
  ),
  'controller.quorum.fetch.timeout.ms': int(
    2000,
    'HIGH',
    'Time without the leader after which an election begins.',
    { min: 0, inert: QUORUM_OF_ONE },
  ),
  'controller.quorum.request.timeout.ms': int(
    2000,
    'MEDIUM',
    "How long to wait for another controller's answer.",
    { min: 0, inert: QUORUM_OF_ONE },
  ),
  'controller.quorum.retry.backoff.ms': int(20, 'LOW', 'Pause before a failed request is repeated.', {
    min: 0,
    inert: QUORUM_OF_ONE,
  }),
  'controller.socket.timeout.ms': int(30000, 'MEDIUM', 'How long to wait on a socket to a controller.', {
    inert: QUORUM_OF_ONE,
  }),
  'controller.performance.always.log.threshold.ms': long(
    2000,
    'MEDIUM',
    'Controller events slower than this are always logged.',
    { min: 0, internal: true, inert: QUORUM_OF_ONE },
  ),
  'controller.performance.sample.period.ms': long(
    60000,
    'MEDIUM',
    'How often slow controller events are summed up.',
    { min: 100, internal: true, inert: QUORUM_OF_ONE },
  ),
  'metadata.log.max.record.bytes.between.snapshots': long(
    20_971_520,
    'HIGH',
    'Bytes of metadata records after which a snapshot is written.',
    { min: 1, acts: 'broker/raft/kafka-metadata-log.test.ts: snapshots are written, loaded' },
  ),
  'metadata.log.max.snapshot.interval.ms': long(
    3_600_000,
    'HIGH',
    'Longest time between two snapshots of changed metadata; 0 for no limit.',
    { min: 0, acts: 'broker/settings.test.ts: metadata.log.max.snapshot.interval.ms' },
  ),
  'metadata.log.segment.bytes': int(1_073_741_824, 'HIGH', 'Size of a segment of the metadata log.', {
    min: 8_388_608,
    acts: 'broker/raft/kafka-metadata-log.test.ts: snapshots are written, loaded',
  }),
  'metadata.log.segment.ms': long(
    604_800_000,
    'HIGH',
    'Age at which a segment of the metadata log is closed.',
    { acts: 'storage/log.test.ts: by time: record timestamps' },
  ),
  'metadata.max.idle.interval.ms': int(
    500,
    'LOW',
    'How often an idle controller writes a no-op record; 0 for never.',
    { min: 0, inert: 'an idle controller writes nothing' },
  ),
  'metadata.max.retention.bytes': long(
    104_857_600,
    'HIGH',
    'Size of metadata log and snapshots above which old ones are deleted.',
    { acts: 'broker/raft/kafka-metadata-log.test.ts: snapshots are written, loaded' },
  ),
  'metadata.max.retention.ms': long(
    604_800_000,
    'HIGH',
    'Age at which old metadata log segments and snapshots are deleted.',
    { acts: 'broker/settings.test.ts: metadata.max.retention.ms' },
  ),
  'internal.metadata.delete.delay.millis': long(
    60000,
    'LOW',
    'How long deleted files of the metadata log stay on disk.',
    { internal: true, inert: 'a hook of Kafka’s own tests' },
  ),
  'internal.metadata.log.segment.bytes': int(
    null,
    'LOW',
    'Size of a segment of the metadata log, without a lower bound. For tests.',
    { internal: true, inert: 'a hook of Kafka’s own tests' },
  ),
  'internal.metadata.max.batch.size.in.bytes': int(
    8_388_608,
    'LOW',
    'Largest batch of the metadata log. For tests.',
    { internal: true, inert: 'a hook of Kafka’s own tests' },
  ),
} satisfies SettingTable
