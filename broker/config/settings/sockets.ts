// Connections and requests.
// Names, types, defaults, ranges and scopes are facts of the reference (checked against fixtures/kafka-settings.json);
// what each one means is said in our own words.
import { connectionOverrides } from '../checks.ts'
import { int, long, text, type SettingTable } from '../setting.ts'
import { NODE_DECIDES, NOTHING_TO_PURGE, NO_SECURITY, ONE_NODE } from './inert.ts'

export const SOCKETS = {
  'socket.listen.backlog.size': int(
    50,
    'MEDIUM',
    'Connections the operating system may queue before they are accepted.',
    { min: 1, acts: 'broker/net/listener.test.ts: backlog' },
  ),
  'socket.receive.buffer.bytes': int(
    102_400,
    'HIGH',
    "Size of a socket's receive buffer; -1 leaves it to the operating system.",
    { inert: NODE_DECIDES },
  ),
  'socket.send.buffer.bytes': int(
    102_400,
    'HIGH',
    "Size of a socket's send buffer; -1 leaves it to the operating system.",
    { inert: NODE_DECIDES },
  ),
  'socket.request.max.bytes': int(
    104_857_600,
    'HIGH',
    'Largest request accepted. A connection that announces more is closed.',
    { min: 1, acts: 'broker/settings.test.ts: socket.request.max.bytes closes' },
  ),
  'socket.connection.setup.timeout.ms': long(
    10000,
    'MEDIUM',
    'How long to wait for a connection to another node.',
    { inert: ONE_NODE },
  ),
  'socket.connection.setup.timeout.max.ms': long(
    30000,
    'MEDIUM',
    'Upper bound of that wait when it grows with failures.',
    { inert: ONE_NODE },
  ),
  'connections.max.idle.ms': long(
    600_000,
    'MEDIUM',
    'A connection without a request for this long is closed.',
    { acts: 'broker/net/listener.test.ts: connections.max.idle.ms' },
  ),
  'connections.max.reauth.ms': long(
    0,
    'MEDIUM',
    'Longest life of an authentication before the client must renew it; 0 for no limit.',
    { inert: NO_SECURITY },
  ),
  'connection.failed.authentication.delay.ms': int(
    100,
    'LOW',
    'Pause before a failed authentication is answered.',
    { min: 0, inert: NO_SECURITY },
  ),
  'max.connections': int(
    2_147_483_647,
    'MEDIUM',
    'Connections this broker accepts at most, over all listeners; further ones are closed. Listeners can have their own limit: listener.name.<name>.max.connections.',
    {
      min: 0,
      dynamic: 'cluster-wide',
      acts: 'broker/net/listener.test.ts: max.connections counts all listeners',
    },
  ),
  'max.connections.per.ip': int(2_147_483_647, 'MEDIUM', 'Connections accepted from one address at most.', {
    min: 0,
    dynamic: 'cluster-wide',
    acts: 'broker/net/listener.test.ts: max.connections.per.ip',
  }),
  'max.connections.per.ip.overrides': text(
    '',
    'MEDIUM',
    'Limits for single addresses, as host:limit, comma-separated.',
    {
      dynamic: 'cluster-wide',
      check: connectionOverrides,
      acts: 'broker/settings.test.ts: max.connections.per.ip.overrides',
    },
  ),
  'max.connection.creation.rate': int(
    2_147_483_647,
    'MEDIUM',
    'New connections per second at most; faster ones wait.',
    { min: 0, dynamic: 'cluster-wide', inert: 'new connections are not slowed down yet' },
  ),
  'queued.max.requests': int(500, 'HIGH', 'Requests in work at most before sockets are no longer read.', {
    min: 1,
    inert: 'bytes are bounded (queued.max.request.bytes), and each connection’s requests',
  }),
  'queued.max.request.bytes': long(
    -1,
    'MEDIUM',
    'Bytes of requests in memory at most before sockets are no longer read; -1 for the built-in bound.',
    { acts: 'broker/net/connection.test.ts: the memory gate holds other connections back' },
  ),
  'max.request.partition.size.limit': int(
    2000,
    'MEDIUM',
    'Partitions in one answer of DescribeTopicPartitions at most.',
    { min: 1, acts: 'broker/handlers/metadata.test.ts: DescribeTopicPartitions pages with a cursor' },
  ),
  'max.incremental.fetch.session.cache.slots': int(
    1000,
    'MEDIUM',
    'Incremental fetch sessions kept at most.',
    { min: 0, acts: 'broker/partitions/fetch-sessions.test.ts: no slot: a full fetch' },
  ),
  'fetch.max.bytes': int(
    57_671_680,
    'MEDIUM',
    'Most bytes in the answer to a fetch. The first batch is sent even when it is larger.',
    { min: 1024, acts: 'broker/settings.test.ts: fetch.max.bytes' },
  ),
  'fetch.purgatory.purge.interval.requests': int(
    1000,
    'MEDIUM',
    'Requests between clean-ups of waiting fetches.',
    { inert: NOTHING_TO_PURGE },
  ),
  'producer.purgatory.purge.interval.requests': int(
    1000,
    'MEDIUM',
    'Requests between clean-ups of waiting produce requests.',
    { inert: NOTHING_TO_PURGE },
  ),
  'delete.records.purgatory.purge.interval.requests': int(
    1,
    'MEDIUM',
    'Requests between clean-ups of waiting delete-records requests.',
    { inert: NOTHING_TO_PURGE },
  ),
  'share.fetch.purgatory.purge.interval.requests': int(
    1000,
    'MEDIUM',
    'Requests between clean-ups of waiting share fetches.',
    { inert: NOTHING_TO_PURGE },
  ),
  'telemetry.max.bytes': int(1_048_576, 'LOW', 'Largest metrics push accepted from a client.', {
    min: 1,
    inert: 'client telemetry is not collected yet',
  }),
} satisfies SettingTable
