// One segment: a run of batches in `<base offset>.log` and the three indexes beside it. Answers to Kafka's LogSegment.
// A segment that nobody reads or writes holds no descriptor and no index in memory: 10,000 idle partitions cost little.
// What the indexes lack or get wrong is found from the log, so a missing or corrupt index is rebuilt at first use.

import {
  BatchView,
  batchEnd,
  LENGTH_OFFSET,
  LOG_OVERHEAD,
  RECORD_BATCH_OVERHEAD,
} from '../protocol/records/batch.ts'
import { BatchCursor } from './batch-cursor.ts'
import type { LogConfig } from './config.ts'
import { StorageError } from './errors.ts'
import { type File, type FileSystem, hasCode, nameOf } from './fs/port.ts'
import { OffsetIndex } from './offset-index.ts'
import {
  fileName,
  LOG_SUFFIX,
  OFFSET_INDEX_SUFFIX,
  TIME_INDEX_SUFFIX,
  TXN_INDEX_SUFFIX,
} from './segment-files.ts'
import { TimeIndex } from './time-index.ts'
import { type AbortedTxn, TxnIndex } from './txn-index.ts'

/** Memory for bytes on their way out; whoever sends them gives it back. */
export interface ReadMemory {
  take(size: number): Buffer
}

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
  /** The offset after the last batch read. */
  readonly nextOffset: number
}

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
  readonly txnIndex: TxnIndex
  readonly #fs: FileSystem
  readonly #offsetIndex: OffsetIndex
  readonly #timeIndex: TimeIndex
  readonly #indexIntervalBytes: number
  #path: string
  #log: File | null = null
  #sizeInBytes: number
  #createdMs: number
  #bytesSinceLastIndexEntry = 0
  #firstBatchTimestamp = UNKNOWN
  #maxTimestamp = UNKNOWN
  #offsetOfMaxTimestamp = -1
  #indexesTrusted: boolean
  /** (offset, position) pairs where recent reads ended. */
  #readEnds: number[] | null = null
  #nextReadEnd = 0
  #preallocated = false

  private constructor(options: SegmentOptions, sizeInBytes: number, fresh: boolean, hasTxnIndex: boolean) {
    const { fs, baseOffset, config } = options
    const stem = `${options.directory}/${fileName(baseOffset, '')}`
    const path = (suffix: string) => stem + suffix + (options.suffix ?? '')
    this.#fs = fs
    this.#path = path(LOG_SUFFIX)
    this.baseOffset = baseOffset
    this.rollJitterMs = options.rollJitterMs
    this.#createdMs = options.createdMs
    this.#sizeInBytes = sizeInBytes
    this.#indexIntervalBytes = config.indexIntervalBytes
    this.#indexesTrusted = fresh
    const indexBytes = config.segmentIndexBytes
    this.#offsetIndex = new OffsetIndex(fs, path(OFFSET_INDEX_SUFFIX), baseOffset, indexBytes, fresh)
    this.#timeIndex = new TimeIndex(fs, path(TIME_INDEX_SUFFIX), baseOffset, indexBytes, fresh)
    this.txnIndex = new TxnIndex(fs, path(TXN_INDEX_SUFFIX), baseOffset, hasTxnIndex)
  }

  /** A new, empty one; files of the same name are in the way of nobody and go. */
  static create(options: SegmentOptions): Segment {
    const segment = new Segment(options, 0, true, false)
    options.fs.unlink(segment.#path)
    options.fs.unlink(segment.txnIndex.path)
    const file = options.fs.open(segment.#path, 'new')
    if (options.config.preallocate) {
      file.truncate(options.config.segmentBytes)
      segment.#preallocated = true
    }
    file.close()
    segment.#maxTimestamp = -1
    segment.#offsetOfMaxTimestamp = options.baseOffset
    return segment
  }

  /** One that is there. Only the log file's size is asked for; the rest waits until it is needed. */
  static open(options: SegmentOptions, hasTxnIndex: boolean): Segment {
    const path = `${options.directory}/${fileName(options.baseOffset, LOG_SUFFIX)}${options.suffix ?? ''}`
    const stat = options.fs.stat(path)
    if (stat === undefined) throw new StorageError('io', path, `the segment ${path} is gone`)
    return new Segment(options, stat.size, false, hasTxnIndex)
  }

  get path(): string {
    return this.#path
  }

  get sizeInBytes(): number {
    return this.#sizeInBytes
  }

  get offsetIndex(): OffsetIndex {
    if (!this.#indexesTrusted) this.#checkIndexes()
    return this.#offsetIndex
  }

  get timeIndex(): TimeIndex {
    if (!this.#indexesTrusted) this.#checkIndexes()
    return this.#timeIndex
  }

  get log(): File {
    this.#log ??= this.#fs.open(this.#path, 'write')
    return this.#log
  }

  get modifiedMs(): number {
    return this.#fs.stat(this.#path)?.mtimeMs ?? this.#createdMs
  }

  // ---- appending

  /** `records` are whole batches that follow what is there; `lastOffset` is their last. */
  append(records: Buffer, lastOffset: number): void {
    if (!this.#offsetIndex.canAppendOffset(lastOffset)) {
      throw new Error(`offset ${lastOffset} is out of the range of segment ${this.#path}`)
    }
    const start = this.#sizeInBytes
    const maxTimestampBefore = this.maxTimestamp
    this.log.write(records, start)
    this.#sizeInBytes = start + records.length
    let position = start
    let at = 0
    let maxTimestamp = maxTimestampBefore
    while (at < records.length) {
      view.reset(records, at)
      const size = view.sizeInBytes
      const timestamp = view.maxTimestamp
      if (position === 0) this.#firstBatchTimestamp = timestamp
      if (timestamp > maxTimestamp) {
        maxTimestamp = timestamp
        this.#maxTimestamp = timestamp
        this.#offsetOfMaxTimestamp = view.lastOffset
      }
      if (this.#bytesSinceLastIndexEntry > this.#indexIntervalBytes) {
        this.#addIndexEntries(view.lastOffset, position)
        this.#bytesSinceLastIndexEntry = 0
      }
      this.#bytesSinceLastIndexEntry += size
      position += size
      at += size
    }
  }

  get isFull(): boolean {
    return this.offsetIndex.isFull || this.timeIndex.isFull
  }

  canAppendOffset(offset: number): boolean {
    return this.#offsetIndex.canAppendOffset(offset)
  }

  /** How long the segment has been filling: by record timestamps if it has them, else by the clock. */
  ageMs(nowMs: number, messageTimestamp: number): number {
    const first = this.firstBatchTimestamp
    return first >= 0 ? messageTimestamp - first : nowMs - this.#createdMs
  }

  /** -1 when empty or without timestamps. */
  get firstBatchTimestamp(): number {
    if (this.#firstBatchTimestamp === UNKNOWN) {
      if (this.#sizeInBytes === 0) return -1
      cursor.reset(this.log, 0, this.#sizeInBytes)
      if (!cursor.next()) return -1
      this.#firstBatchTimestamp = cursor.batch.maxTimestamp
    }
    return this.#firstBatchTimestamp
  }

  /** The latest timestamp seen; -1 when there is none. */
  get maxTimestamp(): number {
    if (this.#maxTimestamp === UNKNOWN) {
      this.#maxTimestamp = this.timeIndex.lastTimestamp
      this.#offsetOfMaxTimestamp = this.timeIndex.lastOffset
    }
    return this.#maxTimestamp
  }

  /** The last offset of the batch that has it. */
  get offsetOfMaxTimestamp(): number {
    void this.maxTimestamp
    return this.#offsetOfMaxTimestamp
  }

  /** For retention: records without timestamps are as old as the file. */
  get largestTimestamp(): number {
    const maxTimestamp = this.maxTimestamp
    return maxTimestamp >= 0 ? maxTimestamp : this.modifiedMs
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
    const left = this.#sizeInBytes - position
    // Enough for the header at least, so that the first batch's size is known whatever maxBytes says.
    let bytes = this.#readBytes(position, Math.min(Math.max(maxBytes, HEADER_BYTES), left), memory)
    const firstBytes = LOG_OVERHEAD + bytes.readInt32BE(LENGTH_OFFSET)
    if (firstBytes > Math.max(maxBytes, 0)) {
      if (view.reset(bytes, 0).baseOffset >= upperBound) return this.#nothing(startOffset)
      if (!minOneMessage) {
        const torn = bytes.subarray(0, Math.max(0, maxBytes))
        return { records: torn, firstEntryIncomplete: torn.length > 0, nextOffset: startOffset }
      }
      bytes = this.#readBytes(position, Math.min(firstBytes, left), memory)
    }
    return this.#wholeBatches(bytes, position, startOffset, upperBound)
  }

  #readBytes(position: number, length: number, memory: ReadMemory | undefined): Buffer {
    const bytes = memory?.take(length) ?? Buffer.allocUnsafe(length)
    const read = this.log.read(bytes, 0, length, position)
    if (read < length) throw new StorageError('corrupt', this.#path, `${this.#path} is shorter than it was`)
    return bytes
  }

  #nothing(startOffset: number): SegmentRead {
    return { records: NOTHING, firstEntryIncomplete: false, nextOffset: startOffset }
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
    if (end > 0) this.#rememberReadEnd(nextOffset, position + end)
    const records = end === bytes.length ? bytes : bytes.subarray(0, end)
    return { records, firstEntryIncomplete: false, nextOffset }
  }

  /** The position of the first batch whose last offset is at least `offset`, or -1. */
  positionOf(offset: number): number {
    cursor.reset(this.log, this.offsetIndex.lookup(offset), this.#sizeInBytes)
    while (cursor.next()) {
      if (cursor.batch.lastOffset >= offset) return cursor.position
    }
    return -1
  }

  #positionOfRead(offset: number): number {
    const ends = this.#readEnds
    if (ends !== null) {
      for (let i = 0; i < ends.length; i += 2)
        if (ends[i] === offset && ends[i + 1]! < this.#sizeInBytes) return ends[i + 1]!
    }
    return this.positionOf(offset)
  }

  #rememberReadEnd(offset: number, position: number): void {
    this.#readEnds ??= []
    this.#readEnds[this.#nextReadEnd] = offset
    this.#readEnds[this.#nextReadEnd + 1] = position
    this.#nextReadEnd = (this.#nextReadEnd + 2) % (2 * REMEMBERED_READS)
  }

  /** A cursor before the batch at `position`. Used up before anything else of this segment is asked. */
  cursorAt(position: number): BatchCursor {
    return cursor.reset(this.log, position, this.#sizeInBytes)
  }

  /** The offset after the last batch; the base offset when empty. */
  nextOffset(): number {
    if (this.#sizeInBytes === 0) return this.baseOffset
    let next = this.baseOffset
    cursor.reset(this.log, this.offsetIndex.lastPosition, this.#sizeInBytes)
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
    const offset = Math.max(this.timeIndex.lookup(timestamp), startOffset)
    const batches = new BatchCursor().reset(this.log, this.offsetIndex.lookup(offset), this.#sizeInBytes)
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

  // ---- cutting and rebuilding

  /** Drops every batch that reaches `offset` or beyond; answers how many bytes went. */
  truncateTo(offset: number, nowMs: number): number {
    const position = this.positionOf(offset)
    this.offsetIndex.truncateTo(offset)
    this.timeIndex.truncateTo(offset)
    this.txnIndex.truncateTo(offset)
    const before = this.#sizeInBytes
    if (position >= 0) this.truncateBytes(position)
    if (this.#sizeInBytes === 0) {
      this.#createdMs = nowMs
      this.#firstBatchTimestamp = UNKNOWN
    }
    this.#bytesSinceLastIndexEntry = 0
    this.#findMaxTimestamp()
    return before - this.#sizeInBytes
  }

  truncateBytes(sizeInBytes: number): void {
    this.log.truncate(sizeInBytes)
    this.#sizeInBytes = sizeInBytes
    this.#readEnds = null
  }

  /** The last time index entry may be followed by later records that no entry tells of. */
  #findMaxTimestamp(): void {
    this.#maxTimestamp = this.timeIndex.lastTimestamp
    this.#offsetOfMaxTimestamp = this.timeIndex.lastOffset
    cursor.reset(this.log, this.offsetIndex.lookup(this.#offsetOfMaxTimestamp), this.#sizeInBytes)
    while (cursor.next()) {
      const timestamp = cursor.batch.maxTimestamp
      if (timestamp <= this.#maxTimestamp) continue
      this.#maxTimestamp = timestamp
      this.#offsetOfMaxTimestamp = cursor.batch.lastOffset
    }
  }

  /** Empties the indexes before recovery fills them again, batch by batch. */
  beginRebuild(): void {
    this.#indexesTrusted = true
    this.#offsetIndex.reset()
    this.#timeIndex.reset()
    this.#maxTimestamp = -1
    this.#offsetOfMaxTimestamp = this.baseOffset
    this.#firstBatchTimestamp = UNKNOWN
    this.#bytesSinceLastIndexEntry = 0
    this.#readEnds = null
  }

  /** One batch of the rebuild, already in the file at `position`. */
  rebuildEntry(batch: BatchView, position: number, sizeInBytes: number): void {
    if (batch.maxTimestamp > this.#maxTimestamp) {
      this.#maxTimestamp = batch.maxTimestamp
      this.#offsetOfMaxTimestamp = batch.lastOffset
    }
    if (this.#bytesSinceLastIndexEntry > this.#indexIntervalBytes) {
      this.#addIndexEntries(batch.lastOffset, position)
      this.#bytesSinceLastIndexEntry = 0
    }
    this.#bytesSinceLastIndexEntry += sizeInBytes
  }

  /** As at a clean close: the largest timestamp gets its entry, and both files are cut to size. */
  endRebuild(): void {
    this.#timeIndex.maybeAppend(this.#maxTimestamp, this.#offsetOfMaxTimestamp, true)
    this.#offsetIndex.trim()
    this.#timeIndex.trim()
  }

  #addIndexEntries(lastOffset: number, position: number): void {
    this.offsetIndex.append(lastOffset, position)
    this.timeIndex.maybeAppend(this.maxTimestamp, this.#offsetOfMaxTimestamp)
  }

  /** Loads both indexes; what is missing or corrupt is made again from the batch headers. */
  #checkIndexes(): void {
    this.#indexesTrusted = true
    try {
      if (this.#indexesMakeSense()) return
    } catch (error) {
      const isCorrupt = error instanceof StorageError && error.kind === 'corrupt'
      if (!isCorrupt && !hasCode(error, 'ENOENT')) {
        this.#indexesTrusted = false
        throw error
      }
    }
    this.beginRebuild()
    const batches = new BatchCursor().reset(this.log, 0, this.#sizeInBytes)
    while (batches.next()) this.rebuildEntry(batches.batch, batches.position, batches.sizeInBytes)
    this.endRebuild()
  }

  /** What a look at their ends can tell: entries beyond the log, or none where a closed segment must have some. */
  #indexesMakeSense(): boolean {
    const { lastPosition } = this.#offsetIndex
    const { entries: times } = this.#timeIndex
    if (this.#sizeInBytes === 0) return lastPosition === 0 && times === 0
    if (lastPosition >= this.#sizeInBytes) return false
    if (lastPosition === 0 && this.#sizeInBytes > 16 * this.#indexIntervalBytes) return false
    return times > 0 || this.firstBatchTimestamp < 0
  }

  // ---- life

  /** It takes no more appends: its last timestamp gets an entry, its files are cut to size. */
  becomeInactive(): void {
    this.timeIndex.maybeAppend(this.maxTimestamp, this.offsetOfMaxTimestamp, true)
    this.#offsetIndex.trim()
    this.#timeIndex.trim()
    this.#trimLog()
  }

  /** The log only: indexes above a recovery point are rebuilt anyway. */
  async syncLog(): Promise<void> {
    await this.log.sync()
    await this.txnIndex.sync()
  }

  async syncIndexes(): Promise<void> {
    await this.#offsetIndex.sync()
    await this.#timeIndex.sync()
  }

  /** Gives back memory and descriptors of what was not used since the last call. */
  releaseIdle(): void {
    this.#offsetIndex.releaseIdle()
    this.#timeIndex.releaseIdle()
    this.txnIndex.releaseIdle()
  }

  close(): void {
    if (this.#indexesTrusted && this.#maxTimestamp > UNKNOWN && this.#offsetIndex.isLoaded) {
      this.#timeIndex.maybeAppend(this.#maxTimestamp, this.#offsetOfMaxTimestamp, true)
    }
    this.#trimLog()
    this.#offsetIndex.close()
    this.#timeIndex.close()
    this.txnIndex.close()
    this.#closeLog()
  }

  /** Lets go without writing: after an I/O error, or before the files are removed. */
  abandon(): void {
    this.#offsetIndex.abandon()
    this.#timeIndex.abandon()
    this.txnIndex.close()
    this.#closeLog()
  }

  /** Renames all files, `from` at their names' end becoming `to`. */
  changeSuffix(from: string, to: string): void {
    const renamed = (path: string) => path.slice(0, path.length - from.length) + to
    this.#closeLog()
    this.#fs.rename(this.#path, renamed(this.#path))
    this.#path = renamed(this.#path)
    for (const index of [this.#offsetIndex, this.#timeIndex]) {
      if (this.#fs.exists(index.path)) index.rename(renamed(index.path))
      else index.moved(renamed(index.path))
    }
    this.txnIndex.rename(renamed(this.txnIndex.path))
  }

  moved(directory: string): void {
    const inside = (path: string) => `${directory}/${nameOf(path)}`
    this.#closeLog()
    this.#path = inside(this.#path)
    this.#offsetIndex.moved(inside(this.#offsetIndex.path))
    this.#timeIndex.moved(inside(this.#timeIndex.path))
    this.txnIndex.moved(inside(this.txnIndex.path))
  }

  deleteFiles(): void {
    this.#closeLog()
    this.#fs.unlink(this.#path)
    this.#offsetIndex.delete()
    this.#timeIndex.delete()
    this.txnIndex.delete()
  }

  #trimLog(): void {
    if (!this.#preallocated) return
    this.log.truncate(this.#sizeInBytes)
    this.#preallocated = false
  }

  #closeLog(): void {
    this.#log?.close()
    this.#log = null
  }
}
