// Real files. Descriptors are opened on first use and kept in a bounded cache: three files a segment, ten thousand
// partitions, and every limit is passed. When the cache is full, the file not used for longest is closed behind its
// owner's back (second chance, so that a use costs one assignment) and opened again at its next use.
// Names are never cached: close a File before renaming or removing its path (port.ts).

import fs from 'node:fs'
import { lockDirectory } from './directory-lock.ts'
import {
  type DirectoryLock,
  directoryOf,
  type File,
  type FileStat,
  type FileSystem,
  hasCode,
  type OpenMode,
} from './port.ts'

const DEFAULT_MAX_OPEN_FILES = 4096

export interface NodeFileSystemOptions {
  readonly maxOpenFiles?: number
  /** Hears how long each fsync of a file took, in milliseconds. */
  readonly onSync?: (tookMs: number) => void
}

export class NodeFileSystem implements FileSystem {
  readonly #descriptors: DescriptorCache

  constructor(options: NodeFileSystemOptions = {}) {
    this.#descriptors = new DescriptorCache(options.maxOpenFiles ?? DEFAULT_MAX_OPEN_FILES, options.onSync)
  }

  get openFileCount(): number {
    return this.#descriptors.size
  }

  open(path: string, mode: OpenMode): File {
    return new NodeFile(path, mode, this.#descriptors)
  }

  exists(path: string): boolean {
    return fs.existsSync(path)
  }

  stat(path: string): FileStat | undefined {
    const stat = fs.statSync(path, { throwIfNoEntry: false })
    if (stat === undefined) return undefined
    return { size: stat.size, isDirectory: stat.isDirectory(), mtimeMs: stat.mtimeMs }
  }

  readdir(path: string): string[] {
    return fs.readdirSync(path)
  }

  mkdirp(path: string): void {
    fs.mkdirSync(path, { recursive: true })
  }

  rename(from: string, to: string): void {
    fs.renameSync(from, to)
  }

  unlink(path: string): void {
    try {
      fs.unlinkSync(path)
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw error
    }
  }

  rmrf(path: string): void {
    fs.rmSync(path, { recursive: true, force: true })
  }

  readFile(path: string): Buffer {
    return fs.readFileSync(path)
  }

  writeFileAtomic(path: string, bytes: Uint8Array): void {
    const temporary = `${path}.tmp`
    const descriptor = fs.openSync(temporary, 'w')
    try {
      writeAll(descriptor, bytes, 0)
      fs.fsyncSync(descriptor)
    } finally {
      fs.closeSync(descriptor)
    }
    fs.renameSync(temporary, path)
    this.syncDir(directoryOf(path))
  }

  replaceFile(path: string, bytes: Uint8Array): void {
    fs.writeFileSync(`${path}.tmp`, bytes)
    fs.renameSync(`${path}.tmp`, path)
  }

  setModifiedTime(path: string, mtimeMs: number): void {
    fs.utimesSync(path, mtimeMs / 1000, mtimeMs / 1000)
  }

  syncDir(path: string): void {
    // Windows has no handle on a directory to sync.
    if (process.platform === 'win32') return
    const descriptor = fs.openSync(path, 'r')
    try {
      fs.fsyncSync(descriptor)
    } finally {
      fs.closeSync(descriptor)
    }
  }

  async syncDirLater(path: string): Promise<void> {
    if (process.platform === 'win32') return
    const handle = await fs.promises.open(path, 'r')
    try {
      await handle.sync()
    } finally {
      await handle.close()
    }
  }

  space(path: string): { totalBytes: number; usableBytes: number } {
    const { bsize, blocks, bavail } = fs.statfsSync(path)
    return { totalBytes: bsize * blocks, usableBytes: bsize * bavail }
  }

  lockDirectory(path: string): Promise<DirectoryLock> {
    return lockDirectory(path)
  }
}

class NodeFile implements File {
  readonly path: string
  readonly #flags: 'r' | 'r+'
  readonly #cache: DescriptorCache
  #descriptor = -1
  #syncsUnderWay = 0
  #closed = false
  /** Set on use, cleared by the cache's hand: the second chance. */
  recentlyUsed = true

  constructor(path: string, mode: OpenMode, cache: DescriptorCache) {
    this.path = path
    this.#flags = mode === 'read' ? 'r' : 'r+'
    this.#cache = cache
    const created = mode === 'create' || mode === 'new'
    this.#descriptor = created ? create(path, mode) : fs.openSync(path, this.#flags)
    cache.add(this)
  }

