// The machine's clock. The timer functions are captured when this file is loaded, so a test that later installs fake
// timers (vitest, Jest, sinon) does not freeze a broker in the same process. Timers are unref'd: a broker's sockets
// keep a process alive, its clock never does.
import type { Clock, Timer } from '../../storage/clock.ts'

const { setTimeout, clearTimeout, Date, performance } = globalThis
const now = Date.now.bind(Date)
const monotonic = performance.now.bind(performance)

/** Node fires a longer timer at once; Kafka's settings allow delays up to Long.MAX_VALUE. */
const LONGEST_TIMER_MS = 2 ** 31 - 1

class SystemTimer implements Timer {
  #handle: NodeJS.Timeout | undefined

  constructor(fn: () => void, ms: number) {
    this.#arm(fn, monotonic() + Math.max(0, ms))
  }

  #arm(fn: () => void, deadlineMs: number): void {
    const leftMs = Math.min(LONGEST_TIMER_MS, Math.ceil(deadlineMs - monotonic()))
    this.#handle = setTimeout(
      () => {
        if (monotonic() < deadlineMs - 1) return this.#arm(fn, deadlineMs)
        this.#handle = undefined
        fn()
      },
      Math.max(0, leftMs),
    )
    this.#handle.unref()
  }

  cancel(): void {
    if (this.#handle) clearTimeout(this.#handle)
    this.#handle = undefined
  }
}

export class SystemClock implements Clock {
  nowMs(): number {
    return now()
  }

  monotonicMs(): number {
    return monotonic()
  }

  setTimeout(fn: () => void, ms: number): Timer {
    return new SystemTimer(fn, ms)
  }
}
