// The four handlers of settings together, on a hand-made image, with a controller that notes what reaches it.
import { expect, test } from 'vitest'
import { alterOnBroker } from '../config/altering.ts'
import { SINGLE_NODE_PROFILE, fromOptions } from '../config/sources.ts'
import { BrokerConfig } from '../config/broker-config.ts'
import { BrokerConfigSchema } from '../config/config-schema.ts'
import { Loggers } from '../logging/loggers.ts'
import {
  type BrokerRegistration,
  ConfigResourceType,
  EMPTY_IMAGE,
  type MetadataImage,
  configKey,
} from '../metadata/image.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { Controller } from '../ports/controller.ts'
import { FREE_TICKET, type RequestContext } from '../ports/request-context.ts'
import { allowAll } from '../security/allow-all.ts'
import { DescribeConfigs } from '../../protocol/apis/32-describe-configs.ts'
import { IncrementalAlterConfigs } from '../../protocol/apis/44-incremental-alter-configs.ts'
import { AlterConfigs } from '../../protocol/apis/33-alter-configs.ts'
import { ListConfigResources } from '../../protocol/apis/74-list-config-resources.ts'
import describeConfigs from './32-describe-configs.ts'
import alterConfigs from './33-alter-configs.ts'
import incrementalAlterConfigs from './44-incremental-alter-configs.ts'
import listConfigResources from './74-list-config-resources.ts'

const { TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP } = ConfigResourceType
const [SET, DELETE, APPEND] = [0, 1, 2]

const context = { principal: { type: 'User', name: 'ANONYMOUS' }, ticket: FREE_TICKET } as RequestContext

function imageWith(configs: [type: number, name: string, entries: Record<string, string>][]): MetadataImage {
  const topic = { name: 'orders', id: 'AAAAAAAAAAAAAAAAAAAAAQ', partitions: new Map() }
  const brokers = new Map([[1, { id: 1, fenced: false } as BrokerRegistration]])
  return {
    ...EMPTY_IMAGE,
    topics: { byId: new Map([[topic.id, topic]]), byName: new Map([['orders', topic]]) },
    cluster: { ...EMPTY_IMAGE.cluster, brokers },
    configs: new Map(
      configs.map(([resourceType, resourceName, entries]) => [
        configKey(resourceType, resourceName),
        { resourceType, resourceName, entries: new Map(Object.entries(entries)) },
      ]),
    ),
  }
}

function setUp(
  options: Record<string, string> = {},
  configs: Parameters<typeof imageWith>[0] = [],
  authorizer: Authorizer = allowAll,
) {
  const config = new BrokerConfig([SINGLE_NODE_PROFILE, fromOptions(options)])
  const image = imageWith(configs)
  const loggers = new Loggers()
  loggers.get('odradek.net')
  const asked: object[] = []
  const answer = async (resources: readonly { resourceType: number; resourceName: string }[]) => {
    asked.push(...resources)
    return resources.map(({ resourceType, resourceName }) => ({
      resourceType,
      resourceName,
      errorCode: 0,
      errorMessage: null,
    }))
  }
  const controller = { alterConfigs: answer, incrementalAlterConfigs: answer } as unknown as Controller
  const metadata = { current: () => image }
  const alterResources = alterOnBroker({ config, loggers, metadata, authorizer })
  return { config, loggers, metadata, authorizer, controller, alterResources, asked }
}

async function describe(
  needs: ReturnType<typeof setUp>,
  resourceType: number,
  resourceName: string,
  configurationKeys: string[] | null = null,
) {
  const request = DescribeConfigs.request.create({
    resources: [{ resourceType, resourceName, configurationKeys }],
    includeSynonyms: true,
    includeDocumentation: true,
  })
  const response = await describeConfigs.bind(needs)(request, context, { sources: true, documentation: true })
  return response!.results[0]!
}

