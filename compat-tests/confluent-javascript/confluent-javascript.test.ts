/**
 * @confluentinc/kafka-javascript against a running broker: librdkafka's newest requests under KafkaJS's interface. The runner installs it and
 * says where (CONFLUENT_JAVASCRIPT); `npm test` leaves this file out. KafkaJS's types serve for what the two have in common.
 */
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { Admin, Consumer, Producer, TopicPartitionOffset } from 'kafkajs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { expectOffsets, expectTooLarge, keepIn, type Seen } from '../kafkajs/interface.ts'
import { eventually, startTarget, type Target } from '../target.ts'

interface ConfluentConsumer extends Omit<Consumer, 'commitOffsets'> {
  assignment(): { topic: string; partition: number }[]
  commitOffsets(offsets?: TopicPartitionOffset[]): Promise<void>
  committed(partitions: { topic: string; partition: number }[]): Promise<{ offset: string }[]>
}

type Settings = { kafkaJS: object; [librdkafka: string]: unknown }

interface ConfluentKafka {
  admin(): Admin
  producer(settings?: Settings): Producer
  consumer(settings: Settings): ConfluentConsumer
}

const home = process.env.CONFLUENT_JAVASCRIPT!
const { KafkaJS } = createRequire(join(home, 'package.json'))('@confluentinc/kafka-javascript') as {
  KafkaJS: { Kafka: new (settings: Settings) => ConfluentKafka; logLevel: { NOTHING: number } }
}

let target: Target
let kafka: ConfluentKafka
let admin: Admin
let producer: Producer
const consumers: ConfluentConsumer[] = []

beforeAll(async () => {
  target = await startTarget()
  kafka = new KafkaJS.Kafka({
    kafkaJS: { clientId: 'confluent-test', brokers: [target.bootstrap], logLevel: KafkaJS.logLevel.NOTHING },
  })
  admin = kafka.admin()
  producer = kafka.producer()
  await Promise.all([admin.connect(), producer.connect()])
})

afterAll(async () => {
  await Promise.all(consumers.map(consumer => consumer.disconnect()))
  await Promise.all([admin.disconnect(), producer.disconnect()])
  await target[Symbol.asyncDispose]()
})

async function newTopic(numPartitions = 1): Promise<string> {
  const topic = target.unique('topic')
  await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1 }] })
  return topic
}

async function consume(
  groupId: string,
  topic: string,
  seen: Seen[],
  more: object = {},
): Promise<ConfluentConsumer> {
  const consumer = kafka.consumer({
    kafkaJS: { groupId, fromBeginning: true, sessionTimeout: 10_000, heartbeatInterval: 500, ...more },
  })
  consumers.push(consumer)
  await consumer.connect()
  await consumer.subscribe({ topics: [topic] })
  await consumer.run({ eachMessage: keepIn(seen) })
  return consumer
}

describe('producer', () => {
  test.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('sends and reads back, %s', async compression => {
    const topic = await newTopic()
    const sender = kafka.producer({ kafkaJS: { acks: -1 }, 'compression.codec': compression })
    await sender.connect()
    // Made twice: sending turns the values into buffers in place.
    const made = () =>
      Array.from({ length: 100 }, (_, i) => ({
        key: `k${i}`,
        value: `v${i}`.repeat(20),
        headers: { h: `${i}` },
      }))
    const [sent] = await sender.send({ topic, messages: made() })
    expect(sent).toMatchObject({ topicName: topic, partition: 0, errorCode: 0, baseOffset: '0' })
    await sender.disconnect()
    const seen: Seen[] = []
    await consume(target.unique('group'), topic, seen)
    await eventually('100 records', () => seen.length === 100)
    expect(seen.map(m => [m.key, m.value, m.offset])).toEqual(
      made().map((m, i) => [m.key, m.value, String(i)]),
    )
    expect(seen[7]!.headers.h).toBe('7')
  })

  test('an idempotent producer, and a batch for several topics', async () => {
    const [a, b] = [await newTopic(), await newTopic()]
    const sender = kafka.producer({ kafkaJS: { idempotent: true } })
    await sender.connect()
    for (let i = 0; i < 10; i++) {
      await sender.sendBatch({
        topicMessages: [
          { topic: a, messages: [{ value: `${i}` }] },
          { topic: b, messages: [{ value: `${i}` }, { value: null }] },
        ],
      })
    }
    await sender.disconnect()
    expect(await admin.fetchTopicOffsets(a)).toMatchObject([{ low: '0', high: '10' }])
    expect(await admin.fetchTopicOffsets(b)).toMatchObject([{ low: '0', high: '20' }])
  })

  test('a record over max.message.bytes is refused', () =>
    expectTooLarge(target, admin, producer, { code: 10 }))
})

