// The handlers of groups and offsets over a real coordinator with its log in memory: what Kafka's KafkaApis checks, in its
// order, at every version served.
import { expect, test } from 'vitest'
import { Errors, errorOf } from '../../protocol/errors.ts'
import { subscription } from '../coordinators/group/testing.ts'
import { OFFSETS_TOPIC } from '../ports/internal-topics.ts'
import { RequestError } from '../ports/request-error.ts'
import deleteGroups from './42-delete-groups.ts'
import describeGroups from './15-describe-groups.ts'
import findCoordinator from './10-find-coordinator.ts'
import heartbeat from './12-heartbeat.ts'
import joinGroup from './11-join-group.ts'
import leaveGroup from './13-leave-group.ts'
import listGroups from './16-list-groups.ts'
import offsetCommit from './08-offset-commit.ts'
import offsetDelete from './47-offset-delete.ts'
import offsetFetch from './09-offset-fetch.ts'
import syncGroup from './14-sync-group.ts'
import { allowing, imageOf, ORDERS, ORDERS_ID, OTHER_ID, World } from './testing/group-world.ts'

const versionsOf = ({ serves: [low, high] }: { serves: readonly [number, number] }): number[] =>
  Array.from({ length: high - low + 1 }, (_, i) => low + i)

const nameOf = (row: { errorCode: number }): string => errorOf(row.errorCode).name

function commit(
  version: number,
  partitions: number[],
  topic = ORDERS as { name: string; id: string },
): object {
  return {
    groupId: 'g',
    topics: [
      {
        ...(version >= 10 ? { topicId: topic.id } : { name: topic.name }),
        partitions: partitions.map(partitionIndex => ({
          partitionIndex,
          committedOffset: 40n + BigInt(partitionIndex),
          committedMetadata: 'm',
        })),
      },
    ],
  }
}

function fetchOf(
  version: number,
  partitionIndexes: number[],
  topic = ORDERS as { name: string; id: string },
): object {
  const named = version >= 10 ? { topicId: topic.id } : { name: topic.name }
  const topics = [{ ...named, partitionIndexes }]
  return version >= 8 ? { groups: [{ groupId: 'g', topics }] } : { groupId: 'g', topics }
}

/** The rows of an OffsetFetch answer of any version. */
function fetched(answer: object): { topic: string; rows: string[] }[] {
  type Row = { partitionIndex: number; committedOffset: bigint; errorCode: number }
  type Topic = { name: string; topicId: string; partitions: Row[] }
  const { groups, topics } = answer as { groups: { topics: Topic[] }[]; topics: Topic[] }
  const found = groups.length > 0 ? groups[0]!.topics : topics
  return found.map(topic => ({
    topic: topic.name === '' ? topic.topicId : topic.name,
    rows: topic.partitions.map(row => `${row.partitionIndex}: ${row.committedOffset} ${nameOf(row)}`),
  }))
}

test.each(versionsOf(offsetCommit))(
  'OffsetCommit v%i stores offsets with the id of their topic',
  async version => {
    const world = new World()
    const { topics } = await world.call(offsetCommit, version, commit(version, [0, 1, 7]))
    expect(topics).toHaveLength(1)
    expect(topics[0]!.partitions.map(row => `${row.partitionIndex} ${nameOf(row)}`).toSorted()).toEqual([
      '0 NONE',
      '1 NONE',
      '7 UNKNOWN_TOPIC_OR_PARTITION',
    ])
    const [shard] = world.harness.service.shards()
    expect(shard!.offsets.committed.get('g', 'orders', 1)).toMatchObject({
      offset: 41n,
      topicId: ORDERS_ID,
      metadata: 'm',
    })
  },
)

test('OffsetCommit refuses row by row: unknown id, not authorized, unknown name', async () => {
  const world = new World()
  const rows = async (version: number, topic: { name: string; id: string }): Promise<string> => {
    const { topics } = await world.call(offsetCommit, version, commit(version, [0], topic))
    return nameOf(topics[0]!.partitions[0]!)
  }
  expect(await rows(9, { name: 'nowhere', id: OTHER_ID })).toBe('UNKNOWN_TOPIC_OR_PARTITION')
  expect(await rows(10, { name: 'nowhere', id: OTHER_ID })).toBe('UNKNOWN_TOPIC_ID')
  world.authorizer = allowing(what => what === 'READ GROUP g')
  // Whether a topic exists is no business of who may not read it.
  expect(await rows(9, { name: 'nowhere', id: OTHER_ID })).toBe('TOPIC_AUTHORIZATION_FAILED')
  expect(await rows(10, ORDERS)).toBe('TOPIC_AUTHORIZATION_FAILED')
  world.authorizer = allowing(() => false)
  await expect(rows(9, ORDERS)).rejects.toThrow(RequestError)
})

