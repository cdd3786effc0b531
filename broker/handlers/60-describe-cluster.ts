/**
 * DescribeCluster: the brokers, or on a controller's listener the controllers; who is the controller; the cluster id (KIP-700; endpoint
 * types KIP-919; fenced brokers KIP-1073).
 */
import { DescribeCluster, type DescribeClusterBroker } from '../../protocol/apis/60-describe-cluster.ts'
import { Errors } from '../../protocol/errors.ts'
import {
  type Authorizer,
  authorizedOperations,
  CLUSTER_NAME,
  OPERATIONS_NOT_REQUESTED,
} from '../ports/authorizer.ts'
import { since } from '../metadata/features.ts'
import type { MetadataSource } from '../metadata/image.ts'
import type { ClusterMembers, Endpoint } from '../ports/endpoints.ts'
import type { RequestContext } from '../ports/request-context.ts'
import { defineHandler, RequestError } from './handler.ts'

const ENDPOINT_TYPES = { brokers: 1, controllers: 2 } as const
const NAMES = { brokers: 'BROKER', controllers: 'CONTROLLER' } as const

export interface DescribeClusterNeeds {
  readonly authorizer: Authorizer
  readonly members: ClusterMembers
  readonly metadata: MetadataSource
  readonly clusterId: string
}

export default defineHandler(
  DescribeCluster,
  { access: 'per-resource' },
  ({ authorizer, members, metadata, clusterId }: DescribeClusterNeeds) =>
    (request, context, facts) => {
      if (members.are === 'controllers') {
        refuseBeforeRegistrations(metadata)
        // Anyone may ask where the brokers are; the controllers are for who looks after the cluster.
        if (!authorizer.authorize(context, 'ALTER', 'CLUSTER', CLUSTER_NAME))
          throw new RequestError(Errors.CLUSTER_AUTHORIZATION_FAILED)
      }
      refuseOtherMembers(members.are, request.endpointType, facts.endpointTypes)
      const live = members.live(context)
      const fenced = request.includeFencedBrokers ? members.fenced(context) : []
      return {
        throttleTimeMs: 0,
        errorCode: 0,
        errorMessage: null,
        endpointType: ENDPOINT_TYPES[members.are],
        clusterId,
        controllerId: members.controllerId(context),
        brokers: [...live.map(one => rowOf(one, false)), ...fenced.map(one => rowOf(one, true))],
        clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
          ? operations(authorizer, context)
          : OPERATIONS_NOT_REQUESTED,
      }
    },
)

/** Controllers register, and say where they are, from a metadata.version on. */
function refuseBeforeRegistrations(metadata: MetadataSource): void {
  if (metadata.current().features.metadataVersion >= since.controllerRegistration) return
  const message = 'controllers are not registered at this metadata.version, and cannot be asked directly'
  throw new RequestError(Errors.UNSUPPORTED_VERSION, message)
}

/** A broker listener knows brokers; controllers are asked on theirs. */
function refuseOtherMembers(are: ClusterMembers['are'], type: number, knowsTypes: boolean): void {
  if (type === ENDPOINT_TYPES[are]) return
  const asked = are === 'brokers' ? 'controllers' : 'brokers'
  const isOther = type === ENDPOINT_TYPES[asked]
  // Kafka's words: an admin shows them to whoever mixed up his addresses.
  const message = isOther
    ? `The request was sent to an endpoint of type ${NAMES[are]}, but we wanted an endpoint of type ${NAMES[asked]}`
    : `Unsupported endpoint type ${type}`
  const error = isOther ? Errors.MISMATCHED_ENDPOINT_TYPE : Errors.UNSUPPORTED_ENDPOINT_TYPE
  throw new RequestError(knowsTypes ? error : Errors.INVALID_REQUEST, message)
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
