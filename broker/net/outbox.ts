/**
 * Replies of one turn of the loop leave together, when all that the turn brought has been read and worked on. A write to a socket wakes
 * its client, which is the dearest part of a small request: behind the first write the others find it awake, and a connection with
 * several answers makes one write of them. Nobody waits longer for the others' work than a millisecond and the request under way.
 */
import type { Clock } from '../ports/clock.ts'

const LONGEST_WAIT_MS = 1

export class Outbox {
  readonly #clock: Clock
  #waiting: (() => void)[] = []
  #isScheduled = false
  #sinceMs = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Calls `flush`, which never throws, soon and once. */
  add(flush: () => void): void {
    const nowMs = this.#clock.monotonicMs()
    if (this.#waiting.length === 0) this.#sinceMs = nowMs
    this.#waiting.push(flush)
    if (nowMs - this.#sinceMs >= LONGEST_WAIT_MS) queueMicrotask(this.#flush)
    else if (!this.#isScheduled) {
      this.#isScheduled = true
      setImmediate(() => {
        this.#isScheduled = false
        this.#flush()
      })
    }
  }

  readonly #flush = (): void => {
    const waiting = this.#waiting
    this.#waiting = []
    for (const flush of waiting) flush()
  }
}
