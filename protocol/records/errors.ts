// The one error class of this folder. Whatever bytes come in, the functions here either succeed or throw a
// RecordsError that carries the Kafka error code the caller answers with: no RangeError, no codec's own error.
// Codes as in Kafka's Errors: 2 CORRUPT_MESSAGE, 10 MESSAGE_TOO_LARGE, 32 INVALID_TIMESTAMP,
// 43 UNSUPPORTED_FOR_MESSAGE_FORMAT, 76 UNSUPPORTED_COMPRESSION_TYPE, 87 INVALID_RECORD.

export const CORRUPT_MESSAGE = 2
export const MESSAGE_TOO_LARGE = 10
export const RECORD_LIST_TOO_LARGE = 18
export const INVALID_TIMESTAMP = 32
export const UNSUPPORTED_FOR_MESSAGE_FORMAT = 43
export const UNSUPPORTED_COMPRESSION_TYPE = 76
export const INVALID_RECORD = 87

/** One record of a refused batch: its index in the batch, and why. */
export interface RecordError {
  batchIndex: number
  batchIndexErrorMessage: string | null
}

const none: readonly RecordError[] = Object.freeze([])

export class RecordsError extends Error {
  readonly code: number
  readonly recordErrors: readonly RecordError[]

  constructor(code: number, message: string, recordErrors: readonly RecordError[] = none) {
    super(message)
    this.name = 'RecordsError'
    this.code = code
    this.recordErrors = recordErrors
  }
}

export function corrupt(message: string): RecordsError {
  return new RecordsError(CORRUPT_MESSAGE, message)
}

export function invalidRecord(message: string): RecordsError {
  return new RecordsError(INVALID_RECORD, message)
}
