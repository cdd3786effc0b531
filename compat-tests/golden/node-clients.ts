// Three clients in JavaScript and kcat, each with encoders of its own: topics, records, groups, transactions, settings.
import { spawn } from 'node:child_process'
import { Admin, Consumer, Producer, stringDeserializers, stringSerializers } from '@platformatic/kafka'
import { Kafka, logLevel } from 'kafkajs'
import { API, createKafkaClient, setLogger } from 'kafka-ts'
import { kcat } from '../toolchain.ts'

type Client = [name: string, run: (bootstrap: string) => Promise<string>]

export const nodeClients: Client[] = [
  ['kafkajs', runKafkaJs],
  ['platformatic', runPlatformatic],
  ['kafka-ts', runKafkaTs],
  ['kcat', runKcat],
]

const seconds = (n: number): Promise<void> => new Promise(resolve => setTimeout(resolve, n * 1000))

/** Runs steps one after the other; a failed one is named, and the rest goes on. */
async function steps(all: Record<string, () => Promise<unknown>>): Promise<string> {
  const failed: string[] = []
  for (const [name, step] of Object.entries(all)) {
    try {
      await Promise.race([
        step(),
        seconds(20).then(() => {
          throw new Error('took too long')
        }),
      ])
    } catch (error) {
      failed.push(`${name} (${String(error).slice(0, 120)})`)
    }
  }
  return failed.length === 0 ? 'ok' : `ok but ${failed.join(', ')}`
}

async function runKafkaJs(bootstrap: string): Promise<string> {
  const kafka = new Kafka({
    clientId: 'kafkajs',
    brokers: [bootstrap],
    logLevel: logLevel.NOTHING,
    retry: { retries: 2 },
  })
  const admin = kafka.admin()
  const producer = kafka.producer()
  const transactional = kafka.producer({
    transactionalId: 'kafkajs-tx',
    maxInFlightRequests: 1,
    idempotent: true,
  })
  const consumer = kafka.consumer({ groupId: 'kafkajs', sessionTimeout: 6000 })
  const topic = 'golden-kafkajs'
  const outcome = await steps({
    connect: () => admin.connect(),
    create: () => admin.createTopics({ topics: [{ topic, numPartitions: 2 }] }),
    produce: async () => {
      await producer.connect()
      await producer.send({ topic, messages: [{ key: 'k', value: 'v', headers: { h: '1' } }] })
    },
    transact: async () => {
      await transactional.connect()
      const transaction = await transactional.transaction()
      await transaction.send({ topic, messages: [{ value: 'v' }] })
      await transaction.sendOffsets({
        consumerGroupId: 'kafkajs-offsets',
        topics: [{ topic, partitions: [{ partition: 0, offset: '1' }] }],
      })
      await transaction.commit()
    },
    consume: async () => {
      await consumer.connect()
      await consumer.subscribe({ topic, fromBeginning: true })
      await new Promise<void>((resolve, reject) => {
        consumer.run({ eachMessage: async () => resolve() }).catch(reject)
      })
      await admin.describeGroups(['kafkajs'])
      await seconds(4)
    },
    stop: () => consumer.disconnect(),
    offsets: () => admin.fetchOffsets({ groupId: 'kafkajs', topics: [topic] }),
    listOffsets: () => admin.fetchTopicOffsets(topic),
    partitions: () => admin.createPartitions({ topicPartitions: [{ topic, count: 3 }] }),
    configs: () =>
      admin.describeConfigs({
        includeSynonyms: true,
        resources: [{ type: 2, name: topic, configNames: ['retention.ms'] }],
      }),
    alter: () =>
      admin.alterConfigs({
        validateOnly: false,
        resources: [{ type: 2, name: topic, configEntries: [{ name: 'retention.ms', value: '1000000' }] }],
      }),
    cluster: () => admin.describeCluster(),
    groups: () => admin.listGroups(),
    acls: () =>
      admin.createAcls({
        acl: [
          {
            resourceType: 2,
            resourceName: 't',
            resourcePatternType: 3,
            principal: 'User:a',
            host: '*',
            operation: 3,
            permissionType: 3,
          },
        ],
      }),
    reassign: () => admin.listPartitionReassignments({}),
    records: () => admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '1' }] }),
    deleteGroups: () => admin.deleteGroups(['kafkajs']),
    delete: () => admin.deleteTopics({ topics: [topic] }),
  })
  await Promise.allSettled([admin.disconnect(), producer.disconnect(), transactional.disconnect()])
  return outcome
}

