import { expect, test } from 'vitest'
import { Errors } from '../../protocol/errors.ts'
import type { FetchOutcome, FetchRow, FetchSessionRequest } from '../ports/partitions.ts'
import { ManualClock } from '../time/manual-clock.ts'
import { FetchSessionTable, nextEpoch } from './fetch-sessions.ts'
import { unread } from './fetch-rows.ts'

const row = (topic: string, partition: number, changes: Partial<FetchRow> = {}): FetchRow => ({
  topic,
  topicId: `id of ${topic}`,
  partition,
  currentLeaderEpoch: -1,
  fetchOffset: 0,
  lastFetchedEpoch: -1,
  logStartOffset: -1,
  maxBytes: 100,
  ...changes,
})

function setUp(maxSessions = 2) {
  const clock = new ManualClock()
  let next = 0
  const table = new FetchSessionTable({ clock, maxSessions, random: () => (next++ % 1000) / 1000 })
  const begin = (
    sessionId: number,
    sessionEpoch: number,
    rows: FetchRow[] = [],
    rest: Partial<FetchSessionRequest> = {},
  ) =>
    table.begin({
      sessionId,
      sessionEpoch,
      rows,
      forgotten: [],
      isFollower: false,
      usesTopicIds: true,
      principalName: 'ANONYMOUS',
      nameOf: () => undefined,
      ...rest,
    })
  const quiet = (changes: Partial<FetchOutcome> = {}): FetchOutcome => ({
    ...unread(0),
    highWatermark: 5,
    logStartOffset: 0,
    ...changes,
  })
  /** A session over these rows, all of them answered. */
  const create = (rows: FetchRow[], rest: Partial<FetchSessionRequest> = {}): number =>
    begin(0, 0, rows, rest).finish(rows.map(() => quiet())).sessionId
  return { clock, table, begin, quiet, create }
}

const names = (rows: readonly FetchRow[]): string[] =>
  rows.map(({ topic, partition }) => `${topic}-${partition}`)
const withRecords = { records: Buffer.from('batch') }

test('a sessionless fetch makes no session and sends every row', () => {
  const { table, begin, quiet } = setUp()
  const turn = begin(0, -1, [row('a', 0), row('a', 1)])
  expect(turn.finish([quiet(), quiet()])).toEqual({ errorCode: 0, sessionId: 0, send: [0, 1] })
  expect(table.size).toBe(0)
})

test('an incremental fetch asks about all, and sends what says anything new', () => {
  const { begin, quiet, create } = setUp()
  const id = create([row('a', 0), row('a', 1), row('a', 2), row('a', 3)])
  const turn = begin(id, 1)
  expect(names(turn.rows)).toEqual(['a-0', 'a-1', 'a-2', 'a-3'])
  const answer = turn.finish([
    quiet(),
    quiet({ highWatermark: 6 }),
    quiet({ errorCode: Errors.NOT_LEADER_OR_FOLLOWER.code }),
    quiet({ logStartOffset: 2 }),
  ])
  expect(answer).toEqual({ errorCode: 0, sessionId: id, send: [1, 2, 3] })
  // An error is told again as long as it lasts, and its end is news.
  const error = quiet({ errorCode: Errors.NOT_LEADER_OR_FOLLOWER.code })
  const now = [quiet(), quiet({ highWatermark: 6 }), error, quiet({ logStartOffset: 2 })]
  expect(begin(id, 2).finish(now).send).toEqual([2])
  expect(begin(id, 3).finish([now[0]!, now[1]!, quiet(), now[3]!]).send).toEqual([2])
  expect(begin(id, 4).finish([now[0]!, now[1]!, quiet(), now[3]!]).send).toEqual([])
})

test('a partition that sent records is read last the next time', () => {
  const { begin, quiet, create } = setUp()
  const id = create([row('a', 0), row('a', 1), row('a', 2)])
  begin(id, 1).finish([quiet(withRecords), quiet(), quiet()])
  const turn = begin(id, 2)
  expect(names(turn.rows)).toEqual(['a-1', 'a-2', 'a-0'])
  turn.finish([quiet(), quiet(withRecords), quiet()])
  expect(names(begin(id, 3).rows)).toEqual(['a-1', 'a-0', 'a-2'])
})

