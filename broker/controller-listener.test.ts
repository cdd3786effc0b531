// The controller's listener of a whole broker, as a raw client sees it: what it serves and what closes the connection, where it says
// controllers are, whose settings it changes. Each promise is what Apache Kafka 4.3.1 answered in combined mode.
import { randomBytes } from 'node:crypto'
import { connect } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import { Metadata } from '../protocol/apis/03-metadata.ts'
import { ApiVersions } from '../protocol/apis/18-api-versions.ts'
import { CreateTopics } from '../protocol/apis/19-create-topics.ts'
import { DescribeConfigs } from '../protocol/apis/32-describe-configs.ts'
import { IncrementalAlterConfigs } from '../protocol/apis/44-incremental-alter-configs.ts'
import { DescribeQuorum } from '../protocol/apis/55-describe-quorum.ts'
import { DescribeCluster } from '../protocol/apis/60-describe-cluster.ts'
import { Errors } from '../protocol/errors.ts'
import { FrameSplitter, readResponse, writeRequest } from '../protocol/frame.ts'
import type { Api, PartialDeep } from '../protocol/schema/message.ts'
import { MemoryFileSystem } from '../storage/fs/memory.ts'
import { openBroker } from './broker.ts'
import { BrokerConfig } from './config/broker-config.ts'
import { fromOptions, SINGLE_NODE_PROFILE } from './config/sources.ts'
import { handlersOn } from './handlers/registry.ts'
import { startBroker } from './index.ts'
import { Loggers } from './logging/loggers.ts'
import { MetricsRegistry } from './metrics/cells.ts'
import type { RunningBroker } from './options.ts'
import { ManualClock } from './time/manual-clock.ts'

const BOTH = 'PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:0'
const [BROKER, BROKER_LOGGER] = [4, 8]

async function open(settings: Record<string, string> = {}): Promise<RunningBroker> {
  const clock = new ManualClock(1_700_000_000_000)
  const sources = [SINGLE_NODE_PROFILE, fromOptions({ listeners: BOTH, 'log.dirs': '/data', ...settings })]
  const broker = await openBroker({
    config: new BrokerConfig(sources),
    fs: new MemoryFileSystem({ nowMs: () => clock.nowMs() }),
    ...{ clock, randomBytes, loggers: new Loggers(), metrics: new MetricsRegistry() },
  })
  onTestFinished(() => broker.stop())
  return broker
}

/** One request on a connection of its own; 'closed' when that is the answer. */
async function ask<Q, R>(
  port: number,
  api: Api<Q, R>,
  version: number,
  request: PartialDeep<Q> = {} as PartialDeep<Q>,
): Promise<R | 'closed'> {
  const socket = connect(port, '127.0.0.1')
  const frames = new FrameSplitter()
  const header = { correlationId: 1, clientId: 'test' }
  for (const bytes of writeRequest(api, version, header, api.request.create(request))) socket.write(bytes)
  try {
    return await new Promise<R | 'closed'>(resolve => {
      socket.on('data', chunk => {
        for (const frame of frames.push(chunk)) resolve(readResponse(api, version, frame).response)
      })
      socket.on('error', () => {})
      socket.on('close', () => resolve('closed'))
    })
  } finally {
    socket.destroy()
  }
}

const controllerOf = ({ controllerListeners }: RunningBroker): number => controllerListeners[0]!.port
const brokerOf = ({ listeners }: RunningBroker): number => listeners[0]!.port

test('ApiVersions names what a controller is asked, and nothing else', async () => {
  const broker = await open()
  const answer = await ask(controllerOf(broker), ApiVersions, 4, {
    clientSoftwareName: 'test',
    clientSoftwareVersion: '1',
  })
  if (answer === 'closed') throw new Error('closed')
  expect(answer.apiKeys.map(({ apiKey }) => apiKey)).toEqual([
    18, 19, 20, 29, 30, 31, 32, 33, 37, 43, 44, 45, 46, 55, 57, 60, 64,
  ])
  expect(answer.apiKeys.map(({ apiKey }) => apiKey)).toEqual(handlersOn('controller').map(h => h.api.key))
  const clients = await ask(brokerOf(broker), ApiVersions, 4, {
    clientSoftwareName: 'test',
    clientSoftwareVersion: '1',
  })
  if (clients === 'closed') throw new Error('closed')
  expect(clients.apiKeys.map(({ apiKey }) => apiKey)).toEqual(handlersOn('broker').map(h => h.api.key))
  expect(answer.supportedFeatures).toEqual(clients.supportedFeatures)
  expect(answer.finalizedFeatures).toEqual(clients.finalizedFeatures)
})

