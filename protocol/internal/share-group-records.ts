// Records of `__consumer_offsets` that hold share groups (KIP-932). Framed as in group-records.ts.

import { defineMessage } from '../schema/message.ts'
import { array, int32, int64, int8, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const shareGroupMemberMetadataKey = struct({
  groupId: string,
  memberId: string,
})
export interface ShareGroupMemberMetadataKey extends Value<typeof shareGroupMemberMetadataKey> {}

export const ShareGroupMemberMetadataKey = defineMessage<ShareGroupMemberMetadataKey>({
  name: 'ShareGroupMemberMetadataKey',
  apiKey: 10,
  versions: [0, 0],
  fields: shareGroupMemberMetadataKey,
})

const shareGroupMemberMetadataValue = struct({
  rackId: string.nullable(),
  clientId: string,
  clientHost: string,
  subscribedTopicNames: array(string),
})
export interface ShareGroupMemberMetadataValue extends Value<typeof shareGroupMemberMetadataValue> {}

export const ShareGroupMemberMetadataValue = defineMessage<ShareGroupMemberMetadataValue>({
  name: 'ShareGroupMemberMetadataValue',
  apiKey: 10,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: shareGroupMemberMetadataValue,
})

const shareGroupMetadataKey = struct({
  groupId: string,
})
export interface ShareGroupMetadataKey extends Value<typeof shareGroupMetadataKey> {}

export const ShareGroupMetadataKey = defineMessage<ShareGroupMetadataKey>({
  name: 'ShareGroupMetadataKey',
  apiKey: 11,
  versions: [0, 0],
  fields: shareGroupMetadataKey,
})

const shareGroupMetadataValue = struct({
  epoch: int32,
  metadataHash: int64,
})
export interface ShareGroupMetadataValue extends Value<typeof shareGroupMetadataValue> {}

export const ShareGroupMetadataValue = defineMessage<ShareGroupMetadataValue>({
  name: 'ShareGroupMetadataValue',
  apiKey: 11,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: shareGroupMetadataValue,
})

const shareGroupTargetAssignmentMetadataKey = struct({
  groupId: string,
})
export interface ShareGroupTargetAssignmentMetadataKey
  extends Value<typeof shareGroupTargetAssignmentMetadataKey> {}

export const ShareGroupTargetAssignmentMetadataKey = defineMessage<ShareGroupTargetAssignmentMetadataKey>({
  name: 'ShareGroupTargetAssignmentMetadataKey',
  apiKey: 12,
  versions: [0, 0],
  fields: shareGroupTargetAssignmentMetadataKey,
})

const shareGroupTargetAssignmentMetadataValue = struct({
  assignmentEpoch: int32,
  assignmentTimestamp: int64.tag(0).ignorable(),
})
export interface ShareGroupTargetAssignmentMetadataValue
  extends Value<typeof shareGroupTargetAssignmentMetadataValue> {}

export const ShareGroupTargetAssignmentMetadataValue = defineMessage<ShareGroupTargetAssignmentMetadataValue>(
  {
    name: 'ShareGroupTargetAssignmentMetadataValue',
    apiKey: 12,
    versions: [0, 0],
    flexibleFrom: 0,
    fields: shareGroupTargetAssignmentMetadataValue,
  },
)

const shareGroupTargetAssignmentMemberKey = struct({
  groupId: string,
  memberId: string,
})
export interface ShareGroupTargetAssignmentMemberKey
  extends Value<typeof shareGroupTargetAssignmentMemberKey> {}

export const ShareGroupTargetAssignmentMemberKey = defineMessage<ShareGroupTargetAssignmentMemberKey>({
  name: 'ShareGroupTargetAssignmentMemberKey',
  apiKey: 13,
  versions: [0, 0],
  fields: shareGroupTargetAssignmentMemberKey,
})

const shareGroupTargetAssignmentMemberValueTopicPartition = struct({
  topicId: uuid,
  partitions: array(int32),
})
export interface ShareGroupTargetAssignmentMemberValueTopicPartition
  extends Value<typeof shareGroupTargetAssignmentMemberValueTopicPartition> {}

const shareGroupTargetAssignmentMemberValue = struct({
  topicPartitions: array<ShareGroupTargetAssignmentMemberValueTopicPartition>(
    shareGroupTargetAssignmentMemberValueTopicPartition,
  ),
})
export interface ShareGroupTargetAssignmentMemberValue
  extends Value<typeof shareGroupTargetAssignmentMemberValue> {}

export const ShareGroupTargetAssignmentMemberValue = defineMessage<ShareGroupTargetAssignmentMemberValue>({
  name: 'ShareGroupTargetAssignmentMemberValue',
  apiKey: 13,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: shareGroupTargetAssignmentMemberValue,
})

const shareGroupCurrentMemberAssignmentKey = struct({
  groupId: string,
  memberId: string,
})
export interface ShareGroupCurrentMemberAssignmentKey
  extends Value<typeof shareGroupCurrentMemberAssignmentKey> {}

export const ShareGroupCurrentMemberAssignmentKey = defineMessage<ShareGroupCurrentMemberAssignmentKey>({
  name: 'ShareGroupCurrentMemberAssignmentKey',
  apiKey: 14,
  versions: [0, 0],
  fields: shareGroupCurrentMemberAssignmentKey,
})

const shareGroupCurrentMemberAssignmentValueTopicPartitions = struct({
  topicId: uuid,
  partitions: array(int32),
})
export interface ShareGroupCurrentMemberAssignmentValueTopicPartitions
  extends Value<typeof shareGroupCurrentMemberAssignmentValueTopicPartitions> {}

const shareGroupCurrentMemberAssignmentValue = struct({
  memberEpoch: int32,
  previousMemberEpoch: int32,
  state: int8,
  assignedPartitions: array<ShareGroupCurrentMemberAssignmentValueTopicPartitions>(
    shareGroupCurrentMemberAssignmentValueTopicPartitions,
  ),
})
export interface ShareGroupCurrentMemberAssignmentValue
  extends Value<typeof shareGroupCurrentMemberAssignmentValue> {}

export const ShareGroupCurrentMemberAssignmentValue = defineMessage<ShareGroupCurrentMemberAssignmentValue>({
  name: 'ShareGroupCurrentMemberAssignmentValue',
  apiKey: 14,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: shareGroupCurrentMemberAssignmentValue,
})

const shareGroupStatePartitionMetadataKey = struct({
  groupId: string,
})
export interface ShareGroupStatePartitionMetadataKey
  extends Value<typeof shareGroupStatePartitionMetadataKey> {}

export const ShareGroupStatePartitionMetadataKey = defineMessage<ShareGroupStatePartitionMetadataKey>({
  name: 'ShareGroupStatePartitionMetadataKey',
  apiKey: 15,
  versions: [0, 0],
  fields: shareGroupStatePartitionMetadataKey,
})

const topicPartitionsInfo = struct({
  topicId: uuid,
  topicName: string,
  partitions: array(int32),
})
export interface TopicPartitionsInfo extends Value<typeof topicPartitionsInfo> {}

const shareGroupStatePartitionMetadataValueTopicInfo = struct({
  topicId: uuid,
  topicName: string,
})
export interface ShareGroupStatePartitionMetadataValueTopicInfo
  extends Value<typeof shareGroupStatePartitionMetadataValueTopicInfo> {}

const shareGroupStatePartitionMetadataValue = struct({
  initializingTopics: array<TopicPartitionsInfo>(topicPartitionsInfo),
  initializedTopics: array<TopicPartitionsInfo>(topicPartitionsInfo),
  deletingTopics: array<ShareGroupStatePartitionMetadataValueTopicInfo>(
    shareGroupStatePartitionMetadataValueTopicInfo,
  ),
})
export interface ShareGroupStatePartitionMetadataValue
  extends Value<typeof shareGroupStatePartitionMetadataValue> {}

export const ShareGroupStatePartitionMetadataValue = defineMessage<ShareGroupStatePartitionMetadataValue>({
  name: 'ShareGroupStatePartitionMetadataValue',
  apiKey: 15,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: shareGroupStatePartitionMetadataValue,
})
