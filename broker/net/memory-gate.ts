/**
 * Bytes of requests that the broker holds at once, over all connections: from the moment they arrive until their request is answered.
 * Over the limit (queued.max.request.bytes) nothing more is admitted, and who has more to say is not read from. What a peer only
 * announces costs nothing, so nobody can fill the gate without sending that much (Kafka's SimpleMemoryPool charges announcements).
 * One unfinished frame at a time may pass the limit: else frames that wait for each other's bytes would never end.
 */
export class MemoryGate {
  readonly #limitBytes: number
  #usedBytes = 0
  #waiting: (() => void)[] = []
  #passing: object | undefined
  #waking = false
  #wakeEveryone = false

  constructor(limitBytes: number) {
    this.#limitBytes = limitBytes
  }

  get availableBytes(): number {
    return Math.max(0, this.#limitBytes - this.#usedBytes)
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  get waitingCount(): number {
    return this.#waiting.length
  }

  /** Charges the bytes, or returns false: then `whenFree` tells when to try again. `unfinished` owns a frame that has begun. */
  tryEnter(bytes: number, unfinished?: object): boolean {
    if (this.#usedBytes >= this.#limitBytes) {
      if (unfinished === undefined) return false
      this.#passing ??= unfinished
      if (this.#passing !== unfinished) return false
    }
    this.#usedBytes += bytes
    return true
  }

  /** Its frame is whole, or will never be. */
  finished(owner: object): void {
    if (this.#passing !== owner) return
    this.#passing = undefined
    this.#wake(true)
  }

  /** Calls once, in the order of asking, when there may be room. */
  whenFree(tryAgain: () => void): void {
    this.#waiting.push(tryAgain)
  }

  leave(bytes: number): void {
    this.#usedBytes -= bytes
    this.#wake(false)
  }

  /** Whoever is let in may be answered at once, and leave: one loop for all, not one inside the other. */
  #wake(everyone: boolean): void {
    this.#wakeEveryone ||= everyone
    if (this.#waking) return
    this.#waking = true
    try {
      while (this.#waiting.length > 0) {
        if (this.#wakeEveryone) {
          this.#wakeEveryone = false
          for (const tryAgain of this.#waiting.splice(0)) tryAgain()
        } else if (this.#usedBytes < this.#limitBytes) this.#waiting.shift()!()
        else break
      }
    } finally {
      this.#waking = false
      this.#wakeEveryone = false
    }
  }
}
