// The clock of an embedded broker: time passes by itself, and advance(ms) makes it jump. A test says "forty-five
// seconds later" and sessions expire, rebalances end, retention deletes; long polls of real clients still end on time.
// One timer of the base clock stands for all of ours.
import type { Clock, Timer } from '../../storage/clock.ts'
import { TimerQueue } from './timer-queue.ts'

export class AdvanceableClock implements Clock {
  readonly #base: Clock
  readonly #timers = new TimerQueue()
  #aheadMs = 0
  #wake: Timer | undefined
  #wakeAtMs = Number.POSITIVE_INFINITY

  constructor(base: Clock) {
    this.#base = base
  }

  nowMs(): number {
    return Math.floor(this.#base.nowMs() + this.#aheadMs)
  }

  monotonicMs(): number {
    return this.#base.monotonicMs() + this.#aheadMs
  }

  setTimeout(fn: () => void, ms: number): Timer {
    const timer = this.#timers.add(fn, this.monotonicMs() + Math.max(0, ms))
    this.#arm()
    return timer
  }

  /** Jumps ms ahead; timers that fall due on the way fire now, in order, each seeing at least its own moment. */
  advance(ms: number): void {
    const untilMs = this.monotonicMs() + ms
    try {
      for (let timer = this.#timers.takeDue(untilMs); timer; timer = this.#timers.takeDue(untilMs)) {
        this.#aheadMs += Math.max(0, timer.dueMs - this.monotonicMs())
        timer.fn?.()
      }
      this.#aheadMs += Math.max(0, untilMs - this.monotonicMs())
    } finally {
      // What is left is nearer now than the base clock was told.
      this.#disarm()
      this.#arm()
    }
  }

  /** Forgets every timer: nothing fires any more. */
  close(): void {
    this.#timers.clear()
    this.#disarm()
  }

  #disarm(): void {
    this.#wake?.cancel()
    this.#wake = undefined
    this.#wakeAtMs = Number.POSITIVE_INFINITY
  }

  #arm(): void {
    const next = this.#timers.peek()
    if (next === undefined || next.dueMs >= this.#wakeAtMs) return
    this.#wake?.cancel()
    this.#wakeAtMs = next.dueMs
    this.#wake = this.#base.setTimeout(() => this.#fire(), next.dueMs - this.monotonicMs())
  }

  #fire(): void {
    this.#wakeAtMs = Number.POSITIVE_INFINITY
    // Half a millisecond of grace: the base clock may call a hair early, and a second wake-up would cost more.
    const untilMs = this.monotonicMs() + 0.5
    try {
      for (let timer = this.#timers.takeDue(untilMs); timer; timer = this.#timers.takeDue(untilMs))
        timer.fn?.()
    } finally {
      this.#arm()
    }
  }
}
