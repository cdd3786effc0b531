// What other people's encoders make passes the scan, and what we make is read by other people's decoders.
import { createRequire } from 'node:module'
import { createRecordsBatch, Reader, readRecordsBatches } from '@platformatic/kafka'
import { expect, test } from 'vitest'
import { BatchView } from './batch.ts'
import { buildBatch } from './builder.ts'
import { compressionTypes } from './compression.ts'
import { records as recordsOf } from './record.ts'
import { AppendScan, scanBatches } from './scan.ts'
import { type AppendRules, validateAndAssignOffsets } from './validate.ts'

const require = createRequire(import.meta.url)
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
const values = Array.from({ length: 50 }, (_, i) => `value ${i} ${'x'.repeat(i * 3)}`)

function appended(batch: Buffer, recordCount = values.length): BatchView {
  const scan = scanBatches(batch, rules, 0, new AppendScan())
  validateAndAssignOffsets(rules, 0, 0, now, scan)
  expect(scan.recordCount).toBe(recordCount)
  return new BatchView().reset(scan.records, 0)
}

const texts = (view: BatchView) =>
  Array.from(recordsOf(view), r => [r.offset, r.key?.toString(), r.value?.toString()])
const expected = values.map((value, i) => [i, `k${i}`, value])

test.each(['none', 'gzip', 'snappy', 'lz4'] as const)(
  '@platformatic/kafka writes %s batches',
  compression => {
    const messages = values.map((value, i) => ({
      topic: 't',
      key: Buffer.from(`k${i}`),
      value: Buffer.from(value),
      timestamp: BigInt(now + i),
      headers: new Map([[Buffer.from('h'), Buffer.from('1')]]),
    }))
    const batch = Buffer.from(createRecordsBatch(messages, { compression }).buffer)
    const view = appended(batch)
    expect(view.maxTimestamp).toBe(now + values.length - 1)
    expect(texts(view)).toEqual(expected)
  },
)

// Not snappy: this client writes and reads raw blocks only, so it cannot read what Java writes either.
const readable = compressionTypes.filter(type => type !== 'snappy')

test.each(readable)('@platformatic/kafka reads our %s batches', compression => {
  // Its zstd needs node:zlib, which Node 20 has not.
  if (compression === 'zstd' && process.versions.node.startsWith('20.')) return
  const records = values.map((value, i) => ({ key: `k${i}`, value, timestamp: now + i }))
  const batch = buildBatch({ records, compression, baseOffset: 7 })
  const [read] = readRecordsBatches(Reader.from(Buffer.concat([batch, batch])))
  expect([read!.firstOffset, read!.lastOffsetDelta, read!.maxTimestamp]).toEqual([7n, 49, BigInt(now + 49)])
  expect(read!.records.map(r => [r.offsetDelta, r.key?.toString(), r.value?.toString()])).toEqual(expected)
})

type Encode = (input: object) => { buffer: Buffer }

test.each([0, 1])('kafkajs writes batches, codec %i', async compression => {
  const { RecordBatch: encodeBatch } = require('kafkajs/src/protocol/recordBatch/v0') as {
    RecordBatch: (input: object) => Promise<{ buffer: Buffer }>
  }
  const encodeRecord = require('kafkajs/src/protocol/recordBatch/record/v0') as Encode
  const records = values.map((value, i) =>
    encodeRecord({ offsetDelta: i, timestampDelta: i, key: `k${i}`, value, headers: { h: 'x' } }),
  )
  const { buffer } = await encodeBatch({
    compression,
    firstTimestamp: now,
    maxTimestamp: now + values.length - 1,
    lastOffsetDelta: values.length - 1,
    records,
  })
  expect(texts(appended(buffer))).toEqual(expected)
})

test.each([0, 1])('kafkajs writes old message sets, magic %i', messageVersion => {
  const encodeSet = require('kafkajs/src/protocol/messageSet') as Encode
  const entries = values.map((value, i) => ({ key: `k${i}`, value, timestamp: now + i }))
  const { buffer } = encodeSet({ messageVersion, compression: 0, entries })
  const view = appended(buffer)
  expect(view.maxTimestamp).toBe(messageVersion === 0 ? -1 : now + values.length - 1)
  expect(texts(view)).toEqual(expected)
})

test('kafkajs reads our batches', async () => {
  const Decoder = require('kafkajs/src/protocol/decoder') as new (bytes: Buffer) => unknown
  const decode = require('kafkajs/src/protocol/recordBatch/v0/decoder') as (
    decoder: unknown,
  ) => Promise<{ records: { offset: string; key: Buffer; value: Buffer }[] }>
  const records = values.map((value, i) => ({ key: `k${i}`, value, timestamp: now + i }))
  for (const compression of ['none', 'gzip'] as const) {
    const read = await decode(new Decoder(buildBatch({ records, compression })))
    expect(read.records.map(r => [Number(r.offset), r.key.toString(), r.value.toString()])).toEqual(expected)
  }
})
