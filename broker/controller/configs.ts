// IncrementalAlterConfigs and AlterConfigs of everything that lives in the metadata log. What a value means is the config table's
// business (ConfigSchema); here one resource fails or changes as a whole. Kafka's ConfigurationControlManager, KIP-339.
import { Errors } from '../../protocol/errors.ts'
import type { ConfigOperation, ConfigResource } from '../ports/controller.ts'
import { ConfigResourceType, configsOf, type MetadataImage } from '../metadata/image.ts'
import type { MetadataRecord } from '../metadata/metadata-record.ts'
import type { CommandContext } from './context.ts'
import { isElrEnabled } from './leadership.ts'
import { type ApiError, boundRecords, ControllerError, type Result, rowOf } from './result.ts'
import type { ControllerState } from './state.ts'

const SET = 0
const DELETE = 1
const APPEND = 2
const SUBTRACT = 3
const operationNames = ['SET', 'DELETE', 'APPEND', 'SUBTRACT']

export const configRecord = (
  { resourceType, resourceName }: ConfigResource,
  name: string,
  value: string | null,
): MetadataRecord => ({ type: 'ConfigRecord', value: { resourceType, resourceName, name, value } })

export const configRecordsOf = (
  resource: ConfigResource,
  entries: ReadonlyMap<string, string>,
): MetadataRecord[] => [...entries].map(([name, value]) => configRecord(resource, name, value))

export function incrementalAlterConfigs(
  state: ControllerState,
  resources: readonly (ConfigResource & { readonly configs: readonly ConfigOperation[] })[],
  validateOnly: boolean,
  context: CommandContext,
): Result<(ApiError & ConfigResource)[]> {
  return eachResource(state, resources, validateOnly, context, (resource, current) => {
    const changes = new Map<string, string | null>()
    for (const { name, configOperation, value } of resource.configs) {
      changes.set(name, operate(resource, name, configOperation, value, current.get(name), context))
    }
    return changes
  })
}

/** The old call: the resource shall have exactly these overrides. */
export function alterConfigs(
  state: ControllerState,
  resources: readonly (ConfigResource & {
    readonly configs: readonly { readonly name: string; readonly value: string | null }[]
  })[],
  validateOnly: boolean,
  context: CommandContext,
): Result<(ApiError & ConfigResource)[]> {
  return eachResource(state, resources, validateOnly, context, (resource, current) => {
    const changes = new Map<string, string | null>(resource.configs.map(({ name, value }) => [name, value]))
    for (const name of current.keys()) if (!changes.has(name)) changes.set(name, null)
    return changes
  })
}

function eachResource<R extends ConfigResource>(
  state: ControllerState,
  resources: readonly R[],
  validateOnly: boolean,
  context: CommandContext,
  changesOf: (resource: R, current: ReadonlyMap<string, string>) => ReadonlyMap<string, string | null>,
): Result<(ApiError & ConfigResource)[]> {
  const records: MetadataRecord[] = []
  const reply = resources.map(resource => {
    const { resourceType, resourceName } = resource
    const error = rowOf(() => {
      const current = configsOf(state.image, resourceType, resourceName)
      const changes = changesOf(resource, current)
      if (isElrEnabled(state.image)) refuseMinIsr(resource, changes)
      const after = new Map(current)
      for (const [name, value] of changes) {
        if (value === null) after.delete(name)
        else after.set(name, value)
      }
      const refused = context.schema.validate(resource, after)
      if (refused !== null) throw new ControllerError(refused.error, refused.message)
      refuseMissing(state.image, resource)
      for (const [name, value] of changes) {
        // A broker reloads files (key stores) on a record that changes nothing: KAFKA-14136.
        if (resourceType === ConfigResourceType.BROKER || (current.get(name) ?? null) !== value) {
          records.push(configRecord(resource, name, value))
          if (name === MIN_ISR && isElrEnabled(state.image)) records.push(clearElr(resource))
        }
      }
      return undefined
    })
    return { resourceType, resourceName, ...error }
  })
  boundRecords(records.length)
  return { records: validateOnly ? [] : records, reply }
}

// KIP-966: with eligible leader replicas on, who is eligible depends on min.insync.replicas. So there is one value for the cluster, no
// broker has its own, and a change of it, or of a topic's, empties the lists that the old value made.
const MIN_ISR = 'min.insync.replicas'

function refuseMinIsr(
  { resourceType, resourceName }: ConfigResource,
  changes: ReadonlyMap<string, string | null>,
): void {
  if (resourceType !== ConfigResourceType.BROKER || !changes.has(MIN_ISR)) return
  if (resourceName !== '' && changes.get(MIN_ISR) !== null) {
    throw new ControllerError(
      Errors.INVALID_CONFIG,
      `Broker-level ${MIN_ISR} cannot be altered while ELR is enabled.`,
    )
  }
  if (resourceName === '' && changes.get(MIN_ISR) === null) {
    throw new ControllerError(
      Errors.INVALID_CONFIG,
      `Cluster-level ${MIN_ISR} cannot be removed while ELR is enabled.`,
    )
  }
}

const clearElr = ({ resourceType, resourceName }: ConfigResource): MetadataRecord => ({
  type: 'ClearElrRecord',
  value: { topicName: resourceType === ConfigResourceType.TOPIC ? resourceName : '' },
})

function operate(
  resource: ConfigResource,
  name: string,
  operation: number,
  operand: string | null,
  current: string | undefined,
  { schema }: CommandContext,
): string | null {
  if (operation === SET) return operand
  if (operation === DELETE) return null
  if (operation !== APPEND && operation !== SUBTRACT) {
    throw new ControllerError(Errors.INVALID_REQUEST, `Unknown config operation ${operation} on ${name}.`)
  }
  if (!schema.isList(resource.resourceType, name)) {
    throw new ControllerError(
      Errors.INVALID_CONFIG,
      `Can't ${operationNames[operation]} to key ${name} because its type is not LIST.`,
    )
  }
  const before = current ?? schema.defaultValue(resource.resourceType, name) ?? ''
  const items = before.split(',').filter(item => item !== '')
  for (const item of (operand ?? '').split(',')) {
    const at = items.indexOf(item)
    if (operation === APPEND && at < 0) items.push(item)
    if (operation === SUBTRACT && at >= 0) items.splice(at, 1)
  }
  return items.join(',')
}

function refuseMissing(image: MetadataImage, { resourceType, resourceName }: ConfigResource): void {
  if (resourceType === ConfigResourceType.TOPIC && !image.topics.byName.has(resourceName)) {
    throw new ControllerError(
      Errors.UNKNOWN_TOPIC_OR_PARTITION,
      `The topic '${resourceName}' does not exist.`,
    )
  }
  if (resourceType === ConfigResourceType.BROKER && resourceName !== '') {
    const id = Number(resourceName)
    if (!image.cluster.brokers.has(id) && !image.cluster.controllers.has(id)) {
      throw new ControllerError(Errors.BROKER_ID_NOT_REGISTERED, `No node with id ${resourceName} found.`)
    }
  }
}