test('OffsetCommit names a group that is not there from v9 on', async () => {
  const world = new World()
  const code = async (version: number): Promise<string> => {
    const request = { ...commit(version, [0]), generationIdOrMemberEpoch: 3, memberId: 'm' }
    return nameOf((await world.call(offsetCommit, version, request)).topics[0]!.partitions[0]!)
  }
  expect(await code(8)).toBe('ILLEGAL_GENERATION')
  expect(await code(9)).toBe('GROUP_ID_NOT_FOUND')
})

test.each(versionsOf(offsetFetch))('OffsetFetch v%i finds what was committed', async version => {
  const world = new World()
  await world.call(offsetCommit, 9, commit(9, [0, 1]))
  const answer = await world.call(offsetFetch, version, fetchOf(version, [1, 0]))
  const topic = version >= 10 ? ORDERS_ID : 'orders'
  expect(fetched(answer)).toEqual([{ topic, rows: ['1: 41 NONE', '0: 40 NONE'] }])
})

test.each(versionsOf(offsetFetch).filter(version => version >= 2))(
  'OffsetFetch v%i tells all offsets',
  async version => {
    const world = new World()
    world.image = imageOf(ORDERS, { name: 'secret', id: OTHER_ID, leaders: [1] })
    await world.call(offsetCommit, 9, commit(9, [0]))
    await world.call(offsetCommit, 9, commit(9, [0], { name: 'secret', id: OTHER_ID }))
    world.authorizer = allowing(what => what !== 'DESCRIBE TOPIC secret')
    const all = version >= 8 ? { groups: [{ groupId: 'g', topics: null }] } : { groupId: 'g', topics: null }
    const topic = version >= 10 ? ORDERS_ID : 'orders'
    expect(fetched(await world.call(offsetFetch, version, all))).toEqual([{ topic, rows: ['0: 40 NONE'] }])
  },
)

test.each([1, 2, 7, 8, 9, 10])(
  'OffsetFetch v%i puts the failure of a group where the version has room',
  async version => {
    const world = new World()
    world.authorizer = allowing(() => false)
    const answer = (await world.call(offsetFetch, version, fetchOf(version, [0]))) as object as {
      errorCode: number
      groups: { errorCode: number }[]
    }
    if (version >= 8) expect(nameOf(answer.groups[0]!)).toBe('GROUP_AUTHORIZATION_FAILED')
    else if (version >= 2) expect(nameOf(answer)).toBe('GROUP_AUTHORIZATION_FAILED')
    else expect(fetched(answer)).toEqual([{ topic: 'orders', rows: ['0: -1 GROUP_AUTHORIZATION_FAILED'] }])
  },
)

test('OffsetFetch says per topic what it may not tell', async () => {
  const world = new World()
  expect(fetched(await world.call(offsetFetch, 10, fetchOf(10, [0], { name: '', id: OTHER_ID })))).toEqual([
    { topic: OTHER_ID, rows: ['0: -1 UNKNOWN_TOPIC_ID'] },
  ])
  world.authorizer = allowing(what => what === 'DESCRIBE GROUP g')
  expect(fetched(await world.call(offsetFetch, 8, fetchOf(8, [0])))).toEqual([
    { topic: 'orders', rows: ['0: -1 TOPIC_AUTHORIZATION_FAILED'] },
  ])
})

test.each(versionsOf(findCoordinator))(
  'FindCoordinator v%i has the offsets topic made, then names the leader',
  async version => {
    const world = new World()
    const ask = async () => {
      const key = version >= 4 ? { coordinatorKeys: ['g'] } : { key: 'g' }
      const answer = (await world.call(findCoordinator, version, key)) as object as {
        coordinators: { errorCode: number; nodeId: number; host: string; port: number }[]
      } & { errorCode: number; nodeId: number; host: string; port: number }
      const found = version >= 4 ? answer.coordinators[0]! : answer
      return `${nameOf(found)} ${found.nodeId} ${found.host}:${found.port}`
    }
    expect(await ask()).toBe('COORDINATOR_NOT_AVAILABLE -1 :-1')
    expect(await ask()).toBe('COORDINATOR_NOT_AVAILABLE -1 :-1')
    expect(world.created).toHaveLength(1)
    expect(world.created[0]!.topics[0]).toMatchObject({
      name: OFFSETS_TOPIC,
      numPartitions: 50,
      replicationFactor: 1,
    })
    expect(world.created[0]!.topics[0]!.configs).toContainEqual({ name: 'cleanup.policy', value: 'compact' })
    world.image = imageOf({ name: OFFSETS_TOPIC, id: OTHER_ID, leaders: [-1] })
    expect(await ask()).toBe('COORDINATOR_NOT_AVAILABLE -1 :-1')
    world.image = imageOf({ name: OFFSETS_TOPIC, id: OTHER_ID, leaders: [1] })
    expect(await ask()).toBe('NONE 1 here:9092')
    world.authorizer = allowing(() => false)
    expect(await ask()).toBe('GROUP_AUTHORIZATION_FAILED -1 :-1')
  },
)

