// The handlers in front of the controller, on the real controller: who may, what is asked twice, what old versions are told, and the
// shape of the answer. What the controller itself refuses is in broker/controller/testdata.
import { expect, test } from 'vitest'
import { CreateTopics } from '../../protocol/apis/19-create-topics.ts'
import { DeleteTopics } from '../../protocol/apis/20-delete-topics.ts'
import { InitProducerId } from '../../protocol/apis/22-init-producer-id.ts'
import { CreatePartitions } from '../../protocol/apis/37-create-partitions.ts'
import { ElectLeaders } from '../../protocol/apis/43-elect-leaders.ts'
import { AlterPartitionReassignments } from '../../protocol/apis/45-alter-partition-reassignments.ts'
import { ListPartitionReassignments } from '../../protocol/apis/46-list-partition-reassignments.ts'
import { DescribeQuorum } from '../../protocol/apis/55-describe-quorum.ts'
import { UpdateFeatures } from '../../protocol/apis/57-update-features.ts'
import { UnregisterBroker } from '../../protocol/apis/64-unregister-broker.ts'
import { Errors } from '../../protocol/errors.ts'
import { readMessage, writeMessage } from '../../protocol/codec/message.ts'
import { type Api, factsAt, type PartialDeep } from '../../protocol/schema/message.ts'
import { BrokerConfig } from '../config/broker-config.ts'
import { fromOptions, SINGLE_NODE_PROFILE } from '../config/sources.ts'
import { ProducerIdManager } from '../controller/producer-id-manager.ts'
import { ControllerHarness } from '../controller/testing/controller-harness.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import { allowAll } from '../security/allow-all.ts'
import initProducerId from './22-init-producer-id.ts'
import { bindAll, handlers } from './registry.ts'
import { contextOf } from './testing/data-rig.ts'

const KEYS = new Set([19, 20, 22, 37, 43, 45, 46, 55, 57, 64])

/** Grants what is in the list, as `OPERATION:name`. */
const granting = (...grants: string[]): Authorizer => ({
  enabled: true,
  authorize: (_context, operation, _type, name) => grants.includes(`${operation}:${name}`),
  authorizeByResourceType: (_context, operation, type) => grants.includes(`${operation}:any ${type}`),
})

async function desk(authorizer: Authorizer = allowAll, settings: Record<string, string | boolean> = {}) {
  const harness = new ControllerHarness()
  await harness.start()
  const { controller } = harness
  const config = new BrokerConfig([SINGLE_NODE_PROFILE, fromOptions(settings)])
  const producerIds = new ProducerIdManager(controller)
  const bound = bindAll(
    handlers.filter(({ api }) => KEYS.has(api.key)),
    { controller, metadata: controller.metadata, authorizer, config, producerIds },
  )
  /** Through the codec of that version, both ways, as a client would see it. */
  return {
    harness,
    ask: async <Q, R>(api: Api<Q, R>, version: number, request: PartialDeep<Q>): Promise<R> => {
      const asked = readMessage(
        api.request,
        version,
        writeMessage(api.request, version, api.request.create(request)),
      )
      api.upgrade?.(asked, version)
      const answer = (await bound
        .get(api.key)!
        .handle(asked, contextOf(), factsAt(api as never, version))) as R
      api.downgrade?.(answer, version)
      return readMessage(api.response, version, writeMessage(api.response, version, answer))
    },
  }
}

const topic = (name: string, numPartitions = 1) => ({ name, numPartitions, replicationFactor: 1 })
const codes = (rows: readonly { name: string | null; errorCode: number }[]) =>
  Object.fromEntries(rows.map(({ name, errorCode }) => [name, errorCode]))

