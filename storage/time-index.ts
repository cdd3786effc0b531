// `<base offset>.timeindex`: from when on which timestamps are in the segment. Answers to Kafka's TimeIndex.
//
//   entry, 12 bytes:  int64 timestamp | int32 relative offset
//
// An entry says: no record before or at this offset is later than this timestamp, and the batch that ends at this
// offset reaches it. Timestamps rise strictly from entry to entry, offsets never fall.

import { getInt64, setInt64 } from '../protocol/records/batch.ts'
import { IndexFile } from './index-file.ts'
import type { FileSystem } from './fs/port.ts'

const ENTRY_BYTES = 12

export class TimeIndex extends IndexFile {
  #lastTimestamp = -1
  #lastOffset: number

  constructor(fs: FileSystem, path: string, baseOffset: number, maxBytes: number, fresh: boolean) {
    super(fs, path, baseOffset, ENTRY_BYTES, maxBytes, fresh)
    this.#lastOffset = baseOffset
  }

  /** One slot is kept for the entry that a segment gets when it is closed. */
  override get isFull(): boolean {
    return this.entries >= this.maxEntries - 1
  }

  /** -1 when empty. */
  get lastTimestamp(): number {
    void this.entries
    return this.#lastTimestamp
  }

  get lastOffset(): number {
    void this.entries
    return this.#lastOffset
  }

  /** Adds the entry only if it is later than the last one; an equal or earlier one says nothing new. */
  maybeAppend(timestamp: number, offset: number, evenIfFull = false): void {
    const entries = this.entries
    if (timestamp <= this.#lastTimestamp || (!evenIfFull && this.isFull) || entries >= this.maxEntries) return
    if (entries > 0 && offset < this.#lastOffset) {
      throw this.corrupt(`offset ${offset} lies before ${this.#lastOffset}`)
    }
    const at = this.nextSlot()
    setInt64(this.tailView, at, timestamp)
    this.tailView.setInt32(at + 8, offset - this.baseOffset)
    this.#lastTimestamp = timestamp
    this.#lastOffset = offset
    this.added(at)
  }

  /** The offset of the last entry at or before `timestamp`; the base offset when there is none. */
  lookup(timestamp: number): number {
    const slot = this.floorSlot(timestamp)
    return slot < 0 ? this.baseOffset : this.offsetAt(slot)
  }

  timestampAt(slot: number): number {
    return getInt64(this.viewOf(slot), this.positionOf(slot))
  }

  offsetAt(slot: number): number {
    return this.baseOffset + this.viewOf(slot).getInt32(this.positionOf(slot) + 8)
  }

  /** Drops every entry at or above `offset`. Offsets are sorted too, so they can be searched. */
  truncateTo(offset: number): void {
    let low = 0
    let high = this.entries
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.offsetAt(middle) < offset) low = middle + 1
      else high = middle
    }
    this.truncateToEntries(low)
  }

  protected keyAt(view: DataView, position: number): number {
    return getInt64(view, position)
  }

  protected onChanged(): void {
    const entries = this.entries
    this.#lastTimestamp = entries === 0 ? -1 : this.timestampAt(entries - 1)
    this.#lastOffset = entries === 0 ? this.baseOffset : this.offsetAt(entries - 1)
  }

  protected check(): void {
    if (this.entries === 0) return
    if (this.#lastOffset < this.baseOffset) throw this.corrupt(`its last offset is ${this.#lastOffset}`)
    if (this.#lastTimestamp < this.timestampAt(0))
      throw this.corrupt('its last timestamp is before its first')
  }
}
