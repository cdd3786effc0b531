// The offset index and the time index of a segment, and what each batch adds to them: an entry in both whenever more
// than index.interval.bytes have gone by. They are looked at before their first use: what is missing or makes no sense
// is made again from the batch headers, for an index can say nothing that the log does not.

import type { BatchView } from '../protocol/records/batch.ts'
import { BatchCursor } from './batch-cursor.ts'
import type { LogConfig } from './config.ts'
import { StorageError } from './errors.ts'
import { type FileSystem, hasCode } from './fs/port.ts'
import type { LogFile } from './log-file.ts'
import { OffsetIndex } from './offset-index.ts'
import { TimeIndex } from './time-index.ts'

const UNKNOWN = -2
/** A log of so many intervals without an offset index entry is worth a look at its headers. */
const SUSPICIOUS_INTERVALS = 16

export class SegmentIndexes {
  readonly baseOffset: number
  readonly #log: LogFile
  readonly #offsets: OffsetIndex
  readonly #times: TimeIndex
  readonly #intervalBytes: number
  #bytesSinceLastEntry = 0
  #maxTimestamp = UNKNOWN
  #offsetOfMaxTimestamp = -1
  #isTrusted: boolean
  /** The time index may lack the largest timestamp. */
  #isBehind = false

  constructor(
    fs: FileSystem,
    log: LogFile,
    paths: { readonly offsets: string; readonly times: string },
    baseOffset: number,
    config: LogConfig,
    fresh: boolean,
  ) {
    this.baseOffset = baseOffset
    this.#log = log
    this.#intervalBytes = config.indexIntervalBytes
    this.#isTrusted = fresh
    this.#offsets = new OffsetIndex(fs, paths.offsets, baseOffset, config.segmentIndexBytes, fresh)
    this.#times = new TimeIndex(fs, paths.times, baseOffset, config.segmentIndexBytes, fresh)
    if (fresh) this.#forgetTimestamps()
  }

  get offsets(): OffsetIndex {
    if (!this.#isTrusted) this.#check()
    return this.#offsets
  }

  get times(): TimeIndex {
    if (!this.#isTrusted) this.#check()
    return this.#times
  }

  get isFull(): boolean {
    return this.offsets.isFull || this.times.isFull
  }

  canAppendOffset(offset: number): boolean {
    return this.#offsets.canAppendOffset(offset)
  }

  /** The latest timestamp seen; -1 when there is none. */
  get maxTimestamp(): number {
    if (this.#maxTimestamp === UNKNOWN) {
      this.#maxTimestamp = this.times.lastTimestamp
      this.#offsetOfMaxTimestamp = this.times.lastOffset
    }
    return this.#maxTimestamp
  }

  /** The last offset of the batch that has it. */
  get offsetOfMaxTimestamp(): number {
    void this.maxTimestamp
    return this.#offsetOfMaxTimestamp
  }

  /** A batch was written (or found) at `position`. */
  add(batch: BatchView, position: number, sizeInBytes: number): void {
    const { maxTimestamp } = batch
    if (maxTimestamp > this.maxTimestamp) {
      this.#maxTimestamp = maxTimestamp
      this.#offsetOfMaxTimestamp = batch.lastOffset
      this.#isBehind = true
    }
    if (this.#bytesSinceLastEntry > this.#intervalBytes) {
      this.offsets.append(batch.lastOffset, position)
      this.times.maybeAppend(this.maxTimestamp, this.#offsetOfMaxTimestamp)
      this.#bytesSinceLastEntry = 0
    }
    this.#bytesSinceLastEntry += sizeInBytes
  }

  /** The segment takes no more batches, or is closed: the largest timestamp gets its entry, the files their size. */
  finish(): void {
    if (this.#isBehind) this.times.maybeAppend(this.#maxTimestamp, this.#offsetOfMaxTimestamp, true)
    this.#isBehind = false
    this.#offsets.trim()
    this.#times.trim()
  }

  /** Drops entries at or above `offset`; the log has been cut already. */
  truncateTo(offset: number): void {
    this.offsets.truncateTo(offset)
    this.times.truncateTo(offset)
    this.#bytesSinceLastEntry = 0
    this.#maxTimestamp = this.times.lastTimestamp
    this.#offsetOfMaxTimestamp = this.times.lastOffset
    // The last time index entry may be followed by later records that no entry tells of.
    const cursor = new BatchCursor()
    this.#log.seek(cursor, this.offsets.lookup(this.#offsetOfMaxTimestamp))
    while (cursor.next()) {
      if (cursor.batch.maxTimestamp <= this.#maxTimestamp) continue
      this.#maxTimestamp = cursor.batch.maxTimestamp
      this.#offsetOfMaxTimestamp = cursor.batch.lastOffset
      this.#isBehind = true
    }
  }

  /** Empties both, whatever they held. */
  reset(): void {
    this.#isTrusted = true
    this.#offsets.reset()
    this.#times.reset()
    this.#forgetTimestamps()
    this.#bytesSinceLastEntry = 0
  }

  releaseIdle(): void {
    this.#offsets.releaseIdle()
    this.#times.releaseIdle()
  }

  close(): void {
    if (this.#isBehind) this.finish()
    this.#offsets.close()
    this.#times.close()
  }

  abandon(): void {
    this.#offsets.abandon()
    this.#times.abandon()
  }

  rename(renamed: (path: string) => string): void {
    this.#offsets.rename(renamed(this.#offsets.path))
    this.#times.rename(renamed(this.#times.path))
  }

  moved(inside: (path: string) => string): void {
    this.#offsets.moved(inside(this.#offsets.path))
    this.#times.moved(inside(this.#times.path))
  }

  delete(): void {
    this.#offsets.delete()
    this.#times.delete()
  }

  #forgetTimestamps(): void {
    this.#maxTimestamp = -1
    this.#offsetOfMaxTimestamp = this.baseOffset
    this.#isBehind = false
  }

  #check(): void {
    try {
      if (this.#makeSense()) {
        this.#isTrusted = true
        return
      }
    } catch (error) {
      const isCorrupt = error instanceof StorageError && error.kind === 'corrupt'
      if (!isCorrupt && !hasCode(error, 'ENOENT')) throw error
    }
    this.reset()
    const cursor = this.#log.seek(new BatchCursor(), 0)
    while (cursor.next()) this.add(cursor.batch, cursor.position, cursor.sizeInBytes)
    this.finish()
  }

  /** What a look at their ends can tell: entries beyond the log, or none where a closed segment must have some. */
  #makeSense(): boolean {
    const { lastPosition } = this.#offsets
    const { entries: times } = this.#times
    const { sizeInBytes } = this.#log
    if (sizeInBytes === 0) return lastPosition === 0 && times === 0
    if (lastPosition >= sizeInBytes) return false
    if (lastPosition === 0 && sizeInBytes > SUSPICIOUS_INTERVALS * this.#intervalBytes) return false
    if (times > 0) return true
    const cursor = this.#log.seek(new BatchCursor(), 0)
    return !cursor.next() || cursor.batch.maxTimestamp < 0
  }
}
