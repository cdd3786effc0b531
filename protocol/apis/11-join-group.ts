// JoinGroup: a member joins a classic group or its next generation. Member ids first from v4 (KIP-394),
// static members from v5 (KIP-345).

import { defineApi } from '../schema/message.ts'
import { array, bool, bytes, int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const joinGroupRequestProtocol = struct({
  name: string.key(),
  metadata: bytes,
})
export interface JoinGroupRequestProtocol extends Value<typeof joinGroupRequestProtocol> {}

const joinGroupRequest = struct({
  groupId: string.entity('groupId'),
  sessionTimeoutMs: int32,
  rebalanceTimeoutMs: int32.since(1).default(-1).ignorable(),
  memberId: string,
  groupInstanceId: string.since(5).nullable().default(null),
  protocolType: string,
  protocols: array<JoinGroupRequestProtocol>(joinGroupRequestProtocol),
  reason: string.since(8).nullable().default(null).ignorable(),
})
export interface JoinGroupRequest extends Value<typeof joinGroupRequest> {}

const joinGroupResponseMember = struct({
  memberId: string,
  groupInstanceId: string.since(5).nullable().default(null).ignorable(),
  metadata: bytes,
})
export interface JoinGroupResponseMember extends Value<typeof joinGroupResponseMember> {}

const joinGroupResponse = struct({
  throttleTimeMs: int32.since(2).ignorable(),
  errorCode: int16,
  generationId: int32.default(-1),
  protocolType: string.since(7).nullable().default(null).ignorable(),
  protocolName: string.nullable(7),
  leader: string,
  skipAssignment: bool.since(9),
  memberId: string,
  members: array<JoinGroupResponseMember>(joinGroupResponseMember),
})
export interface JoinGroupResponse extends Value<typeof joinGroupResponse> {}

/** What a version brought that handlers must know. */
const means = {
  memberIdRequired: 4,
  staticMembers: 5,
  protocolTypes: 7,
  reasons: 8,
  skipsAssignment: 9,
} as const

/** v0 has one timeout for both. */
function upgrade(request: JoinGroupRequest, version: number): void {
  if (version === 0) request.rebalanceTimeoutMs = request.sessionTimeoutMs
}

/** "No protocol" is empty before v7 and null from there. */
function downgrade(response: JoinGroupResponse, version: number): void {
  if (version < means.protocolTypes) response.protocolName ??= ''
  else if (response.protocolName === '') response.protocolName = null
  if (version < means.skipsAssignment) response.skipAssignment = false
}

export const JoinGroup = defineApi<JoinGroupRequest, JoinGroupResponse, keyof typeof means>({
  key: 11,
  name: 'JoinGroup',
  versions: [0, 9],
  flexibleFrom: 6,
  listeners: ['broker'],
  request: joinGroupRequest,
  response: joinGroupResponse,
  means,
  upgrade,
  downgrade,
})
