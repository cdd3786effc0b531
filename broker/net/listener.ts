/**
 * One listener of the broker: accepts sockets within the quotas of the broker and its own, closes idle ones, and stops in order: accept no
 * more, answer what was accepted, close. Answers to Kafka's Acceptor and Processor.
 */
import { createServer, type Server, type Socket } from 'node:net'
import type { Clock, Timer } from '../ports/clock.ts'
import { ANONYMOUS, type HostAndPort } from '../ports/request-context.ts'
import type { BlockPool } from './block-pool.ts'
import { Connection, type ConnectionNeeds } from './connection.ts'
import type { ConnectionLimits, ConnectionQuotas } from './connection-quotas.ts'
import type { NetEvents } from './events.ts'
import type { MemoryGate } from './memory-gate.ts'
import type { Outbox } from './outbox.ts'
import type { Pipeline } from './pipeline.ts'
import type { ReplyMemory } from './reply-memory.ts'
import type { SharedReads } from './shared-reads.ts'

export interface ListenerNeeds {
  /** The listener's name and protocol, e.g. PLAINTEXT. */
  readonly name: string
  readonly securityProtocol: string
  /** Empty or a wildcard binds every interface; port 0 takes a free one. */
  readonly host: string
  readonly port: number
  readonly backlog: number
  readonly gate: MemoryGate
  readonly quotas: ConnectionQuotas
  readonly blocks: BlockPool
  readonly outbox: Outbox
  readonly replyMemory: ReplyMemory
  /** Not for sockets that TLS will read from. */
  readonly sharedReads?: SharedReads
  readonly clock: Clock
  readonly events: NetEvents
  /** Asked at each accept, so that dynamic changes act at once. */
  readonly limits: () => ListenerLimits
}

export interface ListenerLimits extends ConnectionLimits {
  /** listener.name.<this one>.max.connections; only the broker's limit holds when left out. */
  readonly maxOwnConnections?: number
  readonly maxRequestBytes: number
  readonly maxIdleMs: number
}

export class Listener {
  readonly #needs: ListenerNeeds
  readonly #server: Server
  readonly #connections = new Set<Connection>()
  #idleTimer: Timer | undefined
  #accepted = 0
  #whenEmpty: (() => void) | undefined
  #stopping = false
  #pipeline: Pipeline | undefined
  /** Came in before anybody was admitted; nothing of theirs has been read. */
  #early: Socket[] = []

  constructor(needs: ListenerNeeds) {
    this.#needs = needs
    // A peer that has said its last word still gets its answers: whoever closes a connection destroys it whole.
    const options = { noDelay: true, keepAlive: true, allowHalfOpen: true }
    this.#server = createServer(options, socket => this.#onSocket(socket))
  }

  get name(): string {
    return this.#needs.name
  }

  get connections(): ReadonlySet<Connection> {
    return this.#connections
  }

  /** Where it listens, once started. */
  get address(): HostAndPort {
    const address = this.#server.address()
    if (address === null || typeof address === 'string')
      throw new Error(`listener ${this.name} is not started`)
    return { host: address.address, port: address.port }
  }