describe('consumer', () => {
  test('two members share four partitions; one leaves, the other takes them all', async () => {
    const topic = await newTopic(4)
    const groupId = target.unique('group')
    const seen: Seen[] = []
    const one = await consume(groupId, topic, seen)
    const two = await consume(groupId, topic, seen)
    const assigned = () => [one.assignment().length, two.assignment().length]
    await eventually('two each', () => assigned().join() === '2,2', 30_000)
    const messages = Array.from({ length: 40 }, (_, i) => ({ partition: i % 4, value: `${i}` }))
    await producer.send({ topic, messages })
    await eventually('40 records', () => new Set(seen.map(m => m.value)).size === 40)
    await one.disconnect()
    await eventually('all four', () => two.assignment().length === 4, 30_000)
  }, 60_000)

  test('commits, finds its place again, seeks, pauses', async () => {
    const topic = await newTopic()
    const groupId = target.unique('group')
    await producer.send({ topic, messages: Array.from({ length: 10 }, (_, i) => ({ value: `${i}` })) })
    const first: Seen[] = []
    const one = await consume(groupId, topic, first, { autoCommit: false })
    await eventually('ten records', () => first.length === 10)
    await one.commitOffsets([{ topic, partition: 0, offset: '6' }])
    expect(await one.committed([{ topic, partition: 0 }])).toMatchObject([{ offset: '6' }])
    await one.disconnect()
    const second: Seen[] = []
    const two = await consume(groupId, topic, second)
    await eventually('four records', () => second.length === 4)
    expect(second.map(m => m.offset)).toEqual(['6', '7', '8', '9'])
    two.seek({ topic, partition: 0, offset: '8' })
    await eventually('two more', () => second.length === 6)
    two.pause([{ topic }])
    await producer.send({ topic, messages: [{ value: 'late' }] })
    two.resume([{ topic }])
    await eventually('the late one', () => second.at(-1)?.value === 'late')
  }, 60_000)
})

describe('admin', () => {
  test('creates, lists, describes and deletes topics', async () => {
    const topic = await newTopic(2)
    expect(await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] })).toBe(false)
    expect(await admin.listTopics()).toContain(topic)
    expect(await admin.fetchTopicMetadata({ topics: [topic] })).toMatchObject([
      { name: topic, partitions: [{ partitionId: 0 }, { partitionId: 1 }] },
    ])
    await admin.deleteTopics({ topics: [topic] })
    expect(await admin.listTopics()).not.toContain(topic)
  })

  test('offsets by time and deleted records', async () => expectOffsets(admin, producer, await newTopic()))

  test('groups: describe, list, offsets, delete', async () => {
    const topic = await newTopic()
    const groupId = target.unique('group')
    await producer.send({ topic, messages: [{ value: 'x' }] })
    const seen: Seen[] = []
    const member = await consume(groupId, topic, seen)
    await eventually('one record', () => seen.length === 1)
    const { groups } = await admin.describeGroups([groupId])
    expect(groups).toMatchObject([{ groupId, members: [{ clientId: 'confluent-test' }] }])
    await member.disconnect()
    expect(await admin.fetchOffsets({ groupId, topics: [topic] })).toMatchObject([
      { topic, partitions: [{ partition: 0, offset: '1' }] },
    ])
    expect((await admin.listGroups()).groups.map(g => g.groupId)).toContain(groupId)
    expect(await admin.deleteGroups([groupId])).toMatchObject([{ groupId }])
    expect((await admin.listGroups()).groups.map(g => g.groupId)).not.toContain(groupId)
  })
})
