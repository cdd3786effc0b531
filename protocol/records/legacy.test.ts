import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BatchView, batches } from './batch.ts'
import { buildBatch } from './builder.ts'
import { compress } from './compression.ts'
import {
  buildControlBatch,
  buildEndTransactionMarker,
  controlRecordKey,
  controlRecordType,
  readEndTransactionMarker,
} from './control.ts'
import { downConvert } from './down-conversion.ts'
import { CORRUPT_MESSAGE, INVALID_RECORD, RecordsError, UNSUPPORTED_COMPRESSION_TYPE } from './errors.ts'
import { buildLegacySet } from './legacy.ts'
import { records as recordsOf } from './record.ts'
import { AppendScan, scanBatches } from './scan.ts'
import { type AppendRules, validateAndAssignOffsets } from './validate.ts'

const now = 1_790_000_000_000
const rules: AppendRules = {
  origin: 'client',
  maxMessageBytes: 1_048_588,
  compacted: false,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  messageTimestampAfterMaxMs: 3_600_000,
  compressionType: 'producer',
}
const legacyCodecs = ['none', 'gzip', 'snappy', 'lz4'] as const

function append(records: Buffer, changes: Partial<AppendRules> = {}): AppendScan {
  const all = { ...rules, ...changes }
  return validateAndAssignOffsets(
    all,
    50,
    1,
    now,
    scanBatches(Buffer.from(records), all, 1, new AppendScan()),
  )
}

function codeOf(run: () => unknown): number {
  try {
    run()
  } catch (error) {
    if (error instanceof RecordsError) return error.code
    throw error
  }
  throw new Error('nothing was refused')
}

type Row = [offset: number, timestamp: number, key: string | undefined, value: string | undefined]

function rows(bytes: Buffer): Row[] {
  const all: Row[] = []
  for (const batch of batches(bytes)) {
    expect(batch.isValidCrc()).toBe(true)
    for (const { offset, timestamp, key, value } of recordsOf(batch))
      all.push([offset, timestamp, key?.toString('latin1'), value?.toString('latin1')])
  }
  return all
}

const recordArbitrary = fc.record({
  key: fc.option(fc.uint8Array({ maxLength: 20 })),
  value: fc.option(fc.uint8Array({ maxLength: 300 })),
  timestamp: fc.integer({ min: 0, max: now }),
})
const latin1 = (bytes: Uint8Array | null) =>
  bytes === null ? undefined : Buffer.from(bytes).toString('latin1')

test('old sets are appended as one batch with magic 2, whatever their magic, codec and inner offsets', () => {
  fc.assert(
    fc.property(
      fc.array(recordArbitrary, { minLength: 1, maxLength: 20 }),
      fc.constantFrom<0 | 1>(0, 1),
      fc.constantFrom(...legacyCodecs),
      fc.nat(1000),
      (input, magic, compression, base) => {
        const records = input.map((record, i) => ({ ...record, offset: base + i }))
        const set = buildLegacySet({ magic, records, compression })
        const scan = append(set)
        const view = new BatchView().reset(scan.records, 0)
        expect([
          view.magic,
          view.baseOffset,
          view.lastOffset,
          view.recordCount,
          view.partitionLeaderEpoch,
        ]).toEqual([2, 50, 50 + input.length - 1, input.length, 1])
        expect(rows(scan.records)).toEqual(
          input.map((r, i) => [50 + i, magic === 0 ? -1 : r.timestamp, latin1(r.key), latin1(r.value)]),
        )
        expect(scan.conversionCount).toBe(input.length)
      },
    ),
  )
})

test('batches are sent to old fetchers as sets they can read', () => {
  fc.assert(
    fc.property(
      fc.array(recordArbitrary, { minLength: 1, maxLength: 20 }),
      fc.constantFrom<0 | 1>(0, 1),
      fc.constantFrom(...legacyCodecs),
      fc.nat(30),
      (input, magic, compression, skip) => {
        const records = input.map(r => ({ ...r, headers: [{ key: 'gone', value: null }] }))
        const batch = buildBatch({ records, compression, baseOffset: 2 ** 33 })
        const first = 2 ** 33 + skip
        const set = downConvert(batch, magic, first)
        const isCompressed = compression !== 'none'
        const expected = input.map((r, i) => [
          2 ** 33 + i,
          magic === 0 ? -1 : r.timestamp,
          latin1(r.key),
          latin1(r.value),
        ])
        expect(rows(set)).toEqual(expected.filter(row => isCompressed || (row[0] as number) >= first))
        for (const entry of batches(set)) expect(entry.magic).toBe(magic)
      },
    ),
  )
})