  start(): Promise<HostAndPort> {
    const { host, port, backlog } = this.#needs
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject)
      this.#server.listen({ port, backlog, ...(host === '' ? {} : { host }) }, () => {
        this.#server.off('error', reject)
        // An accept that fails (out of descriptors) must not end the process.
        this.#server.on('error', error => this.#needs.events.handlerFailed('accept', null, error))
        this.#scheduleSweep()
        resolve(this.address)
      })
    })
  }

  /** From now on requests are read. Until then a connection waits, unread: ports are known before the broker serves. */
  admit(pipeline: Pipeline): void {
    this.#pipeline = pipeline
    for (const socket of this.#early.splice(0)) this.#onSocket(socket)
  }

  /** Resolves when every connection is gone; those that take longer than `graceMs` are cut. */
  async stop(graceMs: number): Promise<void> {
    if (this.#stopping) return
    this.#stopping = true
    this.#idleTimer?.cancel()
    const closed = new Promise<void>(resolve => this.#server.close(() => resolve()))
    for (const socket of this.#early.splice(0)) socket.destroy()
    for (const connection of [...this.#connections]) connection.drain()
    if (this.#connections.size > 0) {
      let timer: Timer | undefined
      await Promise.race([
        new Promise<void>(resolve => {
          this.#whenEmpty = resolve
        }),
        new Promise<void>(resolve => {
          timer = this.#needs.clock.setTimeout(resolve, graceMs)
        }),
      ])
      timer?.cancel()
      for (const connection of [...this.#connections]) connection.close('stopping')
    }
    await closed
  }

  #onSocket(socket: Socket): void {
    if (this.#pipeline === undefined && !this.#stopping) {
      socket.on('error', () => {}) // whoever leaves early is not missed
      this.#early.push(socket)
      return
    }
    const { remoteAddress, remotePort, localAddress, localPort } = socket
    // Gone before we could look at it.
    if (remoteAddress === undefined || localAddress === undefined || this.#stopping) {
      socket.destroy()
      return
    }
    const { name, securityProtocol, events, gate, blocks, outbox, replyMemory, sharedReads, clock } =
      this.#needs
    const clientAddress = plain(remoteAddress)
    const local = { host: plain(localAddress), port: localPort! }
    const connectionId = `${local.host}:${local.port}-${clientAddress}:${remotePort}-${this.#accepted++}`
    const limits = this.#needs.limits()
    const refusal = this.#refusal(clientAddress, limits)
    if (refusal !== undefined) {
      socket.on('error', () => {}) // it is being thrown away
      socket.destroy()
      events.connectionClosed(connectionId, name, 'refused', refusal)
      return
    }
    const identity = {
      connectionId,
      listener: name,
      securityProtocol,
      clientAddress,
      localAddress: local,
      principal: ANONYMOUS,
    }
    const needs: ConnectionNeeds = {
      socket: sharedReads?.adopt(socket) ?? socket,
      identity,
      pipeline: this.#pipeline!,
      gate,
      blocks,
      outbox,
      replyMemory,
      clock,
      events,
      maxRequestBytes: limits.maxRequestBytes,
      onClosed: connection => this.#forget(connection),
    }
    events.connectionOpened(connectionId, name)
    this.#connections.add(new Connection(needs))
  }

  /** Undefined: it is admitted, and counted. */
  #refusal(clientAddress: string, limits: ListenerLimits): string | undefined {
    const { maxOwnConnections = Number.POSITIVE_INFINITY } = limits
    if (this.#connections.size >= maxOwnConnections)
      return `max.connections (${maxOwnConnections}) of listener ${this.name} reached`
    return this.#needs.quotas.tryEnter(clientAddress, limits)
  }

  #forget(connection: Connection): void {
    if (!this.#connections.delete(connection)) return
    this.#needs.quotas.leave(connection.identity.clientAddress)
    if (this.#connections.size === 0) this.#whenEmpty?.()
  }

  // ---- connections.max.idle.ms

  #scheduleSweep(): void {
    const { maxIdleMs } = this.#needs.limits()
    const everyMs = Math.min(60_000, Math.max(100, maxIdleMs / 4))
    this.#idleTimer = this.#needs.clock.setTimeout(() => {
      this.#sweep(this.#needs.limits().maxIdleMs)
      this.#scheduleSweep()
    }, everyMs)
  }

  #sweep(maxIdleMs: number): void {
    for (const connection of [...this.#connections]) {
      if (connection.isIdle(maxIdleMs)) connection.close('idle')
    }
  }
}

/** IPv4 addresses come as ::ffff:a.b.c.d from a dual-stack socket. */
const plain = (address: string): string => (address.startsWith('::ffff:') ? address.slice(7) : address)
