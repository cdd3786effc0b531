/**
 * One client's connection: bytes in, frames, requests in their lanes, replies out in order. What it promises:
 *
 *   order    replies leave in the order of requests. 'serial' requests take effect one at a time; 'pipelined' ones (Produce, Fetch) start
 *            when the one before first awaits, and never beside a serial one
 *   bounds   queued requests, reply bytes and the global memory gate: at a bound nothing more is read from the socket
 *   ending   whatever is wrong closes this connection and no other, with one event that says why
 */
import { MalformedError } from '../../protocol/codec/reader.ts'
import type { Clock } from '../ports/clock.ts'
import {
  FREE_TICKET,
  type HostAndPort,
  type Principal,
  type RequestContext,
  type Ticket,
} from '../ports/request-context.ts'
import { ConnectionError } from '../ports/request-error.ts'
import type { CloseReason, NetEvents } from './events.ts'
import type { BlockPool } from './block-pool.ts'
import { FrameAssembler } from './frames.ts'
import type { MemoryGate } from './memory-gate.ts'
import type { Outbox } from './outbox.ts'
import { type Job, type Pipeline, type Reply, UnsupportedError } from './pipeline.ts'
import type { ReplyMemory } from './reply-memory.ts'
import { ReplyQueue, type ReplySink, type ReplySlot } from './reply-queue.ts'
import { TicketLine } from './ticket-line.ts'

/** Requests of one connection that wait for their turn. */
export const MAX_QUEUED_REQUESTS = 64
/** Requests of one connection that have started and have no answer yet. */
const MAX_RUNNING_REQUESTS = 256
/** Reply bytes of one connection, ours and the socket's, above which no further request starts. */
const MAX_REPLY_BYTES = 8 * 1024 * 1024

/** What a connection needs of a socket; net.Socket and tls.TLSSocket have it. */
export interface ConnectionSocket extends ReplySink {
  on(event: 'data', listener: (chunk: Buffer) => void): unknown
  on(event: 'drain' | 'end' | 'close', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  pause(): unknown
  resume(): unknown
  /** `done` is called when the peer's side has everything, or never will. */
  end(done?: () => void): unknown
  destroy(): unknown
}

export interface ConnectionIdentity {
  readonly connectionId: string
  readonly listener: string
  readonly securityProtocol: string
  readonly clientAddress: string
  readonly localAddress: HostAndPort
  readonly principal: Principal
}

export interface ConnectionNeeds {
  readonly socket: ConnectionSocket
  readonly identity: ConnectionIdentity
  readonly pipeline: Pipeline
  readonly gate: MemoryGate
  /** Memory for the frames of requests that are forgotten once answered. */
  readonly blocks: BlockPool
  /** When replies go out. */
  readonly outbox: Outbox
  readonly replyMemory: ReplyMemory
  readonly clock: Clock
  readonly events: NetEvents
  readonly maxRequestBytes: number
  readonly onClosed: (connection: Connection) => void
}

interface Running {
  readonly job: Job
  readonly slot: ReplySlot
  readonly ticket: Ticket
}

export class Connection {
  readonly #needs: ConnectionNeeds
  readonly #frames: FrameAssembler
  readonly #replies: ReplyQueue
  readonly #tickets = new TicketLine()
  #queued: { job: Job; slot: ReplySlot }[] = []
  #running = 0
  #serialRunning = false
  #waitingForGate = false
  #paused = false
  #flushScheduled = false
  #pumping = false
  #state: 'open' | 'draining' | 'closed' = 'open'
  #drainReason: CloseReason = 'stopping'
  #isEnding = false
  #clientSoftwareName = 'unknown'
  #clientSoftwareVersion = 'unknown'
  #chargedBytes = 0
  #lastActiveMs: number

