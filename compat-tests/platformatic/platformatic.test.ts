/**
 * @platformatic/kafka 1.35.0 against a running broker: the new, flexible versions (Produce 11, Fetch 17 with topic ids,
 * Metadata 12, JoinGroup 9, OffsetFetch 9). It shares no Fetch or Metadata version with KafkaJS.
 */
import {
  Admin,
  Consumer,
  type Message,
  MessagesStreamModes,
  ProduceAcks,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, startTarget, type Target } from '../target.ts'

type Strings = Message<string, string, string, string>
type StringConsumer = Consumer<string, string, string, string>

let target: Target
let admin: Admin
let producer: Producer<string, string, string, string>

beforeAll(async () => {
  target = await startTarget()
  const options = { clientId: 'platformatic-test', bootstrapBrokers: [target.bootstrap] }
  admin = new Admin(options)
  producer = new Producer({ ...options, serializers: stringSerializers })
})

afterAll(async () => {
  await producer.close()
  await admin.close()
  await target[Symbol.asyncDispose]()
})

async function newTopic(partitions = 1): Promise<string> {
  const topic = target.unique('topic')
  await admin.createTopics({ topics: [topic], partitions, replicas: 1 })
  return topic
}

function newConsumer(groupId: string, more: object = {}): StringConsumer {
  const limits = {
    sessionTimeout: 10_000,
    rebalanceTimeout: 10_000,
    heartbeatInterval: 500,
    maxWaitTime: 200,
  }
  return new Consumer({
    clientId: 'platformatic-test',
    bootstrapBrokers: [target.bootstrap],
    groupId,
    deserializers: stringDeserializers,
    ...limits,
    ...more,
  }) as StringConsumer
}

async function read(topic: string, count: number): Promise<Strings[]> {
  const consumer = newConsumer(target.unique('group'))
  const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.EARLIEST })
  const seen: Strings[] = []
  for await (const message of stream) {
    seen.push(message)
    if (seen.length === count) break
  }
  await consumer.close(true)
  return seen
}

describe('producer', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4'] as const)('sends and reads back, %s', async compression => {
    const topic = await newTopic()
    const messages = Array.from({ length: 100 }, (_, i) => ({
      topic,
      key: `k${i}`,
      value: `v${i}`.repeat(20),
      headers: { h: `${i}` },
      timestamp: BigInt(Date.now()),
    }))
    const result = await producer.send({ messages, acks: ProduceAcks.ALL, compression })
    expect(result.offsets).toMatchObject([{ topic, partition: 0, offset: 0n }])
    const seen = await read(topic, 100)
    expect(seen.map(m => [m.key, m.value, m.headers.get('h'), m.timestamp])).toEqual(
      messages.map(m => [m.key, m.value, m.headers.h, m.timestamp]),
    )
    expect(seen.map(m => m.offset)).toEqual(messages.map((_, i) => BigInt(i)))
  })

  test('idempotent sends keep their sequence', async () => {
    const topic = await newTopic()
    const idempotent = new Producer({
      clientId: 'idempotent',
      bootstrapBrokers: [target.bootstrap],
      serializers: stringSerializers,
      idempotent: true,
    })
    for (let i = 0; i < 20; i++) await idempotent.send({ messages: [{ topic, key: 'k', value: `${i}` }] })
    await idempotent.close()
    expect((await read(topic, 20)).map(m => m.value)).toEqual(Array.from({ length: 20 }, (_, i) => `${i}`))
  })

  test('an unknown topic is refused when it may not be created', async () => {
    const send = producer.send({
      messages: [{ topic: target.unique('missing'), value: 'x' }],
      autocreateTopics: false,
    })
    await expect(send).rejects.toThrow()
  })
})

