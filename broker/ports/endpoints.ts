/**
 * Where a client finds brokers. Every answer that names an endpoint of ours (Metadata, FindCoordinator, DescribeCluster, node
 * endpoints in Produce, Fetch and the share APIs) asks here, so that one rule holds: with advertised.listeners unset and a wildcard
 * listener, our own endpoint is the local address through which that client came.
 */
import type { RequestContext } from './request-context.ts'

export interface Endpoint {
  readonly nodeId: number
  readonly host: string
  readonly port: number
  readonly rack: string | null
}

export interface Endpoints {
  /** Our own endpoint as that client should know it. */
  endpointFor(context: RequestContext): Endpoint
  /** A broker's endpoint on the client's listener; undefined when it is not registered, is fenced, or lacks that listener. */
  endpointOf(nodeId: number, context: RequestContext): Endpoint | undefined
  /** All live brokers that have the client's listener, by id. */
  all(context: RequestContext): readonly Endpoint[]
  /** The registered but fenced ones. */
  fenced(context: RequestContext): readonly Endpoint[]
}

/** Whom DescribeCluster tells of: on a broker's listener the brokers, on a controller's the controllers (KIP-919). */
export interface ClusterMembers {
  readonly are: 'brokers' | 'controllers'
  /** Those that have the client's listener, by id. */
  live(context: RequestContext): readonly Endpoint[]
  fenced(context: RequestContext): readonly Endpoint[]
  /** The node to be taken for the controller; -1 when there is none. */
  controllerId(context: RequestContext): number
}
