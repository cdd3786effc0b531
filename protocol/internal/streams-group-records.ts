// Records of `__consumer_offsets` that hold streams groups (KIP-1071). Framed as in group-records.ts.

import { defineMessage } from '../schema/message.ts'
import {
  array,
  int16,
  int32,
  int64,
  int8,
  one,
  string,
  struct,
  uint16,
  type Value,
} from '../schema/vocabulary.ts'

const streamsGroupMetadataKey = struct({
  groupId: string,
})
export interface StreamsGroupMetadataKey extends Value<typeof streamsGroupMetadataKey> {}

export const StreamsGroupMetadataKey = defineMessage<StreamsGroupMetadataKey>({
  name: 'StreamsGroupMetadataKey',
  apiKey: 17,
  versions: [0, 0],
  fields: streamsGroupMetadataKey,
})

const lastAssignmentConfig = struct({
  key: string,
  value: string,
})
export interface LastAssignmentConfig extends Value<typeof lastAssignmentConfig> {}

const streamsGroupMetadataValue = struct({
  epoch: int32,
  metadataHash: int64,
  validatedTopologyEpoch: int32.default(-1).tag(0),
  lastAssignmentConfigs: array<LastAssignmentConfig>(lastAssignmentConfig).nullable().tag(1),
})
export interface StreamsGroupMetadataValue extends Value<typeof streamsGroupMetadataValue> {}

export const StreamsGroupMetadataValue = defineMessage<StreamsGroupMetadataValue>({
  name: 'StreamsGroupMetadataValue',
  apiKey: 17,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: streamsGroupMetadataValue,
})

const streamsGroupMemberMetadataKey = struct({
  groupId: string,
  memberId: string,
})
export interface StreamsGroupMemberMetadataKey extends Value<typeof streamsGroupMemberMetadataKey> {}

export const StreamsGroupMemberMetadataKey = defineMessage<StreamsGroupMemberMetadataKey>({
  name: 'StreamsGroupMemberMetadataKey',
  apiKey: 19,
  versions: [0, 0],
  fields: streamsGroupMemberMetadataKey,
})

const streamsGroupMemberMetadataValueEndpoint = struct({
  host: string,
  port: uint16,
})
export interface StreamsGroupMemberMetadataValueEndpoint
  extends Value<typeof streamsGroupMemberMetadataValueEndpoint> {}

const streamsGroupMemberMetadataValueKeyValue = struct({
  key: string,
  value: string,
})
export interface StreamsGroupMemberMetadataValueKeyValue
  extends Value<typeof streamsGroupMemberMetadataValueKeyValue> {}

const streamsGroupMemberMetadataValue = struct({
  instanceId: string.nullable(),
  rackId: string.nullable(),
  clientId: string,
  clientHost: string,
  rebalanceTimeoutMs: int32.default(-1),
  topologyEpoch: int32,
  processId: string,
  userEndpoint: one<StreamsGroupMemberMetadataValueEndpoint>(streamsGroupMemberMetadataValueEndpoint)
    .nullable()
    .default(null),
  clientTags: array<StreamsGroupMemberMetadataValueKeyValue>(streamsGroupMemberMetadataValueKeyValue),
})
export interface StreamsGroupMemberMetadataValue extends Value<typeof streamsGroupMemberMetadataValue> {}

export const StreamsGroupMemberMetadataValue = defineMessage<StreamsGroupMemberMetadataValue>({
  name: 'StreamsGroupMemberMetadataValue',
  apiKey: 19,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: streamsGroupMemberMetadataValue,
})

const streamsGroupTargetAssignmentMetadataKey = struct({
  groupId: string,
})
export interface StreamsGroupTargetAssignmentMetadataKey
  extends Value<typeof streamsGroupTargetAssignmentMetadataKey> {}

export const StreamsGroupTargetAssignmentMetadataKey = defineMessage<StreamsGroupTargetAssignmentMetadataKey>(
  {
    name: 'StreamsGroupTargetAssignmentMetadataKey',
    apiKey: 20,
    versions: [0, 0],
    fields: streamsGroupTargetAssignmentMetadataKey,
  },
)