describe('consumer', () => {
  test('a group of two shares the partitions and commits', async () => {
    const topic = await newTopic(4)
    const groupId = target.unique('group')
    const seen: Strings[] = []
    const consumers = [newConsumer(groupId), newConsumer(groupId)]
    for (const consumer of consumers) {
      const stream = await consumer.consume({
        topics: [topic],
        mode: MessagesStreamModes.EARLIEST,
        autocommit: true,
      })
      stream.on('data', message => seen.push(message))
    }
    await eventually('both have two partitions', () =>
      consumers.every(c => c.assignments?.flatMap(a => a.partitions).length === 2),
    )
    const messages = Array.from({ length: 40 }, (_, i) => ({
      topic,
      partition: i % 4,
      key: `${i % 4}`,
      value: `${i}`,
    }))
    await producer.send({ messages })
    await eventually('40 records', () => new Set(seen.map(m => m.value)).size === 40)
    for (const key of ['0', '1', '2', '3']) {
      const values = [...new Set(seen.filter(m => m.key === key).map(m => Number(m.value)))]
      expect(values).toEqual([...values].sort((a, b) => a - b))
    }
    await Promise.all(consumers.map(consumer => consumer.close(true)))
    const offsets = await admin.listConsumerGroupOffsets({ groups: [groupId] })
    const committed = offsets[0]!.topics[0]!.partitions.map(p => p.committedOffset)
    expect(committed).toEqual([10n, 10n, 10n, 10n])
  })

  test('a static member comes back under its instance id', async () => {
    const topic = await newTopic()
    const groupId = target.unique('group')
    const join = async () => {
      const consumer = newConsumer(groupId, { groupInstanceId: 'instance-1' })
      await consumer.consume({ topics: [topic] })
      return consumer
    }
    const first = await join()
    const described = await admin.describeGroups({ groups: [groupId] })
    expect([...described.get(groupId)!.members.values()]).toMatchObject([{ groupInstanceId: 'instance-1' }])
    await first.close(true)
    const second = await join()
    expect((await admin.describeGroups({ groups: [groupId] })).get(groupId)!.members.size).toBe(1)
    await second.close(true)
  })

  test('offsets: list, by timestamp, lag', async () => {
    const topic = await newTopic()
    const base = Date.now() - 10_000
    const messages = Array.from({ length: 10 }, (_, i) => ({
      topic,
      value: `${i}`,
      timestamp: BigInt(base + i * 1000),
    }))
    await producer.send({ messages })
    const consumer = newConsumer(target.unique('group'))
    expect(await consumer.listOffsets({ topics: [topic] })).toEqual(new Map([[topic, [10n]]]))
    expect(await consumer.listOffsets({ topics: [topic], timestamp: BigInt(base + 2500) })).toEqual(
      new Map([[topic, [3n]]]),
    )
    expect(await consumer.listOffsets({ topics: [topic], timestamp: -2n })).toEqual(new Map([[topic, [0n]]]))
    await consumer.close(true)
  })
})

describe('the life of a group', () => {
  test('offsets are moved, found again, forgotten; members are removed; the group goes', async () => {
    const topic = await newTopic()
    const groupId = target.unique('group')
    const send = (from: number, to: number) =>
      producer.send({
        messages: Array.from({ length: to - from }, (_, i) => ({ topic, value: `${from + i}` })),
      })
    await send(0, 10)
    await admin.alterConsumerGroupOffsets({
      groupId,
      topics: [{ name: topic, partitionOffsets: [{ partition: 0, offset: 6n }] }],
    })
    const consumer = newConsumer(groupId)
    const stream = await consumer.consume({ topics: [topic], mode: MessagesStreamModes.COMMITTED })
    const seen: Strings[] = []
    for await (const message of stream) {
      seen.push(message)
      if (seen.length === 4) break
    }
    expect(seen.map(message => message.offset)).toEqual([6n, 7n, 8n, 9n])
    await seen.at(-1)!.commit()
    const committed = async () =>
      (await admin.listConsumerGroupOffsets({ groups: [groupId] }))[0]!.topics[0]?.partitions[0]
        ?.committedOffset
    await eventually('the commit', async () => (await committed()) === 10n)
    expect((await admin.listGroups({ states: ['STABLE'] })).get(groupId)).toMatchObject({
      protocolType: 'consumer',
    })
    const [coordinator] = await admin.findCoordinator({ keyType: 0, keys: [groupId] })
    expect(coordinator).toMatchObject({ key: groupId, port: Number(target.bootstrap.split(':')[1]) })
    await consumer.close(true)
    await admin.deleteConsumerGroupOffsets({ groupId, topics: [{ name: topic, partitionIndexes: [0] }] })
    expect(await committed()).toBeUndefined()
    await admin.deleteGroups({ groups: [groupId] })
    expect((await admin.listGroups()).has(groupId)).toBe(false)
  })

  test('the newest, and an offset named by hand', async () => {
    const topic = await newTopic()
    await producer.send({ messages: Array.from({ length: 5 }, (_, i) => ({ topic, value: `${i}` })) })
    const next = async (more: object) => {
      const consumer = newConsumer(target.unique('group'))
      const stream = await consumer.consume({ topics: [topic], ...more } as Parameters<
        StringConsumer['consume']
      >[0])
      const first = new Promise<Strings>(resolve => stream.once('data', resolve))
      await producer.send({ messages: [{ topic, value: 'new' }] })
      const message = await first
      await consumer.close(true)
      return message
    }
    expect(await next({ mode: MessagesStreamModes.LATEST })).toMatchObject({ value: 'new', offset: 5n })
    const offsets = [{ topic, partition: 0, offset: 3n }]
    expect(await next({ mode: MessagesStreamModes.MANUAL, offsets })).toMatchObject({ value: '3' })
  })
})

