// Metadata: brokers, topics, partitions and their leaders. May create topics. Topic ids from v10 (KIP-516).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const metadataRequestTopic = struct({
  topicId: uuid.since(10).ignorable(),
  name: string.nullable(10).entity('topicName'),
})
export interface MetadataRequestTopic extends Value<typeof metadataRequestTopic> {}

const metadataRequest = struct({
  topics: array<MetadataRequestTopic>(metadataRequestTopic).nullable(1),
  allowAutoTopicCreation: bool.since(4).default(true),
  includeClusterAuthorizedOperations: bool.since(8).until(10),
  includeTopicAuthorizedOperations: bool.since(8),
})
export interface MetadataRequest extends Value<typeof metadataRequest> {}

const metadataResponseBroker = struct({
  nodeId: int32.entity('brokerId').key(),
  host: string,
  port: int32,
  rack: string.since(1).nullable().default(null).ignorable(),
})
export interface MetadataResponseBroker extends Value<typeof metadataResponseBroker> {}

const metadataResponsePartition = struct({
  errorCode: int16,
  partitionIndex: int32,
  leaderId: int32.entity('brokerId'),
  leaderEpoch: int32.since(7).default(-1).ignorable(),
  replicaNodes: array(int32).entity('brokerId'),
  isrNodes: array(int32).entity('brokerId'),
  offlineReplicas: array(int32).since(5).ignorable().entity('brokerId'),
})
export interface MetadataResponsePartition extends Value<typeof metadataResponsePartition> {}

const metadataResponseTopic = struct({
  errorCode: int16,
  name: string.nullable(12).entity('topicName').key(),
  topicId: uuid.since(10).ignorable(),
  isInternal: bool.since(1).ignorable(),
  partitions: array<MetadataResponsePartition>(metadataResponsePartition),
  topicAuthorizedOperations: int32.since(8).default(-2147483648),
})
export interface MetadataResponseTopic extends Value<typeof metadataResponseTopic> {}

const metadataResponse = struct({
  throttleTimeMs: int32.since(3).ignorable(),
  brokers: array<MetadataResponseBroker>(metadataResponseBroker),
  clusterId: string.since(2).nullable().default(null).ignorable(),
  controllerId: int32.since(1).default(-1).ignorable().entity('brokerId'),
  topics: array<MetadataResponseTopic>(metadataResponseTopic),
  clusterAuthorizedOperations: int32.since(8).until(10).default(-2147483648),
  errorCode: int16.since(13).ignorable(),
})
export interface MetadataResponse extends Value<typeof metadataResponse> {}

/** What a version brought that handlers must know. */
const means = { noBrokersOnly: 1, topicIds: 10, namelessTopics: 12 } as const

/** "Operations were not asked for." */
const NO_OPERATIONS = -2147483648

/** In v0 no topics means all of them, later versions have null for that. */
function upgrade(request: MetadataRequest, version: number): void {
  if (version === 0 && request.topics?.length === 0) request.topics = null
}

function downgrade(response: MetadataResponse, version: number): void {
  if (version < 8 || version > 10) response.clusterAuthorizedOperations = NO_OPERATIONS
  if (version >= means.namelessTopics) return
  for (const topic of response.topics) {
    topic.name ??= ''
    if (version < 8) topic.topicAuthorizedOperations = NO_OPERATIONS
  }
}

export const Metadata = defineApi<MetadataRequest, MetadataResponse, keyof typeof means>({
  key: 3,
  name: 'Metadata',
  versions: [0, 13],
  flexibleFrom: 9,
  listeners: ['broker'],
  request: metadataRequest,
  response: metadataResponse,
  means,
  upgrade,
  downgrade,
})
