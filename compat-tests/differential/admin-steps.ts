/** What the controller and the configuration answer: topics, partitions, configs of every resource, features, quorum, elections. */
import { UNKNOWN_ID } from './ids.ts'
import { said } from './data-steps.ts'
import {
  BAD_NAMES,
  type Draft,
  learnTopics,
  type MakeStep,
  type Scenario,
  someTopic,
  somePartition,
} from './scenario.ts'

const TOPIC_CONFIGS: readonly (readonly [name: string, values: readonly (string | null)[]])[] = [
  ['retention.ms', ['9000000000000', '-1', '-2', 'x', '', null, '9223372036854775808']],
  ['cleanup.policy', ['delete', 'compact', 'compact,delete', 'delete,delete', 'none', '', null]],
  ['compression.type', ['producer', 'zstd', 'gzip', 'uncompressed', 'brotli']],
  ['max.message.bytes', ['200', '1048588', '-1', '0', '2147483648']],
  ['message.timestamp.type', ['CreateTime', 'LogAppendTime', 'sometime']],
  ['message.timestamp.before.max.ms', ['1000', '9223372036854775807', '-1']],
  ['min.insync.replicas', ['1', '2', '0']],
  ['segment.bytes', ['1048576', '14', '13', '1.5']],
  ['segment.ms', ['1', '0', '60000']],
  ['min.cleanable.dirty.ratio', ['0.5', '0', '1.1', '.1']],
  ['unclean.leader.election.enable', ['true', 'false', 'TRUE', 'yes']],
  ['preallocate', ['false', 'maybe']],
  ['follower.replication.throttled.replicas', ['', '*', '0:1', '0:1,1:1', 'x:y']],
  ['flush.messages', ['1', '0', '5']],
  ['file.delete.delay.ms', ['60000', '-1']],
  ['remote.storage.enable', ['true', 'false']],
  ['local.retention.ms', ['-2', '5', '-3']],
  ['no.such.config', ['1']],
  ['', ['1']],
]

const BROKER_CONFIGS: typeof TOPIC_CONFIGS = [
  ['log.cleaner.threads', ['1', '2', '0']],
  ['background.threads', ['10', '6', '21', 'x']],
  ['log.retention.ms', ['604800000', '-2']],
  ['message.max.bytes', ['1048588', '-1']],
  ['log.segment.bytes', ['1073741824', '1']],
  ['compression.type', ['producer', 'none']],
  ['num.network.threads', ['3', '-1']],
  ['min.insync.replicas', ['1', '0']],
  ['advertised.listeners', ['x']],
  ['broker.id', ['7']],
  ['log.dirs', ['/elsewhere']],
  ['no.such.config', ['1']],
]

const GROUP_CONFIGS: typeof TOPIC_CONFIGS = [
  ['consumer.session.timeout.ms', ['45000', '1', '60001']],
  ['consumer.heartbeat.interval.ms', ['5000', '1']],
  ['share.session.timeout.ms', ['45000', '99999999']],
  ['no.such.config', ['1']],
]

const METRICS_CONFIGS: typeof TOPIC_CONFIGS = [
  ['interval.ms', ['1000', '1']],
  ['metrics', ['org.apache.kafka.', '*']],
  ['match', ['client_id=x']],
  ['no.such.config', ['1']],
]

interface Resource {
  readonly resourceType: number
  readonly resourceName: string
  readonly configs: typeof TOPIC_CONFIGS
}

function someResource(s: Scenario, canChangeBroker: boolean): Resource {
  const { random } = s
  const dice = random.int(20)
  if (dice < 9) return { resourceType: 2, resourceName: random.pick([s.a, s.b, s.b]), configs: TOPIC_CONFIGS }
  if (dice < 11) return { resourceType: 2, resourceName: someTopic(s), configs: TOPIC_CONFIGS }
  if (dice < 15) {
    const names = canChangeBroker ? ['1', '', '7', 'x', '-1'] : ['7', 'x', '-1', '9999999999']
    return { resourceType: 4, resourceName: random.pick(names), configs: BROKER_CONFIGS }
  }
  if (dice === 15)
    return {
      resourceType: 8,
      resourceName: random.pick(['1', '', 'x']),
      configs: [['kafka.log.LogLoader', ['INFO']]],
    }
  if (dice === 16) return { resourceType: 16, resourceName: `m${s.number}`, configs: METRICS_CONFIGS }
  if (dice === 17) return { resourceType: 32, resourceName: s.group, configs: GROUP_CONFIGS }
  return { resourceType: random.pick([0, 1, 3, 5, 64, -1]), resourceName: 'x', configs: TOPIC_CONFIGS }
}

