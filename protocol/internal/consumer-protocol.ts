// What consumers of a classic group tell each other through the coordinator: subscriptions in JoinGroup,
// assignments in SyncGroup (KIP-429, KIP-792, KIP-881). An int16 version stands before the message; readers
// take a version newer than theirs as their newest.

import { defineMessage } from '../schema/message.ts'
import { array, bytes, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const consumerProtocolSubscriptionTopicPartition = struct({
  topic: string.entity('topicName').key(),
  partitions: array(int32),
})
export interface ConsumerProtocolSubscriptionTopicPartition
  extends Value<typeof consumerProtocolSubscriptionTopicPartition> {}

const consumerProtocolSubscription = struct({
  topics: array(string),
  userData: bytes.nullable().default(null),
  ownedPartitions: array<ConsumerProtocolSubscriptionTopicPartition>(
    consumerProtocolSubscriptionTopicPartition,
  )
    .since(1)
    .ignorable(),
  generationId: int32.since(2).default(-1).ignorable(),
  rackId: string.since(3).nullable().default(null).ignorable(),
})
export interface ConsumerProtocolSubscription extends Value<typeof consumerProtocolSubscription> {}

export const ConsumerProtocolSubscription = defineMessage<ConsumerProtocolSubscription>({
  name: 'ConsumerProtocolSubscription',
  versions: [0, 3],
  fields: consumerProtocolSubscription,
})

const consumerProtocolAssignmentTopicPartition = struct({
  topic: string.entity('topicName').key(),
  partitions: array(int32),
})
export interface ConsumerProtocolAssignmentTopicPartition
  extends Value<typeof consumerProtocolAssignmentTopicPartition> {}

const consumerProtocolAssignment = struct({
  assignedPartitions: array<ConsumerProtocolAssignmentTopicPartition>(
    consumerProtocolAssignmentTopicPartition,
  ),
  userData: bytes.nullable().default(null),
})
export interface ConsumerProtocolAssignment extends Value<typeof consumerProtocolAssignment> {}

export const ConsumerProtocolAssignment = defineMessage<ConsumerProtocolAssignment>({
  name: 'ConsumerProtocolAssignment',
  versions: [0, 3],
  fields: consumerProtocolAssignment,
})
