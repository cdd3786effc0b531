/**
 * Where clients find the brokers of the image. With advertised.listeners unset, our own endpoint is the one through which the client came
 * in, where we listen on a wildcard: localhost, the LAN and a sibling container each get an address that works for them.
 */
import type { Listener } from '../config/listeners.ts'
import type { BrokerRegistration, Endpoint as RegisteredEndpoint, MetadataSource } from '../metadata/image.ts'
import type { Endpoint, Endpoints } from '../ports/endpoints.ts'
import type { HostAndPort, RequestContext } from '../ports/request-context.ts'

const PROTOCOL_IDS = { PLAINTEXT: 0, SSL: 1, SASL_PLAINTEXT: 2, SASL_SSL: 3 } as const
const WILDCARDS = new Set(['', '0.0.0.0', '::', '[::]'])

export interface EndpointsNeeds {
  readonly nodeId: number
  readonly rack: string | null
  readonly metadata: MetadataSource
  /** advertised.listeners, or undefined when it is not set. */
  readonly advertised: readonly Listener[] | undefined
  /** What we opened, and on which port each ended up. */
  readonly bound: readonly { readonly listener: Listener; readonly port: number }[]
}

export class BrokerEndpoints implements Endpoints {
  readonly #needs: EndpointsNeeds
  readonly #fixed = new Map<string, HostAndPort>()

  constructor(needs: EndpointsNeeds) {
    this.#needs = needs
    for (const { listener, port } of needs.bound) {
      const advertised = needs.advertised?.find(one => one.name === listener.name)
      if (advertised) this.#fixed.set(listener.name, { host: advertised.host, port: advertised.port || port })
      else if (!WILDCARDS.has(listener.host)) this.#fixed.set(listener.name, { host: listener.host, port })
    }
  }

  endpointFor(context: RequestContext): Endpoint {
    const { nodeId, rack } = this.#needs
    return { nodeId, rack, ...(this.#fixed.get(context.listener) ?? context.localAddress) }
  }

  endpointOf(nodeId: number, context: RequestContext): Endpoint | undefined {
    const broker = this.#needs.metadata.current().cluster.brokers.get(nodeId)
    return broker === undefined || broker.fenced ? undefined : this.#of(broker, context)
  }

  all(context: RequestContext): readonly Endpoint[] {
    return this.#list(context, false)
  }

  fenced(context: RequestContext): readonly Endpoint[] {
    return this.#list(context, true)
  }

  #list(context: RequestContext, fenced: boolean): readonly Endpoint[] {
    const brokers = [...this.#needs.metadata.current().cluster.brokers.values()]
    return brokers
      .filter(broker => broker.fenced === fenced)
      .map(broker => this.#of(broker, context))
      .filter(endpoint => endpoint !== undefined)
      .sort((a, b) => a.nodeId - b.nodeId)
  }

  #of(broker: BrokerRegistration, context: RequestContext): Endpoint | undefined {
    if (broker.id === this.#needs.nodeId) return this.endpointFor(context)
    const found = broker.endpoints.find(endpoint => endpoint.name === context.listener)
    return found && { nodeId: broker.id, host: found.host, port: found.port, rack: broker.rack }
  }

  /** What the registration record says: fixed, since it cannot depend on who reads it. */
  registered(hostName: string): RegisteredEndpoint[] {
    return this.#needs.bound.map(({ listener, port }) => ({
      name: listener.name,
      ...(this.#fixed.get(listener.name) ?? { host: hostName, port }),
      securityProtocol: PROTOCOL_IDS[listener.securityProtocol],
    }))
  }

  /** What the controller's registration says: its listeners as they are set, though nobody has to reach them. */
  controllerRegistered(controllers: readonly Listener[], hostName: string): RegisteredEndpoint[] {
    return controllers.map(({ name, host, port, securityProtocol }) => ({
      name,
      host:
        this.#needs.advertised?.find(one => one.name === name)?.host ??
        (WILDCARDS.has(host) ? hostName : host),
      port,
      securityProtocol: PROTOCOL_IDS[securityProtocol],
    }))
  }
}
