// Writes the checkpoints of all log directories: on their intervals, and soon after logs were given up, so that a new
// log of the same name does not inherit the old one's offsets. A directory that cannot be written fails.
import { StorageError } from './errors.ts'
import type { LogDir } from './log-dir.ts'

export class LogDirCheckpoints {
  readonly #logDirs: readonly LogDir[]
  readonly #onFailure: (logDir: LogDir, error: Error) => void
  readonly #stale = new Set<LogDir>()
  #isStopped = false

  constructor(logDirs: readonly LogDir[], onFailure: (logDir: LogDir, error: Error) => void) {
    this.#logDirs = logDirs
    this.#onFailure = onFailure
  }

  recoveryPoints(): void {
    this.#write(this.#logDirs, logDir => logDir.checkpointRecoveryPoints())
  }

  logStartOffsets(): void {
    this.#write(this.#logDirs, logDir => logDir.checkpointLogStartOffsets())
  }

  highWatermarks(): void {
    this.#write(this.#logDirs, logDir => logDir.checkpointHighWatermarks())
  }

  /** One write for all logs given up in this tick. */
  soon(logDir: LogDir): void {
    this.#stale.add(logDir)
    if (this.#stale.size > 1) return
    queueMicrotask(() => {
      const stale = Array.from(this.#stale)
      this.#stale.clear()
      if (this.#isStopped) return
      this.#write(stale, candidate => {
        candidate.checkpointRecoveryPoints()
        candidate.checkpointLogStartOffsets()
        candidate.checkpointHighWatermarks()
      })
    })
  }

  stop(): void {
    this.#isStopped = true
  }

  #write(logDirs: readonly LogDir[], write: (logDir: LogDir) => void): void {
    for (const logDir of logDirs) {
      if (!logDir.isOnline) continue
      try {
        write(logDir)
      } catch (error) {
        this.#onFailure(logDir, StorageError.from(error, logDir.path, 'writing a checkpoint'))
      }
    }
  }
}
