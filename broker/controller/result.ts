// What a command of the controller comes to: records that make the change, and the reply to release once they are committed.
//
// A command is a pure function of the state, the request and what the caller hands in (time, fresh ids). It never looks at the
// image after its own records: the runtime replays them. Kafka's ControllerResult and ApiError.
import { Errors } from '../../protocol/errors.ts'
import type { MetadataRecord } from '../metadata/metadata-record.ts'
import { RequestError } from '../ports/request-error.ts'

export interface Result<Reply> {
  readonly records: readonly MetadataRecord[]
  readonly reply: Reply
}

export interface ApiError {
  readonly errorCode: number
  readonly errorMessage: string | null
}

export const NO_ERROR: ApiError = { errorCode: 0, errorMessage: null }

interface NamedError {
  readonly code: number
  readonly name: string
  readonly message: string
}

export const apiError = (error: NamedError, message: string | null = error.message): ApiError => ({
  errorCode: error.code,
  errorMessage: message,
})

/** Thrown inside a command: fails one row (`rowOf`), or the whole request if nothing catches it. */
export class ControllerError extends RequestError {
  get row(): ApiError {
    return { errorCode: this.code, errorMessage: this.detail }
  }
}

/** Runs one row of a request. Only a ControllerError is the row's; anything else is a bug and stops the command. */
export function rowOf(run: () => ApiError | undefined): ApiError {
  try {
    return run() ?? NO_ERROR
  } catch (error) {
    if (error instanceof ControllerError) return error.row
    throw error
  }
}

/** More than this in one command and nothing of it happens (Kafka's MAX_RECORDS_PER_USER_OP). */
export const MAX_RECORDS_PER_COMMAND = 10_000

export function boundRecords(count: number): void {
  if (count > MAX_RECORDS_PER_COMMAND) {
    throw new ControllerError(
      Errors.POLICY_VIOLATION,
      `Unable to perform excessively large batch operation: ${count} records, ${MAX_RECORDS_PER_COMMAND} at most.`,
    )
  }
}
