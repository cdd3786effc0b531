// StreamsGroupDescribe: state, topology and tasks of streams groups (KIP-1071).

import { defineApi } from '../schema/message.ts'
import {
  array,
  bool,
  int16,
  int32,
  offset,
  one,
  string,
  struct,
  uint16,
  type Value,
} from '../schema/vocabulary.ts'

const streamsGroupDescribeRequest = struct({
  groupIds: array(string).entity('groupId'),
  includeAuthorizedOperations: bool,
})
export interface StreamsGroupDescribeRequest extends Value<typeof streamsGroupDescribeRequest> {}

const streamsGroupDescribeKeyValue = struct({
  key: string,
  value: string,
})
export interface StreamsGroupDescribeKeyValue extends Value<typeof streamsGroupDescribeKeyValue> {}

const streamsGroupDescribeTopicInfo = struct({
  name: string.entity('topicName'),
  partitions: int32,
  replicationFactor: int16,
  topicConfigs: array<StreamsGroupDescribeKeyValue>(streamsGroupDescribeKeyValue),
})
export interface StreamsGroupDescribeTopicInfo extends Value<typeof streamsGroupDescribeTopicInfo> {}

const streamsGroupDescribeSubtopology = struct({
  subtopologyId: string,
  sourceTopics: array(string).entity('topicName'),
  repartitionSinkTopics: array(string).entity('topicName'),
  stateChangelogTopics: array<StreamsGroupDescribeTopicInfo>(streamsGroupDescribeTopicInfo),
  repartitionSourceTopics: array<StreamsGroupDescribeTopicInfo>(streamsGroupDescribeTopicInfo),
})
export interface StreamsGroupDescribeSubtopology extends Value<typeof streamsGroupDescribeSubtopology> {}

const streamsGroupDescribeTopology = struct({
  epoch: int32,
  subtopologies: array<StreamsGroupDescribeSubtopology>(streamsGroupDescribeSubtopology)
    .nullable()
    .default(null),
})
export interface StreamsGroupDescribeTopology extends Value<typeof streamsGroupDescribeTopology> {}

const streamsGroupDescribeEndpoint = struct({
  host: string,
  port: uint16,
})
export interface StreamsGroupDescribeEndpoint extends Value<typeof streamsGroupDescribeEndpoint> {}

const streamsGroupDescribeTaskOffset = struct({
  subtopologyId: string,
  partition: int32,
  offset: offset,
})
export interface StreamsGroupDescribeTaskOffset extends Value<typeof streamsGroupDescribeTaskOffset> {}

const streamsGroupDescribeTaskIds = struct({
  subtopologyId: string,
  partitions: array(int32),
})
export interface StreamsGroupDescribeTaskIds extends Value<typeof streamsGroupDescribeTaskIds> {}

const streamsGroupDescribeAssignment = struct({
  activeTasks: array<StreamsGroupDescribeTaskIds>(streamsGroupDescribeTaskIds),
  standbyTasks: array<StreamsGroupDescribeTaskIds>(streamsGroupDescribeTaskIds),
  warmupTasks: array<StreamsGroupDescribeTaskIds>(streamsGroupDescribeTaskIds),
})
export interface StreamsGroupDescribeAssignment extends Value<typeof streamsGroupDescribeAssignment> {}

const streamsGroupDescribeMember = struct({
  memberId: string,
  memberEpoch: int32,
  instanceId: string.nullable().default(null),
  rackId: string.nullable().default(null),
  clientId: string,
  clientHost: string,
  topologyEpoch: int32,
  processId: string,
  userEndpoint: one<StreamsGroupDescribeEndpoint>(streamsGroupDescribeEndpoint).nullable().default(null),
  clientTags: array<StreamsGroupDescribeKeyValue>(streamsGroupDescribeKeyValue),
  taskOffsets: array<StreamsGroupDescribeTaskOffset>(streamsGroupDescribeTaskOffset),
  taskEndOffsets: array<StreamsGroupDescribeTaskOffset>(streamsGroupDescribeTaskOffset),
  assignment: one<StreamsGroupDescribeAssignment>(streamsGroupDescribeAssignment),
  targetAssignment: one<StreamsGroupDescribeAssignment>(streamsGroupDescribeAssignment),
  isClassic: bool,
})
export interface StreamsGroupDescribeMember extends Value<typeof streamsGroupDescribeMember> {}

const streamsGroupDescribeDescribedGroup = struct({
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  groupId: string.entity('groupId'),
  groupState: string,
  groupEpoch: int32,
  assignmentEpoch: int32,
  topology: one<StreamsGroupDescribeTopology>(streamsGroupDescribeTopology).nullable().default(null),
  members: array<StreamsGroupDescribeMember>(streamsGroupDescribeMember),
  authorizedOperations: int32.default(-2147483648),
})
export interface StreamsGroupDescribeDescribedGroup
  extends Value<typeof streamsGroupDescribeDescribedGroup> {}

const streamsGroupDescribeResponse = struct({
  throttleTimeMs: int32,
  groups: array<StreamsGroupDescribeDescribedGroup>(streamsGroupDescribeDescribedGroup),
})
export interface StreamsGroupDescribeResponse extends Value<typeof streamsGroupDescribeResponse> {}

export const StreamsGroupDescribe = defineApi<StreamsGroupDescribeRequest, StreamsGroupDescribeResponse>({
  key: 89,
  name: 'StreamsGroupDescribe',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: streamsGroupDescribeRequest,
  response: streamsGroupDescribeResponse,
})