function describeConfigs(s: Scenario, version: number): Draft {
  const { random } = s
  const resources = Array.from({ length: 1 + random.int(2) }, () => {
    const { resourceType, resourceName, configs } = someResource(s, true)
    // The loggers of a Java class tree are nobody's contract.
    const odd = resourceType === 8 && resourceName === '1' ? 'x' : resourceName
    const configurationKeys = random.chance(50) ? null : random.some([...configs.map(([name]) => name)], 0, 3)
    return { resourceType, resourceName: odd, configurationKeys }
  })
  return said(
    {
      resources: resources.filter(
        (r, i) =>
          resources.findIndex(q => q.resourceType === r.resourceType && q.resourceName === r.resourceName) ===
          i,
      ),
      ...(version >= 1 && { includeSynonyms: random.chance(60) }),
      ...(version >= 3 && { includeDocumentation: random.chance(10) }),
    },
    true,
  )
}

function alterConfigs(s: Scenario): Draft {
  const { random } = s
  const validateOnly = random.chance(50)
  const { resourceType, resourceName, configs } = someResource(s, validateOnly)
  const picks = random.some(configs, 0, 3)
  const rows = picks
    .filter((pick, i) => picks.indexOf(pick) === i)
    .map(([name, values]) => ({ name, value: random.pick(values) }))
  return said({ resources: [{ resourceType, resourceName, configs: rows }], validateOnly }, false, true)
}

function incrementalAlterConfigs(s: Scenario): Draft {
  const { random } = s
  const validateOnly = random.chance(50)
  const { resourceType, resourceName, configs } = someResource(s, validateOnly)
  const picks = random.some(configs, 0, 3)
  const rows = picks
    .filter((pick, i) => random.chance(10) || picks.indexOf(pick) === i)
    .map(([name, values]) => ({
      name,
      configOperation: random.pick([0, 0, 0, 0, 1, 1, 2, 3]),
      value: random.pick(values),
    }))
  return said({ resources: [{ resourceType, resourceName, configs: rows }], validateOnly }, false, true)
}

function createTopics(s: Scenario, version: number): Draft {
  const { random } = s
  const topics = Array.from({ length: random.chance(25) ? 2 : 1 }, () => {
    const isPlaced = random.chance(30)
    const picks = random.some(TOPIC_CONFIGS, 0, 2)
    return {
      name: random.pick([
        `${s.a}-${random.int(4)}`,
        `${s.a}-${random.int(4)}`,
        `${s.a}.x`,
        `${s.a}_x`,
        s.a,
        '__consumer_offsets',
        ...BAD_NAMES,
      ]),
      numPartitions: isPlaced ? random.pick([-1, -1, -1, 2]) : random.pick([1, 2, -1, 0, -2, 20_000]),
      replicationFactor: isPlaced ? random.pick([-1, -1, -1, 1]) : random.pick([1, 1, -1, 0, -2, 3]),
      assignments: isPlaced ? random.pick(PLACEMENTS) : [],
      configs: random.chance(60)
        ? []
        : picks
            .filter((p, i) => picks.indexOf(p) === i)
            .map(([name, values]) => ({ name, value: random.pick(values) })),
    }
  })
  // 20,000 partitions are for the sum of checks, not to be made.
  const validateOnly = version >= 1 && (random.chance(40) || topics.some(t => t.numPartitions > 100))
  const small = topics.map(t => (!validateOnly && t.numPartitions > 100 ? { ...t, numPartitions: 3 } : t))
  const request = { topics: small, timeoutMs: 5000, ...(version >= 1 && { validateOnly }) }
  return { ...said(request, false, true), learn: learnTopics }
}

const PLACEMENTS = [
  [{ partitionIndex: 0, brokerIds: [1] }],
  [
    { partitionIndex: 0, brokerIds: [1] },
    { partitionIndex: 1, brokerIds: [1] },
  ],
  [{ partitionIndex: 1, brokerIds: [1] }],
  [{ partitionIndex: 0, brokerIds: [] }],
  [{ partitionIndex: 0, brokerIds: [1, 1] }],
  [{ partitionIndex: 0, brokerIds: [2] }],
  [{ partitionIndex: 0, brokerIds: [-1] }],
  [
    { partitionIndex: 0, brokerIds: [1] },
    { partitionIndex: 0, brokerIds: [1] },
  ],
]

