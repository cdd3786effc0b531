// Heartbeat: a member of a classic group is alive.

import { defineApi } from '../schema/message.ts'
import { int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const heartbeatRequest = struct({
  groupId: string.entity('groupId'),
  generationId: int32,
  memberId: string,
  groupInstanceId: string.since(3).nullable().default(null),
})
export interface HeartbeatRequest extends Value<typeof heartbeatRequest> {}

const heartbeatResponse = struct({
  throttleTimeMs: int32.since(1).ignorable(),
  errorCode: int16,
})
export interface HeartbeatResponse extends Value<typeof heartbeatResponse> {}

/** What a version brought that handlers must know. */
const means = { staticMembers: 3 } as const

export const Heartbeat = defineApi<HeartbeatRequest, HeartbeatResponse, keyof typeof means>({
  key: 12,
  name: 'Heartbeat',
  versions: [0, 4],
  flexibleFrom: 4,
  listeners: ['broker'],
  request: heartbeatRequest,
  response: heartbeatResponse,
  means,
})
