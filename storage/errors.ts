// What a log throws. Every error carries Kafka's error code, so callers answer without a translation table.
//   StorageError           the disk failed, or the log is closed: the log directory goes offline (KAFKA_STORAGE_ERROR)
//   OffsetOutOfRangeError  a read, lookup or DeleteRecords outside [log start, its upper bound]
//   RecordsError           the records were refused; nothing was written and the log is as before (protocol/records)
// The numbers are Kafka's (protocol/errors.ts has the whole table).

import { RecordsError } from '../protocol/records/errors.ts'

export { type RecordError, RecordsError } from '../protocol/records/errors.ts'

export abstract class LogError extends Error {
  abstract readonly code: number
}

export type StorageErrorKind = 'io' | 'full' | 'corrupt' | 'closed'

export class StorageError extends LogError {
  override readonly name = 'StorageError'
  readonly code = 56
  readonly kind: StorageErrorKind
  readonly path: string

  constructor(kind: StorageErrorKind, path: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause })
    this.kind = kind
    this.path = path
  }

  /** Wraps what a file system threw; leaves our own errors alone. */
  static from(error: unknown, path: string, doing: string): LogError {
    if (error instanceof LogError) return error
    const code = (error as NodeJS.ErrnoException | undefined)?.code
    const full = code === 'ENOSPC' || code === 'EDQUOT'
    const detail = error instanceof Error ? error.message : String(error)
    return new StorageError(full ? 'full' : 'io', path, `${doing} in ${path}: ${detail}`, error)
  }
}

export class OffsetOutOfRangeError extends LogError {
  override readonly name = 'OffsetOutOfRangeError'
  readonly code = 1
}

/** From a file system, or already wrapped as one; not a refusal, a corrupt file, a closed log or a bug of ours. */
export function isIoError(error: unknown): boolean {
  if (error instanceof StorageError) return error.kind === 'io' || error.kind === 'full'
  if (error instanceof LogError || error instanceof RecordsError) return false
  return error instanceof Error && hasFileSystemCode(error)
}

/** Takes the directory offline in which it was met, as a log that is corrupt does. Our own refusals and broken invariants do not. */
export const failsDirectory = (error: unknown): boolean =>
  error instanceof StorageError || hasFileSystemCode(error)

/** What a file system throws has a code of letters. */
const hasFileSystemCode = (error: unknown): boolean =>
  typeof (error as { code?: unknown } | null)?.code === 'string'
