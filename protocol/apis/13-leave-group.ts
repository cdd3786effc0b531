// LeaveGroup: members leave a classic group; several at once from v3 (KIP-345).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const memberIdentity = struct({
  memberId: string.since(3),
  groupInstanceId: string.since(3).nullable().default(null),
  reason: string.since(5).nullable().default(null).ignorable(),
})
export interface MemberIdentity extends Value<typeof memberIdentity> {}

const leaveGroupRequest = struct({
  groupId: string.entity('groupId'),
  memberId: string.until(2),
  members: array<MemberIdentity>(memberIdentity).since(3),
})
export interface LeaveGroupRequest extends Value<typeof leaveGroupRequest> {}

const memberResponse = struct({
  memberId: string.since(3),
  groupInstanceId: string.since(3).nullable(),
  errorCode: int16.since(3),
})
export interface MemberResponse extends Value<typeof memberResponse> {}

const leaveGroupResponse = struct({
  throttleTimeMs: int32.since(1).ignorable(),
  errorCode: int16,
  members: array<MemberResponse>(memberResponse).since(3),
})
export interface LeaveGroupResponse extends Value<typeof leaveGroupResponse> {}

export const LeaveGroup = defineApi<LeaveGroupRequest, LeaveGroupResponse>({
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 5],
  flexibleFrom: 4,
  listeners: ['broker'],
  request: leaveGroupRequest,
  response: leaveGroupResponse,
})
