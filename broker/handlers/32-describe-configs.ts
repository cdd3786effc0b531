/**
 * DescribeConfigs: the settings of topics, this broker, its loggers, groups and client metrics subscriptions, with where each value
 * comes from. Rows fail one by one; a resource type nobody knows fails the whole request. Kafka's ConfigHelper (KIP-133, KIP-226).
 */
import { DescribeConfigs } from '../../protocol/apis/32-describe-configs.ts'
import { Errors } from '../../protocol/errors.ts'
import { problemWithNodeName } from '../config/alter-configs.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import * as describe from '../config/describe.ts'
import type { Loggers } from '../logging/loggers.ts'
import { ConfigResourceType, type MetadataSource, configsOf } from '../metadata/image.ts'
import { invalidTopicName } from '../metadata/topic-name.ts'
import { type Authorizer, CLUSTER_NAME } from '../ports/authorizer.ts'
import { type RequestContext, RequestError, defineHandler } from './handler.ts'

export interface Needs {
  readonly config: BrokerConfig
  readonly loggers: Loggers
  readonly metadata: MetadataSource
  readonly authorizer: Authorizer
}

const { TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP } = ConfigResourceType

export default defineHandler(
  DescribeConfigs,
  { access: 'per-resource' },
  ({ config, loggers, metadata, authorizer }: Needs) => {
    const rowsOf = (resourceType: number, name: string): describe.ConfigRow[] => {
      switch (resourceType) {
        case TOPIC: {
          const invalid = invalidTopicName(name)
          if (invalid !== undefined) throw new RequestError(Errors.INVALID_TOPIC_EXCEPTION, invalid)
          const image = metadata.current()
          if (!image.topics.byName.has(name)) throw new RequestError(Errors.UNKNOWN_TOPIC_OR_PARTITION)
          return describe.describeTopic(config, configsOf(image, TOPIC, name))
        }
        case BROKER: {
          if (name === '') return describe.describeBrokerDefaults(config)
          const problem = problemWithNodeName(name, config.nodeId)
          if (problem !== null) throw new RequestError(Errors.INVALID_REQUEST, problem)
          return describe.describeBroker(config)
        }
        case BROKER_LOGGER: {
          const problem =
            name === '' ? 'Broker id must not be empty' : problemWithNodeName(name, config.nodeId)
          if (problem !== null) throw new RequestError(Errors.INVALID_REQUEST, problem)
          return describe.describeLoggers(loggers.levels())
        }
        case CLIENT_METRICS:
          if (name === '')
            throw new RequestError(
              Errors.INVALID_REQUEST,
              'Client metrics subscription name must not be empty',
            )
          return describe.describeClientMetrics(configsOf(metadata.current(), CLIENT_METRICS, name))
        default:
          if (name === '') throw new RequestError(Errors.INVALID_REQUEST, 'Group name must not be empty')
          return describe.describeGroup(config, configsOf(metadata.current(), GROUP, name))
      }
    }

    return (request, context) => {
      for (const { resourceType, resourceName } of request.resources)
        if (!(Object.values(ConfigResourceType) as number[]).includes(resourceType))
          throw new RequestError(
            Errors.INVALID_REQUEST,
            `Unexpected resource type ${resourceType} for resource ${resourceName}`,
          )
      const allowed = request.resources.map(resource => refusalOf(authorizer, context, resource) === null)
      const results = [
        ...request.resources.filter((_, i) => allowed[i]),
        ...request.resources.filter((_, i) => !allowed[i]),
      ].map(({ resourceType, resourceName, configurationKeys }) => {
        try {
          const refusal = refusalOf(authorizer, context, { resourceType, resourceName })
          if (refusal !== null) throw new RequestError(refusal, refusal.message)
          const rows = rowsOf(resourceType, resourceName)
            .filter(row => !configurationKeys?.length || configurationKeys.includes(row.name))
            .map(row => ({
              ...row,
              synonyms: request.includeSynonyms ? row.synonyms : [],
              documentation: request.includeDocumentation ? row.documentation : null,
            }))
          return { errorCode: 0, errorMessage: '', resourceType, resourceName, configs: rows }
        } catch (error) {
          if (!(error instanceof RequestError)) throw error
          return {
            errorCode: error.code,
            errorMessage: error.detail ?? '',
            resourceType,
            resourceName,
            configs: [],
          }
        }
      })
      return DescribeConfigs.response.create({ results })
    }
  },
)

function refusalOf(
  authorizer: Authorizer,
  context: RequestContext,
  { resourceType, resourceName }: { readonly resourceType: number; readonly resourceName: string },
): { code: number; name: string; message: string } | null {
  const may = authorizer.authorize.bind(authorizer, context, 'DESCRIBE_CONFIGS')
  if (resourceType === TOPIC) return may('TOPIC', resourceName) ? null : Errors.TOPIC_AUTHORIZATION_FAILED
  if (resourceType === GROUP) return may('GROUP', resourceName) ? null : Errors.GROUP_AUTHORIZATION_FAILED
  return may('CLUSTER', CLUSTER_NAME) ? null : Errors.CLUSTER_AUTHORIZATION_FAILED
}
