// The way of AlterConfigs and IncrementalAlterConfigs from request to rows on a broker's listener, shared by both: what the
// broker refuses by itself, what only some may do, and what is left for the controller. Rows come back in the order of the
// request. Kafka's ConfigAdminManager; on a controller's listener it is altering-on-controller.ts.
import { Errors } from '../../protocol/errors.ts'
import type { Loggers } from '../logging/loggers.ts'
import { ConfigResourceType, type MetadataSource, configsOf } from '../metadata/image.ts'
import { type Authorizer, CLUSTER_NAME } from '../ports/authorizer.ts'
import type { ConfigResource, ResultRow } from '../ports/controller.ts'
import type { RequestContext } from '../ports/request-context.ts'
import {
  type Alteration,
  problemWithBrokerConfig,
  problemWithEntries,
  problemWithNodeName,
} from './alter-configs.ts'
import type { BrokerConfig } from './broker-config.ts'
import { applyLogLevels, problemWithLogLevels } from './log-levels.ts'
import { applyOperations } from './operations.ts'

export interface AlterNeeds {
  readonly config: BrokerConfig
  readonly loggers: Loggers
  readonly metadata: MetadataSource
  readonly authorizer: Authorizer
}

/** What one request says besides its resources. */
export interface Manner {
  readonly context: RequestContext
  readonly validateOnly: boolean
  /** False: the old call, which replaces all settings of a resource. */
  readonly incremental: boolean
}

/** Answers every resource; those that pass are handed to `ask`, the controller's side, all at once. */
export type AlterResources = <R extends Alteration>(
  manner: Manner,
  resources: readonly R[],
  ask: (resources: readonly R[]) => Promise<readonly (ResultRow & ConfigResource)[]>,
) => Promise<(ResultRow & ConfigResource)[]>

const { TOPIC, BROKER, BROKER_LOGGER, CLIENT_METRICS, GROUP } = ConfigResourceType
type NamedError = { readonly code: number; readonly message: string }

export const row = ({ code, message }: NamedError, detail: string = message): ResultRow => ({
  errorCode: code,
  errorMessage: detail,
})

/** What this broker says to a resource by itself, or undefined: ask the controller. */
function answerOf(needs: AlterNeeds, manner: Manner, resource: Alteration): ResultRow | undefined {
  const { resourceType, resourceName } = resource
  const entries = problemWithEntries(resource)
  if (entries !== null) return row(Errors.INVALID_REQUEST, entries)
  if (resourceType === BROKER_LOGGER && manner.incremental) return alterLoggers(needs, manner, resource)
  if (resourceType === BROKER) {
    const name = resourceName === '' ? null : problemWithNodeName(resourceName, needs.config.nodeId)
    if (name !== null) return row(Errors.INVALID_REQUEST, name)
    const current = configsOf(needs.metadata.current(), BROKER, resourceName)
    const after = applyOperations(manner.incremental ? current : new Map(), resource.configs)
    if (typeof after === 'string') return row(Errors.INVALID_CONFIG, after)
    const problem = problemWithBrokerConfig(needs.config, after, resourceName !== '')
    if (problem !== null) return row(Errors.INVALID_REQUEST, problem)
  } else if (resourceType !== TOPIC && resourceType !== CLIENT_METRICS && resourceType !== GROUP) {
    return row(Errors.INVALID_REQUEST, `Unknown resource type ${resourceType}`)
  }
  return refusalOf(needs, manner, resource)
}

/** Who may change a topic's, a group's, or the cluster's settings. */
export function refusalOf(
  { authorizer }: Pick<AlterNeeds, 'authorizer'>,
  { context }: Manner,
  { resourceType, resourceName }: ConfigResource,
): ResultRow | undefined {
  const may = authorizer.authorize.bind(authorizer, context, 'ALTER_CONFIGS')
  if (resourceType === TOPIC && !may('TOPIC', resourceName)) return row(Errors.TOPIC_AUTHORIZATION_FAILED)
  if (resourceType === GROUP && !may('GROUP', resourceName)) return row(Errors.GROUP_AUTHORIZATION_FAILED)
  if (resourceType !== TOPIC && resourceType !== GROUP && !may('CLUSTER', CLUSTER_NAME))
    return row(Errors.CLUSTER_AUTHORIZATION_FAILED)
  return undefined
}

function alterLoggers(needs: AlterNeeds, manner: Manner, resource: Alteration): ResultRow {
  const { context, validateOnly } = manner
  if (!needs.authorizer.authorize(context, 'ALTER_CONFIGS', 'CLUSTER', CLUSTER_NAME))
    return row(Errors.CLUSTER_AUTHORIZATION_FAILED)
  const name = problemWithNodeName(resource.resourceName, needs.config.nodeId)
  if (name !== null) return row(Errors.INVALID_REQUEST, name)
  return changeLogLevels(needs.loggers, resource, validateOnly)
}

export function changeLogLevels(loggers: Loggers, { configs }: Alteration, validateOnly: boolean): ResultRow {
  const problem = problemWithLogLevels(loggers, configs)
  if (problem !== null) return row(problem.error, problem.message)
  if (!validateOnly) applyLogLevels(loggers, configs)
  return { errorCode: 0, errorMessage: null }
}

export const alterOnBroker =
  (needs: AlterNeeds): AlterResources =>
  async (manner, resources, ask) => {
    const timesNamed = new Map<string, number>()
    const keyOf = ({ resourceType, resourceName }: ConfigResource): string =>
      `${resourceType}:${resourceName}`
    for (const resource of resources)
      timesNamed.set(keyOf(resource), (timesNamed.get(keyOf(resource)) ?? 0) + 1)
    const answers = resources.map(resource =>
      timesNamed.get(keyOf(resource))! > 1
        ? row(Errors.INVALID_REQUEST, 'Each resource must appear at most once.')
        : answerOf(needs, manner, resource),
    )
    const open = resources.filter((_, i) => answers[i] === undefined)
    const decided = open.length === 0 ? [] : await ask(open)
    const byKey = new Map(decided.map(result => [keyOf(result), result]))
    return resources.map((resource, i) => {
      const { resourceType, resourceName } = resource
      const answer = answers[i] ?? byKey.get(keyOf(resource)) ?? row(Errors.UNKNOWN_SERVER_ERROR)
      return { resourceType, resourceName, errorCode: answer.errorCode, errorMessage: answer.errorMessage }
    })
  }
