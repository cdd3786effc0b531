// One segment: a run of batches in `<base offset>.log` and the three indexes beside it. Answers to Kafka's LogSegment.
// A segment that nobody reads or writes holds no descriptor and no index in memory: 10,000 idle partitions cost little.

import {
  BatchView,
  batchEnd,
  LENGTH_OFFSET,
  LOG_OVERHEAD,
  RECORD_BATCH_OVERHEAD,
} from '../protocol/records/batch.ts'
import { BatchCursor } from './batch-cursor.ts'
import type { LogConfig } from './config.ts'
import { type FileSystem, nameOf } from './fs/port.ts'
import { LogFile, type ReadMemory } from './log-file.ts'
import {
  fileName,
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  TIME_INDEX_SUFFIX,
  TXN_INDEX_SUFFIX,
} from './segment-files.ts'
import { SegmentIndexes } from './segment-indexes.ts'
import { type AbortedTxn, TxnIndex } from './txn-index.ts'

export interface SegmentOptions {
  readonly fs: FileSystem
  readonly directory: string
  readonly baseOffset: number
  readonly config: LogConfig
  readonly rollJitterMs: number
  readonly createdMs: number
  /** '.cleaned' and the like; default none. */
  readonly suffix?: string
}

export interface SegmentRead {
  /** Whole batches, unless `firstEntryIncomplete`. */
  readonly records: Buffer
  readonly firstEntryIncomplete: boolean
  /** What counts against limits: also the beginning of a batch that was cut, which Kafka sends. */
  readonly readBytes: number
  /** The offset after the last batch read. */
  readonly nextOffset: number
}

export type { ReadMemory }

/** Never held across a call that could use it too: everything here is synchronous. */
const cursor = new BatchCursor()
const view = new BatchView()
const NOTHING = Buffer.alloc(0)
const UNKNOWN = -2
const HEADER_BYTES = RECORD_BATCH_OVERHEAD
/** Readers that follow the log come back where their last read ended. This many are remembered per segment. */
const REMEMBERED_READS = 4

export class Segment {
  readonly baseOffset: number
  readonly rollJitterMs: number
  readonly log: LogFile
  readonly indexes: SegmentIndexes
  readonly txnIndex: TxnIndex
  #createdMs: number
  #firstBatchTimestamp = UNKNOWN
  /** (offset, position) pairs where recent reads ended. */
  #readEnds: number[] | null = null
  #nextReadEnd = 0
  #isAbandoned = false

  private constructor(options: SegmentOptions, log: LogFile, fresh: boolean, hasTxnIndex: boolean) {
    const { fs, baseOffset, config } = options
    this.baseOffset = baseOffset
    this.rollJitterMs = options.rollJitterMs
    this.#createdMs = options.createdMs
    this.log = log
    const paths = { offsets: pathOf(options, OFFSET_INDEX_SUFFIX), times: pathOf(options, TIME_INDEX_SUFFIX) }
    this.indexes = new SegmentIndexes(fs, log, paths, baseOffset, config, fresh)
    this.txnIndex = new TxnIndex(fs, pathOf(options, TXN_INDEX_SUFFIX), baseOffset, hasTxnIndex)
  }

  /** A new, empty one; files of the same name, left by an attempt that failed, go. */
  static create(options: SegmentOptions): Segment {
    const { fs, config } = options
    const log = LogFile.create(fs, pathOf(options, LOG_SUFFIX), config.preallocate ? config.segmentBytes : 0)
    const segment = new Segment(options, log, true, false)
    if (fs.exists(segment.txnIndex.path)) fs.unlink(segment.txnIndex.path)
    return segment
  }

  /** One that is there. Only the log file's size is asked for; the rest waits until it is needed. */
  static open(options: SegmentOptions, hasTxnIndex: boolean): Segment {
    return new Segment(options, LogFile.open(options.fs, pathOf(options, LOG_SUFFIX)), false, hasTxnIndex)
  }

  get sizeInBytes(): number {
    return this.log.sizeInBytes
  }

  // ---- appending

  /** `records` are whole batches that follow what is there; `lastOffset` is their last. */
  append(records: Buffer, lastOffset: number): void {
    if (!this.canAppendOffset(lastOffset)) {
      throw new Error(`offset ${lastOffset} is out of the range of segment ${this.log.path}`)
    }
    const start = this.log.sizeInBytes
    this.log.append(records)
    if (start === 0) this.#firstBatchTimestamp = view.reset(records, 0).maxTimestamp
    for (let at = 0; at < records.length; ) {
      view.reset(records, at)
      const size = view.sizeInBytes
      this.indexes.add(view, start + at, size)
      at += size
    }
    view.reset(NOTHING, 0)
  }

