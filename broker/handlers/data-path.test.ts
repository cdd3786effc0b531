// Produce, Fetch and what asks about offsets, on real partitions over a file system in memory.
import { expect, test } from 'vitest'
import { Produce } from '../../protocol/apis/00-produce.ts'
import { Fetch, type FetchResponse } from '../../protocol/apis/01-fetch.ts'
import { ListOffsets } from '../../protocol/apis/02-list-offsets.ts'
import { DeleteRecords } from '../../protocol/apis/21-delete-records.ts'
import { OffsetForLeaderEpoch } from '../../protocol/apis/23-offset-for-leader-epoch.ts'
import { DescribeProducers } from '../../protocol/apis/61-describe-producers.ts'
import { Errors, errorOf } from '../../protocol/errors.ts'
import { type BatchInput, buildBatch } from '../../protocol/records/builder.ts'
import { seen } from '../../storage/testing/log-fixture.ts'
import { TicketLine } from '../net/ticket-line.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import produceHandler from './00-produce.ts'
import { contextOf, dataRig, type Rig } from './testing/data-rig.ts'

const NOW = 1_700_000_000_000
const LATEST = 13

const records = (values: readonly string[], rest: Partial<BatchInput> = {}): Buffer =>
  buildBatch({ timestamp: NOW, ...rest, records: values.map(value => ({ key: null, value })) })

const produceTo = (topic: string, bytes: Buffer | null, index = 0) => ({
  acks: -1,
  timeoutMs: 1000,
  topicData: [{ name: topic, partitionData: [{ index, records: bytes }] }],
})

async function produce(rig: Rig, topic: string, values: readonly string[], rest: Partial<BatchInput> = {}) {
  const answer = await rig.call(Produce, 12, produceTo(topic, records(values, rest)))
  return answer.responses[0]!.partitionResponses[0]!
}

const nameOf = (row: { errorCode: number }): string => errorOf(row.errorCode).name

const fetchOf = (topic: string, offset: number, rest: object = {}, of: object = {}) => ({
  maxWaitMs: 500,
  minBytes: 1,
  maxBytes: 1 << 20,
  ...rest,
  topics: [{ topic, partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1 << 20, ...of }] }],
})
const only = (answer: FetchResponse) => answer.responses[0]!.partitions[0]!
const values = (answer: FetchResponse): string[] => seen(only(answer).records!).map(record => record.value)
const settled = async (promise: Promise<unknown>): Promise<boolean> => {
  let done = false
  void promise.then(() => {
    done = true
  })
  await new Promise(resolve => setImmediate(resolve))
  return done
}

const REGISTERED = {
  replicas: [1],
  directories: ['AAAAAAAAAAAAAAAAAAAAAQ'],
  isr: [1],
  elr: [],
  lastKnownElr: [],
  addingReplicas: [],
  removingReplicas: [],
  leader: 1,
  leaderRecoveryState: 0,
  leaderEpoch: 0,
  partitionEpoch: 0,
}

// ---- Produce

test('what is produced is answered with its offset, and fetched back', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  expect(await produce(rig, 't', ['a', 'b'])).toMatchObject({
    errorCode: 0,
    baseOffset: 0,
    logStartOffset: 0,
  })
  expect(await produce(rig, 't', ['c'])).toMatchObject({ errorCode: 0, baseOffset: 2, logAppendTimeMs: -1n })
  const answer = await rig.call(Fetch, 12, fetchOf('t', 0))
  expect(values(answer)).toEqual(['a', 'b', 'c'])
  expect(only(answer)).toMatchObject({
    errorCode: 0,
    highWatermark: 3,
    lastStableOffset: 3,
    logStartOffset: 0,
  })
  expect(rig.bugs).toEqual([])
})

test('a produce that need not wait is answered in the same tick', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  expect(rig.start(Produce, 12, produceTo('t', records(['a'])))).not.toBeInstanceOf(Promise)
})

test('topics by id: an unknown id, a known one', async () => {
  const rig = await dataRig()
  const id = rig.createTopic('t')
  const ask = (topicId: string) =>
    rig.call(Produce, LATEST, {
      ...produceTo('', null),
      topicData: [{ topicId, partitionData: [{ index: 0, records: records(['a']) }] }],
    })
  expect((await ask(id)).responses[0]).toMatchObject({ topicId: id, partitionResponses: [{ errorCode: 0 }] })
  const unknown = (await ask('abcdefghijklmnopqrstuw')).responses[0]!
  expect(nameOf(unknown.partitionResponses[0]!)).toBe('UNKNOWN_TOPIC_ID')
})

