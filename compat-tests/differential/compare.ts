/**
 * Two answers to the same request, made comparable: ids by the words both sides know them by, what must differ set aside, rows of a
 * set in one order. What is left and differs is a mismatch.
 */
import { dirname } from 'node:path'
import { batches } from '../../protocol/records/batch.ts'
import { records } from '../../protocol/records/record.ts'
import { MADE_UP_IDS } from './ids.ts'
import type { Reply, Side } from './side.ts'

export interface Difference {
  /** Where, without indexes: `responses.partitionResponses.errorCode`. */
  readonly path: string
  readonly reference: unknown
  readonly ours: unknown
}

/** Every field that may differ, and what stands for it. */
const ASIDE: Readonly<Record<string, (value: unknown) => unknown>> = {
  throttleTimeMs: () => 0,
  clusterId: () => '<cluster>',
  // Our own words; that there are some is compared.
  errorMessage: value => (value === null ? null : value === '' ? '' : '<words>'),
  batchIndexErrorMessage: value => (value === null ? null : '<words>'),
  documentation: value => (value === null ? null : value === '' ? '' : '<words>'),
  logAppendTimeMs: value => (value === -1n ? '-1' : '<time>'),
  lastTimestamp: value => (value === -1n ? '-1' : '<time>'),
  lastFetchTimestamp: value => (value === -1n ? '-1' : '<time>'),
  // An append time, where it is of now.
  timestamp: value => (isNow(value) ? '<time>' : `${value as bigint}n`),
  lastCaughtUpTimestamp: value => (value === -1n ? '-1' : '<time>'),
  totalBytes: value => (value === -1 ? -1 : '<bytes>'),
  // Compressed bytes are not everybody's, and which partition of an internal topic has any is not compared.
  partitionSize: () => '<bytes>',
  usableBytes: value => (value === -1 ? -1 : '<bytes>'),
  sessionId: value => (value === 0 ? 0 : '<session>'),
  finalizedFeaturesEpoch: () => '<epoch>',
  replicaDirectoryId: () => '<directory>',
}

const isNow = (value: unknown): boolean =>
  typeof value === 'bigint' && Math.abs(Number(value) - Date.now()) < 3_600_000

/** What differs between these two answers only because it must, by API. */
const ASIDE_FOR: Readonly<Record<string, Readonly<Record<string, (value: unknown) => unknown>>>> = {
  DescribeQuorum: {
    highWatermark: () => '<end>',
    logEndOffset: () => '<end>',
    port: () => '<port>',
    leaderEpoch: () => '<epoch>',
  },
  // Which versions are served is the wire audit's matter.
  ApiVersions: { apiKeys: () => '<keys>', supportedFeatures: () => '<features>' },
  InitProducerId: { producerId: value => (value === -1n ? -1 : '<pid>') },
}

/** `number`: the scenario that asks. Where an answer names everybody's topics and groups, the others' rows are left out. */
export function plain(api: string, reply: Reply, side: Side, number: number, isElder = false): unknown {
  if (typeof reply === 'string') return reply
  const aside = { ...ASIDE, ...ASIDE_FOR[api], ...(isElder ? ASIDE_OF_ELDER : {}) }
  return walk(reply, '', { side, number, aside })
}

/** The elder has settings of its own, and does not say which of them are defaults; its failed fetches have null for no records. */
const ASIDE_OF_ELDER: typeof ASIDE = {
  configs: value => (Array.isArray(value) ? '<configs>' : value),
  records: value => (value === null ? [] : describeRecords(Buffer.from(value as Uint8Array))),
}

interface Walk {
  readonly side: Side
  readonly number: number
  readonly aside: Readonly<Record<string, (value: unknown) => unknown>>
}

function walk(value: unknown, key: string, by: Walk): unknown {
  const aside = by.aside[key]
  if (aside) return aside(value)
  if (value instanceof Uint8Array) {
    return key === 'records' ? describeRecords(Buffer.from(value)) : Buffer.from(value).toString('hex')
  }
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string')
    return key === 'topicId' ? topicWord(value, by.side) : places(by.side.wordFor(value), by.side)
  if (typeof value === 'number') return value === portOf(by.side) ? '<port>' : value
  // Settings of our own.
  if (Array.isArray(value)) {
    const rows = value.filter(row => !isOwnSetting(row) && !isForeign(row, by.number))
    return sorted(rows.map(item => walk(item, key, by)))
  }
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, walk(v, k, by)]))
}

/** A topic that was made before CreateTopics answered ids, and that Metadata was not asked for, has one that nobody knows. */
const topicWord = (id: string, side: Side): string =>
  MADE_UP_IDS.includes(id) ? id : side.wordFor(id).replace(/^[^<].*/, '<unknown topic>')

const isOwnSetting = (row: unknown): boolean =>
  isStruct(row) && typeof row.name === 'string' && row.name.startsWith('odradek.')

