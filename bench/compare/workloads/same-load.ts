// Both servers get the same number of records in a round: as many as they took on average while they were warmed up.
export class SameLoad {
  readonly #recordsPerSecond: number[] = []

  /** Of one server, from its warm-up. */
  learn(recordsPerSecond: number): void {
    this.#recordsPerSecond.push(recordsPerSecond)
  }

  recordsIn(seconds: number): number {
    const rate = this.#recordsPerSecond.reduce((sum, each) => sum + each) / this.#recordsPerSecond.length
    return Math.round(rate * seconds)
  }
}