test.each<[string, Buffer | null, number, string]>([
  ['no records', null, 12, 'INVALID_RECORD'],
  ['empty records', Buffer.alloc(0), 12, 'INVALID_RECORD'],
  ['two batches', Buffer.concat([records(['a']), records(['b'])]), 12, 'INVALID_RECORD'],
  ['a batch cut short', records(['a']).subarray(0, 60), 12, 'INVALID_RECORD'],
  ['zstd before v7', records(['a'], { compression: 'zstd' }), 6, 'UNSUPPORTED_COMPRESSION_TYPE'],
  [
    'a transactional batch without an id',
    records(['a'], { isTransactional: true, producerId: 5, producerEpoch: 0, baseSequence: 0 }),
    12,
    'TRANSACTIONAL_ID_AUTHORIZATION_FAILED',
  ],
])('%s is refused', async (_name, bytes, version, expected) => {
  const rig = await dataRig()
  rig.createTopic('t')
  const answer = rig.call(Produce, version, produceTo('t', bytes))
  const name = await answer.then(
    ({ responses }) => nameOf(responses[0]!.partitionResponses[0]!),
    (error: { errorName: string }) => error.errorName,
  )
  expect(name).toBe(expected)
  expect(rig.map.get('t', 0).log!.logEndOffset).toBe(0)
})

test('an empty message set of before v3 is no error', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  // Nor is one that holds no whole message.
  for (const bytes of [Buffer.alloc(0), records(['a']).subarray(0, 9), records(['a']).subarray(0, 40)]) {
    const { responses } = await rig.call(Produce, 2, produceTo('t', bytes))
    expect(responses[0]!.partitionResponses[0]).toMatchObject({ errorCode: 0, baseOffset: -1 })
    // Unless the acks are wrong: they are looked at first.
    const wrong = await rig.call(Produce, 2, { ...produceTo('t', bytes), acks: 2 })
    expect(wrong.responses[0]!.partitionResponses.map(nameOf)).toEqual(['INVALID_REQUIRED_ACKS'])
  }
})

test('a damaged batch is CORRUPT_MESSAGE, and nothing of it is in the log', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  const bytes = records(['a'])
  bytes[bytes.length - 1]! ^= 1
  const answer = await rig.call(Produce, 12, produceTo('t', bytes))
  expect(nameOf(answer.responses[0]!.partitionResponses[0]!)).toBe('CORRUPT_MESSAGE')
  expect(rig.map.get('t', 0).log!.logEndOffset).toBe(0)
})

test('a first batch that cannot be read fails every partition, as Kafka looks at all of them before anything else', async () => {
  const rig = await dataRig()
  rig.createTopic('t', { partitions: 2 })
  const unreadable = records(['a'])
  unreadable.writeInt32BE(3, 8)
  const partitionData = [
    { index: 0, records: records(['b']) },
    { index: 1, records: unreadable },
  ]
  const request = { acks: -1, timeoutMs: 1000, topicData: [{ name: 't', partitionData }] }
  await expect(async () => rig.call(Produce, 12, request)).rejects.toMatchObject({
    code: Errors.CORRUPT_MESSAGE.code,
  })
  expect(rig.map.get('t', 0).log!.logEndOffset).toBe(0)
})

test('before v3 a batch that cannot be read fails every partition, wherever it stands, but for one that is not there', async () => {
  const rig = await dataRig()
  rig.createTopic('t', { partitions: 2 })
  const zerosBehind = Buffer.concat([records(['a']), Buffer.alloc(20)])
  const ask = (index: number, acks: number) => {
    const partitionData = [
      { index: 0, records: records(['b']) },
      { index, records: zerosBehind },
    ]
    return rig.call(Produce, 2, { acks, timeoutMs: 1000, topicData: [{ name: 't', partitionData }] })
  }
  for (const acks of [-1, 2])
    await expect(async () => ask(1, acks)).rejects.toMatchObject({ code: Errors.CORRUPT_MESSAGE.code })
  expect(rig.map.get('t', 0).log!.logEndOffset).toBe(0)
  const { responses } = await ask(7, -1)
  expect(responses[0]!.partitionResponses.map(nameOf)).toEqual(['NONE', 'UNKNOWN_TOPIC_OR_PARTITION'])
})

test('before v3 a set without a whole message is an append of nothing, refused as any other', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  rig.createTopic('__consumer_offsets')
  const cut = records(['a']).subarray(0, 62)
  const ask = async (topic: string, acks = -1) => {
    const { responses } = await rig.call(Produce, 2, { ...produceTo(topic, cut), acks })
    return responses[0]!.partitionResponses[0]!
  }
  expect(await ask('t')).toMatchObject({ errorCode: 0, baseOffset: -1, logAppendTimeMs: -1n })
  expect(nameOf(await ask('t', 2))).toBe('INVALID_REQUIRED_ACKS')
  expect(nameOf(await ask('__consumer_offsets'))).toBe('INVALID_TOPIC_EXCEPTION')
  expect(rig.bugs).toEqual([])
})

test('a batch too short for its format, whose end can be told all the same, fails its own row without a word', async () => {
  const rig = await dataRig()
  rig.createTopic('t', { partitions: 2 })
  const tooShort = records(['a'])
  tooShort.writeInt32BE(14, 8)
  const partitionData = [
    { index: 0, records: tooShort },
    { index: 1, records: records(['b']) },
  ]
  const request = { acks: -1, timeoutMs: 1000, topicData: [{ name: 't', partitionData }] }
  const { responses } = await rig.call(Produce, 12, request)
  expect(responses[0]!.partitionResponses.map(nameOf)).toEqual(['CORRUPT_MESSAGE', 'NONE'])
  expect(responses[0]!.partitionResponses[0]!.errorMessage).toBeNull()
  // What stands behind it is a batch that cannot be read; with nothing there, acks are looked at first.
  const wrong = async (bytes: Buffer) =>
    nameOf(
      (await rig.call(Produce, 12, { ...produceTo('t', bytes), acks: 2 })).responses[0]!
        .partitionResponses[0]!,
    )
  expect(await wrong(tooShort)).toBe('CORRUPT_MESSAGE')
  expect(await wrong(tooShort.subarray(0, 26))).toBe('INVALID_REQUIRED_ACKS')
})

