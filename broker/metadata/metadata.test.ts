import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MetadataDelta } from './delta.ts'
import { dumpMetadata } from './dump.ts'
import { finalizedForClients, metadataVersionLevel, metadataVersionName, notServed } from './features.ts'
import { EMPTY_IMAGE, type MetadataImage } from './image.ts'
import { imageRecords } from './image-records.ts'
import { MetadataLoader } from './loader.ts'
import { controlBatch, dataBatch, encodeRecords, readBatches } from './metadata-batch.ts'
import type { MetadataRecord } from './metadata-record.ts'
import { decodeRecord, encodeRecord, MetadataFormatError } from './record-framing.ts'
import { decodeSnapshot, encodeSnapshot, STATIC_VOTERS } from './snapshot.ts'
import { anyHistory } from './testing/histories.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, 'fixtures', name))
const kafkaLog = fixture('kafka-4.3.1.log')
const kafkaBootstrap = fixture('kafka-4.3.1-bootstrap.checkpoint')
const kafkaSnapshot = fixture('kafka-4.3.1-standalone.checkpoint')

/** The image as plain data, whatever its maps look like inside. */
const plain = (image: MetadataImage): unknown => {
  const { offset: _, epoch: __, timestampMs: ___, ...rest } = image
  return JSON.parse(
    JSON.stringify(rest, (_key, value: unknown) => {
      if (typeof value === 'bigint') return `${value}n`
      if (Buffer.isBuffer(value)) return value.toString('hex')
      if (typeof (value as ReadonlyMap<string, unknown>)?.entries === 'function' && !Array.isArray(value)) {
        return Object.fromEntries(
          [...(value as ReadonlyMap<string, unknown>)].sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      }
      return value
    }),
  )
}

function imageOf(records: Iterable<MetadataRecord>, before: MetadataImage = EMPTY_IMAGE): MetadataImage {
  const delta = new MetadataDelta(before)
  for (const record of records) delta.replay(record)
  return delta.apply({ offset: 0, epoch: 0, timestampMs: 0 })
}

test("every batch of Apache Kafka's metadata log is read and written again byte for byte", () => {
  let position = 0
  for (const batch of readBatches(kafkaLog)) {
    const theirs = kafkaLog.subarray(position, position + batch.sizeInBytes)
    const ours =
      batch.kind === 'data'
        ? dataBatch(batch, encodeRecords(batch.records, 30))
        : controlBatch(batch, batch.control as never)
    expect(ours.equals(theirs), `batch at ${batch.baseOffset}`).toBe(true)
    position += batch.sizeInBytes
  }
  expect(position).toBe(kafkaLog.length)
})

test("Apache Kafka's log gives the image that Kafka had", () => {
  const loader = new MetadataLoader()
  for (const batch of readBatches(kafkaLog)) loader.replay(batch)
  loader.publish()
  const image = loader.current()
  expect(image.offset).toBe(46)
  expect(image.features.metadataVersion).toBe(30)
  expect(image.features.finalized.get('transaction.version')).toBe(2)
  expect([...image.topics.byName.keys()]).toEqual(['alpha'])
  const partition = image.topics.byName.get('alpha')!.partitions.get(2)!
  expect(partition).toMatchObject({
    leader: -1,
    leaderEpoch: 1,
    partitionEpoch: 1,
    isr: [],
    elr: [1],
    lastKnownElr: [1],
  })
  expect(image.configs.get('2:alpha')!.entries.get('retention.ms')).toBe('1234567')
  expect(image.cluster.brokers.get(1)).toMatchObject({ fenced: true, inControlledShutdown: true, epoch: 11 })
  expect(
    notServed(image.features)
      .map(({ name }) => name)
      .sort(),
  ).toEqual(['group.version', 'share.version', 'streams.version', 'transaction.version'])
  const told = new Map(finalizedForClients(image.features).map(row => [row.name, row.maxVersionLevel]))
  expect(told.get('metadata.version')).toBe(30)
  for (const { name, served } of notServed(image.features)) expect(told.get(name) ?? 0).toBe(served)
})

test("Apache Kafka's snapshots are read, and one of ours with the same content has the same bytes", () => {
  const bootstrap = decodeSnapshot(kafkaBootstrap)
  expect(bootstrap.records).toHaveLength(6)
  expect(bootstrap.voterSet).toEqual(STATIC_VOTERS)
  const standalone = decodeSnapshot(kafkaSnapshot)
  expect(standalone.voterSet.kraftVersion).toBe(1)
  expect(standalone.voterSet.voters!.voters).toMatchObject([
    { voterId: 1, endpoints: [{ name: 'CONTROLLER', port: 19193 }] },
  ])
  for (const theirs of [kafkaBootstrap, kafkaSnapshot]) {
    const [header] = readBatches(theirs)
    const place = { epoch: 0, timestampMs: header!.timestampMs, metadataVersion: 30 }
    const ours = encodeSnapshot(decodeSnapshot(theirs), place)
    // Kafka stamps each batch with the moment it was made; everything else must agree.
    expect(withoutTimes(ours)).toEqual(withoutTimes(theirs))
  }
})

const withoutTimes = (snapshot: Buffer): unknown[] =>
  [...readBatches(snapshot)].map(batch => ({ ...batch, timestampMs: 0 }))

test('damage never passes: cut anywhere or with any byte changed, a snapshot is refused', () => {
  fc.assert(
    fc.property(fc.nat(kafkaBootstrap.length - 1), at => {
      expect(() => decodeSnapshot(kafkaBootstrap.subarray(0, at))).toThrow()
    }),
  )
  fc.assert(
    fc.property(fc.nat(kafkaBootstrap.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      // Base offset and epoch are outside of the checksum.
      const inBatch = positionInBatch(at)
      if (inBatch < 8 || (inBatch >= 12 && inBatch < 16)) return
      const damaged = Buffer.from(kafkaBootstrap)
      damaged[at]! ^= flip
      expect(() => decodeSnapshot(damaged)).toThrow()
    }),
  )
})

function positionInBatch(at: number): number {
  let start = 0
  for (const { sizeInBytes } of readBatches(kafkaBootstrap)) {
    if (at < start + sizeInBytes) return at - start
    start += sizeInBytes
  }
  return 0
}

test('a record of an unknown type or frame is refused', () => {
  const known = encodeRecord({ type: 'NoOpRecord', value: {} }, 30)
  expect(decodeRecord(known).record.type).toBe('NoOpRecord')
  expect(() => decodeRecord(Buffer.from([1, 99, 0, 0]))).toThrow(MetadataFormatError)
  expect(() => decodeRecord(Buffer.from([0, 20, 0, 0]))).toThrow(MetadataFormatError)
  expect(() => decodeRecord(Buffer.from([1, 20, 7, 0]))).toThrow(MetadataFormatError)
  expect(() => decodeRecord(Buffer.concat([known, Buffer.from([0])]))).toThrow()
  expect(() => decodeRecord(Buffer.from([0x81]))).toThrow(MetadataFormatError)
})

test('snapshot = replay: the records of an image give the image again, through bytes too', () => {
  fc.assert(
    fc.property(anyHistory, history => {
      const image = imageOf(history)
      expect(plain(imageOf(imageRecords(image)))).toEqual(plain(image))
      const bytes = encodeSnapshot(
        { lastContainedLogTimestampMs: 7, voterSet: STATIC_VOTERS, records: [...imageRecords(image)] },
        { epoch: 3, timestampMs: 9, metadataVersion: 30 },
      )
      expect(plain(imageOf(decodeSnapshot(bytes).records))).toEqual(plain(image))
    }),
  )
})

test('where a delta begins does not matter, and no image changes under it', () => {
  fc.assert(
    fc.property(anyHistory, fc.nat(), (history, cut) => {
      const at = cut % (history.length + 1)
      const first = imageOf(history.slice(0, at))
      const before = JSON.stringify(plain(first))
      expect(plain(imageOf(history.slice(at), first))).toEqual(plain(imageOf(history)))
      expect(JSON.stringify(plain(first))).toBe(before)
    }),
  )
})

test('what does not fit is refused instead of replayed', () => {
  const topic: MetadataRecord = {
    type: 'TopicRecord',
    value: { name: 'a', topicId: 'QAAAAAAAAAAAAAAAAAAAAQ' },
  }
  const again: MetadataRecord = {
    type: 'TopicRecord',
    value: { name: 'a', topicId: 'QAAAAAAAAAAAAAAAAAAAAg' },
  }
  const sameId: MetadataRecord = { type: 'TopicRecord', value: { name: 'b', topicId: topic.value.topicId } }
  expect(() => imageOf([topic, again])).toThrow('exists as')
  expect(() => imageOf([topic, sameId])).toThrow('is that of a')
  expect(() =>
    imageOf([{ type: 'RemoveTopicRecord', value: { topicId: 'QAAAAAAAAAAAAAAAAAAAAQ' } }]),
  ).toThrow()
  expect(() => imageOf([{ type: 'UnfenceBrokerRecord', value: { id: 1, epoch: 2 } }])).toThrow(
    'not registered',
  )
})

test('inside of a metadata transaction nothing is published, and an aborted one never was', () => {
  const batch = (baseOffset: number, ...records: MetadataRecord[]) => ({
    kind: 'data' as const,
    baseOffset,
    lastOffset: baseOffset + records.length - 1,
    epoch: 1,
    timestampMs: 0,
    sizeInBytes: 0,
    records,
    versions: records.map(() => 0),
  })
  const level = (name: string): MetadataRecord => ({
    type: 'FeatureLevelRecord',
    value: { name, featureLevel: 1 },
  })
  const begin: MetadataRecord = { type: 'BeginTransactionRecord', value: { name: 'x' } }
  const seen: (readonly [number, string[]])[] = []
  const loader = new MetadataLoader()
  loader.start([
    {
      name: 'test',
      onUpdate: (_, image) => seen.push([image.offset, [...image.features.finalized.keys()].sort()]),
    },
  ])
  loader.replay(batch(0, level('a'), begin, level('b')))
  loader.publish()
  loader.replay(batch(3, level('c')))
  loader.publish()
  loader.replay(batch(4, { type: 'EndTransactionRecord', value: {} }, begin, level('d')))
  loader.publish()
  loader.replay(batch(7, { type: 'AbortTransactionRecord', value: { reason: null } }, level('e')))
  loader.publish()
  expect(seen).toEqual([
    [-1, []],
    [0, ['a']],
    [4, ['a', 'b', 'c']],
    [8, ['a', 'b', 'c', 'e']],
  ])
  expect(() => loader.replay(batch(12, level('f')))).toThrow('does not follow')
})

test('dump prints every record, and says what is no batch', () => {
  const lines = [...dumpMetadata(Buffer.concat([kafkaLog, Buffer.from([1, 2, 3])]))]
  expect(lines.filter(line => line.startsWith('  '))).toHaveLength(47)
  expect(lines).toContain('  36 TopicRecord {"name":"alpha","topicId":"IzAbuwwLTNu1VlAIwhmH9A"} v0')
  expect(lines.at(-1)).toBe('3 bytes at 3482 are no whole batch')
  expect([...dumpMetadata(kafkaSnapshot)].join('\n')).toContain(
    'KRAFT_VOTERS {"version":0,"voters":[{"voterId":1',
  )
})

test('names of metadata versions', () => {
  expect(metadataVersionName(30)).toBe('4.3-IV0')
  expect(metadataVersionName(21)).toBe('3.9-IV0')
  expect(metadataVersionLevel('4.0')).toBe(25)
  expect(metadataVersionLevel('4.0-IV1')).toBe(23)
  expect(metadataVersionLevel('2.8')).toBeUndefined()
})
