/**
 * kafka-ts 1.5.0 against a running broker: the newest version of every request that both sides know (Produce 13, Fetch 18 with topic ids,
 * Metadata 13, OffsetCommit and OffsetFetch 10 by topic id). Its producer and consumer, then the low-level API over the whole admin surface.
 */
import { API, type Client, createKafkaClient, LogLevel, setLogLevel } from 'kafka-ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { eventually, startTarget, type Target } from '../target.ts'

type Cluster = ReturnType<Client['createCluster']>
type Producer = ReturnType<Client['createProducer']>
type Consumer = Awaited<ReturnType<Client['startConsumer']>>
type Messages = Parameters<Parameters<Client['startConsumer']>[0]['onBatch']>[0]

let target: Target
let kafka: Client
let cluster: Cluster
let producer: Producer
const consumers: Consumer[] = []

beforeAll(async () => {
  setLogLevel(LogLevel.ERROR)
  target = await startTarget()
  const [host, port] = target.bootstrap.split(':')
  kafka = createKafkaClient({
    clientId: 'kafka-ts-test',
    bootstrapServers: [{ host: host!, port: Number(port) }],
  })
  cluster = kafka.createCluster()
  await cluster.connect()
  producer = kafka.createProducer({})
})

afterAll(async () => {
  await Promise.all(consumers.map(consumer => consumer.close(true)))
  await producer.close()
  await cluster.disconnect()
  await target[Symbol.asyncDispose]()
})

async function newTopic(
  numPartitions = 1,
  configs: { name: string; value: string }[] = [],
): Promise<{ name: string; id: string }> {
  const name = target.unique('topic')
  await cluster.sendRequest(API.CREATE_TOPICS, {
    topics: [{ name, numPartitions, replicationFactor: 1, assignments: [], configs }],
    timeoutMs: 10_000,
    validateOnly: false,
  })
  // A broker may take a moment to learn of it.
  let id = ''
  await eventually('the topic', async () => {
    const found = await cluster
      .sendRequest(API.METADATA, { topics: [{ id: null, name }] })
      .catch(() => undefined)
    id = found?.topics[0]?.topicId ?? ''
    return id !== ''
  })
  return { name, id }
}

async function consume(
  topic: string,
  seen: Messages,
  more: Partial<Parameters<Client['startConsumer']>[0]> = {},
): Promise<Consumer> {
  const consumer = await kafka.startConsumer({
    topics: [topic],
    groupId: target.unique('group'),
    fromBeginning: true,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    maxWaitMs: 100,
    onBatch: messages => void seen.push(...messages),
    ...more,
  })
  consumers.push(consumer)
  return consumer
}

async function committed(groupId: string, topic: { name: string; id: string }, partitions = [0]) {
  const { groups } = await cluster.sendRequest(API.OFFSET_FETCH, {
    groups: [
      { groupId, topics: [{ name: topic.name, topicId: topic.id, partitionIndexes: [...partitions] }] },
    ],
    requireStable: false,
  })
  return groups[0]!.topics[0]?.partitions.map(partition => partition.committedOffset)
}

async function offsetOf(topic: string, timestamp: bigint): Promise<bigint> {
  const { topics } = await cluster.sendRequest(API.LIST_OFFSETS, {
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ name: topic, partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }] }],
  })
  return topics[0]!.partitions[0]!.offset
}

const numbered = (topic: string, count: number) =>
  Array.from({ length: count }, (_, i) => ({ topic, partition: 0, key: `k${i}`, value: `v${i}` }))

