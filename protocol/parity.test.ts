// Our schemas against the message definitions of both pinned releases, field by field and in both directions: names,
// order, versions, types, nullability, tags, defaults, entity types, flags. And the error codes.
//
// The facts were extracted from the published jars by compat-tests/parity/KafkaMessages.java; they are compared
// offline. A release speaks for the versions it has, so ranges are clipped to them. What differs on purpose is listed
// here, with the reason.

import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { apis } from './apis/index.ts'
import { Errors } from './errors.ts'
import { defaultOf } from './schema/defaults.ts'
import type { Message } from './schema/message.ts'
import type { FieldFacts, FieldType, Struct } from './schema/vocabulary.ts'
import { allMessages } from './testing/messages.ts'
import { ZERO_UUID } from './uuid.ts'

const fixtures = join(import.meta.dirname, 'fixtures/parity')
const pins = JSON.parse(
  readFileSync(join(import.meta.dirname, '../compat-tests/reference.json'), 'utf8'),
) as { reference: string; elder: string }

/** Messages of the elder that we leave out or know by another form. */
const NOT_OF_THE_ELDER: Record<string, string> = {
  ListClientMetricsResourcesRequest: 'became ListConfigResources, whose v0 has the same bytes',
  ListClientMetricsResourcesResponse: 'became ListConfigResources, whose v0 has the same bytes',
  ShareGroupMetadataValue: 'early access, changed in place',
  ShareGroupPartitionMetadataKey: 'early access, replaced by ShareGroupStatePartitionMetadata',
  ShareGroupPartitionMetadataValue: 'early access, replaced by ShareGroupStatePartitionMetadata',
}

/** Where the elder says otherwise about a field than the reference does; the reference wins. */
const CHANGED_SINCE_THE_ELDER = new Set([
  'OffsetCommitRequest.topics.name ignorable',
  'OffsetCommitResponse.topics.name ignorable',
  'OffsetFetchRequest.groups.topics.name ignorable',
  'OffsetFetchResponse.groups.topics.name ignorable',
  'ProduceRequest.topicData.name ignorable',
  'ProduceResponse.responses.name ignorable',
  'RequestHeader.clientId ignorable',
  'UpdateFeaturesResponse.results ignorable',
])

/** Fields that the elder knew under another name: the same place and bytes. */
const RENAMED_SINCE_THE_ELDER: Record<string, string> = {
  'VoteRequest.topics.partitions.candidateEpoch': 'replicaEpoch',
  'VoteRequest.topics.partitions.candidateId': 'replicaId',
  'VoteRequest.topics.partitions.candidateDirectoryId': 'replicaDirectoryId',
}

type Range = readonly [number, number]

interface Fact {
  readonly name: string
  readonly type: string
  readonly versions: Range | undefined
  readonly nullable: Range | undefined
  readonly tag: number | undefined
  readonly tagged: Range | undefined
  readonly default: string
  readonly flags: ReadonlySet<string>
  readonly fields: Fact[]
}

interface MessageFact {
  readonly name: string
  readonly type: string
  readonly apiKey: number | undefined
  readonly valid: Range | undefined
  readonly flexible: Range | undefined
  readonly listeners: string
  readonly unstable: boolean
  readonly fields: Fact[]
}

/** "3-5", "3+", "3"; "none" and "-" are no range. */
function range(text: string): Range | undefined {
  const [, from, plus, to] = /^(\d+)(\+)?(?:-(\d+))?$/.exec(text) ?? []
  if (from === undefined) return undefined
  return [Number(from), plus !== undefined ? Number.POSITIVE_INFINITY : Number(to ?? from)]
}

const clip = (a: Range | undefined, b: Range | undefined): Range | undefined => {
  if (a === undefined || b === undefined) return undefined
  const clipped: Range = [Math.max(a[0], b[0]), Math.min(a[1], b[1])]
  return clipped[0] <= clipped[1] ? clipped : undefined
}

interface Facts {
  readonly messages: Map<string, MessageFact>
  readonly errors: { code: number; name: string; retriable: boolean }[]
}

