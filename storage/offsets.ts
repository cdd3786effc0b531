// The four offsets of a log and the one rule between them:  log start ≤ last stable ≤ high watermark ≤ log end.
// The last stable offset is derived: the first offset of an open transaction, never outside [log start, high watermark].
// Every change goes through one setter, which asserts the rule; a broken invariant is a bug and throws at once.

export class LogOffsets {
  #logStart: number
  #highWatermark: number
  #logEnd: number
  #firstUnstable: number | null = null

  constructor(logStart: number, highWatermark: number, logEnd: number) {
    this.#logStart = logStart
    this.#highWatermark = highWatermark
    this.#logEnd = logEnd
    this.#check()
  }

  get logStart(): number {
    return this.#logStart
  }

  get highWatermark(): number {
    return this.#highWatermark
  }

  get logEnd(): number {
    return this.#logEnd
  }

  get lastStable(): number {
    const unstable = this.#firstUnstable
    if (unstable === null || unstable >= this.#highWatermark) return this.#highWatermark
    return unstable < this.#logStart ? this.#logStart : unstable
  }

  set(logStart: number, highWatermark: number, logEnd: number): void {
    this.#logStart = logStart
    this.#highWatermark = highWatermark
    this.#logEnd = logEnd
    this.#check()
  }

  setLogEnd(offset: number): void {
    this.#logEnd = offset
    this.#check()
  }

  setHighWatermark(offset: number): void {
    this.#highWatermark = offset
    this.#check()
  }

  /** First offset of the oldest transaction that is open, or whose outcome lies above the high watermark. */
  setFirstUnstable(offset: number | null): void {
    this.#firstUnstable = offset
  }

  #check(): void {
    if (
      !(0 <= this.#logStart && this.#logStart <= this.#highWatermark && this.#highWatermark <= this.#logEnd)
    ) {
      throw new Error(
        `log start ${this.#logStart} ≤ high watermark ${this.#highWatermark} ≤ log end ${this.#logEnd} does not hold`,
      )
    }
  }
}
