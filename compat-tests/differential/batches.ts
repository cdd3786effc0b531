/**
 * Record sets for Produce, right and subtly wrong. Each wrong one breaks one rule of Kafka's LogValidator or MemoryRecords and has a
 * right CRC unless the CRC is what is wrong.
 */
import {
  ATTRIBUTES_OFFSET,
  CRC_OFFSET,
  LAST_OFFSET_DELTA_OFFSET,
  LENGTH_OFFSET,
  MAGIC_OFFSET,
  MAX_TIMESTAMP_OFFSET,
  RECORD_BATCH_OVERHEAD,
  RECORD_COUNT_OFFSET,
} from '../../protocol/records/batch.ts'
import { type BatchInput, buildBatch } from '../../protocol/records/builder.ts'
import { compressionTypes } from '../../protocol/records/compression.ts'
import { crc32c } from '../../protocol/records/crc32c.ts'
import { buildLegacySet } from '../../protocol/records/legacy.ts'
import type { Random } from './random.ts'

/** Well inside every time limit, and the same on both sides. */
export const BASE_TIME = 1_750_000_000_000
/** From here on a byte says that the next one belongs to its number. */
const LONGER_VARINT = 0x80

export interface RecordSet {
  readonly note: string
  readonly bytes: Buffer | null
}

function right(random: Random, more: Partial<BatchInput> = {}): Buffer {
  const count = 1 + random.int(4)
  const keyed = random.chance(60)
  const records = Array.from({ length: count }, (_, i) => ({
    key: keyed ? `k${random.int(3)}` : null,
    value: random.chance(10) ? null : `${'v'.repeat(random.int(40))}${i}`,
    timestamp: BASE_TIME + random.int(5) * 1000,
    ...(random.chance(10) && { headers: [{ key: 'h', value: Buffer.from('x') }] }),
  }))
  return buildBatch({
    records,
    compression: random.chance(70) ? 'none' : random.pick(compressionTypes),
    ...more,
  })
}

function changed(batch: Buffer, change: (bytes: Buffer) => void): Buffer {
  change(batch)
  batch.writeUInt32BE(crc32c(batch, 0, ATTRIBUTES_OFFSET) >>> 0, CRC_OFFSET)
  return batch
}

type Make = (random: Random) => Buffer | null

const one = { records: [{ key: 'k', value: 'value', timestamp: BASE_TIME }] } satisfies BatchInput
const two = {
  records: [...one.records, { key: 'l', value: 'other', timestamp: BASE_TIME }],
} satisfies BatchInput

