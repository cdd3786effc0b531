// ShareGroupHeartbeat: the one request of a share group's members: join, assignment, leave (KIP-932).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, one, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const shareGroupHeartbeatRequest = struct({
  groupId: string.entity('groupId'),
  memberId: string,
  memberEpoch: int32,
  rackId: string.nullable().default(null),
  subscribedTopicNames: array(string).nullable().default(null).entity('topicName'),
})
export interface ShareGroupHeartbeatRequest extends Value<typeof shareGroupHeartbeatRequest> {}

const shareGroupHeartbeatTopicPartitions = struct({
  topicId: uuid,
  partitions: array(int32),
})
export interface ShareGroupHeartbeatTopicPartitions
  extends Value<typeof shareGroupHeartbeatTopicPartitions> {}

const shareGroupHeartbeatAssignment = struct({
  topicPartitions: array<ShareGroupHeartbeatTopicPartitions>(shareGroupHeartbeatTopicPartitions),
})
export interface ShareGroupHeartbeatAssignment extends Value<typeof shareGroupHeartbeatAssignment> {}

const shareGroupHeartbeatResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  memberId: string.nullable().default(null),
  memberEpoch: int32,
  heartbeatIntervalMs: int32,
  assignment: one<ShareGroupHeartbeatAssignment>(shareGroupHeartbeatAssignment).nullable().default(null),
})
export interface ShareGroupHeartbeatResponse extends Value<typeof shareGroupHeartbeatResponse> {}

export const ShareGroupHeartbeat = defineApi<ShareGroupHeartbeatRequest, ShareGroupHeartbeatResponse>({
  key: 76,
  name: 'ShareGroupHeartbeat',
  versions: [1, 1],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: shareGroupHeartbeatRequest,
  response: shareGroupHeartbeatResponse,
})
