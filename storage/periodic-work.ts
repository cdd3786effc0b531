// Work that repeats, on the clock that was handed in. The interval is asked for before each round, so a changed setting
// acts without a restart; an infinite one ends the repetition.
import type { Clock, Timer } from './clock.ts'

export class PeriodicWork {
  readonly #clock: Clock
  readonly #initialDelayMs: () => number
  readonly #timers = new Set<Timer>()
  #isStopped = false

  constructor(clock: Clock, initialDelayMs: () => number) {
    this.#clock = clock
    this.#initialDelayMs = initialDelayMs
  }

  every(intervalMs: () => number, work: () => void): void {
    const arm = (delayMs: number): void => {
      if (this.#isStopped || !Number.isFinite(delayMs)) return
      const timer = this.#clock.setTimeout(() => {
        this.#timers.delete(timer)
        work()
        arm(intervalMs())
      }, delayMs)
      this.#timers.add(timer)
    }
    arm(Math.min(this.#initialDelayMs(), intervalMs()))
  }

  stop(): void {
    this.#isStopped = true
    for (const timer of this.#timers) timer.cancel()
    this.#timers.clear()
  }
}
