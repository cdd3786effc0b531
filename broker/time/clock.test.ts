import fc from 'fast-check'
import { expect, test } from 'vitest'
import { AdvanceableClock } from './advanceable-clock.ts'
import { ManualClock } from './manual-clock.ts'
import { SystemClock } from './system-clock.ts'

test('advance fires timers in the order of their moments, ties in the order of setting', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 40 }), delays => {
      const clock = new ManualClock(0)
      const fired: { index: number; atMs: number }[] = []
      delays.forEach((ms, index) => clock.setTimeout(() => fired.push({ index, atMs: clock.nowMs() }), ms))
      clock.advance(25)
      clock.advance(25)
      const expected = delays
        .map((ms, index) => ({ index, atMs: ms }))
        .sort((a, b) => a.atMs - b.atMs || a.index - b.index)
      expect(fired).toEqual(expected)
    }),
  )
})

test('a timer set by a timer fires within the same stretch, at its own moment', () => {
  const clock = new ManualClock(1000)
  const seen: number[] = []
  const tick = (): void => {
    seen.push(clock.nowMs())
    clock.setTimeout(tick, 10)
  }
  clock.setTimeout(tick, 10)
  clock.advance(35)
  expect(seen).toEqual([1010, 1020, 1030])
  expect(clock.nextTimerInMs()).toBe(5)
})

test('a cancelled timer never fires, also when cancelled by an earlier one of the same stretch', () => {
  const clock = new ManualClock()
  let fired = 0
  const late = clock.setTimeout(() => fired++, 20)
  clock.setTimeout(() => late.cancel(), 10)
  clock.advance(100)
  expect(fired).toBe(0)
})

test('an advanceable clock runs with its base and jumps on command', () => {
  const base = new ManualClock(0)
  const clock = new AdvanceableClock(base)
  const seen: string[] = []
  clock.setTimeout(() => seen.push(`session ${clock.nowMs()}`), 45_000)
  clock.setTimeout(() => seen.push(`poll ${clock.nowMs()}`), 500)
  base.advance(500)
  expect(seen).toEqual(['poll 500'])
  clock.advance(60_000)
  expect(seen).toEqual(['poll 500', 'session 45000'])
  expect(clock.nowMs()).toBe(60_500)
  expect(base.nowMs()).toBe(500)
})

test('a base timer that was set before a jump does not fire what is no longer due', () => {
  const base = new ManualClock(0)
  const clock = new AdvanceableClock(base)
  let fired = 0
  clock.setTimeout(() => fired++, 100)
  clock.advance(100)
  clock.setTimeout(() => fired++, 100)
  base.advance(99)
  expect(fired).toBe(1)
  base.advance(1)
  expect(fired).toBe(2)
})

test('a jump that stops short of a timer brings it nearer in real time too', () => {
  const base = new ManualClock(0)
  const clock = new AdvanceableClock(base)
  let fired = 0
  clock.setTimeout(() => fired++, 1000)
  clock.advance(600)
  base.advance(399)
  expect(fired).toBe(0)
  base.advance(1)
  expect(fired).toBe(1)
})

test('the time of day is whole milliseconds, whatever the jumps were', () => {
  const base = new ManualClock(0)
  const clock = new AdvanceableClock(base)
  clock.setTimeout(() => expect(Number.isInteger(clock.nowMs())).toBe(true), 0.3)
  clock.advance(0.7)
  expect(clock.nowMs()).toBe(0)
  clock.advance(0.7)
  expect(clock.nowMs()).toBe(1)
})

test('a closed clock leaves no timer in its base', () => {
  const base = new ManualClock(0)
  const clock = new AdvanceableClock(base)
  clock.setTimeout(() => expect.unreachable(), 10)
  clock.close()
  expect(base.nextTimerInMs()).toBeUndefined()
})

test('the system clock ignores fake timers and very long delays do not fire at once', async () => {
  const clock = new SystemClock()
  const real = globalThis.setTimeout
  globalThis.setTimeout = (() => expect.unreachable()) as unknown as typeof setTimeout
  try {
    const eternal = clock.setTimeout(() => expect.unreachable(), Number.MAX_SAFE_INTEGER)
    const beforeMs = clock.monotonicMs()
    await new Promise<void>(resolve => {
      clock.setTimeout(resolve, 5)
      setImmediate(() => {}).ref()
      const alive = setInterval(() => {}, 1)
      clock.setTimeout(() => clearInterval(alive), 6)
    })
    expect(clock.monotonicMs() - beforeMs).toBeGreaterThanOrEqual(4)
    eternal.cancel()
  } finally {
    globalThis.setTimeout = real
  }
})