async function runPlatformatic(bootstrap: string): Promise<string> {
  const shared = { clientId: 'platformatic', bootstrapBrokers: [bootstrap], retries: 1 }
  const admin = new Admin(shared)
  const producer = new Producer({ ...shared, serializers: stringSerializers, idempotent: true })
  const consumer = new Consumer({ ...shared, groupId: 'platformatic', deserializers: stringDeserializers })
  const topic = 'golden-platformatic'
  const outcome = await steps({
    create: () => admin.createTopics({ topics: [topic], partitions: 2, replicas: 1 }),
    produce: () =>
      producer.send({ messages: [{ topic, key: 'k', value: 'v', headers: { h: '1' } }], acks: -1 }),
    consume: async () => {
      const stream = await consumer.consume({
        topics: [topic],
        mode: 'earliest',
        maxWaitTime: 500,
        autocommit: false,
      })
      await new Promise((resolve, reject) => {
        stream.once('data', message => {
          void message.commit(error => (error ? reject(error) : resolve(undefined)))
        })
        stream.once('error', reject)
      })
      await admin.describeGroups({ groups: ['platformatic'] })
      await stream.close()
    },
    groups: () => admin.listGroups(),
    metadata: () => admin.metadata({ topics: [topic] }),
    offsets: () => consumer.listOffsets({ topics: [topic] }),
    leave: async () => consumer.close(true),
    deleteGroups: () => admin.deleteGroups({ groups: ['platformatic'] }),
    delete: () => admin.deleteTopics({ topics: [topic] }),
  })
  await steps({ admin: async () => admin.close(), producer: async () => producer.close(true) })
  return outcome
}

async function runKafkaTs(bootstrap: string): Promise<string> {
  const silent = () => undefined
  setLogger({ debug: silent, info: silent, warn: silent, error: silent })
  const [host, port] = bootstrap.split(':') as [string, string]
  const client = createKafkaClient({ clientId: 'kafka-ts', bootstrapServers: [{ host, port: Number(port) }] })
  const cluster = client.createCluster()
  const producer = client.createProducer({})
  const topic = 'golden-kafka-ts'
  const outcome = await steps({
    connect: () => cluster.connect(),
    create: () =>
      cluster.sendRequest(API.CREATE_TOPICS, {
        validateOnly: false,
        timeoutMs: 10_000,
        topics: [
          {
            name: topic,
            numPartitions: 2,
            replicationFactor: 1,
            assignments: [],
            configs: [{ name: 'retention.ms', value: '100000' }],
          },
        ],
      }),
    produce: () => producer.send([{ topic, key: 'k', value: 'v' }]),
    consume: async () => {
      let received: () => void = silent
      const first = new Promise<void>(resolve => (received = resolve))
      const consumer = await client.startConsumer({
        groupId: 'kafka-ts',
        topics: [topic],
        fromTimestamp: -2n,
        onBatch: () => received(),
      })
      await first
      await seconds(1)
      await consumer.close()
    },
    delete: () =>
      cluster.sendRequest(API.DELETE_TOPICS, { topics: [{ name: topic, topicId: null }], timeoutMs: 10_000 }),
  })
  await Promise.allSettled([producer.close(), cluster.disconnect()])
  return outcome
}

async function runKcat(bootstrap: string): Promise<string> {
  const command = kcat()
  const run = (args: string[], input = ''): Promise<void> =>
    new Promise((resolve, reject) => {
      const child = spawn(command, ['-b', bootstrap, ...args], { stdio: ['pipe', 'ignore', 'ignore'] })
      child.once('error', reject)
      child.once('exit', code => (code === 0 ? resolve() : reject(new Error(`exit ${code}`))))
      child.stdin.end(input)
      setTimeout(() => child.kill(), 15_000).unref()
    })
  return steps({
    list: () => run(['-L']),
    produce: () => run(['-P', '-t', 'golden', '-K', ':'], 'k:v\n'),
    idempotent: () => run(['-P', '-t', 'golden', '-X', 'enable.idempotence=true'], 'v\n'),
    transact: () => run(['-P', '-t', 'golden', '-X', 'transactional.id=kcat'], 'v\n'),
    consume: () => run(['-C', '-t', 'golden', '-o', 'beginning', '-c', '2']),
    query: () => run(['-Q', '-t', 'golden:0:-1']),
    group: () => run(['-G', 'kcat', 'golden', '-o', 'beginning', '-c', '1']),
  })
}
