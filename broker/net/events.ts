/** What the net room tells those who watch: log lines, counters, per-API metrics. All optional work is behind these few calls. */
import type { BoundHandler } from '../handlers/registry.ts'

/** One answered (or failed) request. Times are monotonic milliseconds. */
export interface RequestRecord {
  readonly handler: BoundHandler
  readonly version: number
  readonly clientId: string | null
  readonly requestBytes: number
  readonly responseBytes: number
  /** The frame was complete. */
  readonly receivedMs: number
  /** The handler was called. */
  readonly startedMs: number
  /** It returned: what follows was waiting. */
  readonly returnedMs: number
  readonly answeredMs: number
  /** What was answered, for error counts; null when nothing was. */
  readonly response: unknown
}

export type CloseReason =
  | 'peer'
  | 'idle'
  | 'malformed'
  | 'unsupported'
  | 'refused'
  | 'failed-without-ack'
  | 'fault'
  | 'stopping'
  | 'socket-error'
  | 'internal-error'

export interface NetEvents {
  requestDone(request: RequestRecord): void
  connectionOpened(connectionId: string, listener: string): void
  /** Exactly once per connection; `detail` says what was wrong with it. */
  connectionClosed(
    connectionId: string,
    listener: string,
    reason: CloseReason,
    detail: string | undefined,
  ): void
  /** A handler threw something that is no RequestError: our bug, with its stack. */
  handlerFailed(api: string, clientId: string | null, error: unknown): void
}

export const SILENT_EVENTS: NetEvents = {
  requestDone: () => {},
  connectionOpened: () => {},
  connectionClosed: () => {},
  handlerFailed: () => {},
}
