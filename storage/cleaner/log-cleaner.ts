// Compacts the logs whose cleanup.policy says so: again and again the dirtiest one, until none is dirty enough; then it
// rests for log.cleaner.backoff.ms. A log that cannot be cleaned (a corrupt batch) is left alone until the next start,
// and the others go on.
// Answers to Kafka's LogCleaner and LogCleanerManager, with one cleaner that works in slices on the loop.

import type { Clock, Timer } from '../clock.ts'
import type { StorageError } from '../errors.ts'
import type { FileSystem } from '../fs/port.ts'
import type { Log, TopicPartition } from '../log.ts'
import type { StorageLogger } from '../logger.ts'
import type { Cleanable } from './cleanable.ts'
import { CleanerCheckpoints } from './cleaner-checkpoints.ts'
import { OffsetMap } from './offset-map.ts'

/** Read at each use, so the owner may change them in place. */
export interface LogCleanerSettings {
  /** log.cleaner.enable */
  readonly isEnabled: boolean
  /** log.cleaner.backoff.ms */
  readonly backoffMs: number
  /** log.cleaner.dedupe.buffer.size */
  readonly dedupeBufferBytes: number
  /** log.cleaner.io.buffer.load.factor */
  readonly loadFactor: number
  /** log.cleaner.io.buffer.size */
  readonly ioBufferBytes: number
  /** log.cleaner.io.max.bytes.per.second */
  readonly maxBytesPerSecond: number
}

export interface LogCleanerOptions {
  readonly fs: FileSystem
  readonly clock: Clock
  readonly logger: StorageLogger
  readonly random: () => number
  readonly settings: LogCleanerSettings
  /** Every log with the path of its log directory. */
  readonly logs: () => Iterable<readonly [log: Log, logDir: string]>
  /** The directory is to go offline. */
  readonly onDirectoryFailure: (logDir: string, error: StorageError) => void
  /** Lets other work go on between two slices. */
  readonly yieldNow?: () => Promise<void>
}

interface Candidate {
  readonly log: Log
  readonly logDir: string
  readonly range: Cleanable
}

export class LogCleaner {
  readonly #options: LogCleanerOptions
  readonly #checkpoints: CleanerCheckpoints
  readonly #uncleanable = new WeakSet<Log>()
  #timer: Timer | null = null
  #round: Promise<unknown> = Promise.resolve()
  #isStopped = false
  #owedMs = 0

  constructor(options: LogCleanerOptions) {
    this.#options = options
    const { fs, logger, logs, onDirectoryFailure: onFailure } = options
    this.#checkpoints = new CleanerCheckpoints({ fs, logger, logs, onFailure })
  }

  start(): void {
    this.#rest()
  }

  /** Resolves when the slice under way has ended; the round is given up. */
  async stop(): Promise<void> {
    this.#isStopped = true
    this.#timer?.cancel()
    await this.#round
  }

  /** The dirtiest log that may be cleaned, if any is dirty enough. */
  dirtiest(): Candidate | null {
    let dirtiest: Candidate | null = null
    for (const [log, logDir] of this.#options.logs()) {
      if (!log.config.cleanupPolicy.compact || this.#uncleanable.has(log)) continue
      const range = log.cleanable(this.#checkpoints.cleanedUpTo(logDir, log))
      if (range.cleanableBytes === 0) continue
      if (!range.isOverdue && range.dirtyRatio <= log.config.minCleanableDirtyRatio) continue
      if (dirtiest === null || range.dirtyRatio > dirtiest.range.dirtyRatio) dirtiest = { log, logDir, range }
    }
    return dirtiest
  }

  /** Cleans one log; false when there was none to clean. */
  async cleanOne(): Promise<boolean> {
    const candidate = this.dirtiest()
    if (candidate === null) return false
    const { log, logDir, range } = candidate
    const { settings, random, logger, clock } = this.#options
    const seed = Math.floor(random() * 0x1_0000_0000)
    const map = new OffsetMap(settings.dedupeBufferBytes, settings.loadFactor, seed)
    const startedMs = clock.monotonicMs()
    try {
      const result = await log.clean(range, {
        map,
        ioBufferBytes: settings.ioBufferBytes,
        pause: bytes => this.#pause(bytes),
      })
      if (result === null) return true
      // Else the same batch would be met again, for ever.
      if (result.cleanedUpTo <= range.firstDirtyOffset)
        throw new Error('log.cleaner.dedupe.buffer.size has no room for the keys of one batch')
      this.#checkpoints.set(logDir, log, result.cleanedUpTo)
      const tookMs = Math.round(clock.monotonicMs() - startedMs)
      logger.info({ log: log.directory, ...result, tookMs }, 'log compacted')
    } catch (error) {
      if (error instanceof Stopped) return false
      this.#uncleanable.add(log)
      logger.error({ err: error, log: log.directory }, 'log cannot be compacted and is left as it is')
    }
    return true
  }

  /** The log was given up: one of the same name begins dirty. */
  forget(logDir: string, topicPartition: TopicPartition): void {
    this.#checkpoints.forget(logDir, topicPartition)
  }

  // ---- when

  #rest(): void {
    if (this.#isStopped) return
    this.#timer = this.#options.clock.setTimeout(() => {
      this.#round = this.#cleanAll().finally(() => this.#rest())
    }, this.#options.settings.backoffMs)
  }

  async #cleanAll(): Promise<void> {
    const { settings, logger } = this.#options
    try {
      while (!this.#isStopped && settings.isEnabled && (await this.cleanOne()));
    } catch (error) {
      logger.error({ err: error }, 'compaction failed')
    }
  }

  /** Between slices: others' turn, and as long a rest as the byte rate asks for. */
  async #pause(bytes: number): Promise<void> {
    const { settings, clock, yieldNow = yieldToLoop } = this.#options
    this.#owedMs += Number.isFinite(settings.maxBytesPerSecond)
      ? (1000 * bytes) / settings.maxBytesPerSecond
      : 0
    if (this.#owedMs >= 1) {
      const restMs = Math.min(this.#owedMs, MAX_REST_MS)
      this.#owedMs -= restMs
      await new Promise<void>(resolve => clock.setTimeout(resolve, restMs))
    } else await yieldNow()
    if (this.#isStopped) throw new Stopped()
  }
}

/** A stop waits no longer than this for a cleaner that rests. */
const MAX_REST_MS = 200

class Stopped extends Error {}

function yieldToLoop(): Promise<void> {
  return new Promise(resolve => setImmediate(resolve))
}
