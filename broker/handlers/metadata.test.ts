// Metadata, DescribeTopicPartitions, DescribeCluster, ApiVersions, ACLs, log directories: what a client learns before it moves a record.
import { expect, test } from 'vitest'
import { Metadata } from '../../protocol/apis/03-metadata.ts'
import { ApiVersions } from '../../protocol/apis/18-api-versions.ts'
import { DescribeAcls } from '../../protocol/apis/29-describe-acls.ts'
import { CreateAcls } from '../../protocol/apis/30-create-acls.ts'
import { DeleteAcls } from '../../protocol/apis/31-delete-acls.ts'
import { AlterReplicaLogDirs } from '../../protocol/apis/34-alter-replica-log-dirs.ts'
import { DescribeLogDirs } from '../../protocol/apis/35-describe-log-dirs.ts'
import { DescribeCluster } from '../../protocol/apis/60-describe-cluster.ts'
import {
  DescribeTopicPartitions,
  type DescribeTopicPartitionsResponse,
} from '../../protocol/apis/75-describe-topic-partitions.ts'
import { Errors, errorOf } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/uuid.ts'
import { BrokerConfig } from '../config/broker-config.ts'
import { SINGLE_NODE_PROFILE } from '../config/sources.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { Controller } from '../ports/controller.ts'
import apiVersions, { isLegalName } from './18-api-versions.ts'
import { AutoTopics } from './auto-topics.ts'
import { contextOf, dataRig } from './testing/data-rig.ts'

const nameOf = (row: { errorCode: number }): string => errorOf(row.errorCode).name
const named = (...names: string[]) => ({
  topics: names.map(name => ({ name })),
  allowAutoTopicCreation: false,
})

test('Metadata names the address through which the client came', async () => {
  const rig = await dataRig()
  const context = contextOf({ localAddress: { host: '192.168.1.7', port: 19092 } })
  const answer = await rig.call(Metadata, 12, named(), context)
  expect(answer.brokers).toEqual([{ nodeId: 1, host: '192.168.1.7', port: 19092, rack: null }])
  expect(answer).toMatchObject({ clusterId: 'cluster', controllerId: 1, topics: [] })
})

test('null means all topics, an empty list means none, and v0 has no other way to say all', async () => {
  const rig = await dataRig()
  rig.createTopic('a', { partitions: 2 })
  rig.createTopic('__consumer_offsets')
  const names = async (version: number, topics: { name: string }[] | null) =>
    (await rig.call(Metadata, version, { topics })).topics.map(topic => topic.name)
  expect(await names(12, null)).toEqual(['a', '__consumer_offsets'])
  expect(await names(12, [])).toEqual([])
  expect(await names(0, [])).toEqual(['a', '__consumer_offsets'])
  const { topics } = await rig.call(Metadata, 12, { topics: null })
  expect(topics.map(topic => topic.isInternal)).toEqual([false, true])
  expect(topics[0]!.partitions).toMatchObject([
    {
      errorCode: 0,
      partitionIndex: 0,
      leaderId: 1,
      leaderEpoch: 0,
      replicaNodes: [1],
      isrNodes: [1],
      offlineReplicas: [],
    },
    { errorCode: 0, partitionIndex: 1, leaderId: 1 },
  ])
})

test('topics by id', async () => {
  const rig = await dataRig()
  const id = rig.createTopic('a')
  const unknown = 'abcdefghijklmnopqrstuw'
  const { topics } = await rig.call(Metadata, 12, {
    topics: [
      { topicId: id, name: null },
      { topicId: unknown, name: null },
    ],
  })
  expect(topics.map(topic => [nameOf(topic), topic.name, topic.topicId])).toEqual([
    ['UNKNOWN_TOPIC_ID', null, unknown],
    ['NONE', 'a', id],
  ])
  const before = rig.call(Metadata, 11, { topics: [{ topicId: id, name: 'a' }] })
  await expect(before).rejects.toMatchObject({ code: Errors.INVALID_REQUEST.code })
})

