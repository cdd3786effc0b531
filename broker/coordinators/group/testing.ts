// A group coordinator that can be spoken to in lines of text, for the transcripts in testdata/ and for unit tests: one
// partition, a manual clock, a log in memory, member ids that count up. What it says back is everything that happened:
// replies, log lines and records, in order.

import type { JoinGroupRequest } from '../../../protocol/apis/11-join-group.ts'
import { Errors, type ErrorName, errorOf } from '../../../protocol/errors.ts'
import { BatchView } from '../../../protocol/records/batch.ts'
import { records } from '../../../protocol/records/record.ts'
import { ZERO_UUID } from '../../../protocol/uuid.ts'
import type { GroupRequestContext } from '../../ports/groups.ts'
import { ManualClock } from '../../time/manual-clock.ts'
import { MemoryInternalLog } from '../testing/memory-internal-log.ts'
import { DEFAULT_GROUP_CONFIG, type GroupCoordinatorConfig } from './config.ts'
import { subscribedTopicsOf } from './consumer-protocol.ts'
import { GroupService } from './group-coordinator.ts'
import { type GroupRecord, groupRecordCodec } from './records.ts'

export const CONTEXT: GroupRequestContext = {
  clientId: 'client',
  clientAddress: '127.0.0.1',
  requiresKnownMemberId: true,
  supportsSkippingAssignment: true,
  missingGroupIsNamed: true,
}

/** The metadata of a consumer that subscribes to these topics (ConsumerProtocolSubscription v0). */
export function subscription(topics: readonly string[], userData = ''): Buffer {
  const head = Buffer.alloc(6)
  head.writeInt32BE(topics.length, 2)
  const names = topics.map(topic => Buffer.concat([int16(topic.length), Buffer.from(topic)]))
  const data = Buffer.from(userData)
  const size = Buffer.alloc(4)
  size.writeInt32BE(data.length)
  return Buffer.concat([head, ...names, size, data])
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}

/** Promises that are ready to go on do so. */
async function turns(): Promise<void> {
  for (let i = 0; i < 30; i++) await Promise.resolve()
}

export class GroupHarness {
  readonly clock = new ManualClock(1_000_000)
  readonly config: { -readonly [K in keyof GroupCoordinatorConfig]: GroupCoordinatorConfig[K] } = {
    ...DEFAULT_GROUP_CONFIG,
  }
  log = new MemoryInternalLog()
  service: GroupService
  readonly said: string[] = []
  readonly #ids = new Map<string, number>()
  #shown = 0
  #ready: Promise<void>

  constructor() {
    this.service = this.#newService()
    this.service.elected(0, this.log)
    this.#ready = Promise.resolve()
  }