  constructor(needs: ConnectionNeeds) {
    this.#needs = needs
    this.#frames = new FrameAssembler(
      {
        admit: (bytes, begun) => this.#admit(bytes, begun),
        allocate: (size, beginning) => this.#allocate(size, beginning),
        frame: frame => this.#onFrame(frame),
      },
      needs.maxRequestBytes,
    )
    this.#replies = new ReplyQueue(needs.socket, needs.replyMemory)
    this.#lastActiveMs = needs.clock.monotonicMs()
    const { socket } = needs
    socket.on('data', chunk => this.#onData(chunk))
    socket.on('drain', () => this.#onDrain())
    socket.on('end', () => this.#drain('peer'))
    socket.on('error', error => this.#closeNow('socket-error', error.message))
    socket.on('close', () => this.#closeNow('peer', undefined))
  }

  get identity(): ConnectionIdentity {
    return this.#needs.identity
  }

  get clientSoftware(): { name: string; version: string } {
    return { name: this.#clientSoftwareName, version: this.#clientSoftwareVersion }
  }

  /** Requests accepted and not answered. */
  get openRequests(): number {
    return this.#queued.length + this.#running
  }

  /** Nothing came and nothing left for so long. A request that waits for its answer is not idleness; a reply that nobody takes is. */
  isIdle(maxIdleMs: number): boolean {
    if (this.openRequests > 0 && this.#needs.socket.writableLength === 0) return false
    return this.#needs.clock.monotonicMs() - this.#lastActiveMs > maxIdleMs
  }

  // ---- in

  #onData(chunk: Buffer): void {
    if (this.#state !== 'open') return
    this.#lastActiveMs = this.#needs.clock.monotonicMs()
    this.#guard(() => this.#frames.push(chunk))
  }

  /** Runs what may find the client's bytes unacceptable. */
  #guard(read: () => boolean): void {
    try {
      this.#setPaused(!read())
    } catch (error) {
      if (error instanceof UnsupportedError) this.#closeNow('unsupported', error.message)
      else if (error instanceof ConnectionError || error instanceof MalformedError) {
        this.#closeNow('malformed', error.message)
      } else this.#broken(error)
    }
  }

  /** A bug of ours ends this connection, not the process. */
  #broken(error: unknown): void {
    this.#needs.events.handlerFailed('connection', null, error)
    this.#closeNow('internal-error', String(error))
  }

  #setPaused(paused: boolean): void {
    if (this.#paused === paused || this.#state === 'closed') return
    this.#paused = paused
    if (paused) this.#needs.socket.pause()
    else this.#needs.socket.resume()
  }

  #admit(bytes: number, begun: boolean): boolean {
    const { gate } = this.#needs
    if (gate.tryEnter(bytes, begun ? this : undefined)) {
      this.#chargedBytes += bytes
      return true
    }
    if (!this.#waitingForGate) {
      this.#waitingForGate = true
      gate.whenFree(() => {
        this.#waitingForGate = false
        this.#readOn()
      })
    }
    return false
  }

  #allocate(sizeBytes: number, beginning: Buffer): Buffer {
    const { pipeline, blocks } = this.#needs
    return pipeline.forgetsFrame(beginning) ? blocks.take(sizeBytes) : Buffer.allocUnsafe(sizeBytes)
  }

  #onFrame(frame: Buffer): boolean {
    this.#needs.gate.finished(this)
    const job = this.#needs.pipeline.accept(frame)
    this.#queued.push({ job, slot: this.#replies.take() })
    this.#pump()
    return this.#state === 'open' && this.#queued.length < MAX_QUEUED_REQUESTS
  }

  /** A reason not to read may be gone. */
  #readOn(): void {
    if (this.#state !== 'open' || this.#waitingForGate || !this.#frames.held) return
    if (this.#queued.length >= MAX_QUEUED_REQUESTS) return
    this.#guard(() => this.#frames.resume())
  }

  // ---- lanes

  #pump(): void {
    if (this.#pumping) return
    this.#pumping = true
    try {
      while (this.#state !== 'closed' && this.#queued.length > 0 && this.#mayStart(this.#queued[0]!.job)) {
        const { job, slot } = this.#queued.shift()!
        this.#start(job, slot)
      }
    } finally {
      this.#pumping = false
    }
  }

  #mayStart(job: Job): boolean {
    if (this.#replies.pendingBytes > MAX_REPLY_BYTES) return false
    if (job.handler.definition.lane === 'serial') return this.#running === 0
    return !this.#serialRunning && this.#running < MAX_RUNNING_REQUESTS
  }

  #start(job: Job, slot: ReplySlot): void {
    const serial = job.handler.definition.lane === 'serial'
    const ticket = serial ? FREE_TICKET : this.#tickets.issue()
    const running: Running = { job, slot, ticket }
    this.#running++
    this.#serialRunning = serial
    const reply = this.#needs.pipeline.run(job, this.#contextOf(job, ticket))
    if (reply instanceof Promise) {
      reply
        .then(late => {
          this.#finish(running, late)
          this.#pump()
          this.#readOn()
        })
        .catch((error: unknown) => this.#broken(error))
    } else {
      this.#finish(running, reply)
    }
  }

  #contextOf(job: Job, ticket: Ticket): RequestContext {
    const { identity } = this.#needs
    return {
      clientId: job.header.clientId,
      principal: identity.principal,
      listener: identity.listener,
      securityProtocol: identity.securityProtocol,
      clientAddress: identity.clientAddress,
      localAddress: identity.localAddress,
      connectionId: identity.connectionId,
      correlationId: job.header.correlationId,
      clientSoftwareName: this.#clientSoftwareName,
      clientSoftwareVersion: this.#clientSoftwareVersion,
      ticket,
    }
  }

  #finish({ job, slot, ticket }: Running, reply: Reply): void {
    ticket.redeem()
    this.#running--
    if (job.handler.definition.lane === 'serial') this.#serialRunning = false
    this.#discharge(job.frameBytes)
    if (job.handler.definition.forgetsRequest) this.#needs.blocks.give(job.frame)
    if (this.#state === 'closed') return
    if ('close' in reply) {
      this.#closeNow(reply.close, reply.detail)
      return
    }
    if (reply.software !== undefined) {
      this.#clientSoftwareName = reply.software.name
      this.#clientSoftwareVersion = reply.software.version
    }
    this.#replies.fill(slot, reply.buffers)
    this.#scheduleFlush()
  }

  // ---- out

  /** One flush for all replies of this turn. */
  #scheduleFlush(): void {
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    this.#needs.outbox.add(this.#flush)
  }

