/** Produce, Fetch and what else asks about a partition's log: each right most of the time, and wrong in every way we know. */
import { UNKNOWN_ID } from './ids.ts'
import { ZERO_UUID } from '../../protocol/uuid.ts'
import { BASE_TIME, someRecords } from './batches.ts'
import {
  BAD_NAMES,
  type Draft,
  learnTopics,
  type MakeStep,
  type Scenario,
  someReadable,
  someTopic,
  somePartition,
  topicRef,
} from './scenario.ts'

const EPOCHS = [-1, -1, -1, -1, 0, 0, 1, 5, -7]
const MIB = 1 << 20

function produce(s: Scenario, version: number): Draft {
  const { random } = s
  const rows = Array.from({ length: random.chance(15) ? 2 : 1 }, () => ({
    topic: random.chance(85) ? random.pick([s.a, s.a, s.b]) : someTopic(s),
    index: random.chance(85) ? 0 : somePartition(s),
    set: someRecords(random),
  }))
  // What Kafka refuses by accident, or we by a known deviation, is not sent where nobody would see it.
  const isTold = rows.some(({ set }) => /negative|compressed bytes|codec unknown/.test(set.note))
  const acks = random.pick([-1, -1, -1, -1, 1, 1, 1, isTold ? 1 : 0, 2, -2])
  // One row for a partition: what becomes of two is Kafka's accident.
  const unique = rows.filter((row, i) => rows.findIndex(r => r.topic === row.topic) === i)
  // With an id a transactional batch would begin a transaction: not served yet.
  const isPlain = unique.every(row => row.set.note !== 'transactional')
  const transactionalId = version >= 3 && isPlain && random.chance(3) ? 'd-transaction' : null
  return {
    note: `acks ${acks}, ${unique.map(r => `${r.topic}-${r.index} ${r.set.note}`).join(' and ')}${transactionalId ? ', transactional id' : ''}`,
    isUnanswered: acks === 0,
    fields: side => ({
      acks,
      timeoutMs: 3000,
      ...(transactionalId && { transactionalId }),
      topicData: unique.map(({ topic, index, set }) => ({
        ...topicRef(side, topic, version, 13, 'name'),
        partitionData: [{ index, records: set.bytes }],
      })),
    }),
  }
}

const someOffset = (s: Scenario): number => s.random.pick([0, 0, 0, 1, 2, 3, 5, 8, 20, 1000, -1, -5, 2 ** 40])

/** Limits in the middle of a batch only where both brokers' batches are as long. */
const someLimit = ({ random, recompresses }: Scenario): number =>
  random.pick(recompresses ? [MIB, MIB, MIB, MIB, 1, 0] : [MIB, MIB, MIB, MIB, 1, 0, 80, 200])

function fetchPartition(s: Scenario, version: number) {
  const { random } = s
  return {
    partition: random.chance(85) ? random.int(2) : somePartition(s),
    fetchOffset: someOffset(s),
    partitionMaxBytes: random.chance(1) ? -1 : someLimit(s),
    ...(version >= 9 && { currentLeaderEpoch: random.pick(EPOCHS) }),
    ...(version >= 12 && { lastFetchedEpoch: random.pick([-1, -1, -1, -1, 0, 0, 5]) }),
  }
}

function fetch(s: Scenario, version: number): Draft {
  const { random } = s
  const topics = [...new Set(random.some([s.a, s.a, s.b, someReadable(s)], 1, 2))]
  const rows = topics.map(topic => ({ topic, partition: fetchPartition(s, version) }))
  const replicaId = random.pick([-1, -1, -1, -1, -1, -1, -1, -1, -2, 1, 7])
  const request = {
    maxWaitMs: random.pick([0, 1, 20, -1]),
    minBytes: random.pick([0, 1, 1, 1000]),
    ...(version >= 3 && {
      maxBytes: s.recompresses ? MIB : random.pick([MIB, MIB, MIB, MIB, 0, 1, 150, -1]),
    }),
    ...(version >= 4 && { isolationLevel: random.int(2) }),
    ...(version >= 15 ? { replicaState: { replicaId, replicaEpoch: -1 } } : { replicaId }),
  }
  return {
    note:
      rows.map(r => `${r.topic} ${JSON.stringify(r.partition)}`).join(' and ') +
      ` ${JSON.stringify(request)}`,
    isRead: true,
    fields: side => ({
      ...request,
      topics: rows.map(({ topic, partition }) => ({
        ...topicRef(side, topic, version, 13, 'topic'),
        partitions: [partition],
      })),
    }),
  }
}

