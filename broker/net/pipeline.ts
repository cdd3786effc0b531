/**
 * The journey of a request (docs/journey.md), one function per box. A connection calls `accept` for each frame as it comes and `run` when
 * it is that request's turn; `run` answers at once or later, and never throws: whatever goes wrong is a reply or a close.
 *
 *   accept   header ─▶ lookup                    key or version not served: close, ApiVersions too new: v0 answer, code 35
 *   run      decode ─▶ access ─▶ handler ─▶ encode     malformed: close, RequestError: an answer of the api's shape, other throw: the same
 *                                                with UNKNOWN_SERVER_ERROR, and a log line with its stack
 */
import { MalformedError, Reader } from '../../protocol/codec/reader.ts'
import { Errors } from '../../protocol/errors.ts'
import { readRequest, writeResponse } from '../../protocol/frame.ts'
import { readRequestHeader, type RequestHeader } from '../../protocol/header.ts'
import { ApiVersions } from '../../protocol/apis/18-api-versions.ts'
import { factsAt } from '../../protocol/schema/message.ts'
import { type Failure, failedResponse } from '../handlers/failed.ts'
import type { AnyApi } from '../handlers/handler.ts'
import type { BoundHandler } from '../handlers/registry.ts'
import { type Authorizer, CLUSTER_NAME } from '../ports/authorizer.ts'
import type { Clock } from '../ports/clock.ts'
import { ConnectionError, RequestError } from '../ports/request-error.ts'
import type { RequestContext } from '../ports/request-context.ts'
import type { CloseReason, NetEvents } from './events.ts'
import type { FaultInjector } from './fault.ts'

/** A request that has been accepted and waits for its turn. */
export interface Job {
  readonly header: RequestHeader
  readonly handler: BoundHandler
  /** The version to answer in: the request's, except for an ApiVersions we do not know. */
  readonly version: number
  /** Set when the request is answered without being read. */
  readonly refusal: Failure | undefined
  readonly reader: Reader
  readonly frame: Buffer
  readonly frameBytes: number
  readonly receivedMs: number
}

export type Reply =
  | {
      readonly buffers: readonly Uint8Array[]
      /** What an accepted ApiVersions said of its client: the connection keeps it. */
      readonly software?: { readonly name: string; readonly version: string } | undefined
    }
  | { readonly close: CloseReason; readonly detail: string }

export interface PipelineNeeds {
  readonly handlers: ReadonlyMap<number, BoundHandler>
  readonly authorizer: Authorizer
  readonly clock: Clock
  readonly events: NetEvents
  readonly fault?: FaultInjector | undefined
}

const NO_REPLY: Reply = { buffers: [] }
type Facts = Readonly<Record<string, boolean>>

export class Pipeline {
  readonly #needs: PipelineNeeds
  readonly #facts = new Map<AnyApi, Facts[]>()

  constructor(needs: PipelineNeeds) {
    this.#needs = needs
  }

  // ---- accept: header ─▶ lookup

  /** Throws ConnectionError: then the connection closes and nothing is answered. */
  accept(frame: Buffer): Job {
    const reader = new Reader(frame)
    const header = this.#readHeader(reader)
    const handler = this.#needs.handlers.get(header.requestApiKey)
    if (handler === undefined) throw new UnsupportedError(`api key ${header.requestApiKey} is not served`)
    const receivedMs = this.#needs.clock.monotonicMs()
    const [lowest, highest] = handler.definition.serves
    let version = header.requestApiVersion
    let refusal: Failure | undefined
    if (version < lowest || version > highest) {
      if (header.requestApiKey !== ApiVersions.key)
        throw new UnsupportedError(`version ${version} of ${handler.definition.api.name} is not served`)
      version = 0
      refusal = refusalOf(Errors.UNSUPPORTED_VERSION)
    }
    return { header, handler, version, refusal, reader, frame, frameBytes: frame.length, receivedMs }
  }

  /** Whether the memory of a frame that begins so can be used again after its answer. Too short a beginning: no. */
  forgetsFrame(beginning: Buffer): boolean {
    if (beginning.length < 2) return false
    return this.#needs.handlers.get(beginning.readInt16BE(0))?.definition.forgetsRequest ?? false
  }

