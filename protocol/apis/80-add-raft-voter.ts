// AddRaftVoter: adds a voter to the metadata quorum (KIP-853).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, string, struct, uint16, uuid, type Value } from '../schema/vocabulary.ts'

const addRaftVoterListener = struct({
  name: string.key(),
  host: string,
  port: uint16,
})
export interface AddRaftVoterListener extends Value<typeof addRaftVoterListener> {}

const addRaftVoterRequest = struct({
  clusterId: string.nullable(),
  timeoutMs: int32,
  voterId: int32,
  voterDirectoryId: uuid,
  listeners: array<AddRaftVoterListener>(addRaftVoterListener),
  ackWhenCommitted: bool.since(1).default(true),
})
export interface AddRaftVoterRequest extends Value<typeof addRaftVoterRequest> {}

const addRaftVoterResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable().ignorable(),
})
export interface AddRaftVoterResponse extends Value<typeof addRaftVoterResponse> {}

export const AddRaftVoter = defineApi<AddRaftVoterRequest, AddRaftVoterResponse>({
  key: 80,
  name: 'AddRaftVoter',
  versions: [0, 1],
  flexibleFrom: 0,
  listeners: ['controller', 'broker'],
  request: addRaftVoterRequest,
  response: addRaftVoterResponse,
})