function factsOf(release: string): Facts {
  const messages = new Map<string, MessageFact>()
  const errors: Facts['errors'] = []
  const open: Fact[][] = []
  for (const line of readFileSync(join(fixtures, `kafka-${release}.tsv`), 'utf8')
    .trimEnd()
    .split('\n')) {
    const [kind, ...cells] = line.split('\t') as [string, ...string[]]
    const cell = (i: number): string => cells[i] as string
    const number = (i: number): number | undefined => (cell(i) === '-' ? undefined : Number(cell(i)))
    if (kind === 'error') {
      errors.push({ code: Number(cell(0)), name: cell(1), retriable: cell(2) === 'true' })
    } else if (kind === 'message') {
      const fields: Fact[] = []
      open[1] = fields
      messages.set(cell(0), {
        name: cell(0),
        type: cell(1),
        apiKey: number(2),
        valid: range(cell(3)),
        flexible: range(cell(4)),
        listeners: cell(5),
        unstable: cell(6) === 'true',
        fields,
      })
    } else {
      const fields: Fact[] = []
      open[Number(kind) + 1] = fields
      open[Number(kind)]?.push({
        name: cell(0).charAt(0).toLowerCase() + cell(0).slice(1),
        type: cell(1),
        versions: range(cell(2)),
        nullable: range(cell(3)),
        tag: number(4),
        tagged: range(cell(5)),
        default: cell(6) === '-' ? '' : cell(6),
        flags: new Set(cell(7) === '-' ? [] : cell(7).split(',')),
        fields,
      })
    }
  }
  return { messages, errors }
}

const reference = factsOf(pins.reference)
const elder = factsOf(pins.elder)
const ours = new Map(allMessages.map(message => [message.name, message]))

/** The versions for which a release's definition speaks: not those that the elder still called unstable. */
function spoken(facts: Facts, fact: MessageFact): Range | undefined {
  const request = facts.messages.get(fact.name.replace(/Response$/, 'Request')) ?? fact
  if (facts === elder && request.unstable && fact.valid !== undefined) {
    return clip(fact.valid, [0, fact.valid[1] - 1])
  }
  // The elder numbered the keys of coordinator records by their type; now the type stands before them.
  if (facts === elder && reference.messages.get(fact.name)?.type === 'coordinator-key') return undefined
  return fact.valid
}

const covers = (facts: FieldFacts): Range => [facts.since, facts.until]

/** Where a comparison stands. */
interface Place {
  readonly path: string
  readonly isElder: boolean
  readonly problems: string[]
}

function compareMessage(message: Message<object>, fact: MessageFact, valid: Range, at: Place): void {
  const { problems } = at
  const say = (what: string): void => void problems.push(`${message.name}: ${what}`)
  const withinOurs = clip(valid, message.versions)
  if (withinOurs?.join() !== valid.join())
    say(`has versions ${valid.join()}, ours ${message.versions.join()}`)
  const flexible = clip(fact.flexible, valid)?.join()
  const ourFlexible = clip([message.flexibleFrom, Number.POSITIVE_INFINITY], valid)?.join()
  if (flexible !== ourFlexible) say(`is flexible in ${flexible}, ours in ${ourFlexible}`)
  if (fact.type !== 'data' && fact.apiKey !== message.apiKey)
    say(`has key ${fact.apiKey}, ours ${message.apiKey}`)
  compareFields(message.struct, fact.fields, valid, at)
}

function compareFields(struct: Struct, facts: readonly Fact[], valid: Range, at: Place): void {
  const { path, isElder, problems } = at
  const theirs = facts
    .filter(fact => clip(fact.versions, valid) !== undefined)
    .map(fact => ({ ...fact, name: RENAMED_SINCE_THE_ELDER[`${path}.${fact.name}`] ?? fact.name }))
  const named = new Set(theirs.map(fact => fact.name))
  // A tag may join versions that are out already, so the elder need not have all of ours.
  const isExpected = (name: string, field: FieldFacts): boolean =>
    named.has(name) || !isElder || field.tag === undefined
  const present = Object.entries(struct.shape).filter(
    ([name, field]) => clip(covers(field.facts), valid) !== undefined && isExpected(name, field.facts),
  )
  const theirNames = theirs.map(fact => fact.name).join(' ')
  const ourNames = present.map(([name]) => name).join(' ')
  if (theirNames !== ourNames) problems.push(`${path}: has fields "${theirNames}", ours "${ourNames}"`)
  for (const fact of theirs) {
    const field = struct.shape[fact.name]
    if (field !== undefined) compareField(field.facts, fact, valid, { ...at, path: `${path}.${fact.name}` })
  }
}

