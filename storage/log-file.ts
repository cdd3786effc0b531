// `<base offset>.log`: the batches of one segment, end to end. Opened at its first use and let go when idle; its size is
// kept here, because the file itself may be longer (preallocated, or a write that failed half-way).

import { BatchCursor } from './batch-cursor.ts'
import { StorageError } from './errors.ts'
import { createEmpty, type File, type FileSystem } from './fs/port.ts'

/** Memory for bytes on their way out; whoever sends them gives it back. */
export interface ReadMemory {
  take(size: number): Buffer
}

export class LogFile {
  readonly #fs: FileSystem
  #path: string
  #file: File | null = null
  #sizeInBytes: number
  #preallocated = false
  #used = false

  private constructor(fs: FileSystem, path: string, sizeInBytes: number) {
    this.#fs = fs
    this.#path = path
    this.#sizeInBytes = sizeInBytes
  }

  static create(fs: FileSystem, path: string, preallocatedBytes: number): LogFile {
    const file = createEmpty(fs, path)
    if (preallocatedBytes > 0) file.truncate(preallocatedBytes)
    file.close()
    const log = new LogFile(fs, path, 0)
    log.#preallocated = preallocatedBytes > 0
    return log
  }

  static open(fs: FileSystem, path: string): LogFile {
    const stat = fs.stat(path)
    if (stat === undefined) throw new StorageError('io', path, `the segment ${path} is gone`)
    return new LogFile(fs, path, stat.size)
  }

  get path(): string {
    return this.#path
  }

  get sizeInBytes(): number {
    return this.#sizeInBytes
  }

  get modifiedMs(): number | undefined {
    return this.#fs.stat(this.#path)?.mtimeMs
  }

  append(bytes: Buffer): void {
    this.#open().write(bytes, this.#sizeInBytes)
    this.#sizeInBytes += bytes.length
  }

  /** All of [position, position + length), which must lie within the file. */
  read(position: number, length: number, memory?: ReadMemory): Buffer {
    const bytes = memory?.take(length) ?? Buffer.allocUnsafe(length)
    const read = this.#open().read(bytes, 0, length, position)
    if (read < length) throw new StorageError('corrupt', this.#path, `${this.#path} is shorter than it was`)
    return bytes
  }

  /** What there is from `position` on, at most target.length bytes. */
  readInto(target: Buffer, position: number): number {
    return this.#open().read(target, 0, Math.min(target.length, this.#sizeInBytes - position), position)
  }

  /** `cursor` stands before the batch at `position` afterwards. */
  seek(cursor: BatchCursor, position: number): BatchCursor {
    return cursor.reset(this.#open(), position, this.#sizeInBytes)
  }

  truncate(sizeInBytes: number): void {
    this.#open().truncate(sizeInBytes)
    this.#sizeInBytes = sizeInBytes
    this.#preallocated = false
  }

  /** Gives back what was preallocated and not used. */
  trim(): void {
    if (this.#preallocated) this.truncate(this.#sizeInBytes)
  }

  async sync(): Promise<void> {
    await this.#open().sync()
  }

  syncNow(): void {
    this.#open().syncNow()
  }

  releaseIdle(): void {
    if (this.#used) this.#used = false
    else this.close()
  }

  close(): void {
    this.#file?.close()
    this.#file = null
  }

  rename(path: string): void {
    this.close()
    this.#fs.rename(this.#path, path)
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

  #open(): File {
    this.#used = true
    this.#file ??= this.#fs.open(this.#path, 'write')
    return this.#file
  }
}
