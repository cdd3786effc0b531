// RemoveRaftVoter: removes a voter from the metadata quorum (KIP-853).

import { defineApi } from '../schema/message.ts'
import { int16, int32, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const removeRaftVoterRequest = struct({
  clusterId: string.nullable(),
  voterId: int32,
  voterDirectoryId: uuid,
})
export interface RemoveRaftVoterRequest extends Value<typeof removeRaftVoterRequest> {}

const removeRaftVoterResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable().ignorable(),
})
export interface RemoveRaftVoterResponse extends Value<typeof removeRaftVoterResponse> {}

export const RemoveRaftVoter = defineApi<RemoveRaftVoterRequest, RemoveRaftVoterResponse>({
  key: 81,
  name: 'RemoveRaftVoter',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['controller', 'broker'],
  request: removeRaftVoterRequest,
  response: removeRaftVoterResponse,
})
