// The way of AlterConfigs and IncrementalAlterConfigs on a controller's listener: loggers are this node's, everything else
// goes to the controller as soon as somebody may change it. Nobody asks here whether a broker could take a setting over
// while it runs: a broker that cannot leaves it out, as it does with what it finds in the log at its next start. So one
// may prepare a setting that needs a restart, and an ill value does no harm. Rows come as Kafka's ControllerApis orders them:
// what nobody was asked about, what the controller said, the loggers.
import { Errors } from '../../protocol/errors.ts'
import type { Loggers } from '../logging/loggers.ts'
import { ConfigResourceType } from '../metadata/image.ts'
import { type Authorizer, CLUSTER_NAME } from '../ports/authorizer.ts'
import type { ConfigResource, ResultRow } from '../ports/controller.ts'
import type { Alteration } from './alter-configs.ts'
import { type AlterResources, changeLogLevels, type Manner, refusalOf, row } from './altering.ts'

export interface ControllerAlterNeeds {
  readonly nodeId: number
  readonly loggers: Loggers
  readonly authorizer: Authorizer
}

const { BROKER_LOGGER } = ConfigResourceType
const KNOWN: readonly number[] = Object.values(ConfigResourceType)

const rowFor = ({ resourceType, resourceName }: ConfigResource, answer: ResultRow) => ({
  resourceType,
  resourceName,
  ...answer,
})

export const alterOnController =
  (needs: ControllerAlterNeeds): AlterResources =>
  async (manner, resources, ask) => {
    const refused: (ResultRow & ConfigResource)[] = []
    const loggers: (ResultRow & ConfigResource)[] = []
    const once = new Map<string, (typeof resources)[number]>()
    const repeated = new Set<string>()
    for (const resource of resources) {
      const { resourceType, resourceName } = resource
      const key = `${resourceType}:${resourceName}`
      if (resourceType === BROKER_LOGGER && manner.incremental) {
        loggers.push(rowFor(resource, alterLoggers(needs, manner, resource)))
      } else if (!KNOWN.includes(resourceType)) {
        const message = `Unknown resource type ${resourceType}.`
        refused.push(rowFor(resource, row(Errors.UNSUPPORTED_VERSION, message)))
      } else if (once.delete(key)) {
        repeated.add(key)
        refused.push(rowFor(resource, row(Errors.INVALID_REQUEST, 'Duplicate resource.')))
      } else if (!repeated.has(key)) once.set(key, resource)
    }
    const open = [...once.values()].filter(resource => {
      const refusal = accessRefusal(needs, manner, resource)
      if (refusal !== undefined) refused.push(rowFor(resource, refusal))
      return refusal === undefined
    })
    const decided = open.length === 0 ? [] : await ask(open)
    return [...refused, ...decided, ...loggers]
  }

function accessRefusal(
  needs: ControllerAlterNeeds,
  manner: Manner,
  resource: Alteration,
): ResultRow | undefined {
  // The old call has no loggers.
  if (resource.resourceType === BROKER_LOGGER)
    return row(Errors.INVALID_REQUEST, 'Unexpected resource type BROKER_LOGGER.')
  return refusalOf(needs, manner, resource)
}

function alterLoggers(
  { nodeId, loggers, authorizer }: ControllerAlterNeeds,
  { context, validateOnly }: Manner,
  resource: Alteration,
): ResultRow {
  const { resourceName } = resource
  if (!authorizer.authorize(context, 'CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME))
    return row(Errors.CLUSTER_AUTHORIZATION_FAILED)
  if (!/^[+-]?\d{1,10}$/.test(resourceName))
    return row(Errors.INVALID_REQUEST, `Node id must be an integer, but it is: ${resourceName}`)
  if (Number(resourceName) !== nodeId)
    return row(Errors.INVALID_REQUEST, `Unexpected node id. Expected ${nodeId}, but received ${resourceName}`)
  return changeLogLevels(loggers, resource, validateOnly)
}
