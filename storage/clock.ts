// The clock as a parameter. Nothing in storage/ or broker/ asks the machine for the time: it asks the Clock it was
// handed, so that a test can make seven days pass in a microsecond. Implementations: broker/time/.

export interface Timer {
  cancel(): void
}

export interface Clock {
  /** Whole milliseconds since the epoch: what a record's timestamp is made of. May jump. */
  nowMs(): number
  /** Milliseconds since some moment: never goes back. For durations and deadlines. */
  monotonicMs(): number
  /** Calls fn once, after at least ms milliseconds, never before setTimeout has returned. Keeps no process alive. */
  setTimeout(fn: () => void, ms: number): Timer
}