  get isFull(): boolean {
    return this.indexes.isFull
  }

  canAppendOffset(offset: number): boolean {
    return this.indexes.canAppendOffset(offset)
  }

  /** How long the segment has been filling: by record timestamps if it has them, else by the clock. */
  ageMs(nowMs: number, messageTimestamp: number): number {
    const first = this.firstBatchTimestamp
    return first >= 0 ? messageTimestamp - first : nowMs - this.#createdMs
  }

  /** -1 when empty or without timestamps. */
  get firstBatchTimestamp(): number {
    if (this.#firstBatchTimestamp === UNKNOWN) {
      if (this.sizeInBytes === 0 || !this.log.seek(cursor, 0).next()) return -1
      this.#firstBatchTimestamp = cursor.batch.maxTimestamp
    }
    return this.#firstBatchTimestamp
  }

  /** The latest timestamp seen; -1 when there is none. */
  get maxTimestamp(): number {
    return this.indexes.maxTimestamp
  }

  /** For retention: records without timestamps are as old as the file. */
  get largestTimestamp(): number {
    const { maxTimestamp } = this.indexes
    return maxTimestamp >= 0 ? maxTimestamp : (this.log.modifiedMs ?? this.#createdMs)
  }

  // ---- reading

  /**
   * Batches from the one that holds `startOffset` (or the next, if compaction took it), below `upperBound`. Null when
   * no batch of this segment reaches that far. `maxBytes` bends for the first batch if `minOneMessage`.
   */
  read(
    startOffset: number,
    maxBytes: number,
    upperBound: number,
    minOneMessage: boolean,
    memory?: ReadMemory,
  ): SegmentRead | null {
    const position = this.#positionOfRead(startOffset)
    if (position < 0) return null
    const left = this.sizeInBytes - position
    // Enough for the header at least, so that the first batch's size is known whatever maxBytes says.
    let bytes = this.log.read(position, Math.min(Math.max(maxBytes, HEADER_BYTES), left), memory)
    const firstBytes = LOG_OVERHEAD + bytes.readInt32BE(LENGTH_OFFSET)
    if (firstBytes > Math.max(maxBytes, 0)) {
      if (view.reset(bytes, 0).baseOffset >= upperBound) {
        return { records: NOTHING, firstEntryIncomplete: false, readBytes: 0, nextOffset: startOffset }
      }
      if (!minOneMessage) {
        const torn = bytes.subarray(0, Math.max(0, maxBytes))
        const { length: readBytes } = torn
        return { records: torn, firstEntryIncomplete: readBytes > 0, readBytes, nextOffset: startOffset }
      }
      bytes = this.log.read(position, Math.min(firstBytes, left), memory)
    }
    return this.#wholeBatches(bytes, position, startOffset, upperBound)
  }

  #wholeBatches(bytes: Buffer, position: number, startOffset: number, upperBound: number): SegmentRead {
    let end = 0
    let nextOffset = startOffset
    for (let next = batchEnd(bytes, 0); next >= 0; next = batchEnd(bytes, end)) {
      view.reset(bytes, end)
      if (view.baseOffset >= upperBound) break
      nextOffset = view.nextOffset
      end = next
    }
    view.reset(NOTHING, 0)
    if (end > 0) this.#rememberReadEnd(nextOffset, position + end)
    const records = end === bytes.length ? bytes : bytes.subarray(0, end)
    const readBytes = nextOffset < upperBound ? bytes.length : end
    return { records, firstEntryIncomplete: false, readBytes, nextOffset }
  }

  /** The position of the first batch whose last offset is at least `offset`, or -1. */
  positionOf(offset: number): number {
    this.log.seek(cursor, this.indexes.offsets.lookup(offset))
    while (cursor.next()) {
      if (cursor.batch.lastOffset >= offset) return cursor.position
    }
    return -1
  }