describe('producer and consumer', () => {
  test('what is sent comes back: keys, values, headers, timestamps, offsets', async () => {
    const topic = await newTopic()
    const timestamp = BigInt(Date.now() - 5000)
    const headers = { trace: '7', empty: '' }
    await producer.send([
      { topic: topic.name, key: 'k', value: 'v', headers, timestamp },
      { topic: topic.name, key: null, value: '' },
      { topic: topic.name, key: 'gone', value: null },
    ])
    const seen: Messages = []
    await consume(topic.name, seen)
    await eventually('three records', () => seen.length === 3)
    expect(seen.map(({ key, value, offset }) => [key, value, offset])).toEqual([
      ['k', 'v', 0n],
      [null, '', 1n],
      ['gone', null, 2n],
    ])
    expect(seen[0]).toMatchObject({ headers, timestamp })
  })

  test('keyed records keep their partition and their order', async () => {
    const topic = await newTopic(5)
    const keys = Array.from({ length: 20 }, (_, i) => `key-${i}`)
    for (let round = 0; round < 5; round++) {
      await producer.send(keys.map(key => ({ topic: topic.name, key, value: `${round}` })))
    }
    const seen: Messages = []
    await consume(topic.name, seen)
    await eventually('100 records', () => seen.length === 100)
    for (const key of keys) {
      const own = seen.filter(message => message.key === key)
      expect(own.map(message => message.value)).toEqual(['0', '1', '2', '3', '4'])
      expect(new Set(own.map(message => message.partition)).size).toBe(1)
    }
    expect(new Set(seen.map(message => message.partition)).size).toBeGreaterThan(2)
  })

  test('creates a missing topic when it may, and not otherwise', async () => {
    const creating = kafka.createProducer({ allowTopicAutoCreation: true })
    const name = target.unique('auto')
    await creating.send([{ topic: name, value: 'x' }])
    await creating.close()
    expect(await offsetOf(name, -1n)).toBe(1n)
    const refusing = kafka.createProducer({ allowTopicAutoCreation: false, maxRetries: 0 })
    const missing = target.unique('missing')
    await expect(refusing.send([{ topic: missing, value: 'x' }])).rejects.toThrow()
    await refusing.close()
  })

  test('a record over max.message.bytes is refused', async () => {
    const topic = await newTopic(1, [{ name: 'max.message.bytes', value: '1000' }])
    const send = producer.send([{ topic: topic.name, value: 'x'.repeat(2000) }])
    await expect(send).rejects.toMatchObject({ errorCode: 10 })
  })

  test('a group commits what it has read, and its next member goes on from there', async () => {
    const topic = await newTopic()
    const groupId = target.unique('group')
    await producer.send(numbered(topic.name, 10))
    const first: Messages = []
    const one = await consume(topic.name, first, { groupId })
    await eventually('ten records', () => first.length === 10)
    await eventually('the commit', async () => (await committed(groupId, topic))?.[0] === 10n)
    await one.close()
    await producer.send([{ topic: topic.name, partition: 0, value: 'later' }])
    const second: Messages = []
    await consume(topic.name, second, { groupId })
    await eventually('one record', () => second.length === 1)
    expect(second[0]).toMatchObject({ value: 'later', offset: 10n })
  })

  test('two members share four partitions; one leaves, the other takes them all', async () => {
    const topic = await newTopic(4)
    const groupId = target.unique('group')
    const seen: Messages[] = [[], []]
    const members = [await consume(topic.name, seen[0]!, { groupId })]
    members.push(await consume(topic.name, seen[1]!, { groupId }))
    const describeGroup = async () =>
      (await cluster.sendRequest(API.DESCRIBE_GROUPS, { groups: [groupId] })).groups[0]!
    await eventually('two members', async () => {
      const group = await describeGroup()
      return group.groupState === 'Stable' && group.members.length === 2
    })
    const round = (value: string) =>
      producer.send(Array.from({ length: 40 }, (_, i) => ({ topic: topic.name, partition: i % 4, value })))
    await round('first')
    await eventually('40 records', () => seen[0]!.length + seen[1]!.length >= 40)
    expect(seen.map(messages => new Set(messages.map(m => m.partition)).size)).toEqual([2, 2])
    await members[0]!.close()
    await round('second')
    await eventually('40 more', () => seen[1]!.filter(m => m.value === 'second').length === 40)
  })

  test('a static member keeps its place while it is away', async () => {
    const topic = await newTopic()
    const groupId = target.unique('group')
    const more = { groupId, groupInstanceId: 'instance-1' }
    const members = async () =>
      (await cluster.sendRequest(API.DESCRIBE_GROUPS, { groups: [groupId] })).groups[0]!.members
    const first = await consume(topic.name, [], more)
    await eventually('a member', async () => (await members().catch(() => [])).length === 1)
    const [before] = await members()
    await first.close()
    expect(await members()).toMatchObject([{ groupInstanceId: 'instance-1', memberId: before!.memberId }])
    await consume(topic.name, [], more)
    await eventually('its successor', async () => (await members())[0]!.memberId !== before!.memberId)
    expect(await members()).toMatchObject([{ groupInstanceId: 'instance-1' }])
  })

  test('reads without a group: from the beginning, from the end, from a time', async () => {
    const topic = await newTopic()
    const base = BigInt(Date.now() - 60_000)
    const early = Array.from({ length: 5 }, (_, i) => ({
      topic: topic.name,
      value: `${i}`,
      timestamp: base + BigInt(i * 1000),
    }))
    await producer.send(early)
    const [all, end, late]: Messages[] = [[], [], []]
    await consume(topic.name, all!, { groupId: null })
    await consume(topic.name, end!, { groupId: null, fromBeginning: false })
    await consume(topic.name, late!, { groupId: null, fromTimestamp: base + 2500n })
    await eventually('all and the late ones', () => all!.length === 5 && late!.length === 2)
    await eventually('the one that comes now', async () => {
      if (end!.length > 0) return true
      await producer.send([{ topic: topic.name, value: 'now' }])
      return false
    })
    expect(end!.every(message => message.value === 'now')).toBe(true)
    expect(late!.slice(0, 2).map(message => message.value)).toEqual(['3', '4'])
  })
})

