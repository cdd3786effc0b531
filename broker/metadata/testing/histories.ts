// Arbitrary histories of metadata records that make sense: every record fits what came before it.
import fc from 'fast-check'
import type { MetadataRecord } from '../metadata-record.ts'

const id = (n: number): string => {
  const bytes = Buffer.alloc(16, 0x40)
  bytes.writeUInt32BE(n, 12)
  return bytes.toString('base64url')
}

interface World {
  records: MetadataRecord[]
  topics: { id: string; name: string; partitions: number }[]
  brokers: Map<number, number>
  next: number
}

type Step = { kind: number; a: number; b: number }

const steps: ((world: World, step: Step) => void)[] = [
  (world, { a }) => {
    const topic = { id: id(world.next++), name: `topic-${world.next}`, partitions: 1 + (a % 4) }
    world.topics.push(topic)
    world.records.push({ type: 'TopicRecord', value: { name: topic.name, topicId: topic.id } })
    for (let partitionId = 0; partitionId < topic.partitions; partitionId++) {
      world.records.push(partitionRecord(topic.id, partitionId))
    }
  },
  (world, { a, b }) => {
    const topic = world.topics[a % (world.topics.length || 1)]
    if (topic === undefined) return
    const hasElr = b % 3 === 0
    world.records.push({
      type: 'PartitionChangeRecord',
      value: {
        partitionId: b % topic.partitions,
        topicId: topic.id,
        isr: hasElr ? [] : b % 2 === 0 ? [1] : null,
        leader: [-2, -1, 1][b % 3]!,
        replicas: null,
        removingReplicas: null,
        addingReplicas: null,
        leaderRecoveryState: [-1, 0, 1][a % 3]!,
        directories: b % 5 === 0 ? [id(900 + b)] : null,
        eligibleLeaderReplicas: hasElr ? [1] : null,
        lastKnownElr: b % 4 === 0 ? [1] : null,
      },
    })
  },
  (world, { a }) => {
    const [topic] = world.topics.splice(a % (world.topics.length || 1), 1)
    if (topic !== undefined) world.records.push({ type: 'RemoveTopicRecord', value: { topicId: topic.id } })
  },
  (world, { a, b }) => {
    const topic = world.topics[a % (world.topics.length || 1)]
    const resource =
      topic === undefined || b % 3 === 0
        ? { resourceType: 4, resourceName: b % 2 === 0 ? '' : '1' }
        : { resourceType: 2, resourceName: topic.name }
    const value = b % 4 === 0 ? null : `v${b}`
    world.records.push({ type: 'ConfigRecord', value: { ...resource, name: `key-${a % 3}`, value } })
  },
  (world, { a }) => {
    const brokerId = a % 3
    world.brokers.set(brokerId, ++world.next)
    world.records.push({
      type: 'RegisterBrokerRecord',
      value: {
        brokerId,
        isMigratingZkBroker: false,
        incarnationId: id(world.next),
        brokerEpoch: world.next,
        endPoints: [{ name: 'PLAINTEXT', host: 'h', port: a % 65536, securityProtocol: 0 }],
        features: [{ name: 'metadata.version', minSupportedVersion: 7, maxSupportedVersion: 30 }],
        rack: a % 2 === 0 ? null : 'r',
        fenced: true,
        inControlledShutdown: false,
        logDirs: [id(a)],
        cordonedLogDirs: null,
      },
    })
  },
  (world, { a, b }) => {
    const brokerEpoch = world.brokers.get(a % 3)
    if (brokerEpoch === undefined) return
    const change = {
      fenced: [-1, 0, 1][b % 3]!,
      inControlledShutdown: b % 2,
      logDirs: b % 4 === 0 ? [id(b)] : [],
    }
    world.records.push({
      type: 'BrokerRegistrationChangeRecord',
      value: { brokerId: a % 3, brokerEpoch, ...change, cordonedLogDirs: b % 5 === 0 ? [id(b)] : null },
    })
  },
  (world, { a, b }) =>
    world.records.push({
      type: 'ClientQuotaRecord',
      value: {
        entity: [{ entityType: 'user', entityName: a % 2 === 0 ? null : `u${a % 4}` }],
        key: 'producer_byte_rate',
        value: b,
        remove: b % 3 === 0,
      },
    }),
  (world, { a }) =>
    world.records.push({
      type: 'ProducerIdsRecord',
      value: { brokerId: 1, brokerEpoch: 1, nextProducerId: BigInt(a) * 1000n },
    }),
  (world, { a, b }) =>
    world.records.push(
      b % 3 === 0
        ? { type: 'RemoveUserScramCredentialRecord', value: { name: `u${a % 4}`, mechanism: 1 } }
        : {
            type: 'UserScramCredentialRecord',
            value: {
              name: `u${a % 4}`,
              mechanism: 1 + (b % 2),
              salt: Buffer.from([a & 255]),
              storedKey: Buffer.from([b & 255]),
              serverKey: Buffer.alloc(2),
              iterations: 4096,
            },
          },
    ),
  (world, { a, b }) =>
    world.records.push(
      b % 3 === 0
        ? { type: 'RemoveAccessControlEntryRecord', value: { id: id(a % 5) } }
        : {
            type: 'AccessControlEntryRecord',
            value: {
              id: id(a % 5),
              resourceType: 2,
              resourceName: `t${b}`,
              patternType: 3,
              principal: 'User:a',
              host: '*',
              operation: 3,
              permissionType: 3,
            },
          },
    ),
  (world, { a, b }) =>
    world.records.push({
      type: 'FeatureLevelRecord',
      value: { name: ['group.version', 'share.version'][a % 2]!, featureLevel: b % 2 },
    }),
]

function partitionRecord(topicId: string, partitionId: number): MetadataRecord {
  return {
    type: 'PartitionRecord',
    value: {
      partitionId,
      topicId,
      replicas: [1],
      isr: [1],
      removingReplicas: [],
      addingReplicas: [],
      leader: 1,
      leaderRecoveryState: 0,
      leaderEpoch: 0,
      partitionEpoch: 0,
      directories: [id(500)],
      eligibleLeaderReplicas: null,
      lastKnownElr: null,
    },
  }
}

const step = fc.record({ kind: fc.nat(steps.length - 1), a: fc.nat(1000), b: fc.nat(1000) })

export const anyHistory: fc.Arbitrary<MetadataRecord[]> = fc.array(step, { maxLength: 60 }).map(chosen => {
  const world: World = { records: [], topics: [], brokers: new Map(), next: 1 }
  world.records.push({ type: 'FeatureLevelRecord', value: { name: 'metadata.version', featureLevel: 30 } })
  for (const each of chosen) steps[each.kind]!(world, each)
  return world.records
})