test('a topic without partitions has no row: Produce, ListOffsets, DeleteRecords', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  const none = { name: 't', partitions: [] }
  const produced = await rig.call(Produce, 12, {
    acks: 1,
    timeoutMs: 9,
    topicData: [{ name: 't', partitionData: [] }],
  })
  expect(produced.responses).toEqual([])
  expect((await rig.call(ListOffsets, 7, { replicaId: -1, topics: [none] })).topics).toEqual([])
  expect((await rig.call(DeleteRecords, 2, { timeoutMs: 9, topics: [none] })).topics).toEqual([])
})

test('one partition that fails leaves the others alone', async () => {
  const rig = await dataRig()
  rig.createTopic('t', { partitions: 2 })
  const { responses } = await rig.call(Produce, 12, {
    acks: 1,
    timeoutMs: 1000,
    topicData: [
      {
        name: 't',
        partitionData: [
          { index: 0, records: records(['a']) },
          { index: 7, records: records(['b']) },
          { index: 1, records: records(['c']) },
        ],
      },
      { name: 'absent', partitionData: [{ index: 0, records: records(['d']) }] },
      { name: '__consumer_offsets', partitionData: [{ index: 0, records: records(['e']) }] },
    ],
  })
  expect(responses.map(topic => topic.partitionResponses.map(nameOf))).toEqual([
    ['NONE', 'UNKNOWN_TOPIC_OR_PARTITION', 'NONE'],
    ['UNKNOWN_TOPIC_OR_PARTITION'],
    ['UNKNOWN_TOPIC_OR_PARTITION'],
  ])
})

test('clients do not write to internal topics', async () => {
  const rig = await dataRig()
  rig.createTopic('__consumer_offsets')
  expect(nameOf(await produce(rig, '__consumer_offsets', ['x']))).toBe('INVALID_TOPIC_EXCEPTION')
})

test.each([2, -2])('acks=%s is INVALID_REQUIRED_ACKS', async acks => {
  const rig = await dataRig()
  rig.createTopic('t')
  const { responses } = await rig.call(Produce, 12, { ...produceTo('t', records(['a'])), acks })
  expect(nameOf(responses[0]!.partitionResponses[0]!)).toBe('INVALID_REQUIRED_ACKS')
})

test('acks=0 answers nothing; an error behind it ends the connection', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  expect(await rig.call(Produce, 12, { ...produceTo('t', records(['a'])), acks: 0 })).toBeNull()
  await expect(rig.call(Produce, 12, { ...produceTo('absent', records(['a'])), acks: 0 })).rejects.toThrow(
    /absent-0: 3/,
  )
})

test('without acks a request that fails as a whole gets no answer, only a close', () => {
  const failure = { code: Errors.CORRUPT_MESSAGE.code, message: null }
  const request = Produce.request.create({ ...produceTo('t', records(['a'])), acks: 1 })
  expect(produceHandler.failed!(request, failure)?.responses[0]!.partitionResponses[0]!.errorCode).toBe(2)
  expect(produceHandler.failed!({ ...request, acks: 0 }, failure)).toBeNull()
})

test('min.insync.replicas counts for acks=all, up to the number of replicas there are', async () => {
  const rig = await dataRig()
  rig.createTopic('t', { configs: { 'min.insync.replicas': '2' } })
  expect(nameOf(await produce(rig, 't', ['a']))).toBe('NONE')
  const partition = rig.map.get('t', 0)
  const replicas = { replicas: [1, 2], isr: [1], leader: 1, leaderEpoch: 0, partitionEpoch: 1 }
  partition.update(replicas as never, partition.log!)
  expect(nameOf(await produce(rig, 't', ['a']))).toBe('NOT_ENOUGH_REPLICAS')
  const { responses } = await rig.call(Produce, 12, { ...produceTo('t', records(['a'])), acks: 1 })
  expect(nameOf(responses[0]!.partitionResponses[0]!)).toBe('NONE')
})

test('acks=all waits for the high watermark, and no longer than timeoutMs', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  const partition = rig.map.get('t', 0)
  const replicas = { replicas: [1, 2], isr: [1, 2], leader: 1, leaderEpoch: 0, partitionEpoch: 1 }
  partition.update(replicas as never, partition.log!)
  const waiting = produce(rig, 't', ['a'])
  expect(await settled(waiting)).toBe(false)
  partition.update({ ...replicas, isr: [1] } as never, partition.log!)
  expect(await waiting).toMatchObject({ errorCode: 0, baseOffset: 0 })
  partition.update(replicas as never, partition.log!)
  const late = produce(rig, 't', ['b'])
  rig.clock.advance(1000)
  expect(await late).toMatchObject({ errorCode: Errors.REQUEST_TIMED_OUT.code, baseOffset: -1 })
  const resigned = produce(rig, 't', ['c'])
  partition.update({ ...replicas, leader: 2, leaderEpoch: 1 } as never, partition.log!)
  expect(nameOf(await resigned)).toBe('NOT_LEADER_OR_FOLLOWER')
})