test('a topic setting says where it comes from and what else could set it', async () => {
  const needs = setUp({ 'log.retention.ms': '5000', 'log.segment.bytes': '2000000' }, [
    [TOPIC, 'orders', { 'retention.ms': '77' }],
  ])
  const { errorCode, configs } = await describe(needs, TOPIC, 'orders', [
    'retention.ms',
    'segment.bytes',
    'flush.ms',
  ])
  expect(errorCode).toBe(0)
  expect(
    configs.map(({ documentation, ...row }) => ({ ...row, documented: documentation !== null })),
  ).toMatchObject([
    {
      name: 'flush.ms',
      value: '9223372036854775807',
      readOnly: false,
      configSource: 5,
      isSensitive: false,
      synonyms: [],
      configType: 5,
      documented: true,
    },
    {
      name: 'retention.ms',
      value: '77',
      readOnly: false,
      configSource: 1,
      isSensitive: false,
      synonyms: [
        { name: 'retention.ms', value: '77', source: 1 },
        { name: 'log.retention.ms', value: '5000', source: 4 },
        { name: 'log.retention.hours', value: '168', source: 5 },
      ],
      configType: 5,
      documented: true,
    },
    {
      name: 'segment.bytes',
      value: '2000000',
      readOnly: false,
      configSource: 4,
      isSensitive: false,
      synonyms: [
        { name: 'log.segment.bytes', value: '2000000', source: 4 },
        { name: 'log.segment.bytes', value: '1073741824', source: 5 },
      ],
      configType: 3,
      documented: true,
    },
  ])
})

test('a broker shows everything but internal settings; passwords and unknown keys stay hidden', async () => {
  const internal = { 'log.initial.task.delay.ms': '7' }
  const needs = setUp({ 'ssl.key.password': 'hunter2', 'my.plugin.key': 'x', ...internal })
  needs.config.update(new Map([['max.connections', '5']]), new Map([['max.connections', '6']]))
  const { configs } = await describe(needs, BROKER, '1')
  const row = (name: string) => configs.find(config => config.name === name)
  expect(row('ssl.key.password')).toMatchObject({
    value: null,
    isSensitive: true,
    configSource: 4,
    configType: 9,
  })
  expect(row('my.plugin.key')).toMatchObject({ value: null, isSensitive: true, configType: 0 })
  expect(row('node.id')).toMatchObject({ value: '1', readOnly: true, configSource: 4 })
  expect(row('max.connections')).toMatchObject({ value: '6', readOnly: false, configSource: 2 })
  expect(row('unstable.api.versions.enable')).toBeUndefined()
  // Unless somebody has set them.
  expect(row('log.initial.task.delay.ms')).toMatchObject({ value: '7', configSource: 4 })
  expect(JSON.stringify(configs).includes('hunter2')).toBe(false)
  const defaults = await describe(needs, BROKER, '')
  expect(defaults.configs).toMatchObject([{ name: 'max.connections', value: '5', configSource: 3 }])
})

// ConfigCommandIntegrationTest.testUpdateInvalidBrokerConfigs
test('a key that nobody knows is shown where it was set, as a secret', async () => {
  const needs = setUp()
  expect(needs.config.update(new Map([['plugin.key', '2']]), new Map([['plugin.other', '3']]))).toEqual([])
  const secret = { value: null, isSensitive: true }
  expect((await describe(needs, BROKER, '')).configs).toMatchObject([
    { name: 'plugin.key', configSource: 3, ...secret },
  ])
  const ofThis = (await describe(needs, BROKER, '1')).configs.filter(({ name }) => name.startsWith('plugin.'))
  expect(ofThis).toMatchObject([
    { name: 'plugin.key', configSource: 3, ...secret },
    { name: 'plugin.other', configSource: 2, ...secret },
  ])
})

test('groups, client metrics and loggers', async () => {
  const needs = setUp({}, [
    [GROUP, 'g', { 'consumer.session.timeout.ms': '46000' }],
    [CLIENT_METRICS, 'm', { 'interval.ms': '1000' }],
  ])
  const group = await describe(needs, GROUP, 'g', [
    'consumer.session.timeout.ms',
    'consumer.heartbeat.interval.ms',
  ])
  expect(group.configs.map(row => [row.name, row.value, row.configSource])).toEqual([
    ['consumer.heartbeat.interval.ms', '5000', 5],
    ['consumer.session.timeout.ms', '46000', 8],
  ])
  expect(group.configs.map(row => row.synonyms.map(({ name }) => name))).toEqual([
    ['group.consumer.heartbeat.interval.ms'],
    ['consumer.session.timeout.ms', 'group.consumer.session.timeout.ms'],
  ])
  expect((await describe(needs, CLIENT_METRICS, 'm')).configs).toMatchObject([
    { name: 'interval.ms', value: '1000', configSource: 7 },
    { name: 'match', value: '', configSource: 5 },
    { name: 'metrics', value: '', configSource: 5 },
  ])
  expect((await describe(needs, BROKER_LOGGER, '1')).configs.map(row => [row.name, row.value])).toEqual([
    ['root', 'INFO'],
    ['odradek.net', 'INFO'],
  ])
})

