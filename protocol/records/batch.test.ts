import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BatchView, batches, batchEnd, incrementSequence, lastCompleteBatchEnd } from './batch.ts'
import { buildBatch } from './builder.ts'
import { crc32c, crc32cSliced } from './crc32c.ts'
import { RecordsError } from './errors.ts'

test('crc32c has the published check value, in both engines and chained', () => {
  const check = Buffer.from('123456789')
  expect(crc32c(check)).toBe(0xe3069283)
  const long = Buffer.alloc(5000, 'odradek')
  expect(crc32c(long)).toBe(crc32cSliced(long))
  expect(crc32c(long, crc32c(long, 0, 0, 33), 33)).toBe(crc32cSliced(long))
})

test('crc32c of any range is that of the copied range', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 700 }), fc.nat(300), fc.nat(300), (bytes, skip, drop) => {
      const start = Math.min(skip, bytes.length)
      const end = Math.max(start, bytes.length - drop)
      expect(crc32c(bytes, 0, start, end)).toBe(crc32cSliced(bytes.slice(start, end)))
    }),
  )
})

test('a built batch reads back through the view', () => {
  const batch = buildBatch({
    records: [
      { key: 'k', value: 'v', timestamp: 1_700_000_000_000 },
      { key: null, value: null, timestamp: 1_700_000_000_500, headers: [{ key: 'h', value: null }] },
    ],
    baseOffset: 2 ** 40 + 5,
    partitionLeaderEpoch: 7,
    producerId: 2 ** 34 + 1,
    producerEpoch: 3,
    baseSequence: 0x7fffffff,
    isTransactional: true,
  })
  const view = new BatchView().reset(batch, 0)
  expect(view.sizeInBytes).toBe(batch.length)
  expect(view.isValidCrc()).toBe(true)
  expect({
    baseOffset: view.baseOffset,
    lastOffset: view.lastOffset,
    epoch: view.partitionLeaderEpoch,
    magic: view.magic,
    producerId: view.producerId,
    producerEpoch: view.producerEpoch,
    baseSequence: view.baseSequence,
    lastSequence: view.lastSequence,
    count: view.recordCount,
    base: view.baseTimestamp,
    max: view.maxTimestamp,
    type: view.timestampType,
    transactional: view.isTransactional,
    control: view.isControl,
  }).toEqual({
    baseOffset: 2 ** 40 + 5,
    lastOffset: 2 ** 40 + 6,
    epoch: 7,
    magic: 2,
    producerId: 2 ** 34 + 1,
    producerEpoch: 3,
    baseSequence: 0x7fffffff,
    lastSequence: 0,
    count: 2,
    base: 1_700_000_000_000,
    max: 1_700_000_000_500,
    type: 'CreateTime',
    transactional: true,
    control: false,
  })
})

test('offset and leader epoch change without the CRC, timestamps with it', () => {
  const batch = buildBatch({ records: [{ key: null, value: 'x' }], timestamp: 5 })
  const view = new BatchView().reset(batch, 0)
  const crc = view.crc
  view.setBaseOffset(99)
  view.setPartitionLeaderEpoch(4)
  expect([view.baseOffset, view.partitionLeaderEpoch, view.crc, view.isValidCrc()]).toEqual([
    99,
    4,
    crc,
    true,
  ])
  view.setMaxTimestamp('CreateTime', 5)
  expect(view.crc).toBe(crc)
  view.setMaxTimestamp('LogAppendTime', 1_800_000_000_000)
  expect([view.timestampType, view.maxTimestamp, view.isValidCrc()]).toEqual([
    'LogAppendTime',
    1_800_000_000_000,
    true,
  ])
  expect(view.crc).not.toBe(crc)
})

test('a run of batches iterates, and a cut one ends it at every byte', () => {
  const one = buildBatch({ records: [{ key: 'a', value: 'b' }], baseOffset: 0 })
  const two = buildBatch({ records: [{ key: 'c', value: 'd' }], baseOffset: 1 })
  const both = Buffer.concat([one, two])
  expect([...batches(both)].length).toBe(2)
  expect(Array.from(batches(both), b => b.baseOffset)).toEqual([0, 1])
  for (let cut = 0; cut < both.length; cut++) {
    const offsets = Array.from(batches(both.subarray(0, cut)), b => b.baseOffset)
    expect(offsets).toEqual(cut < one.length ? [] : [0])
    expect(lastCompleteBatchEnd(both, 0, cut)).toBe(cut < one.length ? 0 : one.length)
  }
})

test('bytes that can be no batch are refused', () => {
  const batch = buildBatch({ records: [{ key: 'a', value: 'b' }] })
  const magic = Buffer.from(batch)
  magic[16] = 3
  expect(() => batchEnd(magic, 0)).toThrow(RecordsError)
  for (const length of [-1, 0, 13, 48]) {
    const short = Buffer.from(batch)
    short.writeInt32BE(length, 8)
    expect(() => batchEnd(short, 0)).toThrow(RecordsError)
  }
})

test('sequences wrap to zero', () => {
  expect(incrementSequence(0x7fffffff, 1)).toBe(0)
  expect(incrementSequence(0x7ffffffe, 3)).toBe(1)
  expect(incrementSequence(10, 5)).toBe(15)
})