const streamsGroupTargetAssignmentMetadataValue = struct({
  assignmentEpoch: int32,
  assignmentTimestamp: int64.tag(0).ignorable(),
})
export interface StreamsGroupTargetAssignmentMetadataValue
  extends Value<typeof streamsGroupTargetAssignmentMetadataValue> {}

export const StreamsGroupTargetAssignmentMetadataValue =
  defineMessage<StreamsGroupTargetAssignmentMetadataValue>({
    name: 'StreamsGroupTargetAssignmentMetadataValue',
    apiKey: 20,
    versions: [0, 0],
    flexibleFrom: 0,
    fields: streamsGroupTargetAssignmentMetadataValue,
  })

const streamsGroupTargetAssignmentMemberKey = struct({
  groupId: string,
  memberId: string,
})
export interface StreamsGroupTargetAssignmentMemberKey
  extends Value<typeof streamsGroupTargetAssignmentMemberKey> {}

export const StreamsGroupTargetAssignmentMemberKey = defineMessage<StreamsGroupTargetAssignmentMemberKey>({
  name: 'StreamsGroupTargetAssignmentMemberKey',
  apiKey: 21,
  versions: [0, 0],
  fields: streamsGroupTargetAssignmentMemberKey,
})

const streamsGroupTargetAssignmentMemberValueTaskIds = struct({
  subtopologyId: string,
  partitions: array(int32),
})
export interface StreamsGroupTargetAssignmentMemberValueTaskIds
  extends Value<typeof streamsGroupTargetAssignmentMemberValueTaskIds> {}

const streamsGroupTargetAssignmentMemberValue = struct({
  activeTasks: array<StreamsGroupTargetAssignmentMemberValueTaskIds>(
    streamsGroupTargetAssignmentMemberValueTaskIds,
  ),
  standbyTasks: array<StreamsGroupTargetAssignmentMemberValueTaskIds>(
    streamsGroupTargetAssignmentMemberValueTaskIds,
  ),
  warmupTasks: array<StreamsGroupTargetAssignmentMemberValueTaskIds>(
    streamsGroupTargetAssignmentMemberValueTaskIds,
  ),
})
export interface StreamsGroupTargetAssignmentMemberValue
  extends Value<typeof streamsGroupTargetAssignmentMemberValue> {}

export const StreamsGroupTargetAssignmentMemberValue = defineMessage<StreamsGroupTargetAssignmentMemberValue>(
  {
    name: 'StreamsGroupTargetAssignmentMemberValue',
    apiKey: 21,
    versions: [0, 0],
    flexibleFrom: 0,
    fields: streamsGroupTargetAssignmentMemberValue,
  },
)

const streamsGroupCurrentMemberAssignmentKey = struct({
  groupId: string,
  memberId: string,
})
export interface StreamsGroupCurrentMemberAssignmentKey
  extends Value<typeof streamsGroupCurrentMemberAssignmentKey> {}

export const StreamsGroupCurrentMemberAssignmentKey = defineMessage<StreamsGroupCurrentMemberAssignmentKey>({
  name: 'StreamsGroupCurrentMemberAssignmentKey',
  apiKey: 22,
  versions: [0, 0],
  fields: streamsGroupCurrentMemberAssignmentKey,
})

const streamsGroupCurrentMemberAssignmentValueTaskIds = struct({
  subtopologyId: string,
  partitions: array(int32),
  assignmentEpochs: array(int32).nullable().tag(0),
})
export interface StreamsGroupCurrentMemberAssignmentValueTaskIds
  extends Value<typeof streamsGroupCurrentMemberAssignmentValueTaskIds> {}

