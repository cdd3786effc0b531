// The work on all logs that repeats: retention, checkpoints, flush.ms, expiry of producers, memory given back. Each on
// its own interval, read before every round.
import type { Clock } from './clock.ts'
import type { LogDirCheckpoints } from './log-dir-checkpoints.ts'
import type { LogTable } from './log-table.ts'
import type { StorageLogger } from './logger.ts'
import { PeriodicWork } from './periodic-work.ts'

export interface MaintenanceSettings {
  /** log.retention.check.interval.ms */
  readonly retentionCheckIntervalMs: number
  /** log.flush.offset.checkpoint.interval.ms */
  readonly recoveryPointCheckpointIntervalMs: number
  /** log.flush.start.offset.checkpoint.interval.ms */
  readonly logStartOffsetCheckpointIntervalMs: number
  /** replica.high.watermark.checkpoint.interval.ms */
  readonly highWatermarkCheckpointIntervalMs: number
  /** producer.id.expiration.check.interval.ms */
  readonly producerIdExpirationCheckIntervalMs: number
  /** log.flush.scheduler.interval.ms */
  readonly flushSchedulerIntervalMs?: number
  /** log.initial.task.delay.ms */
  readonly initialTaskDelayMs: number
}

export interface MaintenanceOptions {
  readonly clock: Clock
  readonly logger: StorageLogger
  readonly settings: MaintenanceSettings
  readonly logs: LogTable
  readonly checkpoints: LogDirCheckpoints
}

export class LogMaintenance {
  readonly #options: MaintenanceOptions
  readonly #periodic: PeriodicWork

  constructor(options: MaintenanceOptions) {
    this.#options = options
    this.#periodic = new PeriodicWork(options.clock, () => options.settings.initialTaskDelayMs)
  }

  start(): void {
    const { settings, checkpoints } = this.#options
    const schedule: [intervalMs: () => number, work: () => void][] = [
      [() => settings.retentionCheckIntervalMs, () => this.#deleteOldSegments()],
      [() => settings.retentionCheckIntervalMs, () => this.#releaseIdle()],
      [() => settings.recoveryPointCheckpointIntervalMs, () => checkpoints.recoveryPoints()],
      [() => settings.logStartOffsetCheckpointIntervalMs, () => checkpoints.logStartOffsets()],
      [() => settings.highWatermarkCheckpointIntervalMs, () => checkpoints.highWatermarks()],
      [() => settings.producerIdExpirationCheckIntervalMs, () => this.#expireProducers()],
      [() => settings.flushSchedulerIntervalMs ?? Number.POSITIVE_INFINITY, () => this.#flushOverdue()],
    ]
    for (const [intervalMs, work] of schedule) this.#periodic.every(intervalMs, work)
  }

  stop(): void {
    this.#periodic.stop()
  }

  /** Retention over all logs; a compacted log is the cleaner's unless its policy also says delete. */
  #deleteOldSegments(): void {
    const { logs, logger } = this.#options
    for (const log of logs.allLogs()) {
      try {
        log.deleteOldSegments()
      } catch (error) {
        logger.error({ err: error, log: log.directory }, 'retention failed')
      }
    }
  }

  /** What no reader or writer used for a whole interval gives its memory and descriptors back. */
  #releaseIdle(): void {
    for (const log of this.#options.logs.allLogs()) {
      try {
        log.releaseIdle()
      } catch {
        // The log has told: its directory is offline.
      }
    }
  }

  #expireProducers(): void {
    const nowMs = this.#options.clock.nowMs()
    for (const log of this.#options.logs.allLogs()) log.removeExpiredProducers(nowMs)
  }

  /** flush.ms: records that have been in memory only for that long go to the disk. */
  #flushOverdue(): void {
    const nowMs = this.#options.clock.nowMs()
    for (const log of this.#options.logs.allLogs()) {
      if (log.flushedOffset >= log.logEndOffset || nowMs - log.lastFlushMs < log.config.flushMs) continue
      // A failure is the log's to tell: it takes its directory offline.
      log.flush(log.logEndOffset).catch(() => {})
    }
  }
}
