// AlterReplicaLogDirs: a second copy of a log, in another directory of this broker. Its owner fills it; when it has everything it takes
// the log's place. Answers to the future logs of Kafka's LogManager (KIP-113).
import { failsDirectory, StorageError } from './errors.ts'
import type { FileSystem } from './fs/port.ts'
import type { Log, TopicPartition } from './log.ts'
import type { LogDir } from './log-dir.ts'
import type { LogOpening } from './log-loading.ts'
import type { LogRemoval } from './log-removal.ts'
import type { LogTable } from './log-table.ts'
import type { StorageLogger } from './logger.ts'
import { writePartitionMetadata } from './partition-metadata.ts'
import { partitionDirectoryName, suffixedDirectoryName } from './topic-partition-name.ts'

export interface FutureLogsOptions {
  readonly fs: FileSystem
  readonly logger: StorageLogger
  /** 32 hexadecimal digits. */
  readonly newUuid: () => string
  readonly logs: LogTable
  readonly removal: LogRemoval
  readonly open: (
    logDir: LogDir,
    directory: string,
    topicPartition: TopicPartition,
    opening: LogOpening,
  ) => Log
  readonly onFailure: (logDir: LogDir, error: Error) => void
}

export class FutureLogs {
  readonly #options: FutureLogsOptions

  constructor(options: FutureLogsOptions) {
    this.#options = options
  }

  all(): Log[] {
    const { logs } = this.#options
    return Array.from(logs.allLogs()).filter(log => logs.future(log.topicPartition) === log)
  }

  /** An empty log in `logDir`, beside the current one. Throws a StorageError when the directory fails. */
  create(topicPartition: TopicPartition, { topicId, config }: Log, logDir: LogDir): Log {
    const { fs, newUuid, logs, open, onFailure } = this.#options
    const directory = `${logDir.path}/${suffixedDirectoryName(topicPartition, newUuid(), 'future')}`
    try {
      const log = open(logDir, directory, topicPartition, {
        ...{ topicId, config },
        ...{ recoveryPoint: 0, cleanShutdown: true },
      })
      if (topicId !== undefined) writePartitionMetadata(fs, directory, topicId)
      logs.addFuture(logDir, log)
      return log
    } catch (error) {
      if (!failsDirectory(error)) throw error
      const failure = StorageError.from(error, directory, 'creating a future log')
      onFailure(logDir, failure)
      throw failure
    }
  }

  /** The copy has caught up: it becomes the log, and the old one is given up. */
  promote(topicPartition: TopicPartition): Log {
    const { logs, removal } = this.#options
    const key = partitionDirectoryName(topicPartition)
    const future = logs.future(topicPartition)
    const logDir = future && logs.dirOf(future)
    if (future === undefined || logDir === undefined) throw new Error(`${key} has no future log`)
    future.renameDirectory(`${logDir.path}/${key}`)
    // Its new name first, durably: else a power cut could leave only the log that is about to be deleted.
    this.#syncDir(logDir)
    const replaced = logs.promote(future)
    if (replaced !== undefined) {
      future.updateHighWatermark(replaced.highWatermark)
      removal.giveUp(replaced)
    }
    return future
  }

  #syncDir(logDir: LogDir): void {
    const { fs, onFailure } = this.#options
    try {
      fs.syncDir(logDir.path)
    } catch (error) {
      const failure = StorageError.from(error, logDir.path, 'moving a log')
      onFailure(logDir, failure)
      throw failure
    }
  }

  /** A copy whose original is gone, and is not in a directory that is offline, had caught up: it is the log now. */
  adoptAbandoned(): void {
    const { logs, logger } = this.#options
    for (const future of this.all()) {
      const { topicPartition } = future
      if (logs.current(topicPartition) !== undefined) continue
      logger.warn({ directory: future.directory }, 'a copy without its original takes its place')
      this.promote(topicPartition)
    }
  }
}
