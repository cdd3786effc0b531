// What leaves the manager for good, or is set aside: logs that were given up are renamed now and removed from the disk after
// file.delete.delay.ms; logs that do not belong here keep their bytes under another name.
import type { Clock } from './clock.ts'
import { StorageError } from './errors.ts'
import type { FileSystem } from './fs/port.ts'
import type { Log, TopicPartition } from './log.ts'
import { LogDeletion } from './log-deletion.ts'
import type { LogDir } from './log-dir.ts'
import type { LogDirCheckpoints } from './log-dir-checkpoints.ts'
import type { LogTable } from './log-table.ts'
import type { StorageLogger } from './logger.ts'
import { suffixedDirectoryName } from './topic-partition-name.ts'

export interface LogRemovalOptions {
  readonly fs: FileSystem
  readonly clock: Clock
  readonly logger: StorageLogger
  /** 32 hexadecimal digits. */
  readonly newUuid: () => string
  readonly logs: LogTable
  readonly checkpoints: LogDirCheckpoints
  readonly fileDeleteDelayMs: () => number
  /** The log was there: whoever keeps something about it forgets that. */
  readonly onGivenUp: (logDir: LogDir, topicPartition: TopicPartition) => void
  readonly onFailure: (logDir: LogDir, error: Error) => void
}

export class LogRemoval {
  readonly #options: LogRemovalOptions
  readonly #deletion: LogDeletion
  readonly #strays: string[] = []

  constructor(options: LogRemovalOptions) {
    this.#options = options
    this.#deletion = new LogDeletion(options.clock, (logDir, error) =>
      options.onFailure(logDir, StorageError.from(error, logDir.path, 'deleting a log')),
    )
  }

  /** Directories set aside, now or by an earlier run. */
  get strays(): readonly string[] {
    return this.#strays
  }

  giveUp(log: Log): void {
    const { fs, newUuid, logs, checkpoints, onGivenUp, onFailure } = this.#options
    const logDir = logs.dirOf(log)
    if (logDir === undefined) return
    logs.delete(log)
    try {
      onGivenUp(logDir, log.topicPartition)
      const name = suffixedDirectoryName(log.topicPartition, newUuid(), 'delete')
      log.giveUp()
      fs.rename(log.directory, `${logDir.path}/${name}`)
      this.doom(logDir, `${logDir.path}/${name}`)
    } catch (error) {
      onFailure(logDir, StorageError.from(error, log.directory, 'deleting a log'))
    }
    checkpoints.soon(logDir)
  }

  /** A directory of a log that was given up: it goes after the delay. */
  doom(logDir: LogDir, directory: string): void {
    const { fs, fileDeleteDelayMs } = this.#options
    this.#deletion.schedule(logDir, () => fs.rmrf(directory), fileDeleteDelayMs())
  }

  setAside(logDir: LogDir, directory: string, topicPartition: TopicPartition, reason: string): void {
    const { fs, newUuid, logger } = this.#options
    const aside = `${logDir.path}/${suffixedDirectoryName(topicPartition, newUuid(), 'stray')}`
    fs.rename(directory, aside)
    this.#strays.push(aside)
    logger.warn({ directory, aside, reason }, 'a log is set aside as stray')
  }

  /** An earlier run set it aside. */
  addStray(directory: string): void {
    this.#strays.push(directory)
  }

  /** What is doomed still stays on the disk, marked, for the next start. */
  stop(): void {
    this.#deletion.stop()
  }
}