  /** Never throws: the outbox has other connections' replies behind this one's. */
  readonly #flush = (): void => {
    this.#flushScheduled = false
    if (this.#state === 'closed') return
    try {
      this.#replies.flush()
      this.#lastActiveMs = this.#needs.clock.monotonicMs()
      if (this.#state === 'draining') this.#endIfDrained()
    } catch (error) {
      this.#broken(error)
    }
  }

  #onDrain(): void {
    this.#lastActiveMs = this.#needs.clock.monotonicMs()
    this.#pump()
    this.#readOn()
    if (this.#state === 'draining') this.#endIfDrained()
  }

  // ---- ending

  /** Reads no more, answers what was accepted, then closes. */
  drain(): void {
    this.#drain('stopping')
  }

  /** Also when the peer says no more: what it has said counts (a producer without acks closes behind its last batch), as in Kafka. */
  #drain(reason: CloseReason): void {
    if (this.#state !== 'open') return
    this.#state = 'draining'
    this.#drainReason = reason
    this.#needs.socket.pause()
    this.#endIfDrained()
  }

  #endIfDrained(): void {
    if (this.openRequests > 0 || this.#replies.length > 0 || this.#isEnding) return
    this.#isEnding = true
    // No 'drain' tells of the last bytes. A peer that never takes them is cut as idle, or when the listener stops.
    const { socket } = this.#needs
    if (socket.writableLength > 0) socket.end(() => this.#closeNow(this.#drainReason, undefined))
    else {
      socket.end()
      this.#closeNow(this.#drainReason, undefined)
    }
  }

  close(reason: CloseReason, detail?: string): void {
    this.#closeNow(reason, detail)
  }

  #closeNow(reason: CloseReason, detail: string | undefined): void {
    if (this.#state === 'closed') return
    this.#closed(reason, detail)
    this.#needs.socket.destroy()
  }

  #closed(reason: CloseReason, detail: string | undefined): void {
    this.#state = 'closed'
    this.#queued = []
    this.#replies.abandon()
    // Everything charged goes at once, also for what still runs: nobody will read its answer.
    this.#needs.gate.leave(this.#chargedBytes)
    this.#chargedBytes = 0
    this.#needs.gate.finished(this)
    this.#needs.events.connectionClosed(this.identity.connectionId, this.identity.listener, reason, detail)
    this.#needs.onClosed(this)
  }

  #discharge(bytes: number): void {
    if (this.#state === 'closed') return
    this.#chargedBytes -= bytes
    this.#needs.gate.leave(bytes)
  }
}
