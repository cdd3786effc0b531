// UpdateRaftVoter: a voter of the metadata quorum tells its endpoints and versions (KIP-853).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, one, string, struct, uint16, uuid, type Value } from '../schema/vocabulary.ts'

const updateRaftVoterListener = struct({
  name: string.key(),
  host: string,
  port: uint16,
})
export interface UpdateRaftVoterListener extends Value<typeof updateRaftVoterListener> {}

const updateRaftVoterKRaftVersionFeature = struct({
  minSupportedVersion: int16,
  maxSupportedVersion: int16,
})
export interface UpdateRaftVoterKRaftVersionFeature
  extends Value<typeof updateRaftVoterKRaftVersionFeature> {}

const updateRaftVoterRequest = struct({
  clusterId: string.nullable(),
  currentLeaderEpoch: int32,
  voterId: int32,
  voterDirectoryId: uuid,
  listeners: array<UpdateRaftVoterListener>(updateRaftVoterListener),
  kRaftVersionFeature: one<UpdateRaftVoterKRaftVersionFeature>(updateRaftVoterKRaftVersionFeature),
})
export interface UpdateRaftVoterRequest extends Value<typeof updateRaftVoterRequest> {}

const currentLeader = struct({
  leaderId: int32.default(-1).entity('brokerId'),
  leaderEpoch: int32.default(-1),
  host: string,
  port: int32,
})
export interface CurrentLeader extends Value<typeof currentLeader> {}

const updateRaftVoterResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  currentLeader: one<CurrentLeader>(currentLeader).tag(0),
})
export interface UpdateRaftVoterResponse extends Value<typeof updateRaftVoterResponse> {}

export const UpdateRaftVoter = defineApi<UpdateRaftVoterRequest, UpdateRaftVoterResponse>({
  key: 82,
  name: 'UpdateRaftVoter',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['controller'],
  request: updateRaftVoterRequest,
  response: updateRaftVoterResponse,
})
