// How a failure of the log looks to a coordinator's clients. Answers to Kafka's CoordinatorOperationExceptionHelper.

import { Errors, errorOf } from '../../protocol/errors.ts'
import { RequestError } from '../ports/request-error.ts'

/** Whatever an append threw, as an error with a Kafka code. */
export function errorOfAppend(error: unknown): RequestError {
  if (error instanceof RequestError) return error
  const code = (error as { code?: unknown } | null)?.code
  return new RequestError(typeof code === 'number' ? errorOf(code) : Errors.KAFKA_STORAGE_ERROR)
}

/** What a client is told, so that it looks for the coordinator again, or tries again, as it would with Kafka. */
export function coordinatorError(error: { readonly code: number }): { readonly code: number } {
  switch (error.code) {
    case Errors.NETWORK_EXCEPTION.code:
      return Errors.COORDINATOR_LOAD_IN_PROGRESS
    case Errors.UNKNOWN_TOPIC_OR_PARTITION.code:
    case Errors.NOT_ENOUGH_REPLICAS.code:
    case Errors.REQUEST_TIMED_OUT.code:
      return Errors.COORDINATOR_NOT_AVAILABLE
    case Errors.NOT_LEADER_OR_FOLLOWER.code:
    case Errors.KAFKA_STORAGE_ERROR.code:
      return Errors.NOT_COORDINATOR
    case Errors.MESSAGE_TOO_LARGE.code:
    case Errors.RECORD_LIST_TOO_LARGE.code:
    case Errors.INVALID_FETCH_SIZE.code:
      return Errors.UNKNOWN_SERVER_ERROR
    default:
      return error
  }
}
