// The file system as a parameter. Storage never imports node:fs; it is handed one of these:
//   node.ts    real files, descriptors opened lazily through a bounded cache
//   memory.ts  in memory; crash() forgets what was not synced
//   faulty.ts  wraps any other and fails chosen operations
// Everything is synchronous (a page-cache write costs less than a thread hop) except File.sync() and
// syncDirLater().
// Promises every variant keeps: a write is visible to the next read; bytes survive a crash only after sync(), names
// (creation, rename, removal) only after syncDir() of their directory; errors are Node's (`code: 'ENOSPC'`).

/**
 * 'read'    must exist, never written
 * 'write'   must exist, read and written
 * 'create'  made if missing, read and written
 * 'new'     must not exist
 */
export type OpenMode = 'read' | 'write' | 'create' | 'new'

export interface FileStat {
  readonly size: number
  readonly isDirectory: boolean
  readonly mtimeMs: number
}

export interface File {
  readonly path: string
  /** Reads up to `length` bytes into `target`; returns how many there were (less only at the end of the file). */
  read(target: Uint8Array, targetStart: number, length: number, position: number): number
  /** Writes all the bytes or throws; after a throw an unknown prefix may be there. */
  write(bytes: Uint8Array | readonly Uint8Array[], position: number): void
  /** Cuts or extends (sparsely, with zeros). */
  truncate(size: number): void
  size(): number
  /** Makes what was written before the call durable. A rejection is final: never sync again, give the file up. */
  sync(): Promise<void>
  syncNow(): void
  /** Idempotent. A sync() under way still ends. Close before renaming or unlinking the path. */
  close(): void
}

/** Held until release() or the death of the process. */
export interface DirectoryLock {
  readonly directory: string
  release(): void
}

export interface FileSystem {
  open(path: string, mode: OpenMode): File
  exists(path: string): boolean
  stat(path: string): FileStat | undefined
  /** Names only, in no order. */
  readdir(path: string): string[]
  mkdirp(path: string): void
  /** Replaces a file at `to`. Both names lie in the same directory. */
  rename(from: string, to: string): void
  /** No error if missing. */
  unlink(path: string): void
  rmrf(path: string): void
  readFile(path: string): Buffer
  /** Temporary file, fsync, rename, fsync of the directory: the old content or the new, never a mixture. */
  writeFileAtomic(path: string, bytes: Uint8Array): void
  /** The same without any fsync: atomic against a killed process, not against a power cut. */
  replaceFile(path: string, bytes: Uint8Array): void
  setModifiedTime(path: string, mtimeMs: number): void
  syncDir(path: string): void
  syncDirLater(path: string): Promise<void>
  /** Of the volume that holds the path; undefined where there is no such thing. */
  space(path: string): { readonly totalBytes: number; readonly usableBytes: number } | undefined
  /** Rejects with code 'EBUSY' when another process (or another owner in this one) holds it. */
  lockDirectory(path: string): Promise<DirectoryLock>
}

export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code
}

/** A new file; one of that name, left by an attempt that failed, goes first. */
export function createEmpty(fs: FileSystem, path: string): File {
  try {
    return fs.open(path, 'new')
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error
    fs.unlink(path)
    return fs.open(path, 'new')
  }
}

export function directoryOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash <= 0 ? (slash === 0 ? '/' : '.') : path.slice(0, slash)
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}
