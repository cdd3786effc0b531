import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BatchView, batches, type TimestampType } from './batch.ts'
import { type BatchInput, buildBatch, type RecordInput } from './builder.ts'
import { type CompressionType, compressionTypes } from './compression.ts'
import { crc32c } from './crc32c.ts'
import {
  CORRUPT_MESSAGE,
  INVALID_RECORD,
  INVALID_TIMESTAMP,
  MESSAGE_TOO_LARGE,
  RecordsError,
  UNKNOWN_SERVER_ERROR,
} from './errors.ts'
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

function append(records: Buffer, changes: Partial<AppendRules> = {}): AppendScan {
  const all = { ...rules, ...changes }
  const scan = scanBatches(Buffer.from(records), all, 5, new AppendScan())
  return validateAndAssignOffsets(all, 1000, 5, now, scan)
}

function errorOf(run: () => unknown): RecordsError {
  try {
    run()
  } catch (error) {
    if (error instanceof RecordsError) return error
    throw error
  }
  throw new Error('nothing was refused')
}

function codeOf(run: () => unknown): number {
  return errorOf(run).code
}

/** A batch with a header field changed and its checksum made right again. */
function patched(input: BatchInput, change: (batch: Buffer) => void): Buffer {
  const batch = buildBatch({ timestamp: now, ...input })
  change(batch)
  batch.writeUInt32BE(crc32c(batch, 0, 21), 17)
  return batch
}

const one: RecordInput[] = [{ key: 'k', value: 'v' }]
const three: RecordInput[] = [
  { key: 'a', value: '1', timestamp: now - 5 },
  { key: 'b', value: null, timestamp: now + 7, headers: [{ key: 'h', value: Buffer.from('x') }] },
  { key: null, value: Buffer.alloc(300, 'v'), timestamp: now - 90_000_000_000 },
]

function plainOf(records: Buffer, limitBytes = 1 << 24): unknown[] {
  const all: unknown[] = []
  for (const batch of batches(records))
    for (const { offset, timestamp, key, value, headers } of recordsOf(batch, { limitBytes }))
      all.push([
        offset,
        timestamp,
        key?.toString(),
        value?.toString(),
        headers.map(h => [h.key, h.value?.toString()]),
      ])
  return all
}

test('a good batch gets offsets and epoch in place', () => {
  const input = buildBatch({ records: three, timestamp: now })
  const records = Buffer.from(input)
  const scan = scanBatches(records, rules, 5, new AppendScan())
  validateAndAssignOffsets(rules, 1000, 5, now, scan)
  expect(scan.records).toBe(records)
  expect(scan).toMatchObject({
    firstOffset: 1000,
    lastOffset: 1002,
    maxTimestamp: now + 7,
    shallowOffsetOfMaxTimestamp: 1002,
    recordCount: 3,
    logAppendTimeMs: -1,
    conversionCount: 0,
  })
  const view = new BatchView().reset(records, 0)
  expect([view.baseOffset, view.lastOffset, view.partitionLeaderEpoch, view.isValidCrc()]).toEqual([
    1000,
    1002,
    5,
    true,
  ])
  expect(records.subarray(16).equals(input.subarray(16))).toBe(true)
})

const recordArbitrary = fc.record({
  key: fc.option(fc.uint8Array({ maxLength: 20 })),
  value: fc.option(fc.uint8Array({ maxLength: 300 })),
  headers: fc.array(
    fc.record({ key: fc.string({ maxLength: 9 }), value: fc.option(fc.uint8Array({ maxLength: 9 })) }),
    { maxLength: 3 },
  ),
  timestamp: fc.integer({ min: now - 10 ** 12, max: now + 3_600_000 }),
})
const recordsArbitrary = fc.array(recordArbitrary, { minLength: 1, maxLength: 30 })