test.each([
  [TOPIC, 'nobody', 3],
  [TOPIC, 'a/b', 17],
  [BROKER, '2', 42],
  [BROKER, 'one', 42],
  [BROKER_LOGGER, '', 42],
  [CLIENT_METRICS, '', 42],
  [GROUP, '', 42],
])('describing resource %i named "%s" answers %i', async (type, name, errorCode) => {
  expect(await describe(setUp(), type, name)).toMatchObject({ errorCode, configs: [] })
})

test('a resource type nobody knows fails the whole request', async () => {
  await expect(async () => describe(setUp(), 3, 'x')).rejects.toThrow(/Unexpected resource type 3/)
})

test('who may not describe is told so, after the others', async () => {
  const authorizer: Authorizer = { ...allowAll, authorize: (_c, _o, type) => type !== 'CLUSTER' }
  const needs = setUp({}, [], authorizer)
  const request = DescribeConfigs.request.create({
    resources: [
      { resourceType: BROKER, resourceName: '1', configurationKeys: null },
      { resourceType: TOPIC, resourceName: 'orders', configurationKeys: [] },
    ],
  })
  const response = await describeConfigs.bind(needs)(request, context, { sources: true, documentation: true })
  expect(response!.results.map(row => [row.resourceType, row.errorCode])).toEqual([
    [TOPIC, 0],
    [BROKER, 31],
  ])
})

type Change = { name: string; configOperation: number; value: string | null }

async function incremental(
  needs: ReturnType<typeof setUp>,
  resources: [resourceType: number, resourceName: string, configs: Change[]][],
  validateOnly = false,
) {
  const request = IncrementalAlterConfigs.request.create({
    resources: resources.map(([resourceType, resourceName, configs]) => ({
      resourceType,
      resourceName,
      configs,
    })),
    validateOnly,
  })
  const response = await incrementalAlterConfigs.bind(needs)(request, context, {})
  return response!.responses
}

test('what a broker may not change is refused here; the rest goes to the controller', async () => {
  const needs = setUp()
  const rows = await incremental(needs, [
    [BROKER, '1', [{ name: 'log.segment.bytes', configOperation: SET, value: '2000000' }]],
    [BROKER, '', [{ name: 'listeners', configOperation: SET, value: 'PLAINTEXT://:1' }]],
    [TOPIC, 'orders', [{ name: 'retention.ms', configOperation: SET, value: '1' }]],
    [BROKER, '7', [{ name: 'max.connections', configOperation: SET, value: '2' }]],
  ])
  expect(rows.map(row => row.errorCode)).toEqual([0, 42, 0, 42])
  expect(rows[1]!.errorMessage).toMatch(/default cluster level/)
  expect(needs.asked).toHaveLength(2)
})

test.each<[string, number, string, Change[], number, RegExp]>([
  [
    'read-only',
    BROKER,
    '1',
    [{ name: 'node.id', configOperation: SET, value: '2' }],
    42,
    /Cannot update these configs dynamically: \[node.id\]/,
  ],
  [
    'bare TLS',
    BROKER,
    '1',
    [{ name: 'ssl.keystore.type', configOperation: SET, value: 'PEM' }],
    42,
    /only per-listener/,
  ],
  [
    'ill-typed',
    BROKER,
    '',
    [{ name: 'max.connections', configOperation: SET, value: 'x' }],
    42,
    /not a number/,
  ],
  [
    'append to a number',
    BROKER,
    '',
    [{ name: 'max.connections', configOperation: APPEND, value: '1' }],
    40,
    /append is not allowed/,
  ],
  [
    'null',
    TOPIC,
    'orders',
    [{ name: 'retention.ms', configOperation: SET, value: null }],
    42,
    /Null value not supported for : retention.ms/,
  ],
  [
    'twice',
    TOPIC,
    'orders',
    [
      { name: 'a', configOperation: SET, value: '1' },
      { name: 'a', configOperation: DELETE, value: null },
    ],
    42,
    /duplicate config keys/,
  ],
  ['unknown type', 3, 'x', [], 42, /Unknown resource type 3/],
  [
    'no threads',
    BROKER,
    '',
    [{ name: 'log.cleaner.threads', configOperation: SET, value: '0' }],
    42,
    /may change to 1\.\.2/,
  ],
  [
    'too many threads at once',
    BROKER,
    '1',
    [{ name: 'background.threads', configOperation: SET, value: '21' }],
    42,
    /may change to 5\.\.20/,
  ],
  [
    'unknown logger',
    BROKER_LOGGER,
    '1',
    [{ name: 'nope', configOperation: SET, value: 'INFO' }],
    40,
    /does not exist/,
  ],
  [
    'bad level',
    BROKER_LOGGER,
    '1',
    [{ name: 'root', configOperation: SET, value: 'LOUD' }],
    40,
    /none of TRACE/,
  ],
  [
    'root unset',
    BROKER_LOGGER,
    '1',
    [{ name: 'root', configOperation: DELETE, value: null }],
    42,
    /root logger is not allowed/,
  ],
])('%s', async (_, type, name, configs, errorCode, message) => {
  const needs = setUp()
  const [row] = await incremental(needs, [[type, name, configs]])
  expect(row).toMatchObject({ errorCode, errorMessage: expect.stringMatching(message) })
  expect(needs.asked).toEqual([])
})

