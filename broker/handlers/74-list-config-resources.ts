/**
 * ListConfigResources: names of the resources that have settings, of the types asked for or of all (KIP-1142). Version 0 is the elder's
 * ListClientMetricsResources (KIP-714) and asks for those alone.
 */
import { ListConfigResources } from '../../protocol/apis/74-list-config-resources.ts'
import { Errors } from '../../protocol/errors.ts'
import { ConfigResourceType, type MetadataImage, type MetadataSource } from '../metadata/image.ts'
import { RequestError, defineHandler } from './handler.ts'

const { TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP } = ConfigResourceType
/** In the order in which Kafka lists them. */
const LISTED = [GROUP, CLIENT_METRICS, BROKER_LOGGER, BROKER, TOPIC]

function namesOf(image: MetadataImage, resourceType: number): string[] {
  if (resourceType === TOPIC) return [...image.topics.byName.keys()]
  if (resourceType === BROKER || resourceType === BROKER_LOGGER)
    return [...image.cluster.brokers.values()]
      .filter(broker => !broker.fenced)
      .map(broker => String(broker.id))
  return [...image.configs.values()]
    .filter(config => config.resourceType === resourceType && config.entries.size > 0)
    .map(config => config.resourceName)
}

export default defineHandler(
  ListConfigResources,
  { access: { operation: 'DESCRIBE_CONFIGS', resourceType: 'CLUSTER' } },
  ({ metadata }: { metadata: MetadataSource }) =>
    (request, _context, facts) => {
      const resourceTypes = facts.resourceTypes ? request.resourceTypes : [CLIENT_METRICS]
      const unknown = resourceTypes.find(type => !(LISTED as number[]).includes(type))
      if (unknown !== undefined) throw new RequestError(Errors.UNSUPPORTED_VERSION)
      const image = metadata.current()
      const wanted = LISTED.filter(type => resourceTypes.length === 0 || resourceTypes.includes(type))
      return ListConfigResources.response.create({
        configResources: wanted.flatMap(resourceType =>
          namesOf(image, resourceType).map(resourceName => ({ resourceName, resourceType })),
        ),
      })
    },
)