  #newService(): GroupService {
    const say = (fields: object, message: string): void => {
      const about = Object.entries(fields).map(([name, value]) => `${name}=${shown(value)}`)
      this.said.push(`  · ${[message, ...about].join(' ')}`)
    }
    return new GroupService({
      clock: this.clock,
      config: this.config,
      log: { info: say, warn: say },
      randomUuid: () => this.#nextId(),
      partitionCount: () => 1,
    })
  }

  #nextId(): string {
    const next = (this.#ids.get('') ?? 0) + 1
    this.#ids.set('', next)
    return String(next)
  }

  /** Another broker's coordinator takes over the same log. */
  async failOver(keepUncommitted = true): Promise<void> {
    const next = this.log.failOver(keepUncommitted)
    this.service.resigned(0, undefined)
    await turns()
    this.showRecords()
    this.log = next
    this.#shown = next.appended.length
    this.service = this.#newService()
    this.service.elected(0, next)
    this.clock.advance(0)
  }

  /** Lets promises run and shows what was appended meanwhile. */
  async settle(): Promise<void> {
    await this.#ready
    await turns()
    this.showRecords()
  }

  showRecords(): void {
    for (; this.#shown < this.log.appended.length; this.#shown++) {
      const batch = new BatchView().reset(this.log.appended[this.#shown]!, 0)
      for (const { offset, key, value } of records(batch)) {
        const record = groupRecordCodec.read(key!, value)
        this.said.push(`  log ${offset}: ${record === null ? 'unknown' : describeRecord(record)}`)
      }
    }
  }

  // ---- The lines

  async run(line: string): Promise<string[]> {
    this.said.length = 0
    const [command = '', ...words] = line.split(/\s+/)
    const name = words[0] !== undefined && !words[0].includes('=') ? words.shift()! : command
    const args = new Map(words.map(word => word.split(/=(.*)/s).slice(0, 2) as [string, string]))
    this.#dispatch(command, name, args)
    await this.settle()
    return [...this.said]
  }

  #dispatch(command: string, name: string, args: ReadonlyMap<string, string>): void {
    const say = (answer: Promise<object>): void => {
      void answer.then(response => this.said.push(`${name} <- ${describe(response)}`))
    }
    const text = (key: string, fallback = ''): string => args.get(key) ?? fallback
    const number = (key: string, fallback: number): number => Number(args.get(key) ?? fallback)
    const groupId = text('group', 'g')
    const groupInstanceId = args.get('instance') ?? null
    const memberId = text('member')
    const generationId = number('generation', 1)
    switch (command) {
      case 'config':
        for (const [key, value] of args) Object.assign(this.config, { [key]: Number(value) })
        return
      case 'advance':
        this.clock.advance(Number(name))
        return
      case 'hold':
        this.log.hold()
        return
      case 'release':
        this.log.release()
        return
      case 'fail-next-append':
        this.log.failures.push(Errors[name as ErrorName].code)
        return
      case 'fail-over':
        this.#ready = this.failOver(args.get('uncommitted') !== 'lost')
        return
      case 'join':
        say(this.service.joinGroup(joinRequest(args, name), { ...CONTEXT, ...joinContext(args, name) }))
        return
      case 'sync': {
        const assignments = pairs(text('assign')).map(([id, assignment]) => ({
          memberId: id,
          assignment: Buffer.from(assignment),
        }))
        const protocolName = args.get('protocol') ?? null
        const request = { groupId, generationId, memberId, groupInstanceId, protocolName, assignments }
        say(this.service.syncGroup({ ...request, protocolType: args.get('type') ?? null }))
        return
      }
      case 'heartbeat':
        say(this.service.heartbeat({ groupId, generationId, memberId, groupInstanceId }))
        return
      case 'leave': {
        const members = list(text('members')).map(id =>
          id.startsWith('@')
            ? { memberId: '', groupInstanceId: id.slice(1), reason: null }
            : { memberId: id, groupInstanceId, reason: null },
        )
        say(this.service.leaveGroup({ groupId, members }))
        return
      }
      case 'commit':
        say(
          this.service.commitOffsets(commitRequest(args), {
            ...CONTEXT,
            missingGroupIsNamed: args.get('old') !== 'true',
          }),
        )
        return
      case 'fetch': {
        const topics = args.has('topic')
          ? [
              {
                name: text('topic'),
                topicId: text('id', ZERO_UUID),
                partitionIndexes: list(text('partitions', '0')).map(Number),
              },
            ]
          : null
        say(
          this.service.fetchOffsets(
            { groupId, memberId: null, memberEpoch: -1, topics },
            args.get('stable') === 'true',
          ),
        )
        return
      }
      case 'delete-offsets': {
        const partitions = list(text('partitions', '0')).map(partition => ({
          partitionIndex: Number(partition),
        }))
        say(this.service.deleteOffsets({ groupId, topics: [{ name: text('topic'), partitions }] }))
        return
      }
      case 'delete-topic':
        this.service.topicsDeleted([{ name, id: text('id', ZERO_UUID) }])
        return
      case 'describe':
        say(this.service.describeGroups(list(groupId), args.get('old') !== 'true'))
        return
      case 'list':
        say(this.service.listGroups(list(text('states')), list(text('types'))))
        return
      case 'delete':
        say(this.service.deleteGroups(list(groupId)))
        return
      default:
        throw new Error(`unknown command ${command}`)
    }
  }
}

