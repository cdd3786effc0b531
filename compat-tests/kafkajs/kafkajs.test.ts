/**
 * KafkaJS 2.2.4 against a running broker: the old, non-flexible versions (Produce 7, Fetch 11, Metadata 6, JoinGroup 5).
 * Its whole surface but transactions and SASL.
 */
import kafkajs, { type Admin, type Consumer, type Kafka as KafkaClient, type Producer } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, startTarget, type Target } from '../target.ts'
import { expectOffsets, expectTooLarge, keepIn, type Seen } from './interface.ts'

const { Kafka, logLevel, CompressionTypes, ConfigResourceTypes } = kafkajs

let target: Target
let kafka: KafkaClient
let admin: Admin
let producer: Producer
const consumers: Consumer[] = []

beforeAll(async () => {
  target = await startTarget()
  kafka = new Kafka({ clientId: 'kafkajs-test', brokers: [target.bootstrap], logLevel: logLevel.NOTHING })
  admin = kafka.admin()
  producer = kafka.producer({ allowAutoTopicCreation: true })
  await Promise.all([admin.connect(), producer.connect()])
})

afterAll(async () => {
  await Promise.all(consumers.map(consumer => consumer.disconnect()))
  await Promise.all([admin.disconnect(), producer.disconnect()])
  await target[Symbol.asyncDispose]()
})

async function newTopic(numPartitions = 1): Promise<string> {
  const topic = target.unique('topic')
  await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1 }], waitForLeaders: true })
  return topic
}

async function consumer(
  groupId: string,
  topic: string,
  seen: Seen[],
  fromBeginning = true,
): Promise<Consumer> {
  const created = kafka.consumer({
    groupId,
    sessionTimeout: 10_000,
    rebalanceTimeout: 5_000,
    heartbeatInterval: 500,
  })
  consumers.push(created)
  await created.connect()
  await created.subscribe({ topic, fromBeginning })
  await created.run({ eachMessage: keepIn(seen) })
  return created
}

describe('producer', () => {
  test.each([
    ['acks 0', 0, CompressionTypes.None],
    ['acks 1', 1, CompressionTypes.None],
    ['acks all', -1, CompressionTypes.None],
    ['gzip', -1, CompressionTypes.GZIP],
  ])('sends with %s and reads it back', async (_, acks, compression) => {
    const topic = await newTopic()
    const messages = Array.from({ length: 50 }, (_, i) => ({
      key: `k${i}`,
      value: `v${i}`,
      headers: { h: `${i}` },
    }))
    const sent = await producer.send({ topic, acks, compression, messages })
    if (acks !== 0)
      expect(sent).toMatchObject([{ topicName: topic, partition: 0, errorCode: 0, baseOffset: '0' }])
    const seen: Seen[] = []
    await consumer(target.unique('group'), topic, seen)
    await eventually('50 records', () => seen.length === 50)
    expect(seen.map(s => [s.key, s.value, s.headers.h])).toEqual(
      messages.map(m => [m.key, m.value, m.headers.h]),
    )
    expect(seen.map(s => s.offset)).toEqual(messages.map((_, i) => String(i)))
  })

  test('sends one batch to several topics and keeps null keys and empty values', async () => {
    const [a, b] = [await newTopic(), await newTopic()]
    await producer.sendBatch({
      topicMessages: [
        { topic: a, messages: [{ key: null, value: 'a' }] },
        {
          topic: b,
          messages: [
            { key: 'k', value: null },
            { key: '', value: '' },
          ],
        },
      ],
    })
    const seen: Seen[] = []
    await consumer(target.unique('group'), b, seen)
    await eventually('two records', () => seen.length === 2)
    expect(seen.map(s => [s.key, s.value])).toEqual([
      ['k', undefined],
      ['', ''],
    ])
  })

  test('creates a missing topic by itself', async () => {
    const topic = target.unique('auto')
    await producer.send({ topic, messages: [{ value: 'x' }] })
    expect(await admin.listTopics()).toContain(topic)
  })

  test('an idempotent producer', async () => {
    const topic = await newTopic()
    const idempotent = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
    await idempotent.connect()
    for (let i = 0; i < 10; i++) await idempotent.send({ topic, messages: [{ value: `${i}` }] })
    await idempotent.disconnect()
    expect(await admin.fetchTopicOffsets(topic)).toMatchObject([
      { partition: 0, offset: '10', high: '10', low: '0' },
    ])
  })

  test('a record over max.message.bytes is refused', () =>
    expectTooLarge(target, admin, producer, { type: 'MESSAGE_TOO_LARGE' }))
})