/** A row about another scenario's topic, group or subscription. */
function isForeign(row: unknown, number: number): boolean {
  if (!isStruct(row)) return false
  // Groups without a name are everybody's.
  if (row.groupId === '' && 'groupState' in row) return true
  const name = row.name ?? row.topic ?? row.topicName ?? row.groupId ?? row.resourceName
  const whose = typeof name === 'string' ? /^[dm](\d+)(-|$)/.exec(name)?.[1] : undefined
  return whose !== undefined && Number(whose) !== number
}

const portOf = (side: Side): number => Number(side.broker.bootstrap.split(':')[1])

function places(text: string, side: Side): string {
  return text
    .replaceAll(dirname(side.broker.dataDir), '<home>')
    .replaceAll(side.broker.bootstrap, '<bootstrap>')
    .replaceAll(/127\.0\.0\.1:\d+/g, '<address>')
}

/** Rows are sets, whatever order a hash table gave them; lists of numbers and replicas keep theirs. */
function sorted(rows: unknown[]): unknown[] {
  if (rows.length < 2 || typeof rows[0] !== 'object' || rows[0] === null) return rows
  const keyed = rows.map(row => ({ row, key: JSON.stringify(row) }))
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ row }) => row)
}

/**
 * Compressed bytes may differ from one implementation to the next, what they hold may not. Append times are set aside, and so is the part
 * of a batch that Kafka's byte limit leaves at the end: clients drop it.
 */
function describeRecords(bytes: Buffer): unknown[] {
  const rows: unknown[] = []
  for (const batch of batches(bytes)) {
    const isAppendTime = batch.timestampType === 'LogAppendTime'
    const head = `${batch.baseOffset}-${batch.lastOffset} magic ${batch.magic} codec ${batch.compression}`
    let inner: string[]
    try {
      inner = [...records(batch)].map(
        record =>
          `${record.offset} ${isAppendTime ? '<time>' : record.timestamp} ${record.key?.toString('hex')} ${record.value?.toString('hex')}`,
      )
    } catch (error) {
      inner = [`unreadable: ${(error as Error).message}`]
    }
    const state =
      batch.magic < 2
        ? ''
        : ` pid ${batch.producerId}/${batch.producerEpoch}/${batch.baseSequence} crc ${batch.isValidCrc()}`
    rows.push(`${head}${state}: ${inner.join('; ')}`)
  }
  return rows
}

/**
 * Nothing to live up to: an exception escaped inside Kafka, which then says UNKNOWN_SERVER_ERROR, or nothing at all; or the machine was too
 * slow for its controller, which says REQUEST_TIMED_OUT (no request that we send asks for that).
 */
export const isKafkasAccident = (reference: Reply): boolean =>
  reference === 'silent' ||
  [UNKNOWN_SERVER_ERROR, REQUEST_TIMED_OUT].some(code => holdsError(reference, code))

function holdsError(value: unknown, code: number): boolean {
  if (Array.isArray(value)) return value.some(item => holdsError(item, code))
  if (value instanceof Uint8Array || !isStruct(value)) return false
  return Object.entries(value).some(([key, inner]) =>
    key === 'errorCode' ? inner === code : holdsError(inner, code),
  )
}

const UNKNOWN_SERVER_ERROR = -1
const REQUEST_TIMED_OUT = 7

export function differences(reference: unknown, ours: unknown, path = ''): Difference[] {
  if (Object.is(reference, ours)) return []
  if (Array.isArray(reference) && Array.isArray(ours)) return differentRows(reference, ours, path)
  if (isStruct(reference) && isStruct(ours)) {
    const keys = new Set([...Object.keys(reference), ...Object.keys(ours)])
    return [...keys].flatMap(key =>
      differences(reference[key], ours[key], path === '' ? key : `${path}.${key}`),
    )
  }
  return JSON.stringify(reference) === JSON.stringify(ours) ? [] : [{ path, reference, ours }]
}

/** Rows that only one side has; where they pair up by position, the fields that differ in them. */
function differentRows(reference: unknown[], ours: unknown[], path: string): Difference[] {
  const pool = ours.map(row => JSON.stringify(row))
  const onlyReference = reference.filter(row => {
    const at = pool.indexOf(JSON.stringify(row))
    if (at >= 0) pool.splice(at, 1)
    return at < 0
  })
  const onlyOurs = pool.map(text => JSON.parse(text) as unknown)
  if (onlyReference.length === onlyOurs.length && onlyReference.every(isStruct)) {
    return onlyReference.flatMap((row, i) => {
      const found = differences(row, onlyOurs[i], path)
      const named = (row as Record<string, unknown>).name
      return typeof named === 'string'
        ? found.map(d => ({ ...d, path: `${d.path} of ${named.replace(/^<?d\d+/, 'd')}` }))
        : found
    })
  }
  return onlyReference.length + onlyOurs.length === 0
    ? []
    : [{ path: `${path}[]`, reference: onlyReference, ours: onlyOurs }]
}

const isStruct = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
