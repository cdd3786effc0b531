import { expect, test } from 'vitest'
import { ManualClock } from '../time/manual-clock.ts'
import { WaitingRoom } from './waiting.ts'

const tick = () => new Promise<void>(resolve => setImmediate(resolve))

function setUp() {
  const clock = new ManualClock(0)
  const room = new WaitingRoom(clock)
  return { clock, room }
}

test('ends when a wake finds the condition met, and leaves nothing behind', async () => {
  const { clock, room } = setUp()
  const lists = [room.list(), room.list()]
  let value = 0
  const waiting = room.until(
    lists,
    1000,
    () => value >= 2,
    () => value,
  )
  for (value = 1; value <= 3; value++) {
    lists[value % 2]!.wake()
    await tick()
  }
  expect(await waiting).toBe(2)
  expect(room.size).toBe(0)
  expect(lists.map(list => list.size)).toEqual([0, 0])
  expect(clock.nextTimerInMs()).toBeUndefined()
})

test('ends at its deadline with what there is', async () => {
  const { clock, room } = setUp()
  const list = room.list()
  const waiting = room.until(
    [list],
    100,
    () => false,
    () => clock.monotonicMs(),
  )
  clock.advance(99)
  expect(room.size).toBe(1)
  clock.advance(1)
  expect(await waiting).toBe(100)
  expect(list.size).toBe(0)
})

test('many wakes in one tick are one look, after the tick', async () => {
  const { room } = setUp()
  const list = room.list()
  let looks = 0
  void room.until(
    [list],
    100,
    () => ++looks < 0,
    () => undefined,
  )
  for (let i = 0; i < 10; i++) list.wake()
  expect(looks).toBe(0)
  await tick()
  expect(looks).toBe(1)
})

test('who comes while others are being called is not lost', async () => {
  const { room } = setUp()
  const list = room.list()
  let second: Promise<string> | undefined
  const first = room.until(
    [list],
    100,
    () => {
      second ??= room.until(
        [list],
        100,
        () => true,
        () => 'second',
      )
      list.wake()
      return true
    },
    () => 'first',
  )
  list.wake()
  expect(await first).toBe('first')
  expect(await second).toBe('second')
})

test('a condition that throws rejects its own wait only', async () => {
  const { room } = setUp()
  const list = room.list()
  const bad = room.until(
    [list],
    100,
    () => {
      throw new Error('broken')
    },
    () => 'never',
  )
  const good = room.until(
    [list],
    100,
    () => true,
    () => 'good',
  )
  list.wake()
  await expect(bad).rejects.toThrow('broken')
  expect(await good).toBe('good')
  expect(room.size).toBe(0)
})

test('closing ends every wait, and nobody waits afterwards', async () => {
  const { room } = setUp()
  const list = room.list()
  const waiting = room.until(
    [list],
    100,
    () => false,
    () => 'closed',
  )
  room.close()
  expect(await waiting).toBe('closed')
  expect(
    await room.until(
      [list],
      100,
      () => false,
      () => 'at once',
    ),
  ).toBe('at once')
  expect(list.size).toBe(0)
})