describe('consumer groups', () => {
  test('three members share nine partitions; when one leaves, the others take over', async () => {
    const topic = await newTopic(9)
    const groupId = target.unique('group')
    const seen: Seen[] = []
    const members = await Promise.all([1, 2, 3].map(() => consumer(groupId, topic, seen)))
    const stable = async (count: number) => {
      const { groups } = await admin.describeGroups([groupId])
      return groups[0]!.state === 'Stable' && groups[0]!.members.length === count
    }
    await eventually('three members', () => stable(3), 30_000)
    const send = (round: number) =>
      producer.send({
        topic,
        messages: Array.from({ length: 90 }, (_, i) => ({ partition: i % 9, value: `${round}/${i}` })),
      })
    await send(1)
    await eventually('90 records', () => seen.length >= 90)
    await members[0]!.disconnect()
    await eventually('two members', () => stable(2), 30_000)
    await send(2)
    await eventually('180 records', () => new Set(seen.map(s => s.value)).size === 180)
  }, 90_000)

  test('commits, finds its place again, resets and seeks', async () => {
    const topic = await newTopic()
    const groupId = target.unique('group')
    const values = Array.from({ length: 20 }, (_, i) => `${i}`)
    await producer.send({ topic, messages: values.map(value => ({ value })) })
    const first: Seen[] = []
    const one = await consumer(groupId, topic, first)
    await eventually('20 records', () => first.length === 20)
    await one.disconnect()
    expect(await admin.fetchOffsets({ groupId, topics: [topic] })).toMatchObject([
      { topic, partitions: [{ partition: 0, offset: '20' }] },
    ])

    await admin.setOffsets({ groupId, topic, partitions: [{ partition: 0, offset: '15' }] })
    const second: Seen[] = []
    const two = await consumer(groupId, topic, second)
    await eventually('five records', () => second.length === 5)
    two.seek({ topic, partition: 0, offset: '18' })
    await eventually('two more', () => second.length === 7)
    two.pause([{ topic }])
    await producer.send({ topic, messages: [{ value: 'late' }] })
    two.resume([{ topic }])
    await eventually('the late one', () => second.at(-1)?.value === 'late')
    await two.commitOffsets([{ topic, partition: 0, offset: '3', metadata: 'a note' }])
    expect(await admin.fetchOffsets({ groupId, topics: [topic] })).toMatchObject([
      { partitions: [{ offset: '3', metadata: 'a note' }] },
    ])
    await two.disconnect()

    await admin.resetOffsets({ groupId, topic, earliest: true })
    const resolved = await admin.fetchOffsets({ groupId, topics: [topic], resolveOffsets: true })
    expect(resolved).toMatchObject([{ partitions: [{ offset: '0' }] }])
    expect((await admin.listGroups()).groups.map(g => g.groupId)).toContain(groupId)
    expect(await admin.deleteGroups([groupId])).toMatchObject([{ groupId, errorCode: 0 }])
    expect((await admin.listGroups()).groups.map(g => g.groupId)).not.toContain(groupId)
  }, 60_000)
})

describe('consumers beyond eachMessage', () => {
  test('eachBatch: a batch is left half read, and the rest comes again', async () => {
    const topic = await newTopic()
    const groupId = target.unique('group')
    await producer.send({ topic, messages: Array.from({ length: 10 }, (_, i) => ({ value: `${i}` })) })
    const batches: string[][] = []
    const reader = kafka.consumer({ groupId, sessionTimeout: 10_000, heartbeatInterval: 500 })
    consumers.push(reader)
    await reader.connect()
    await reader.subscribe({ topic, fromBeginning: true })
    await reader.run({
      eachBatchAutoResolve: false,
      eachBatch: async ({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary }) => {
        const part = batch.messages.slice(0, 4)
        batches.push(part.map(message => String(message.value)))
        resolveOffset(part.at(-1)!.offset)
        await heartbeat()
        await commitOffsetsIfNecessary({
          topics: [
            { topic, partitions: [{ partition: 0, offset: String(Number(part.at(-1)!.offset) + 1) }] },
          ],
        })
        expect(batch.highWatermark).toBe('10')
      },
    })
    await eventually('three parts', () => batches.flat().length === 10)
    expect(batches).toEqual([
      ['0', '1', '2', '3'],
      ['4', '5', '6', '7'],
      ['8', '9'],
    ])
    expect(await admin.fetchOffsets({ groupId, topics: [topic] })).toMatchObject([
      { partitions: [{ offset: '10' }] },
    ])
  })

  test('a pattern, several topics, several partitions at once', async () => {
    const prefix = target.unique('many')
    const topics = [`${prefix}-a`, `${prefix}-b`]
    await admin.createTopics({
      topics: topics.map(topic => ({ topic, numPartitions: 3 })),
      waitForLeaders: true,
    })
    const seen: string[] = []
    const reader = kafka.consumer({ groupId: target.unique('group'), heartbeatInterval: 500 })
    consumers.push(reader)
    await reader.connect()
    await reader.subscribe({ topic: new RegExp(`^${prefix}-`), fromBeginning: true })
    await reader.run({
      partitionsConsumedConcurrently: 3,
      eachMessage: async ({ topic, partition, message }) => {
        seen.push(`${topic}/${partition}/${message.value?.toString()}`)
      },
    })
    for (const topic of topics) {
      await producer.send({
        topic,
        messages: Array.from({ length: 30 }, (_, i) => ({ partition: i % 3, value: `${i}` })),
      })
    }
    await eventually('60 records', () => seen.length === 60)
    expect(new Set(seen).size).toBe(60)
  })

  test('a partitioner of its own, and records larger than one fetch', async () => {
    const topic = await newTopic(4)
    const last = kafka.producer({
      createPartitioner:
        () =>
        ({ partitionMetadata }) =>
          partitionMetadata.length - 1,
    })
    await last.connect()
    const large = 'x'.repeat(700_000)
    for (const value of ['1', '2']) await last.send({ topic, messages: [{ key: value, value: large }] })
    await last.disconnect()
    expect(await admin.fetchTopicOffsets(topic)).toContainEqual(
      expect.objectContaining({ partition: 3, offset: '2' }),
    )
    const lengths: number[] = []
    const reader = kafka.consumer({
      groupId: target.unique('group'),
      maxBytesPerPartition: 1000,
      maxBytes: 1000,
    })
    consumers.push(reader)
    await reader.connect()
    await reader.subscribe({ topic, fromBeginning: true })
    await reader.run({ eachMessage: async ({ message }) => void lengths.push(message.value!.length) })
    await eventually('two records', () => lengths.length === 2)
    expect(lengths).toEqual([large.length, large.length])
  })
})

