// The one error class of this folder. Whatever bytes come in, the functions here either succeed or throw a
// RecordsError that carries the Kafka error code the caller answers with: no RangeError, no codec's own error.

import { Errors } from '../errors.ts'

export const UNKNOWN_SERVER_ERROR = Errors.UNKNOWN_SERVER_ERROR.code
export const CORRUPT_MESSAGE = Errors.CORRUPT_MESSAGE.code
export const MESSAGE_TOO_LARGE = Errors.MESSAGE_TOO_LARGE.code
export const INVALID_TIMESTAMP = Errors.INVALID_TIMESTAMP.code
export const UNSUPPORTED_COMPRESSION_TYPE = Errors.UNSUPPORTED_COMPRESSION_TYPE.code
export const INVALID_RECORD = Errors.INVALID_RECORD.code

/** One record of a refused batch: its index in the batch, and why. */
export interface RecordError {
  batchIndex: number
  batchIndexErrorMessage: string | null
}

/** Which of Kafka's counters of refused records the error belongs to (BrokerTopicMetrics). */
export type RefusalKind = 'no-key' | 'invalid-magic' | 'invalid-crc' | 'invalid-offset-or-sequence'

const none: readonly RecordError[] = Object.freeze([])

export class RecordsError extends Error {
  readonly code: number
  readonly kind: RefusalKind | undefined
  readonly recordErrors: readonly RecordError[]

  constructor(
    code: number,
    message: string,
    kind?: RefusalKind,
    recordErrors: readonly RecordError[] = none,
  ) {
    super(message)
    this.name = 'RecordsError'
    this.code = code
    this.kind = kind
    this.recordErrors = recordErrors
  }
}

/** The bytes of a batch are not what its sender checksummed, or no batch at all. */
export function corrupt(message: string, kind?: RefusalKind): RecordsError {
  return new RecordsError(CORRUPT_MESSAGE, message, kind)
}

/** The checksum holds, yet what it covers breaks the format. */
export function invalidRecord(message: string, kind?: RefusalKind): RecordsError {
  return new RecordsError(INVALID_RECORD, message, kind)
}

/** A codec refused its input. Kafka has no code of its own for this and answers UNKNOWN_SERVER_ERROR; so do we. */
export function undecodable(codec: string, reason: string): RecordsError {
  return new RecordsError(UNKNOWN_SERVER_ERROR, `cannot decompress ${codec} data: ${reason}`)
}

/** A decompression limit was passed. The answer makes a producer split its batch and try again. */
export function beyondLimit(codec: string, limit: number): RecordsError {
  return new RecordsError(MESSAGE_TOO_LARGE, `${codec} data grows beyond the limit of ${limit} bytes`)
}
