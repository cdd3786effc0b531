/** Time as a parameter, for the rooms that may not import storage. The same shape as storage/clock.ts; implementations are in `time/`. */
export interface Timer {
  cancel(): void
}

export interface Clock {
  nowMs(): number
  monotonicMs(): number
  setTimeout(fn: () => void, ms: number): Timer
}
