// What hostile bytes do to the reader, what impossible values do to the writer, and the texts and numbers at
// their edges.

import { expect, test } from 'vitest'
import { Fetch } from '../apis/01-fetch.ts'
import { Metadata } from '../apis/03-metadata.ts'
import { DescribeGroups } from '../apis/15-describe-groups.ts'
import { ApiVersions } from '../apis/18-api-versions.ts'
import { DescribeTopicPartitions } from '../apis/75-describe-topic-partitions.ts'
import { OffsetCommitValue } from '../internal/group-records.ts'
import { FeatureLevelRecord, TopicRecord } from '../internal/metadata-records.ts'
import { UNKNOWN_TAGS } from '../schema/interpreter.ts'
import { defineMessage } from '../schema/message.ts'
import { array, bool, bytes, int64, offset, string, struct, uuid } from '../schema/vocabulary.ts'
import { ZERO_UUID } from '../uuid.ts'
import { EncodeError, MalformedError, readMessage, writeMessage } from './message.ts'
import { MAX_ELEMENTS, Reader } from './reader.ts'
import { Writer } from './writer.ts'

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex')

test.each([
  ['an array count larger than the frame', '7fffffff'],
  ['a count that fits as bytes, but not as elements', '00000003 0000 0000'],
  ['null in a non-nullable array', 'ffffffff'],
  ['a string longer than the frame', '00000001 7fff 61'],
  ['null in a non-nullable string', '00000001 ffff'],
  ['bytes that nobody wants', '00000000 00'],
])('%s is malformed', (_, frame) => {
  expect(() => readMessage(DescribeGroups.request, 0, hex(frame))).toThrow(MalformedError)
})

test.each([
  ['a compact count larger than the frame', 'ff ff ff ff 07'],
  ['a varint of six bytes', 'ff ff ff ff ff 01'],
  ['a varint beyond 31 bits', 'ff ff ff ff 0f'],
  ['a null in a non-nullable compact string', '02 00 00 00'],
  ['more tags than bytes', '01 00 7f'],
  ['a tag larger than the frame', '01 00 01 00 7f'],
])('%s is malformed', (_, frame) => {
  expect(() => readMessage(DescribeGroups.request, 5, hex(frame))).toThrow(MalformedError)
})

test('a tag that says too much or too little is malformed', () => {
  // Tag 0 of the request is the cluster id; "ab" takes three bytes.
  const rest = `${'00'.repeat(3 * 4 + 1 + 2 * 4)} 01 01 01`
  const frame = (size: string) => hex(`${rest} 01 00 ${size} 03 61 62`)
  expect(readMessage(Fetch.request, 15, frame('03')).clusterId).toBe('ab')
  expect(() => readMessage(Fetch.request, 15, frame('02'))).toThrow(MalformedError)
  expect(() => readMessage(Fetch.request, 15, Buffer.concat([frame('04'), hex('00')]))).toThrow(
    MalformedError,
  )
})

test('a lying count allocates nothing', () => {
  const frame = Buffer.alloc(1024)
  frame.writeInt32BE(0x7fffffff)
  const before = process.memoryUsage().heapTotal
  for (let i = 0; i < 1000; i++) expect(() => readMessage(Metadata.request, 1, frame)).toThrow(MalformedError)
  expect(process.memoryUsage().heapTotal - before).toBeLessThan(256 * 1024 * 1024)
})

test('a message that would be far larger in memory than on the wire is malformed', () => {
  const frame = (names: number): Buffer => {
    const bytes = Buffer.alloc(4 + 2 * names)
    bytes.writeInt32BE(names)
    return bytes
  }
  const { groups } = readMessage(DescribeGroups.request, 0, frame(MAX_ELEMENTS)) as { groups: string[] }
  expect(groups.length).toBe(MAX_ELEMENTS)
  expect(() => readMessage(DescribeGroups.request, 0, frame(MAX_ELEMENTS + 1))).toThrow(MalformedError)
})

