// Partition directories that were given up: renamed at once, so that the name is free and a crash finds them marked,
// removed after file.delete.delay.ms, so that reads under way can end. Removal is cut into slices of a few
// milliseconds: ten thousand partitions deleted at once must not stop the broker from answering.
// Answers to deleteLogs and logsToBeDeleted of Kafka's LogManager.
import type { Clock, Timer } from './clock.ts'
import type { LogDir } from './log-dir.ts'

const SLICE_MS = 10

interface Doomed {
  readonly logDir: LogDir
  readonly remove: () => void
  readonly atMs: number
}

export class LogDeletion {
  readonly #clock: Clock
  readonly #onFailure: (logDir: LogDir, error: unknown) => void
  readonly #queue: Doomed[] = []
  #timer: Timer | undefined
  #isStopped = false

  constructor(clock: Clock, onFailure: (logDir: LogDir, error: unknown) => void) {
    this.#clock = clock
    this.#onFailure = onFailure
  }

  get size(): number {
    return this.#queue.length
  }

  schedule(logDir: LogDir, remove: () => void, delayMs: number): void {
    this.#queue.push({ logDir, remove, atMs: this.#clock.nowMs() + delayMs })
    this.#arm(delayMs)
  }

  /** What is still queued stays on the disk, marked, for the next start. */
  stop(): void {
    this.#isStopped = true
    this.#timer?.cancel()
    this.#queue.length = 0
  }

  #arm(delayMs: number): void {
    if (this.#timer !== undefined || this.#isStopped) return
    this.#timer = this.#clock.setTimeout(() => {
      this.#timer = undefined
      this.#removeDue()
    }, delayMs)
  }

  #removeDue(): void {
    const startedMs = this.#clock.monotonicMs()
    while (this.#queue.length > 0) {
      const { logDir, remove, atMs } = this.#queue[0]!
      const waitMs = atMs - this.#clock.nowMs()
      if (waitMs > 0) return this.#arm(waitMs)
      if (this.#clock.monotonicMs() - startedMs > SLICE_MS) return this.#arm(1)
      this.#queue.shift()
      if (!logDir.isOnline) continue
      try {
        remove()
      } catch (error) {
        this.#onFailure(logDir, error)
      }
    }
  }
}
