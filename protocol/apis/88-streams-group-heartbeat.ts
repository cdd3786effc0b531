// StreamsGroupHeartbeat: the one request of a streams group's members: topology, tasks, leave (KIP-1071).

import { defineApi } from '../schema/message.ts'
import {
  array,
  bool,
  int16,
  int32,
  int8,
  offset,
  one,
  string,
  struct,
  uint16,
  type Value,
} from '../schema/vocabulary.ts'

const streamsGroupHeartbeatKeyValue = struct({
  key: string,
  value: string,
})
export interface StreamsGroupHeartbeatKeyValue extends Value<typeof streamsGroupHeartbeatKeyValue> {}

const streamsGroupHeartbeatTopicInfo = struct({
  name: string.entity('topicName'),
  partitions: int32,
  replicationFactor: int16,
  topicConfigs: array<StreamsGroupHeartbeatKeyValue>(streamsGroupHeartbeatKeyValue),
})
export interface StreamsGroupHeartbeatTopicInfo extends Value<typeof streamsGroupHeartbeatTopicInfo> {}

const streamsGroupHeartbeatCopartitionGroup = struct({
  sourceTopics: array(int16),
  sourceTopicRegex: array(int16),
  repartitionSourceTopics: array(int16),
})
export interface StreamsGroupHeartbeatCopartitionGroup
  extends Value<typeof streamsGroupHeartbeatCopartitionGroup> {}

const streamsGroupHeartbeatSubtopology = struct({
  subtopologyId: string,
  sourceTopics: array(string).entity('topicName'),
  sourceTopicRegex: array(string),
  stateChangelogTopics: array<StreamsGroupHeartbeatTopicInfo>(streamsGroupHeartbeatTopicInfo),
  repartitionSinkTopics: array(string).entity('topicName'),
  repartitionSourceTopics: array<StreamsGroupHeartbeatTopicInfo>(streamsGroupHeartbeatTopicInfo),
  copartitionGroups: array<StreamsGroupHeartbeatCopartitionGroup>(streamsGroupHeartbeatCopartitionGroup),
})
export interface StreamsGroupHeartbeatSubtopology extends Value<typeof streamsGroupHeartbeatSubtopology> {}

const streamsGroupHeartbeatTopology = struct({
  epoch: int32,
  subtopologies: array<StreamsGroupHeartbeatSubtopology>(streamsGroupHeartbeatSubtopology),
})
export interface StreamsGroupHeartbeatTopology extends Value<typeof streamsGroupHeartbeatTopology> {}

const streamsGroupHeartbeatRequestTaskIds = struct({
  subtopologyId: string,
  partitions: array(int32),
})
export interface StreamsGroupHeartbeatRequestTaskIds
  extends Value<typeof streamsGroupHeartbeatRequestTaskIds> {}

const streamsGroupHeartbeatRequestEndpoint = struct({
  host: string,
  port: uint16,
})
export interface StreamsGroupHeartbeatRequestEndpoint
  extends Value<typeof streamsGroupHeartbeatRequestEndpoint> {}

const streamsGroupHeartbeatTaskOffset = struct({
  subtopologyId: string,
  partition: int32,
  offset: offset,
})
export interface StreamsGroupHeartbeatTaskOffset extends Value<typeof streamsGroupHeartbeatTaskOffset> {}

