// What the broker checks before a change of settings goes to the controller, one resource at a time, in Kafka's order
// (ConfigAdminManager): duplicates, null values, whether a broker may change these settings while it runs. The controller
// checks names and what a topic, a group or a subscription may have, and writes.
import { type BrokerConfig, type Overrides, baseSettingName, settingOf } from './broker-config.ts'
import { ConfigError, parseSetting } from './setting.ts'

export interface Alteration {
  readonly resourceType: number
  readonly resourceName: string
  readonly configs: readonly {
    readonly name: string
    /** SET 0, DELETE 1, APPEND 2, SUBTRACT 3; absent in the old call, which sets everything. */
    readonly configOperation?: number
    readonly value: string | null
  }[]
}

const DELETE = 1

/** Two entries for one name, or a value of null where one is needed. */
export function problemWithEntries({ configs }: Alteration): string | null {
  if (new Set(configs.map(config => config.name)).size < configs.length)
    return 'Error due to duplicate config keys'
  const missing = configs.filter(config => config.value === null && config.configOperation !== DELETE)
  return missing.length === 0
    ? null
    : `Null value not supported for : ${missing.map(config => config.name).join(', ')}`
}

/** The id of this node, as text; anything else is refused. */
export function problemWithNodeName(name: string, nodeId: number): string | null {
  if (!/^[+-]?\d{1,10}$/.test(name)) return `Node id must be an integer, but it is: ${name}`
  return Number(name) === nodeId ? null : `Unexpected broker id, expected ${nodeId}, but received ${name}`
}

const CLUSTER_LEVEL = ['max.connections', 'max.connection.creation.rate', 'num.network.threads']

function isPerBroker(name: string): boolean {
  const base = baseSettingName(name)
  return base === undefined ? settingOf(name)?.dynamic === 'per-broker' : !CLUSTER_LEVEL.includes(base)
}

/** May this broker (or, with `perBroker` false, every broker) have these settings while it runs? */
export function problemWithBrokerConfig(
  config: BrokerConfig,
  overrides: Overrides,
  perBroker: boolean,
): string | null {
  const names = [...overrides.keys()]
  const readOnly = names.filter(
    name => settingOf(name)?.dynamic === 'read-only' && baseSettingName(name) === undefined,
  )
  if (readOnly.length > 0) return `Cannot update these configs dynamically: [${readOnly.join(', ')}]`
  const security = names.filter(
    name => /^(ssl|sasl)\./.test(name) && settingOf(name)?.dynamic === 'per-broker',
  )
  if (security.length > 0)
    return `These security configs can be dynamically updated only per-listener using the listener prefix: ${security.join(', ')}`
  try {
    for (const [name, text] of overrides) {
      const setting = settingOf(name)
      // A key that nobody knows is kept for plugins, as Kafka keeps it.
      if (setting !== undefined) parseSetting(name, setting, text)
    }
    const notDefault = perBroker ? [] : names.filter(isPerBroker)
    if (notDefault.length > 0)
      return `Cannot update these configs at default cluster level, broker id must be specified: ${notDefault.join(', ')}`
    config.checkTogetherWith(overrides)
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return null
}