test('a missing topic is created when both sides allow it, once, and is in the same answer', async () => {
  const rig = await dataRig({ settings: { 'num.partitions': '3' } })
  const ask = (name: string, allowAutoTopicCreation: boolean) =>
    rig.call(Metadata, 12, { topics: [{ name }], allowAutoTopicCreation })
  expect(nameOf((await ask('t', false)).topics[0]!)).toBe('UNKNOWN_TOPIC_OR_PARTITION')
  expect(nameOf((await ask('no/topic', true)).topics[0]!)).toBe('INVALID_TOPIC_EXCEPTION')
  expect(nameOf((await ask('', true)).topics[0]!)).toBe('INVALID_TOPIC_EXCEPTION')
  const answers = await Promise.all([ask('t', true), ask('t', true)])
  for (const { topics } of answers) {
    expect(topics).toHaveLength(1)
    expect(topics[0]).toMatchObject({ errorCode: 0, name: 't', partitions: [{}, {}, {}] })
  }
  const closed = await dataRig({ settings: { 'auto.create.topics.enable': 'false' } })
  const { topics } = await closed.call(Metadata, 12, {
    topics: [{ name: 't' }],
    allowAutoTopicCreation: true,
  })
  expect(nameOf(topics[0]!)).toBe('UNKNOWN_TOPIC_OR_PARTITION')
})

test('thousands of missing topics are created without looking each up in a list', async () => {
  const names = Array.from({ length: 5000 }, (_, i) => `t${i}`)
  const asked: string[][] = []
  const createTopics = async ({ topics }: { topics: readonly { name: string }[] }) => {
    asked.push(topics.map(({ name }) => name))
    return topics.map(({ name }) => ({ name, errorCode: 0 }))
  }
  const config = new BrokerConfig([SINGLE_NODE_PROFILE])
  const controller = { createTopics } as unknown as Controller
  const topics = new AutoTopics({ controller, config, internalTopics: { creatable: () => undefined } })
  const listed = Object.assign([...names], {
    includes: () => expect.unreachable('a list searched for every name'),
    indexOf: () => expect.unreachable('a list searched for every name'),
  })
  expect((await topics.create(listed)).size).toBe(5000)
  expect(asked).toEqual([names])
})

test('the coordinator topics are created as their own settings say', async () => {
  const rig = await dataRig({
    settings: { 'offsets.topic.num.partitions': '4', 'offsets.topic.replication.factor': '1' },
  })
  const { topics } = await rig.call(Metadata, 12, {
    topics: [{ name: '__consumer_offsets' }],
    allowAutoTopicCreation: true,
  })
  expect(topics[0]!.partitions).toHaveLength(4)
})

test('who may not describe does not learn what exists; who may not create is told so', async () => {
  const allowed = new Set(['DESCRIBE a', 'DESCRIBE new'])
  const authorizer: Authorizer = {
    enabled: true,
    authorize: (_context, operation, _type, name) => allowed.has(`${operation} ${name}`),
    authorizeByResourceType: () => false,
  }
  const rig = await dataRig({ authorizer })
  const id = rig.createTopic('a')
  rig.createTopic('b')
  const { topics } = await rig.call(Metadata, 12, {
    topics: ['a', 'b', 'c', 'new'].map(name => ({ name })),
    allowAutoTopicCreation: true,
  })
  expect(topics.map(topic => [topic.name, nameOf(topic), topic.topicId])).toEqual([
    ['a', 'NONE', id],
    ['new', 'TOPIC_AUTHORIZATION_FAILED', ZERO_UUID],
    ['b', 'TOPIC_AUTHORIZATION_FAILED', ZERO_UUID],
    ['c', 'TOPIC_AUTHORIZATION_FAILED', ZERO_UUID],
  ])
  const all = await rig.call(Metadata, 12, { topics: null })
  expect(all.topics.map(topic => topic.name)).toEqual(['a'])
})

test('authorized operations only when asked for', async () => {
  const rig = await dataRig()
  rig.createTopic('a')
  const plain = await rig.call(Metadata, 9, named('a'))
  expect(plain.topics[0]!.topicAuthorizedOperations).toBe(-2147483648)
  const asked = await rig.call(Metadata, 9, {
    ...named('a'),
    includeTopicAuthorizedOperations: true,
    includeClusterAuthorizedOperations: true,
  })
  // READ WRITE CREATE DELETE ALTER DESCRIBE DESCRIBE_CONFIGS ALTER_CONFIGS
  expect(asked.topics[0]!.topicAuthorizedOperations).toBe(0b1101_1111_1000)
  // CREATE ALTER DESCRIBE CLUSTER_ACTION DESCRIBE_CONFIGS ALTER_CONFIGS IDEMPOTENT_WRITE
  expect(asked.clusterAuthorizedOperations).toBe(0b1_1111_1010_0000)
})