test('what is built scans well and reads back equal, for every codec, and into every codec', () => {
  fc.assert(
    fc.property(
      recordsArbitrary,
      fc.constantFrom(...compressionTypes),
      fc.constantFrom<'producer' | CompressionType>('producer', ...compressionTypes),
      fc.constantFrom<TimestampType>('CreateTime', 'LogAppendTime'),
      (records, compression, compressionType, messageTimestampType) => {
        const batch = buildBatch({ records, compression, producerId: 9, producerEpoch: 1, baseSequence: 4 })
        const scan = append(batch, { compressionType, messageTimestampType })
        const view = new BatchView().reset(scan.records, 0)
        expect(view.isValidCrc()).toBe(true)
        const isStamped = messageTimestampType === 'LogAppendTime'
        const target = compressionType === 'producer' ? compression : compressionType
        expect([compressionTypes[view.compression], view.timestampType]).toEqual([
          target,
          messageTimestampType,
        ])
        expect([view.producerId, view.producerEpoch, view.baseSequence]).toEqual([9, 1, 4])
        const newest = Math.max(...records.map(record => record.timestamp))
        expect(view.maxTimestamp).toBe(isStamped ? now : newest)
        expect(scan.maxTimestamp).toBe(isStamped ? now : newest)
        expect(plainOf(scan.records)).toEqual(
          records.map(({ key, value, headers, timestamp }, i) => [
            1000 + i,
            isStamped ? now : timestamp,
            key === null ? undefined : Buffer.from(key).toString(),
            value === null ? undefined : Buffer.from(value).toString(),
            headers.map(h => [
              Buffer.from(h.key).toString(),
              h.value === null ? undefined : Buffer.from(h.value).toString(),
            ]),
          ]),
        )
      },
    ),
  )
})

test('every cut of a batch is no batch, and every cut of its records is refused', () => {
  for (const compression of compressionTypes) {
    const batch = buildBatch({ records: three, compression })
    for (let cut = 0; cut < batch.length; cut++) {
      const scan = scanBatches(batch.subarray(0, cut), rules, 5, new AppendScan())
      expect([scan.batchCount, scan.records.length]).toEqual([0, 0])
    }
    for (let cut = 61; cut < batch.length; cut++) {
      const shorter = Buffer.from(batch.subarray(0, cut))
      shorter.writeInt32BE(cut - 12, 8)
      expect(codeOf(() => append(shorter))).toBe(CORRUPT_MESSAGE)
      shorter.writeUInt32BE(crc32c(shorter, 0, 21), 17)
      expect([INVALID_RECORD, UNKNOWN_SERVER_ERROR]).toContain(codeOf(() => append(shorter)))
    }
  }
})

test('a changed byte under the checksum is always found', () => {
  const batch = buildBatch({ records: three })
  for (let at = 17; at < batch.length; at++) {
    const changed = Buffer.from(batch)
    changed[at]! ^= 0x10
    expect(codeOf(() => append(changed))).toBe(CORRUPT_MESSAGE)
  }
})

test('mutated bytes under a right checksum pass or fail cleanly, and what passes can be read', () => {
  const inputs = compressionTypes.map(compression => buildBatch({ records: three, compression }))
  fc.assert(
    fc.property(
      fc.constantFrom(...inputs),
      fc.array(fc.tuple(fc.nat(1000), fc.nat(255)), { minLength: 1, maxLength: 4 }),
      fc.constantFrom<'producer' | CompressionType>('producer', 'none', 'gzip'),
      (input, changes, compressionType) => {
        const bytes = Buffer.from(input)
        for (const [at, value] of changes) bytes[21 + (at % (bytes.length - 21))] = value
        bytes.writeUInt32BE(crc32c(bytes, 0, 21), 17)
        let scan: AppendScan
        try {
          scan = append(bytes, { compressionType, decompressionLimitBytes: 100_000 })
        } catch (error) {
          expect(error).toBeInstanceOf(RecordsError)
          return
        }
        expect(plainOf(scan.records).length).toBe(scan.recordCount)
      },
    ),
    { numRuns: 2000 },
  )
})

