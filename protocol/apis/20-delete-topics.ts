// DeleteTopics: deletes topics by name, or by id from v6 (KIP-516).

import { Errors } from '../errors.ts'
import { defineApi } from '../schema/message.ts'
import { array, int16, int32, string, struct, uuid, type Value, type Wire } from '../schema/vocabulary.ts'
import { ZERO_UUID } from '../uuid.ts'

const deleteTopicState = struct({
  name: string.nullable().default(null).entity('topicName'),
  topicId: uuid,
})
export interface DeleteTopicState extends Value<typeof deleteTopicState> {}

const deleteTopicsRequest = struct({
  topics: array<DeleteTopicState>(deleteTopicState).since(6),
  topicNames: array(string).until(5).ignorable().entity('topicName').legacy(),
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

/** What a version brought that handlers must know. */
const means = { deletionDisabledErrors: 3, quotaErrors: 5, topicIds: 6 } as const

/** Before v6 topics have only names. */
function upgrade(request: Wire<typeof deleteTopicsRequest>, version: number): void {
  if (version < means.topicIds) {
    request.topics = request.topicNames.map(name => ({ name, topicId: ZERO_UUID }))
  }
}

function downgrade(response: DeleteTopicsResponse, version: number): void {
  if (version >= means.topicIds) return
  for (const topic of response.responses) {
    topic.name ??= ''
    if (version < means.deletionDisabledErrors && topic.errorCode === Errors.TOPIC_DELETION_DISABLED.code) {
      topic.errorCode = Errors.INVALID_REQUEST.code
    }
  }
}

export const DeleteTopics = defineApi<DeleteTopicsRequest, DeleteTopicsResponse, keyof typeof means>({
  key: 20,
  name: 'DeleteTopics',
  versions: [0, 6],
  flexibleFrom: 4,
  listeners: ['broker', 'controller'],
  request: deleteTopicsRequest,
  response: deleteTopicsResponse,
  means,
  upgrade,
  downgrade,
})