test('CreateTopics: at every version, with the configs in the answer from v5 and ids from v7', async () => {
  for (const version of [0, 1, 2, 3, 4, 5, 6, 7]) {
    const { ask } = await desk()
    const configs = [{ name: 'retention.ms', value: '5' }]
    const { topics } = await ask(CreateTopics, version, { topics: [{ ...topic('a', 2), configs }] })
    expect(topics[0]).toMatchObject({ name: 'a', errorCode: 0 })
    if (version >= 5) {
      const { numPartitions, replicationFactor, configs: rows } = topics[0]!
      expect([numPartitions, replicationFactor]).toEqual([2, 1])
      expect(rows!.map(({ name }) => name)).toEqual(rows!.map(({ name }) => name).sort())
      expect(rows!.find(({ name }) => name === 'retention.ms')).toMatchObject({ value: '5', configSource: 1 })
      expect(rows!.find(({ name }) => name === 'segment.ms')).toMatchObject({
        configSource: 5,
        readOnly: false,
      })
    }
    if (version >= 7) expect(topics[0]!.topicId).not.toBe('AAAAAAAAAAAAAAAAAAAAAA')
  }
})

test('CreateTopics: duplicates, the metadata topic and what is not allowed never reach the controller', async () => {
  const { ask, harness } = await desk(granting('CREATE:mine', 'CREATE:twice', 'CREATE:__cluster_metadata'))
  const { topics } = await ask(CreateTopics, 7, {
    topics: [topic('mine'), topic('twice'), topic('twice'), topic('__cluster_metadata'), topic('theirs')],
  })
  expect(codes(topics)).toEqual({
    mine: 0,
    twice: Errors.INVALID_REQUEST.code,
    __cluster_metadata: Errors.INVALID_REQUEST.code,
    theirs: Errors.TOPIC_AUTHORIZATION_FAILED.code,
  })
  // Without DESCRIBE_CONFIGS the answer says that it keeps the configs back.
  expect(topics[0]).toMatchObject({
    topicConfigErrorCode: Errors.TOPIC_AUTHORIZATION_FAILED.code,
    numPartitions: -1,
  })
  expect([...harness.image.topics.byName.keys()]).toEqual(['mine'])
})

test('DeleteTopics: by name and by id, each once, and only who may', async () => {
  const { ask, harness } = await desk()
  await ask(CreateTopics, 7, { topics: ['a', 'b', 'c', 'd'].map(name => topic(name)) })
  const idOf = (name: string) => harness.image.topics.byName.get(name)!.id
  const c = idOf('c')
  const { responses } = await ask(DeleteTopics, 6, {
    topics: [
      { name: 'a' },
      { name: null, topicId: idOf('b') },
      { name: 'c' },
      { name: null, topicId: c },
      { name: 'missing' },
      { name: null, topicId: 'QQQQQQQQQQQQQQQQQQQQQQ' },
      { name: 'd', topicId: idOf('d') },
      { name: null },
    ],
  })
  const rows = responses.map(
    ({ name, topicId, errorCode }) => `${name} ${topicId === c ? 'c' : ''} ${errorCode}`,
  )
  expect(rows.sort()).toEqual(
    [
      'a  0',
      'b  0',
      `c c ${Errors.INVALID_REQUEST.code}`,
      `missing  ${Errors.UNKNOWN_TOPIC_OR_PARTITION.code}`,
      `null  ${Errors.UNKNOWN_TOPIC_ID.code}`,
      `d  ${Errors.INVALID_REQUEST.code}`,
      `null  ${Errors.INVALID_REQUEST.code}`,
    ].sort(),
  )
  expect([...harness.image.topics.byName.keys()].sort()).toEqual(['c', 'd'])
})

test('DeleteTopics: who may not describe a topic does not learn whether it is there, nor its name by its id', async () => {
  const { ask, harness } = await desk(granting('CREATE:kafka-cluster', 'DESCRIBE:seen'))
  await ask(CreateTopics, 7, { topics: [topic('seen'), topic('hidden')] })
  const { id } = harness.image.topics.byName.get('hidden')!
  const { responses } = await ask(DeleteTopics, 6, {
    topics: [{ name: 'seen' }, { name: 'hidden' }, { name: 'absent' }, { name: null, topicId: id }],
  })
  const rows = responses.map(({ name, errorCode }) => `${name} ${errorCode}`)
  expect(rows.sort()).toEqual(['absent 29', 'hidden 29', 'null 29', 'seen 29'])
})

