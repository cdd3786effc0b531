/**
 * The hook behind `broker.fault(…)` of the library: one optional function that sees each request after it was decoded and may say what
 * goes wrong with it. Absent, it costs one comparison.
 */
import type { RequestContext } from '../ports/request-context.ts'

export interface Fault {
  /** Answer with this code instead of asking the handler. */
  readonly errorCode?: number
  /** Ask the handler only after this long. */
  readonly delayMs?: number
  /** The handler does its work, and its answer is lost: the client times out. */
  readonly drop?: boolean
  /** The connection closes before the handler is asked. */
  readonly disconnect?: boolean
}

export interface FaultableRequest {
  readonly apiKey: number
  readonly apiName: string
  readonly request: unknown
  readonly context: RequestContext
}

export type FaultInjector = (request: FaultableRequest) => Fault | undefined