// Kafka's controller finds these, and calls them invalid settings, not invalid requests (ClientTelemetryTest.testIntervalMsParser).
test.each([
  ['interval.ms', 'bbb', /not a number/],
  ['interval.ms', '9999999999', /not a number/],
  ['match', 'shoe_size=9', /Illegal client matching pattern/],
])(
  'a client metrics subscription with %s=%s is left to the controller, which refuses it',
  async (name, value, message) => {
    const needs = setUp()
    const [row] = await incremental(needs, [[CLIENT_METRICS, 'm', [{ name, configOperation: SET, value }]]])
    expect(row).toMatchObject({ errorCode: 0 })
    expect(needs.asked).toHaveLength(1)
    const resource = { resourceType: CLIENT_METRICS, resourceName: 'm' }
    const problem = new BrokerConfigSchema(needs.config).validate(resource, new Map([[name, value]]))
    expect(problem?.message).toMatch(message)
  },
)

test('the level of a logger changes at once, unless only validated', async () => {
  const needs = setUp()
  const change = [{ name: 'odradek.net', configOperation: SET, value: 'DEBUG' }]
  await incremental(needs, [[BROKER_LOGGER, '1', change]], true)
  expect(needs.loggers.levels().get('odradek.net')).toBe('INFO')
  const [row] = await incremental(needs, [[BROKER_LOGGER, '1', change]])
  expect([row!.errorCode, needs.loggers.levels().get('odradek.net')]).toEqual([0, 'DEBUG'])
  await incremental(needs, [
    [BROKER_LOGGER, '1', [{ name: 'odradek.net', configOperation: DELETE, value: null }]],
  ])
  expect(needs.loggers.levels().get('odradek.net')).toBe('INFO')
})

test('the old call goes the same way and knows no loggers', async () => {
  const needs = setUp()
  const request = AlterConfigs.request.create({
    resources: [
      { resourceType: BROKER_LOGGER, resourceName: '1', configs: [{ name: 'root', value: 'INFO' }] },
      { resourceType: TOPIC, resourceName: 'orders', configs: [{ name: 'retention.ms', value: '1' }] },
      { resourceType: BROKER, resourceName: '1', configs: [{ name: 'log.dirs', value: '/x' }] },
    ],
  })
  const response = await alterConfigs.bind(needs)(request, context, {})
  expect(response!.responses.map(row => row.errorCode)).toEqual([42, 0, 42])
})

test('resources with settings are listed by type; the elder asks for client metrics alone', async () => {
  const needs = setUp({}, [
    [GROUP, 'g', { 'consumer.session.timeout.ms': '46000' }],
    [CLIENT_METRICS, 'm', { 'interval.ms': '1000' }],
  ])
  const list = async (resourceTypes: number[], facts = { resourceTypes: true }) => {
    const request = ListConfigResources.request.create({ resourceTypes })
    const response = await listConfigResources.bind(needs)(request, context, facts)
    return response!.configResources.map(row => `${row.resourceType} ${row.resourceName}`)
  }
  expect(await list([])).toEqual(['32 g', '16 m', '8 1', '4 1', '2 orders'])
  expect(await list([TOPIC, GROUP])).toEqual(['32 g', '2 orders'])
  expect(await list([], { resourceTypes: false })).toEqual(['16 m'])
  await expect(list([99])).rejects.toThrow()
})

