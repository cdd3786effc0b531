// A file of fixed-width entries, sorted by key: what the offset index and the time index share. Answers to Kafka's
// AbstractIndex, the mmap way without mmap:
//
//   the file   [page 0: 4 KiB][page 1]...[page n: being filled][zeros up to segment.index.bytes, sparse]
//   in memory  the first key of every page            the page being filled, growing from 64 bytes
//
// An append is a store into the last page; a full page is written out. A lookup is a binary search over the first keys
// and one page read, or none if it hits the last page. An idle index holds nothing: release() writes what is owed and
// forgets, the next use loads again. Entries reach the file when a page fills, at writeOut(), at trim(); what a crash
// loses is rebuilt from the log, as Kafka rebuilds every index above the recovery point.

import { StorageError } from './errors.ts'
import { createEmpty, type File, type FileSystem } from './fs/port.ts'

const PAGE_BYTES = 4096
const FIRST_TAIL_BYTES = 64
const LOAD_BYTES = 64 * PAGE_BYTES

/** One page, shared by all indexes: a run of lookups in one place reads it once. */
const scratch = {
  owner: null as IndexFile | null,
  page: -1,
  bytes: Buffer.allocUnsafeSlow(PAGE_BYTES),
}
const scratchView = new DataView(scratch.bytes.buffer)

const EMPTY = Buffer.alloc(0)
const EMPTY_VIEW = new DataView(EMPTY.buffer, 0, 0)

export abstract class IndexFile {
  readonly baseOffset: number
  readonly maxEntries: number
  readonly #fs: FileSystem
  readonly #entryBytes: number
  readonly #entriesPerPage: number
  #path: string
  #file: File | null = null
  #loaded: boolean
  #entries = 0
  /** Entries that the file holds; those after it are in the tail page only. */
  #writtenEntries = 0
  #extended = false
  #firstKeys: number[] = []
  #tail: Buffer = EMPTY
  #tailView: DataView = EMPTY_VIEW
  #used = false

  constructor(
    fs: FileSystem,
    path: string,
    baseOffset: number,
    entryBytes: number,
    maxBytes: number,
    fresh: boolean,
  ) {
    this.#fs = fs
    this.#path = path
    this.baseOffset = baseOffset
    this.#entryBytes = entryBytes
    this.#entriesPerPage = Math.floor(PAGE_BYTES / entryBytes)
    this.maxEntries = Math.floor(maxBytes / entryBytes)
    this.#loaded = fresh
    if (fresh) this.#create()
  }

  get path(): string {
    return this.#path
  }

  get entries(): number {
    this.#load()
    return this.#entries
  }

  get isFull(): boolean {
    return this.entries >= this.maxEntries
  }

  get isLoaded(): boolean {
    return this.#loaded
  }

  canAppendOffset(offset: number): boolean {
    const relative = offset - this.baseOffset
    return relative >= 0 && relative <= 0x7fffffff
  }

  /** Reads the key of the entry at `position` of `view`. */
  protected abstract keyAt(view: DataView, position: number): number

  /** Throws corrupt() if what was loaded cannot be this index. */
  protected abstract check(): void

  /** Called after loading and truncating: the last entry may be another. */
  protected abstract onChanged(): void

