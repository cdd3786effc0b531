/**
 * The two ways in which a whole request fails. A row's error is a value and is not here.
 *
 *   RequestError      the client gets an answer of the api's shape with this code at the top, or in every row
 *   ConnectionError   the client gets nothing: the socket closes, one counter and one log line
 */
export class RequestError extends Error {
  readonly code: number
  readonly errorName: string
  /** What goes into the answer's errorMessage where it has one; null lets the code speak for itself. */
  readonly detail: string | null

  constructor(
    error: { readonly code: number; readonly name: string; readonly message?: string | null },
    detail?: string,
  ) {
    super(detail ?? error.message ?? error.name)
    this.name = 'RequestError'
    this.code = error.code
    this.errorName = error.name
    this.detail = detail ?? null
  }
}

export class ConnectionError extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'ConnectionError'
  }
}
