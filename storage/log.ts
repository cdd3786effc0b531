// One partition's log: append, read, look up, truncate, flush, retain, close. The facade over the files of its directory.
// Everything is synchronous but flush(). An I/O error is final: it is told once (onFailure), and from then on every
// call throws it. Refused records and offsets out of range change nothing. Answers to UnifiedLog of the reference.

import { type AppendOptions, appendAsFollower, appendAsLeader, type LogAppendInfo } from './append.ts'
import { type CleanOptions, type CleanResult, cleanLog } from './cleaner/clean-log.ts'
import { type Cleanable, cleanable } from './cleaner/cleanable.ts'
import type { LogConfig } from './config.ts'
import { isIoError, OffsetOutOfRangeError, StorageError } from './errors.ts'
import { LogFlush } from './flush.ts'
import type { LeaderEpochs } from './leader-epochs.ts'
import { legacyOffsetsBefore } from './legacy-offsets.ts'
import type { LogState } from './log-state.ts'
import { type LogStateOptions, openState } from './open-state.ts'
import type { ProducerState } from './producer-state.ts'
import {
  type FetchDataInfo,
  type FetchIsolation,
  fetchOffsetByTimestamp,
  read,
  type TimestampAndOffset,
} from './read.ts'
import { deleteOldSegments } from './retention.ts'
import type { ReadMemory } from './segment.ts'
import type { TopicPartition } from './topic-partition.ts'
import { truncateFullyAndStartAt, truncateTo } from './truncation.ts'

export type { TopicPartition }

export interface LogOptions extends LogStateOptions {
  readonly topicId?: string | undefined
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

const DEFAULT_OPTIONS: AppendOptions = {}

export class Log {
  readonly topicPartition: TopicPartition
  topicId: string | undefined
  readonly #state: LogState
  readonly #flush: LogFlush
  readonly #onFailure: (error: StorageError) => void
  readonly #requestFlush: (log: Log) => void
  /** The I/O error that ended it. */
  #failure: StorageError | null = null
  #isClosed = false

  private constructor(state: LogState, options: LogOptions) {
    this.topicPartition = options.topicPartition
    this.topicId = options.topicId
    this.#state = state
    this.#onFailure = options.onFailure ?? (() => {})
    this.#requestFlush = options.requestFlush ?? (() => this.#flushQuietly())
    this.#flush = new LogFlush(state, (error, doing) => this.#fail(error, doing))
  }

  /** Makes the directory if need be, and recovers what is in it. Throws StorageError; calls no onFailure. */
  static open(options: LogOptions): Log {
    return new Log(openState(options), options)
  }

  // ---- what it is

  get directory(): string {
    return this.#state.directory
  }

  get config(): LogConfig {
    return this.#state.config
  }

  updateConfig(config: LogConfig): void {
    this.#state.config = config
  }

  get logStartOffset(): number {
    return this.#state.offsets.logStart
  }

  get firstSegmentBaseOffset(): number {
    return this.#state.segments.first.baseOffset
  }

  get logEndOffset(): number {
    return this.#state.offsets.logEnd
  }

  get highWatermark(): number {
    return this.#state.offsets.highWatermark
  }

  get lastStableOffset(): number {
    return this.#state.offsets.lastStable
  }

  /** The recovery point: everything below is on the disk. */
  get flushedOffset(): number {
    return this.#state.recoveryPoint
  }

  get unflushedRecords(): number {
    return this.#state.offsets.logEnd - this.#state.recoveryPoint
  }

  get lastFlushMs(): number {
    return this.#flush.lastFlushMs
  }

  /** What an ack, a watermark or a reply may reach: the log end, or the flushed offset while a flush is owed. */
  get ackableOffset(): number {
    return this.#flush.ackableOffset
  }

  get latestEpoch(): number | null {
    return this.#state.epochs.latestEpoch ?? null
  }

  get sizeInBytes(): number {
    return this.#state.segments.sizeInBytes
  }

  get segmentCount(): number {
    return this.#state.segments.count
  }

  /** Sequences, epochs and transactions: for DescribeProducers, verification and expiry. */
  get producers(): ProducerState {
    return this.#state.producers
  }

  get leaderEpochs(): LeaderEpochs {
    return this.#state.epochs
  }

  // ---- append and read