test('with flush.messages=1 an ack means the disk, also for acks=1', async () => {
  const rig = await dataRig()
  rig.createTopic('t', { configs: { 'flush.messages': '1' } })
  const { log } = rig.map.get('t', 0)
  const answer = rig.start(Produce, 12, { ...produceTo('t', records(['a'])), acks: 1 })
  expect(answer).toBeInstanceOf(Promise)
  expect(log!.highWatermark).toBe(0)
  await answer
  expect(log!.flushedOffset).toBe(1)
  expect(log!.highWatermark).toBe(1)
})

test('an idempotent producer: a repeated batch gets its first offset, a gap is refused', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  const by = (baseSequence: number) => ({ producerId: 7, producerEpoch: 0, baseSequence })
  expect(await produce(rig, 't', ['a', 'b'], by(0))).toMatchObject({ errorCode: 0, baseOffset: 0 })
  expect(await produce(rig, 't', ['c'], by(2))).toMatchObject({ errorCode: 0, baseOffset: 2 })
  expect(await produce(rig, 't', ['a', 'b'], by(0))).toMatchObject({ errorCode: 0, baseOffset: 0 })
  const gap = await produce(rig, 't', ['x'], by(9))
  expect(nameOf(gap)).toBe('OUT_OF_ORDER_SEQUENCE_NUMBER')
  expect(gap).toMatchObject({ logStartOffset: 0, errorMessage: null })
  expect(values(await rig.call(Fetch, 12, fetchOf('t', 0)))).toEqual(['a', 'b', 'c'])
  const { topics } = await rig.call(DescribeProducers, 0, {
    topics: [{ name: 't', partitionIndexes: [0, 1] }],
  })
  expect(topics[0]!.partitions).toMatchObject([
    { errorCode: 0, activeProducers: [{ producerId: 7n, producerEpoch: 0, lastSequence: 2 }] },
    { errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION.code },
  ])
})

test('a refused record explains itself: index and message (KIP-467)', async () => {
  const rig = await dataRig()
  rig.createTopic('t', { configs: { 'cleanup.policy': 'compact' } })
  const row = await produce(rig, 't', ['no key'])
  expect(nameOf(row)).toBe('INVALID_RECORD')
  expect(row.recordErrors).toMatchObject([{ batchIndex: 0 }])
  expect(row.errorMessage).not.toBeNull()
})

test('appends of one connection keep the order of arrival, whoever awaits', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  const line = new TicketLine()
  const first = line.issue()
  const second = rig.call(
    Produce,
    12,
    produceTo('t', records(['second'])),
    contextOf({ ticket: line.issue() }),
  )
  const third = rig.call(Produce, 12, produceTo('t', records(['third'])), contextOf({ ticket: line.issue() }))
  expect(await settled(second)).toBe(false)
  expect(rig.map.get('t', 0).log!.logEndOffset).toBe(0)
  await rig.call(Produce, 12, produceTo('t', records(['first'])), contextOf({ ticket: first }))
  await Promise.all([second, third])
  expect(values(await rig.call(Fetch, 12, fetchOf('t', 0)))).toEqual(['first', 'second', 'third'])
})

// ---- Fetch

test('a fetch at the end waits, and an append wakes it', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  const waiting = rig.call(Fetch, 12, fetchOf('t', 0))
  expect(await settled(waiting)).toBe(false)
  await produce(rig, 't', ['a'])
  expect(values(await waiting)).toEqual(['a'])
  expect(rig.room.size).toBe(0)
})

test('a fetch that goes on waiting gives back what it has read', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  await produce(rig, 't', ['x'.repeat(10_000)])
  const waiting = rig.call(Fetch, 12, fetchOf('t', 0, { minBytes: 100_000 }))
  expect(rig.blocks.keptBytes).toBeGreaterThan(10_000)
  rig.clock.advance(500)
  expect(values(await waiting)).toEqual(['x'.repeat(10_000)])
  expect(rig.blocks.keptBytes).toBe(0)
})

test('the debugging replica sees as far as a consumer, a future copy all there is', async () => {
  const rig = await dataRig({ settings: { 'log.flush.interval.messages': '1' } })
  const topicId = rig.createTopic('t')
  // Appended, and held back from consumers until it is on the disk.
  const acked = rig.start(Produce, 12, produceTo('t', records(['a'])))
  const topics = [{ topicId, partitions: [{ partition: 0, partitionMaxBytes: 1000 }] }]
  const seenBy = async (replicaId: number) =>
    values(await rig.call(Fetch, 16, { maxWaitMs: 0, maxBytes: 1000, replicaState: { replicaId }, topics }))
  const [consumer, debugging, future] = [seenBy(-1), seenBy(-2), seenBy(-3)]
  expect([await consumer, await debugging, await future]).toEqual([[], [], ['a']])
  await acked
  expect(await seenBy(-2)).toEqual(['a'])
})

