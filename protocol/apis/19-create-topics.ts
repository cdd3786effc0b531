// CreateTopics: creates topics, or only checks whether they could be. Configs in the answer from v5
// (KIP-525), topic ids from v7.

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, int8, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const creatableReplicaAssignment = struct({
  partitionIndex: int32.key(),
  brokerIds: array(int32).entity('brokerId'),
})
export interface CreatableReplicaAssignment extends Value<typeof creatableReplicaAssignment> {}

const creatableTopicConfig = struct({
  name: string.key(),
  value: string.nullable(),
})
export interface CreatableTopicConfig extends Value<typeof creatableTopicConfig> {}

const creatableTopic = struct({
  name: string.entity('topicName').key(),
  numPartitions: int32,
  replicationFactor: int16,
  assignments: array<CreatableReplicaAssignment>(creatableReplicaAssignment),
  configs: array<CreatableTopicConfig>(creatableTopicConfig),
})
export interface CreatableTopic extends Value<typeof creatableTopic> {}

const createTopicsRequest = struct({
  topics: array<CreatableTopic>(creatableTopic),
  timeoutMs: int32.default(60000),
  validateOnly: bool.since(1),
})
export interface CreateTopicsRequest extends Value<typeof createTopicsRequest> {}

const creatableTopicConfigs = struct({
  name: string,
  value: string.nullable(),
  readOnly: bool,
  configSource: int8.default(-1).ignorable(),
  isSensitive: bool,
})
export interface CreatableTopicConfigs extends Value<typeof creatableTopicConfigs> {}

const creatableTopicResult = struct({
  name: string.entity('topicName').key(),
  topicId: uuid.since(7).ignorable(),
  errorCode: int16,
  errorMessage: string.since(1).nullable().ignorable(),
  topicConfigErrorCode: int16.since(5).tag(0).ignorable(),
  numPartitions: int32.since(5).default(-1).ignorable(),
  replicationFactor: int16.since(5).default(-1).ignorable(),
  configs: array<CreatableTopicConfigs>(creatableTopicConfigs).since(5).nullable().ignorable(),
})
export interface CreatableTopicResult extends Value<typeof creatableTopicResult> {}

const createTopicsResponse = struct({
  throttleTimeMs: int32.since(2).ignorable(),
  topics: array<CreatableTopicResult>(creatableTopicResult),
})
export interface CreateTopicsResponse extends Value<typeof createTopicsResponse> {}

/** What a version brought that handlers must know. */
const means = { defaults: 4, configs: 5, quotaErrors: 6, topicIds: 7 } as const

export const CreateTopics = defineApi<CreateTopicsRequest, CreateTopicsResponse, keyof typeof means>({
  key: 19,
  name: 'CreateTopics',
  versions: [0, 7],
  flexibleFrom: 5,
  listeners: ['broker', 'controller'],
  request: createTopicsRequest,
  response: createTopicsResponse,
  means,
})