test('DeleteTopics: delete.topic.enable=false refuses everything', async () => {
  const { ask } = await desk(allowAll, { 'delete.topic.enable': false })
  await expect(ask(DeleteTopics, 6, { topics: [{ name: 'a' }] })).rejects.toMatchObject({
    code: Errors.TOPIC_DELETION_DISABLED.code,
  })
})

test('InitProducerId: a fresh id for whoever may write somewhere; nothing for transactions yet', async () => {
  const { ask } = await desk()
  const first = await ask(InitProducerId, 4, { transactionalId: null })
  const second = await ask(InitProducerId, 0, { transactionalId: null })
  expect([first.errorCode, first.producerEpoch, second.producerId]).toEqual([0, 0, first.producerId + 1n])
  const again = await ask(InitProducerId, 4, {
    transactionalId: null,
    producerId: first.producerId,
    producerEpoch: 3,
  })
  expect(again).toMatchObject({ producerId: first.producerId + 2n, producerEpoch: 0 })
  const half = ask(InitProducerId, 4, { transactionalId: null, producerId: 7n })
  await expect(half).rejects.toMatchObject({ code: Errors.INVALID_REQUEST.code })
  const transactional = ask(InitProducerId, 4, { transactionalId: 't' })
  await expect(transactional).rejects.toMatchObject({ code: Errors.UNSUPPORTED_VERSION.code })
  // A failure names no producer: neither an id nor an epoch that a client could go on with.
  const failed = initProducerId.failed!(InitProducerId.request.create(), { code: 35, message: null })
  expect(failed).toMatchObject({ errorCode: 35, producerId: -1n, producerEpoch: -1 })
})

test('InitProducerId: IDEMPOTENT_WRITE on the cluster or WRITE on any topic', async () => {
  for (const grant of ['IDEMPOTENT_WRITE:kafka-cluster', 'WRITE:any TOPIC']) {
    const { ask } = await desk(granting(grant))
    expect((await ask(InitProducerId, 4, { transactionalId: null })).errorCode).toBe(0)
  }
  const { ask } = await desk(granting())
  const refused = ask(InitProducerId, 4, { transactionalId: null })
  await expect(refused).rejects.toMatchObject({ code: Errors.CLUSTER_AUTHORIZATION_FAILED.code })
})

test('CreatePartitions: duplicates and access first', async () => {
  const { ask, harness } = await desk(granting('CREATE:kafka-cluster', 'ALTER:a'))
  await ask(CreateTopics, 7, { topics: [topic('a'), topic('b')] })
  const grow = (name: string, count: number) => ({ name, count, assignments: null })
  const { results } = await ask(CreatePartitions, 3, { topics: [grow('a', 3), grow('b', 3)] })
  expect(codes(results)).toEqual({ a: 0, b: Errors.TOPIC_AUTHORIZATION_FAILED.code })
  expect(harness.image.topics.byName.get('a')!.partitions.size).toBe(3)
  const twice = await ask(CreatePartitions, 3, { topics: [grow('a', 4), grow('a', 5)] })
  expect(codes(twice.results)).toEqual({ a: Errors.INVALID_REQUEST.code })
})