test('updating, adding and forgetting', () => {
  const { begin, quiet, create } = setUp()
  const id = create([row('a', 0), row('b', 0)])
  const forgotten = [{ topic: '', topicId: 'id of b', partition: 0 }]
  const turn = begin(id, 1, [row('a', 0, { fetchOffset: 7 }), row('c', 1)], { forgotten })
  expect(turn.rows.map(one => [`${one.topic}-${one.partition}`, one.fetchOffset])).toEqual([
    ['a-0', 7],
    ['c-1', 0],
  ])
  // The new one is told whatever it is, for nothing of it is known.
  expect(turn.finish([quiet(), quiet()]).send).toEqual([1])
})

test('a session that forgets everything ends', () => {
  const { table, begin, create } = setUp()
  const id = create([row('a', 0)])
  const turn = begin(id, 1, [], { forgotten: [{ topic: 'a', topicId: 'id of a', partition: 0 }] })
  expect(turn.finish([]).sessionId).toBe(0)
  expect(table.size).toBe(0)
})

test('wrong epoch, unknown session, names where ids were', () => {
  const { begin, create } = setUp()
  const id = create([row('a', 0)])
  expect(begin(id, 2).errorCode).toBe(Errors.INVALID_FETCH_SESSION_EPOCH.code)
  expect(begin(id + 1, 1).errorCode).toBe(Errors.FETCH_SESSION_ID_NOT_FOUND.code)
  expect(begin(id, 1, [], { usesTopicIds: false }).errorCode).toBe(Errors.FETCH_SESSION_TOPIC_ID_ERROR.code)
  expect(begin(id, 1).errorCode).toBe(0)
})

test('a full fetch, or a final one, ends the session it names', () => {
  const { table, begin, create } = setUp()
  const first = create([row('a', 0)])
  begin(first, -1)
  expect(table.size).toBe(0)
  const second = create([row('a', 0)])
  expect(begin(second, 0, [row('a', 0)]).finish([unread(0)]).sessionId).not.toBe(second)
  expect(table.size).toBe(1)
})

test('a request overtaken by the next one of its session says so', () => {
  const { begin, quiet, create } = setUp()
  const id = create([row('a', 0)])
  const slow = begin(id, 1)
  begin(id, 2)
  const answer = slow.finish([quiet(withRecords)])
  expect(answer).toEqual({ errorCode: Errors.INVALID_FETCH_SESSION_EPOCH.code, sessionId: id, send: [] })
})

test('an id learns its name when the topic comes into being', () => {
  const { begin, create } = setUp()
  const id = create([row('', 0, { topicId: 'late' })])
  expect(begin(id, 1).rows[0]!.topic).toBe('')
  expect(begin(id, 2, [], { nameOf: () => 'now' }).rows[0]!.topic).toBe('now')
})

test.each([
  [1, 2],
  [0x7fff_ffff, 1],
  [-1, -1],
])('after session epoch %i comes %i', (epoch, next) => expect(nextEpoch(epoch)).toBe(next))

test('no slot: a full fetch is answered without a session', () => {
  const { table, create } = setUp(1)
  expect(create([row('a', 0)])).not.toBe(0)
  expect(create([row('b', 0)])).toBe(0)
  expect(table.evictions).toBe(0)
})

test('a session unused for two minutes gives way, and an old one to a larger one', () => {
  const { clock, table, begin, create } = setUp(1)
  const first = create([row('a', 0)])
  clock.advance(120_001)
  const second = create([row('b', 0)])
  expect(second).not.toBe(0)
  expect(begin(first, 1).errorCode).toBe(Errors.FETCH_SESSION_ID_NOT_FOUND.code)
  clock.advance(60_000)
  begin(second, 1)
  expect(create([row('c', 0), row('c', 1)])).toBe(0) // in use, and young
  clock.advance(60_001)
  begin(second, 2)
  expect(create([row('c', 0)])).toBe(0) // in use, and no smaller
  expect(create([row('c', 0), row('c', 1)])).not.toBe(0)
  expect(table.evictions).toBe(2)
})

test("a follower's session takes a consumer's slot at any age", () => {
  const { table, begin, create } = setUp(1)
  const consumer = create([row('a', 0), row('a', 1)])
  expect(create([row('b', 0)], { isFollower: true })).not.toBe(0)
  expect(begin(consumer, 1).errorCode).toBe(Errors.FETCH_SESSION_ID_NOT_FOUND.code)
  expect(create([row('a', 0), row('a', 1)])).toBe(0)
  expect(table.size).toBe(1)
  expect(table.partitionCount).toBe(1)
})
