// UpdateMetadata: the ZooKeeper controller sent a broker the cluster's metadata. Encodable, never served.

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

const updateMetadataPartitionState = struct({
  topicName: string.until(4).ignorable().entity('topicName'),
  partitionIndex: int32,
  controllerEpoch: int32,
  leader: int32.entity('brokerId'),
  leaderEpoch: int32,
  isr: array(int32).entity('brokerId'),
  zkVersion: int32,
  replicas: array(int32).entity('brokerId'),
  offlineReplicas: array(int32).since(4).ignorable().entity('brokerId'),
})
export interface UpdateMetadataPartitionState extends Value<typeof updateMetadataPartitionState> {}

const updateMetadataTopicState = struct({
  topicName: string.entity('topicName'),
  topicId: uuid.since(7).ignorable(),
  partitionStates: array<UpdateMetadataPartitionState>(updateMetadataPartitionState),
})
export interface UpdateMetadataTopicState extends Value<typeof updateMetadataTopicState> {}

const updateMetadataEndpoint = struct({
  port: int32,
  host: string,
  listener: string.since(3).ignorable(),
  securityProtocol: int16,
})
export interface UpdateMetadataEndpoint extends Value<typeof updateMetadataEndpoint> {}

const updateMetadataBroker = struct({
  id: int32.entity('brokerId'),
  v0Host: string.until(0).ignorable(),
  v0Port: int32.until(0).ignorable(),
  endpoints: array<UpdateMetadataEndpoint>(updateMetadataEndpoint).since(1).ignorable(),
  rack: string.since(2).nullable().ignorable(),
})
export interface UpdateMetadataBroker extends Value<typeof updateMetadataBroker> {}

const updateMetadataRequest = struct({
  controllerId: int32.entity('brokerId'),
  isKRaftController: bool.since(8),
  type: int8.since(8).tag(0),
  controllerEpoch: int32,
  brokerEpoch: offset.since(5).default(-1).ignorable(),
  ungroupedPartitionStates: array<UpdateMetadataPartitionState>(updateMetadataPartitionState).until(4),
  topicStates: array<UpdateMetadataTopicState>(updateMetadataTopicState).since(5),
  liveBrokers: array<UpdateMetadataBroker>(updateMetadataBroker),
})
export interface UpdateMetadataRequest extends Value<typeof updateMetadataRequest> {}

const updateMetadataResponse = struct({
  errorCode: int16,
})
export interface UpdateMetadataResponse extends Value<typeof updateMetadataResponse> {}

export const UpdateMetadata = defineApi<UpdateMetadataRequest, UpdateMetadataResponse>({
  key: 6,
  name: 'UpdateMetadata',
  versions: [0, 8],
  flexibleFrom: 6,
  listeners: ['zkBroker'],
  request: updateMetadataRequest,
  response: updateMetadataResponse,
})
