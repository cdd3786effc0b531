// FindCoordinator: which broker coordinates a group, a transactional id or a share partition. Batches from
// v4 (KIP-699).

import { errorOf, Errors } from '../errors.ts'
import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int8, string, struct, type Value, type Wire } from '../schema/vocabulary.ts'

const findCoordinatorRequest = struct({
  key: string.until(3).legacy(),
  keyType: int8.since(1),
  coordinatorKeys: array(string).since(4),
})
export interface FindCoordinatorRequest extends Value<typeof findCoordinatorRequest> {}

const coordinator = struct({
  key: string,
  nodeId: int32.entity('brokerId'),
  host: string,
  port: int32,
  errorCode: int16,
  errorMessage: string.nullable().ignorable(),
})
export interface Coordinator extends Value<typeof coordinator> {}

const findCoordinatorResponse = struct({
  throttleTimeMs: int32.since(1).ignorable(),
  errorCode: int16.until(3).legacy(),
  errorMessage: string.since(1).until(3).nullable().ignorable().legacy(),
  nodeId: int32.until(3).entity('brokerId').legacy(),
  host: string.until(3).legacy(),
  port: int32.until(3).legacy(),
  coordinators: array<Coordinator>(coordinator).since(4),
})
export interface FindCoordinatorResponse extends Value<typeof findCoordinatorResponse> {}

/** What a version brought that handlers must know. */
const means = { batches: 4, transactionErrors: 5, shareGroups: 6 } as const

/** Before v4 a request asks for one key: a batch of one. */
function upgrade(request: Wire<typeof findCoordinatorRequest>, version: number): void {
  if (version < means.batches) request.coordinatorKeys = [request.key]
}

function downgrade(response: Wire<typeof findCoordinatorResponse>, version: number): void {
  if (version >= means.batches) return
  const found = response.coordinators[0]
  response.coordinators = []
  response.errorCode = found?.errorCode ?? Errors.COORDINATOR_NOT_AVAILABLE.code
  response.nodeId = found?.nodeId ?? -1
  response.host = found?.host ?? ''
  response.port = found?.port ?? -1
  // Kafka says "NONE" where there is no error.
  const fine = response.errorCode === Errors.NONE.code
  response.errorMessage = found?.errorMessage || (fine ? 'NONE' : errorOf(response.errorCode).message)
}

export const FindCoordinator = defineApi<FindCoordinatorRequest, FindCoordinatorResponse, keyof typeof means>(
  {
    key: 10,
    name: 'FindCoordinator',
    versions: [0, 6],
    flexibleFrom: 3,
    listeners: ['broker'],
    request: findCoordinatorRequest,
    response: findCoordinatorResponse,
    means,
    upgrade,
    downgrade,
  },
)
