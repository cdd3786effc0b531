/**
 * Who asks: what a handler, a coordinator or the controller may know about the request besides its body. Plain data, made by the
 * pipeline once per request. The api version is not here on purpose: facts (`means`) carry what a version changes.
 */
export interface Principal {
  readonly type: string
  readonly name: string
}

/** The principal of a connection that did not authenticate (Kafka's KafkaPrincipal.ANONYMOUS). */
export const ANONYMOUS: Principal = { type: 'User', name: 'ANONYMOUS' }

export interface HostAndPort {
  readonly host: string
  readonly port: number
}

export interface RequestContext {
  readonly clientId: string | null
  readonly principal: Principal
  /** The listener's name, e.g. `PLAINTEXT`. */
  readonly listener: string
  readonly securityProtocol: string
  /** The client's address without port or slash, e.g. `127.0.0.1`. Kafka prints hosts with a leading `/`: whoever needs that adds it. */
  readonly clientAddress: string
  /** The address and port of ours through which the client came in. */
  readonly localAddress: HostAndPort
  readonly connectionId: string
  readonly correlationId: number
  /** From ApiVersions v3+ (KIP-511); 'unknown' before or without it. */
  readonly clientSoftwareName: string
  readonly clientSoftwareVersion: string
  /** This request's place among the appends of its connection. */
  readonly ticket: Ticket
}

/**
 * Appends of one connection happen in the order in which its requests arrived, whatever a handler had to await first. A handler that
 * appends calls `turn()`: undefined means "now" (the fast path, same tick), a promise resolves when all earlier tickets are redeemed.
 * After its appends it calls `redeem()`; the pipeline redeems whatever a handler left.
 */
export interface Ticket {
  turn(): Promise<void> | undefined
  redeem(): void
}

/** A ticket outside any connection: always its turn. For tests and for work the broker does on its own account. */
export const FREE_TICKET: Ticket = { turn: () => undefined, redeem: () => {} }
