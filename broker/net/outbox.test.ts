import { expect, test } from 'vitest'
import { ManualClock } from '../time/manual-clock.ts'
import { Outbox } from './outbox.ts'

const turn = () => new Promise<void>(resolve => setImmediate(resolve))

test('what one turn of the loop brings leaves together at its end', async () => {
  const outbox = new Outbox(new ManualClock(0))
  const left: string[] = []
  outbox.add(() => left.push('a'))
  await Promise.resolve()
  outbox.add(() => left.push('b'))
  await Promise.resolve()
  expect(left).toEqual([])
  await turn()
  expect(left).toEqual(['a', 'b'])
})

test('a long turn lets replies go in between, each once', async () => {
  const clock = new ManualClock(0)
  const outbox = new Outbox(clock)
  const left: string[] = []
  outbox.add(() => left.push('a'))
  clock.advance(1)
  outbox.add(() => left.push('b'))
  await Promise.resolve()
  expect(left).toEqual(['a', 'b'])
  outbox.add(() => left.push('c'))
  await Promise.resolve()
  expect(left).toEqual(['a', 'b'])
  await turn()
  expect(left).toEqual(['a', 'b', 'c'])
})

test('a reply that the leaving of another brings leaves too', async () => {
  const outbox = new Outbox(new ManualClock(0))
  const left: string[] = []
  outbox.add(() => outbox.add(() => left.push('second')))
  await turn()
  await turn()
  expect(left).toEqual(['second'])
})