  /** Where to store the next entry: `view` at the returned position. The caller fills all its bytes, then calls added(). */
  protected nextSlot(): number {
    this.#load()
    const inPage = this.#entries % this.#entriesPerPage
    if (inPage === 0 && this.#entries > 0) this.#turnPage()
    const position = inPage * this.#entryBytes
    if (position + this.#entryBytes > this.#tail.length) this.#growTail()
    return position
  }

  protected get tailView(): DataView {
    return this.#tailView
  }

  protected added(position: number): void {
    if (position === 0) this.#firstKeys.push(this.keyAt(this.#tailView, 0))
    this.#entries++
    this.#used = true
  }

  /** The slot of the last entry whose key is at most `key`, or -1. */
  protected floorSlot(key: number): number {
    this.#load()
    this.#used = true
    const page = this.#floorPage(key)
    if (page < 0) return -1
    const view = this.#pageView(page)
    let low = 0
    let high = Math.min(this.#entriesPerPage, this.#entries - page * this.#entriesPerPage) - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.keyAt(view, middle * this.#entryBytes) <= key) low = middle
      else high = middle - 1
    }
    return page * this.#entriesPerPage + low
  }

  /** A view in which the entry of `slot` starts at positionOf(slot); valid until the next call. */
  protected viewOf(slot: number): DataView {
    this.#load()
    return this.#pageView(Math.floor(slot / this.#entriesPerPage))
  }

  protected positionOf(slot: number): number {
    return (slot % this.#entriesPerPage) * this.#entryBytes
  }

  protected truncateToEntries(entries: number): void {
    this.#load()
    if (entries >= this.#entries) return
    // What stays of its page becomes the tail. Stale entries after it leave the file too: zeros mark the end.
    this.#forgetScratch()
    const tailFirst = Math.max(0, Math.ceil(entries / this.#entriesPerPage) - 1) * this.#entriesPerPage
    if (tailFirst !== this.#tailFirstEntry()) {
      const kept = Buffer.alloc(PAGE_BYTES)
      if (entries > tailFirst) {
        this.#readEntries(kept, tailFirst, Math.min(entries, this.#writtenEntries) - tailFirst)
      }
      this.#setTail(kept)
    }
    this.#entries = entries
    this.#firstKeys.length = Math.ceil(entries / this.#entriesPerPage)
    if (this.#writtenEntries > entries || this.#extended) {
      this.#writtenEntries = Math.min(this.#writtenEntries, entries)
      this.#open('write').truncate(this.#writtenEntries * this.#entryBytes)
      this.#extended = false
    }
    this.onChanged()
  }

  /** Empties the index, whatever is in the file: the start of a rebuild. */
  reset(): void {
    this.#forgetScratch()
    this.#loaded = true
    this.#entries = 0
    this.#writtenEntries = 0
    this.#extended = false
    this.#firstKeys = []
    this.#setTail(EMPTY)
    this.#open('create').truncate(0)
    this.onChanged()
  }

  /** Hands the file every entry it lacks. The first time, the file is given its full length, holes and all. */
  writeOut(): void {
    if (!this.#loaded || this.#writtenEntries === this.#entries) return
    if (!this.#extended && this.#entries < this.maxEntries) {
      this.#open('write').truncate(this.maxEntries * this.#entryBytes)
      this.#extended = true
    }
    this.#writeEntries()
  }

  #writeEntries(): void {
    if (!this.#loaded || this.#writtenEntries === this.#entries) return
    const file = this.#open('write')
    const from = this.#writtenEntries
    const tailFirst = this.#tailFirstEntry()
    const start = (from - tailFirst) * this.#entryBytes
    const end = (this.#entries - tailFirst) * this.#entryBytes
    file.write(this.#tail.subarray(start, end), from * this.#entryBytes)
    this.#writtenEntries = this.#entries
  }

  /** Cuts the file to its entries: when a segment stops being the active one, and at close. */
  trim(): void {
    this.#writeEntries()
    if (!this.#extended) return
    this.#open('write').truncate(this.#entries * this.#entryBytes)
    this.#extended = false
  }

  async sync(): Promise<void> {
    this.writeOut()
    await this.#open('write').sync()
  }

  syncNow(): void {
    this.writeOut()
    this.#open('write').syncNow()
  }

  /** Drops the memory and the descriptor unless used since the last call. */
  releaseIdle(): void {
    if (this.#used) this.#used = false
    else this.release()
  }

  release(): void {
    this.writeOut()
    this.#closeFile()
    if (!this.#loaded) return
    this.#forgetScratch()
    this.#loaded = false
    this.#firstKeys = []
    this.#setTail(EMPTY)
  }

  close(): void {
    if (this.#loaded || this.#extended) this.trim()
    this.release()
  }

  /** After a write error nothing more can be saved. */
  abandon(): void {
    this.#closeFile()
    this.#forgetScratch()
  }

  /** The file may be missing: it would be rebuilt. */
  rename(path: string): void {
    this.#closeFile()
    if (this.#fs.exists(this.#path)) this.#fs.rename(this.#path, path)
    this.#path = path
  }

  /** The directory was renamed: same file, other path. */
  moved(path: string): void {
    this.#closeFile()
    this.#path = path
  }

  delete(): void {
    this.abandon()
    this.#fs.unlink(this.#path)
  }

  protected corrupt(why: string): StorageError {
    return new StorageError('corrupt', this.#path, `corrupt index ${this.#path}: ${why}`)
  }

  #tailFirstEntry(): number {
    return Math.max(0, this.#firstKeys.length - 1) * this.#entriesPerPage
  }

  #floorPage(key: number): number {
    const keys = this.#firstKeys
    let low = -1
    let high = keys.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (keys[middle]! <= key) low = middle
      else high = middle - 1
    }
    return low
  }

  #pageView(page: number): DataView {
    if (page === this.#firstKeys.length - 1) return this.#tailView
    if (scratch.owner !== this || scratch.page !== page) {
      scratch.owner = null
      this.#readEntries(scratch.bytes, page * this.#entriesPerPage, this.#entriesPerPage)
      scratch.owner = this
      scratch.page = page
    }
    return scratchView
  }

  #readEntries(target: Buffer, first: number, count: number): void {
    const length = count * this.#entryBytes
    if (length <= 0) return
    const read = this.#open('write').read(target, 0, length, first * this.#entryBytes)
    if (read < length) throw this.corrupt(`it ends before entry ${first + count}`)
  }

  #turnPage(): void {
    this.writeOut()
    this.#tail.fill(0)
  }

  #growTail(): void {
    const pageBytes = this.#entriesPerPage * this.#entryBytes
    const grown = Buffer.alloc(Math.min(pageBytes, Math.max(FIRST_TAIL_BYTES, this.#tail.length * 2)))
    this.#tail.copy(grown)
    this.#setTail(grown)
  }

  #setTail(bytes: Buffer): void {
    this.#tail = bytes
    this.#tailView =
      bytes === EMPTY ? EMPTY_VIEW : new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  #load(): void {
    if (this.#loaded) return
    const file = this.#open('write')
    const size = file.size()
    const whole = Math.floor(size / this.#entryBytes)
    if (whole * this.#entryBytes !== size)
      throw this.corrupt(`${size} bytes are no multiple of ${this.#entryBytes}`)
    const entries = this.#countEntries(file, whole)
    this.#firstKeys = this.#readFirstKeys(file, entries)
    this.#entries = entries
    this.#writtenEntries = entries
    this.#extended = entries < whole
    const tailFirst = this.#tailFirstEntry()
    const tail = Buffer.alloc((entries - tailFirst) * this.#entryBytes)
    this.#readEntries(tail, tailFirst, entries - tailFirst)
    this.#setTail(tail)
    this.#loaded = true
    try {
      this.onChanged()
      this.check()
    } catch (error) {
      this.#loaded = false
      throw error
    }
  }

  /** A file that was never trimmed ends in zeros. Only the first entry may be all zeros, so the end can be searched. */
  #countEntries(file: File, whole: number): number {
    const entry = Buffer.alloc(this.#entryBytes)
    const isZero = (slot: number) => {
      file.read(entry, 0, entry.length, slot * this.#entryBytes)
      return entry.every(byte => byte === 0)
    }
    if (whole <= 1 || !isZero(whole - 1)) return whole
    let low = 1
    let high = whole - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (isZero(middle)) high = middle
      else low = middle + 1
    }
    // A lone zero entry says nothing that an empty index does not.
    return low === 1 && isZero(0) ? 0 : low
  }

  #readFirstKeys(file: File, entries: number): number[] {
    const pages = Math.ceil(entries / this.#entriesPerPage)
    const keys = new Array<number>(pages)
    if (pages === 0) return keys
    const pageBytes = this.#entriesPerPage * this.#entryBytes
    const pagesAtOnce = Math.max(1, Math.min(pages, Math.floor(LOAD_BYTES / pageBytes)))
    const bytes = Buffer.allocUnsafe(pagesAtOnce * pageBytes)
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    for (let page = 0; page < pages; page++) {
      const inChunk = page % pagesAtOnce
      if (inChunk === 0) file.read(bytes, 0, bytes.length, page * pageBytes)
      const key = this.keyAt(view, inChunk * pageBytes)
      if (page > 0 && key <= keys[page - 1]!) throw this.corrupt(`its keys do not rise at page ${page}`)
      keys[page] = key
    }
    return keys
  }

  #create(): void {
    createEmpty(this.#fs, this.#path).close()
  }

  #open(mode: 'create' | 'write'): File {
    this.#file ??= this.#fs.open(this.#path, mode)
    return this.#file
  }

  #closeFile(): void {
    this.#file?.close()
    this.#file = null
  }

  #forgetScratch(): void {
    if (scratch.owner === this) scratch.owner = null
  }
}
