// `<base offset>.index`: where in the segment's log a batch is. Answers to Kafka's OffsetIndex.
//
//   entry, 8 bytes:  int32 relative offset (of the batch's last record) | int32 position of the batch
//
// Sparse: an entry at most every index.interval.bytes. A lookup gives a position at or before the wanted batch; the
// reader walks on from there.

import { IndexFile } from './index-file.ts'
import type { FileSystem } from './fs/port.ts'

const ENTRY_BYTES = 8

export class OffsetIndex extends IndexFile {
  #lastOffset: number

  constructor(fs: FileSystem, path: string, baseOffset: number, maxBytes: number, fresh: boolean) {
    super(fs, path, baseOffset, ENTRY_BYTES, maxBytes, fresh)
    this.#lastOffset = baseOffset
  }

  /** The base offset when empty. */
  get lastOffset(): number {
    void this.entries
    return this.#lastOffset
  }

  get lastPosition(): number {
    return this.entries === 0 ? 0 : this.positionAt(this.entries - 1)
  }

  append(offset: number, position: number): void {
    if (this.entries > 0 && offset <= this.#lastOffset) {
      throw this.corrupt(`offset ${offset} does not follow ${this.#lastOffset}`)
    }
    const at = this.nextSlot()
    this.tailView.setInt32(at, offset - this.baseOffset)
    this.tailView.setInt32(at + 4, position)
    this.#lastOffset = offset
    this.added(at)
  }

  /** The position of the last entry at or below `offset`; 0, the start of the segment, when there is none. */
  lookup(offset: number): number {
    const slot = this.floorSlot(offset - this.baseOffset)
    return slot < 0 ? 0 : this.positionAt(slot)
  }

  offsetAt(slot: number): number {
    return this.baseOffset + this.viewOf(slot).getInt32(this.positionOf(slot))
  }

  positionAt(slot: number): number {
    return this.viewOf(slot).getInt32(this.positionOf(slot) + 4)
  }

  /** Drops every entry at or above `offset`. */
  truncateTo(offset: number): void {
    this.truncateToEntries(this.floorSlot(offset - 1 - this.baseOffset) + 1)
  }

  protected keyAt(view: DataView, position: number): number {
    return view.getInt32(position)
  }

  protected onChanged(): void {
    const entries = this.entries
    this.#lastOffset = entries === 0 ? this.baseOffset : this.offsetAt(entries - 1)
  }

  protected check(): void {
    if (this.#lastOffset < this.baseOffset) throw this.corrupt(`its last offset is ${this.#lastOffset}`)
  }
}