test('DescribeTopicPartitions pages with a cursor', async () => {
  const rig = await dataRig()
  rig.createTopic('b', { partitions: 3 })
  rig.createTopic('a', { partitions: 2 })
  const pages: string[][] = []
  let cursor: { topicName: string; partitionIndex: number } | null = null
  do {
    const answer: DescribeTopicPartitionsResponse = await rig.call(DescribeTopicPartitions, 0, {
      responsePartitionLimit: 2,
      cursor,
    })
    pages.push(
      answer.topics.flatMap(({ name, partitions }) => partitions.map(row => `${name}-${row.partitionIndex}`)),
    )
    cursor = answer.nextCursor
  } while (cursor !== null)
  expect(pages).toEqual([['a-0', 'a-1'], ['b-0', 'b-1'], ['b-2']])
  const { topics } = await rig.call(DescribeTopicPartitions, 0, {
    topics: [{ name: 'x' }, { name: 'a' }, { name: 'no/topic' }],
  })
  expect(topics.map(topic => [topic.name, nameOf(topic)])).toEqual([
    ['a', 'NONE'],
    ['no/topic', 'INVALID_TOPIC_EXCEPTION'],
    ['x', 'UNKNOWN_TOPIC_OR_PARTITION'],
  ])
})

test.each([
  [
    'a cursor whose topic is not asked for',
    { topics: [{ name: 'a' }], cursor: { topicName: 'b', partitionIndex: 0 } },
  ],
  ['a negative partition', { cursor: { topicName: 'a', partitionIndex: -1 } }],
])('DescribeTopicPartitions refuses %s', async (_name, request) => {
  const rig = await dataRig()
  await expect(rig.call(DescribeTopicPartitions, 0, request)).rejects.toMatchObject({
    code: Errors.INVALID_REQUEST.code,
  })
})

test('DescribeCluster: brokers; controllers are asked elsewhere', async () => {
  const rig = await dataRig()
  const answer = await rig.call(DescribeCluster, 1, {})
  expect(answer).toMatchObject({
    clusterId: 'cluster',
    controllerId: 1,
    brokers: [{ brokerId: 1, host: '127.0.0.1' }],
  })
  const code = (version: number, endpointType: number) =>
    rig
      .call(DescribeCluster, version, { endpointType })
      .catch((error: { errorName: string }) => error.errorName)
  expect(await code(1, 2)).toBe('MISMATCHED_ENDPOINT_TYPE')
  expect(await code(1, 9)).toBe('UNSUPPORTED_ENDPOINT_TYPE')
})

test('a fenced broker is no leader to go to, and shown on request only', async () => {
  const rig = await dataRig()
  rig.createTopic('a')
  rig.apply([{ type: 'FenceBrokerRecord', value: { id: 1, epoch: 1 } }])
  const { topics, brokers } = await rig.call(Metadata, 12, named('a'))
  expect(brokers).toEqual([])
  expect(topics[0]!.partitions[0]).toMatchObject({
    errorCode: Errors.LEADER_NOT_AVAILABLE.code,
    leaderId: -1,
    offlineReplicas: [1],
  })
  expect((await rig.call(DescribeCluster, 2, {})).brokers).toEqual([])
  const { brokers: fenced } = await rig.call(DescribeCluster, 2, { includeFencedBrokers: true })
  expect(fenced).toMatchObject([{ brokerId: 1, isFenced: true }])
})

test('ApiVersions refuses a client software name that is none, and answers a version it does not know', async () => {
  const rig = await dataRig()
  const ask = (clientSoftwareName: string) =>
    rig.call(ApiVersions, 3, { clientSoftwareName, clientSoftwareVersion: '1.0' })
  expect((await ask('my-client.js')).errorCode).toBe(0)
  await expect(ask('')).rejects.toMatchObject({ code: Errors.INVALID_REQUEST.code })
  const refused = apiVersions.failed!(ApiVersions.request.create(), { code: 35, message: null })
  expect(refused).toMatchObject({ errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }] })
})

