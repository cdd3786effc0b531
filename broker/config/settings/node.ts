// The node itself: who it is, where it keeps its data, what it listens on.
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import { LONG_MAX, REQUIRED, bool, int, list, long, text, type SettingTable } from '../setting.ts'
import { NO_JAVA, NO_THREADS, ONE_NODE } from './inert.ts'

export const NODE = {
  'node.id': int(
    REQUIRED,
    'HIGH',
    'Id of this node. A data directory belongs to one id and refuses any other.',
    { min: 0, acts: 'compat-tests/cli/command.test.ts: node +7 of' },
  ),
  'broker.id': int(-1, 'HIGH', 'Old name of node.id. -1 means not set; when both are set they must agree.', {
    acts: "broker/config/broker-config.test.ts: 'broker.id': 7",
  }),
  'broker.rack': text(
    null,
    'MEDIUM',
    'Rack or zone of this broker, told to clients that want to read from a replica nearby.',
    { acts: 'broker/settings.test.ts: zone-a' },
  ),
  'process.roles': list(
    REQUIRED,
    'HIGH',
    'Parts Kafka may play in a process. Only broker,controller together is served: one node with its own controller.',
    {
      oneOf: ['broker', 'controller'],
      nonEmpty: true,
      acts: "broker/config/broker-config.test.ts: 'process.roles': 'broker'",
    },
  ),
  listeners: list(
    'PLAINTEXT://:9092',
    'HIGH',
    'Addresses to listen on, as NAME://host:port. No host means every interface, port 0 any free port. Those named by controller.listener.names serve what a controller is asked.',
    {
      nonEmpty: true,
      dynamic: 'per-broker',
      acts: 'compat-tests/cli/command.test.ts: listeners=PLAINTEXT://127.0.0.1:0',
    },
  ),
  'advertised.listeners': list(
    null,
    'HIGH',
    'Addresses told to clients when they differ from what this broker listens on: behind a mapped port, say. Left out, each client is told the address through which it came.',
    { nonEmpty: true, acts: 'broker/settings.test.ts: advertised.listeners is where clients are sent' },
  ),
  'listener.security.protocol.map': text(
    'SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT',
    'LOW',
    'Security protocol of each listener name, as NAME:PROTOCOL.',
    {
      dynamic: 'per-broker',
      acts: 'broker/config/listeners.test.ts: a custom name takes its protocol from the map',
    },
  ),
  'early.start.listeners': list(
    null,
    'HIGH',
    'Listeners that open before the broker has finished starting.',
    { inert: 'listeners open together, after recovery' },
  ),
  'inter.broker.listener.name': text(null, 'MEDIUM', 'Listener that brokers use among themselves.', {
    inert: ONE_NODE,
  }),
  'security.inter.broker.protocol': text(
    'PLAINTEXT',
    'MEDIUM',
    'Security protocol brokers use among themselves, when no listener is named for it.',
    { oneOf: ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'], inert: ONE_NODE },
  ),
  'log.dir': list('/tmp/kafka-logs', 'HIGH', 'Directory for data, when log.dirs is not set.', {
    nonEmpty: true,
    acts: 'broker/settings.test.ts: log.dir, log.dirs and metadata.log.dir',
  }),
  'log.dirs': list(
    null,
    'HIGH',
    'Directories for data, comma-separated. One that fails goes offline while the others serve on.',
    { nonEmpty: true, acts: 'storage/log-manager.test.ts: a new log goes to the directory with the fewest' },
  ),
  'metadata.log.dir': text(
    null,
    'HIGH',
    'Directory of the metadata log; the first of log.dirs when not set.',
    { acts: 'broker/settings.test.ts: log.dir, log.dirs and metadata.log.dir' },
  ),
  'cordoned.log.dirs': list('', 'MEDIUM', 'Log directories that take no new partitions.', {
    dynamic: 'per-broker',
    inert: 'directories are not cordoned yet',
  }),
  'config.providers': list('', 'LOW', 'Java classes that fetch values from elsewhere.', {
    dynamic: 'cluster-wide',
    inert: NO_JAVA,
  }),
  'background.threads': int(10, 'HIGH', 'Threads for background work.', {
    min: 1,
    dynamic: 'cluster-wide',
    inert: NO_THREADS,
  }),
  'num.io.threads': int(8, 'HIGH', 'Threads that handle requests.', {
    min: 1,
    dynamic: 'cluster-wide',
    inert: NO_THREADS,
  }),
  'num.network.threads': int(3, 'HIGH', 'Threads that read and write sockets.', {
    min: 1,
    dynamic: 'cluster-wide',
    inert: NO_THREADS,
  }),
  'num.recovery.threads.per.data.dir': int(2, 'HIGH', 'Threads that recover each data directory at start.', {
    min: 1,
    dynamic: 'cluster-wide',
    inert: NO_THREADS,
  }),
  'initial.broker.registration.timeout.ms': int(
    60000,
    'MEDIUM',
    'How long a start may wait to be registered by the controller.',
    { inert: 'the controller lives in this process' },
  ),
  'server.max.startup.time.ms': long(LONG_MAX, 'MEDIUM', 'Longest time a start may take.', {
    min: 0,
    internal: true,
    inert: 'a start never waits for another node',
  }),
  'unstable.api.versions.enable': bool(false, 'HIGH', 'Also offer API versions that may still change.', {
    internal: true,
    inert: 'unstable versions are never shown',
  }),
  'unstable.feature.versions.enable': bool(
    false,
    'HIGH',
    'Also allow feature levels that may still change.',
    { internal: true, inert: 'unstable features are never enabled' },
  ),
  'auto.leader.rebalance.enable': bool(
    true,
    'HIGH',
    'Move leadership back to the preferred replica from time to time.',
    { inert: ONE_NODE },
  ),
  'leader.imbalance.check.interval.seconds': long(
    300,
    'HIGH',
    'How often the preferred leaders are looked at.',
    { min: 1, inert: ONE_NODE },
  ),
  'controlled.shutdown.enable': bool(true, 'MEDIUM', 'Hand over leadership before stopping.', {
    inert: ONE_NODE,
  }),
  'request.timeout.ms': int(30000, 'HIGH', 'How long to wait for the answer of another node.', {
    inert: ONE_NODE,
  }),
  'broker.heartbeat.interval.ms': int(2000, 'MEDIUM', 'Time between heartbeats to the controller.', {
    inert: 'the controller lives in this process',
  }),
  'broker.session.timeout.ms': int(
    9000,
    'MEDIUM',
    'Time without a heartbeat after which the controller fences a broker.',
    { inert: 'the controller lives in this process' },
  ),
} satisfies SettingTable
