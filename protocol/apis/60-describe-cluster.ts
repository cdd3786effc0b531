// DescribeCluster: cluster id, controller and brokers; controllers from v1 (KIP-919), fenced brokers from
// v2 (KIP-1073).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const describeClusterRequest = struct({
  includeClusterAuthorizedOperations: bool,
  endpointType: int8.since(1).default(1),
  includeFencedBrokers: bool.since(2),
})
export interface DescribeClusterRequest extends Value<typeof describeClusterRequest> {}

const describeClusterBroker = struct({
  brokerId: int32.entity('brokerId').key(),
  host: string,
  port: int32,
  rack: string.nullable().default(null),
  isFenced: bool.since(2),
})
export interface DescribeClusterBroker extends Value<typeof describeClusterBroker> {}

const describeClusterResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  endpointType: int8.since(1).default(1),
  clusterId: string,
  controllerId: int32.default(-1).entity('brokerId'),
  brokers: array<DescribeClusterBroker>(describeClusterBroker),
  clusterAuthorizedOperations: int32.default(-2147483648),
})
export interface DescribeClusterResponse extends Value<typeof describeClusterResponse> {}

/** What a version brought that handlers must know. */
const means = { endpointTypes: 1, fencedBrokers: 2 } as const

function downgrade(response: DescribeClusterResponse, version: number): void {
  if (version < means.endpointTypes) response.endpointType = 1
  if (version < means.fencedBrokers) for (const broker of response.brokers) broker.isFenced = false
}

export const DescribeCluster = defineApi<DescribeClusterRequest, DescribeClusterResponse, keyof typeof means>(
  {
    key: 60,
    name: 'DescribeCluster',
    versions: [0, 2],
    flexibleFrom: 0,
    listeners: ['broker', 'controller'],
    request: describeClusterRequest,
    response: describeClusterResponse,
    means,
    downgrade,
  },
)
