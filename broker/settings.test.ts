// Settings at work in a whole broker, as a client sees them. What a room shows by itself is tested in that room; the
// tables in config/settings say where.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Admin, Kafka, logLevel } from 'kafkajs'
import { expect, test } from 'vitest'
import { type BrokerSettings, type EmbeddedBroker, startBroker } from './index.ts'

async function withBroker(
  settings: BrokerSettings,
  use: (kafka: Kafka, admin: Admin, broker: EmbeddedBroker) => Promise<void>,
): Promise<void> {
  const broker = await startBroker({ settings })
  const kafka = new Kafka({
    brokers: [broker.bootstrapServers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
    requestTimeout: 3000,
  })
  const admin = kafka.admin()
  try {
    await admin.connect()
    await use(kafka, admin, broker)
  } finally {
    await admin.disconnect().catch(() => {})
    await broker.stop()
  }
}

async function send(kafka: Kafka, topic: string, value: string): Promise<void> {
  const producer = kafka.producer({ retry: { retries: 0 } })
  await producer.connect()
  try {
    await producer.send({ topic, messages: [{ value }], acks: -1 })
  } finally {
    await producer.disconnect()
  }
}

async function settingOf(admin: Admin, type: number, name: string, setting: string): Promise<string> {
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type, name, configNames: [setting] }],
  })
  return resources[0]!.configEntries[0]!.configValue
}

test('auto.create.topics.enable=false: a topic nobody made is unknown', async () => {
  await withBroker({ 'auto.create.topics.enable': false }, async (kafka, admin) => {
    await expect(send(kafka, 'nobody-made-it', 'x')).rejects.toThrow(
      /does not host|There is no leader|no such topic/i,
    )
    expect(await admin.listTopics()).toEqual([])
  })
})

test('delete.topic.enable=false: topics stay', async () => {
  await withBroker({ 'delete.topic.enable': false }, async (_, admin) => {
    await admin.createTopics({ topics: [{ topic: 'a' }] })
    await expect(admin.deleteTopics({ topics: ['a'] })).rejects.toThrow(/malformed/)
    expect(await admin.listTopics()).toEqual(['a'])
  })
})

test('default.replication.factor above the number of brokers refuses topics that say nothing', async () => {
  await withBroker({ 'default.replication.factor': 2 }, async (_, admin) => {
    const create = (replicationFactor: number) =>
      admin.createTopics({ topics: [{ topic: 'a', numPartitions: 1, replicationFactor }] })
    await expect(create(-1)).rejects.toThrow()
    expect(await create(1)).toBe(true)
  })
})

test('message.max.bytes refuses a larger batch', async () => {
  await withBroker({ 'message.max.bytes': 500 }, async (kafka, admin) => {
    await admin.createTopics({ topics: [{ topic: 'a' }] })
    await send(kafka, 'a', 'x'.repeat(300))
    await expect(send(kafka, 'a', 'x'.repeat(600))).rejects.toThrow(
      /larger than the broker|too large|larger than/i,
    )
  })
})

test('socket.request.max.bytes closes a connection that announces more', async () => {
  await withBroker({ 'socket.request.max.bytes': 1000 }, async (_kafka, _admin, broker) => {
    const socket = connect(broker.port, broker.host)
    const closed = new Promise(resolve => socket.once('close', resolve))
    socket.on('error', () => {})
    socket.write(Buffer.from([0, 0, 4, 0]))
    await closed
  })
})

test('advertised.listeners is where clients are sent', async () => {
  const broker = await startBroker({
    settings: { 'advertised.listeners': ['PLAINTEXT://broker.invalid:19092'] },
  })
  const admin = new Kafka({
    brokers: [broker.bootstrapServers],
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  }).admin()
  try {
    await admin.connect()
    await expect(admin.describeCluster()).rejects.toThrow(/broker\.invalid/)
  } finally {
    await admin.disconnect()
    await broker.stop()
  }
})

test('max.connections.per.ip.overrides: another limit for one address', async () => {
  const settings = { 'max.connections.per.ip': 1, 'max.connections.per.ip.overrides': '127.0.0.1:3' }
  const broker = await startBroker({ settings })
  try {
    const sockets = Array.from({ length: 4 }, () => connect(broker.port, broker.host))
    let closed = 0
    const oneClosed = new Promise<void>(resolve => {
      for (const socket of sockets)
        socket.once('close', () => {
          closed++
          resolve()
        })
    })
    await oneClosed
    expect(closed).toBe(1)
    for (const socket of sockets) socket.destroy()
  } finally {
    await broker.stop()
  }
})