test('down-conversion drops control batches, keeps old ones and refuses zstd', () => {
  const plain = (baseOffset: number) =>
    buildBatch({ records: [{ key: 'k', value: 'v' }], baseOffset, timestamp: now })
  const marker = buildEndTransactionMarker({
    type: 'COMMIT',
    coordinatorEpoch: 3,
    producerId: 1,
    producerEpoch: 0,
    timestamp: now,
    baseOffset: 1,
  })
  const old = buildLegacySet({
    magic: 0,
    records: [{ offset: 2, timestamp: -1, key: null, value: Buffer.from('o') }],
  })
  const zstd = buildBatch({ records: [{ key: null, value: 'z' }], baseOffset: 3, compression: 'zstd' })
  const log = Buffer.concat([plain(0), marker, old, zstd, plain(4)])
  expect(rows(downConvert(log, 1, 0)).map(row => row[0])).toEqual([0, 2])
  expect(codeOf(() => downConvert(zstd, 1, 3))).toBe(UNSUPPORTED_COMPRESSION_TYPE)
  expect(downConvert(marker, 1, 0).length).toBe(0)
})

test('down-conversion ends where it would send more than was read, but for the first batch', () => {
  const batchOf = (baseOffset: number, count: number) =>
    buildBatch({
      records: Array.from({ length: count }, () => ({ key: 'k', value: 'v' })),
      ...{ baseOffset, timestamp: now },
    })
  const messageSize = downConvert(batchOf(0, 1), 1, 0).length
  const offsetsOf = (log: Buffer) => rows(downConvert(log, 1, 0)).map(row => row[0])
  // One that grows, alone and before another.
  expect(batchOf(0, 20).length).toBeLessThan(20 * messageSize)
  expect(offsetsOf(batchOf(0, 20))).toHaveLength(20)
  expect(offsetsOf(Buffer.concat([batchOf(0, 20), batchOf(20, 1)]))).toHaveLength(20)
  // Behind one that shrinks there is room for as many messages as fit whole.
  const log = Buffer.concat([batchOf(0, 1), batchOf(1, 20), batchOf(21, 1)])
  const fit = Math.floor(log.length / messageSize)
  expect(fit).toBeLessThan(20)
  expect(offsetsOf(log)).toEqual(Array.from({ length: fit }, (_, offset) => offset))
  expect(downConvert(log, 1, 0)).toHaveLength(fit * messageSize)
})

test('log append time of a wrapper holds for all inside, and of a batch for all converted', () => {
  const batch = buildBatch({
    records: [
      { key: null, value: 'a', timestamp: 1 },
      { key: null, value: 'b', timestamp: 2 },
    ],
    timestamp: 77,
    timestampType: 'LogAppendTime',
    compression: 'gzip',
  })
  const set = downConvert(batch, 1, 0)
  expect(new BatchView().reset(set, 0).timestampType).toBe('LogAppendTime')
  expect(rows(set).map(row => row[1])).toEqual([77, 77])
})

test('old librdkafka: a wrapper at offset 0 counts from 0, one below its last message is refused', () => {
  const inner = buildLegacySet({
    magic: 1,
    records: [0, 1].map(offset => ({ offset, timestamp: 5, key: null, value: Buffer.from('v') })),
  })
  const wrap = (offset: number) => {
    const set = buildLegacySet({
      magic: 1,
      records: [{ offset, timestamp: 5, key: null, value: compress('gzip', inner) }],
    })
    const view = new BatchView().reset(set, 0)
    set[17] = 1
    set.writeUInt32BE(view.computeCrc(), 12)
    return set
  }
  expect(rows(wrap(0)).map(row => row[0])).toEqual([0, 1])
  expect(rows(wrap(9)).map(row => row[0])).toEqual([8, 9])
  const three = buildLegacySet({
    magic: 1,
    compression: 'gzip',
    records: [0, 1, 2].map(offset => ({ offset, timestamp: 5, key: null, value: null })),
  })
  three.writeBigInt64BE(1n, 0)
  expect(codeOf(() => append(three))).toBe(INVALID_RECORD)
})

