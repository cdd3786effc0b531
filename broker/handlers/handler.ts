/**
 * defineHandler(): what one file of this folder says about one API key. From these definitions derive dispatch, ApiVersions, access
 * checks, per-API metrics and the API table in the docs. A handler's first line is its list of needs: plain ports, handed over once at
 * start. It returns the function that answers requests.
 *
 *   export default defineHandler(
 *     DescribeCluster,
 *     { access: 'open', lane: 'serial', deviations: [] },
 *     ({ metadata, endpoints }: { metadata: MetadataSource; endpoints: Endpoints }) =>
 *       (request, context, facts) => { …; return DescribeCluster.response.create({ … }) },
 *   )
 *
 * A handler never reads a version: `facts` tells by name what the client's version means (`means` of the api). A row's error is a
 * value in the row; `throw new RequestError(…)` fails the whole request in the api's shape; null sends nothing (acks=0).
 */
import type { Api, FactsOf, Listener, VersionRange } from '../../protocol/schema/message.ts'
import type { AclOperation, ResourceType } from '../ports/authorizer.ts'
import type { RequestContext } from '../ports/request-context.ts'

export type { FactsOf } from '../../protocol/schema/message.ts'
export { RequestError, ConnectionError } from '../ports/request-error.ts'
export type { RequestContext } from '../ports/request-context.ts'

// oxlint-disable-next-line typescript/no-explicit-any -- an api of any messages is meant, here only
export type AnyApi = Api<any, any, any>
export type RequestOf<A> = A extends Api<infer Request, infer _R, infer _F> ? Request : never
export type ResponseOf<A> = A extends Api<infer _Q, infer Response, infer _F> ? Response : never

/**
 * Who may call. 'open': anyone who may connect. 'per-resource': the handler asks the authorizer itself, resource by resource, in
 * Kafka's order. A rule: the pipeline asks, and a refusal is the cluster's CLUSTER_AUTHORIZATION_FAILED for the whole request.
 */
export type Access =
  | 'open'
  | 'per-resource'
  | { readonly operation: AclOperation; readonly resourceType: ResourceType & 'CLUSTER' }

/** Kafka's two kinds: clients and brokers come to the one, who looks after the metadata quorum to the other (KIP-919). */
export type ListenerType = Exclude<Listener, 'zkBroker'>

export interface HandlerOptions<Request, Response> {
  /** Versions we answer; all the api knows unless given. */
  readonly serves?: VersionRange
  readonly access: Access
  /** The kinds of listeners that serve it; all that Kafka's message definition names unless given. */
  readonly listeners?: readonly ListenerType[]
  /**
   * 'pipelined' (Produce and Fetch only): the next request of the connection starts when this one first awaits. Everything else is
   * 'serial': one request of a connection takes effect at a time.
   */
  readonly lane?: 'serial' | 'pipelined'
  /**
   * Nothing looks at the request's bytes after its answer, so their memory is used again. Strings are copies; `bytes` and `records` are
   * views, and what they are stored in must copy them.
   */
  readonly forgetsRequest?: boolean
  /** How we differ from Kafka here, one sentence each; docs/api-table.md shows them. */
  readonly deviations?: readonly string[]
  /** The whole request failed with this code: the answer, or null to close the connection. Derived from the schema unless given. */
  readonly failed?: (request: Request, error: { code: number; message: string | null }) => Response | null
}

export type Handle<Request, Response, Facts> = (
  request: Request,
  context: RequestContext,
  facts: Facts,
) => Response | null | Promise<Response | null>

export interface HandlerDefinition<A extends AnyApi = AnyApi, Needs = never> {
  readonly api: A
  readonly serves: VersionRange
  readonly access: Access
  readonly listeners: readonly Listener[]
  readonly lane: 'serial' | 'pipelined'
  readonly forgetsRequest: boolean
  readonly deviations: readonly string[]
  readonly failed: HandlerOptions<RequestOf<A>, ResponseOf<A>>['failed']
  /** Binds the handler to its needs. */
  bind(needs: Needs): Handle<RequestOf<A>, ResponseOf<A>, FactsOf<A>>
}

export function defineHandler<A extends AnyApi, Needs>(
  api: A,
  options: HandlerOptions<RequestOf<A>, ResponseOf<A>>,
  bind: (needs: Needs) => Handle<RequestOf<A>, ResponseOf<A>, FactsOf<A>>,
): HandlerDefinition<A, Needs> {
  return {
    api,
    serves: options.serves ?? api.versions,
    access: options.access,
    listeners: options.listeners ?? api.listeners,
    lane: options.lane ?? 'serial',
    forgetsRequest: options.forgetsRequest ?? false,
    deviations: options.deviations ?? [],
    failed: options.failed,
    bind,
  }
}
