/**
 * Wrong in ways nobody thought of: one field of a request, found by its schema, gets a value from the edge of its type; or the bytes of a
 * request are cut, lengthened or changed in one place. What would do harm to a run, or make it wait, is left alone.
 */
import type { Api } from '../../protocol/schema/message.ts'
import type { FieldFacts, FieldType, Struct } from '../../protocol/schema/vocabulary.ts'
import type { Random } from './random.ts'
import { MADE_UP_IDS } from './ids.ts'

export interface Damage {
  /** Bytes off the end, bytes put behind it, or one byte of the body changed. */
  readonly kind: 'cut' | 'append' | 'change'
  readonly at: number
  readonly xor: number
}

export function damaged(body: Buffer, { kind, at, xor }: Damage): Buffer {
  if (kind === 'append') return Buffer.concat([body, Buffer.alloc(1 + (at % 9), xor)])
  if (body.length === 0) return body
  if (kind === 'cut') return body.subarray(0, at % body.length)
  const bytes = Buffer.from(body)
  bytes[at % bytes.length]! ^= xor
  return bytes
}

/** `Api.field`, or the name of a field anywhere. */
const LEFT_ALONE = new Set([
  // Would change for real what was only to be validated, or the broker itself.
  'validateOnly',
  'resourceType',
  'resourceName',
  'UnregisterBroker.brokerId',
  'featureUpdates',
  'feature',
  // Makes what takes long, or waits.
  'numPartitions',
  'count',
  'timeoutMs',
  'maxWaitMs',
  // Without acks nothing is answered.
  'acks',
  'JoinGroup.memberId',
  'LeaveGroup.groupId',
  'LeaveGroup.memberId',
  'LeaveGroup.members',
  'JoinGroup.groupInstanceId',
  'JoinGroup.groupId',
  'JoinGroup.rebalanceTimeoutMs',
  'JoinGroup.sessionTimeoutMs',
  // Transactions and the newer coordinators are not served yet.
  'transactionalId',
  'keyType',
  // Accidents in Kafka: an exception escapes.
  'isolationLevel',
  'partitionMaxBytes',
  'responsePartitionLimit',
  // None is all, and all has no end that both agree on.
  'DescribeTopicPartitions.topics',
  'configOperation',
  'transactionalIdFilter',
])

interface Place {
  readonly facts: FieldFacts
  readonly holder: Record<string, unknown>
  readonly name: string
}

/** Changes one field of a whole request in place, and says what. The same dice choose the same field on both sides. */
export function mutate(random: Random, api: Api, version: number, request: object): string {
  const places: Place[] = []
  find(api, api.request.struct, version, request as Record<string, unknown>, places)
  if (places.length === 0) return 'nothing to change'
  const { facts, holder, name } = random.pick(places)
  holder[name] = other(random, name, facts, version, holder[name])
  return `${name} ${JSON.stringify(holder[name], (_, v: unknown) => (typeof v === 'bigint' ? `${v}n` : v))?.slice(0, 300)}`
}

function find(
  api: Api,
  struct: Struct,
  version: number,
  holder: Record<string, unknown>,
  places: Place[],
): void {
  for (const [name, { facts }] of Object.entries(struct.shape)) {
    if (version < facts.since || version > facts.until) continue
    if (LEFT_ALONE.has(name) || LEFT_ALONE.has(`${api.name}.${name}`)) continue
    if (facts.type.kind === 'records') continue
    places.push({ facts, holder, name })
    const value = holder[name]
    const { type } = facts
    if (type.kind === 'struct' && value) find(api, type.struct, version, value as typeof holder, places)
    if (type.kind === 'array' && type.element.kind === 'struct' && Array.isArray(value)) {
      for (const item of value) find(api, type.element.struct, version, item as typeof holder, places)
    }
  }
}

const INTEGERS: Readonly<Record<string, readonly number[]>> = {
  int8: [0, 1, 2, -1, -2, 127, -128, 9],
  int16: [0, 1, 2, -1, -2, 32767, -32768],
  uint16: [0, 1, 65535],
  int32: [0, 1, 2, 3, -1, -2, -3, 2147483647, -2147483648, 65536],
  uint32: [0, 1, 4294967295],
  offset: [0, 1, -1, -2, -3, 1000, Number.MAX_SAFE_INTEGER, -(2 ** 40)],
}
const BIG = [0n, 1n, -1n, -2n, -3n, 2n ** 63n - 1n, -(2n ** 63n), 5n]
const TEXTS = ['', ' ', 'x', 'no/slash', 'ü', '\u0000', 'x'.repeat(300), '1', '-1', '__cluster_metadata']

function other(random: Random, name: string, facts: FieldFacts, version: number, value: unknown): unknown {
  if (version >= facts.nullableSince && random.chance(25)) return null
  const { type } = facts
  switch (type.kind) {
    case 'bool':
      return value !== true
    case 'int64':
      return random.pick(BIG)
    case 'float64':
      return random.pick([0, -1, 1.5])
    case 'string':
      return random.chance(20) && typeof value === 'string' ? `${value}x` : random.pick(TEXTS)
    case 'uuid':
      return random.pick(MADE_UP_IDS)
    case 'bytes':
      return random.pick([Buffer.alloc(0), Buffer.from([0, 0]), Buffer.from('x'.repeat(40))])
    case 'array':
      return otherArray(random, name, type.element, value as unknown[] | null)
    case 'struct':
    case 'records':
      return value
    default:
      return random.pick(INTEGERS[type.kind]!)
  }
}

/**
 * Not repeated: a protocol named twice counts twice in Kafka, and then no longer as one that all members have (listed among the
 * deviations); of two rows for a partition in one Produce request Kafka forgets one.
 */
const ONCE: ReadonlySet<string> = new Set(['protocols', 'topicData', 'partitionData'])

function otherArray(random: Random, name: string, element: FieldType, value: unknown[] | null): unknown[] {
  if (value === null || value.length === 0) return leafFor(element)
  const dice = random.int(3)
  if (dice === 0) return []
  return dice === 1 && !ONCE.has(name) ? [...value, structuredClone(value[0])] : value.slice(1)
}

function leafFor(element: FieldType): unknown[] {
  if (element.kind === 'string') return ['x']
  return element.kind in INTEGERS ? [0] : []
}
