// GET /metrics for Prometheus, /healthz ("the process works") and /readyz ("clients are served"). A small HTTP server
// of its own, opened only when odradek.metrics.listener asks for it. Its answers are read by machines: short texts.
//
// node:http is not imported by name: it lists a WebSocket among its exports, and to name it an import loads all of undici, HTTP/2 and TLS,
// 12 MB that nobody asked for.
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { MetricsRegistry } from './cells.ts'
import type { Exposition } from './exposition.ts'

export interface Health {
  /** Why the process should be restarted; null: it works. */
  unhealthy(): string | null
  /** Why clients should not be sent here; null: they are served. */
  unready(): string | null
}

export interface MetricsServerOptions {
  readonly metrics: MetricsRegistry
  readonly health: Health
  readonly monotonicMs: () => number
  /** Empty: every interface. */
  readonly host: string
  readonly port: number
}

/** `:9404`, `127.0.0.1:0`, `[::1]:9404`; undefined when empty. */
export function parseMetricsListener(text: string): { host: string; port: number } | undefined {
  if (text === '') return undefined
  const at = text.lastIndexOf(':')
  return { host: text.slice(0, at).replace(/^\[|\]$/g, ''), port: Number(text.slice(at + 1)) }
}

export class MetricsServer {
  readonly #options: MetricsServerOptions
  readonly #server: Server
  #exposition: Promise<Exposition> | undefined

  private constructor(options: MetricsServerOptions) {
    this.#options = options
    this.#server = process
      .getBuiltinModule('node:http')
      .createServer({ keepAliveTimeout: 5000 }, (request, response) => {
        this.#answer(request, response).catch((error: Error) => send(response, 500, `${error.message}\n`))
      })
  }

  /** Rejects when the address is taken. */
  static async open(options: MetricsServerOptions): Promise<MetricsServer> {
    const opened = new MetricsServer(options)
    await new Promise<void>((resolve, reject) => {
      opened.#server.once('error', reject)
      opened.#server.listen(options.port, options.host === '' ? undefined : options.host, () => {
        opened.#server.off('error', reject)
        resolve()
      })
    })
    return opened
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  async close(): Promise<void> {
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    this.#server.closeAllConnections()
    await closed
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET' && request.method !== 'HEAD') return send(response, 405, 'only GET\n')
    const { health } = this.#options
    switch (request.url?.replace(/\?.*$/, '')) {
      case '/metrics': {
        const exposition = await this.#load()
        return send(response, 200, await exposition.render(), exposition.contentType)
      }
      case '/healthz':
        return sendState(response, health.unhealthy())
      case '/readyz':
        return sendState(response, health.unhealthy() ?? health.unready())
      default:
        return send(response, 404, 'try /metrics, /healthz or /readyz\n')
    }
  }

  #load(): Promise<Exposition> {
    const { metrics, monotonicMs } = this.#options
    this.#exposition ??= import('./exposition.ts').then(module => new module.Exposition(metrics, monotonicMs))
    return this.#exposition
  }
}

function send(
  response: ServerResponse,
  status: number,
  text: string,
  type = 'text/plain; charset=utf-8',
): void {
  if (response.headersSent) return void response.destroy()
  response.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(text) })
  response.end(text)
}

function sendState(response: ServerResponse, problem: string | null): void {
  send(response, problem === null ? 200 : 503, problem === null ? 'ok\n' : `${problem}\n`)
}