test('consumers with an old epoch are told where the leader is, followers are not', async () => {
  const rig = await dataRig()
  const topicId = rig.createTopic('t')
  const partition = rig.map.get('t', 0)
  partition.update({ ...REGISTERED, leaderEpoch: 3 }, partition.log!)
  const ask = async (replicaId: number) => {
    const partitions = [{ partition: 0, currentLeaderEpoch: 1, partitionMaxBytes: 1000 }]
    const topics = [{ topicId, partitions }]
    return rig.call(Fetch, 16, { maxWaitMs: 0, replicaState: { replicaId, replicaEpoch: 1 }, topics })
  }
  const told = await ask(-1)
  expect([nameOf(only(told)), told.nodeEndpoints.length]).toEqual(['FENCED_LEADER_EPOCH', 1])
  const follower = await ask(7)
  expect([nameOf(only(follower)), follower.nodeEndpoints]).toEqual(['FENCED_LEADER_EPOCH', []])
})

test('long polls that wake together read no more than there is memory for replies, and a batch each', async () => {
  const rig = await dataRig({ replyBytes: 5000 })
  rig.createTopic('t')
  // Each waits for a megabyte, and all give up at the same moment.
  const waiting = Array.from({ length: 20 }, () =>
    rig.start(Fetch, 12, fetchOf('t', 0, { minBytes: 1_000_000, maxBytes: 2_000_000 })),
  )
  for (let i = 0; i < 40; i++) await produce(rig, 't', ['x'.repeat(1000)])
  rig.clock.advance(500)
  const sizes = (await Promise.all(waiting)).map(answer => only(answer as FetchResponse).records!.length)
  const batch = rig.map.get('t', 0).log!.sizeInBytes / 40
  expect(sizes[0]).toBe(4 * batch)
  expect(sizes.slice(1)).toEqual(Array.from({ length: 19 }, () => batch))
  // In the next turn of the loop nothing is claimed any more.
  await new Promise(resolve => setImmediate(resolve))
  const later = await rig.call(Fetch, 12, fetchOf('t', 0, { maxBytes: 2_000_000 }))
  expect(only(later).records!.length).toBe(4 * batch)
})

test('a fetch waits no longer than maxWaitMs, and answers with what there is', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  await produce(rig, 't', ['a'])
  const waiting = rig.call(Fetch, 12, fetchOf('t', 0, { minBytes: 10_000 }))
  rig.clock.advance(499)
  expect(await settled(waiting)).toBe(false)
  rig.clock.advance(1)
  expect(values(await waiting)).toEqual(['a'])
})

test('minBytes counts over appends', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  const waiting = rig.call(Fetch, 12, fetchOf('t', 0, { minBytes: 1000 }))
  await produce(rig, 't', ['a'.repeat(400)])
  expect(await settled(waiting)).toBe(false)
  await produce(rig, 't', ['b'.repeat(600)])
  expect(values(await waiting)).toHaveLength(2)
})

test('an error in one row ends the wait of all', async () => {
  const rig = await dataRig()
  rig.createTopic('t', { partitions: 2 })
  const request = fetchOf('t', 0)
  request.topics[0]!.partitions.push({ partition: 1, fetchOffset: 99, partitionMaxBytes: 100 } as never)
  const answer = await rig.call(Fetch, 12, request)
  expect(answer.responses[0]!.partitions.map(nameOf)).toEqual(['NONE', 'OFFSET_OUT_OF_RANGE'])
})

test('a deleted topic ends the wait', async () => {
  const rig = await dataRig()
  const id = rig.createTopic('t')
  const waiting = rig.call(Fetch, 12, fetchOf('t', 0))
  rig.apply([{ type: 'RemoveTopicRecord', value: { topicId: id } }])
  expect(nameOf(only(await waiting))).toBe('NOT_LEADER_OR_FOLLOWER')
  expect(nameOf(only(await rig.call(Fetch, 12, fetchOf('t', 0))))).toBe('UNKNOWN_TOPIC_OR_PARTITION')
})

test('stopping ends every wait', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  const waiting = rig.call(Fetch, 12, fetchOf('t', 0))
  rig.room.close()
  expect(only(await waiting).records).toHaveLength(0)
})

test('the first batch is sent whole whatever the limits, the next ones are not', async () => {
  const rig = await dataRig()
  rig.createTopic('t', { partitions: 2 })
  await produce(rig, 't', ['a'.repeat(500)])
  await produce(rig, 't', ['b'.repeat(500)])
  const { responses } = await rig.call(Produce, 12, produceTo('t', records(['c'.repeat(500)]), 1))
  expect(responses[0]!.partitionResponses[0]!.errorCode).toBe(0)
  const request = fetchOf('t', 0, { maxBytes: 10 })
  request.topics[0]!.partitions.push({ partition: 1, fetchOffset: 0, partitionMaxBytes: 1 << 20 } as never)
  const answer = await rig.call(Fetch, 12, request)
  const [first, second] = answer.responses[0]!.partitions
  expect(seen(first!.records!)).toHaveLength(1)
  expect(second!.records).toHaveLength(0)
})