test('checksums of old messages are checked outside and inside', () => {
  const records = [{ offset: 0, timestamp: 5, key: null, value: Buffer.from('value') }]
  const plain = buildLegacySet({ magic: 1, records })
  plain[plain.length - 1]! ^= 1
  expect(codeOf(() => append(plain))).toBe(CORRUPT_MESSAGE)
  const wrapper = buildLegacySet({
    magic: 1,
    records: [{ offset: 0, timestamp: 5, key: null, value: compress('snappy', plain) }],
  })
  wrapper[17] = 2
  wrapper.writeUInt32BE(new BatchView().reset(wrapper, 0).computeCrc(), 12)
  expect(codeOf(() => append(wrapper))).toBe(CORRUPT_MESSAGE)
})

test('old sets obey the rules of the topic', () => {
  const set = buildLegacySet({ magic: 1, records: [{ offset: 0, timestamp: now, key: null, value: null }] })
  expect(codeOf(() => append(set, { compacted: true }))).toBe(INVALID_RECORD)
  const mixed = Buffer.concat([
    set,
    buildLegacySet({ magic: 0, records: [{ offset: 0, timestamp: now, key: null, value: null }] }),
  ])
  expect(codeOf(() => append(mixed))).toBe(INVALID_RECORD)
  const stamped = append(set, { messageTimestampType: 'LogAppendTime', compressionType: 'gzip' })
  expect(rows(stamped.records)).toEqual([[50, now, undefined, undefined]])
  expect(stamped.logAppendTimeMs).toBe(now)
})

test('mutated old sets pass or fail cleanly', () => {
  const records = [0, 1, 2].map(offset => ({
    offset,
    timestamp: now,
    key: Buffer.from('k'),
    value: Buffer.from('vvvv'),
  }))
  const inputs = legacyCodecs.flatMap(compression =>
    ([0, 1] as const).map(magic => buildLegacySet({ magic, records, compression })),
  )
  fc.assert(
    fc.property(
      fc.constantFrom(...inputs),
      fc.array(fc.tuple(fc.nat(300), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      (input, changes) => {
        const bytes = Buffer.from(input)
        for (const [at, value] of changes) bytes[12 + (at % (bytes.length - 12))] = value
        const view = new BatchView().reset(bytes, 0)
        if (view.magic < 2 && view.end <= bytes.length) bytes.writeUInt32BE(view.computeCrc(), 12)
        try {
          rows(append(bytes, { decompressionLimitBytes: 10_000 }).records)
        } catch (error) {
          expect(error).toBeInstanceOf(RecordsError)
        }
      },
    ),
    { numRuns: 1000 },
  )
})

test('control records: types, markers, and those of the future', () => {
  for (const [id, type] of [
    'ABORT',
    'COMMIT',
    'LEADER_CHANGE',
    'SNAPSHOT_HEADER',
    'SNAPSHOT_FOOTER',
  ].entries()) {
    expect(controlRecordType(Buffer.from([0, 0, 0, id]))).toBe(type)
  }
  expect(controlRecordType(Buffer.from([0, 0, 0, 6]))).toBe('KRAFT_VOTERS')
  expect(controlRecordType(Buffer.from([0, 0, 0, 99]))).toBe('UNKNOWN')
  expect(codeOf(() => controlRecordType(Buffer.from([0, 0, 0])))).toBe(INVALID_RECORD)
  expect(codeOf(() => controlRecordType(Buffer.from([255, 255, 0, 0])))).toBe(INVALID_RECORD)
  expect(controlRecordKey('KRAFT_VERSION')).toEqual(Buffer.from([0, 0, 0, 5]))

  const batch = buildEndTransactionMarker({
    type: 'ABORT',
    coordinatorEpoch: 11,
    producerId: 2,
    producerEpoch: 1,
    timestamp: now,
  })
  const view = new BatchView().reset(batch, 0)
  expect([view.isControl, view.isTransactional, view.baseSequence]).toEqual([true, true, -1])
  const [record] = recordsOf(view)
  expect(readEndTransactionMarker(record!.key, record!.value)).toEqual({
    type: 'ABORT',
    coordinatorEpoch: 11,
  })
  const raft = new BatchView().reset(
    buildControlBatch({ type: 'LEADER_CHANGE', value: Buffer.alloc(3), timestamp: 1 }),
    0,
  )
  expect([raft.isControl, raft.isTransactional, raft.producerId]).toEqual([true, false, -1])
})
