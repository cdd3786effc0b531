// `<base offset>.txnindex`: the aborted transactions whose abort marker lies in this segment. Answers to Kafka's
// TransactionIndex. The file exists only if there is such a transaction.
//
//   entry, 34 bytes:  int16 version (0) | int64 producerId | int64 firstOffset | int64 lastOffset | int64 lastStableOffset
//
// Entries lie in the order of their markers (last offsets rise). A reader of [from, to) needs every entry with
// firstOffset < to and lastOffset ≥ from, and may stop, segments after this one included, at a lastStableOffset ≥ to.

import { getInt64, setInt64 } from '../protocol/records/batch.ts'
import { StorageError } from './errors.ts'
import type { File, FileSystem } from './fs/port.ts'

const ENTRY_BYTES = 34

export interface AbortedTxn {
  readonly producerId: number
  readonly firstOffset: number
  /** Of the abort marker. */
  readonly lastOffset: number
  readonly lastStableOffset: number
}

export class TxnIndex {
  readonly baseOffset: number
  readonly #fs: FileSystem
  #path: string
  #file: File | null = null
  #entries: AbortedTxn[] | null
  #isUnsynced = false

  constructor(fs: FileSystem, path: string, baseOffset: number, exists: boolean) {
    this.#fs = fs
    this.#path = path
    this.baseOffset = baseOffset
    this.#entries = exists ? null : []
  }

  get path(): string {
    return this.#path
  }

  get isEmpty(): boolean {
    return this.entries.length === 0
  }

  /** Read on first use. */
  get entries(): readonly AbortedTxn[] {
    this.#entries ??= this.#load()
    return this.#entries
  }

  append(txn: AbortedTxn): void {
    const entries = this.entries as AbortedTxn[]
    const last = entries.at(-1)
    if (last !== undefined && txn.lastOffset <= last.lastOffset) {
      throw new Error(`the marker at ${txn.lastOffset} does not follow the one at ${last.lastOffset}`)
    }
    const bytes = Buffer.alloc(ENTRY_BYTES)
    const view = new DataView(bytes.buffer, bytes.byteOffset, ENTRY_BYTES)
    setInt64(view, 2, txn.producerId)
    setInt64(view, 10, txn.firstOffset)
    setInt64(view, 18, txn.lastOffset)
    setInt64(view, 26, txn.lastStableOffset)
    this.#open().write(bytes, entries.length * ENTRY_BYTES)
    entries.push(txn)
  }

  /** Adds to `found` what a reader of [fetchOffset, upperBound) must know; true when later segments hold no more. */
  collect(fetchOffset: number, upperBound: number, found: AbortedTxn[]): boolean {
    for (const txn of this.entries) {
      if (txn.lastOffset >= fetchOffset && txn.firstOffset < upperBound) found.push(txn)
      if (txn.lastStableOffset >= upperBound) return true
    }
    return false
  }

  /** Drops every entry whose marker is at or above `offset`. */
  truncateTo(offset: number): void {
    const kept = this.entries.filter(txn => txn.lastOffset < offset)
    if (kept.length === this.entries.length) return
    this.#entries = kept
    this.#open().truncate(kept.length * ENTRY_BYTES)
  }

  reset(): void {
    if (this.#entries === null || this.#entries.length > 0) {
      this.#open().truncate(0)
    }
    this.#entries = []
  }

  /** Throws 'corrupt' for a file that cannot be one. */
  sanityCheck(): void {
    void this.entries
  }

  async sync(): Promise<void> {
    if (!this.#isUnsynced) return
    const file = this.#open()
    this.#isUnsynced = false
    await file.sync()
  }

  releaseIdle(): void {
    if (this.#entries !== null && this.#entries.length > 0) this.#entries = null
    this.close()
  }

  close(): void {
    this.#file?.close()
    this.#file = null
  }

  rename(path: string): void {
    this.close()
    if (this.#fs.exists(this.#path)) this.#fs.rename(this.#path, path)
    this.#path = path
  }

  moved(path: string): void {
    this.close()
    this.#path = path
  }

  delete(): void {
    this.close()
    this.#fs.unlink(this.#path)
  }

  /** To change it. */
  #open(): File {
    this.#isUnsynced = true
    this.#file ??= this.#fs.open(this.#path, 'create')
    return this.#file
  }

  #load(): AbortedTxn[] {
    const bytes = this.#fs.exists(this.#path) ? this.#fs.readFile(this.#path) : Buffer.alloc(0)
    if (bytes.length % ENTRY_BYTES !== 0)
      throw this.#corrupt(`${bytes.length} bytes are no multiple of ${ENTRY_BYTES}`)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    const entries: AbortedTxn[] = []
    for (let at = 0; at < bytes.length; at += ENTRY_BYTES) {
      if (view.getInt16(at) !== 0) throw this.#corrupt(`unknown version ${view.getInt16(at)}`)
      const txn = {
        producerId: getInt64(view, at + 2),
        firstOffset: getInt64(view, at + 10),
        lastOffset: getInt64(view, at + 18),
        lastStableOffset: getInt64(view, at + 26),
      }
      if (txn.lastOffset < this.baseOffset)
        throw this.#corrupt(`a marker at ${txn.lastOffset}, below the segment`)
      entries.push(txn)
    }
    return entries
  }

  #corrupt(why: string): StorageError {
    return new StorageError('corrupt', this.#path, `corrupt transaction index ${this.#path}: ${why}`)
  }
}
