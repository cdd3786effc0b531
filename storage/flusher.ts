// Group commit. Appends that must reach the disk before they are answered ask here; one fdatasync per log is under way
// at a time, and all who ask meanwhile share the next one. Few run at once over all logs, so that the thread pool stays
// usable. While a flush is owed the log lets no ack, watermark or reply pass its flushed offset (Log.ackableOffset).
// A failed flush is never tried again: the page cache may have dropped what it could not write, and a second fsync
// would report success. The log has told its directory's owner by then; here the waiters are refused.
import type { Log } from './log.ts'

/** What the flusher needs of a log. */
export type FlushableLog = Pick<Log, 'logEndOffset' | 'flushedOffset' | 'flush'>

interface Waiter {
  readonly offset: number
  readonly resolve: () => void
  readonly reject: (error: unknown) => void
}

interface State {
  waiters: Waiter[]
  /** Asked for since the flush under way began (or none is under way). */
  isAskedAgain: boolean
  isRunning: boolean
}

/** Some for each of the four threads of Node's pool, so that none waits for the loop to bring the next one (bench/NOTES.md). */
const DEFAULT_MAX_CONCURRENT = 16

export class Flusher {
  readonly #maxConcurrent: number
  /** Kept as long as the log: a table to which something is added at every flush costs collections. */
  readonly #states = new WeakMap<FlushableLog, State>()
  readonly #queue: FlushableLog[] = []
  #running = 0

  constructor(maxConcurrent = DEFAULT_MAX_CONCURRENT) {
    this.#maxConcurrent = maxConcurrent
  }

  /** Flush this log's end soon. Cheap to call for every append. */
  request(log: FlushableLog): void {
    const state = this.#stateOf(log)
    if (state.isAskedAgain) return
    state.isAskedAgain = true
    if (state.isRunning) return
    this.#queue.push(log)
    this.#startNext()
  }

  /** Resolves when everything below `offset` is on the disk; rejects when that can no longer be known. */
  whenFlushed(log: FlushableLog, offset = log.logEndOffset): Promise<void> {
    if (log.flushedOffset >= offset) return Promise.resolve()
    return new Promise((resolve, reject) => {
      this.#stateOf(log).waiters.push({ offset, resolve, reject })
      this.request(log)
    })
  }

  #stateOf(log: FlushableLog): State {
    let state = this.#states.get(log)
    if (state === undefined) {
      state = { waiters: [], isAskedAgain: false, isRunning: false }
      this.#states.set(log, state)
    }
    return state
  }

  #startNext(): void {
    while (this.#running < this.#maxConcurrent) {
      const log = this.#queue.shift()
      if (log === undefined) return
      void this.#flush(log, this.#stateOf(log))
    }
  }

  async #flush(log: FlushableLog, state: State): Promise<void> {
    this.#running++
    state.isRunning = true
    try {
      // Leave the tick first: requests of this tick, on this connection and others, join.
      await Promise.resolve()
      state.isAskedAgain = false
      await log.flush()
      this.#release(log, state)
    } catch (error) {
      state.isAskedAgain = false
      for (const waiter of state.waiters.splice(0)) waiter.reject(error)
    } finally {
      this.#running--
      state.isRunning = false
      if (state.isAskedAgain) this.#queue.push(log)
      this.#startNext()
    }
  }

  #release(log: FlushableLog, state: State): void {
    const reached = state.waiters.filter(waiter => waiter.offset <= log.flushedOffset)
    state.waiters = state.waiters.filter(waiter => waiter.offset > log.flushedOffset)
    for (const waiter of reached) waiter.resolve()
    if (log.flushedOffset < log.logEndOffset) state.isAskedAgain ||= state.waiters.length > 0
    else
      for (const waiter of state.waiters.splice(0))
        waiter.reject(new Error('The log was truncated below the offset'))
  }
}