test('unknown tags are skipped in requests', () => {
  const known = ApiVersions.request.create({ clientSoftwareName: 'a', clientSoftwareVersion: 'b' })
  const plain = writeMessage(ApiVersions.request, 3, known)
  const tagged = Buffer.concat([plain.subarray(0, -1), hex('02 63 02 aabb 64 00')])
  expect(readMessage(ApiVersions.request, 3, tagged)).toEqual(known)
})

test('unknown tags of metadata records survive', () => {
  const record = FeatureLevelRecord.create({ name: 'kraft.version', featureLevel: 1 })
  const plain = writeMessage(FeatureLevelRecord, 0, record)
  const tagged = Buffer.concat([plain.subarray(0, -1), hex('01 63 02 aabb')])
  const read = readMessage(FeatureLevelRecord, 0, tagged)
  expect(read).toMatchObject({ name: 'kraft.version', featureLevel: 1 })
  expect((read as { [UNKNOWN_TAGS]?: unknown })[UNKNOWN_TAGS]).toEqual([{ tag: 99, bytes: hex('aabb') }])
  expect(writeMessage(FeatureLevelRecord, 0, read)).toEqual(tagged)
})

test('bad UTF-8 reads as replacement characters', () => {
  const frame = hex('00000001 0004 61 ff fe 62')
  expect(readMessage(DescribeGroups.request, 0, frame).groups).toEqual(['a\ufffd\ufffdb'])
})

test('any negative length is null where null may be', () => {
  const partial = { topics: null }
  const frame = writeMessage(Metadata.request, 1, Metadata.request.create(partial))
  expect(frame).toEqual(hex('ffffffff'))
  expect(readMessage(Metadata.request, 1, hex('80000000')).topics).toBeNull()
})

test('a nullable struct is a byte and the struct', () => {
  const request = DescribeTopicPartitions.request.create({ cursor: { topicName: 't', partitionIndex: 3 } })
  const written = writeMessage(DescribeTopicPartitions.request, 0, request)
  expect(written).toEqual(hex('01 000007d0 01 0274 00000003 00 00'))
  expect(readMessage(DescribeTopicPartitions.request, 0, written)).toEqual(request)
  const none = writeMessage(DescribeTopicPartitions.request, 0, DescribeTopicPartitions.request.create())
  expect(none).toEqual(hex('01 000007d0 ff 00'))
})

test('a value that the version cannot carry is refused, an ignorable one dropped', () => {
  const refused = Fetch.request.create({ forgottenTopicsData: [{ topic: 't', partitions: [1] }] })
  expect(() => writeMessage(Fetch.request, 6, refused)).toThrow(EncodeError)
  expect(() => writeMessage(Fetch.request, 7, refused)).not.toThrow()
  const dropped = Fetch.request.create({ sessionId: 5 })
  expect(readMessage(Fetch.request, 6, writeMessage(Fetch.request, 6, dropped)).sessionId).toBe(0)
})

test('a null or a uuid that cannot be is refused', () => {
  const nameless = { ...TopicRecord.create(), name: null as unknown as string }
  expect(() => writeMessage(TopicRecord, 0, nameless)).toThrow(EncodeError)
  expect(() => writeMessage(TopicRecord, 0, TopicRecord.create({ topicId: 'short' }))).toThrow(EncodeError)
  const long = OffsetCommitValue.create({ metadata: 'x'.repeat(40_000) })
  expect(() => writeMessage(OffsetCommitValue, 3, long)).toThrow(EncodeError)
})

test('a version that a message lacks is a RangeError', () => {
  expect(() => readMessage(TopicRecord, 1, hex('00'))).toThrow(RangeError)
  expect(() => writeMessage(TopicRecord, -1, TopicRecord.create())).toThrow(RangeError)
})

const numbers = struct({ exact: int64, near: offset })
const Numbers = defineMessage<{ exact: bigint; near: number }>({
  name: 'Numbers',
  versions: [0, 0],
  fields: numbers,
})

