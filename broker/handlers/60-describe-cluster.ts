/** DescribeCluster: the brokers, the controller, the cluster id (KIP-700; endpoint types KIP-919; fenced brokers KIP-1073). */
import { DescribeCluster, type DescribeClusterBroker } from '../../protocol/apis/60-describe-cluster.ts'
import { Errors } from '../../protocol/errors.ts'
import {
  type Authorizer,
  authorizedOperations,
  CLUSTER_NAME,
  OPERATIONS_NOT_REQUESTED,
} from '../ports/authorizer.ts'
import type { Endpoint, Endpoints } from '../ports/endpoints.ts'
import type { RequestContext } from '../ports/request-context.ts'
import { defineHandler, RequestError } from './handler.ts'

const BROKERS = 1
const CONTROLLERS = 2

export interface DescribeClusterNeeds {
  readonly authorizer: Authorizer
  readonly endpoints: Endpoints
  readonly clusterId: string
}

export default defineHandler(
  DescribeCluster,
  { access: 'open' },
  ({ authorizer, endpoints, clusterId }: DescribeClusterNeeds) =>
    (request, context, facts) => {
      refuseOtherEndpoints(request.endpointType, facts.endpointTypes)
      const live = endpoints.all(context)
      const fenced = request.includeFencedBrokers ? endpoints.fenced(context) : []
      return {
        throttleTimeMs: 0,
        errorCode: 0,
        errorMessage: null,
        endpointType: BROKERS,
        clusterId,
        controllerId: live[0]?.nodeId ?? -1,
        brokers: [...live.map(one => rowOf(one, false)), ...fenced.map(one => rowOf(one, true))],
        clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
          ? operations(authorizer, context)
          : OPERATIONS_NOT_REQUESTED,
      }
    },
)

/** A broker listener knows brokers; controllers are asked on theirs. */
function refuseOtherEndpoints(type: number, knowsTypes: boolean): void {
  if (type === BROKERS) return
  const mismatch = type === CONTROLLERS ? Errors.MISMATCHED_ENDPOINT_TYPE : Errors.UNSUPPORTED_ENDPOINT_TYPE
  const message =
    type === CONTROLLERS
      ? 'this is a broker listener, and controllers were asked for'
      : `unsupported endpoint type ${type}`
  throw new RequestError(knowsTypes ? mismatch : Errors.INVALID_REQUEST, message)
}

function operations(authorizer: Authorizer, context: RequestContext): number {
  return authorizer.authorize(context, 'DESCRIBE', 'CLUSTER', CLUSTER_NAME)
    ? authorizedOperations(authorizer, context, 'CLUSTER', CLUSTER_NAME)
    : 0
}

const rowOf = ({ nodeId, host, port, rack }: Endpoint, isFenced: boolean): DescribeClusterBroker => ({
  brokerId: nodeId,
  host,
  port,
  rack,
  isFenced,
})