const list = (text: string): string[] => (text === '' ? [] : text.split(','))
const pairs = (text: string): [string, string][] =>
  list(text).map(pair => pair.split(':') as [string, string])

/** protocols=range:topic+topic,sticky:topic */
function joinRequest(args: ReadonlyMap<string, string>, name: string): JoinGroupRequest {
  const userData = args.get('data') ?? ''
  return {
    groupId: args.get('group') ?? 'g',
    sessionTimeoutMs: Number(args.get('session') ?? 10_000),
    rebalanceTimeoutMs: Number(args.get('rebalance') ?? 60_000),
    memberId: args.get('member') ?? '',
    groupInstanceId: args.get('instance') ?? null,
    protocolType: args.get('type') ?? 'consumer',
    protocols: pairs(args.get('protocols') ?? 'range:t').map(([protocol, topics]) => ({
      name: protocol,
      metadata: subscription((topics ?? '').split('+'), userData),
    })),
    reason: args.get('reason') ?? `${name} wants in`,
  }
}

function joinContext(args: ReadonlyMap<string, string>, name: string): Partial<GroupRequestContext> {
  const isOld = args.get('old') === 'true'
  return { clientId: name, requiresKnownMemberId: !isOld, supportsSkippingAssignment: !isOld }
}

function commitRequest(args: ReadonlyMap<string, string>): Parameters<GroupService['commitOffsets']>[0] {
  const partition = {
    partitionIndex: Number(args.get('partition') ?? 0),
    committedOffset: BigInt(args.get('offset') ?? 0),
    committedLeaderEpoch: -1,
    commitTimestamp: -1n,
    committedMetadata: args.get('metadata') ?? null,
  }
  return {
    groupId: args.get('group') ?? 'g',
    generationIdOrMemberEpoch: Number(args.get('generation') ?? -1),
    memberId: args.get('member') ?? '',
    groupInstanceId: args.get('instance') ?? null,
    retentionTimeMs: BigInt(args.get('retention') ?? -1),
    topics: [
      { name: args.get('topic') ?? 't', topicId: args.get('id') ?? ZERO_UUID, partitions: [partition] },
    ],
  }
}

// ---- In words

/** Fields that say nothing are left out; bytes are shown as what they mean. */
function describe(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? '[]' : `[${value.map(describe).join(' | ')}]`
  if (value === null || typeof value !== 'object' || Buffer.isBuffer(value)) return shown(value)
  const fields = Object.entries(value).filter(([key, of]) => !isDull(key, of))
  const words = fields.map(([key, of]) =>
    key === 'errorCode' ? errorOf(of as number).name : `${key}=${describe(of)}`,
  )
  return words.length === 0 ? 'ok' : words.join(' ')
}

function isDull(key: string, value: unknown): boolean {
  return (
    value === null ||
    (key === 'errorCode' && value === 0) ||
    ['throttleTimeMs', 'authorizedOperations'].includes(key) ||
    (!['committedOffset', 'errorCode'].includes(key) && (value === -1 || value === -1n)) ||
    value === '' ||
    value === false ||
    value === ZERO_UUID ||
    (Buffer.isBuffer(value) && value.length === 0)
  )
}

function shown(value: unknown): string {
  if (Buffer.isBuffer(value)) {
    const topics = value[0] === 0 ? subscribedTopicsOf(value) : null
    return topics === null ? value.toString() : `(${topics.join('+')})`
  }
  return typeof value === 'string' ? value : typeof value === 'bigint' ? `${value}` : JSON.stringify(value)
}

function describeRecord(record: GroupRecord): string {
  switch (record.type) {
    case 'offset':
      return `offset ${record.groupId} ${record.topic}-${record.partition} ${record.value === null ? 'gone' : describe(record.value)}`
    case 'group':
      return `group ${record.groupId} ${record.value === null ? 'gone' : describe(record.value)}`
    case 'foreign':
      return `${record.groupType} group ${record.groupId}`
  }
}