test('legal client software names', () => {
  for (const name of ['a', 'apache-kafka-java', 'x.y', '0', '3.9.0-SNAPSHOT'])
    expect(isLegalName(name)).toBe(true)
  for (const name of ['', '-a', 'a-', '.', 'a b', 'a_b', 'ä', 'a\n']) expect(isLegalName(name)).toBe(false)
})

test('without an authorizer ACL requests answer SECURITY_DISABLED', async () => {
  const rig = await dataRig()
  const anything = { resourceTypeFilter: 1, operation: 1, permissionType: 1 }
  expect(nameOf(await rig.call(DescribeAcls, 3, anything))).toBe('SECURITY_DISABLED')
  const unknown = async () => rig.call(DescribeAcls, 3, { ...anything, permissionType: 0 })
  await expect(unknown).rejects.toThrow(/unknown element/)
  const creation = { resourceType: 2, operation: 3, permissionType: 3 }
  const { results } = await rig.call(CreateAcls, 3, { creations: [creation, creation] })
  expect(results.map(nameOf)).toEqual(['SECURITY_DISABLED', 'SECURITY_DISABLED'])
  const { filterResults } = await rig.call(DeleteAcls, 3, { filters: [anything] })
  expect(filterResults.map(nameOf)).toEqual(['SECURITY_DISABLED'])
  const create = async () => rig.call(CreateAcls, 3, { creations: [creation, { ...creation, operation: 0 }] })
  await expect(create).rejects.toThrow(/unknown element/)
  const remove = async () => rig.call(DeleteAcls, 3, { filters: [{ ...anything, resourceTypeFilter: 0 }] })
  await expect(remove).rejects.toThrow(/unknown element/)
})

test('log directories: what lies where, one of them failed', async () => {
  const rig = await dataRig({ logDirs: ['/one', '/two'] })
  rig.createTopic('t', { partitions: 2 })
  const describe = async (topics: { topic: string; partitions: number[] }[] | null) =>
    (await rig.call(DescribeLogDirs, 4, { topics })).results
  const placed = (await describe(null)).map(dir =>
    dir.topics.flatMap(topic => topic.partitions.map(row => row.partitionIndex)),
  )
  expect(placed.flat().sort((a, b) => a - b)).toEqual([0, 1])
  expect(placed.map(rows => rows.length)).toEqual([1, 1])
  const [one] = placed[0]!
  expect((await describe([{ topic: 't', partitions: [one!] }]))[1]!.topics).toEqual([])

  const move = async (path: string, partition = one!) => {
    const { results } = await rig.call(AlterReplicaLogDirs, 2, {
      dirs: [{ path, topics: [{ name: 't', partitions: [partition] }] }],
    })
    return nameOf(results[0]!.partitions[0]!)
  }
  expect(await move('/three')).toBe('LOG_DIR_NOT_FOUND')
  expect(await move('/one')).toBe('NONE')
  expect(await move('/one', 9)).toBe('UNKNOWN_TOPIC_OR_PARTITION')
  const long = { path: '/one', topics: [{ name: 'x'.repeat(214), partitions: [0] }] }
  const tooLong = await rig.call(AlterReplicaLogDirs, 2, { dirs: [long] })
  expect(tooLong.results[0]!.partitions.map(nameOf)).toEqual(['INVALID_TOPIC_EXCEPTION'])
  const t = { name: 't', partitions: [one!, one!] }
  const { results } = await rig.call(AlterReplicaLogDirs, 2, {
    dirs: [
      { path: '/three', topics: [t, t] },
      { path: '/one', topics: [t] },
    ],
  })
  expect(results.map(row => row.partitions.map(nameOf))).toEqual([['NONE']])

  rig.manager.failDirectory(rig.manager.logDirs[0]!, new Error('gone'))
  expect((await describe(null)).map(nameOf)).toEqual(['KAFKA_STORAGE_ERROR', 'NONE'])
  expect(rig.map.find('t', one!)!.isOffline).toBe(true)
  expect(await move('/one')).toBe('KAFKA_STORAGE_ERROR')
})