test('elections and reassignments: a broker of one has nothing to do, and says so row by row', async () => {
  const { ask } = await desk()
  await ask(CreateTopics, 7, { topics: [topic('a')] })
  const elected = await ask(ElectLeaders, 0, { topicPartitions: [{ topic: 'a', partitions: [0] }] })
  expect(elected.replicaElectionResults[0]!.partitionResult[0]!.errorCode).toBe(
    Errors.ELECTION_NOT_NEEDED.code,
  )
  const unknown = ask(ElectLeaders, 2, {
    electionType: 2,
    topicPartitions: [{ topic: 'a', partitions: [0] }],
  })
  await expect(unknown).rejects.toMatchObject({ code: Errors.INVALID_REQUEST.code })
  expect((await ask(ElectLeaders, 2, { electionType: 2, topicPartitions: [] })).errorCode).toBe(0)
  const moved = await ask(AlterPartitionReassignments, 1, {
    topics: [
      {
        name: 'a',
        partitions: [
          { partitionIndex: 0, replicas: [1] },
          { partitionIndex: 0, replicas: [2] },
        ],
      },
    ],
  })
  expect(moved.responses[0]!.partitions.map(({ errorCode }) => errorCode)).toEqual([
    0,
    Errors.INVALID_REPLICA_ASSIGNMENT.code,
  ])
  expect(moved).toMatchObject({ errorMessage: null, allowReplicationFactorChange: true })
  const nothing = await ask(AlterPartitionReassignments, 1, {
    topics: [],
    allowReplicationFactorChange: false,
  })
  expect(nothing).toMatchObject({ errorMessage: '', allowReplicationFactorChange: true })
  const listed = await ask(ListPartitionReassignments, 0, { topics: null })
  expect(listed).toMatchObject({ errorMessage: null, topics: [] })
})

test('DescribeQuorum: this node leads itself; any other partition is unknown', async () => {
  const { ask, harness } = await desk()
  const partitions = [{ partitionIndex: 0 }]
  for (const version of [0, 1, 2]) {
    const { topics, nodes } = await ask(DescribeQuorum, version, {
      topics: [{ topicName: '__cluster_metadata', partitions }],
    })
    const [quorum] = topics[0]!.partitions
    expect(quorum).toMatchObject({ errorCode: 0, leaderId: 1, leaderEpoch: 1, observers: [] })
    expect(quorum!.highWatermark).toBe(harness.log.endOffset)
    expect(quorum!.currentVoters).toMatchObject([{ replicaId: 1, logEndOffset: harness.log.endOffset }])
    expect(nodes).toMatchObject(
      version < 2 ? [] : [{ nodeId: 1, listeners: [{ name: 'CONTROLLER', port: 9093 }] }],
    )
  }
  const other = await ask(DescribeQuorum, 2, { topics: [{ topicName: 'a', partitions }] })
  expect(other.topics[0]!.partitions[0]!.errorCode).toBe(Errors.UNKNOWN_TOPIC_OR_PARTITION.code)
})

test('UpdateFeatures: a row for each up to v1, one answer from v2; v0 knows only allowDowngrade', async () => {
  const { ask, harness } = await desk()
  const feature = 'eligible.leader.replicas.version'
  const up = await ask(UpdateFeatures, 1, { featureUpdates: [{ feature, maxVersionLevel: 1 }] })
  expect(up).toMatchObject({ errorCode: 0, results: [{ feature, errorCode: 0, errorMessage: 'NONE' }] })
  const refused = await ask(UpdateFeatures, 2, { featureUpdates: [{ feature, maxVersionLevel: 0 }] })
  expect(refused).toMatchObject({ errorCode: Errors.INVALID_UPDATE_VERSION.code, results: [] })
  expect(refused.errorMessage).toContain('Invalid update version 0')
  const dry = await ask(UpdateFeatures, 2, {
    featureUpdates: [{ feature, maxVersionLevel: 0, upgradeType: 2 }],
    validateOnly: true,
  })
  expect(dry.errorCode).toBe(0)
  expect(harness.image.features.finalized.get(feature)).toBe(1)
  const down = await ask(UpdateFeatures, 0, {
    featureUpdates: [{ feature, maxVersionLevel: 0, allowDowngrade: true }] as never,
  })
  expect(down.errorCode).toBe(0)
  expect(harness.image.features.finalized.has(feature)).toBe(false)
})

test('UnregisterBroker: only a broker that is registered', async () => {
  const { ask } = await desk()
  await expect(ask(UnregisterBroker, 0, { brokerId: 9 })).rejects.toMatchObject({
    code: Errors.BROKER_ID_NOT_REGISTERED.code,
  })
})