/** A session is opened, asked, changed, misused and closed; both sides remember their own id and epoch. */
function sessionFetch(s: Scenario, version: number): Draft {
  if (version < 7) return fetch(s, version)
  const { random } = s
  const verb = s.hasSession
    ? random.pick(['next', 'next', 'next', 'add', 'forget', 'wrong epoch', 'wrong id', 'close'])
    : 'open'
  if (verb === 'open') s.hasSession = true
  if (verb === 'close') s.hasSession = false
  const topic = random.chance(85) ? random.pick([s.a, s.b]) : someReadable(s)
  const rows = ['open', 'add', 'wrong epoch'].includes(verb) ? [fetchPartition(s, version)] : []
  const forgotten = verb === 'forget' ? [random.int(2)] : []
  return {
    note: `session: ${verb} ${topic} ${JSON.stringify(rows)}${JSON.stringify(forgotten)}`,
    fields: side => {
      const epoch = side.numbers.get('session epoch') ?? 0
      const sessionId = side.numbers.get('session') ?? 0
      const ref = topicRef(side, topic, version, 13, 'topic')
      return {
        maxWaitMs: 5,
        minBytes: 1,
        maxBytes: MIB,
        sessionId: verb === 'open' ? 0 : verb === 'wrong id' ? 12345 : sessionId,
        sessionEpoch:
          verb === 'open' ? 0 : verb === 'close' ? -1 : verb === 'wrong epoch' ? epoch + 7 : epoch,
        topics: rows.length === 0 ? [] : [{ ...ref, partitions: rows }],
        forgottenTopicsData: forgotten.length === 0 ? [] : [{ ...ref, partitions: forgotten }],
      }
    },
    learn: (side, answer) => {
      if (answer.errorCode !== 0 || verb === 'close') return
      if (verb === 'open') side.numbers.set('session', answer.sessionId as number)
      const epoch = verb === 'open' ? 0 : (side.numbers.get('session epoch') ?? 0)
      if (verb !== 'wrong id') side.numbers.set('session epoch', epoch + 1)
    },
  }
}

const TIMES = [
  -1n,
  -1n,
  -2n,
  -2n,
  -3n,
  -3n,
  -4n,
  -5n,
  -6n,
  -7n,
  0n,
  1n,
  BigInt(BASE_TIME),
  BigInt(BASE_TIME) + 2000n,
  2n ** 62n,
]

function listOffsets(s: Scenario, version: number): Draft {
  const { random } = s
  const partitions = Array.from({ length: 1 + random.int(3) }, () => ({
    partitionIndex: random.chance(85) ? random.int(2) : somePartition(s),
    timestamp: random.pick(TIMES),
    ...(version >= 4 && { currentLeaderEpoch: random.pick(EPOCHS) }),
    ...(version === 0 && { maxNumOffsets: random.pick([0, 1, 2, 5]) }),
  }))
  const request = {
    replicaId: random.pick([-1, -1, -1, -1, -1, -2, 1, 7]),
    ...(version >= 2 && { isolationLevel: random.int(2) }),
    topics: [...new Set(random.some([s.a, s.b, someReadable(s)], 1, 2))].map(name => ({ name, partitions })),
    ...(version >= 10 && { timeoutMs: 2000 }),
  }
  return said(request, true)
}

function offsetForLeaderEpoch(s: Scenario, version: number): Draft {
  const { random } = s
  const topics = [...new Set(random.some([s.a, s.b, someReadable(s)], 1, 2))].map(topic => ({
    topic,
    partitions: Array.from({ length: 1 + random.int(2) }, () => ({
      partition: random.chance(85) ? random.int(2) : somePartition(s),
      leaderEpoch: random.pick([0, 0, 1, 5, -1, -2]),
      ...(version >= 2 && { currentLeaderEpoch: random.pick(EPOCHS) }),
    })),
  }))
  return said({ ...(version >= 3 && { replicaId: random.pick([-1, -2, 1, 7]) }), topics }, true)
}

function deleteRecords(s: Scenario): Draft {
  const { random } = s
  const topics = [...new Set(random.some([s.a, s.b, someTopic(s)], 1, 1))].map(name => ({
    name,
    partitions: [
      {
        partitionIndex: random.chance(85) ? 0 : somePartition(s),
        offset: random.pick([0, 1, 1, 2, -1, -2, 5000]),
      },
    ],
  }))
  return said({ timeoutMs: 3000, topics })
}

