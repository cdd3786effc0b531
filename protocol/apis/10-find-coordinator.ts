// FindCoordinator: which broker coordinates a group, a transactional id or a share partition. Batches from
// v4 (KIP-699).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, int8, string, struct, type Value } from '../schema/vocabulary.ts'

const findCoordinatorRequest = struct({
  key: string.until(3),
  keyType: int8.since(1),
  coordinatorKeys: array(string).since(4),
})
export interface FindCoordinatorRequest extends Value<typeof findCoordinatorRequest> {}

const coordinator = struct({
  key: string.since(4),
  nodeId: int32.since(4).entity('brokerId'),
  host: string.since(4),
  port: int32.since(4),
  errorCode: int16.since(4),
  errorMessage: string.since(4).nullable().ignorable(),
})
export interface Coordinator extends Value<typeof coordinator> {}

const findCoordinatorResponse = struct({
  throttleTimeMs: int32.since(1).ignorable(),
  errorCode: int16.until(3),
  errorMessage: string.since(1).until(3).nullable().ignorable(),
  nodeId: int32.until(3).entity('brokerId'),
  host: string.until(3),
  port: int32.until(3),
  coordinators: array<Coordinator>(coordinator).since(4),
})
export interface FindCoordinatorResponse extends Value<typeof findCoordinatorResponse> {}

export const FindCoordinator = defineApi<FindCoordinatorRequest, FindCoordinatorResponse>({
  key: 10,
  name: 'FindCoordinator',
  versions: [0, 6],
  flexibleFrom: 3,
  listeners: ['broker'],
  request: findCoordinatorRequest,
  response: findCoordinatorResponse,
})
