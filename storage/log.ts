// One partition's log: append, read, look up, truncate, flush, retain, close. The facade over the files of its directory.
// Everything is synchronous but flush(). Answers to UnifiedLog of the reference.

import type { AppendOptions, LogAppendInfo } from './append.ts'
import type { Clock } from './clock.ts'
import type { LogConfig } from './config.ts'
import type { StorageError } from './errors.ts'
import type { FileSystem } from './fs/port.ts'
import type { StorageLogger } from './logger.ts'
import type { ProducerStateConfig } from './producer-state.ts'
import type { FetchDataInfo, FetchIsolation, TimestampAndOffset } from './read.ts'

export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

export interface LogOptions {
  readonly fs: FileSystem
  readonly clock: Clock
  /** The partition's own directory, `<log dir>/<topic>-<partition>`; made if missing. */
  readonly directory: string
  readonly topicPartition: TopicPartition
  readonly topicId?: string | undefined
  readonly config: LogConfig
  /** From log-start-offset-checkpoint. */
  readonly logStartOffset?: number
  /** From recovery-point-offset-checkpoint. */
  readonly recoveryPoint?: number
  /** Whether `.kafka_cleanshutdown` was found: then nothing is scanned. */
  readonly cleanShutdown?: boolean
  /** Shared by all logs and changed in place, so read it at each use. */
  readonly producerState?: Readonly<ProducerStateConfig>
  /** For the jitter of segment.ms. */
  readonly random?: () => number
  readonly logger?: StorageLogger
  /** Called once, before the error is thrown: the log directory is to go offline. */
  readonly onFailure?: (error: StorageError) => void
  /** flush.messages was reached: flush this log soon, with others if possible. Default: flush it alone, now. */
  readonly requestFlush?: (log: Log) => void
}

export type LogStartOffsetReason = 'client-delete-records' | 'leader-offset' | 'segment-deletion' | 'snapshot'

export interface OffsetAndEpoch {
  readonly offset: number
  readonly leaderEpoch: number
}

export interface Log {
  readonly topicPartition: TopicPartition
  readonly directory: string
  topicId: string | undefined
  readonly config: LogConfig
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  /** The recovery point: everything below is on the disk. */
  readonly flushedOffset: number
  /** What an ack, a watermark or a reply may reach: the log end, or the flushed offset while a flush is owed. */
  readonly ackableOffset: number
  readonly latestEpoch: number | null
  readonly sizeInBytes: number
  readonly segmentCount: number

  updateConfig(config: LogConfig): void
  appendAsLeader(records: Buffer, leaderEpoch: number, options?: AppendOptions): LogAppendInfo
  appendAsFollower(records: Buffer): LogAppendInfo
  read(
    startOffset: number,
    maxBytes: number,
    isolation: FetchIsolation,
    minOneMessage: boolean,
  ): FetchDataInfo
  /** Special timestamps too; null when no record is that late. */
  fetchOffsetByTimestamp(timestamp: number): TimestampAndOffset | null
  /** Raises it, never above the ackable offset; returns whether it moved. */
  incrementHighWatermark(offset: number): boolean
  /** Sets it, up or down, bounded by log start and log end; returns where it is now. */
  updateHighWatermark(offset: number): number
  /** Throws OffsetOutOfRangeError above the high watermark; returns whether it moved. */
  maybeIncrementLogStartOffset(offset: number, reason: LogStartOffsetReason): boolean
  /** What retention and DeleteRecords allow; returns how many segments went. */
  deleteOldSegments(): number
  roll(): void
  /** Everything below `offset` (default: the log end) is on the disk when it resolves. */
  flush(offset?: number): Promise<void>
  truncateTo(offset: number): boolean
  truncateFullyAndStartAt(offset: number, logStartOffset?: number): void
  endOffsetForEpoch(leaderEpoch: number): OffsetAndEpoch | null
  /** Where the first segment begins; DeleteRecords can put the log start above it. */
  readonly firstSegmentBaseOffset: number
  /** producer.id.expiration.ms has passed for these. */
  removeExpiredProducers(nowMs: number): void
  onFlushed(listener: (flushedOffset: number) => void): () => void
  /** Follows the directory after the log manager renamed it. */
  renameDirectory(directory: string): void
  delete(): void
  close(): void
}