test('a batch left out because it does not fit leaves no list of aborted transactions either', async () => {
  const rig = await dataRig()
  rig.createTopic('a')
  rig.createTopic('b')
  for (const topic of ['a', 'b']) await produce(rig, topic, ['x'.repeat(100)])
  const topics = [fetchOf('a', 0), fetchOf('b', 0, {}, { partitionMaxBytes: 80 })].flatMap(f => f.topics)
  const both = await rig.call(Fetch, 12, { ...fetchOf('a', 0, { isolationLevel: 1 }), topics })
  const lists = both.responses.map(t => t.partitions[0]!.abortedTransactions)
  expect(lists).toEqual([[], null])
})

test('the beginning of a batch that was cut counts against the limits of the request, though only whole ones are sent', async () => {
  const rig = await dataRig()
  rig.createTopic('a')
  rig.createTopic('b')
  for (const topic of ['a', 'a', 'b']) await produce(rig, topic, ['x'])
  const size = records(['x']).length
  const maxBytes = size + 20
  const topics = [fetchOf('a', 0), fetchOf('b', 0)].flatMap(f => f.topics)
  const request = { ...fetchOf('a', 0, { isolationLevel: 1, maxBytes }), topics }
  const both = await rig.call(Fetch, 12, request)
  expect(both.responses.map(t => t.partitions[0]!.records!.length)).toEqual([size, 0])
  // Nothing was left for the second: nothing of it was cut.
  expect(both.responses.map(t => t.partitions[0]!.abortedTransactions)).toEqual([[], []])
  const waiting = rig.start(Fetch, 12, { ...request, minBytes: maxBytes, maxWaitMs: 1000 })
  expect(waiting).not.toBeInstanceOf(Promise)
})

test('topic ids: unknown, and of a topic that came after', async () => {
  const rig = await dataRig()
  const id = rig.createTopic('t')
  await produce(rig, 't', ['a'])
  const ask = (topicId: string) => {
    const request = fetchOf('', 0)
    return rig.call(Fetch, 16, { ...request, topics: [{ ...request.topics[0]!, topicId }] })
  }
  expect(values(await ask(id))).toEqual(['a'])
  expect(nameOf(only(await ask('abcdefghijklmnopqrstuw')))).toBe('UNKNOWN_TOPIC_ID')
})

test('leader epochs: fenced, unknown, diverging', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  await produce(rig, 't', ['a', 'b'])
  const partition = rig.map.get('t', 0)
  const replicas = { replicas: [1], isr: [1], leader: 1, leaderEpoch: 4, partitionEpoch: 4 }
  partition.update(replicas as never, partition.log!)
  const ask = async (of: object) => only(await rig.call(Fetch, 12, fetchOf('t', 0, { maxWaitMs: 0 }, of)))
  expect(nameOf(await ask({ currentLeaderEpoch: 3 }))).toBe('FENCED_LEADER_EPOCH')
  expect(nameOf(await ask({ currentLeaderEpoch: 5 }))).toBe('UNKNOWN_LEADER_EPOCH')
  expect(nameOf(await ask({ currentLeaderEpoch: 4 }))).toBe('NONE')
  await produce(rig, 't', ['c'])
  // Epoch 0 ends at 2: who has three records of it has one that we do not have.
  const diverging = await ask({ fetchOffset: 3, lastFetchedEpoch: 0 })
  expect(diverging).toMatchObject({ errorCode: 0, divergingEpoch: { epoch: 0, endOffset: 2 } })
  const { topics } = await rig.call(OffsetForLeaderEpoch, 4, {
    topics: [
      {
        topic: 't',
        partitions: [
          { partition: 0, leaderEpoch: 0 },
          { partition: 0, leaderEpoch: 4 },
          { partition: 0, leaderEpoch: 9 },
          { partition: 1, leaderEpoch: 0 },
        ],
      },
    ],
  })
  expect(topics[0]!.partitions).toMatchObject([
    { errorCode: 0, leaderEpoch: 0, endOffset: 2 },
    { errorCode: 0, leaderEpoch: 4, endOffset: 3 },
    { errorCode: 0, leaderEpoch: -1, endOffset: -1 },
    { errorCode: Errors.UNKNOWN_TOPIC_OR_PARTITION.code },
  ])
})

test('negative leader epochs: none to Fetch, an old one to who asks for offsets', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  await produce(rig, 't', ['a'])
  const odd = { currentLeaderEpoch: -7, lastFetchedEpoch: -7 }
  expect(only(await rig.call(Fetch, 12, fetchOf('t', 0, {}, odd)))).toMatchObject({ errorCode: 0 })
  expect(nameOf(await offsetAt(rig, -1n, 11, { currentLeaderEpoch: -7 }))).toBe('FENCED_LEADER_EPOCH')
})

test('a topic without a name is no topic, and no unknown id', async () => {
  const rig = await dataRig()
  expect(nameOf(only(await rig.call(Fetch, 12, fetchOf('', 0))))).toBe('UNKNOWN_TOPIC_OR_PARTITION')
})

