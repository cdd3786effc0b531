// The timers of one shard, by key. A session timer is moved at every heartbeat, so moving one to a later time costs a map
// write: the clock's timer stays where it is and looks again when it fires. Answers to Kafka's EventBasedCoordinatorTimer.

import type { Clock, Timer } from '../ports/clock.ts'

interface Entry {
  dueMs: number
  armedMs: number
  timer: Timer
  run: () => void
}

export class ShardTimers {
  readonly #clock: Clock
  readonly #entries = new Map<string, Entry>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  get size(): number {
    return this.#entries.size
  }

  schedule(key: string, afterMs: number, run: () => void): void {
    const dueMs = this.#clock.monotonicMs() + afterMs
    const known = this.#entries.get(key)
    if (known !== undefined) {
      known.dueMs = dueMs
      known.run = run
      if (dueMs < known.armedMs) {
        known.timer.cancel()
        this.#arm(key, known)
      }
      return
    }
    const entry: Entry = { dueMs, armedMs: dueMs, timer: { cancel() {} }, run }
    this.#entries.set(key, entry)
    this.#arm(key, entry)
  }

  has(key: string): boolean {
    return this.#entries.has(key)
  }

  cancel(key: string): void {
    this.#entries.get(key)?.timer.cancel()
    this.#entries.delete(key)
  }

  cancelAll(): void {
    for (const entry of this.#entries.values()) entry.timer.cancel()
    this.#entries.clear()
  }

  #arm(key: string, entry: Entry): void {
    entry.armedMs = entry.dueMs
    const waitMs = Math.max(0, entry.dueMs - this.#clock.monotonicMs())
    entry.timer = this.#clock.setTimeout(() => this.#fired(key, entry), waitMs)
  }

  #fired(key: string, entry: Entry): void {
    if (this.#entries.get(key) !== entry) return
    if (this.#clock.monotonicMs() < entry.dueMs) {
      this.#arm(key, entry)
      return
    }
    this.#entries.delete(key)
    entry.run()
  }
}