describe('admin', () => {
  test('offsets by time; a topic with settings and replicas by hand', async () => {
    const topic = target.unique('topic')
    const { brokers } = await admin.metadata({ topics: [] })
    await admin.createTopics({
      topics: [topic],
      partitions: -1,
      replicas: -1,
      assignments: [{ partition: 0, brokers: [...brokers.keys()] }],
      configs: [{ name: 'message.timestamp.type', value: 'LogAppendTime' }],
    })
    const before = Date.now()
    await producer.send({ messages: [{ topic, value: 'x', timestamp: 5n }] })
    const at = async (timestamp: bigint) =>
      (
        await admin.listOffsets({ topics: [{ name: topic, partitions: [{ partitionIndex: 0, timestamp }] }] })
      )[0]!.partitions[0]
    expect(await at(-1n)).toMatchObject({ offset: 1n, leaderEpoch: 0 })
    const newest = await at(-3n)
    expect(newest).toMatchObject({ offset: 0n })
    expect(Number(newest!.timestamp)).toBeGreaterThanOrEqual(before)
  })

  test('topics, partitions and groups', async () => {
    const topic = await newTopic(2)
    const isListed = async () => (await admin.listTopics()).includes(topic)
    await eventually('the topic', isListed)
    await expect(admin.createTopics({ topics: [topic], partitions: 1, replicas: 1 })).rejects.toThrow()
    await admin.createPartitions({ topics: [{ name: topic, count: 3, assignments: null }] })
    await eventually('three partitions', async () => {
      const metadata = await admin.metadata({ topics: [topic], forceUpdate: true })
      return metadata.topics.get(topic)?.partitionsCount === 3
    })
    await admin.deleteTopics({ topics: [topic] })
    await eventually('no topic', async () => !(await isListed()))
  })

  test('settings: set, append, delete', async () => {
    const topic = await newTopic()
    const change = (name: string, incrementalOperation: number, value: string | null) =>
      admin.incrementalAlterConfigs({
        resources: [
          {
            resourceType: 2,
            resourceName: topic,
            configs: [{ name, configOperation: incrementalOperation, value }],
          },
        ],
      } as Parameters<Admin['incrementalAlterConfigs']>[0])
    const value = async (name: string) => {
      const described = await admin.describeConfigs({
        resources: [{ resourceType: 2, resourceName: topic }],
      } as Parameters<Admin['describeConfigs']>[0])
      return described[0]!.configs.find(c => c.name === name)?.value
    }
    const shows = (name: string, wanted: string) =>
      eventually(`${name} is ${wanted}`, async () => (await value(name)) === wanted)
    await change('retention.ms', 0, '7000')
    await shows('retention.ms', '7000')
    await change('cleanup.policy', 2, 'compact')
    await shows('cleanup.policy', 'delete,compact')
    await change('retention.ms', 1, null)
    await shows('retention.ms', '604800000')
  })

  test('deletes records and describes log directories', async () => {
    const topic = await newTopic()
    await producer.send({ messages: Array.from({ length: 10 }, (_, i) => ({ topic, value: `${i}` })) })
    const deleted = await admin.deleteRecords({
      topics: [{ name: topic, partitions: [{ partition: 0, offset: 4n }] }],
    })
    expect(deleted[0]!.partitions[0]).toMatchObject({ lowWatermark: 4n })
    const dirs = await admin.describeLogDirs({ topics: [{ name: topic, partitions: [0] }] })
    expect(dirs[0]!.results[0]!.topics[0]!.partitions[0]!.partitionSize).toBeGreaterThan(0n)
  })
})