function metadata(s: Scenario, version: number): Draft {
  const { random } = s
  const picks = random.some([...BAD_NAMES, s.a, s.a, s.b, 'd-nowhere', '__consumer_offsets'], 0, 3)
  const names = picks.filter((name, i) => picks.indexOf(name) === i)
  const byId = version >= 12 && random.chance(40)
  const flags = {
    ...(version >= 4 && { allowAutoTopicCreation: false }),
    ...(version >= 8 && { includeTopicAuthorizedOperations: random.chance(40) }),
    ...(version >= 8 && version <= 10 && { includeClusterAuthorizedOperations: random.chance(40) }),
  }
  const odd = random.int(10)
  // Version 0 to 3 would create what is not there; no topics is all of them in v0.
  const asked = version < 4 ? names.filter(name => name === s.a || name === s.b) : names
  const safe = version === 0 && asked.length === 0 ? [s.a] : asked
  if (random.chance(10))
    return { ...said({ ...flags, topics: version === 0 ? [] : null }, true), learn: learnTopics }
  return {
    note: `${JSON.stringify(safe)}${byId ? ` by id, odd ${odd}` : ''} ${JSON.stringify(flags)}`,
    isRead: true,
    fields: side => ({
      ...flags,
      topics: safe.map(name => {
        if (!byId) return { name }
        const topicId = side.id(`topic ${name}`, odd === 0 ? ZERO_UUID : UNKNOWN_ID)
        return { topicId, name: odd < 3 ? s.b : null }
      }),
    }),
  }
}

function describeTopicPartitions(s: Scenario): Draft {
  const { random } = s
  const names = [...new Set(random.some([s.a, s.b, s.a, 'd-nowhere', ...BAD_NAMES], 0, 3))]
  const cursor = random.chance(40)
    ? { topicName: random.pick([s.a, s.b, 'd-zzz', '']), partitionIndex: random.pick([0, 1, 2, 7, -1]) }
    : null
  // All topics would name other people's.
  const topics = (names.length === 0 ? [s.a] : names).map(name => ({ name }))
  return said({ topics, responsePartitionLimit: random.pick([2000, 2000, 1, 2, 3, 0, -1]), cursor }, true)
}

function describeProducers(s: Scenario): Draft {
  const topics = [...new Set(s.random.some([s.a, s.b, someReadable(s)], 1, 2))].map(name => ({
    name,
    partitionIndexes: [...new Set([0, somePartition(s)])],
  }))
  return said({ topics }, true)
}

function describeLogDirs(s: Scenario): Draft {
  const topics = s.random.chance(20)
    ? null
    : s.random
        .some([s.a, s.b, 'd-nowhere'], 0, 2)
        .map(topic => ({ topic, partitions: [0, somePartition(s)] }))
  return said({ topics }, true)
}

function alterReplicaLogDirs(s: Scenario): Draft {
  const isOwn = s.random.chance(50)
  const topics = s.random
    .some([s.a, s.b, 'd-nowhere'], 1, 1)
    .map(name => ({ name, partitions: [0, somePartition(s)] }))
  return {
    note: `${isOwn ? 'own directory' : 'no such directory'} ${JSON.stringify(topics)}`,
    fields: side => ({ dirs: [{ path: isOwn ? side.broker.dataDir : '/no/such/directory', topics }] }),
  }
}

/** A request that is the same on both sides, told by itself. */
export function said(request: object, isRead = false, changesMetadata = false): Draft {
  const text = JSON.stringify(request, (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))
  return { note: text, fields: () => request, isRead, changesMetadata }
}

export const dataSteps: readonly (readonly [weight: number, api: string, make: MakeStep])[] = [
  [30, 'Produce', produce],
  [16, 'Fetch', fetch],
  [8, 'Fetch', sessionFetch],
  [12, 'ListOffsets', listOffsets],
  [5, 'OffsetForLeaderEpoch', offsetForLeaderEpoch],
  [4, 'DeleteRecords', deleteRecords],
  [6, 'Metadata', metadata],
  [4, 'DescribeTopicPartitions', describeTopicPartitions],
  [4, 'DescribeProducers', describeProducers],
  [2, 'DescribeLogDirs', describeLogDirs],
  [1, 'AlterReplicaLogDirs', alterReplicaLogDirs],
]