test('a key that only brokers serve, and a version that nobody does, close the connection', async () => {
  const broker = await open()
  expect(await ask(controllerOf(broker), Metadata, 9, { topics: null })).toBe('closed')
  expect(await ask(brokerOf(broker), Metadata, 9, { topics: null })).toMatchObject({ controllerId: 1 })
})

test('DescribeCluster tells of controllers where they are, and of no brokers', async () => {
  const broker = await open()
  const port = controllerOf(broker)
  expect(
    await ask(port, DescribeCluster, 2, {
      endpointType: 2,
      includeFencedBrokers: true,
      includeClusterAuthorizedOperations: true,
    }),
  ).toEqual({
    ...{ throttleTimeMs: 0, errorCode: 0, errorMessage: null, endpointType: 2, clusterId: broker.clusterId },
    controllerId: 1,
    brokers: [{ brokerId: 1, host: '127.0.0.1', port, rack: null, isFenced: false }],
    clusterAuthorizedOperations: 8096,
  })
})

test.each([
  ['brokers', 2, 1, Errors.MISMATCHED_ENDPOINT_TYPE.code],
  ['what is no type', 2, 3, Errors.UNSUPPORTED_ENDPOINT_TYPE.code],
  ['by a client that knows no types', 0, 1, Errors.INVALID_REQUEST.code],
])('DescribeCluster asked for %s is refused', async (_what, version, endpointType, errorCode) => {
  const broker = await open()
  expect(
    await ask(controllerOf(broker), DescribeCluster, version, version === 0 ? {} : { endpointType }),
  ).toMatchObject({ errorCode, endpointType: 1, clusterId: '', controllerId: -1, brokers: [] })
})

test("a broker's listener still refuses to tell of controllers", async () => {
  const broker = await open()
  expect(await ask(brokerOf(broker), DescribeCluster, 2, { endpointType: 2 })).toMatchObject({
    errorCode: Errors.MISMATCHED_ENDPOINT_TYPE.code,
    errorMessage: expect.stringContaining('of type BROKER, but we wanted'),
  })
})

test('DescribeQuorum names the port that was bound, through either listener', async () => {
  const broker = await open()
  const topics = [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }]
  for (const port of [controllerOf(broker), brokerOf(broker)]) {
    expect(await ask(port, DescribeQuorum, 2, { topics })).toMatchObject({
      errorCode: 0,
      topics: [{ partitions: [{ errorCode: 0, leaderId: 1, currentVoters: [{ replicaId: 1 }] }] }],
      nodes: [
        {
          nodeId: 1,
          listeners: [{ name: 'CONTROLLER', host: '127.0.0.1', port: controllerOf(broker) }],
        },
      ],
    })
  }
})

test('advertised.listeners says where controllers are', async () => {
  const broker = await open({
    'advertised.listeners': 'PLAINTEXT://clients.invalid:19092,CONTROLLER://controllers.invalid:19093',
  })
  expect(await ask(controllerOf(broker), DescribeCluster, 2, { endpointType: 2 })).toMatchObject({
    brokers: [{ brokerId: 1, host: 'controllers.invalid', port: 19093 }],
  })
  expect([...broker.metadata.current().cluster.controllers.get(1)!.endpoints]).toMatchObject([
    { name: 'CONTROLLER', host: 'controllers.invalid', port: 19093 },
  ])
  expect(broker.metadata.current().cluster.brokers.get(1)!.endpoints).toMatchObject([
    { name: 'PLAINTEXT', host: 'clients.invalid', port: 19092 },
  ])
})

test('on a wildcard, whoever asks is told the address through which he came', async () => {
  const broker = await open({ listeners: 'PLAINTEXT://127.0.0.1:0,CONTROLLER://:0' })
  expect(await ask(controllerOf(broker), DescribeCluster, 2, { endpointType: 2 })).toMatchObject({
    brokers: [{ brokerId: 1, host: '127.0.0.1', port: controllerOf(broker) }],
  })
})

test('what is changed through a controller is seen by clients at once', async () => {
  const broker = await open()
  const topics = [{ name: 'made-there', numPartitions: 2, replicationFactor: 1 }]
  expect(await ask(controllerOf(broker), CreateTopics, 7, { topics })).toMatchObject({
    topics: [{ name: 'made-there', errorCode: 0, numPartitions: 2 }],
  })
  expect(await ask(brokerOf(broker), Metadata, 9, { topics: [{ name: 'made-there' }] })).toMatchObject({
    topics: [{ errorCode: 0, partitions: [{}, {}] }],
  })
})

async function settingsThrough(port: number, ...names: string[]): Promise<Record<string, string | null>> {
  const resources = [{ resourceType: BROKER, resourceName: '1', configurationKeys: names }]
  const answer = await ask(port, DescribeConfigs, 4, { resources })
  if (answer === 'closed') throw new Error('closed')
  return Object.fromEntries(answer.results[0]!.configs.map(({ name, value }) => [name, value]))
}

