/**
 * DeleteTopics, by name or by id. An id is resolved first, access is granted by name, and only then may an answer tell whether a topic
 * exists: who may not describe it learns nothing, not even which name an id stands for.
 */
import { DeleteTopics, type DeletableTopicResult } from '../../protocol/apis/20-delete-topics.ts'
import { Errors, type KafkaError } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/uuid.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import type { MetadataSource } from '../metadata/image.ts'
import { type Authorizer, CLUSTER_NAME } from '../ports/authorizer.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler, RequestError } from './handler.ts'

export interface Needs {
  readonly controller: Controller
  readonly authorizer: Authorizer
  readonly metadata: MetadataSource
  readonly config: Pick<BrokerConfig, 'get'>
}

type Access = 'delete' | 'describe' | 'none'

export default defineHandler(
  DeleteTopics,
  {
    access: 'per-resource',
    deviations: ['Rows come grouped by what became of them; Kafka shuffles them.'],
  },
  ({ controller, authorizer, metadata, config }: Needs) =>
    async ({ topics }, context) => {
      if (!config.get('delete.topic.enable')) throw new RequestError(Errors.TOPIC_DELETION_DISABLED)
      const onCluster = authorizer.authorize(context, 'DELETE', 'CLUSTER', CLUSTER_NAME)
      const accessTo = (name: string): Access => {
        if (onCluster) return 'delete'
        const describable = authorizer.authorize(context, 'DESCRIBE', 'TOPIC', name)
        if (describable && authorizer.authorize(context, 'DELETE', 'TOPIC', name)) return 'delete'
        return describable ? 'describe' : 'none'
      }
      const rows: DeletableTopicResult[] = []
      const byId = new Map<string, string>()
      for (const { topicId, ...resolved } of resolve(topics, metadata, accessTo, rows))
        byId.set(topicId, resolved.name)
      const results = await controller.deleteTopics([...byId.keys()])
      for (const [topicId, { errorCode, errorMessage }] of results) {
        rows.push({ name: byId.get(topicId)!, topicId, errorCode, errorMessage })
      }
      return DeleteTopics.response.create({ responses: rows })
    },
)

/** The topics that may be deleted; all others have got their row. */
function resolve(
  asked: readonly { name: string | null; topicId: string }[],
  metadata: MetadataSource,
  accessTo: (name: string) => Access,
  rows: DeletableTopicResult[],
): { topicId: string; name: string }[] {
  const { byId, byName } = metadata.current().topics
  const refuse = (name: string | null, topicId: string, error: KafkaError, message = error.message) => {
    rows.push({ name, topicId, errorCode: error.code, errorMessage: message })
  }
  const found = new Map<string, { topicId: string; name: string }>()
  const names = countBy(asked.filter(({ topicId }) => topicId === ZERO_UUID).map(({ name }) => name))
  const ids = countBy(asked.filter(({ name }) => name === null).map(({ topicId }) => topicId))
  for (const { name, topicId } of asked) {
    if (name !== null && topicId !== ZERO_UUID) {
      refuse(name, topicId, Errors.INVALID_REQUEST, 'You may not specify both topic name and topic id.')
    } else if (name === null && topicId === ZERO_UUID) {
      refuse(null, ZERO_UUID, Errors.INVALID_REQUEST, 'Neither topic name nor id were specified.')
    }
  }
  for (const [topicId, times] of ids) {
    if (topicId === ZERO_UUID) continue
    const name = byId.get(topicId)?.name
    if (times > 1) refuse(null, topicId, Errors.INVALID_REQUEST, 'Duplicate topic id.')
    else if (name === undefined) refuse(null, topicId, Errors.UNKNOWN_TOPIC_ID)
    else if (accessTo(name) === 'delete') found.set(topicId, { topicId, name })
    else refuse(accessTo(name) === 'describe' ? name : null, topicId, Errors.TOPIC_AUTHORIZATION_FAILED)
  }
  for (const [name, times] of names) {
    if (name === null) continue
    const topicId = byName.get(name)?.id
    if (times > 1) refuse(name, ZERO_UUID, Errors.INVALID_REQUEST, 'Duplicate topic name.')
    else if (accessTo(name) === 'none') refuse(name, ZERO_UUID, Errors.TOPIC_AUTHORIZATION_FAILED)
    else if (topicId === undefined) refuse(name, ZERO_UUID, Errors.UNKNOWN_TOPIC_OR_PARTITION)
    else if (accessTo(name) !== 'delete') refuse(name, ZERO_UUID, Errors.TOPIC_AUTHORIZATION_FAILED)
    else if (ids.has(topicId)) {
      found.delete(topicId)
      refuse(
        name,
        topicId,
        Errors.INVALID_REQUEST,
        'The provided topic name maps to an ID that was already supplied.',
      )
    } else found.set(topicId, { topicId, name })
  }
  return [...found.values()]
}

function countBy<T>(items: readonly T[]): Map<T, number> {
  const counts = new Map<T, number>()
  for (const item of items) counts.set(item, (counts.get(item) ?? 0) + 1)
  return counts
}