test('log.dir, log.dirs and metadata.log.dir say where things are', async () => {
  const settings = { 'log.dirs': ['/one', '/two'], 'metadata.log.dir': '/two' }
  await withBroker(settings, async (_, admin) => {
    await admin.createTopics({ topics: [{ topic: 'a', numPartitions: 4 }] })
    expect(await settingOf(admin, 4, '1', 'log.dirs')).toBe('/one,/two')
  })
  await withBroker({ 'log.dir': '/only', 'broker.rack': 'zone-a' }, async (_, admin) => {
    expect(await settingOf(admin, 4, '1', 'log.dir')).toBe('/only')
    expect(await settingOf(admin, 4, '1', 'broker.rack')).toBe('zone-a')
  })
  await expect(startBroker({ settings: { 'metadata.log.dir': '/elsewhere' } })).rejects.toThrow(
    /must be one of log\.dirs/,
  )
})

test('what kafka-configs sets for a broker acts at once, for its topics too', async () => {
  await withBroker({}, async (kafka, admin) => {
    await admin.createTopics({ topics: [{ topic: 'a' }] })
    const set = (value: string) =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: 4, name: '1', configEntries: [{ name: 'message.max.bytes', value }] }],
      })
    await set('200')
    await expect(send(kafka, 'a', 'x'.repeat(300))).rejects.toThrow()
    expect(await settingOf(admin, 2, 'a', 'max.message.bytes')).toBe('200')
    await set('2000')
    await send(kafka, 'a', 'x'.repeat(300))
    await expect(
      admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: 4, name: '1', configEntries: [{ name: 'node.id', value: '2' }] }],
      }),
    ).rejects.toThrow(/malformed/)
  })
})

test('log.initial.task.delay.ms and log.retention.check.interval.ms: retention runs when they say', async () => {
  const settings: BrokerSettings = {
    'log.initial.task.delay.ms': 1000,
    'log.retention.check.interval.ms': 60_000,
    'log.retention.ms': 5000,
    'log.roll.ms': 1000,
    'log.segment.delete.delay.ms': 0,
  }
  await withBroker(settings, async (kafka, admin, broker) => {
    await admin.createTopics({ topics: [{ topic: 'a' }] })
    await send(kafka, 'a', 'old')
    await broker.clock.advance(2000)
    const low = async (): Promise<string> => (await admin.fetchTopicOffsets('a'))[0]!.low
    await send(kafka, 'a', 'young')
    expect(await low()).toBe('0')
    await broker.clock.advance(61_000)
    expect(await low()).not.toBe('0')
  })
})

test('fetch.max.bytes bounds an answer, though not its first batch', async () => {
  await withBroker({ 'fetch.max.bytes': 1500 }, async (kafka, admin, broker) => {
    await admin.createTopics({ topics: [{ topic: 'a' }] })
    for (let i = 0; i < 6; i++) await send(kafka, 'a', 'x'.repeat(600))
    const patient = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING })
    const consumer = patient.consumer({ groupId: 'g', maxWaitTimeInMs: 50 })
    await consumer.connect()
    await consumer.subscribe({ topic: 'a', fromBeginning: true })
    const sizes: number[] = []
    let seen = 0
    await new Promise<void>((resolve, reject) => {
      const eachBatch = async ({ batch }: { batch: { messages: unknown[] } }): Promise<void> => {
        sizes.push(batch.messages.length)
        seen += batch.messages.length
        if (seen === 6) resolve()
      }
      consumer.run({ eachBatch }).catch(reject)
    })
    await consumer.disconnect()
    expect(Math.max(...sizes)).toBe(2)
  })
})

test('metadata.log.max.snapshot.interval.ms and metadata.max.retention.ms: snapshots come and go with time', async () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'odradek-settings-'))
  const settings = { 'metadata.log.max.snapshot.interval.ms': 60_000, 'metadata.max.retention.ms': 300_000 }
  const broker = await startBroker({ dataDir, settings })
  const snapshots = (): string[] =>
    readdirSync(join(dataDir, '__cluster_metadata-0')).filter(name => /^[0-9-]+\.checkpoint$/.test(name))
  try {
    const before = snapshots().length
    const counts: number[] = []
    for (let i = 0; i < 12; i++) {
      await broker.clock.advance(61_000)
      await broker.createTopics([`topic-${i}`])
      counts.push(snapshots().length)
    }
    expect(Math.max(...counts)).toBeGreaterThan(before)
    // Twelve minutes of snapshots, of which those of the last five are kept.
    expect(counts.at(-1)).toBeLessThan(9)
  } finally {
    await broker.stop()
    rmSync(dataDir, { recursive: true })
  }
})