const WRONG: Readonly<Record<string, Make>> = {
  'empty set': () => Buffer.alloc(0),
  'crc wrong': random => {
    const batch = right(random)
    batch[batch.length - 1]! ^= 1
    return batch
  },
  'crc field wrong': random => {
    const batch = right(random)
    batch[CRC_OFFSET]! ^= 1
    return batch
  },
  'two batches': random => Buffer.concat([right(random), right(random)]),
  'garbage behind': random => Buffer.concat([right(random), Buffer.alloc(1 + random.int(30), 1)]),
  'zeros behind': random => Buffer.concat([right(random), Buffer.alloc(1 + random.int(30))]),
  'cut in the records': random => right(random).subarray(0, 62),
  'cut in the header': random => right(random).subarray(0, 1 + random.int(60)),
  'length too small': random => {
    const batch = right(random)
    batch.writeInt32BE(random.pick([0, 3, 13, 14, 40, 48]), LENGTH_OFFSET)
    return batch
  },
  'length negative': random => {
    const batch = right(random)
    batch.writeInt32BE(-1, LENGTH_OFFSET)
    return batch
  },
  'length one less': random => {
    const batch = right(random)
    batch.writeInt32BE(batch.readInt32BE(LENGTH_OFFSET) - 1, LENGTH_OFFSET)
    return batch
  },
  'length one more': random => {
    const batch = right(random)
    batch.writeInt32BE(batch.readInt32BE(LENGTH_OFFSET) + 1, LENGTH_OFFSET)
    return batch
  },
  'magic unknown': random => {
    const batch = right(random)
    batch.writeInt8(random.pick([3, 9, -1]), MAGIC_OFFSET)
    return batch
  },
  'magic of old in a batch': random => {
    const batch = right(random)
    batch.writeInt8(random.int(2), MAGIC_OFFSET)
    return batch
  },
  'codec unknown': random => {
    const codec = random.pick([5, 6, 7])
    return changed(buildBatch(one), b => b.writeInt16BE(codec, ATTRIBUTES_OFFSET))
  },
  'codec lies': random => {
    const codec = 1 + random.int(4)
    return changed(buildBatch(one), b => b.writeInt16BE(codec, ATTRIBUTES_OFFSET))
  },
  'unused attribute bits': () => changed(buildBatch(one), b => b.writeInt16BE(0x0180, ATTRIBUTES_OFFSET)),
  'append time by client': () => changed(buildBatch(one), b => b.writeInt16BE(0x08, ATTRIBUTES_OFFSET)),
  'delete horizon by client': () => changed(buildBatch(one), b => b.writeInt16BE(0x40, ATTRIBUTES_OFFSET)),
  'count too high': random =>
    changed(buildBatch({ ...two, compression: random.pick(compressionTypes) }), b => {
      b.writeInt32BE(3, RECORD_COUNT_OFFSET)
      b.writeInt32BE(2, LAST_OFFSET_DELTA_OFFSET)
    }),
  'count too low': random =>
    changed(buildBatch({ ...two, compression: random.pick(compressionTypes) }), b => {
      b.writeInt32BE(1, RECORD_COUNT_OFFSET)
      b.writeInt32BE(0, LAST_OFFSET_DELTA_OFFSET)
    }),
  'count and last offset disagree': random =>
    changed(buildBatch(two), b =>
      b.writeInt32BE(random.pick([-1, 0, 1, 5, 0x7fffffff]), LAST_OFFSET_DELTA_OFFSET),
    ),
  'count not positive': random =>
    changed(buildBatch(one), b => b.writeInt32BE(random.pick([0, -1]), RECORD_COUNT_OFFSET)),
  'no records in a batch': () => buildBatch({ records: [], timestamp: BASE_TIME }),
  'base offset not zero': random => right(random, { baseOffset: 1 + random.int(100) }),
  'offsets with a gap': random =>
    buildBatch({
      records: [one.records[0]!, { ...one.records[0]!, offset: 1 + random.int(4) }],
      compression: random.pick(compressionTypes),
    }),
  'control batch': () => buildBatch({ ...one, isControl: true }),
  transactional: () =>
    buildBatch({ ...one, isTransactional: true, producerId: 77, producerEpoch: 0, baseSequence: 0 }),
  'record length lies': random =>
    changed(buildBatch(two), b => (b[RECORD_BATCH_OVERHEAD] = random.pick([0, 1, 2, 0x7e, 0x7f]))),
  // But for its offset: Kafka stores one that lies.
  'record body noise': random =>
    changed(buildBatch(two), b => {
      const at = random.pick([1, 2, 4, 5, 6])
      b[RECORD_BATCH_OVERHEAD + at] = random.int(at === 2 ? LONGER_VARINT : 256)
    }),
  'max timestamp lies': random =>
    changed(buildBatch(one), b =>
      b.writeBigInt64BE(random.pick([-1n, 0n, 99n, 1_999_999_999_999n]), MAX_TIMESTAMP_OFFSET),
    ),
  'no timestamp': () => buildBatch({ records: [{ key: 'k', value: 'v' }] }),
  'timestamp in the future': () =>
    buildBatch({ records: [{ key: 'k', value: 'v', timestamp: 9_000_000_000_000 }] }),
  'timestamp negative': () => buildBatch({ records: [{ key: 'k', value: 'v', timestamp: -5 }] }),
  'keyless among keyed': () =>
    buildBatch({ records: [...two.records, { key: null, value: 'x', timestamp: BASE_TIME }] }),
  'too large': random =>
    buildBatch({
      records: [{ key: 'k', value: 'x'.repeat(1_100_000), timestamp: BASE_TIME }],
      compression: random.chance(30) ? 'gzip' : 'none',
    }),
  'sequence without producer': () => buildBatch({ ...one, baseSequence: 4 }),
  'producer without sequence': () => buildBatch({ ...one, producerId: 88, producerEpoch: 0 }),
  'producer with a negative epoch': random =>
    buildBatch({
      ...one,
      producerId: 90 + random.int(2),
      producerEpoch: random.pick([-1, -2]),
      baseSequence: random.int(3),
    }),
  'producer below none': () => buildBatch({ ...one, producerId: -2, producerEpoch: 0, baseSequence: 0 }),
  'compressed bytes damaged': random =>
    changed(buildBatch({ ...two, compression: random.pick(compressionTypes) }), b => {
      b[RECORD_BATCH_OVERHEAD + random.int(b.length - RECORD_BATCH_OVERHEAD)]! ^= 1 << random.int(8)
    }),
  'compressed bytes cut': random => {
    const whole = buildBatch({ ...two, compression: random.pick(compressionTypes) })
    const batch = whole.subarray(0, whole.length - 1 - random.int(8))
    batch.writeInt32BE(batch.length - 12, LENGTH_OFFSET)
    return changed(batch, () => undefined)
  },
  'compressed bytes with more behind': random => {
    const whole = buildBatch({ ...two, compression: random.pick(compressionTypes) })
    const batch = Buffer.concat([whole, Buffer.alloc(1 + random.int(12), random.int(2))])
    batch.writeInt32BE(batch.length - 12, LENGTH_OFFSET)
    return changed(batch, () => undefined)
  },
  'headers wrong': random =>
    changed(
      buildBatch({ records: [{ ...one.records[0]!, headers: [{ key: 'h', value: Buffer.from('x') }] }] }),
      b => {
        b[b.length - 1 - random.int(5)] = random.pick([0, 1, 2, 3, 0x7f, 0x80])
      },
    ),
  'record attributes set': () => changed(buildBatch(one), b => (b[RECORD_BATCH_OVERHEAD + 1] = 0x41)),
  'old format 0': random =>
    buildLegacySet({
      magic: 0,
      records: [legacyOf(random, 0)],
      compression: random.pick(['none', 'gzip', 'snappy']),
    }),
  'old format 1': random =>
    buildLegacySet({
      magic: 1,
      records: [legacyOf(random, 0), legacyOf(random, 1)],
      compression: random.pick(['none', 'gzip', 'lz4']),
    }),
}

const legacyOf = (random: Random, offset: number) => ({
  offset,
  key: Buffer.from(`k${random.int(3)}`),
  value: Buffer.from('old'),
  timestamp: BASE_TIME,
})

const names = Object.keys(WRONG)

export function someRecords(random: Random): RecordSet {
  if (random.chance(45)) return { note: 'right', bytes: right(random) }
  if (random.chance(35)) return idempotent(random)
  const note = random.pick(names)
  return { note, bytes: WRONG[note]!(random) }
}

/** Few producers, few sequences: repeats, gaps, wraps and fences come by themselves. */
function idempotent(random: Random): RecordSet {
  const producerId = 1000 + random.int(2)
  const producerEpoch = random.pick([0, 0, 0, 0, 1, 2, 32767])
  const baseSequence = random.pick([0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 0x7fffffff])
  const records = Array.from({ length: 1 + random.int(2) }, () => ({
    key: 'k',
    value: 'p',
    timestamp: BASE_TIME,
  }))
  return {
    note: `producer ${producerId} epoch ${producerEpoch} sequence ${baseSequence}+${records.length}`,
    bytes: buildBatch({ records, producerId, producerEpoch, baseSequence }),
  }
}