const set = (resourceType: number, resourceName: string, name: string, value: string | null) => ({
  ...{ resourceType, resourceName },
  configs: [{ name, configOperation: value === null ? 1 : 0, value }],
})

test('a broker setting takes effect, and one that cannot is left out by the broker', async () => {
  const broker = await open()
  const port = controllerOf(broker)
  const resources = [set(BROKER, '1', 'log.retention.ms', '7200000')]
  expect(await ask(port, IncrementalAlterConfigs, 1, { resources })).toMatchObject({
    responses: [{ errorCode: 0 }],
  })
  expect(await settingsThrough(port, 'log.retention.ms')).toEqual({ 'log.retention.ms': '7200000' })
  // Read-only, and ill-typed: a broker's listener refuses them, the controller writes them down.
  for (const one of [set(BROKER, '1', 'num.partitions', 'many'), set(BROKER, '1', 'node.id', '9')]) {
    expect(await ask(port, IncrementalAlterConfigs, 1, { resources: [one] })).toMatchObject({
      responses: [{ errorCode: 0, errorMessage: null }],
    })
    expect(await ask(brokerOf(broker), IncrementalAlterConfigs, 1, { resources: [one] })).toMatchObject({
      responses: [{ errorCode: Errors.INVALID_REQUEST.code }],
    })
  }
  expect(await settingsThrough(port, 'num.partitions', 'node.id')).toEqual({
    'num.partitions': '1',
    'node.id': '1',
  })
})

test('the rows of a change: what is refused first, then the controller’s, then the loggers', async () => {
  const broker = await open()
  const resources = [
    set(BROKER, '1', 'log.retention.ms', '5'),
    set(BROKER_LOGGER, '1', 'root', 'WARN'),
    set(3, 'q', 'a', '5'),
    set(BROKER, '', 'log.retention.ms', '70000'),
    set(BROKER, '1', 'log.retention.ms', '6'),
    set(BROKER, '1', 'log.retention.ms', '7'),
    set(BROKER, '2', 'log.retention.ms', '5'),
    set(BROKER, 'x', 'log.retention.ms', '5'),
    set(BROKER, '-1', 'log.retention.ms', '5'),
    set(BROKER_LOGGER, '2', 'root', 'WARN'),
  ]
  const answer = await ask(controllerOf(broker), IncrementalAlterConfigs, 1, { resources })
  if (answer === 'closed') throw new Error('closed')
  expect(
    answer.responses.map(({ resourceType, resourceName, errorCode, errorMessage }) =>
      [resourceType, resourceName, errorCode, errorMessage].join(' | '),
    ),
  ).toEqual([
    '3 | q | 35 | Unknown resource type 3.',
    '4 | 1 | 42 | Duplicate resource.',
    '4 |  | 0 | ',
    '4 | 2 | 102 | No node with id 2 found.',
    '4 | x | 42 | Unable to parse broker name as a base 10 number.',
    '4 | -1 | 42 | Invalid negative broker ID.',
    '8 | 1 | 0 | ',
    '8 | 2 | 42 | Unexpected node id. Expected 1, but received 2',
  ])
})

test('clients who have taken every connection do not shut out the controller’s listener', async () => {
  const broker = await open({ 'max.connections': '1' })
  const client = connect(brokerOf(broker), '127.0.0.1')
  onTestFinished(() => void client.destroy())
  await new Promise(resolve => client.once('connect', resolve))
  expect(await ask(brokerOf(broker), ApiVersions, 0)).toBe('closed')
  expect(await ask(controllerOf(broker), ApiVersions, 0)).toMatchObject({ errorCode: 0 })
})

test('the library opens it when asked, on a port of its own, and otherwise opens none', async () => {
  await using plain = await startBroker()
  expect(plain.bootstrapControllers).toBeUndefined()
  await using one = await startBroker({ settings: { listeners: BOTH } })
  await using other = await startBroker({ settings: { listeners: BOTH } })
  const ports = [one, other].map(({ bootstrapControllers }) => Number(bootstrapControllers!.split(':')[1]))
  expect(new Set([...ports, one.port, other.port]).size).toBe(4)
  for (const port of ports) expect(await ask(port, ApiVersions, 0)).toMatchObject({ errorCode: 0 })
})

test('a port that is taken is a start that fails, and lets go of the others', async () => {
  const first = await open()
  const taken = `PLAINTEXT://127.0.0.1:0,CONTROLLER://127.0.0.1:${controllerOf(first)}`
  await expect(open({ listeners: taken })).rejects.toThrow(/EADDRINUSE/)
})