const streamsGroupHeartbeatRequest = struct({
  groupId: string.entity('groupId'),
  memberId: string,
  memberEpoch: int32,
  endpointInformationEpoch: int32,
  instanceId: string.nullable().default(null),
  rackId: string.nullable().default(null),
  rebalanceTimeoutMs: int32.default(-1),
  topology: one<StreamsGroupHeartbeatTopology>(streamsGroupHeartbeatTopology).nullable().default(null),
  activeTasks: array<StreamsGroupHeartbeatRequestTaskIds>(streamsGroupHeartbeatRequestTaskIds)
    .nullable()
    .default(null),
  standbyTasks: array<StreamsGroupHeartbeatRequestTaskIds>(streamsGroupHeartbeatRequestTaskIds)
    .nullable()
    .default(null),
  warmupTasks: array<StreamsGroupHeartbeatRequestTaskIds>(streamsGroupHeartbeatRequestTaskIds)
    .nullable()
    .default(null),
  processId: string.nullable().default(null),
  userEndpoint: one<StreamsGroupHeartbeatRequestEndpoint>(streamsGroupHeartbeatRequestEndpoint)
    .nullable()
    .default(null),
  clientTags: array<StreamsGroupHeartbeatKeyValue>(streamsGroupHeartbeatKeyValue).nullable().default(null),
  taskOffsets: array<StreamsGroupHeartbeatTaskOffset>(streamsGroupHeartbeatTaskOffset)
    .nullable()
    .default(null),
  taskEndOffsets: array<StreamsGroupHeartbeatTaskOffset>(streamsGroupHeartbeatTaskOffset)
    .nullable()
    .default(null),
  shutdownApplication: bool,
})
export interface StreamsGroupHeartbeatRequest extends Value<typeof streamsGroupHeartbeatRequest> {}

const status = struct({
  statusCode: int8,
  statusDetail: string,
})
export interface Status extends Value<typeof status> {}

const streamsGroupHeartbeatResponseTaskIds = struct({
  subtopologyId: string,
  partitions: array(int32),
})
export interface StreamsGroupHeartbeatResponseTaskIds
  extends Value<typeof streamsGroupHeartbeatResponseTaskIds> {}

const streamsGroupHeartbeatResponseEndpoint = struct({
  host: string,
  port: uint16,
})
export interface StreamsGroupHeartbeatResponseEndpoint
  extends Value<typeof streamsGroupHeartbeatResponseEndpoint> {}

const streamsGroupHeartbeatTopicPartition = struct({
  topic: string.entity('topicName'),
  partitions: array(int32),
})
export interface StreamsGroupHeartbeatTopicPartition
  extends Value<typeof streamsGroupHeartbeatTopicPartition> {}

const endpointToPartitions = struct({
  userEndpoint: one<StreamsGroupHeartbeatResponseEndpoint>(streamsGroupHeartbeatResponseEndpoint),
  activePartitions: array<StreamsGroupHeartbeatTopicPartition>(streamsGroupHeartbeatTopicPartition),
  standbyPartitions: array<StreamsGroupHeartbeatTopicPartition>(streamsGroupHeartbeatTopicPartition),
})
export interface EndpointToPartitions extends Value<typeof endpointToPartitions> {}

const streamsGroupHeartbeatResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  memberId: string,
  memberEpoch: int32,
  heartbeatIntervalMs: int32,
  acceptableRecoveryLag: int32,
  taskOffsetIntervalMs: int32,
  status: array<Status>(status).nullable(),
  activeTasks: array<StreamsGroupHeartbeatResponseTaskIds>(streamsGroupHeartbeatResponseTaskIds)
    .nullable()
    .default(null),
  standbyTasks: array<StreamsGroupHeartbeatResponseTaskIds>(streamsGroupHeartbeatResponseTaskIds)
    .nullable()
    .default(null),
  warmupTasks: array<StreamsGroupHeartbeatResponseTaskIds>(streamsGroupHeartbeatResponseTaskIds)
    .nullable()
    .default(null),
  endpointInformationEpoch: int32,
  partitionsByUserEndpoint: array<EndpointToPartitions>(endpointToPartitions).nullable().default(null),
})
export interface StreamsGroupHeartbeatResponse extends Value<typeof streamsGroupHeartbeatResponse> {}

export const StreamsGroupHeartbeat = defineApi<StreamsGroupHeartbeatRequest, StreamsGroupHeartbeatResponse>({
  key: 88,
  name: 'StreamsGroupHeartbeat',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: streamsGroupHeartbeatRequest,
  response: streamsGroupHeartbeatResponse,
})