  read(target: Uint8Array, targetStart: number, length: number, position: number): number {
    const descriptor = this.#open()
    let done = 0
    while (done < length) {
      const read = fs.readSync(descriptor, target, targetStart + done, length - done, position + done)
      if (read === 0) break
      done += read
    }
    return done
  }

  write(bytes: Uint8Array | readonly Uint8Array[], position: number): void {
    const descriptor = this.#open()
    if (bytes instanceof Uint8Array) return writeAll(descriptor, bytes, position)
    let total = 0
    for (const part of bytes) total += part.length
    const written = fs.writevSync(descriptor, bytes, position)
    if (written < total) writeAll(descriptor, Buffer.concat(bytes).subarray(written), position + written)
  }

  truncate(size: number): void {
    fs.ftruncateSync(this.#open(), size)
  }

  size(): number {
    return fs.fstatSync(this.#open()).size
  }

  sync(): Promise<void> {
    const descriptor = this.#open()
    this.#syncsUnderWay++
    const startedMs = performance.now()
    return new Promise((resolve, reject) => {
      fs.fdatasync(descriptor, error => {
        this.#syncsUnderWay--
        this.#cache.onSync?.(performance.now() - startedMs)
        if (this.#closed && this.#syncsUnderWay === 0) this.#release()
        if (error) reject(error)
        else resolve()
      })
    })
  }

  syncNow(): void {
    fs.fdatasyncSync(this.#open())
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#cache.remove(this)
    if (this.#syncsUnderWay === 0) this.#release()
  }

  /** Called by the cache; false when the descriptor is needed by a sync under way. */
  park(): boolean {
    if (this.#syncsUnderWay > 0) return false
    this.#release()
    return true
  }

  #open(): number {
    this.recentlyUsed = true
    if (this.#descriptor >= 0) return this.#descriptor
    if (this.#closed) throw Object.assign(new Error(`EBADF: '${this.path}' is closed`), { code: 'EBADF' })
    this.#descriptor = fs.openSync(this.path, this.#flags)
    this.#cache.add(this)
    return this.#descriptor
  }

  #release(): void {
    if (this.#descriptor < 0) return
    const descriptor = this.#descriptor
    this.#descriptor = -1
    fs.closeSync(descriptor)
  }
}

/** A ring of the files that hold a descriptor and the hand of a clock that goes round it. */
class DescriptorCache {
  readonly #limit: number
  readonly #files: NodeFile[] = []
  readonly #slots = new Map<NodeFile, number>()
  #hand = 0

  readonly onSync: ((tookMs: number) => void) | undefined

  constructor(limit: number, onSync?: (tookMs: number) => void) {
    this.#limit = Math.max(1, limit)
    this.onSync = onSync
  }

  get size(): number {
    return this.#files.length
  }

  add(file: NodeFile): void {
    if (this.#files.length >= this.#limit) this.#evict()
    this.#slots.set(file, this.#files.length)
    this.#files.push(file)
  }

  remove(file: NodeFile): void {
    const slot = this.#slots.get(file)
    if (slot === undefined) return
    this.#slots.delete(file)
    const last = this.#files.pop()!
    if (last === file) return
    this.#files[slot] = last
    this.#slots.set(last, slot)
  }

  #evict(): void {
    // Two rounds suffice: the first clears every mark. Only syncs under way can keep all of them.
    for (let step = 0; step < 2 * this.#files.length; step++) {
      this.#hand = (this.#hand + 1) % this.#files.length
      const file = this.#files[this.#hand]!
      if (file.recentlyUsed) file.recentlyUsed = false
      else if (file.park()) {
        this.remove(file)
        return
      }
    }
  }
}

function create(path: string, mode: 'create' | 'new'): number {
  const { O_CREAT, O_EXCL, O_RDWR } = fs.constants
  return fs.openSync(path, O_RDWR | O_CREAT | (mode === 'new' ? O_EXCL : 0), 0o644)
}

function writeAll(descriptor: number, bytes: Uint8Array, position: number): void {
  let done = 0
  while (done < bytes.length) {
    done += fs.writeSync(descriptor, bytes, done, bytes.length - done, position + done)
  }
}