test('an epoch that nothing was appended under begins at the log end all the same', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  expect(await offsetAt(rig, -2n)).toMatchObject({ offset: 0, leaderEpoch: 0 })
  expect(await offsetAt(rig, -4n)).toMatchObject({ offset: 0, leaderEpoch: 0 })
  const partitions = [
    { partition: 0, leaderEpoch: -1 },
    { partition: 0, leaderEpoch: -2 },
  ]
  const { topics } = await rig.call(OffsetForLeaderEpoch, 4, { topics: [{ topic: 't', partitions }] })
  expect(topics[0]!.partitions).toMatchObject([
    { leaderEpoch: -1, endOffset: -1 },
    { leaderEpoch: -2, endOffset: 0 },
  ])
})

test('fetchers of before message format v2 get what they can read', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  await produce(rig, 't', ['a', 'b'])
  for (const version of [0, 1, 2, 3]) {
    const { records: bytes } = only(await rig.call(Fetch, version, fetchOf('t', 0)))
    expect(bytes![16]).toBe(version < 2 ? 0 : 1)
    expect(seen(bytes!).map(record => record.value)).toEqual(['a', 'b'])
  }
  // However small the limit: the first batch is sent.
  expect(values(await rig.call(Fetch, 3, fetchOf('t', 0, {}, { partitionMaxBytes: 0 })))).toEqual(['a', 'b'])
  rig.createTopic('z')
  await produce(rig, 'z', ['a'], { compression: 'zstd' })
  expect(nameOf(only(await rig.call(Fetch, 3, fetchOf('z', 0))))).toBe('UNSUPPORTED_COMPRESSION_TYPE')
  expect(nameOf(only(await rig.call(Fetch, 4, fetchOf('z', 0))))).toBe('NONE')
})

test('a fetch session: named once, then only what changed', async () => {
  const rig = await dataRig()
  const ids = [rig.createTopic('t0'), rig.createTopic('t1')]
  const part = { partition: 0, fetchOffset: 0, partitionMaxBytes: 1000 }
  const full = await rig.call(Fetch, 16, {
    maxWaitMs: 0,
    sessionId: 0,
    sessionEpoch: 0,
    topics: ids.map(topicId => ({ topicId, partitions: [part] })),
  })
  expect(full.sessionId).toBeGreaterThan(0)
  expect(full.responses).toHaveLength(2)
  const next = (sessionEpoch: number, rest: object = {}) =>
    rig.call(Fetch, 16, { maxWaitMs: 0, sessionId: full.sessionId, sessionEpoch, ...rest })
  expect((await next(1)).responses).toEqual([])
  await produce(rig, 't1', ['a'])
  const changed = await next(2)
  expect(changed.responses.map(topic => topic.topicId)).toEqual([ids[1]])
  expect(nameOf(await next(2))).toBe('INVALID_FETCH_SESSION_EPOCH')
  const forgetting = await next(3, { forgottenTopicsData: [{ topicId: ids[1], partitions: [0] }] })
  expect(forgetting.responses).toEqual([])
  expect(nameOf(await rig.call(Fetch, 16, { sessionId: 12345, sessionEpoch: 1 }))).toBe(
    'FETCH_SESSION_ID_NOT_FOUND',
  )
})

// ---- rights

test('who may not read, write or describe gets TOPIC_AUTHORIZATION_FAILED, before existence is told', async () => {
  const nobody: Authorizer = { enabled: true, authorize: () => false, authorizeByResourceType: () => false }
  const rig = await dataRig({ authorizer: nobody })
  rig.createTopic('t')
  const denied = 'TOPIC_AUTHORIZATION_FAILED'
  for (const topic of ['t', 'absent']) {
    expect(nameOf(await produce(rig, topic, ['a']))).toBe(denied)
    expect(nameOf(only(await rig.call(Fetch, 12, fetchOf(topic, 0))))).toBe(denied)
    const partitions = [{ partitionIndex: 0, timestamp: -1n }]
    const { topics } = await rig.call(ListOffsets, 7, {
      replicaId: -1,
      topics: [{ name: topic, partitions }],
    })
    expect(nameOf(topics[0]!.partitions[0]!)).toBe(denied)
    const deleted = await rig.call(DeleteRecords, 2, {
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, offset: 0 }] }],
    })
    expect(nameOf(deleted.topics[0]!.partitions[0]!)).toBe(denied)
  }
})

// ---- offsets

const offsetAt = async (rig: Rig, timestamp: bigint, version = 11, rest: object = {}) => {
  const { topics } = await rig.call(ListOffsets, version, {
    replicaId: -1,
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, timestamp, ...rest }] }],
  })
  return topics[0]!.partitions[0]!
}

