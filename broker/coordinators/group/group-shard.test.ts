// Groups under random treatment: members that join, sync, beat, leave, restart and fall silent in any order, commits and
// deletions, time that passes. Whatever happens, a group stays in one piece, everybody is answered in the end, and who
// loads the log afterwards finds the same groups and offsets.

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Errors } from '../../../protocol/errors.ts'
import { ZERO_UUID } from '../../../protocol/uuid.ts'
import { ManualClock } from '../../time/manual-clock.ts'
import { MemoryInternalLog } from '../testing/memory-internal-log.ts'
import type { ClassicGroup } from './classic-group.ts'
import { DEFAULT_GROUP_CONFIG, type GroupCounters, SILENT, UNCOUNTED } from './config.ts'
import { GroupService } from './group-coordinator.ts'
import type { GroupShard } from './group-shard.ts'
import { CONTEXT, subscription } from './testing.ts'

const CLIENTS = 4
const GROUPS = ['g', 'h']

interface Client {
  groupId: string
  instance: string | null
  memberId: string
  generationId: number
  leads: readonly string[]
}

class Players {
  readonly clock = new ManualClock(1_000_000)
  log = new MemoryInternalLog()
  service: GroupService
  readonly clients: Client[]
  unanswered = 0
  #ids = 0

  constructor(counters: GroupCounters = UNCOUNTED) {
    this.clients = Array.from({ length: CLIENTS }, (_, i) => ({
      groupId: GROUPS[i % GROUPS.length]!,
      // One of two in each group is static.
      instance: i < GROUPS.length ? null : `instance-${i}`,
      memberId: '',
      generationId: -1,
      leads: [],
    }))
    this.service = this.newService(counters)
    this.service.elected(0, this.log)
  }

  newService(counters = UNCOUNTED): GroupService {
    return new GroupService({
      clock: this.clock,
      config: { ...DEFAULT_GROUP_CONFIG, initialRebalanceDelayMs: 500, maxSize: 3 },
      log: SILENT,
      randomUuid: () => String(++this.#ids),
      counters,
      partitionCount: () => 1,
    })
  }

  get shard(): GroupShard {
    const [shard] = this.service.shards()
    return shard!
  }

  #follow<T>(answer: Promise<T>, then: (response: T) => void = () => {}): void {
    this.unanswered++
    void answer.then(response => {
      this.unanswered--
      then(response)
    })
  }

  join(client: Client, protocol: string, restarted: boolean): void {
    if (restarted) client.memberId = ''
    const names = [protocol, 'range']
    const request = {
      groupId: client.groupId,
      sessionTimeoutMs: 6000,
      rebalanceTimeoutMs: 3000,
      memberId: client.memberId,
      groupInstanceId: client.instance,
      protocolType: 'consumer',
      protocols: names.map(name => ({ name, metadata: subscription(['t']) })),
      reason: null,
    }
    this.#follow(this.service.joinGroup(request, CONTEXT), response => {
      const { errorCode, memberId, generationId, members } = response
      if (errorCode === 0)
        Object.assign(client, { memberId, generationId, leads: members.map(m => m.memberId) })
      else if (errorCode === Errors.MEMBER_ID_REQUIRED.code) client.memberId = memberId
      else if (errorCode === Errors.UNKNOWN_MEMBER_ID.code) client.memberId = ''
    })
  }

  sync({ groupId, generationId, memberId, instance, leads }: Client): void {
    const assignments = leads.map(id => ({ memberId: id, assignment: Buffer.from(`for ${id}`) }))
    const request = { groupId, generationId, memberId, groupInstanceId: instance, assignments }
    this.#follow(this.service.syncGroup({ ...request, protocolType: null, protocolName: null }))
  }

  heartbeat({ groupId, generationId, memberId, instance }: Client): void {
    this.#follow(this.service.heartbeat({ groupId, generationId, memberId, groupInstanceId: instance }))
  }

  leave({ groupId, memberId, instance }: Client): void {
    const members = [{ memberId, groupInstanceId: instance, reason: null }]
    this.#follow(this.service.leaveGroup({ groupId, members }))
  }

  commit({ groupId, memberId, instance, generationId }: Client, offset: number): void {
    const partition = {
      partitionIndex: offset % 3,
      committedOffset: BigInt(offset),
      committedLeaderEpoch: -1,
      commitTimestamp: -1n,
      committedMetadata: null,
    }
    const topics = [{ name: offset % 2 === 0 ? 't' : 'other', topicId: ZERO_UUID, partitions: [partition] }]
    const member = { memberId, groupInstanceId: instance, generationIdOrMemberEpoch: generationId }
    this.#follow(this.service.commitOffsets({ groupId, ...member, retentionTimeMs: -1n, topics }, CONTEXT))
  }

  administer(
    groupId: string,
    what: 'delete' | 'delete offsets' | 'commit' | 'delete topic',
    offset: number,
  ): void {
    if (what === 'delete') this.#follow(this.service.deleteGroups([groupId]))
    else if (what === 'delete topic') this.service.topicsDeleted([{ name: 'other', id: ZERO_UUID }])
    else if (what === 'delete offsets') {
      const partitions = [0, 1].map(partitionIndex => ({ partitionIndex }))
      this.#follow(this.service.deleteOffsets({ groupId, topics: [{ name: 'other', partitions }] }))
    } else this.commit({ groupId, memberId: '', instance: null, generationId: -1, leads: [] }, offset)
  }

  async turns(): Promise<void> {
    for (let i = 0; i < 15; i++) await Promise.resolve()
  }
}

