// A long conversation about groups and offsets, at many versions, right and wrong. The same lines are said to Apache Kafka
// and to us; group-answers.kafka-4.3.1.txt holds what Kafka answered, and we must answer the same, field by field. What
// differs by nature (member ids, topic ids, endpoints, the wording of messages) is replaced or left out.

import { errorOf } from '../../../protocol/errors.ts'
import { subscription } from '../../coordinators/group/testing.ts'

type Fields = Readonly<Record<string, unknown>>

export interface Partner {
  /** One connection per name; requests of one name are answered in order. */
  call(client: string, api: string, version: number, request: Fields): Promise<Fields>
  /** Topics t, u and gone, of two partitions each. */
  topicIds(): Promise<ReadonlyMap<string, string>>
  deleteTopic(name: string): Promise<void>
  /** Lets what is under way arrive: a moment for a real broker. */
  pause(): Promise<void>
}

const LEFT_OUT = new Set(['throttleTimeMs', 'errorMessage', 'host', 'port', 'nodeId'])
/** Arrays whose order is nobody's business. */
const UNORDERED = new Set(['groups', 'members', 'results', 'topics', 'partitions'])
const UNKNOWN_ID = 'AAAAAAAAAAAAAAAAAAAAzg'

class Conversation {
  readonly #partner: Partner
  readonly #lines: { label: string; answer: Fields | Error | undefined }[] = []
  readonly #names = new Map<string, string>()
  readonly topicIds = new Map<string, string>()

  constructor(partner: Partner) {
    this.#partner = partner
  }

