import { expect, test } from 'vitest'
import { BrokerConfig, InvalidSettings } from './broker-config.ts'
import type { SettingTable } from './setting.ts'
import { TOPIC_SETTINGS, TOPIC_SYNONYMS } from './tables.ts'
import { fromProperties } from './properties.ts'
import { SINGLE_NODE_PROFILE, fromAssignments, fromEnvironment, fromOptions } from './sources.ts'

const config = (options: Record<string, string | number | boolean> = {}): BrokerConfig =>
  new BrokerConfig([SINGLE_NODE_PROFILE, fromOptions(options)])

function problemsOf(options: Record<string, string | number | boolean>): readonly string[] {
  try {
    config(options)
  } catch (error) {
    if (error instanceof InvalidSettings) return error.problems
    throw error
  }
  return []
}

/** The settings of the single-node server.properties that Kafka ships, without its comments. */
const STOCK = `
process.roles=broker,controller
node.id=1
controller.quorum.bootstrap.servers=localhost:9093
listeners=PLAINTEXT://:9092,CONTROLLER://:9093
inter.broker.listener.name=PLAINTEXT
advertised.listeners=PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093
controller.listener.names=CONTROLLER
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT,SASL_SSL:SASL_SSL
num.network.threads=3
num.io.threads=8
socket.send.buffer.bytes=102400
socket.receive.buffer.bytes=102400
socket.request.max.bytes=104857600
log.dirs=/tmp/kraft-combined-logs
num.partitions=1
num.recovery.threads.per.data.dir=1
offsets.topic.replication.factor=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
log.retention.hours=168
log.segment.bytes=1073741824
log.retention.check.interval.ms=300000
`

test('Kafka’s own server.properties is taken as it is', () => {
  const stock = new BrokerConfig([fromProperties('server.properties', STOCK)])
  expect(stock.warnings).toEqual([])
  expect(stock.nodeId).toBe(1)
  expect(stock.listeners.client).toEqual([
    { name: 'PLAINTEXT', host: '', port: 9092, securityProtocol: 'PLAINTEXT' },
  ])
  expect(stock.listeners.controller.map(listener => listener.port)).toEqual([9093])
  expect(stock.listeners.advertised?.map(listener => listener.host)).toEqual(['localhost'])
  expect(stock.logDirs).toEqual(['/tmp/kraft-combined-logs'])
  const older = STOCK.replace('quorum.bootstrap.servers=localhost', 'quorum.voters=1@localhost')
  expect(() => new BrokerConfig([fromProperties('server.properties', older)])).not.toThrow()
})

test('a later source wins, also with another unit of the same setting', () => {
  const sources = [
    SINGLE_NODE_PROFILE,
    fromProperties('server.properties', 'num.partitions = 3\nlog.retention.ms=5000\nmessage.max.bytes: 10'),
    fromEnvironment({ KAFKA_NUM_PARTITIONS: '4', KAFKA_LOG_RETENTION_HOURS: '1', KAFKA_HEAP_OPTS: '-Xmx1G' }),
    fromAssignments(['num.partitions=5']),
  ]
  const merged = new BrokerConfig(sources)
  expect(merged.get('num.partitions')).toBe(5)
  expect(merged.get('message.max.bytes')).toBe(10)
  expect(merged.topicConfig().retentionMs).toBe(3_600_000)
  expect(merged.warnings).toEqual([])
})

test('every ill-typed, out-of-range or missing setting is named, all at once', () => {
  const problems = problemsOf({
    'num.partitions': 'many',
    'log.segment.bytes': 17,
    'compression.type': 'brotli',
  })
  expect(problems).toHaveLength(3)
  expect(problems.join('\n')).toMatch(/num\.partitions.*not a number of type INT/)
  expect(problems.join('\n')).toMatch(/log\.segment\.bytes: must be at least 1048576/)
  expect(problems.join('\n')).toMatch(/compression\.type: must be one of uncompressed, zstd/)
  expect(() => new BrokerConfig([])).toThrow(/node\.id is not set/)
})

test('passwords never reach a message', () => {
  expect(problemsOf({ 'num.partitions': 'hunter2' })[0]).toContain('hunter2')
  expect(config({ 'ssl.key.password': 'hunter2' }).shownValueOf('ssl.key.password')).toBe('hunter2')
})