test('ListOffsets: every special timestamp, and times between', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  expect(await offsetAt(rig, -1n)).toMatchObject({ errorCode: 0, offset: 0, timestamp: -1n, leaderEpoch: 0 })
  expect(await offsetAt(rig, -3n)).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1n })
  await produce(rig, 't', ['a'], { timestamp: NOW })
  await produce(rig, 't', ['b'], { timestamp: NOW + 20 })
  await produce(rig, 't', ['c'], { timestamp: NOW + 10 })
  expect(await offsetAt(rig, -1n)).toMatchObject({ errorCode: 0, offset: 3, leaderEpoch: 0 })
  expect(await offsetAt(rig, -2n)).toMatchObject({ errorCode: 0, offset: 0 })
  expect(await offsetAt(rig, -3n)).toMatchObject({ errorCode: 0, offset: 1, timestamp: BigInt(NOW + 20) })
  expect(await offsetAt(rig, -4n)).toMatchObject({ errorCode: 0, offset: 0 })
  expect(await offsetAt(rig, -5n)).toMatchObject({ errorCode: 0, offset: -1 })
  expect(await offsetAt(rig, BigInt(NOW + 1))).toMatchObject({ offset: 1, timestamp: BigInt(NOW + 20) })
  expect(await offsetAt(rig, BigInt(NOW + 21))).toMatchObject({ errorCode: 0, offset: -1, timestamp: -1n })
  expect(await offsetAt(rig, 2n ** 62n)).toMatchObject({ errorCode: 0, offset: -1 })
  expect(nameOf(await offsetAt(rig, -7n))).toBe('UNSUPPORTED_VERSION')
  expect(nameOf(await offsetAt(rig, -3n, 6))).toBe('UNSUPPORTED_VERSION')
  expect(nameOf(await offsetAt(rig, -1n, 11, { currentLeaderEpoch: 7 }))).toBe('UNKNOWN_LEADER_EPOCH')
  const legacy = await offsetAt(rig, -1n, 0, { maxNumOffsets: 2 })
  expect(legacy).toMatchObject({ errorCode: 0, oldStyleOffsets: [3, 0] })
  expect(await offsetAt(rig, 0n, 0, { maxNumOffsets: 2 })).toMatchObject({
    errorCode: 0,
    oldStyleOffsets: [],
  })
  expect(await offsetAt(rig, -2n, 0, { maxNumOffsets: 2 })).toMatchObject({ oldStyleOffsets: [0] })
  expect(nameOf(await offsetAt(rig, -3n, 0))).toBe('UNSUPPORTED_VERSION')
})

test('ListOffsets: a partition named twice is refused', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  const partitions = [
    { partitionIndex: 0, timestamp: -1n },
    { partitionIndex: 0, timestamp: -2n },
  ]
  const { topics } = await rig.call(ListOffsets, 7, { replicaId: -1, topics: [{ name: 't', partitions }] })
  expect(topics[0]!.partitions.map(nameOf)).toEqual(['INVALID_REQUEST'])
})

test('ListOffsets: one topic named twice is one topic in the answer', async () => {
  const rig = await dataRig()
  rig.createTopic('t', { partitions: 2 })
  const of = (partitionIndex: number) => ({
    name: 't',
    partitions: [{ partitionIndex, timestamp: -1n }],
  })
  const { topics } = await rig.call(ListOffsets, 7, { replicaId: -1, topics: [of(0), of(1), of(0)] })
  expect(topics.map(t => t.partitions.map(nameOf))).toEqual([['INVALID_REQUEST', 'NONE']])
})

test('a partition named twice has one row: the last offset counts in DeleteRecords, the last question in Fetch', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  await produce(rig, 't', ['a'])
  await produce(rig, 't', ['b'])
  const of = (offset: number) => ({ name: 't', partitions: [{ partitionIndex: 0, offset }] })
  const { topics } = await rig.call(DeleteRecords, 2, { timeoutMs: 9, topics: [of(2), of(1)] })
  expect(topics.map(t => t.partitions)).toEqual([[{ partitionIndex: 0, errorCode: 0, lowWatermark: 1 }]])
  const [first] = fetchOf('t', 0).topics
  const [again] = fetchOf('t', 1).topics
  const fetched = await rig.call(Fetch, 12, { ...fetchOf('t', 0), topics: [first!, again!] })
  expect(fetched.responses.map(t => t.partitions.length)).toEqual([1])
  expect(values(fetched)).toEqual(['b'])
})

test('DeleteRecords moves the log start, up to the high watermark', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  rig.createTopic('c', { configs: { 'cleanup.policy': 'compact' } })
  await produce(rig, 't', ['a', 'b'])
  await produce(rig, 't', ['c'])
  const remove = async (offset: number, topic = 't') => {
    const { topics } = await rig.call(DeleteRecords, 2, {
      timeoutMs: 100,
      topics: [{ name: topic, partitions: [{ partitionIndex: 0, offset }] }],
    })
    return topics[0]!.partitions[0]!
  }
  expect(await remove(2)).toMatchObject({ errorCode: 0, lowWatermark: 2 })
  expect(nameOf(only(await rig.call(Fetch, 12, fetchOf('t', 0))))).toBe('OFFSET_OUT_OF_RANGE')
  expect(nameOf(await remove(9))).toBe('OFFSET_OUT_OF_RANGE')
  expect(await remove(-1)).toMatchObject({ errorCode: 0, lowWatermark: 3 })
  expect(nameOf(await remove(1, 'c'))).toBe('POLICY_VIOLATION')
  expect(nameOf(await remove(1, 'absent'))).toBe('UNKNOWN_TOPIC_OR_PARTITION')
  expect(await offsetAt(rig, -2n)).toMatchObject({ offset: 3 })
})