  async ask(client: string, api: string, version: number, request: Fields): Promise<Fields> {
    const line = { label: `${client} ${api} v${version}`, answer: undefined as Fields | Error | undefined }
    this.#lines.push(line)
    try {
      const answer = await this.#partner.call(client, api, version, request)
      line.answer = answer
      const { memberId } = answer
      if (api === 'JoinGroup' && typeof memberId === 'string' && memberId !== '')
        if (!this.#names.has(memberId)) this.#names.set(memberId, `member ${this.#names.size + 1}`)
      return answer
    } catch (error) {
      line.answer = error as Error
      return {}
    }
  }

  pause(): Promise<void> {
    return this.#partner.pause()
  }

  async learnTopics(): Promise<void> {
    for (const [name, id] of await this.#partner.topicIds()) {
      this.topicIds.set(name, id)
      this.#names.set(id, `id of ${name}`)
    }
  }

  deleteTopic(name: string): Promise<void> {
    return this.#partner.deleteTopic(name)
  }

  get text(): string {
    return this.#lines
      .map(({ label, answer }) =>
        answer instanceof Error
          ? `${label}: ${answer.message}`
          : `${label}: ${JSON.stringify(this.#shown('', answer))}`,
      )
      .map(line => `${line}\n`)
      .join('')
  }

  #shown(key: string, value: unknown): unknown {
    if (key === 'errorCode') return errorOf(value as number).name
    if (Buffer.isBuffer(value)) return value.toString('latin1').replaceAll(/[^ -~]/g, '.')
    if (typeof value === 'bigint') return `${value}n`
    if (typeof value === 'string') {
      let text = value
      for (const [id, name] of this.#names) text = text.replaceAll(id, name)
      return text
    }
    if (Array.isArray(value)) {
      const shown = value.map(element => this.#shown('', element))
      return UNORDERED.has(key)
        ? shown.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
        : shown
    }
    if (typeof value !== 'object' || value === null) return value
    const fields = Object.entries(value).filter(([name]) => !LEFT_OUT.has(name))
    return Object.fromEntries(fields.map(([name, of]) => [name, this.#shown(name, of)]))
  }
}

export async function groupScenario(partner: Partner): Promise<string> {
  const talk = new Conversation(partner)
  await talk.learnTopics()
  await strangers(talk)
  await lonelyMember(talk)
  await staticMembers(talk)
  await oldClients(talk)
  await deletions(talk)
  return talk.text
}

// ---- What is said

function join(talk: Conversation, client: string, of: Fields = {}, version = 9): Promise<Fields> {
  return talk.ask(client, 'JoinGroup', version, {
    groupId: 'g',
    sessionTimeoutMs: 10_000,
    ...(version > 0 ? { rebalanceTimeoutMs: 5000 } : {}),
    memberId: '',
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: subscription(['t']) }],
    ...of,
  })
}

function sync(talk: Conversation, client: string, of: Fields, version = 5): Promise<Fields> {
  const protocol = version >= 5 ? { protocolType: 'consumer', protocolName: 'range' } : {}
  return talk.ask(client, 'SyncGroup', version, { groupId: 'g', ...protocol, assignments: [], ...of })
}

const assign = (...to: readonly (readonly [memberId: unknown, assignment: string])[]) => ({
  assignments: to.map(([memberId, assignment]) => ({ memberId, assignment: Buffer.from(assignment) })),
})

function topicOf(talk: Conversation, version: number, name: string): Fields {
  return version >= 10 ? { topicId: talk.topicIds.get(name) ?? UNKNOWN_ID } : { name }
}

function commit(
  talk: Conversation,
  of: Fields,
  {
    version = 10,
    topic = 't',
    partitions = [0, 1],
  }: { version?: number; topic?: string; partitions?: number[] } = {},
): Promise<Fields> {
  const rows = partitions.map(partitionIndex => ({
    partitionIndex,
    committedOffset: 100n + BigInt(partitionIndex),
    ...(version >= 6 ? { committedLeaderEpoch: 0 } : {}),
    committedMetadata: partitionIndex === 0 ? null : 'meta',
  }))
  const topics = [{ ...topicOf(talk, version, topic), partitions: rows }]
  return talk.ask('a', 'OffsetCommit', version, { groupId: 'g', topics, ...of })
}

function fetch(talk: Conversation, version: number, groupId: string, topic: string | null): Promise<Fields> {
  const topics = topic === null ? null : [{ ...topicOf(talk, version, topic), partitionIndexes: [0, 1, 2] }]
  const stable = version >= 7 ? { requireStable: true } : {}
  const request = version >= 8 ? { groups: [{ groupId, topics }] } : { groupId, topics }
  return talk.ask('a', 'OffsetFetch', version, { ...request, ...stable })
}

const NO_MEMBER = { memberId: '', generationIdOrMemberEpoch: -1 }

/** Nobody is in any group, and most of what is asked is wrong. */
async function strangers(talk: Conversation): Promise<void> {
  for (const version of [0, 1, 3])
    await talk.ask('admin', 'FindCoordinator', version, { key: 'g', ...(version > 0 ? { keyType: 0 } : {}) })
  await talk.ask('admin', 'FindCoordinator', 1, { key: 'k', keyType: 7 })
  await talk.ask('admin', 'FindCoordinator', 4, { coordinatorKeys: ['k', 'l'], keyType: 7 })
  await talk.ask('admin', 'FindCoordinator', 4, { coordinatorKeys: [] })
  await join(talk, 'a', { groupId: '' })
  await join(talk, 'a', { sessionTimeoutMs: 10 })
  await join(talk, 'a', { memberId: 'stranger' })
  await join(talk, 'a', { groupId: 'none', protocolType: '' })
  for (const version of [1, 6, 7, 9]) await join(talk, 'a', { groupId: 'none', protocols: [] }, version)
  const stranger = { memberId: 'x', generationId: 1 }
  await sync(talk, 'a', stranger)
  await sync(talk, 'a', { ...stranger, groupId: '' })
  await sync(talk, 'a', { ...stranger, protocolType: null })
  await sync(talk, 'a', stranger, 0)
  await talk.ask('a', 'Heartbeat', 4, { ...stranger, groupId: 'nope' })
  await talk.ask('a', 'Heartbeat', 0, { ...stranger, groupId: '' })
  await talk.ask('a', 'LeaveGroup', 2, { groupId: 'nope', memberId: 'x' })
  const members = [
    { memberId: 'x', groupInstanceId: null, reason: null },
    { memberId: '', groupInstanceId: 'i', reason: null },
  ]
  await talk.ask('a', 'LeaveGroup', 5, { groupId: 'nope', members })
  await talk.ask('a', 'LeaveGroup', 5, { groupId: 'nope', members: [] })
  await talk.ask('a', 'LeaveGroup', 5, { groupId: 'none', members: [] })
  for (const version of [4, 5, 6])
    await talk.ask('a', 'DescribeGroups', version, {
      groups: ['nope', '', 'none'],
      includeAuthorizedOperations: true,
    })
  await talk.ask('a', 'DeleteGroups', 2, { groupsNames: ['nope', '', 'nope'] })
  const first = { partitionIndex: 0 }
  await talk.ask('a', 'OffsetDelete', 0, { groupId: 'nope', topics: [{ name: 't', partitions: [first] }] })
  await talk.ask('a', 'OffsetDelete', 0, { groupId: '', topics: [] })
  const topics = [
    { name: 't', partitions: [first, { partitionIndex: 5 }] },
    { name: 'zz', partitions: [first] },
  ]
  await talk.ask('a', 'OffsetDelete', 0, { groupId: 'none', topics })
  await talk.ask('a', 'ListGroups', 5, { statesFilter: [], typesFilter: [] })
  await talk.ask('a', 'ListGroups', 5, { statesFilter: ['empty'], typesFilter: ['classic', 'bogus'] })
  await talk.ask('a', 'ListGroups', 5, { statesFilter: ['bogus'], typesFilter: [] })
  await talk.ask('a', 'ListGroups', 0, {})
}

/** Group g with one member: everything about offsets. */
async function lonelyMember(talk: Conversation): Promise<void> {
  const { memberId } = await join(talk, 'a')
  const { generationId } = await join(talk, 'a', { memberId })
  await sync(talk, 'a', { memberId, generationId, ...assign([memberId, 'one']) })
  const member = { memberId, generationIdOrMemberEpoch: generationId }
  for (const version of [2, 4, 5, 6, 8, 9, 10]) await commit(talk, member, { version })
  await commit(talk, member, { version: 9, topic: 'nosuch' })
  await commit(talk, member, { topic: 'nosuch' })
  await commit(talk, member, { version: 9, partitions: [0, 7] })
  await commit(talk, { ...member, generationIdOrMemberEpoch: 99 })
  await commit(talk, { ...member, memberId: 'zz' })
  await commit(talk, { ...NO_MEMBER, groupId: 'fresh' })
  for (const version of [8, 9])
    await commit(talk, { groupId: 'fresh2', memberId: '', generationIdOrMemberEpoch: 5 }, { version })
  await commit(talk, { ...NO_MEMBER, groupId: '' }, { version: 8 })
  await commit(talk, NO_MEMBER)
  await commit(talk, { ...NO_MEMBER, memberId })
  await commit(talk, { ...member, topics: [] }, { version: 9 })
  const long = [4097, 4096].map((length, partitionIndex) => ({
    partitionIndex,
    committedOffset: -5n,
    committedMetadata: 'x'.repeat(length),
  }))
  await commit(talk, { ...member, topics: [{ name: 't', partitions: long }] }, { version: 9 })
  await commit(talk, member)
  for (const version of [1, 2, 5, 7, 8, 9, 10]) {
    await fetch(talk, version, 'g', 't')
    await fetch(talk, version, 'nope', 't')
    await fetch(talk, version, 'g', 'nosuch')
    if (version >= 2) await fetch(talk, version, 'g', null)
  }
  await fetch(talk, 9, '', 't')
  await fetch(talk, 1, '', 't')
  await talk.ask('a', 'OffsetFetch', 8, { groups: [] })
  await talk.ask('a', 'DescribeGroups', 6, { groups: ['g', 'fresh'], includeAuthorizedOperations: true })
  await talk.ask('a', 'DescribeGroups', 0, { groups: ['g'] })
  await talk.ask('a', 'ListGroups', 5, { statesFilter: ['Stable'], typesFilter: [] })
  await talk.ask('a', 'DeleteGroups', 2, { groupsNames: ['g'] })
  const topics = ['t', 'u'].map(name => ({ name, partitions: [{ partitionIndex: 0 }] }))
  await talk.ask('a', 'OffsetDelete', 0, { groupId: 'g', topics })
  await staticMemberJoins(talk, memberId, generationId)
}

/** Instance `inst` joins g, restarts, is fenced, is removed; then the first member leaves too. */
async function staticMemberJoins(
  talk: Conversation,
  memberId: unknown,
  generationId: unknown,
): Promise<void> {
  const instance = { groupInstanceId: 'inst' }
  const joining = join(talk, 's', instance)
  await talk.pause()
  await talk.ask('a', 'Heartbeat', 4, { groupId: 'g', memberId, generationId })
  await commit(talk, { memberId, generationIdOrMemberEpoch: generationId })
  const rejoining = join(talk, 'a', { memberId })
  const former = (await joining)['memberId']
  await rejoining
  const second = { memberId: former, generationId: 2, ...instance }
  await sync(talk, 's', { ...second, memberId: 'bad' })
  await sync(talk, 's', { ...second, generationId: 1 })
  await sync(talk, 's', { ...second, protocolName: 'zz' })
  await commit(talk, { memberId, generationIdOrMemberEpoch: 2 })
  await talk.ask('a', 'DescribeGroups', 6, { groups: ['g'] })
  const waiting = sync(talk, 's', second)
  await talk.pause()
  await sync(talk, 'a', { memberId, generationId: 2, ...assign([memberId, 'one'], [former, 'two']) })
  await waiting

  const present = (await join(talk, 's', instance))['memberId']
  await sync(talk, 's', { ...second, memberId: present })
  await talk.ask('s', 'Heartbeat', 4, { groupId: 'g', ...second })
  await join(talk, 's', { ...instance, memberId: former })
  await join(talk, 's', { ...instance, memberId: former }, 5)
  await join(talk, 's', { groupInstanceId: 'other', memberId: present })
  await commit(talk, { memberId: former, generationIdOrMemberEpoch: 2, ...instance }, { version: 9 })
  await join(talk, 's', { ...instance, memberId: present })
  await join(talk, 's', instance, 8)
  await join(talk, 'b', { protocolType: 'connect' })
  await join(talk, 'b', { protocols: [{ name: 'sticky', metadata: Buffer.from('x') }] })

  const members = [
    { memberId: '', groupInstanceId: 'inst', reason: 'bye' },
    { memberId: '', groupInstanceId: 'nobody', reason: null },
    { memberId, groupInstanceId: 'inst', reason: null },
    { memberId: 'zz', groupInstanceId: null, reason: null },
  ]
  await talk.ask('a', 'LeaveGroup', 5, { groupId: 'g', members })
  await talk.ask('a', 'DescribeGroups', 6, { groups: ['g'] })
  const last = (await join(talk, 'a', { memberId }))['generationId']
  await sync(talk, 'a', { memberId, generationId: last })
  await talk.ask('a', 'LeaveGroup', 1, { groupId: 'g', memberId })
  await talk.ask('a', 'DescribeGroups', 6, { groups: ['g'] })
  await join(talk, 'a', { memberId })
  await sync(talk, 'a', { memberId, generationId: last })
  await talk.ask('a', 'Heartbeat', 4, { groupId: 'g', memberId, generationId: last })
  await commit(talk, { memberId, generationIdOrMemberEpoch: last })
  await commit(talk, NO_MEMBER)
}

/** A leader that restarts, before and after it can be told to skip the assignment. */
async function staticMembers(talk: Conversation): Promise<void> {
  const of = { groupId: 's', groupInstanceId: 'leader' }
  const first = await join(talk, 's', of)
  const { memberId, generationId } = first
  await sync(talk, 's', { ...of, memberId, generationId, ...assign([memberId, 'all']) })
  await join(talk, 's', of)
  await join(talk, 's', of, 8)
  await join(talk, 's', { ...of, protocols: [{ name: 'sticky', metadata: subscription(['t']) }] })
  await talk.ask('s', 'DescribeGroups', 6, { groups: ['s'] })
  const members = [{ memberId: '', groupInstanceId: 'leader', reason: null }]
  await talk.ask('s', 'LeaveGroup', 5, { groupId: 's', members })
}

/** Clients that know of no member ids beforehand, of no instances, of no protocol fields. */
async function oldClients(talk: Conversation): Promise<void> {
  const of = { groupId: 'h' }
  const one = (await join(talk, 'old', of, 0))['memberId']
  await sync(talk, 'old', { ...of, memberId: one, generationId: 1, ...assign([one, 'z']) }, 0)
  await talk.ask('old', 'Heartbeat', 0, { ...of, memberId: one, generationId: 1 })
  const protocols = [
    { name: 'sticky', metadata: Buffer.from('1') },
    { name: 'range', metadata: Buffer.from('2') },
  ]
  const joining = join(talk, 'older', { ...of, protocols }, 3)
  await talk.pause()
  await join(talk, 'old', { ...of, memberId: one }, 3)
  const two = (await joining)['memberId']
  const waiting = sync(talk, 'older', { ...of, memberId: two, generationId: 2 }, 2)
  await talk.pause()
  const changed = [{ name: 'range', metadata: subscription(['t', 'u']) }]
  const rejoining = join(talk, 'old', { ...of, memberId: one, protocols: changed }, 3)
  await waiting
  await talk.pause()
  await join(talk, 'older', { ...of, memberId: two }, 3)
  await rejoining
  await talk.ask('old', 'LeaveGroup', 0, { ...of, memberId: one })
  await talk.ask('older', 'LeaveGroup', 3, { ...of, members: [{ memberId: two, groupInstanceId: null }] })
}

async function deletions(talk: Conversation): Promise<void> {
  await commit(talk, { ...NO_MEMBER, groupId: 'fresh' }, { topic: 'gone' })
  await fetch(talk, 9, 'fresh', null)
  await talk.deleteTopic('gone')
  await talk.pause()
  await fetch(talk, 9, 'fresh', null)
  await fetch(talk, 10, 'fresh', 'gone')
  await fetch(talk, 10, 'fresh', null)
  await talk.ask('a', 'DeleteGroups', 2, { groupsNames: ['g', 'h', 's', 'none', 'fresh', 'fresh'] })
  await talk.ask('a', 'ListGroups', 5, { statesFilter: [], typesFilter: [] })
  await fetch(talk, 9, 'fresh', null)
}
