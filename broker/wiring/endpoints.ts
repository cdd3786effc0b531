/**
 * Where clients find the brokers of the image, and on a controller's listener the controllers. With advertised.listeners unset, our own
 * endpoint is the one through which the client came in, where we listen on a wildcard: localhost, the LAN and a sibling container each get
 * an address that works for them.
 */
import type { Listener } from '../config/listeners.ts'
import type {
  BrokerRegistration,
  ControllerRegistration,
  Endpoint as RegisteredEndpoint,
  MetadataSource,
} from '../metadata/image.ts'
import type { ClusterMembers, Endpoint, Endpoints } from '../ports/endpoints.ts'
import type { HostAndPort, RequestContext } from '../ports/request-context.ts'

const PROTOCOL_IDS = { PLAINTEXT: 0, SSL: 1, SASL_PLAINTEXT: 2, SASL_SSL: 3 } as const
const WILDCARDS = new Set(['', '0.0.0.0', '::', '[::]'])

export interface EndpointsNeeds {
  readonly nodeId: number
  readonly rack: string | null
  readonly metadata: MetadataSource
  /** What advertised.listeners says, of clients' and controllers' listeners alike. */
  readonly advertised: readonly Listener[]
  /** What we opened, and on which port each ended up. */
  readonly bound: readonly Bound[]
  readonly boundControllers: readonly Bound[]
}

export interface Bound {
  readonly listener: Listener
  readonly port: number
}

export class BrokerEndpoints implements Endpoints {
  readonly #needs: EndpointsNeeds
  readonly #fixed = new Map<string, HostAndPort>()

  constructor(needs: EndpointsNeeds) {
    this.#needs = needs
    for (const { listener, port } of [...needs.bound, ...needs.boundControllers]) {
      const advertised = needs.advertised.find(one => one.name === listener.name)
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
    return this.#registered(this.#needs.bound, hostName)
  }

  controllerRegistered(hostName: string): RegisteredEndpoint[] {
    return this.#registered(this.#needs.boundControllers, hostName)
  }

  #registered(bound: readonly Bound[], hostName: string): RegisteredEndpoint[] {
    return bound.map(({ listener, port }) => ({
      name: listener.name,
      ...(this.#fixed.get(listener.name) ?? { host: hostName, port }),
      securityProtocol: PROTOCOL_IDS[listener.securityProtocol],
    }))
  }

  // ---- DescribeCluster

  /** On a broker's listener. Whoever leads the quorum is hidden there: requests for the controller go to any broker. */
  get brokers(): ClusterMembers {
    return {
      are: 'brokers',
      live: context => this.all(context),
      fenced: context => this.fenced(context),
      controllerId: context => this.all(context)[0]?.nodeId ?? -1,
    }
  }

  /** On a controller's listener; `leaderId` of the quorum. Controllers have no racks and are not fenced. */
  controllers(leaderId: () => number): ClusterMembers {
    const live = (context: RequestContext): readonly Endpoint[] =>
      [...this.#needs.metadata.current().cluster.controllers.values()]
        .map(controller => this.#ofController(controller, context))
        .filter(endpoint => endpoint !== undefined)
        .sort((a, b) => a.nodeId - b.nodeId)
    return { are: 'controllers', live, fenced: () => [], controllerId: leaderId }
  }

  #ofController({ id, endpoints }: ControllerRegistration, context: RequestContext): Endpoint | undefined {
    if (id === this.#needs.nodeId) return { ...this.endpointFor(context), rack: null }
    const found = endpoints.find(endpoint => endpoint.name === context.listener)
    return found && { nodeId: id, host: found.host, port: found.port, rack: null }
  }
}