test('a creation that has been answered may be asked for again', async () => {
  const world = new World()
  await world.call(findCoordinator, 4, { coordinatorKeys: ['g'] })
  world.answerCreate?.()
  await world.harness.settle()
  await world.call(findCoordinator, 4, { coordinatorKeys: ['g'] })
  expect(world.created).toHaveLength(2)
})

test('FindCoordinator knows what it does not coordinate', async () => {
  const world = new World()
  const ask = async (version: number, keyType: number) =>
    nameOf((await world.call(findCoordinator, version, { keyType, coordinatorKeys: ['k'] })).coordinators[0]!)
  expect(await ask(4, 1)).toBe('COORDINATOR_NOT_AVAILABLE')
  expect(await ask(5, 2)).toBe('INVALID_REQUEST')
  expect(await ask(6, 2)).toBe('INVALID_REQUEST')
  expect(await ask(6, 9)).toBe('INVALID_REQUEST')
  const { coordinators } = await world.call(findCoordinator, 4, { keyType: 9, coordinatorKeys: ['k'] })
  expect(coordinators[0]!.errorMessage).toBe(Errors.INVALID_REQUEST.message)
})

function joinRequest(memberId: string, version: number): object {
  return {
    groupId: 'g',
    memberId,
    sessionTimeoutMs: 10_000,
    ...(version >= 1 ? { rebalanceTimeoutMs: 20_000 } : {}),
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscription(['orders']) }],
  }
}

test.each(versionsOf(joinGroup))('JoinGroup v%i, and all that a member does then', async version => {
  const world = new World()
  world.harness.config.initialRebalanceDelayMs = 0
  const at = (handler: { serves: readonly [number, number] }): number => Math.min(version, handler.serves[1])
  let memberId = ''
  if (version >= 4) {
    const first = await world.call(joinGroup, version, joinRequest('', version))
    expect(nameOf(first)).toBe('MEMBER_ID_REQUIRED')
    memberId = first.memberId
  }
  const joining = world.call(joinGroup, version, joinRequest(memberId, version))
  await world.harness.settle()
  world.harness.clock.advance(0)
  const joined = await joining
  expect(joined).toMatchObject({
    errorCode: 0,
    generationId: 1,
    protocolName: 'range',
    leader: joined.memberId,
  })
  expect(joined.members).toHaveLength(1)

  memberId = joined.memberId
  const sync = {
    groupId: 'g',
    generationId: 1,
    memberId,
    assignments: [{ memberId, assignment: Buffer.from('mine') }],
    ...(at(syncGroup) >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {}),
  }
  const synced = await world.call(syncGroup, at(syncGroup), sync)
  expect(synced.assignment.toString()).toBe('mine')
  const beat = await world.call(heartbeat, at(heartbeat), { groupId: 'g', generationId: 1, memberId })
  expect(nameOf(beat)).toBe('NONE')

  const described = await world.call(describeGroups, at(describeGroups), { groups: ['g', 'h'] })
  expect(described.groups.map(group => `${nameOf(group)} ${group.groupId} ${group.groupState}`)).toEqual([
    'NONE g Stable',
    `${at(describeGroups) >= 6 ? 'GROUP_ID_NOT_FOUND' : 'NONE'} h Dead`,
  ])
  expect(described.groups[0]!.members[0]).toMatchObject({ clientId: 'tester', clientHost: '/127.0.0.1' })

  const leaving = at(leaveGroup) >= 3 ? { groupId: 'g', members: [{ memberId }] } : { groupId: 'g', memberId }
  expect(nameOf(await world.call(leaveGroup, at(leaveGroup), leaving))).toBe('NONE')
  const gone = await world.call(leaveGroup, at(leaveGroup), leaving)
  expect(nameOf(at(leaveGroup) >= 3 ? gone.members[0]! : gone)).toBe('UNKNOWN_MEMBER_ID')
})

