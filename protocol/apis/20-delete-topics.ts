// DeleteTopics: deletes topics by name, or by id from v6 (KIP-516).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, string, struct, uuid, type Value } from '../schema/vocabulary.ts'

const deleteTopicState = struct({
  name: string.since(6).nullable().default(null).entity('topicName'),
  topicId: uuid.since(6),
})
export interface DeleteTopicState extends Value<typeof deleteTopicState> {}

const deleteTopicsRequest = struct({
  topics: array<DeleteTopicState>(deleteTopicState).since(6),
  topicNames: array(string).until(5).ignorable().entity('topicName'),
  timeoutMs: int32,
})
export interface DeleteTopicsRequest extends Value<typeof deleteTopicsRequest> {}

const deletableTopicResult = struct({
  name: string.nullable(6).entity('topicName').key(),
  topicId: uuid.since(6).ignorable(),
  errorCode: int16,
  errorMessage: string.since(5).nullable().default(null).ignorable(),
})
export interface DeletableTopicResult extends Value<typeof deletableTopicResult> {}

const deleteTopicsResponse = struct({
  throttleTimeMs: int32.since(1).ignorable(),
  responses: array<DeletableTopicResult>(deletableTopicResult),
})
export interface DeleteTopicsResponse extends Value<typeof deleteTopicsResponse> {}

export const DeleteTopics = defineApi<DeleteTopicsRequest, DeleteTopicsResponse>({
  key: 20,
  name: 'DeleteTopics',
  versions: [0, 6],
  flexibleFrom: 4,
  listeners: ['broker', 'controller'],
  request: deleteTopicsRequest,
  response: deleteTopicsResponse,
})
