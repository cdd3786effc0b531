// ConsumerGroupHeartbeat: the one request of a consumer group's members: join, assignment, leave (KIP-848).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, one, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const consumerGroupHeartbeatRequestTopicPartitions = struct({
  topicId: uuid,
  partitions: array(int32),
})
export interface ConsumerGroupHeartbeatRequestTopicPartitions
  extends Value<typeof consumerGroupHeartbeatRequestTopicPartitions> {}

const consumerGroupHeartbeatRequest = struct({
  groupId: string.entity('groupId'),
  memberId: string,
  memberEpoch: int32,
  instanceId: string.nullable().default(null),
  rackId: string.nullable().default(null),
  rebalanceTimeoutMs: int32.default(-1),
  subscribedTopicNames: array(string).nullable().default(null).entity('topicName'),
  subscribedTopicRegex: string.since(1).nullable().default(null),
  serverAssignor: string.nullable().default(null),
  topicPartitions: array<ConsumerGroupHeartbeatRequestTopicPartitions>(
    consumerGroupHeartbeatRequestTopicPartitions,
  )
    .nullable()
    .default(null),
})
export interface ConsumerGroupHeartbeatRequest extends Value<typeof consumerGroupHeartbeatRequest> {}

const consumerGroupHeartbeatResponseTopicPartitions = struct({
  topicId: uuid,
  partitions: array(int32),
})
export interface ConsumerGroupHeartbeatResponseTopicPartitions
  extends Value<typeof consumerGroupHeartbeatResponseTopicPartitions> {}

const consumerGroupHeartbeatAssignment = struct({
  topicPartitions: array<ConsumerGroupHeartbeatResponseTopicPartitions>(
    consumerGroupHeartbeatResponseTopicPartitions,
  ),
})
export interface ConsumerGroupHeartbeatAssignment extends Value<typeof consumerGroupHeartbeatAssignment> {}

const consumerGroupHeartbeatResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  memberId: string.nullable().default(null),
  memberEpoch: int32,
  heartbeatIntervalMs: int32,
  assignment: one<ConsumerGroupHeartbeatAssignment>(consumerGroupHeartbeatAssignment)
    .nullable()
    .default(null),
})
export interface ConsumerGroupHeartbeatResponse extends Value<typeof consumerGroupHeartbeatResponse> {}

/** What a version brought that handlers must know. */
const means = { clientMemberIds: 1 } as const

export const ConsumerGroupHeartbeat = defineApi<
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
  keyof typeof means
>({
  key: 68,
  name: 'ConsumerGroupHeartbeat',
  versions: [0, 1],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: consumerGroupHeartbeatRequest,
  response: consumerGroupHeartbeatResponse,
  means,
})
