/**
 * Connections of the whole broker, in all and by address: what `max.connections` and `max.connections.per.ip` count, whatever listener
 * they came through. All listeners of a kind share one. Answers to the counting half of Kafka's ConnectionQuotas.
 */
export interface ConnectionLimits {
  /** Of the broker. */
  readonly maxConnections: number
  readonly maxConnectionsPerIp: number
  /** An address's own limit, from max.connections.per.ip.overrides. */
  readonly maxConnectionsOf?: ReadonlyMap<string, number>
}

export class ConnectionQuotas {
  readonly #perAddress = new Map<string, number>()
  #count = 0

  get count(): number {
    return this.#count
  }

  /** Why one more from this address is not admitted, or undefined: then it is counted. */
  tryEnter(address: string, limits: ConnectionLimits): string | undefined {
    if (this.#count >= limits.maxConnections) return `max.connections (${limits.maxConnections}) reached`
    const allowed = limits.maxConnectionsOf?.get(address) ?? limits.maxConnectionsPerIp
    const present = this.#perAddress.get(address) ?? 0
    if (present >= allowed) return `max.connections.per.ip (${allowed}) reached for ${address}`
    this.#perAddress.set(address, present + 1)
    this.#count++
    return undefined
  }

  leave(address: string): void {
    const left = this.#perAddress.get(address)! - 1
    if (left > 0) this.#perAddress.set(address, left)
    else this.#perAddress.delete(address)
    this.#count--
  }
}