const client = fc.nat({ max: CLIENTS - 1 })
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.tuple(fc.constant('join'), client, fc.constantFrom('range', 'sticky'), fc.boolean()),
  },
  { weight: 6, arbitrary: fc.tuple(fc.constant('sync'), client) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('heartbeat'), client) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('leave'), client) },
  { weight: 3, arbitrary: fc.tuple(fc.constant('commit'), client, fc.nat({ max: 1000 })) },
  {
    weight: 1,
    arbitrary: fc.tuple(
      fc.constant('administer'),
      fc.constantFrom(...GROUPS),
      fc.constantFrom(
        'delete' as const,
        'delete offsets' as const,
        'commit' as const,
        'delete topic' as const,
      ),
      fc.nat({ max: 1000 }),
    ),
  },
  { weight: 4, arbitrary: fc.tuple(fc.constant('time'), fc.constantFrom(0, 100, 500, 1000, 3000, 7000)) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('hold')) },
  { weight: 1, arbitrary: fc.tuple(fc.constant('release')) },
)
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never

async function play(players: Players, steps: readonly Step[], failures: boolean): Promise<void> {
  for (const [what, ...args] of steps) {
    const who = players.clients[args[0] as number]!
    switch (what) {
      case 'join':
        players.join(who, args[1] as string, args[2] as boolean)
        break
      case 'sync':
        players.sync(who)
        break
      case 'heartbeat':
        players.heartbeat(who)
        break
      case 'leave':
        players.leave(who)
        break
      case 'commit':
        players.commit(who, args[1] as number)
        break
      case 'administer':
        players.administer(args[0] as string, args[1] as 'delete', args[2] as number)
        break
      case 'time':
        players.clock.advance(args[0] as number)
        break
      case 'hold':
        if (failures) players.log.failures.push(Errors.NOT_ENOUGH_REPLICAS.code)
        else players.log.hold()
        break
      default:
        players.log.release()
    }
    await players.turns()
    for (const group of players.shard.groups.values()) expectWhole(group)
  }
}

