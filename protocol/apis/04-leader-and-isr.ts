// LeaderAndIsr: the ZooKeeper controller told a broker which replicas it leads or follows. Encodable, never
// served.

import { defineApi } from '../schema/message.ts'
import {
  array,
  bool,
  int16,
  int32,
  int8,
  offset,
  string,
  struct,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'

const leaderAndIsrPartitionState = struct({
  topicName: string.until(1).ignorable().entity('topicName'),
  partitionIndex: int32,
  controllerEpoch: int32,
  leader: int32.entity('brokerId'),
  leaderEpoch: int32,
  isr: array(int32).entity('brokerId'),
  partitionEpoch: int32,
  replicas: array(int32).entity('brokerId'),
  addingReplicas: array(int32).since(3).ignorable().entity('brokerId'),
  removingReplicas: array(int32).since(3).ignorable().entity('brokerId'),
  isNew: bool.since(1).ignorable(),
  leaderRecoveryState: int8.since(6),
})
export interface LeaderAndIsrPartitionState extends Value<typeof leaderAndIsrPartitionState> {}

const leaderAndIsrTopicState = struct({
  topicName: string.entity('topicName'),
  topicId: uuid.since(5).ignorable(),
  partitionStates: array<LeaderAndIsrPartitionState>(leaderAndIsrPartitionState),
})
export interface LeaderAndIsrTopicState extends Value<typeof leaderAndIsrTopicState> {}

const leaderAndIsrLiveLeader = struct({
  brokerId: int32.entity('brokerId'),
  hostName: string,
  port: int32,
})
export interface LeaderAndIsrLiveLeader extends Value<typeof leaderAndIsrLiveLeader> {}

const leaderAndIsrRequest = struct({
  controllerId: int32.entity('brokerId'),
  isKRaftController: bool.since(7),
  controllerEpoch: int32,
  brokerEpoch: offset.since(2).default(-1).ignorable(),
  type: int8.since(5),
  ungroupedPartitionStates: array<LeaderAndIsrPartitionState>(leaderAndIsrPartitionState).until(1),
  topicStates: array<LeaderAndIsrTopicState>(leaderAndIsrTopicState).since(2),
  liveLeaders: array<LeaderAndIsrLiveLeader>(leaderAndIsrLiveLeader),
})
export interface LeaderAndIsrRequest extends Value<typeof leaderAndIsrRequest> {}

const leaderAndIsrPartitionError = struct({
  topicName: string.until(4).ignorable().entity('topicName'),
  partitionIndex: int32,
  errorCode: int16,
})
export interface LeaderAndIsrPartitionError extends Value<typeof leaderAndIsrPartitionError> {}

const leaderAndIsrTopicError = struct({
  topicId: uuid.key(),
  partitionErrors: array<LeaderAndIsrPartitionError>(leaderAndIsrPartitionError),
})
export interface LeaderAndIsrTopicError extends Value<typeof leaderAndIsrTopicError> {}

const leaderAndIsrResponse = struct({
  errorCode: int16,
  partitionErrors: array<LeaderAndIsrPartitionError>(leaderAndIsrPartitionError).until(4),
  topics: array<LeaderAndIsrTopicError>(leaderAndIsrTopicError).since(5),
})
export interface LeaderAndIsrResponse extends Value<typeof leaderAndIsrResponse> {}

export const LeaderAndIsr = defineApi<LeaderAndIsrRequest, LeaderAndIsrResponse>({
  key: 4,
  name: 'LeaderAndIsr',
  versions: [0, 7],
  flexibleFrom: 4,
  listeners: ['zkBroker'],
  request: leaderAndIsrRequest,
  response: leaderAndIsrResponse,
})