  appendAsLeader(
    records: Buffer,
    leaderEpoch: number,
    options: AppendOptions = DEFAULT_OPTIONS,
  ): LogAppendInfo {
    this.#checkUsable()
    const { rolls } = this.#state
    try {
      const info = appendAsLeader(this.#state, records, leaderEpoch, options)
      if (!info.duplicate) this.#flushIfDue(rolls)
      return info
    } catch (error) {
      throw this.#fail(error, 'appending')
    }
  }

  appendAsFollower(records: Buffer): LogAppendInfo {
    this.#checkUsable()
    const { rolls } = this.#state
    try {
      const info = appendAsFollower(this.#state, records)
      this.#flushIfDue(rolls)
      return info
    } catch (error) {
      throw this.#fail(error, 'appending')
    }
  }

  /** Whole batches from the one that holds `startOffset`. Throws OffsetOutOfRangeError outside [log start, log end]. */
  read(
    startOffset: number,
    maxBytes: number,
    isolation: FetchIsolation,
    minOneMessage: boolean,
    memory?: ReadMemory,
  ): FetchDataInfo {
    this.#checkUsable()
    try {
      return read(this.#state, startOffset, maxBytes, isolation, minOneMessage, memory)
    } catch (error) {
      throw this.#fail(error, 'reading')
    }
  }

  /** Special timestamps too; null when no record is that late. */
  fetchOffsetByTimestamp(timestamp: number): TimestampAndOffset | null {
    return this.#guarded('searching', () => fetchOffsetByTimestamp(this.#state, timestamp))
  }

  /** Of segments last written to at `timestamp` or before; for ListOffsets v0. */
  legacyOffsetsBefore(timestamp: number, maxOffsets: number): number[] {
    return this.#guarded('searching', () => legacyOffsetsBefore(this.#state, timestamp, maxOffsets))
  }

  endOffsetForEpoch(leaderEpoch: number): OffsetAndEpoch | null {
    const { epoch, endOffset } = this.#state.epochs.endOffsetFor(leaderEpoch, this.logEndOffset)
    return endOffset < 0 ? null : { offset: endOffset, leaderEpoch: epoch }
  }

  // ---- offsets

  /** Raises it, never above the ackable offset; returns whether it moved. */
  incrementHighWatermark(offset: number): boolean {
    const { offsets } = this.#state
    if (offset > offsets.logEnd)
      throw new RangeError(`high watermark ${offset} beyond the log end ${offsets.logEnd}`)
    const bounded = Math.min(offset, this.ackableOffset)
    if (bounded <= offsets.highWatermark) return false
    this.#setHighWatermark(bounded)
    return true
  }

  /** Sets it, up or down, bounded by log start and log end; returns where it is now. */
  updateHighWatermark(offset: number): number {
    const { logStart, logEnd } = this.#state.offsets
    this.#setHighWatermark(Math.max(logStart, Math.min(offset, logEnd)))
    return this.highWatermark
  }

  #setHighWatermark(offset: number): void {
    this.#state.offsets.setHighWatermark(offset)
    this.#state.producers.onHighWatermarkUpdated(offset)
    this.#state.updateFirstUnstable()
  }

  /** Throws OffsetOutOfRangeError above the high watermark; returns whether it moved. */
  maybeIncrementLogStartOffset(offset: number, reason: LogStartOffsetReason): boolean {
    this.#checkUsable()
    const { offsets, epochs, producers, logger } = this.#state
    if (offset > offsets.highWatermark) {
      throw new OffsetOutOfRangeError(
        `log start ${offset} would pass the high watermark ${offsets.highWatermark}`,
      )
    }
    if (offset <= offsets.logStart) return false
    offsets.set(offset, offsets.highWatermark, offsets.logEnd)
    epochs.truncateFromStart(offset)
    producers.onLogStartOffsetIncremented(offset)
    this.#state.updateFirstUnstable()
    if (reason !== 'segment-deletion')
      logger.info({ directory: this.directory, offset, reason }, 'log start offset raised')
    return true
  }

  // ---- upkeep

  /** What retention and DeleteRecords allow; returns how many segments went. */
  deleteOldSegments(): number {
    const { rolls } = this.#state
    const deleted = this.#guarded('deleting segments', () =>
      deleteOldSegments(this.#state, offset => this.maybeIncrementLogStartOffset(offset, 'segment-deletion')),
    )
    if (this.#state.rolls !== rolls) this.#requestFlush(this)
    return deleted
  }

  /** How dirty a compacted log is; `cleanedUpTo` is where the last round ended. */
  cleanable(cleanedUpTo: number | undefined): Cleanable {
    return this.#guarded('looking for dirt', () =>
      cleanable(this.#state, cleanedUpTo, this.#state.clock.nowMs()),
    )
  }

  /** One round of compaction, in slices; null when retention, truncation or close came between. Never two at once. */
  async clean(range: Cleanable, options: CleanOptions): Promise<CleanResult | null> {
    this.#checkUsable()
    try {
      return await cleanLog(this.#state, range, { ...options, isStopped: () => this.#isOver })
    } catch (error) {
      if (this.#isOver) return null
      throw this.#fail(error, 'cleaning')
    }
  }

  removeExpiredProducers(nowMs: number): void {
    this.#state.producers.removeExpired(nowMs)
  }

  roll(): void {
    this.#guarded('rolling', () => this.#state.roll())
    this.#requestFlush(this)
  }

  /** Memory and descriptors that nobody used since the last call are given back. */
  releaseIdle(): void {
    this.#guarded('releasing', () => {
      for (const segment of this.#state.segments.all) segment.releaseIdle()
    })
  }

  /** Everything below `offset` (default: the log end) is on the disk when it resolves. */
  async flush(offset = this.logEndOffset): Promise<void> {
    this.#checkUsable()
    await this.#flush.flush(offset)
  }

  /**
   * The bytes above the flushed offset are on the disk when it returns, and the loop has waited for them: for a log that takes another's
   * place within one tick. The flushed offset stays; a start after a crash looks at them again.
   */
  syncNow(): void {
    this.#guarded('syncing', () => this.#flush.syncNow())
  }

  /** Called after each flush with the flushed offset; returns how to stop that. */
  onFlushed(listener: (flushedOffset: number) => void): () => void {
    return this.#flush.onFlushed(listener)
  }

  /** flush.messages makes acks wait for the flush; a rolled segment is made durable behind everybody's back. */
  #flushIfDue(rollsBefore: number): void {
    const isOwed = this.unflushedRecords >= this.#state.config.flushMessages
    if (isOwed) this.#flush.owe(this.logEndOffset)
    if (isOwed || this.#state.rolls !== rollsBefore) this.#requestFlush(this)
  }

  /** Nobody waits for it; a failure is told by onFailure. */
  #flushQuietly(): void {
    this.flush().catch(() => {})
  }

  /**
   * For a clean stop, which vouches for more than records: indexes, producers and the names in the directory reach the
   * disk too. Without news since the last time it costs nothing.
   */
  async settle(): Promise<void> {
    this.#checkUsable()
    await this.#flush.settle()
  }

  // ---- truncation

  /** The log ends below `offset` afterwards; false if it did already. */
  truncateTo(offset: number): boolean {
    return this.#guarded('truncating', () => {
      const truncated = truncateTo(this.#state, offset)
      this.#flush.oweAtMost(this.logEndOffset)
      return truncated
    })
  }

  /** Empties the log; it goes on at `offset`. */
  truncateFullyAndStartAt(offset: number, logStartOffset = offset): void {
    this.#guarded('truncating', () => truncateFullyAndStartAt(this.#state, offset, logStartOffset))
    this.#flush.oweAtMost(0)
  }

  // ---- end

  renameDirectory(directory: string): void {
    this.#guarded('renaming', () => {
      this.#state.fs.rename(this.directory, directory)
      this.#state.moved(directory)
    })
  }