test.each([
  ['0000000000000000', 0],
  ['ffffffffffffffff', -1],
  ['fffffffffffffffe', -2],
  ['0000000100000000', 2 ** 32],
  ['fffffffeffffffff', -(2 ** 32) - 1],
  ['001fffffffffffff', Number.MAX_SAFE_INTEGER],
  ['ffe0000000000001', Number.MIN_SAFE_INTEGER],
  ['7fffffffffffffff', Number.POSITIVE_INFINITY],
  ['8000000000000000', Number.NEGATIVE_INFINITY],
])('offset %s reads and writes as %d', (bytesOfIt, value) => {
  const read = readMessage(Numbers, 0, hex(bytesOfIt + bytesOfIt))
  expect(read).toEqual({ exact: hex(bytesOfIt).readBigInt64BE(), near: value })
  expect(writeMessage(Numbers, 0, read)).toEqual(hex(bytesOfIt + bytesOfIt))
})

test('an offset beyond 2^53 reads as an infinity', () => {
  expect(readMessage(Numbers, 0, hex('0020000000000000 0020000000000000')).near).toBe(
    Number.POSITIVE_INFINITY,
  )
  expect(readMessage(Numbers, 0, hex('ffdfffffffffffff ffdfffffffffffff')).near).toBe(
    Number.NEGATIVE_INFINITY,
  )
})

const all = struct({ flag: bool, id: uuid, texts: array(string), blob: bytes.nullable() })
const All = defineMessage<{ flag: boolean; id: string; texts: string[]; blob: Buffer | null }>({
  name: 'All',
  versions: [0, 1],
  flexibleFrom: 1,
  fields: all,
})

test.each([0, 1])('long texts, empty texts and other scripts come back in v%i', version => {
  const texts = [
    '',
    'a',
    'é'.repeat(13),
    'z'.repeat(42),
    'z'.repeat(43),
    '語'.repeat(42),
    '😀'.repeat(64),
    'x'.repeat(32767),
  ]
  const value = { flag: true, id: ZERO_UUID, texts, blob: Buffer.alloc(0) }
  expect(readMessage(All, version, writeMessage(All, version, value))).toEqual(value)
})

test('a message larger than a slab grows, tagged values in one piece', () => {
  const writer = new Writer(64)
  writer.begin()
  const outer = writer.beginTagged(1)
  writer.string('x'.repeat(100))
  const inner = writer.beginTagged(2)
  writer.string('y'.repeat(100_000 / 4))
  writer.endTagged(inner)
  writer.endTagged(outer)
  const reader = new Reader(Buffer.concat(writer.end()))
  expect(reader.uvarint()).toBe(1)
  const outerEnd = reader.taggedEnd()
  expect(reader.string()).toBe('x'.repeat(100))
  expect(reader.uvarint()).toBe(2)
  const innerEnd = reader.taggedEnd()
  expect(reader.string()).toHaveLength(25_000)
  expect(reader.position).toBe(innerEnd)
  expect(reader.position).toBe(outerEnd)
  reader.finish()
})

test('earlier chunks stay what they were while the writer goes on', () => {
  const writer = new Writer(64)
  const frames = Array.from({ length: 20 }, (_, i) => {
    writer.begin()
    writer.string(`frame ${i}`)
    writer.reference(Buffer.from([i]))
    writer.int32(i)
    return Buffer.concat(writer.end())
  })
  for (const [i, frame] of frames.entries()) {
    const reader = new Reader(frame)
    expect(reader.string()).toBe(`frame ${i}`)
    expect(frame.at(-1)).toBe(i)
  }
})

test("Node's own text calls answer as the documented ones", () => {
  const buffer = Buffer.from('aé語😀')
  expect(buffer.utf8Slice(1, 6)).toBe(buffer.toString('utf8', 1, 6))
  expect(buffer.base64urlSlice(0, 5)).toBe(buffer.toString('base64url', 0, 5))
  const into = Buffer.alloc(12)
  expect(into.utf8Write('é語', 2, 10)).toBe(5)
  expect(into.subarray(2, 7)).toEqual(Buffer.from('é語'))
  expect(into.base64urlWrite('AQID', 0, 3)).toBe(3)
  expect(into.subarray(0, 3)).toEqual(Buffer.from([1, 2, 3]))
})