function deleteTopics(s: Scenario, version: number): Draft {
  const { random } = s
  const picks = random.some(
    [`${s.a}-0`, `${s.a}-1`, `${s.a}-2`, `${s.a}-3`, 'd-nowhere', '', 'no/slash', `${s.a}.x`],
    1,
    3,
  )
  const byId = version >= 6 && random.chance(50)
  const both = byId && random.chance(10)
  return {
    note: `${JSON.stringify(picks)}${byId ? ' by id' : ''}${both ? ' and name' : ''}`,
    changesMetadata: true,
    fields: side => ({
      timeoutMs: 5000,
      ...(version < 6
        ? { topicNames: picks }
        : {
            topics: picks.map(name =>
              byId ? { topicId: side.id(`topic ${name}`, UNKNOWN_ID), name: both ? name : null } : { name },
            ),
          }),
    }),
  }
}

function createPartitions(s: Scenario): Draft {
  const { random } = s
  const picks = random.some([`${s.a}-0`, `${s.a}-1`, `${s.a}-2`, s.b, someTopic(s)], 1, 2)
  const topics = picks.map(name => ({
    name,
    count: random.pick([2, 3, 3, 4, 1, 0, -1, 5]),
    assignments: random.chance(70)
      ? null
      : random.pick([
          [],
          [{ brokerIds: [1] }],
          [{ brokerIds: [1] }, { brokerIds: [1] }],
          [{ brokerIds: [2] }],
          [{ brokerIds: [] }],
          [{ brokerIds: [1, 1] }],
        ]),
  }))
  const isOwn = topics.every(t => t.name.startsWith(`${s.a}-`))
  return said({ topics, timeoutMs: 5000, validateOnly: !isOwn || random.chance(30) }, false, true)
}

function electLeaders(s: Scenario, version: number): Draft {
  const { random } = s
  const topicPartitions = random.chance(10)
    ? null
    : [...new Set(random.some([s.a, s.b, someTopic(s)], 0, 2))].map(topic => ({
        topic,
        partitions: [...new Set([0, somePartition(s)])],
      }))
  return said({
    topicPartitions,
    timeoutMs: 3000,
    ...(version >= 1 && { electionType: random.pick([0, 0, 1, 2]) }),
  })
}

function alterReassignments(s: Scenario, version: number): Draft {
  const { random } = s
  const topics = [...new Set(random.some([s.a, s.b, someTopic(s)], 0, 2))].map(name => ({
    name,
    partitions: [
      {
        partitionIndex: somePartition(s),
        replicas: random.pick([[1], [1], null, [], [2], [1, 1], [1, 2], [-1]]),
      },
    ],
  }))
  return said(
    { timeoutMs: 3000, topics, ...(version >= 1 && { allowReplicationFactorChange: random.chance(70) }) },
    false,
    true,
  )
}

function listReassignments(s: Scenario): Draft {
  const topics = s.random.chance(30)
    ? null
    : s.random
        .some([s.a, s.b, 'd-nowhere'], 0, 2)
        .map(name => ({ name, partitionIndexes: [0, somePartition(s)] }))
  return said({ timeoutMs: 3000, topics }, true)
}

function updateFeatures(s: Scenario, version: number): Draft {
  const { random } = s
  const features = [
    'metadata.version',
    'transaction.version',
    'group.version',
    'share.version',
    'eligible.leader.replicas.version',
    'kraft.version',
    'no.such',
    '',
  ]
  const featureUpdates = [...new Set(random.some(features, 0, 2))].map(feature => ({
    feature,
    maxVersionLevel: random.pick([0, 1, 2, 3, 7, 20, 25, 29, 30, 99, -1]),
    ...(version === 0
      ? { allowDowngrade: random.chance(30) }
      : { upgradeType: random.pick([1, 1, 2, 3, 0, 4]) }),
  }))
  // Only ever validated, where a version can say so: a changed level would make the rest another conversation.
  const onlyWrong = featureUpdates.filter(u => u.feature === 'no.such' || u.feature === '')
  return said({
    timeoutMs: 3000,
    featureUpdates: version === 0 ? onlyWrong : featureUpdates,
    ...(version >= 1 && { validateOnly: true }),
  })
}

function describeQuorum(s: Scenario): Draft {
  const topics = s.random
    .some(['__cluster_metadata', '__cluster_metadata', s.a, ''], 1, 2)
    .map(topicName => ({
      topicName,
      partitions: s.random.pick([
        [{ partitionIndex: 0 }],
        [{ partitionIndex: 1 }],
        [{ partitionIndex: 0 }, { partitionIndex: 0 }],
        [],
      ]),
    }))
  return said({ topics }, true)
}

