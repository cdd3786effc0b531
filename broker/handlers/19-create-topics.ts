/**
 * CreateTopics. Who may is asked per topic; duplicates and the metadata log's own name never reach the controller; what else is wrong
 * with a topic the controller says. Rows come back as Kafka orders them: what the controller answered, then the rest.
 */
import { CreateTopics, type CreatableTopicResult } from '../../protocol/apis/19-create-topics.ts'
import { Errors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/uuid.ts'
import { type Authorizer, CLUSTER_NAME } from '../ports/authorizer.ts'
import type { Controller } from '../ports/controller.ts'
import { METADATA_TOPIC } from '../ports/internal-topics.ts'
import { defineHandler } from './handler.ts'

export interface Needs {
  readonly controller: Controller
  readonly authorizer: Authorizer
}

export default defineHandler(
  CreateTopics,
  {
    access: 'per-resource',
    deviations: [
      'create.topic.policy.class.name is not supported: Java policies cannot be loaded.',
      'Replicas are striped from the lowest broker id on instead of from a random one.',
    ],
  },
  ({ controller, authorizer }: Needs) =>
    async ({ topics, validateOnly }, context) => {
      const seen = new Map<string, number>()
      for (const { name } of topics) seen.set(name, (seen.get(name) ?? 0) + 1)
      const onCluster = authorizer.authorize(context, 'CREATE', 'CLUSTER', CLUSTER_NAME)
      const refused: CreatableTopicResult[] = []
      for (const [name, times] of seen) {
        if (times > 1) refused.push(row(name, Errors.INVALID_REQUEST.code, 'Duplicate topic name.'))
        else if (name === METADATA_TOPIC) {
          const message = `Creation of internal topic ${METADATA_TOPIC} is prohibited.`
          refused.push(row(name, Errors.INVALID_REQUEST.code, message))
        } else if (!onCluster && !authorizer.authorize(context, 'CREATE', 'TOPIC', name)) {
          refused.push(row(name, Errors.TOPIC_AUTHORIZATION_FAILED.code, 'Authorization failed.'))
        }
      }
      const refusedNames = new Set(refused.map(({ name }) => name))
      const created = await controller.createTopics(
        { topics: topics.filter(({ name }) => !refusedNames.has(name)), validateOnly },
        name => authorizer.authorize(context, 'DESCRIBE_CONFIGS', 'TOPIC', name),
      )
      return CreateTopics.response.create({ topics: [...created, ...refused] })
    },
)

const row = (name: string, errorCode: number, errorMessage: string): CreatableTopicResult => ({
  name,
  topicId: ZERO_UUID,
  errorCode,
  errorMessage,
  topicConfigErrorCode: 0,
  numPartitions: -1,
  replicationFactor: -1,
  configs: [],
})
