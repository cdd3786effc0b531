// Any file system, with chosen operations failing: the disk full at the seventh write, an fsync that errors once, a
// rename that never comes. Rules are asked in order before each operation; the first that matches decides.

import type { DirectoryLock, File, FileStat, FileSystem, OpenMode } from './port.ts'

export type FileOperation =
  | 'open'
  | 'read'
  | 'write'
  | 'truncate'
  | 'sync'
  | 'syncDir'
  | 'rename'
  | 'unlink'
  | 'mkdir'
  | 'readdir'
  | 'stat'
  | 'lock'

export interface Fault {
  readonly operation: FileOperation
  /** Part of the path; default: any. */
  readonly path?: string | RegExp
  readonly code: 'ENOSPC' | 'EIO' | 'EACCES' | 'EMFILE' | 'EROFS'
  /** Lets this many matching operations pass first. */
  readonly after?: number
  /** Fails this many times, then is spent; default: for ever. */
  readonly times?: number
  /** A failing write leaves this many bytes behind. */
  readonly partialBytes?: number
}

interface ArmedFault {
  readonly fault: Fault
  toPass: number
  toFail: number
}

export class FaultyFileSystem implements FileSystem {
  readonly #inner: FileSystem
  #faults: ArmedFault[] = []
  /** How often a fault struck. */
  struck = 0

  constructor(inner: FileSystem) {
    this.#inner = inner
  }

  /** Returns a function that takes the fault away again. */
  inject(fault: Fault): () => void {
    const armed = { fault, toPass: fault.after ?? 0, toFail: fault.times ?? Infinity }
    this.#faults.push(armed)
    return () => {
      this.#faults = this.#faults.filter(other => other !== armed)
    }
  }

  heal(): void {
    this.#faults = []
  }

  /** The fault this operation meets, or undefined; counts it. */
  meet(operation: FileOperation, path: string): Fault | undefined {
    for (const armed of this.#faults) {
      if (armed.fault.operation !== operation || !matches(armed.fault.path, path) || armed.toFail === 0)
        continue
      if (armed.toPass > 0) {
        armed.toPass--
        continue
      }
      armed.toFail--
      this.struck++
      return armed.fault
    }
    return undefined
  }

  open(path: string, mode: OpenMode): File {
    this.#check('open', path)
    return new FaultyFile(this.#inner.open(path, mode), this)
  }

  exists(path: string): boolean {
    return this.#inner.exists(path)
  }

  stat(path: string): FileStat | undefined {
    this.#check('stat', path)
    return this.#inner.stat(path)
  }

  readdir(path: string): string[] {
    this.#check('readdir', path)
    return this.#inner.readdir(path)
  }

  mkdirp(path: string): void {
    this.#check('mkdir', path)
    this.#inner.mkdirp(path)
  }

  rename(from: string, to: string): void {
    this.#check('rename', from)
    this.#inner.rename(from, to)
  }

  unlink(path: string): void {
    this.#check('unlink', path)
    this.#inner.unlink(path)
  }

  rmrf(path: string): void {
    this.#check('unlink', path)
    this.#inner.rmrf(path)
  }

  readFile(path: string): Buffer {
    this.#check('open', path)
    this.#check('read', path)
    return this.#inner.readFile(path)
  }

  writeFileAtomic(path: string, bytes: Uint8Array): void {
    for (const operation of ['open', 'write', 'sync', 'rename'] as const) this.#check(operation, path)
    this.#inner.writeFileAtomic(path, bytes)
  }

  replaceFile(path: string, bytes: Uint8Array): void {
    for (const operation of ['open', 'write', 'rename'] as const) this.#check(operation, path)
    this.#inner.replaceFile(path, bytes)
  }

  setModifiedTime(path: string, mtimeMs: number): void {
    this.#inner.setModifiedTime(path, mtimeMs)
  }

  syncDir(path: string): void {
    this.#check('syncDir', path)
    this.#inner.syncDir(path)
  }

  async syncDirLater(path: string): Promise<void> {
    this.#check('syncDir', path)
    return this.#inner.syncDirLater(path)
  }

  space(path: string): ReturnType<FileSystem['space']> {
    return this.#inner.space(path)
  }

  async lockDirectory(path: string): Promise<DirectoryLock> {
    this.#check('lock', path)
    return this.#inner.lockDirectory(path)
  }

  #check(operation: FileOperation, path: string): void {
    const fault = this.meet(operation, path)
    if (fault !== undefined) throw failure(fault, path)
  }
}

class FaultyFile implements File {
  readonly #inner: File
  readonly #fs: FaultyFileSystem

  constructor(inner: File, fs: FaultyFileSystem) {
    this.#inner = inner
    this.#fs = fs
  }

  get path(): string {
    return this.#inner.path
  }

  read(target: Uint8Array, targetStart: number, length: number, position: number): number {
    this.#check('read')
    return this.#inner.read(target, targetStart, length, position)
  }

  write(bytes: Uint8Array | readonly Uint8Array[], position: number): void {
    const fault = this.#fs.meet('write', this.path)
    if (fault === undefined) return this.#inner.write(bytes, position)
    const all = bytes instanceof Uint8Array ? bytes : Buffer.concat(bytes)
    if (fault.partialBytes) this.#inner.write(all.subarray(0, fault.partialBytes), position)
    throw failure(fault, this.path)
  }

  truncate(size: number): void {
    this.#check('truncate')
    this.#inner.truncate(size)
  }

  size(): number {
    this.#check('stat')
    return this.#inner.size()
  }

  async sync(): Promise<void> {
    this.#check('sync')
    return this.#inner.sync()
  }

  syncNow(): void {
    this.#check('sync')
    this.#inner.syncNow()
  }

  close(): void {
    this.#inner.close()
  }

  #check(operation: FileOperation): void {
    const fault = this.#fs.meet(operation, this.path)
    if (fault !== undefined) throw failure(fault, this.path)
  }
}

function matches(pattern: string | RegExp | undefined, path: string): boolean {
  if (pattern === undefined) return true
  return typeof pattern === 'string' ? path.includes(pattern) : pattern.test(path)
}

function failure(fault: Fault, path: string): Error {
  const message = `${fault.code}: injected fault in ${fault.operation} of '${path}'`
  return Object.assign(new Error(message), { code: fault.code, path })
}
