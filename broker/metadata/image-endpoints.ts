/**
 * Endpoints of brokers as a client should know them (ports/endpoints.ts), read from the registrations in the image. Our own may follow the
 * client: with advertised.listeners unset and a wildcard listener it is the local address through which that client came in, so that
 * localhost, the LAN and a sibling container each get one that works.
 */
import type { Endpoint, Endpoints } from '../ports/endpoints.ts'
import type { RequestContext } from '../ports/request-context.ts'
import type { BrokerRegistration, MetadataSource } from './image.ts'

export interface ImageEndpointsNeeds {
  readonly metadata: MetadataSource
  readonly localNodeId: number
  /** Whether our endpoint on that listener is the one the client came through. */
  readonly followsClient: (listener: string) => boolean
}

export class ImageEndpoints implements Endpoints {
  readonly #needs: ImageEndpointsNeeds

  constructor(needs: ImageEndpointsNeeds) {
    this.#needs = needs
  }

  endpointFor(context: RequestContext): Endpoint {
    const { localNodeId, metadata } = this.#needs
    const registered = metadata.current().cluster.brokers.get(localNodeId)
    const known = registered === undefined ? undefined : this.#on(registered, context)
    return known ?? { nodeId: localNodeId, ...context.localAddress, rack: registered?.rack ?? null }
  }

  endpointOf(nodeId: number, context: RequestContext): Endpoint | undefined {
    const broker = this.#needs.metadata.current().cluster.brokers.get(nodeId)
    return broker === undefined || broker.fenced ? undefined : this.#on(broker, context)
  }

  all(context: RequestContext): readonly Endpoint[] {
    return this.#select(context, false)
  }

  fenced(context: RequestContext): readonly Endpoint[] {
    return this.#select(context, true)
  }

  #select(context: RequestContext, fenced: boolean): Endpoint[] {
    const found: Endpoint[] = []
    for (const broker of this.#needs.metadata.current().cluster.brokers.values()) {
      if (broker.fenced !== fenced) continue
      const endpoint = this.#on(broker, context)
      if (endpoint !== undefined) found.push(endpoint)
    }
    return found.sort((a, b) => a.nodeId - b.nodeId)
  }

  #on(broker: BrokerRegistration, context: RequestContext): Endpoint | undefined {
    const { id: nodeId, rack } = broker
    if (nodeId === this.#needs.localNodeId && this.#needs.followsClient(context.listener)) {
      return { nodeId, ...context.localAddress, rack }
    }
    const endpoint = broker.endpoints.find(one => one.name === context.listener)
    return endpoint === undefined ? undefined : { nodeId, host: endpoint.host, port: endpoint.port, rack }
  }
}
