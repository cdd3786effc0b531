// Records of `__consumer_offsets`: classic groups, committed offsets and consumer groups (KIP-848). A key
// starts with its type as an int16 (0 and 1 offsets, 2 classic groups, 3 and up the newer groups), then the
// message at version 0; a value starts with its version as an int16.

import { defineMessage } from '../schema/message.ts'
import {
  array,
  bytes,
  int32,
  int64,
  int8,
  one,
  string,
  struct,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'

const legacyOffsetCommitKey = struct({
  group: string,
  topic: string,
  partition: int32,
})
export interface LegacyOffsetCommitKey extends Value<typeof legacyOffsetCommitKey> {}

export const LegacyOffsetCommitKey = defineMessage<LegacyOffsetCommitKey>({
  name: 'LegacyOffsetCommitKey',
  apiKey: 0,
  versions: [0, 0],
  fields: legacyOffsetCommitKey,
})

const legacyOffsetCommitValue = struct({
  offset: int64,
  metadata: string,
  commitTimestamp: int64,
})
export interface LegacyOffsetCommitValue extends Value<typeof legacyOffsetCommitValue> {}

export const LegacyOffsetCommitValue = defineMessage<LegacyOffsetCommitValue>({
  name: 'LegacyOffsetCommitValue',
  apiKey: 0,
  versions: [0, 0],
  fields: legacyOffsetCommitValue,
})

const offsetCommitKey = struct({
  group: string,
  topic: string,
  partition: int32,
})
export interface OffsetCommitKey extends Value<typeof offsetCommitKey> {}

export const OffsetCommitKey = defineMessage<OffsetCommitKey>({
  name: 'OffsetCommitKey',
  apiKey: 1,
  versions: [0, 0],
  fields: offsetCommitKey,
})

const offsetCommitValue = struct({
  offset: int64,
  leaderEpoch: int32.since(3).default(-1).ignorable(),
  metadata: string,
  commitTimestamp: int64,
  expireTimestamp: int64.since(1).until(1).default(-1n).ignorable(),
  topicId: uuid.since(4).tag(0).ignorable(),
})
export interface OffsetCommitValue extends Value<typeof offsetCommitValue> {}

export const OffsetCommitValue = defineMessage<OffsetCommitValue>({
  name: 'OffsetCommitValue',
  apiKey: 1,
  versions: [0, 4],
  flexibleFrom: 4,
  fields: offsetCommitValue,
})

const groupMetadataKey = struct({
  group: string,
})
export interface GroupMetadataKey extends Value<typeof groupMetadataKey> {}

export const GroupMetadataKey = defineMessage<GroupMetadataKey>({
  name: 'GroupMetadataKey',
  apiKey: 2,
  versions: [0, 0],
  fields: groupMetadataKey,
})

const memberMetadata = struct({
  memberId: string,
  groupInstanceId: string.since(3).nullable().default(null).ignorable(),
  clientId: string,
  clientHost: string,
  rebalanceTimeout: int32.since(1).default(-1).ignorable(),
  sessionTimeout: int32,
  subscription: bytes,
  assignment: bytes,
})
export interface MemberMetadata extends Value<typeof memberMetadata> {}

const groupMetadataValue = struct({
  protocolType: string,
  generation: int32,
  protocol: string.nullable(),
  leader: string.nullable(),
  currentStateTimestamp: int64.since(2).default(-1n).ignorable(),
  members: array<MemberMetadata>(memberMetadata),
})
export interface GroupMetadataValue extends Value<typeof groupMetadataValue> {}

export const GroupMetadataValue = defineMessage<GroupMetadataValue>({
  name: 'GroupMetadataValue',
  apiKey: 2,
  versions: [0, 4],
  flexibleFrom: 4,
  fields: groupMetadataValue,
})

const consumerGroupMetadataKey = struct({
  groupId: string,
})
export interface ConsumerGroupMetadataKey extends Value<typeof consumerGroupMetadataKey> {}

export const ConsumerGroupMetadataKey = defineMessage<ConsumerGroupMetadataKey>({
  name: 'ConsumerGroupMetadataKey',
  apiKey: 3,
  versions: [0, 0],
  fields: consumerGroupMetadataKey,
})

const consumerGroupMetadataValue = struct({
  epoch: int32,
  metadataHash: int64.tag(0),
})
export interface ConsumerGroupMetadataValue extends Value<typeof consumerGroupMetadataValue> {}

export const ConsumerGroupMetadataValue = defineMessage<ConsumerGroupMetadataValue>({
  name: 'ConsumerGroupMetadataValue',
  apiKey: 3,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: consumerGroupMetadataValue,
})

const consumerGroupPartitionMetadataKey = struct({
  groupId: string,
})
export interface ConsumerGroupPartitionMetadataKey extends Value<typeof consumerGroupPartitionMetadataKey> {}

export const ConsumerGroupPartitionMetadataKey = defineMessage<ConsumerGroupPartitionMetadataKey>({
  name: 'ConsumerGroupPartitionMetadataKey',
  apiKey: 4,
  versions: [0, 0],
  fields: consumerGroupPartitionMetadataKey,
})

const partitionMetadata = struct({
  partition: int32,
  racks: array(string),
})
export interface PartitionMetadata extends Value<typeof partitionMetadata> {}

const topicMetadata = struct({
  topicId: uuid,
  topicName: string,
  numPartitions: int32,
  partitionMetadata: array<PartitionMetadata>(partitionMetadata),
})
export interface TopicMetadata extends Value<typeof topicMetadata> {}

const consumerGroupPartitionMetadataValue = struct({
  topics: array<TopicMetadata>(topicMetadata),
})
export interface ConsumerGroupPartitionMetadataValue
  extends Value<typeof consumerGroupPartitionMetadataValue> {}

export const ConsumerGroupPartitionMetadataValue = defineMessage<ConsumerGroupPartitionMetadataValue>({
  name: 'ConsumerGroupPartitionMetadataValue',
  apiKey: 4,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: consumerGroupPartitionMetadataValue,
})

const consumerGroupMemberMetadataKey = struct({
  groupId: string,
  memberId: string,
})
export interface ConsumerGroupMemberMetadataKey extends Value<typeof consumerGroupMemberMetadataKey> {}

export const ConsumerGroupMemberMetadataKey = defineMessage<ConsumerGroupMemberMetadataKey>({
  name: 'ConsumerGroupMemberMetadataKey',
  apiKey: 5,
  versions: [0, 0],
  fields: consumerGroupMemberMetadataKey,
})

const classicProtocol = struct({
  name: string,
  metadata: bytes,
})
export interface ClassicProtocol extends Value<typeof classicProtocol> {}

const classicMemberMetadata = struct({
  sessionTimeoutMs: int32,
  supportedProtocols: array<ClassicProtocol>(classicProtocol),
})
export interface ClassicMemberMetadata extends Value<typeof classicMemberMetadata> {}

const consumerGroupMemberMetadataValue = struct({
  instanceId: string.nullable(),
  rackId: string.nullable(),
  clientId: string,
  clientHost: string,
  subscribedTopicNames: array(string),
  subscribedTopicRegex: string.nullable(),
  rebalanceTimeoutMs: int32.default(-1),
  serverAssignor: string.nullable(),
  classicMemberMetadata: one<ClassicMemberMetadata>(classicMemberMetadata).nullable().tag(0),
})
export interface ConsumerGroupMemberMetadataValue extends Value<typeof consumerGroupMemberMetadataValue> {}

export const ConsumerGroupMemberMetadataValue = defineMessage<ConsumerGroupMemberMetadataValue>({
  name: 'ConsumerGroupMemberMetadataValue',
  apiKey: 5,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: consumerGroupMemberMetadataValue,
})

const consumerGroupTargetAssignmentMetadataKey = struct({
  groupId: string,
})
export interface ConsumerGroupTargetAssignmentMetadataKey
  extends Value<typeof consumerGroupTargetAssignmentMetadataKey> {}

export const ConsumerGroupTargetAssignmentMetadataKey =
  defineMessage<ConsumerGroupTargetAssignmentMetadataKey>({
    name: 'ConsumerGroupTargetAssignmentMetadataKey',
    apiKey: 6,
    versions: [0, 0],
    fields: consumerGroupTargetAssignmentMetadataKey,
  })

const consumerGroupTargetAssignmentMetadataValue = struct({
  assignmentEpoch: int32,
  assignmentTimestamp: int64.tag(0).ignorable(),
})
export interface ConsumerGroupTargetAssignmentMetadataValue
  extends Value<typeof consumerGroupTargetAssignmentMetadataValue> {}

export const ConsumerGroupTargetAssignmentMetadataValue =
  defineMessage<ConsumerGroupTargetAssignmentMetadataValue>({
    name: 'ConsumerGroupTargetAssignmentMetadataValue',
    apiKey: 6,
    versions: [0, 0],
    flexibleFrom: 0,
    fields: consumerGroupTargetAssignmentMetadataValue,
  })

const consumerGroupTargetAssignmentMemberKey = struct({
  groupId: string,
  memberId: string,
})
export interface ConsumerGroupTargetAssignmentMemberKey
  extends Value<typeof consumerGroupTargetAssignmentMemberKey> {}

export const ConsumerGroupTargetAssignmentMemberKey = defineMessage<ConsumerGroupTargetAssignmentMemberKey>({
  name: 'ConsumerGroupTargetAssignmentMemberKey',
  apiKey: 7,
  versions: [0, 0],
  fields: consumerGroupTargetAssignmentMemberKey,
})

const consumerGroupTargetAssignmentMemberValueTopicPartition = struct({
  topicId: uuid,
  partitions: array(int32),
})
export interface ConsumerGroupTargetAssignmentMemberValueTopicPartition
  extends Value<typeof consumerGroupTargetAssignmentMemberValueTopicPartition> {}

const consumerGroupTargetAssignmentMemberValue = struct({
  topicPartitions: array<ConsumerGroupTargetAssignmentMemberValueTopicPartition>(
    consumerGroupTargetAssignmentMemberValueTopicPartition,
  ),
})
export interface ConsumerGroupTargetAssignmentMemberValue
  extends Value<typeof consumerGroupTargetAssignmentMemberValue> {}

export const ConsumerGroupTargetAssignmentMemberValue =
  defineMessage<ConsumerGroupTargetAssignmentMemberValue>({
    name: 'ConsumerGroupTargetAssignmentMemberValue',
    apiKey: 7,
    versions: [0, 0],
    flexibleFrom: 0,
    fields: consumerGroupTargetAssignmentMemberValue,
  })

const consumerGroupCurrentMemberAssignmentKey = struct({
  groupId: string,
  memberId: string,
})
export interface ConsumerGroupCurrentMemberAssignmentKey
  extends Value<typeof consumerGroupCurrentMemberAssignmentKey> {}

export const ConsumerGroupCurrentMemberAssignmentKey = defineMessage<ConsumerGroupCurrentMemberAssignmentKey>(
  {
    name: 'ConsumerGroupCurrentMemberAssignmentKey',
    apiKey: 8,
    versions: [0, 0],
    fields: consumerGroupCurrentMemberAssignmentKey,
  },
)

const consumerGroupCurrentMemberAssignmentValueTopicPartitions = struct({
  topicId: uuid,
  partitions: array(int32),
  assignmentEpochs: array(int32).nullable().tag(0),
})
export interface ConsumerGroupCurrentMemberAssignmentValueTopicPartitions
  extends Value<typeof consumerGroupCurrentMemberAssignmentValueTopicPartitions> {}

const consumerGroupCurrentMemberAssignmentValue = struct({
  memberEpoch: int32,
  previousMemberEpoch: int32,
  state: int8,
  assignedPartitions: array<ConsumerGroupCurrentMemberAssignmentValueTopicPartitions>(
    consumerGroupCurrentMemberAssignmentValueTopicPartitions,
  ),
  partitionsPendingRevocation: array<ConsumerGroupCurrentMemberAssignmentValueTopicPartitions>(
    consumerGroupCurrentMemberAssignmentValueTopicPartitions,
  ),
})
export interface ConsumerGroupCurrentMemberAssignmentValue
  extends Value<typeof consumerGroupCurrentMemberAssignmentValue> {}

export const ConsumerGroupCurrentMemberAssignmentValue =
  defineMessage<ConsumerGroupCurrentMemberAssignmentValue>({
    name: 'ConsumerGroupCurrentMemberAssignmentValue',
    apiKey: 8,
    versions: [0, 0],
    flexibleFrom: 0,
    fields: consumerGroupCurrentMemberAssignmentValue,
  })

const consumerGroupRegularExpressionKey = struct({
  groupId: string,
  regularExpression: string,
})
export interface ConsumerGroupRegularExpressionKey extends Value<typeof consumerGroupRegularExpressionKey> {}

export const ConsumerGroupRegularExpressionKey = defineMessage<ConsumerGroupRegularExpressionKey>({
  name: 'ConsumerGroupRegularExpressionKey',
  apiKey: 16,
  versions: [0, 0],
  fields: consumerGroupRegularExpressionKey,
})

const consumerGroupRegularExpressionValue = struct({
  topics: array(string),
  version: int64,
  timestamp: int64,
})
export interface ConsumerGroupRegularExpressionValue
  extends Value<typeof consumerGroupRegularExpressionValue> {}

export const ConsumerGroupRegularExpressionValue = defineMessage<ConsumerGroupRegularExpressionValue>({
  name: 'ConsumerGroupRegularExpressionValue',
  apiKey: 16,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: consumerGroupRegularExpressionValue,
})