function describeCluster(s: Scenario, version: number): Draft {
  const { random } = s
  return said(
    {
      includeClusterAuthorizedOperations: random.chance(50),
      ...(version >= 1 && { endpointType: random.pick([1, 1, 2, 0, 9]) }),
      ...(version >= 2 && { includeFencedBrokers: random.chance(50) }),
    },
    true,
  )
}

function initProducerId(s: Scenario, version: number): Draft {
  const { random } = s
  const producerId = random.pick([-1n, -1n, -1n, 5n, -2n])
  return said({
    transactionalId: random.chance(85) ? null : '',
    transactionTimeoutMs: random.pick([60_000, 0, -1, 2_000_000_000]),
    ...(version >= 3 && {
      producerId,
      producerEpoch: random.pick(producerId === -1n ? [-1, -1, -1, 3] : [0, 3, -1]),
    }),
  })
}

function apiVersions(s: Scenario, version: number): Draft {
  const { random } = s
  if (version < 3) return said({}, true)
  return said(
    {
      clientSoftwareName: random.pick(['odradek', 'a-b.c', '', '-a', 'a b', 'x'.repeat(300)]),
      clientSoftwareVersion: random.pick(['1.0', '', '1 0', '.1']),
    },
    true,
  )
}

const listConfigResources = (s: Scenario, version: number): Draft =>
  said(
    version >= 1
      ? { resourceTypes: s.random.pick([[], [2], [4], [8], [16], [32], [1], [0], [4, 8, 99]]) }
      : {},
    true,
  )

const unregisterBroker = (s: Scenario): Draft => said({ brokerId: s.random.pick([7, -1, 99]) })

function acls(s: Scenario): Draft {
  return said({
    resourceTypeFilter: s.random.pick([0, 1, 2, 9]),
    resourceNameFilter: s.random.pick([null, 'x', '']),
    principalFilter: null,
    hostFilter: null,
    operation: s.random.pick([0, 1, 3]),
    permissionType: s.random.pick([0, 1, 3]),
  })
}

const ACL_RESOURCES = [2, 2, 2, 3, 4, 5, 0, 1, 9]

function createAcls(s: Scenario): Draft {
  const { random } = s
  const creations = Array.from({ length: random.int(3) }, () => ({
    resourceType: random.pick(ACL_RESOURCES),
    resourceName: random.pick(['x', '', 'kafka-cluster']),
    principal: random.pick(['User:a', 'User:*', 'a', '']),
    host: random.pick(['*', '10.0.0.1', '']),
    operation: random.pick([2, 3, 4, 0, 1]),
    permissionType: random.pick([2, 3, 0, 1]),
  }))
  return said({ creations })
}

function deleteAcls(s: Scenario): Draft {
  const { random } = s
  const filters = Array.from({ length: random.int(3) }, () => ({
    resourceTypeFilter: random.pick(ACL_RESOURCES),
    resourceNameFilter: random.pick([null, 'x', '']),
    principalFilter: random.pick([null, 'User:a', 'a']),
    hostFilter: null,
    operation: random.pick([1, 2, 3, 0]),
    permissionType: random.pick([1, 3, 0]),
  }))
  return said({ filters })
}

export const adminSteps: readonly (readonly [weight: number, api: string, make: MakeStep])[] = [
  [9, 'DescribeConfigs', describeConfigs],
  [5, 'AlterConfigs', alterConfigs],
  [7, 'IncrementalAlterConfigs', incrementalAlterConfigs],
  [8, 'CreateTopics', createTopics],
  [4, 'DeleteTopics', deleteTopics],
  [4, 'CreatePartitions', createPartitions],
  [3, 'ElectLeaders', electLeaders],
  [3, 'AlterPartitionReassignments', alterReassignments],
  [2, 'ListPartitionReassignments', listReassignments],
  [2, 'UpdateFeatures', updateFeatures],
  [2, 'DescribeQuorum', describeQuorum],
  [2, 'DescribeCluster', describeCluster],
  [3, 'InitProducerId', initProducerId],
  [3, 'ApiVersions', apiVersions],
  [2, 'ListConfigResources', listConfigResources],
  [1, 'UnregisterBroker', unregisterBroker],
  [1, 'DescribeAcls', acls],
  [2, 'CreateAcls', createAcls],
  [2, 'DeleteAcls', deleteAcls],
]
