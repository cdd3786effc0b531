// StopReplica: the ZooKeeper controller told a broker to drop replicas. Encodable, never served.

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, offset, string, struct, type Value } from '../schema/vocabulary.ts'

const stopReplicaPartitionV0 = struct({
  topicName: string.entity('topicName'),
  partitionIndex: int32,
})
export interface StopReplicaPartitionV0 extends Value<typeof stopReplicaPartitionV0> {}

const stopReplicaTopicV1 = struct({
  name: string.entity('topicName'),
  partitionIndexes: array(int32),
})
export interface StopReplicaTopicV1 extends Value<typeof stopReplicaTopicV1> {}

const stopReplicaPartitionState = struct({
  partitionIndex: int32,
  leaderEpoch: int32.default(-1),
  deletePartition: bool,
})
export interface StopReplicaPartitionState extends Value<typeof stopReplicaPartitionState> {}

const stopReplicaTopicState = struct({
  topicName: string.entity('topicName'),
  partitionStates: array<StopReplicaPartitionState>(stopReplicaPartitionState),
})
export interface StopReplicaTopicState extends Value<typeof stopReplicaTopicState> {}

const stopReplicaRequest = struct({
  controllerId: int32.entity('brokerId'),
  isKRaftController: bool.since(4),
  controllerEpoch: int32,
  brokerEpoch: offset.since(1).default(-1).ignorable(),
  deletePartitions: bool.until(2),
  ungroupedPartitions: array<StopReplicaPartitionV0>(stopReplicaPartitionV0).until(0),
  topics: array<StopReplicaTopicV1>(stopReplicaTopicV1).since(1).until(2),
  topicStates: array<StopReplicaTopicState>(stopReplicaTopicState).since(3),
})
export interface StopReplicaRequest extends Value<typeof stopReplicaRequest> {}

const stopReplicaPartitionError = struct({
  topicName: string.entity('topicName'),
  partitionIndex: int32,
  errorCode: int16,
})
export interface StopReplicaPartitionError extends Value<typeof stopReplicaPartitionError> {}

const stopReplicaResponse = struct({
  errorCode: int16,
  partitionErrors: array<StopReplicaPartitionError>(stopReplicaPartitionError),
})
export interface StopReplicaResponse extends Value<typeof stopReplicaResponse> {}

export const StopReplica = defineApi<StopReplicaRequest, StopReplicaResponse>({
  key: 5,
  name: 'StopReplica',
  versions: [0, 4],
  flexibleFrom: 2,
  listeners: ['zkBroker'],
  request: stopReplicaRequest,
  response: stopReplicaResponse,
})
