/**
 * Bytes of requests that the broker holds at once, over all connections: from the moment a frame is announced until its request is
 * answered. Over the limit (queued.max.request.bytes) no new frame is admitted, and its connection stops reading. One frame may pass
 * the limit, as in Kafka's SimpleMemoryPool, or a frame larger than the limit could never come in.
 */
export class MemoryGate {
  readonly #limitBytes: number
  #usedBytes = 0
  #waiting: (() => void)[] = []

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

  /** Charges the bytes, or returns false: then `whenFree` tells when to try again. */
  tryEnter(bytes: number): boolean {
    if (this.#usedBytes >= this.#limitBytes) return false
    this.#usedBytes += bytes
    return true
  }

  /** Calls once, in the order of asking, when there may be room. */
  whenFree(tryAgain: () => void): void {
    this.#waiting.push(tryAgain)
  }

  leave(bytes: number): void {
    this.#usedBytes -= bytes
    while (this.#usedBytes < this.#limitBytes && this.#waiting.length > 0) this.#waiting.shift()!()
  }
}
