// SyncGroup: the leader of a classic group hands in the assignment, members pick up theirs.

import { defineApi } from '../schema/message.ts'
import { array, bytes, int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const syncGroupRequestAssignment = struct({
  memberId: string,
  assignment: bytes,
})
export interface SyncGroupRequestAssignment extends Value<typeof syncGroupRequestAssignment> {}

const syncGroupRequest = struct({
  groupId: string.entity('groupId'),
  generationId: int32,
  memberId: string,
  groupInstanceId: string.since(3).nullable().default(null),
  protocolType: string.since(5).nullable().default(null).ignorable(),
  protocolName: string.since(5).nullable().default(null).ignorable(),
  assignments: array<SyncGroupRequestAssignment>(syncGroupRequestAssignment),
})
export interface SyncGroupRequest extends Value<typeof syncGroupRequest> {}

const syncGroupResponse = struct({
  throttleTimeMs: int32.since(1).ignorable(),
  errorCode: int16,
  protocolType: string.since(5).nullable().default(null).ignorable(),
  protocolName: string.since(5).nullable().default(null).ignorable(),
  assignment: bytes,
})
export interface SyncGroupResponse extends Value<typeof syncGroupResponse> {}

/** What a version brought that handlers must know. */
const means = { staticMembers: 3, protocolTypes: 5 } as const

export const SyncGroup = defineApi<SyncGroupRequest, SyncGroupResponse, keyof typeof means>({
  key: 14,
  name: 'SyncGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  listeners: ['broker'],
  request: syncGroupRequest,
  response: syncGroupResponse,
  means,
})