test('an unknown key warns once and names the nearest one that exists', () => {
  const { warnings } = config({ 'num.partition': 1, 'log.retenton.ms': 1, 'something.else.entirely': 1 })
  expect(warnings).toEqual([
    'num.partition is not a setting; did you mean num.partitions?',
    'log.retenton.ms is not a setting; did you mean log.retention.ms?',
    'something.else.entirely is not a setting',
  ])
})

test('a node that was meant for another quorum is refused', () => {
  expect(problemsOf({ 'process.roles': 'broker' })[0]).toMatch(/joining a controller quorum is not built yet/)
  expect(problemsOf({ 'controller.quorum.voters': '1@a:9093,2@b:9093' })[0]).toMatch(/names 2@b:9093/)
  expect(problemsOf({ 'controller.quorum.bootstrap.servers': 'elsewhere:9093' })[0]).toMatch(/elsewhere:9093/)
  expect(problemsOf({ 'controller.quorum.voters': '1@localhost:9093' })).toEqual([])
  expect(problemsOf({ 'broker.id': 7 })[0]).toMatch(/broker\.id is 7, but node\.id is 1/)
})

test('each cleaner thread needs more than a mebibyte of the buffer, at start and later', () => {
  const buffer = 2 * 2 ** 20
  expect(problemsOf({ 'log.cleaner.dedupe.buffer.size': buffer, 'log.cleaner.threads': 2 })[0]).toMatch(
    /dedupe\.buffer\.size must be more than 1 MiB for each of 2/,
  )
  const one = config({ 'log.cleaner.dedupe.buffer.size': buffer })
  expect(() => one.checkTogetherWith(new Map([['log.cleaner.threads', '2']]))).toThrow(/for each of 2/)
  const two = config({ 'log.cleaner.dedupe.buffer.size': buffer + 2 })
  expect(() => two.checkTogetherWith(new Map([['log.cleaner.threads', '2']]))).not.toThrow()
})

test('Long.MAX_VALUE is no limit, and its text stays exact', () => {
  const { flushMessages, maxCompactionLagMs } = config().topicConfig()
  expect([flushMessages, maxCompactionLagMs]).toEqual([Infinity, Infinity])
  expect(config().shownValueOf('log.flush.interval.messages')).toBe('9223372036854775807')
  expect(config().shownValueOf('log.cleaner.io.max.bytes.per.second')).toBe('1.7976931348623157E308')
  expect(problemsOf({ 'log.flush.interval.messages': '9223372036854775808' })[0]).toMatch(
    /not a number of type LONG/,
  )
})

test('topic settings: overrides over broker settings over defaults, by the strongest unit', () => {
  const broker = config({ 'log.retention.hours': 2, 'log.roll.jitter.hours': 1, 'log.retention.minutes': -1 })
  expect(broker.topicConfig()).toMatchObject({
    retentionMs: -1,
    segmentJitterMs: 3_600_000,
    segmentBytes: 2 ** 30,
  })
  expect(broker.topicConfig({ 'retention.ms': '7', 'cleanup.policy': 'compact, delete' })).toMatchObject({
    retentionMs: 7,
    cleanupPolicy: { compact: true, delete: true },
  })
  expect(broker.topicConfig(new Map([['internal.segment.bytes', '1000']])).segmentBytes).toBe(1000)
  expect(broker.topicConfig({ 'retention.ms': 'soon', nonsense: '1' }).retentionMs).toBe(-1)
})

test('topics with the same overrides share one object, until a default changes', () => {
  const broker = config({})
  const before = broker.topicConfig(new Map([['retention.ms', '7']]))
  expect(broker.topicConfig({ 'retention.ms': '7' })).toBe(before)
  expect(broker.topicConfig({ 'retention.ms': '8' }).retentionMs).toBe(8)
  broker.update(new Map([['log.segment.bytes', '2000000']]), new Map())
  expect(before.segmentBytes).toBe(2 ** 30)
  expect(broker.topicConfig({ 'retention.ms': '7' })).toMatchObject({
    retentionMs: 7,
    segmentBytes: 2_000_000,
  })
})

