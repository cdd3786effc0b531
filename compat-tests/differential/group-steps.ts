/** A classic group with one member, and offsets committed from outside and inside it. Two-member conversations are in compat-tests/raw. */
import { said } from './data-steps.ts'
import { type Draft, type MakeStep, type Scenario, someTopic, somePartition, topicRef } from './scenario.ts'
import type { Side } from './side.ts'

type Who = 'right' | 'none' | 'nobody'

const memberOf = (side: Side, who: Who): string =>
  who === 'right' ? side.id('member', 'nobody') : who === 'none' ? '' : 'nobody'
const generationOf = (side: Side, shift: number): number => (side.numbers.get('generation') ?? 0) + shift
const someone = (s: Scenario): Who => s.random.pick(['right', 'right', 'right', 'none', 'nobody'])
const someShift = (s: Scenario): number => s.random.pick([0, 0, 0, 0, 1, -1])
const someGroup = (s: Scenario): string =>
  s.random.pick([s.group, s.group, s.group, s.group, s.group, `${s.group}-none`, ''])

/** A JoinGroup that could wait for somebody is not asked. */
function joinGroup(s: Scenario, version: number): Draft {
  const { random } = s
  const fresh = !s.hasMember
  const who: Who = fresh ? 'none' : random.pick(['right', 'nobody'])
  const groupId = fresh ? s.group : someGroup(s)
  if (fresh) s.hasMember = true
  const sessionTimeoutMs = fresh ? 30_000 : random.pick([30_000, 30_000, 1, 9_999_999])
  const protocols = random.pick([
    ['range'],
    ['range', 'roundrobin'],
    fresh ? ['range'] : [],
    fresh ? ['range'] : ['other'],
  ])
  const protocolType = fresh ? 'consumer' : random.pick(['consumer', 'consumer', 'connect', ''])
  const ask = (side: Side) => ({
    groupId,
    sessionTimeoutMs,
    memberId: memberOf(side, who),
    protocolType,
    protocols: protocols.map(name => ({ name, metadata: Buffer.from('m') })),
    ...(version >= 1 && { rebalanceTimeoutMs: 30_000 }),
  })
  return {
    note: `${who} of ${groupId}, session ${sessionTimeoutMs}, ${protocolType} ${protocols.join()}`,
    fields: ask,
    learn: (side, answer) => {
      if (answer.memberId !== '' && (answer.errorCode === 0 || answer.errorCode === 79)) {
        side.remember('member', answer.memberId as string)
      }
      if (answer.errorCode === 0) side.numbers.set('generation', answer.generationId as number)
    },
  }
}

function syncGroup(s: Scenario, version: number): Draft {
  const { random } = s
  const who = someone(s)
  const shift = someShift(s)
  const groupId = someGroup(s)
  const names = version >= 5 && random.chance(70)
  const protocolName = random.pick(['range', 'range', 'range', 'other'])
  return {
    note: `${who} of ${groupId}, generation ${shift}, ${names ? protocolName : ''}`,
    fields: side => ({
      groupId,
      generationId: generationOf(side, shift),
      memberId: memberOf(side, who),
      assignments: [{ memberId: memberOf(side, 'right'), assignment: Buffer.from('mine') }],
      ...(names && { protocolType: 'consumer', protocolName }),
    }),
  }
}

function heartbeat(s: Scenario): Draft {
  const who = someone(s)
  const shift = someShift(s)
  const groupId = someGroup(s)
  return {
    note: `${who} of ${groupId}, generation ${shift}`,
    fields: side => ({ groupId, generationId: generationOf(side, shift), memberId: memberOf(side, who) }),
  }
}

function leaveGroup(s: Scenario, version: number): Draft {
  const groupId = someGroup(s)
  const who = s.random.chance(30) ? 'right' : 'nobody'
  if (who === 'right' && groupId === s.group) s.hasMember = false
  return {
    note: `${who} of ${groupId}`,
    fields: side => ({
      groupId,
      ...(version < 3 ? { memberId: memberOf(side, who) } : { members: [{ memberId: memberOf(side, who) }] }),
    }),
  }
}