const streamsGroupCurrentMemberAssignmentValue = struct({
  memberEpoch: int32,
  previousMemberEpoch: int32,
  state: int8,
  activeTasks: array<StreamsGroupCurrentMemberAssignmentValueTaskIds>(
    streamsGroupCurrentMemberAssignmentValueTaskIds,
  ),
  standbyTasks: array<StreamsGroupCurrentMemberAssignmentValueTaskIds>(
    streamsGroupCurrentMemberAssignmentValueTaskIds,
  ),
  warmupTasks: array<StreamsGroupCurrentMemberAssignmentValueTaskIds>(
    streamsGroupCurrentMemberAssignmentValueTaskIds,
  ),
  activeTasksPendingRevocation: array<StreamsGroupCurrentMemberAssignmentValueTaskIds>(
    streamsGroupCurrentMemberAssignmentValueTaskIds,
  ),
  standbyTasksPendingRevocation: array<StreamsGroupCurrentMemberAssignmentValueTaskIds>(
    streamsGroupCurrentMemberAssignmentValueTaskIds,
  ),
  warmupTasksPendingRevocation: array<StreamsGroupCurrentMemberAssignmentValueTaskIds>(
    streamsGroupCurrentMemberAssignmentValueTaskIds,
  ),
})
export interface StreamsGroupCurrentMemberAssignmentValue
  extends Value<typeof streamsGroupCurrentMemberAssignmentValue> {}

export const StreamsGroupCurrentMemberAssignmentValue =
  defineMessage<StreamsGroupCurrentMemberAssignmentValue>({
    name: 'StreamsGroupCurrentMemberAssignmentValue',
    apiKey: 22,
    versions: [0, 0],
    flexibleFrom: 0,
    fields: streamsGroupCurrentMemberAssignmentValue,
  })

const streamsGroupTopologyKey = struct({
  groupId: string,
})
export interface StreamsGroupTopologyKey extends Value<typeof streamsGroupTopologyKey> {}

export const StreamsGroupTopologyKey = defineMessage<StreamsGroupTopologyKey>({
  name: 'StreamsGroupTopologyKey',
  apiKey: 23,
  versions: [0, 0],
  fields: streamsGroupTopologyKey,
})

const topicConfig = struct({
  key: string,
  value: string,
})
export interface TopicConfig extends Value<typeof topicConfig> {}

const streamsGroupTopologyValueTopicInfo = struct({
  name: string,
  partitions: int32,
  replicationFactor: int16,
  topicConfigs: array<TopicConfig>(topicConfig),
})
export interface StreamsGroupTopologyValueTopicInfo
  extends Value<typeof streamsGroupTopologyValueTopicInfo> {}

const streamsGroupTopologyValueCopartitionGroup = struct({
  sourceTopics: array(int16),
  sourceTopicRegex: array(int16),
  repartitionSourceTopics: array(int16),
})
export interface StreamsGroupTopologyValueCopartitionGroup
  extends Value<typeof streamsGroupTopologyValueCopartitionGroup> {}

const streamsGroupTopologyValueSubtopology = struct({
  subtopologyId: string,
  sourceTopics: array(string),
  sourceTopicRegex: array(string),
  stateChangelogTopics: array<StreamsGroupTopologyValueTopicInfo>(streamsGroupTopologyValueTopicInfo),
  repartitionSinkTopics: array(string),
  repartitionSourceTopics: array<StreamsGroupTopologyValueTopicInfo>(streamsGroupTopologyValueTopicInfo),
  copartitionGroups: array<StreamsGroupTopologyValueCopartitionGroup>(
    streamsGroupTopologyValueCopartitionGroup,
  ),
})
export interface StreamsGroupTopologyValueSubtopology
  extends Value<typeof streamsGroupTopologyValueSubtopology> {}

const streamsGroupTopologyValue = struct({
  epoch: int32,
  subtopologies: array<StreamsGroupTopologyValueSubtopology>(streamsGroupTopologyValueSubtopology),
})
export interface StreamsGroupTopologyValue extends Value<typeof streamsGroupTopologyValue> {}

export const StreamsGroupTopologyValue = defineMessage<StreamsGroupTopologyValue>({
  name: 'StreamsGroupTopologyValue',
  apiKey: 23,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: streamsGroupTopologyValue,
})