describe('admin', () => {
  test('what is refused: an unknown topic, a group in use, an unknown group, too few partitions', async () => {
    const topic = await newTopic(3)
    const groupId = target.unique('group')
    const missing = target.unique('missing')
    const quiet = kafka.admin({ retry: { retries: 0 } })
    await quiet.connect()
    await expect(quiet.fetchTopicOffsets(missing)).rejects.toMatchObject({
      cause: { type: 'UNKNOWN_TOPIC_OR_PARTITION' },
    })
    await expect(quiet.deleteTopics({ topics: [missing] })).rejects.toMatchObject({
      cause: { type: 'UNKNOWN_TOPIC_OR_PARTITION' },
    })
    const fewer = quiet.createPartitions({ topicPartitions: [{ topic, count: 2 }] })
    await expect(fewer).rejects.toMatchObject({ type: 'INVALID_PARTITIONS' })
    await consumer(groupId, topic, [])
    await eventually('a member', async () => {
      const { groups } = await admin.describeGroups([groupId])
      return groups[0]!.state === 'Stable'
    })
    const inUse = quiet.deleteGroups([groupId])
    await expect(inUse).rejects.toMatchObject({ groups: [{ groupId, errorCode: 68 }] })
    const unknown = quiet.deleteGroups([missing])
    await expect(unknown).rejects.toMatchObject({ groups: [{ groupId: missing, errorCode: 69 }] })
    await quiet.disconnect()
  })

  test('reassignments: none under way, and one to the broker that has it already', async () => {
    const topic = await newTopic()
    const { brokers } = await admin.describeCluster()
    const replicas = brokers.map(broker => broker.nodeId)
    await admin.alterPartitionReassignments({
      topics: [{ topic, partitionAssignment: [{ partition: 0, replicas }] }],
    })
    const { topics } = await admin.listPartitionReassignments({ topics: [{ topic, partitions: [0] }] })
    expect(topics).toEqual([])
  })

  test('creates, lists, describes, grows and deletes topics', async () => {
    const topic = await newTopic(2)
    expect(await admin.createTopics({ topics: [{ topic }] })).toBe(false)
    await admin.createPartitions({ topicPartitions: [{ topic, count: 4 }] })
    const metadata = await admin.fetchTopicMetadata({ topics: [topic] })
    expect(metadata.topics[0]!.partitions.map(p => p.partitionId).sort((a, b) => a - b)).toEqual([0, 1, 2, 3])
    await admin.deleteTopics({ topics: [topic] })
    await eventually('one topic less', async () => !(await admin.listTopics()).includes(topic))
  })

  test('offsets by time and deleted records', async () => expectOffsets(admin, producer, await newTopic()))

  test('describes and alters settings', async () => {
    const topic = await newTopic()
    const type = ConfigResourceTypes.TOPIC
    await admin.alterConfigs({
      validateOnly: false,
      resources: [{ type, name: topic, configEntries: [{ name: 'retention.ms', value: '5000' }] }],
    })
    const { resources } = await admin.describeConfigs({
      includeSynonyms: true,
      resources: [{ type, name: topic }],
    })
    const entries = new Map(resources[0]!.configEntries.map(e => [e.configName, e]))
    expect(entries.get('retention.ms')).toMatchObject({ configValue: '5000', isDefault: false })
    expect(entries.get('segment.bytes')).toMatchObject({ configValue: '1073741824' })
  })

  test('describes the cluster; access control is off', async () => {
    const cluster = await admin.describeCluster()
    const [host, port] = target.bootstrap.split(':')
    expect(cluster.brokers).toMatchObject([{ host, port: Number(port) }])
    expect(cluster.clusterId).toMatch(/^[\w-]{22}$/)
    const filter = { resourceType: 1, resourcePatternType: 1, operation: 1, permissionType: 1 }
    await expect(admin.describeAcls(filter)).rejects.toMatchObject({ type: 'SECURITY_DISABLED' })
  })
})
