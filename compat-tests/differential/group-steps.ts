/** A classic group with one member, and offsets committed from outside and inside it. Two-member conversations are in compat-tests/raw. */
import { said } from './data-steps.ts'
import {
  type Draft,
  learnMember,
  type MakeStep,
  type Scenario,
  someTopic,
  somePartition,
  topicRef,
} from './scenario.ts'
import type { Side } from './side.ts'

type Who = 'right' | 'none' | 'nobody'

/** Longer than any scenario, on however slow a machine. */
const SESSION_MS = 300_000

const memberOf = (side: Side, who: Who): string =>
  who === 'right' ? side.id('member', 'nobody') : who === 'none' ? '' : 'nobody'
const generationOf = (side: Side, shift: number): number => (side.numbers.get('generation') ?? 0) + shift
const someone = (s: Scenario): Who => s.random.pick(['right', 'right', 'right', 'none', 'nobody'])
const someShift = (s: Scenario): number => s.random.pick([0, 0, 0, 0, 1, -1])
const someGroup = (s: Scenario): string =>
  s.random.pick([s.group, s.group, s.group, s.group, s.group, `${s.group}-none`, ''])

/** The nameless group takes offsets too; but it is everybody's. */
const someOwnGroup = (s: Scenario): string => someGroup(s) || s.group

/** Every third scenario has a static member (KIP-345). */
const instanceOf = (s: Scenario): string | null => (s.number % 3 === 0 ? 'instance' : null)

function someInstance(s: Scenario): string | null {
  const own = instanceOf(s)
  return s.random.pick([own, own, own, own, own, null, 'other'])
}

/** A JoinGroup that could wait for somebody is not asked. */
function joinGroup(s: Scenario, version: number): Draft {
  const { random } = s
  const fresh = s.member === 'none'
  const groupId = fresh ? s.group : someGroup(s)
  const canReplace = version >= 5 && s.member === 'static' && groupId === s.group
  const who: Who = fresh ? 'none' : random.pick(['right', 'nobody', canReplace ? 'none' : 'right'])
  if (fresh) s.member = version >= 5 && instanceOf(s) !== null ? 'static' : 'dynamic'
  const sessionTimeoutMs = fresh ? SESSION_MS : random.pick([SESSION_MS, SESSION_MS, 1, 9_999_999])
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
    ...(version >= 1 && { rebalanceTimeoutMs: SESSION_MS }),
    ...(version >= 5 && { groupInstanceId: instanceOf(s) }),
  })
  return {
    note: `${who} of ${groupId}, session ${sessionTimeoutMs}, ${protocolType} ${protocols.join()}`,
    fields: ask,
    learn: learnMember,
  }
}

function syncGroup(s: Scenario, version: number): Draft {
  const { random } = s
  const who = someone(s)
  const shift = someShift(s)
  const groupId = someGroup(s)
  const names = version >= 5 && random.chance(70)
  const protocolName = random.pick(['range', 'range', 'range', 'other'])
  const groupInstanceId = someInstance(s)
  return {
    note: `${who} of ${groupId}, generation ${shift}, ${names ? protocolName : ''}`,
    fields: side => ({
      groupId,
      generationId: generationOf(side, shift),
      memberId: memberOf(side, who),
      assignments: [{ memberId: memberOf(side, 'right'), assignment: Buffer.from('mine') }],
      ...(names && { protocolType: 'consumer', protocolName }),
      ...(version >= 3 && { groupInstanceId }),
    }),
  }
}

function heartbeat(s: Scenario, version: number): Draft {
  const instance = version >= 3 ? { groupInstanceId: someInstance(s) } : {}
  const who = someone(s)
  const shift = someShift(s)
  const groupId = someGroup(s)
  return {
    note: `${who} of ${groupId}, generation ${shift}`,
    fields: side => ({
      groupId,
      generationId: generationOf(side, shift),
      memberId: memberOf(side, who),
      ...instance,
    }),
  }
}

function leaveGroup(s: Scenario, version: number): Draft {
  const groupId = someGroup(s)
  const who = s.random.pick<Who>(['right', 'none', 'nobody', 'nobody'])
  const groupInstanceId = version >= 3 ? someInstance(s) : null
  const leaves =
    s.member === 'static'
      ? (who === 'right' && groupInstanceId !== 'other') ||
        (who === 'none' && groupInstanceId === instanceOf(s))
      : who === 'right' && groupInstanceId === null
  if (leaves && groupId === s.group) s.member = 'none'
  return {
    note: `${who} of ${groupId} as ${groupInstanceId}`,
    fields: side => ({
      groupId,
      ...(version < 3
        ? { memberId: memberOf(side, who) }
        : { members: [{ memberId: memberOf(side, who), groupInstanceId }] }),
    }),
  }
}

function offsetCommit(s: Scenario, version: number): Draft {
  const { random } = s
  const isSimple = random.chance(40)
  const who = isSimple ? 'none' : someone(s)
  const shift = someShift(s)
  const groupId = someOwnGroup(s)
  const topic = someTopic(s)
  const isOfMember = !isSimple && s.member !== 'none' && groupId === s.group && shift === 0
  const groupInstanceId = isSimple ? null : someInstance(s)
  const partitions = [
    {
      partitionIndex: random.chance(80) ? 0 : somePartition(s),
      committedOffset: random.pick([0n, 5n, 2n ** 60n, -1n, -2n]),
      // Refused rows of a commit that makes a group leave it behind in Kafka: a deviation that is listed.
      committedMetadata: random.pick(isOfMember ? ['', 'm', null, 'x'.repeat(5000)] : ['', 'm', null]),
      ...(version >= 6 && { committedLeaderEpoch: random.pick([-1, 0, 5]) }),
    },
  ]
  return {
    note: `${isSimple ? 'from outside' : who} of ${groupId}, generation ${shift}, ${topic} ${partitions[0]!.partitionIndex} at ${partitions[0]!.committedOffset}`,
    fields: side => ({
      groupId,
      generationIdOrMemberEpoch: isSimple ? -1 : generationOf(side, shift),
      memberId: memberOf(side, who),
      ...(version >= 7 && { groupInstanceId }),
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
  return said({ groupId: someOwnGroup(s), topics })
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

/** Rows of other scenarios' groups are left out of the comparison. */
function listGroups(s: Scenario, version: number): Draft {
  const { random } = s
  const states = ['Empty', 'Stable', 'empty', 'CompletingRebalance', 'Dead', 'nonsense', '']
  const types = ['classic', 'Classic', 'consumer', 'share', 'nonsense', '']
  return said(
    {
      ...(version >= 4 && { statesFilter: random.chance(50) ? [] : random.some(states, 1, 2) }),
      ...(version >= 5 && { typesFilter: random.chance(50) ? [] : random.some(types, 1, 2) }),
    },
    true,
  )
}

/** Of an empty group only: with a member in it the answer is the same error every time. */
const deleteGroups = (s: Scenario): Draft =>
  said({ groupsNames: [...new Set([`${s.group}-nobody`, s.random.pick(['d-nowhere', s.group])])] })

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
  [3, 'ListGroups', listGroups],
  [1, 'DeleteGroups', deleteGroups],
]