test('any bytes pass or fail cleanly', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(0, 1, 2), (bytes, magic) => {
      const records = Buffer.from(bytes)
      if (records.length > 16) {
        records.writeInt32BE(records.length - 12, 8)
        records[16] = magic
      }
      try {
        append(records)
      } catch (error) {
        expect(error).toBeInstanceOf(RecordsError)
      }
    }),
    { numRuns: 500 },
  )
})

test.each<[string, Buffer, number, Partial<AppendRules>?]>([
  ['a base offset', buildBatch({ records: one, baseOffset: 1 }), INVALID_RECORD],
  ['more than the largest message', buildBatch({ records: one }), MESSAGE_TOO_LARGE, { maxMessageBytes: 60 }],
  ['a count above the offsets', patched({ records: one }, b => b.writeInt32BE(2, 57)), INVALID_RECORD],
  ['a count of 0', patched({ records: one }, b => b.writeInt32BE(0, 57)), INVALID_RECORD],
  ['a negative count', patched({ records: one }, b => b.writeInt32BE(-1, 57)), INVALID_RECORD],
  [
    'a last offset delta above the count',
    patched({ records: one }, b => b.writeInt32BE(1, 23)),
    INVALID_RECORD,
  ],
  ['a negative last offset delta', patched({ records: one }, b => b.writeInt32BE(-1, 23)), INVALID_RECORD],
  ['a control batch', buildBatch({ records: one, isControl: true }), INVALID_RECORD],
  [
    'a producer without a sequence',
    buildBatch({ records: one, producerId: 1, producerEpoch: 0 }),
    INVALID_RECORD,
  ],
  ['an unknown codec', patched({ records: one }, b => b.writeInt16BE(6, 21)), UNKNOWN_SERVER_ERROR],
  ['data that is no gzip', patched({ records: one }, b => b.writeInt16BE(1, 21)), UNKNOWN_SERVER_ERROR],
  [
    'log append time from a client',
    buildBatch({ records: one, timestampType: 'LogAppendTime' }),
    INVALID_TIMESTAMP,
  ],
  [
    'bytes after the last record',
    patched({ records: three }, b => {
      b.writeInt32BE(2, 57)
      b.writeInt32BE(1, 23)
    }),
    INVALID_RECORD,
  ],
  [
    'two batches',
    Buffer.concat([buildBatch({ records: one }), buildBatch({ records: one })]),
    INVALID_RECORD,
  ],
])('%s is refused', (_, records, code, changes) => {
  expect(codeOf(() => append(records, changes))).toBe(code)
})

test('record errors name every record, and a timestamp among them decides the code', () => {
  const keyless = buildBatch({
    records: [one[0]!, { key: null, value: 'x' }, { key: null, value: 'y' }],
    timestamp: now,
  })
  const error = errorOf(() => append(keyless, { compacted: true }))
  expect([error.code, error.kind, error.recordErrors.map(e => e.batchIndex)]).toEqual([
    INVALID_RECORD,
    'no-key',
    [1, 2],
  ])
  const late = buildBatch({
    records: [
      { key: null, value: 'x' },
      { key: 'k', value: 'y', timestamp: now + 3_600_001 },
    ],
    timestamp: now,
  })
  const mixed = errorOf(() => append(late, { compacted: true }))
  expect([mixed.code, mixed.recordErrors.map(e => e.batchIndex)]).toEqual([INVALID_TIMESTAMP, [0, 1]])
  expect(errorOf(() => append(late)).recordErrors.map(e => e.batchIndex)).toEqual([1])
  const early = buildBatch({ records: one, timestamp: now - 1001 })
  expect(codeOf(() => append(early, { messageTimestampBeforeMaxMs: 1000 }))).toBe(INVALID_TIMESTAMP)
  expect(append(early, { messageTimestampBeforeMaxMs: 1001 }).recordCount).toBe(1)
  // Nothing of a refused batch is remembered.
  expect(append(buildBatch({ records: one, timestamp: now })).recordCount).toBe(1)
})