function compareField(field: FieldFacts, fact: Fact, valid: Range, at: Place): void {
  const { path, problems } = at
  const versions = clip(fact.versions, valid) as Range
  const open = Number.POSITIVE_INFINITY
  const rows: [what: string, theirs: unknown, ours: unknown][] = [
    ['versions', versions.join(), clip(covers(field), valid)?.join()],
    ['type', typeOf(fact), ourType(field.type)],
    ['nullable', clip(fact.nullable, versions)?.join(), clip([field.nullableSince, open], versions)?.join()],
    ['tag', fact.tag, field.tag],
    ['tagged', clip(fact.tagged, versions)?.join(), clip([field.taggedSince, open], versions)?.join()],
    ['default', theirDefault(fact), defaultText(field)],
    ['ignorable', fact.flags.has('ignorable'), field.ignorable],
    ['key', fact.flags.has('key'), field.isKey],
    ['plain', fact.flags.has('plain'), field.plain],
    ['entity', [...fact.flags].find(flag => flag.startsWith('entity='))?.slice(7), field.entity],
  ]
  for (const [what, theirs, mine] of rows) {
    if (theirs !== mine && !CHANGED_SINCE_THE_ELDER.has(`${path} ${what}`)) {
      problems.push(`${path}: ${what} is ${String(theirs)}, ours ${String(mine)}`)
    }
  }
  const type = field.type.kind === 'array' ? field.type.element : field.type
  if (type.kind === 'struct') compareFields(type.struct, fact.fields, versions, at)
}

const typeOf = ({ type, fields }: Fact): string =>
  fields.length > 0 ? (type.startsWith('[]') ? '[]struct' : 'struct') : type

function ourType(type: FieldType): string {
  if (type.kind === 'array') return `[]${ourType(type.element)}`
  return type.kind === 'offset' ? 'int64' : type.kind
}

/** Numbers as Kafka's generator reads them, so 0x7fffffff is 2147483647. */
function theirDefault({ default: text, type }: Fact): string {
  if (text === '' || text === 'null') return text
  if (type === 'string') return text
  if (type === 'bool') return text.toLowerCase() === 'true' ? 'true' : ''
  const value = type === 'float64' ? Number(text) : BigInt(text)
  return Number(value) === 0 ? '' : String(value)
}

function defaultText(field: FieldFacts): string {
  if (field.default === null) return 'null'
  const value = defaultOf(field)
  if (field.default === undefined || value === 0 || value === 0n || value === false || value === '') return ''
  if (value === Number.POSITIVE_INFINITY) return String(2n ** 63n - 1n)
  return String(value)
}

test.each([
  ['reference', reference],
  ['elder', elder],
])('every message of the %s is ours, fact by fact', (_, facts) => {
  const problems: string[] = []
  let compared = 0
  for (const fact of facts.messages.values()) {
    const valid = spoken(facts, fact)
    if (valid === undefined || (facts === elder && fact.name in NOT_OF_THE_ELDER)) continue
    const message = ours.get(fact.name)
    if (message === undefined) problems.push(`${fact.name}: missing`)
    else compareMessage(message, fact, valid, { path: fact.name, isElder: facts === elder, problems })
    compared++
  }
  expect(problems).toEqual([])
  expect(compared).toBeGreaterThan(200)
})

test('every message and version of ours is one of theirs', () => {
  for (const [name, message] of ours) {
    const known = [reference, elder].flatMap(facts => {
      const fact = facts.messages.get(name)
      const valid = fact === undefined ? undefined : spoken(facts, fact)
      return valid === undefined ? [] : [valid]
    })
    const lowest = Math.min(...known.map(valid => valid[0]))
    const highest = Math.max(...known.map(valid => valid[1]))
    expect([name, ...message.versions]).toEqual([name, lowest, highest])
  }
})

test('listeners and stable versions are the reference’s', () => {
  for (const api of apis) {
    const fact = reference.messages.get(`${api.name}Request`)
    const ofElder = elder.messages.get(`${api.name}Request`)
    const listeners = fact?.valid === undefined ? ofElder?.listeners : fact.listeners
    expect([api.name, api.listeners.join()]).toEqual([api.name, listeners])
    const unstable = fact?.unstable === true
    expect([api.name, api.latestUnstable]).toEqual([api.name, unstable ? fact.valid?.[1] : undefined])
  }
})

test('every error is Kafka’s', () => {
  const mine = Object.values(Errors).map(({ code, name, retriable }) => ({ code, name, retriable }))
  expect(mine).toEqual(reference.errors)
})

test('the pinned releases are the ones compared', () => {
  expect(readdirSync(fixtures).sort()).toEqual([`kafka-${pins.elder}.tsv`, `kafka-${pins.reference}.tsv`])
  expect(ZERO_UUID).toHaveLength(22)
})
