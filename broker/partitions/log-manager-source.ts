/**
 * The log manager as partitions and DescribeLogDirs need it: opens, deletes, describes and moves logs. The only file of this room that
 * knows it.
 */
import { Errors } from '../../protocol/errors.ts'
import type { LogConfig } from '../../storage/config.ts'
import type { Log, TopicPartition } from '../../storage/log.ts'
import type { LogDir, LogManager } from '../../storage/log-manager.ts'
import type { LogDirDescription } from '../ports/partitions.ts'
import type { LogDirSource } from './local-partitions.ts'
import type { LogSource } from './partition-map.ts'

/** How large the volume of a directory is and what is left of it; -1 where nobody knows. */
export type VolumeSpace = (path: string) => { readonly totalBytes: number; readonly usableBytes: number }

const UNKNOWN_SPACE = { totalBytes: -1, usableBytes: -1 }

export class LogManagerSource implements LogSource, LogDirSource {
  readonly #manager: LogManager
  readonly #space: VolumeSpace

  constructor(manager: LogManager, space: VolumeSpace = () => UNKNOWN_SPACE) {
    this.#manager = manager
    this.#space = space
  }

  openOrCreate(
    partition: TopicPartition,
    topicId: string,
    config: LogConfig,
    directoryId: string | undefined,
    isNew: boolean,
  ): Log {
    return this.#manager.getOrCreateLog(partition, { topicId, config, directoryId, isNew })
  }

  delete(partition: TopicPartition): void {
    this.#manager.deleteLog(partition)
  }

  describe(): LogDirDescription[] {
    return this.#manager.logDirs.map(logDir => (logDir.isOnline ? this.#describe(logDir) : offline(logDir)))
  }

  #describe(logDir: LogDir): LogDirDescription {
    const replicas = []
    for (const log of logDir.logs) {
      const { topic, partition } = log.topicPartition
      const isFuture = this.#manager.getFutureLog(log.topicPartition) === log
      // A leader lags behind nothing; a future copy behind the log it will replace.
      const current = isFuture ? this.#manager.getLog(log.topicPartition) : log
      const offsetLag = Math.max(0, (current?.logEndOffset ?? 0) - log.logEndOffset)
      replicas.push({ topic, partition, sizeBytes: log.sizeInBytes, offsetLag, isFuture })
    }
    const { totalBytes, usableBytes } = this.#space(logDir.path)
    return { errorCode: 0, logDir: logDir.path, totalBytes, usableBytes, isCordoned: false, replicas }
  }

  /** Moving between directories is not there yet; asking for the directory a replica is in already is no move. */
  moveReplica(topic: string, partition: number, path: string): number {
    const target = this.#manager.logDirs.find(logDir => logDir.path === path)
    if (target === undefined) return Errors.LOG_DIR_NOT_FOUND.code
    if (!target.isOnline) return Errors.KAFKA_STORAGE_ERROR.code
    const log = this.#manager.getLog({ topic, partition })
    if (log === undefined) return Errors.REPLICA_NOT_AVAILABLE.code
    return this.#manager.logDirOf(log) === target ? 0 : Errors.UNSUPPORTED_VERSION.code
  }
}

const offline = (logDir: LogDir): LogDirDescription => ({
  errorCode: Errors.KAFKA_STORAGE_ERROR.code,
  logDir: logDir.path,
  totalBytes: -1,
  usableBytes: -1,
  isCordoned: false,
  replicas: [],
})