test('a member of v0 has one timeout for session and rebalance', async () => {
  const world = new World()
  void world.call(joinGroup, 0, joinRequest('', 0))
  await world.harness.settle()
  const [shard] = world.harness.service.shards()
  expect(shard!.classic('g')!.rebalanceTimeoutMs).toBe(10_000)
})

test('SyncGroup v5 wants both protocol fields', async () => {
  const world = new World()
  const sync = { groupId: 'g', generationId: 1, memberId: 'm', protocolType: 'consumer', protocolName: null }
  await expect(world.call(syncGroup, 5, sync)).rejects.toMatchObject({
    code: Errors.INCONSISTENT_GROUP_PROTOCOL.code,
  })
})

test.each(versionsOf(listGroups))('ListGroups v%i shows what one may see', async version => {
  const world = new World()
  await world.call(offsetCommit, 9, commit(9, [0]))
  await world.call(offsetCommit, 9, { ...commit(9, [0]), groupId: 'hidden' })
  const ids = async () => (await world.call(listGroups, version, {})).groups.map(group => group.groupId)
  expect(await ids()).toEqual(['g', 'hidden'])
  world.authorizer = allowing(what => what === 'DESCRIBE GROUP g')
  expect(await ids()).toEqual(['g'])
})

test('DescribeGroups: refused groups say so, allowed ones tell the operations if asked', async () => {
  const world = new World()
  await world.call(offsetCommit, 9, commit(9, [0]))
  world.authorizer = allowing(what => ['DESCRIBE GROUP g', 'READ GROUP g'].includes(what))
  const { groups } = await world.call(describeGroups, 6, {
    groups: ['h', 'g'],
    includeAuthorizedOperations: true,
  })
  expect(groups.map(group => `${nameOf(group)} ${group.groupId} ${group.authorizedOperations}`)).toEqual([
    'GROUP_AUTHORIZATION_FAILED h -2147483648',
    `NONE g ${(1 << 8) | (1 << 3)}`,
  ])
})

test.each(versionsOf(deleteGroups))('DeleteGroups v%i deletes each group once', async version => {
  const world = new World()
  await world.call(offsetCommit, 9, commit(9, [0]))
  world.authorizer = allowing(what => what !== 'DELETE GROUP secret')
  const { results } = await world.call(deleteGroups, version, { groupsNames: ['g', 'g', 'h', 'secret'] })
  expect(results.map(row => `${row.groupId} ${nameOf(row)}`)).toEqual([
    'g NONE',
    'h GROUP_ID_NOT_FOUND',
    'secret GROUP_AUTHORIZATION_FAILED',
  ])
})

test('OffsetDelete answers row by row, and for the whole group when there is none', async () => {
  const world = new World()
  const request = {
    groupId: 'g',
    topics: [
      { name: 'orders', partitions: [{ partitionIndex: 0 }, { partitionIndex: 9 }] },
      { name: 'nowhere', partitions: [{ partitionIndex: 0 }] },
    ],
  }
  expect(nameOf(await world.call(offsetDelete, 0, request))).toBe('GROUP_ID_NOT_FOUND')
  await world.call(offsetCommit, 9, commit(9, [0]))
  const { topics } = await world.call(offsetDelete, 0, request)
  const rows = topics.flatMap(topic =>
    topic.partitions.map(row => `${topic.name}-${row.partitionIndex} ${nameOf(row)}`),
  )
  expect(rows.toSorted()).toEqual([
    'nowhere-0 UNKNOWN_TOPIC_OR_PARTITION',
    'orders-0 NONE',
    'orders-9 UNKNOWN_TOPIC_OR_PARTITION',
  ])
  const [shard] = world.harness.service.shards()
  expect(shard!.offsets.committed.get('g', 'orders', 0)).toBeUndefined()
  // A topic that is not there is told even without partitions.
  const none = { groupId: 'g', topics: ['nowhere', 'orders'].map(name => ({ name, partitions: [] })) }
  expect((await world.call(offsetDelete, 0, none)).topics).toEqual([{ name: 'nowhere', partitions: [] }])
  // A topic named twice is one, with all its rows.
  const nine = { name: 'orders', partitions: [{ partitionIndex: 9 }] }
  const twice = (await world.call(offsetDelete, 0, { groupId: 'g', topics: [nine, nine] })).topics
  expect(twice.map(t => t.partitions.map(nameOf))).toEqual([
    ['UNKNOWN_TOPIC_OR_PARTITION', 'UNKNOWN_TOPIC_OR_PARTITION'],
  ])
})