test('no timestamp at all is allowed, and LogAppendTime topics do not look', () => {
  expect(append(buildBatch({ records: one, timestamp: -1 })).maxTimestamp).toBe(-1)
  const late = buildBatch({ records: one, timestamp: now * 2 })
  const scan = append(late, { messageTimestampType: 'LogAppendTime' })
  expect([scan.maxTimestamp, scan.logAppendTimeMs]).toEqual([now, now])
  expect(plainOf(scan.records)).toEqual([[1000, now, 'k', 'v', []]])
})

test('a maximum timestamp that the producer got wrong is put right', () => {
  const batch = patched({ records: three }, b => b.writeBigInt64BE(77n, 35))
  const view = new BatchView().reset(append(batch).records, 0)
  expect([view.maxTimestamp, view.isValidCrc()]).toEqual([now + 7, true])
})

test.each(compressionTypes)('inner offsets that do not count from 0 are numbered anew (%s)', compression => {
  const records = three.map((record, i) => ({ ...record, offset: [3, 0, 2][i]! }))
  const batch = buildBatch({ records, compression, lastOffsetDelta: 2 })
  const scan = append(batch)
  expect(scan.conversionCount).toBe(3)
  expect(plainOf(scan.records)).toEqual(plainOf(append(buildBatch({ records: three })).records))
})

test('a bomb is refused with the code that makes producers split', () => {
  const batch = buildBatch({ records: [{ key: null, value: Buffer.alloc(1_000_000) }], compression: 'gzip' })
  expect(codeOf(() => append(batch, { decompressionLimitBytes: 900_000 }))).toBe(MESSAGE_TOO_LARGE)
})

test('a batch that grew beyond the limit when it was converted is refused', () => {
  const batch = buildBatch({ records: [{ key: null, value: Buffer.alloc(10_000) }], compression: 'gzip' })
  expect(codeOf(() => append(batch, { compressionType: 'none', maxMessageBytes: 1000 }))).toBe(
    MESSAGE_TOO_LARGE,
  )
})

test('coordinators may write control batches and stay uncompressed; raft leaders must name their epoch', () => {
  const marker = buildBatch({
    records: one,
    isControl: true,
    producerId: 4,
    producerEpoch: 0,
    timestamp: now,
  })
  const scan = append(marker, { origin: 'coordinator', compressionType: 'gzip' })
  expect(new BatchView().reset(scan.records, 0).compression).toBe(0)
  const raft = { ...rules, origin: 'raft-leader' as const }
  const batch = buildBatch({ records: one, baseOffset: 7, partitionLeaderEpoch: 5 })
  expect(scanBatches(batch, raft, 5, new AppendScan()).firstOffset).toBe(7)
  expect(codeOf(() => scanBatches(batch, raft, 6, new AppendScan()))).toBe(INVALID_RECORD)
})

test('replicated batches: several, as they are, with what the log needs to know of them', () => {
  const run = Buffer.concat([
    buildBatch({ records: three, baseOffset: 10, partitionLeaderEpoch: 2 }),
    buildBatch({ records: one, baseOffset: 20, partitionLeaderEpoch: 3, timestamp: now }),
    Buffer.from([0, 0, 0]),
  ])
  const replication = { origin: 'replication' as const, maxMessageBytes: Number.POSITIVE_INFINITY }
  const scan = scanBatches(run, replication, -1, new AppendScan())
  expect(scan).toMatchObject({
    batchCount: 2,
    firstOffset: 10,
    lastOffsetOfFirstBatch: 12,
    lastOffset: 20,
    lastLeaderEpoch: 3,
    maxTimestamp: now + 7,
    shallowOffsetOfMaxTimestamp: 12,
    offsetsAreMonotonic: true,
    validBytes: run.length - 3,
  })
  const backwards = Buffer.concat([buildBatch({ records: one, baseOffset: 1 }), buildBatch({ records: one })])
  expect(scanBatches(backwards, replication, -1, new AppendScan()).offsetsAreMonotonic).toBe(false)
})