test('dynamic settings: for this broker over for all brokers over static, and back again', () => {
  const broker = config({ 'log.retention.hours': 2 })
  const heard: string[][] = []
  broker.onTopicDefaultsChange(changed => heard.push([...changed].sort()))
  broker.update(new Map([['log.retention.ms', '1000']]), new Map())
  expect(broker.topicConfig().retentionMs).toBe(1000)
  broker.update(new Map([['log.retention.ms', '1000']]), new Map([['log.retention.ms', '9']]))
  expect(broker.topicConfig().retentionMs).toBe(9)
  broker.update(new Map(), new Map())
  expect(broker.topicConfig().retentionMs).toBe(2 * 3_600_000)
  expect(heard).toHaveLength(3)
  for (const changed of heard) expect(changed).toContain('log.retention.ms')
})

test('a weaker unit set dynamically beats a stronger one set at start', () => {
  const broker = config({ 'log.roll.ms': 5000 })
  broker.update(new Map([['log.roll.ms', '7000']]), new Map())
  expect(broker.topicConfig().segmentMs).toBe(7000)
  const other = config({ 'log.retention.ms': 5000 })
  other.update(new Map([['log.retention.ms', '1']]), new Map([['log.retention.ms', '-1']]))
  expect(other.topicConfig().retentionMs).toBe(-1)
})

test('only listeners of changed settings hear of a change', () => {
  const broker = config()
  let heard = 0
  const stop = broker.onChange(['max.connections'], () => heard++)
  broker.update(new Map([['log.segment.bytes', '2000000']]), new Map())
  expect(heard).toBe(0)
  broker.update(new Map([['max.connections', '9']]), new Map())
  broker.update(new Map([['max.connections', '9']]), new Map())
  expect([heard, broker.get('max.connections')]).toEqual([1, 9])
  stop()
  broker.update(new Map(), new Map())
  expect(heard).toBe(1)
})

test('dynamic entries that are read-only or not valid are left out and named', () => {
  const broker = config()
  const ignored = broker.update(
    new Map([
      ['node.id', '3'],
      ['max.connections', 'x'],
      ['max.connections.per.ip', '4'],
    ]),
    new Map(),
  )
  expect(ignored).toHaveLength(2)
  expect(broker.nodeId).toBe(1)
  expect(broker.get('max.connections.per.ip')).toBe(4)
})

test('a setting for one listener is a setting', () => {
  const own = config({ 'max.connections': 9, 'listener.name.plaintext.max.connections': 5 })
  expect(own.ofListener('PLAINTEXT', 'max.connections')).toBe(5)
  expect(own.ofListener('OTHER', 'max.connections')).toBe(9)
  expect(problemsOf({ 'max.connections.per.ip.overrides': '127.0.0.1:3, x' })[0]).toMatch(
    /x is not of the form/,
  )
  expect(config({ 'listener.name.plaintext.max.connections': 5 }).warnings).toEqual([])
  expect(problemsOf({ 'listener.name.plaintext.max.connections': 'x' })[0]).toMatch(
    /not a number of type INT/,
  )
})

test('every broker setting that is a default of topics reaches the logs, and so does the topic’s own', () => {
  const untouched = config()
  // JSON knows no Infinity.
  const exact = (_: string, value: unknown): unknown => (typeof value === 'number' ? String(value) : value)
  const defaults = JSON.stringify(untouched.topicConfig(), exact)
  const values: Record<string, string> = { BOOLEAN: 'true', INT: '8388608', LONG: '1234567', DOUBLE: '0.25' }
  const special: Record<string, string> = {
    'cleanup.policy': 'compact',
    'compression.type': 'zstd',
    'compression.gzip.level': '7',
    'compression.lz4.level': '7',
    'compression.zstd.level': '7',
    'message.timestamp.type': 'LogAppendTime',
    'local.retention.ms': '',
    'local.retention.bytes': '',
  }
  for (const [topicName, synonyms] of Object.entries(TOPIC_SYNONYMS)) {
    const setting = (TOPIC_SETTINGS as SettingTable)[topicName]!
    const value = special[topicName] ?? values[setting.type]!
    // Of no concern to a log: there is no remote tier yet.
    if (value === '') continue
    const own = JSON.stringify(untouched.topicConfig({ [topicName]: value }), exact)
    expect([topicName, own === defaults]).toEqual([topicName, false])
    const [[brokerName]] = synonyms as [[string]]
    const broker = config({ [brokerName]: value })
    expect([brokerName, JSON.stringify(broker.topicConfig(), exact)]).toEqual([brokerName, own])
  }
})
