import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { writeMessage } from '../../protocol/codec/message.ts'
import { OffsetCommitKey, OffsetCommitValue } from '../../protocol/internal/group-records.ts'
import { buildBatch } from '../../protocol/records/builder.ts'
import { buildEndTransactionMarker } from '../../protocol/records/control.ts'
import { crc32c } from '../../protocol/records/crc32c.ts'
import { dumpLog } from './dump-log.ts'

const directory = mkdtempSync(join(tmpdir(), 'odradek-dump-'))
afterAll(() => rmSync(directory, { recursive: true }))

const file = (name: string, bytes: Uint8Array): string => {
  const path = join(directory, name)
  writeFileSync(path, bytes)
  return path
}
const lines = (path: string, options = {}): string[] => [...dumpLog([path], options)].slice(1)

const twoRecords = buildBatch({
  baseOffset: 40,
  timestamp: 1000,
  producerId: 7,
  producerEpoch: 1,
  baseSequence: 5,
  records: [
    { key: Buffer.from('k'), value: Buffer.from('v') },
    { key: null, value: Buffer.from('w'), headers: [{ key: 'h', value: Buffer.from('x') }] },
  ],
})

test('a segment: batches, their records, and where it is cut', () => {
  const marker = buildEndTransactionMarker({
    type: 'COMMIT',
    coordinatorEpoch: 3,
    producerId: 7,
    producerEpoch: 1,
    timestamp: 2000,
    baseOffset: 42,
  })
  const path = file(
    '00000000000000000040.log',
    Buffer.concat([twoRecords, marker, twoRecords.subarray(0, 30)]),
  )
  expect(lines(path, { records: true, values: true })).toEqual([
    expect.stringMatching(
      /^ {2}at 0 offsets 40\.\.41 records 2 .* producer 7\/1 sequences 5\.\.6 CreateTime 1000 compression none crc \d+ valid$/,
    ),
    '    40 time 1000 key "k" value "v"',
    '    41 time 1000 key null value "w" headers h=x',
    expect.stringMatching(/offsets 42\.\.42 records 1 .* valid transactional control$/),
    '    42 time 2000 COMMIT',
    expect.stringMatching(/^ {2}at \d+: a batch of \d+ bytes, cut after 30$/),
  ])
})

test('a wrong checksum and bytes that are no batch are named', () => {
  const damaged = Buffer.from(twoRecords)
  damaged[damaged.length - 1]! ^= 1
  const path = file('00000000000000000041.log', Buffer.concat([damaged, Buffer.alloc(30, 0xff)]))
  const [batch, rest] = lines(path)
  expect(batch).toMatch(/crc \d+ WRONG$/)
  expect(rest).toMatch(/no batch/)
})

test('indexes end where their room is still empty', () => {
  const index = Buffer.alloc(32)
  index.writeInt32BE(5, 0)
  index.writeInt32BE(4096, 4)
  expect(lines(file('00000000000000000100.index', index))).toEqual(['  offset 105 position 4096'])
  const timeIndex = Buffer.alloc(36)
  timeIndex.writeBigInt64BE(1700000000000n, 0)
  timeIndex.writeInt32BE(5, 8)
  expect(lines(file('00000000000000000100.timeindex', timeIndex))).toEqual([
    '  time 1700000000000 offset 105',
  ])
  const txnIndex = Buffer.alloc(34)
  for (const [at, value] of [
    [2, 7n],
    [10, 100n],
    [18, 110n],
    [26, 111n],
  ] as const)
    txnIndex.writeBigInt64BE(value, at)
  expect(lines(file('00000000000000000100.txnindex', txnIndex))).toEqual([
    '  aborted producer 7 offsets 100..110 last stable offset 111',
  ])
})

test('a producer snapshot with its checksum', () => {
  const bytes = Buffer.alloc(56)
  bytes.writeInt16BE(1, 0)
  bytes.writeInt32BE(1, 6)
  bytes.writeBigInt64BE(9n, 10)
  bytes.writeUInt32BE(crc32c(bytes, 0, 6), 2)
  const path = file('00000000000000000200.snapshot', bytes)
  expect(lines(path)).toEqual([
    expect.stringMatching(/version 1 producers 1 crc \d+ valid$/),
    expect.stringMatching(/^ {2}producer 9 epoch 0 last sequence 0/),
  ])
  truncateSync(path, 5)
  expect(lines(path)).toEqual(['  shorter than its header'])
})

test('what the group coordinator wrote', () => {
  const typed = (type: number, bytes: Buffer): Buffer => {
    const prefix = Buffer.alloc(2)
    prefix.writeInt16BE(type)
    return Buffer.concat([prefix, bytes])
  }
  const key = typed(1, writeMessage(OffsetCommitKey, 0, OffsetCommitKey.create({ group: 'g', topic: 't' })))
  const value = typed(3, writeMessage(OffsetCommitValue, 3, OffsetCommitValue.create({ offset: 12n })))
  const batch = buildBatch({
    timestamp: 0,
    records: [
      { key, value },
      { key, value: null },
      { key: typed(999, Buffer.alloc(0)), value: null },
    ],
  })
  const dumped = lines(file('00000000000000000000.log', batch), { records: true, decode: 'offsets' })
  expect(dumped[1]).toMatch(/OffsetCommit \{"group":"g","topic":"t","partition":0\} = v3 \{"offset":12,/)
  expect(dumped[2]).toMatch(/OffsetCommit .* deleted$/)
  expect(dumped[3]).toMatch(/type 999, which is not known/)
})
