// A clock that stands still until it is told to move. advance(ms) fires every timer that falls due on the way, each at
// its own moment, so a timer that sets another one within the same stretch sees it fire too. For unit tests and the
// simulation; a broker that talks to real clients wants AdvanceableClock, whose time also passes by itself.
import type { Clock, Timer } from '../../storage/clock.ts'
import { TimerQueue } from './timer-queue.ts'

export class ManualClock implements Clock {
  readonly #timers = new TimerQueue()
  readonly #startMs: number
  #elapsedMs = 0

  constructor(startMs = 1_700_000_000_000) {
    this.#startMs = startMs
  }

  nowMs(): number {
    return this.#startMs + this.#elapsedMs
  }

  monotonicMs(): number {
    return this.#elapsedMs
  }

  setTimeout(fn: () => void, ms: number): Timer {
    return this.#timers.add(fn, this.#elapsedMs + Math.max(0, ms))
  }

  /** Moves time on by ms and fires what falls due, synchronously and in order. */
  advance(ms: number): void {
    const untilMs = this.#elapsedMs + ms
    for (let timer = this.#timers.takeDue(untilMs); timer; timer = this.#timers.takeDue(untilMs)) {
      this.#elapsedMs = Math.max(this.#elapsedMs, timer.dueMs)
      timer.fn?.()
    }
    this.#elapsedMs = untilMs
  }

  /** Milliseconds until the next timer, or undefined when none is set. */
  nextTimerInMs(): number | undefined {
    const next = this.#timers.peek()
    return next && next.dueMs - this.#elapsedMs
  }
}