/** What is true of a group at any moment. */
function expectWhole(group: ClassicGroup): void {
  const members = [...group.members.values()]
  expect(group.awaitingJoinCount).toBe(members.filter(member => member.awaitingJoin !== null).length)
  expect(members.length > 0 ? group.members.has(group.leaderId ?? '') : group.leaderId).toBe(
    members.length > 0 || null,
  )
  for (const id of group.pendingSyncMembers) expect(group.members.has(id)).toBe(true)
  for (const id of group.pendingJoinMembers) expect(group.members.has(id)).toBe(false)
  for (const member of members) {
    if (member.groupInstanceId !== null)
      expect(group.staticMemberId(member.groupInstanceId)).toBe(member.memberId)
    if (group.state !== 'PreparingRebalance') expect(member.awaitingJoin).toBeNull()
    if (group.state !== 'CompletingRebalance') expect(member.awaitingSync).toBeNull()
  }
  if (group.state === 'Empty') expect(members).toEqual([])
  if (group.state === 'Stable') for (const member of members) member.metadata(group.protocolName)
}

/** What the log keeps of a group; null in the middle of a rebalance, when the log says what it was before. */
const settledState = (group: ClassicGroup): object | null =>
  group.state === 'Stable' || group.state === 'Empty'
    ? {
        generationId: group.generationId,
        protocolName: group.protocolName,
        leaderId: group.leaderId,
        members: [...group.members.values()]
          .map(
            ({ memberId, groupInstanceId, assignment }) =>
              `${memberId} ${groupInstanceId} ${assignment.toString()}`,
          )
          .toSorted(),
      }
    : null

const offsetsOf = (shard: GroupShard): string[] =>
  GROUPS.flatMap(groupId =>
    [...shard.offsets.committed.entries(groupId)].map(
      ({ topic, partition, value }) => `${groupId} ${topic}-${partition} ${value.offset}`,
    ),
  ).toSorted()

/** The state that somebody else would load from the log now. */
async function reloaded(players: Players): Promise<GroupShard> {
  const service = players.newService()
  service.elected(0, players.log.failOver(true))
  players.clock.advance(0)
  await players.turns()
  const [shard] = service.shards()
  return shard!
}

test('who loads the log finds the groups and offsets that were there', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async steps => {
      const players = new Players()
      await play(players, steps, false)
      players.log.release()
      await players.turns()
      const live = players.shard
      const groups = new Map([...live.groups.values()].map(group => [group.groupId, settledState(group)]))
      const offsets = offsetsOf(live)
      const loaded = await reloaded(players)
      expect(offsetsOf(loaded)).toEqual(offsets)
      for (const [groupId, state] of groups)
        if (state !== null) expect(settledState(loaded.classic(groupId)!)).toEqual(state)
      expect([...loaded.groups.keys()].filter(id => !groups.has(id))).toEqual([])
    }),
    { numRuns: 300 },
  )
})

test('everybody is answered in the end, and offsets that could not be written are nowhere', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 80 }), async steps => {
      const players = new Players()
      await play(players, steps, true)
      players.log.failures.length = 0
      players.log.release()
      for (let i = 0; i < 20; i++) {
        players.clock.advance(30_000)
        await players.turns()
      }
      expect(players.unanswered).toBe(0)
      expect(offsetsOf(await reloaded(players))).toEqual(offsetsOf(players.shard))
    }),
    { numRuns: 300 },
  )
})

test('commits, deletions, expiries and rebalances are counted', async () => {
  const counted: Record<string, number> = {}
  const count = (name: string) => ({ inc: (by = 1) => (counted[name] = (counted[name] ?? 0) + by) })
  const players = new Players({
    offsetCommits: count('commits'),
    offsetExpirations: count('expirations'),
    offsetDeletions: count('deletions'),
    completedRebalances: count('rebalances'),
  })
  players.administer('h', 'commit', 1)
  players.administer('h', 'commit', 3)
  players.administer('h', 'commit', 5)
  players.administer('h', 'delete offsets', 0)
  const one = players.clients[0]!
  for (let i = 0; i < 2; i++) {
    players.join(one, 'range', false)
    await players.turns()
    players.clock.advance(500)
    await players.turns()
  }
  players.sync(one)
  await players.turns()
  players.clock.advance(DEFAULT_GROUP_CONFIG.offsetsRetentionMs)
  await players.turns()
  expect(counted).toEqual({ commits: 3, deletions: 2, rebalances: 1, expirations: 1 })
})