test.each([
  [{ nonsense: '1', 'interval.ms': 'x' }, 'INVALID_REQUEST'],
  [{ 'interval.ms': 'x' }, 'INVALID_CONFIG'],
  [{ 'interval.ms': '99' }, 'INVALID_REQUEST'],
  [{ 'interval.ms': '100', metrics: '*' }, undefined],
  [{ match: 'shoe_size=9' }, 'INVALID_CONFIG'],
  [{ match: 'client_id' }, 'INVALID_CONFIG'],
  [{ match: 'client_id=' }, 'INVALID_CONFIG'],
  [{ match: 'client_id=a=b' }, 'INVALID_CONFIG'],
  [{ match: 'client_id=a(' }, 'INVALID_CONFIG'],
  [{ match: 'client_id=(?i)a.*+, client_software_name = x=' }, undefined],
])('a client metrics subscription with %j', (entries, error) => {
  const schema = new BrokerConfigSchema(setUp().config)
  const resource = { resourceType: CLIENT_METRICS, resourceName: 'm' }
  expect(schema.validate(resource, new Map(Object.entries(entries)))?.error.name).toBe(error)
})

test('the controller learns what a topic or group may have', () => {
  const schema = new BrokerConfigSchema(setUp({ 'log.retention.ms': '9' }).config)
  const said = (resourceType: number, resourceName: string, entries: Record<string, string>) =>
    schema.validate({ resourceType, resourceName }, new Map(Object.entries(entries)))
  const topic = (entries: Record<string, string>) => said(TOPIC, 'orders', entries)?.message ?? null
  expect(topic({ 'retention.ms': '1', 'cleanup.policy': 'compact' })).toBeNull()
  expect(topic({ 'retention.mss': '1' })).toBe('Unknown topic config name: retention.mss')
  // What every JavaScript object has is no setting.
  for (const name of ['constructor', 'toString', '__proto__', 'hasOwnProperty'])
    expect(topic({ [name]: '1' }), name).toBe(`Unknown topic config name: ${name}`)
  expect(topic({ 'cleanup.policy': 'shred' })).toMatch(/must be among/)
  expect(topic({ 'min.compaction.lag.ms': '2', 'max.compaction.lag.ms': '1' })).toMatch(/must not be greater/)
  expect(topic({ 'remote.storage.enable': 'true' })).toMatch(/tiered storage/)
  const group = (entries: Record<string, string>) => said(GROUP, 'g', entries)?.message ?? null
  expect(group({ 'consumer.session.timeout.ms': '46000' })).toBeNull()
  expect(group({ 'consumer.session.timeout.ms': '1000' })).toMatch(
    /must be greater than or equal to group.consumer.min.session/,
  )
  expect(group({ 'share.record.lock.duration.ms': '99999' })).toMatch(
    /less than or equal to group.share.max.record.lock/,
  )
  expect(group({ nonsense: '1' })).toMatch(/Unknown group config name/)
  // A wrong name comes before a wrong value, and has a code of its own.
  const code = (...of: Parameters<typeof said>) => said(...of)?.error.name
  for (const type of [TOPIC, GROUP, CLIENT_METRICS])
    expect(code(type, '', { nonsense: '1' })).toBe('INVALID_REQUEST')
  expect(code(TOPIC, '..', { nonsense: '1' })).toBe('INVALID_TOPIC_EXCEPTION')
  expect(code(TOPIC, 'orders', { nonsense: '1' })).toBe('INVALID_CONFIG')
  const image = imageWith([[BROKER, '', { 'log.segment.bytes': '3000000' }]])
  const rows = schema.effectiveTopicConfigs(new Map([['flush.ms', ' 05']]), image)
  const row = (name: string) => rows.find(entry => entry.name === name)
  // A topic's own value is shown as it was said.
  expect(row('flush.ms')).toMatchObject({ value: ' 05', configSource: 1 })
  expect(row('segment.bytes')).toMatchObject({ value: '3000000', configSource: 3 })
  expect(row('retention.ms')).toMatchObject({ value: '9', configSource: 4 })
  expect(row('segment.ms')).toMatchObject({ value: '604800000', configSource: 5 })
  // TopicCommandTest.testCreateWithInternalConfig: shown to whoever set it, to nobody else.
  expect(row('internal.segment.bytes')).toBeUndefined()
  expect(schema.effectiveTopicConfigs(new Map([['internal.segment.bytes', '1000']]), image)).toContainEqual(
    expect.objectContaining({ name: 'internal.segment.bytes', value: '1000', configSource: 1 }),
  )
  expect(schema.topicValue(image, 'orders', 'segment.bytes')).toBe('3000000')
})