function offsetCommit(s: Scenario, version: number): Draft {
  const { random } = s
  const isSimple = random.chance(40)
  const who = isSimple ? 'none' : someone(s)
  const shift = someShift(s)
  const groupId = someGroup(s)
  const topic = someTopic(s)
  const partitions = [
    {
      partitionIndex: random.chance(80) ? 0 : somePartition(s),
      committedOffset: random.pick([0n, 5n, 2n ** 60n, -1n, -2n]),
      // Refused rows of a commit that makes a group leave it behind in Kafka: a deviation that is listed.
      committedMetadata: random.pick(isSimple ? ['', 'm', null] : ['', 'm', null, 'x'.repeat(5000)]),
      ...(version >= 6 && { committedLeaderEpoch: random.pick([-1, 0, 5]) }),
    },
  ]
  return {
    note: `${isSimple ? 'from outside' : who} of ${groupId}, generation ${shift}, ${topic} ${partitions[0]!.partitionIndex} at ${partitions[0]!.committedOffset}`,
    fields: side => ({
      groupId,
      generationIdOrMemberEpoch: isSimple ? -1 : generationOf(side, shift),
      memberId: memberOf(side, who),
      topics: [{ ...topicRef(side, topic, version, 10, 'name'), partitions }],
    }),
  }
}

function offsetFetch(s: Scenario, version: number): Draft {
  const { random } = s
  const topics =
    version >= 2 && random.chance(40) ? null : [...new Set(random.some([s.a, s.b, someTopic(s)], 1, 2))]
  const groupId = someGroup(s)
  const who = someone(s)
  const withMember = version >= 9 && random.chance(30)
  const partitionIndexes = [...new Set([0, 1, somePartition(s)])]
  const requireStable = version >= 7 && random.chance(30)
  return {
    note: `${groupId} ${JSON.stringify(topics)} ${partitionIndexes.join()}${withMember ? ` member ${who}` : ''}`,
    isRead: true,
    fields: side => {
      const rows =
        topics?.map(topic => ({ ...topicRef(side, topic, version, 10, 'name'), partitionIndexes })) ?? null
      const stable = version >= 7 ? { requireStable } : {}
      if (version < 8) return { groupId, topics: rows, ...stable }
      const member = withMember ? { memberId: memberOf(side, who), memberEpoch: generationOf(side, 0) } : {}
      return { groups: [{ groupId, topics: rows, ...member }], ...stable }
    },
  }
}

function offsetDelete(s: Scenario): Draft {
  const topics = [...new Set(s.random.some([s.a, s.b, someTopic(s)], 1, 2))].map(name => ({
    name,
    partitions: [{ partitionIndex: somePartition(s) }],
  }))
  return said({ groupId: someGroup(s), topics })
}

const describeGroups = (s: Scenario, version: number): Draft =>
  said(
    {
      groups: [...new Set([someGroup(s), someGroup(s)])],
      ...(version >= 3 && { includeAuthorizedOperations: s.random.chance(50) }),
    },
    true,
  )

function findCoordinator(s: Scenario, version: number): Draft {
  const keys = [someGroup(s)]
  // Transactions are not coordinated here yet.
  const type = version >= 1 ? { keyType: s.random.pick([0, 0, 0, 9, -1]) } : {}
  return said(
    version < 4 ? { key: keys[0], ...type } : { coordinatorKeys: [...keys, s.group], ...type },
    true,
  )
}

/** Of an empty group only: with a member in it the answer is the same error every time. */
const deleteGroups = (s: Scenario): Draft =>
  said({ groupsNames: [...new Set([`${s.group}-nobody`, s.random.pick(['', s.group])])] })

export const groupSteps: readonly (readonly [weight: number, api: string, make: MakeStep])[] = [
  [6, 'JoinGroup', joinGroup],
  [5, 'SyncGroup', syncGroup],
  [3, 'Heartbeat', heartbeat],
  [3, 'LeaveGroup', leaveGroup],
  [6, 'OffsetCommit', offsetCommit],
  [6, 'OffsetFetch', offsetFetch],
  [2, 'OffsetDelete', offsetDelete],
  [3, 'DescribeGroups', describeGroups],
  [3, 'FindCoordinator', findCoordinator],
  [1, 'DeleteGroups', deleteGroups],
]