  #positionOfRead(offset: number): number {
    const ends = this.#readEnds
    if (ends !== null) {
      for (let i = 0; i < ends.length; i += 2) {
        if (ends[i] === offset && ends[i + 1]! < this.sizeInBytes) return ends[i + 1]!
      }
    }
    return this.positionOf(offset)
  }

  #rememberReadEnd(offset: number, position: number): void {
    this.#readEnds ??= []
    this.#readEnds[this.#nextReadEnd] = offset
    this.#readEnds[this.#nextReadEnd + 1] = position
    this.#nextReadEnd = (this.#nextReadEnd + 2) % (2 * REMEMBERED_READS)
  }

  /** The offset after the last batch; the base offset when empty. */
  nextOffset(): number {
    let next = this.baseOffset
    if (this.sizeInBytes === 0) return next
    this.log.seek(cursor, this.indexes.offsets.lastPosition)
    while (cursor.next()) next = cursor.batch.nextOffset
    return next
  }

  /**
   * The first batch that may hold a record at or after `timestamp` and `startOffset`, given to `visit` with all its
   * bytes, then the next ones until `visit` answers something.
   */
  searchByTimestamp<T>(
    timestamp: number,
    startOffset: number,
    visit: (batch: BatchView) => T | null,
  ): T | null {
    const offset = Math.max(this.indexes.times.lookup(timestamp), startOffset)
    const batches = this.log.seek(new BatchCursor(), this.indexes.offsets.lookup(offset))
    const whole = new BatchView()
    while (batches.next()) {
      if (batches.batch.maxTimestamp < timestamp || batches.batch.lastOffset < startOffset) continue
      const found = visit(whole.reset(batches.readBatch(), 0))
      if (found !== null) return found
    }
    return null
  }

  collectAbortedTxns(fetchOffset: number, upperBound: number, found: AbortedTxn[]): boolean {
    return this.txnIndex.collect(fetchOffset, upperBound, found)
  }

  // ---- cutting

  /** Drops every batch that reaches `offset` or beyond. */
  truncateTo(offset: number, nowMs: number): void {
    const position = this.positionOf(offset)
    if (position >= 0) this.truncateBytes(position)
    this.indexes.truncateTo(offset)
    this.txnIndex.truncateTo(offset)
    if (this.sizeInBytes === 0) {
      this.#createdMs = nowMs
      this.#firstBatchTimestamp = UNKNOWN
    }
  }

  truncateBytes(sizeInBytes: number): void {
    this.log.truncate(sizeInBytes)
    this.#readEnds = null
  }

  // ---- life

  /** It takes no more appends. */
  becomeInactive(): void {
    this.indexes.finish()
    this.log.trim()
  }

  /** Without the other indexes: those above a recovery point are rebuilt anyway. */
  async syncLog(): Promise<void> {
    await this.#syncAll(this.log, this.txnIndex)
  }

  /** For a clean stop: the indexes are complete and on the disk. */
  async settle(): Promise<void> {
    this.log.trim()
    this.indexes.finish()
    await this.syncIndexes()
  }

  async syncIndexes(): Promise<void> {
    const { offsets, times } = this.indexes
    await this.#syncAll(offsets, times, this.txnIndex)
  }

  /** Retention or truncation may take the segment away while one of its files is being synced. */
  async #syncAll(...files: readonly { sync(): Promise<void> }[]): Promise<void> {
    for (const file of files) if (!this.#isAbandoned) await file.sync()
  }

  /** Gives back memory and descriptors of what was not used since the last call. */
  releaseIdle(): void {
    this.log.releaseIdle()
    this.indexes.releaseIdle()
    this.txnIndex.releaseIdle()
  }

  close(): void {
    this.log.trim()
    this.indexes.close()
    this.txnIndex.close()
    this.log.close()
  }

  /** Lets go without writing: after an I/O error, or before the files are removed. */
  abandon(): void {
    this.#isAbandoned = true
    this.indexes.abandon()
    this.txnIndex.close()
    this.log.close()
  }

  /** Renames all files, `from` at their names' end becoming `to`. */
  changeSuffix(from: string, to: string): void {
    const renamed = (path: string) => path.slice(0, path.length - from.length) + to
    this.log.rename(renamed(this.log.path))
    this.indexes.rename(renamed)
    this.txnIndex.rename(renamed(this.txnIndex.path))
  }

  moved(directory: string): void {
    const inside = (path: string) => `${directory}/${nameOf(path)}`
    this.log.moved(inside(this.log.path))
    this.indexes.moved(inside)
    this.txnIndex.moved(inside(this.txnIndex.path))
  }

  deleteFiles(): void {
    this.log.delete()
    this.indexes.delete()
    this.txnIndex.delete()
  }
}

function pathOf({ directory, baseOffset, suffix = '' }: SegmentOptions, kind: string): string {
  return `${directory}/${fileName(baseOffset, kind)}${suffix}`
}
