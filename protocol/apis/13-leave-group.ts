// LeaveGroup: members leave a classic group; several at once from v3 (KIP-345).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, string, struct, type Value, type Wire } from '../schema/vocabulary.ts'

const memberIdentity = struct({
  memberId: string,
  groupInstanceId: string.nullable().default(null),
  reason: string.since(5).nullable().default(null).ignorable(),
})
export interface MemberIdentity extends Value<typeof memberIdentity> {}

const leaveGroupRequest = struct({
  groupId: string.entity('groupId'),
  memberId: string.until(2).legacy(),
  members: array<MemberIdentity>(memberIdentity).since(3),
})
export interface LeaveGroupRequest extends Value<typeof leaveGroupRequest> {}

const memberResponse = struct({
  memberId: string,
  groupInstanceId: string.nullable(),
  errorCode: int16,
})
export interface MemberResponse extends Value<typeof memberResponse> {}

const leaveGroupResponse = struct({
  throttleTimeMs: int32.since(1).ignorable(),
  errorCode: int16,
  members: array<MemberResponse>(memberResponse).since(3),
})
export interface LeaveGroupResponse extends Value<typeof leaveGroupResponse> {}

/** What a version brought that handlers must know. */
const means = { batches: 3, reasons: 5 } as const

/** Before v3 one member leaves: a batch of one. */
function upgrade(request: Wire<typeof leaveGroupRequest>, version: number): void {
  if (version < means.batches) {
    request.members = [{ memberId: request.memberId, groupInstanceId: null, reason: null }]
  }
}

function downgrade(response: LeaveGroupResponse, version: number): void {
  if (version >= means.batches) return
  if (response.errorCode === 0) response.errorCode = response.members[0]?.errorCode ?? 0
  response.members = []
}

export const LeaveGroup = defineApi<LeaveGroupRequest, LeaveGroupResponse, keyof typeof means>({
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  listeners: ['broker'],
  request: leaveGroupRequest,
  response: leaveGroupResponse,
  means,
  upgrade,
  downgrade,
})
