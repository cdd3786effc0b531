// The library as its users see it: stock clients against embedded brokers.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, type Consumer, Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { type EmbeddedBroker, InvalidSettings, type StartBrokerOptions, startBroker } from './index.ts'

function clientOf(broker: EmbeddedBroker, retries = 8): Kafka {
  return new Kafka({
    clientId: 'test',
    brokers: [broker.bootstrapServers],
    logLevel: logLevel.NOTHING,
    retry: { retries, initialRetryTime: 10 },
    requestTimeout: 2000,
  })
}

async function withAdmin<T>(kafka: Kafka, use: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = kafka.admin()
  await admin.connect()
  try {
    return await use(admin)
  } finally {
    await admin.disconnect()
  }
}

async function withBroker(
  options: StartBrokerOptions,
  use: (broker: EmbeddedBroker, kafka: Kafka) => Promise<void>,
) {
  const broker = await startBroker(options)
  try {
    await use(broker, clientOf(broker))
  } finally {
    await broker.stop()
  }
}

async function send(kafka: Kafka, topic: string, ...values: string[]): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  try {
    await producer.send({ topic, messages: values.map(value => ({ key: 'k', value })), acks: -1 })
  } finally {
    await producer.disconnect()
  }
}

async function receive(kafka: Kafka, topic: string, count: number): Promise<string[]> {
  const values: string[] = []
  const consumer: Consumer = kafka.consumer({ groupId: `g-${Math.random()}`, maxWaitTimeInMs: 50 })
  await consumer.connect()
  try {
    await consumer.subscribe({ topic, fromBeginning: true })
    await new Promise<void>((resolve, reject) => {
      consumer.on('consumer.crash', event => reject(event.payload.error))
      void consumer
        .run({
          eachMessage: async ({ message }) => {
            values.push(message.value!.toString())
            if (values.length === count) resolve()
          },
        })
        .catch(reject)
    })
  } finally {
    await consumer.disconnect()
  }
  return values
}

test('a stock client creates, sends and reads back', async () => {
  const topics = ['plain', { name: 'shaped', partitions: 3, config: { 'cleanup.policy': 'compact' } }]
  await withBroker({ topics, settings: { 'num.partitions': 2 } }, async (_, kafka) => {
    const { topics: found } = await withAdmin(kafka, admin => admin.fetchTopicMetadata())
    const partitions = Object.fromEntries(found.map(topic => [topic.name, topic.partitions.length]))
    expect(partitions).toEqual({ plain: 2, shaped: 3 })
    await send(kafka, 'shaped', 'one', 'two')
    expect(await receive(kafka, 'shaped', 2)).toEqual(['one', 'two'])
  })
})

test('brokers side by side share nothing', async () => {
  await withBroker({ topics: ['a'] }, async (first, firstKafka) => {
    await withBroker({ topics: ['b'] }, async (second, secondKafka) => {
      expect(first.port).not.toBe(second.port)
      expect(first.clusterId).not.toBe(second.clusterId)
      await send(firstKafka, 'a', 'x')
      expect(await withAdmin(secondKafka, admin => admin.listTopics())).toEqual(['b'])
      expect(await first.metrics()).toContain('messagesin_total{topic="a"} 1')
      expect(await second.metrics()).not.toContain('topic="a"')
    })
  })
})

test('consumer lag, group members and topic sizes are measured', async () => {
  await withBroker({ topics: ['a'] }, async (broker, kafka) => {
    await send(kafka, 'a', 'one', 'two', 'three')
    const consumer = kafka.consumer({ groupId: 'g', maxWaitTimeInMs: 50 })
    await consumer.connect()
    await consumer.subscribe({ topic: 'a' })
    const joined = new Promise(resolve => consumer.on('consumer.group_join', resolve))
    await consumer.run({ eachMessage: async () => {} })
    await joined
    await consumer.commitOffsets([{ topic: 'a', partition: 0, offset: '1' }])
    const text = await broker.metrics()
    const labels = 'consumergroup="g",topic="a",partition="0"'
    expect(text).toContain(`kafka_consumergroup_lag{${labels}} 2`)
    expect(text).toContain(`kafka_consumergroup_current_offset{${labels}} 1`)
    expect(text).toContain('kafka_consumergroup_members{consumergroup="g"} 1')
    expect(text).toContain('kafka_log_log_logendoffset{topic="a",partition="0"} 3')
    expect(text).toMatch(/kafka_network_requestmetrics_requests_total\{request="JoinGroup",version="\d+"\} 2/)
    await consumer.disconnect()
  })
})