  #readHeader(reader: Reader): RequestHeader {
    try {
      return readRequestHeader(reader)
    } catch (error) {
      if (error instanceof MalformedError) throw new ConnectionError(`request header: ${error.message}`)
      throw error
    }
  }

  // ---- run: decode ─▶ access ─▶ handler ─▶ encode

  run(job: Job, context: RequestContext): Reply | Promise<Reply> {
    const startedMs = this.#needs.clock.monotonicMs()
    const { definition } = job.handler
    if (job.refusal !== undefined) return this.#fail(job, {}, job.refusal, startedMs)
    let request: unknown
    try {
      request = readRequest(definition.api, job.version, job.reader)
    } catch (error) {
      if (!(error instanceof MalformedError)) return this.#unexpected(job, undefined, error, startedMs)
      return { close: 'malformed', detail: `${definition.api.name} v${job.version}: ${error.message}` }
    }
    if (this.#needs.fault !== undefined) return this.#faulty(job, request, context, startedMs)
    return this.#handle(job, request, context, startedMs)
  }

  #handle(job: Job, request: unknown, context: RequestContext, startedMs: number): Reply | Promise<Reply> {
    const { definition, handle } = job.handler
    if (!this.#mayCall(job, context)) {
      return this.#fail(job, request, refusalOf(Errors.CLUSTER_AUTHORIZATION_FAILED), startedMs)
    }
    try {
      const answer = handle(request, context, this.#factsOf(definition.api, job.version))
      const returnedMs = this.#needs.clock.monotonicMs()
      if (answer instanceof Promise) {
        return answer.then(
          response => this.#encode(job, request, response, startedMs, returnedMs),
          error => this.#thrown(job, request, error, startedMs),
        )
      }
      return this.#encode(job, request, answer, startedMs, returnedMs)
    } catch (error) {
      return this.#thrown(job, request, error, startedMs)
    }
  }

  #mayCall(job: Job, context: RequestContext): boolean {
    const { access } = job.handler.definition
    if (typeof access === 'string') return true
    return this.#needs.authorizer.authorize(context, access.operation, access.resourceType, CLUSTER_NAME)
  }

  /** The named facts of a version, made once. */
  #factsOf(api: AnyApi, version: number): Facts {
    let versions = this.#facts.get(api)
    if (versions === undefined) {
      versions = []
      this.#facts.set(api, versions)
    }
    return (versions[version] ??= Object.freeze(factsAt(api, version)))
  }

  #encode(job: Job, request: unknown, response: unknown, startedMs: number, returnedMs: number): Reply {
    if (response === null) {
      this.#done(job, response, 0, startedMs, returnedMs)
      return NO_REPLY
    }
    let buffers: Buffer[]
    try {
      buffers = writeResponse(
        job.handler.definition.api,
        job.version,
        job.header.correlationId,
        response as never,
      )
    } catch (error) {
      return this.#unexpected(job, request, error, startedMs)
    }
    let bytes = 0
    for (const buffer of buffers) bytes += buffer.length
    this.#done(job, response, bytes, startedMs, returnedMs)
    return job.header.requestApiKey === ApiVersions.key
      ? { buffers, software: softwareOf(request, response) }
      : { buffers }
  }

  #done(job: Job, response: unknown, responseBytes: number, startedMs: number, returnedMs: number): void {
    this.#needs.events.requestDone({
      handler: job.handler,
      version: job.version,
      clientId: job.header.clientId,
      requestBytes: job.frameBytes,
      responseBytes,
      receivedMs: job.receivedMs,
      startedMs,
      returnedMs,
      answeredMs: this.#needs.clock.monotonicMs(),
      response,
    })
  }

  // ---- the error exits

  #thrown(job: Job, request: unknown, error: unknown, startedMs: number): Reply {
    if (error instanceof RequestError) {
      return this.#fail(job, request, { code: error.code, message: error.detail }, startedMs)
    }
    if (error instanceof ConnectionError) return { close: 'failed-without-ack', detail: error.message }
    return this.#unexpected(job, request, error, startedMs)
  }

  #unexpected(job: Job, request: unknown, error: unknown, startedMs: number): Reply {
    this.#needs.events.handlerFailed(job.handler.definition.api.name, job.header.clientId, error)
    return this.#fail(job, request ?? {}, refusalOf(Errors.UNKNOWN_SERVER_ERROR), startedMs)
  }

  #fail(job: Job, request: unknown, failure: Failure, startedMs: number): Reply {
    const { definition } = job.handler
    try {
      const response = definition.failed
        ? definition.failed(request as never, failure)
        : failedResponse(definition.api.response, request, job.version, failure)
      if (response === null) {
        return { close: 'failed-without-ack', detail: `${definition.api.name}: code ${failure.code}` }
      }
      const buffers = writeResponse(definition.api, job.version, job.header.correlationId, response)
      let bytes = 0
      for (const buffer of buffers) bytes += buffer.length
      this.#done(job, response, bytes, startedMs, this.#needs.clock.monotonicMs())
      return { buffers }
    } catch (error) {
      // An answer to a failure that cannot be written: the client learns it from the socket.
      this.#needs.events.handlerFailed(definition.api.name, job.header.clientId, error)
      return { close: 'refused', detail: `${definition.api.name}: no answer for code ${failure.code}` }
    }
  }

  #faulty(job: Job, request: unknown, context: RequestContext, startedMs: number): Reply | Promise<Reply> {
    const { api } = job.handler.definition
    const fault = this.#needs.fault?.({ apiKey: api.key, apiName: api.name, request, context })
    if (fault === undefined) return this.#handle(job, request, context, startedMs)
    if (fault.disconnect) return { close: 'fault', detail: `fault on ${api.name}` }
    const act = (): Reply | Promise<Reply> => {
      if (fault.errorCode !== undefined) {
        return this.#fail(job, request, { code: fault.errorCode, message: null }, startedMs)
      }
      const reply = this.#handle(job, request, context, startedMs)
      if (!fault.drop) return reply
      return reply instanceof Promise ? reply.then(() => NO_REPLY) : NO_REPLY
    }
    if (fault.delayMs === undefined) return act()
    return new Promise<void>(resolve => this.#needs.clock.setTimeout(resolve, fault.delayMs!)).then(act)
  }
}

/** The frame was well-formed, but asks for what ApiVersions does not list. */
export class UnsupportedError extends ConnectionError {}

const refusalOf = (error: { readonly code: number }): Failure => ({ code: error.code, message: null })

function softwareOf(request: unknown, response: unknown): { name: string; version: string } | undefined {
  const { clientSoftwareName = '', clientSoftwareVersion = '' } = request as Record<
    string,
    string | undefined
  >
  if ((response as { errorCode: number }).errorCode !== 0 || clientSoftwareName === '') return undefined
  return { name: clientSoftwareName, version: clientSoftwareVersion }
}
