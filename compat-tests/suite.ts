/**
 * A suite is a list of named checks against one running broker, run in order. A check fails by throwing.
 * Suites that wrap somebody else's test runner report that runner's tests instead (`run`).
 */
import type { RunningBroker, Server, Settings } from './brokers.ts'

export interface CheckContext {
  readonly broker: RunningBroker
  /** A topic name nobody used before. */
  topic(): string
}

export interface Check {
  readonly name: string
  /** Left to full runs: it takes minutes, and a check of every CI run covers its heart. */
  readonly isSlow?: boolean
  run(context: CheckContext): Promise<void> | void
}

export interface Suite {
  readonly name: string
  /** What the suite is, and which release of it. */
  readonly title: string
  readonly settings?: Settings
  /** On top, for Apache Kafka only: what the suite wants of a feature that ours still waits for. */
  readonly kafkaSettings?: Settings
  /** Part of every CI run. */
  readonly isInCi: boolean
  /** Installs what the suite needs; throws MissingToolchain where that cannot be had. */
  prepare?(): void
  readonly checks: readonly Check[]
  /**
   * For a suite with a test runner of its own: runs it and reports each of its tests by that runner's name. `mustPass` and `waiting`
   * (beside the suite, one name a line) then say what a failure means.
   */
  run?(
    broker: RunningBroker,
    options: RunOptions,
  ): readonly ForeignResult[] | Promise<readonly ForeignResult[]>
  /** The same for a runner that starts its brokers itself. */
  runAlone?(server: Server, options: RunOptions): Promise<readonly ForeignResult[]>
  /** Where `options` can leave tests out: whether this one of `must-pass.txt` belongs to such a run. */
  covers?(test: string, options: RunOptions): boolean
  /** The folder that holds `must-pass.txt` and `waiting.txt`; needed with `run` and `runAlone`. */
  readonly lists?: string
}

export interface RunOptions {
  /** Only the part that every change must pass. */
  readonly isCi: boolean
  /** Only what has this in its name. */
  readonly only?: string
  /** Only the tests of `waiting.txt`, to see which of them have begun to pass. */
  readonly isWaiting: boolean
}

/** One test of somebody else's runner. */
export interface ForeignResult {
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped'
  readonly reason?: string
}

export interface Outcome {
  readonly suite: string
  readonly name: string
  readonly result: 'passed' | 'failed' | 'skipped'
  readonly reason?: string
  readonly ms: number
}

/** Asserts with a message that shows what was there instead. */
export function expectMatch(text: string, pattern: RegExp, what: string): void {
  if (!pattern.test(text)) throw new Error(`${what}: expected ${pattern} in:\n${text.slice(0, 3000)}`)
}

export function expectEqual<T>(actual: T, expected: T, what: string): void {
  const a = JSON.stringify(actual)
  const e = JSON.stringify(expected)
  if (a !== e) throw new Error(`${what}: expected ${e?.slice(0, 500)}, got ${a?.slice(0, 500)}`)
}