test('advance makes a session expire on command', async () => {
  await withBroker({ topics: ['a'] }, async (broker, kafka) => {
    const consumer = kafka.consumer({ groupId: 'g', sessionTimeout: 30_000, heartbeatInterval: 29_000 })
    await consumer.connect()
    await consumer.subscribe({ topic: 'a' })
    const joined = new Promise(resolve => consumer.on('consumer.group_join', resolve))
    await consumer.run({ eachMessage: async () => {} })
    await joined
    const members = async (): Promise<number> =>
      withAdmin(kafka, async admin => (await admin.describeGroups(['g'])).groups[0]!.members.length)
    expect(await members()).toBe(1)
    await broker.clock.advance(30_001)
    expect(await members()).toBe(0)
    await consumer.disconnect()
  })
})

test('faults strike the requests they name', async () => {
  await withBroker({ topics: ['a', 'b'] }, async (broker, kafka) => {
    const fault = broker.fault({ api: 'Produce', topic: 'a', error: 'NOT_ENOUGH_REPLICAS', times: 2 })
    await send(kafka, 'b', 'unharmed')
    expect(fault.hits).toBe(0)
    await send(kafka, 'a', 'in the end')
    expect(fault.hits).toBe(2)
    const lost = broker.fault({ api: 'Metadata', disconnect: true })
    await expect(withAdmin(kafka, admin => admin.listTopics())).rejects.toThrow(/Closed connection/)
    expect(await withAdmin(kafka, admin => admin.listTopics())).toEqual(expect.arrayContaining(['a', 'b']))
    expect(lost.hits).toBe(1)
    expect(() => broker.fault({ api: 'Produze', drop: true })).toThrow(/did you mean Produce/)
  })
})

test('reset empties it, on the same port', async () => {
  await withBroker({ topics: ['kept'] }, async (broker, kafka) => {
    const { port } = broker
    await broker.createTopics(['made later'.replace(' ', '-')])
    await send(kafka, 'kept', 'gone')
    await broker.clock.advance(1e9)
    await broker.reset()
    expect(broker.port).toBe(port)
    expect(Math.abs(broker.clock.nowMs() - Date.now())).toBeLessThan(10_000)
    expect(await withAdmin(kafka, admin => admin.listTopics())).toEqual(['kept'])
    await send(kafka, 'kept', 'fresh')
    expect(await receive(kafka, 'kept', 1)).toEqual(['fresh'])
  })
})

test('with a dataDir it is all still there next time', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'odradek-library-'))
  try {
    await withBroker({ dataDir, topics: ['a'] }, async (broker, kafka) => {
      await send(kafka, 'a', 'one')
      await expect(broker.reset()).rejects.toThrow(/dataDir/)
      await expect(startBroker({ dataDir })).rejects.toThrow(/in use/)
    })
    await withBroker({ dataDir }, async (_, kafka) => {
      expect(await receive(kafka, 'a', 1)).toEqual(['one'])
    })
  } finally {
    rmSync(dataDir, { recursive: true })
  }
})

test('what cannot be is refused, and nothing is left open', async () => {
  await expect(startBroker({ settings: { 'num.partitions': 0 } })).rejects.toThrow(InvalidSettings)
  await expect(startBroker({ topics: ['not/a/name'] })).rejects.toThrow(/not\/a\/name/)
  await withBroker({}, async ({ port }) => {
    await expect(startBroker({ port })).rejects.toThrow(/EADDRINUSE/)
  })
})

test('stop is one stop, however often it is called; closed tells of it', async () => {
  const broker = await startBroker()
  const { closed } = broker
  await Promise.all([broker.stop(), broker.stop()])
  await closed
})

test('it logs to whom asked for it, and to nobody else', async () => {
  const lines: string[] = []
  await withBroker(
    { log: (level, logger, _fields, message) => lines.push(`${level} ${logger} ${message}`) },
    async () => {},
  )
  expect(lines.some(line => line.startsWith('INFO '))).toBe(true)
})