describe('low-level requests', () => {
  test('the cluster, its versions and its quorum', async () => {
    const { versions } = await cluster.sendRequest(API.API_VERSIONS, {})
    expect(versions.find(({ apiKey }) => apiKey === 0)).toMatchObject({ maxVersion: 13 })
    const described = await cluster.sendRequest(API.DESCRIBE_CLUSTER, {
      includeClusterAuthorizedOperations: false,
    })
    expect(described.clusterId).toMatch(/^[\w-]{22}$/)
    expect(described.brokers).toMatchObject([{ port: Number(target.bootstrap.split(':')[1]) }])
    const quorum = await cluster.sendRequest(API.DESCRIBE_QUORUM, {
      topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }],
    })
    expect(quorum.topics[0]!.partitions[0]!.currentVoters).toHaveLength(1)
    const node = described.brokers[0]!.brokerId
    const { coordinators } = await cluster.sendRequest(API.FIND_COORDINATOR, {
      keyType: 0,
      keys: ['g1', 'g2'],
    })
    expect(coordinators.map(({ key, nodeId }) => [key, nodeId])).toEqual([
      ['g1', node],
      ['g2', node],
    ])
  })

  test('topics: create, refuse, grow, describe by pages, delete by id', async () => {
    const topic = await newTopic(2)
    await expect(
      cluster.sendRequest(API.CREATE_TOPICS, { topics: [{ name: topic.name }], validateOnly: true }),
    ).rejects.toMatchObject({ errorCode: 36 })
    await cluster.sendRequest(API.CREATE_PARTITIONS, {
      topics: [{ name: topic.name, count: 5, assignments: null }],
      timeoutMs: 5000,
      validateOnly: false,
    })
    const page = (cursor: { topicName: string; partitionIndex: number } | null) =>
      cluster.sendRequest(API.DESCRIBE_TOPIC_PARTITIONS, {
        topics: [{ name: topic.name }],
        responsePartitionLimit: 3,
        cursor,
      })
    const first = await page(null)
    expect(first.topics[0]!.partitions.map(p => p.partitionIndex)).toEqual([0, 1, 2])
    expect(first.nextCursor).toMatchObject({ topicName: topic.name, partitionIndex: 3 })
    const second = await page(first.nextCursor)
    expect(second.topics[0]!.partitions.map(p => p.partitionIndex)).toEqual([3, 4])
    expect(second.nextCursor).toBeNull()
    await cluster.sendRequest(API.DELETE_TOPICS, { topics: [{ name: topic.name, topicId: null }] })
    await eventually('one topic less', async () => {
      const { topics } = await cluster.sendRequest(API.METADATA, { topics: null })
      return topics.every(({ name }) => name !== topic.name)
    })
  })

  test('settings: set, append, describe with synonyms, list what has any', async () => {
    const topic = await newTopic()
    const change = (name: string, configOperation: number, value: string | null) =>
      cluster.sendRequest(API.INCREMENTAL_ALTER_CONFIGS, {
        resources: [
          { resourceType: 2, resourceName: topic.name, configs: [{ name, configOperation, value }] },
        ],
        validateOnly: false,
      })
    await change('retention.ms', 0, '9000')
    await change('cleanup.policy', 2, 'compact')
    const { results } = await cluster.sendRequest(API.DESCRIBE_CONFIGS, {
      resources: [
        {
          resourceType: 2,
          resourceName: topic.name,
          configurationKeys: ['retention.ms', 'cleanup.policy'],
        },
      ],
      includeSynonyms: true,
    })
    const described = new Map(results[0]!.configs.map(config => [config.name, config]))
    expect(described.get('retention.ms')).toMatchObject({ value: '9000', configSource: 1 })
    expect(described.get('cleanup.policy')).toMatchObject({ value: 'delete,compact' })
    expect(described.get('retention.ms')!.synonyms[0]).toMatchObject({ value: '9000', source: 1 })
    const refused = change('retention.ms', 0, 'soon')
    await expect(refused).rejects.toMatchObject({ errorCode: 40 })
    const { configResources } = await cluster.sendRequest(API.LIST_CONFIG_RESOURCES, { resourceTypes: [2] })
    expect(configResources.map(({ resourceName }) => resourceName)).toContain(topic.name)
  })

  test('offsets by time, deleted records, epochs, log directories', async () => {
    const topic = await newTopic()
    await producer.send(numbered(topic.name, 10))
    const low = await cluster.sendRequest(API.DELETE_RECORDS, {
      topics: [{ name: topic.name, partitions: [{ partitionIndex: 0, offset: 4n }] }],
      timeoutMs: 5000,
    })
    expect(low.topics[0]!.partitions[0]).toMatchObject({ lowWatermark: 4n, errorCode: 0 })
    const special = await Promise.all([-2n, -1n, -3n, -4n].map(at => offsetOf(topic.name, at)))
    expect(special).toMatchObject([4n, 10n, expect.any(BigInt), 4n])
    expect(await offsetOf(topic.name, BigInt(Date.now() + 60_000))).toBe(-1n)
    const { topics } = await cluster.sendRequest(API.OFFSET_FOR_LEADER_EPOCH, {
      replicaId: -1,
      topics: [{ topic: topic.name, partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }] }],
    })
    expect(topics[0]!.partitions[0]).toMatchObject({ errorCode: 0, leaderEpoch: 0, endOffset: 10n })
    const dirs = await cluster.sendRequest(API.DESCRIBE_LOG_DIRS, {
      topics: [{ topic: topic.name, partitions: [0] }],
    })
    const sizes = dirs.results.flatMap(dir => dir.topics).flatMap(t => t.partitions)
    expect(sizes).toHaveLength(1)
    expect(sizes[0]!.partitionSize).toBeGreaterThan(0n)
  })

  test('groups: list by state, forget an offset, refuse and delete', async () => {
    const topic = await newTopic()
    const groupId = target.unique('group')
    await producer.send(numbered(topic.name, 3))
    const seen: Messages = []
    const member = await consume(topic.name, seen, { groupId })
    await eventually('the commit', async () => (await committed(groupId, topic))?.[0] === 3n)
    const inState = async (state: string) =>
      (await cluster.sendRequest(API.LIST_GROUPS, { statesFilter: [state], typesFilter: [] })).groups
    expect(await inState('Stable')).toContainEqual(
      expect.objectContaining({ groupId, protocolType: 'consumer', groupType: 'classic' }),
    )
    const remove = () => cluster.sendRequest(API.DELETE_GROUPS, { groupsNames: [groupId] })
    await expect(remove()).rejects.toMatchObject({ errorCode: 68 })
    const forget = () =>
      cluster.sendRequest(API.OFFSET_DELETE, {
        groupId,
        topics: [{ name: topic.name, partitions: [{ partitionIndex: 0 }] }],
      })
    await expect(forget()).rejects.toMatchObject({ errorCode: 86 })
    await member.close()
    await eventually('an empty group', async () => (await inState('Empty')).some(g => g.groupId === groupId))
    await forget()
    expect(await committed(groupId, topic)).toEqual([-1n])
    await remove()
    const { groups } = await cluster.sendRequest(API.LIST_GROUPS, {})
    expect(groups.map(group => group.groupId)).not.toContain(groupId)
  })

  test('producer ids differ; electing a leader that leads is no error of the request', async () => {
    const init = { transactionalId: null, transactionTimeoutMs: 60_000, producerId: -1n, producerEpoch: -1 }
    const first = await cluster.sendRequest(API.INIT_PRODUCER_ID, init)
    const second = await cluster.sendRequest(API.INIT_PRODUCER_ID, init)
    expect(first.producerId).not.toBe(second.producerId)
    expect([first.producerEpoch, second.producerEpoch]).toEqual([0, 0])
    const topic = await newTopic()
    const elected = cluster.sendRequest(API.ELECT_LEADERS, {
      electionType: 0,
      topicPartitions: [{ topic: topic.name, partitions: [0] }],
      timeoutMs: 5000,
    })
    await expect(elected).rejects.toMatchObject({ errorCode: 84 })
  })
})
