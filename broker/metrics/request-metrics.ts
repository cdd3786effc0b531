// What the net room tells, in Kafka's RequestMetrics and socket-server metrics. Cells are found once per API and
// version and then held: a request costs about ten cell updates, some 40 ns. Errors are counted from the answer's
// top-level code and its rows, as far as one level of rows goes.
import { errorOf } from '../../protocol/errors.ts'
import type { Logger } from '../logging/loggers.ts'
import type { CloseReason, NetEvents, RequestRecord } from '../net/events.ts'
import type { Counter, Histogram, MetricsRegistry } from './cells.ts'

interface ApiCells {
  readonly requests: Map<number, Counter>
  readonly errors: Map<number, Counter>
  readonly requestBytes: Histogram
  readonly queue: Histogram
  readonly local: Histogram
  readonly remote: Histogram
  readonly total: Histogram
}

/** Worth a debug line; the others are worth an operator's attention. (Of an internal error the error itself is told.) */
const ORDINARY: readonly CloseReason[] = [
  'peer',
  'idle',
  'stopping',
  'fault',
  'socket-error',
  'internal-error',
]

export class RequestMetrics implements NetEvents {
  readonly #metrics: MetricsRegistry
  readonly #logger: Logger
  readonly #apis = new Map<number, ApiCells>()
  readonly #open = new Map<string, number>()
  readonly #bytesIn: Counter
  readonly #bytesOut: Counter

  constructor(metrics: MetricsRegistry, logger: Logger) {
    this.#metrics = metrics
    this.#logger = logger
    this.#bytesIn = metrics.counter('kafka_server_socketservermetrics_incoming_byte_total')
    this.#bytesOut = metrics.counter('kafka_server_socketservermetrics_outgoing_byte_total')
    metrics.gauge('kafka_server_socketservermetrics_connection_count', () =>
      [...this.#open].map(([listener, count]) => [{ listener }, count] as const),
    )
  }

  requestDone(request: RequestRecord): void {
    const { key, name } = request.handler.definition.api
    const cells = this.#apis.get(key) ?? this.#cellsOf(key, name)
    const { receivedMs, startedMs, returnedMs, answeredMs } = request
    this.#requestsOf(cells, name, request.version).inc()
    cells.requestBytes.observe(request.requestBytes)
    this.#bytesIn.inc(request.requestBytes)
    this.#bytesOut.inc(request.responseBytes)
    cells.queue.observe(startedMs - receivedMs)
    cells.local.observe(returnedMs - startedMs)
    cells.remote.observe(answeredMs - returnedMs)
    cells.total.observe(answeredMs - receivedMs)
    if (request.response !== null) this.#countErrors(cells, name, request.response as object)
  }

  connectionOpened(_connectionId: string, listener: string): void {
    this.#open.set(listener, (this.#open.get(listener) ?? 0) + 1)
    this.#metrics.counter('kafka_server_socketservermetrics_connection_creation_total', { listener }).inc()
  }

  connectionClosed(
    connectionId: string,
    listener: string,
    reason: CloseReason,
    detail: string | undefined,
  ): void {
    this.#open.set(listener, (this.#open.get(listener) ?? 1) - 1)
    this.#metrics.counter('kafka_server_socketservermetrics_connection_close_total', { listener }).inc()
    if (ORDINARY.includes(reason))
      return this.#logger.debug({ connectionId, listener, reason, detail }, 'connection closed')
    this.#metrics.counter('odradek_connections_rejected_total', { reason }).inc()
    this.#logger.warn(
      { connectionId, listener, reason, detail },
      'connection closed for what the client sent',
    )
  }

  handlerFailed(api: string, clientId: string | null, error: unknown): void {
    this.#logger.error({ api, clientId, err: error }, 'a request failed for no fault of the client')
  }

  #cellsOf(key: number, request: string): ApiCells {
    const histogram = this.#metrics.histogram.bind(this.#metrics)
    const cells: ApiCells = {
      requests: new Map(),
      errors: new Map(),
      requestBytes: histogram('kafka_network_requestmetrics_requestbytes', { request }),
      queue: histogram('kafka_network_requestmetrics_requestqueuetimems', { request }),
      local: histogram('kafka_network_requestmetrics_localtimems', { request }),
      remote: histogram('kafka_network_requestmetrics_remotetimems', { request }),
      total: histogram('kafka_network_requestmetrics_totaltimems', { request }),
    }
    this.#apis.set(key, cells)
    return cells
  }

  #requestsOf(cells: ApiCells, request: string, version: number): Counter {
    let counter = cells.requests.get(version)
    if (counter === undefined) {
      counter = this.#metrics.counter('kafka_network_requestmetrics_requests_total', {
        request,
        version: String(version),
      })
      cells.requests.set(version, counter)
    }
    return counter
  }

  #countErrors(cells: ApiCells, request: string, response: object): void {
    let found = false
    const count = (row: object): void => {
      const code = (row as { errorCode?: unknown }).errorCode
      if (typeof code !== 'number') return
      found = true
      this.#errorsOf(cells, request, code).inc()
    }
    count(response)
    for (const name in response) {
      const rows = (response as Record<string, unknown>)[name]
      if (!Array.isArray(rows) || rows.length === 0 || typeof rows[0] !== 'object') continue
      for (const row of rows as object[]) {
        count(row)
        for (const inner in row) {
          const innerRows = (row as Record<string, unknown>)[inner]
          if (Array.isArray(innerRows) && typeof innerRows[0] === 'object' && innerRows[0] !== null)
            for (const innerRow of innerRows as object[]) count(innerRow)
        }
      }
    }
    if (!found) this.#errorsOf(cells, request, 0).inc()
  }

  #errorsOf(cells: ApiCells, request: string, code: number): Counter {
    let counter = cells.errors.get(code)
    if (counter === undefined) {
      const error = errorOf(code)?.name ?? String(code)
      counter = this.#metrics.counter('kafka_network_requestmetrics_errors_total', { request, error })
      cells.errors.set(code, counter)
    }
    return counter
  }
}