  /** Removes the directory and everything in it, now. */
  delete(): void {
    this.#abandon()
    this.#state.fs.rmrf(this.directory)
  }

  /** Writes what a clean start needs: indexes, producers, epochs. Fsyncs nothing: flush first. Idempotent. */
  close(): void {
    if (this.#isOver) return this.#abandon()
    const state = this.#state
    try {
      this.#guarded('closing', () => {
        state.producers.takeSnapshot({ sync: false })
        state.epochs.persist(state.offsets.logEnd)
        for (const segment of state.segments.all) segment.close()
      })
    } finally {
      this.#abandon()
    }
  }

  /** Lets go of the files as they are: the log is not wanted any more. */
  giveUp(): void {
    this.#abandon()
  }

  #abandon(): void {
    this.#isClosed = true
    this.#flush.close()
    this.#state.cancelDeletions()
    for (const segment of this.#state.segments.all) segment.abandon()
  }

  // ---- errors

  #guarded<T>(doing: string, action: () => T): T {
    this.#checkUsable()
    try {
      return action()
    } catch (error) {
      throw this.#fail(error, doing)
    }
  }

  get #isOver(): boolean {
    return this.#isClosed || this.#failure !== null
  }

  /** The error is made when somebody meets it: ten thousand logs close at a stop. */
  #checkUsable(): void {
    if (this.#failure !== null) throw this.#failure
    if (this.#isClosed)
      throw new StorageError('closed', this.directory, `the log ${this.directory} is closed`)
  }

  /** An I/O error closes the log for good; any other passes through. Answers what to throw. */
  #fail(error: unknown, doing: string): unknown {
    if (!isIoError(error)) return error
    const failure = StorageError.from(error, this.directory, doing) as StorageError
    if (!this.#isOver) {
      this.#failure = failure
      this.#flush.close()
      this.#onFailure(failure)
    }
    return failure
  }
}
