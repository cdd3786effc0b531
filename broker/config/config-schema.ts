// What the controller may know about settings: which values a resource may have, and what a new topic's settings would
// be. Kafka's ControllerConfigurationValidator and KafkaConfigSchema. The image it is handed is the controller's own,
// which may be ahead of what this broker has applied.
import { ConfigResourceType, type MetadataImage, configsOf } from '../metadata/image.ts'
import { Errors } from '../../protocol/errors.ts'
import { invalidTopicName } from '../metadata/topic-name.ts'
import type {
  ConfigProblem,
  ConfigResource,
  ConfigSchema,
  CreatableTopicResult,
} from '../ports/controller.ts'
import type { BrokerConfig, Overrides } from './broker-config.ts'
import { ConfigSources } from './config-source.ts'
import { problemWithGroupConfig } from './group-config.ts'
import { type Setting, type SettingTable, parseSetting } from './setting.ts'
import { BROKER_SETTINGS, CLIENT_METRICS_SETTINGS, GROUP_SETTINGS, TOPIC_SETTINGS } from './tables.ts'
import { problemWithTopicConfig, resolveTopicDefault } from './topic-config.ts'

const TABLES: Readonly<Record<number, SettingTable>> = {
  [ConfigResourceType.TOPIC]: TOPIC_SETTINGS,
  [ConfigResourceType.BROKER]: BROKER_SETTINGS,
  [ConfigResourceType.GROUP]: GROUP_SETTINGS,
  [ConfigResourceType.CLIENT_METRICS]: CLIENT_METRICS_SETTINGS,
}

export class BrokerConfigSchema implements ConfigSchema {
  readonly #config: BrokerConfig

  constructor(config: BrokerConfig) {
    this.#config = config
  }

  validate({ resourceType, resourceName }: ConfigResource, overrides: Overrides): ConfigProblem | null {
    switch (resourceType) {
      case ConfigResourceType.TOPIC:
        if (resourceName === '') return invalidRequest('Default topic resources are not allowed.')
        return (
          problem(Errors.INVALID_TOPIC_EXCEPTION, invalidTopicName(resourceName) ?? null) ??
          problem(Errors.INVALID_CONFIG, problemWithTopicConfig(this.#config.topicDefaults, overrides))
        )
      case ConfigResourceType.GROUP:
        if (resourceName === '') return invalidRequest('Default group resources are not allowed.')
        return problem(Errors.INVALID_CONFIG, problemWithGroupConfig(this.#config, overrides))
      case ConfigResourceType.CLIENT_METRICS:
        if (resourceName === '') return invalidRequest("Subscription name can't be empty")
        return problemWithClientMetrics(overrides)
      default:
        // A broker's settings are checked by the broker that is asked (alter-configs.ts); a controller that is asked lets
        // them pass, and each broker takes over what it can.
        return problem(Errors.INVALID_REQUEST, problemWithBrokerName(resourceName))
    }
  }

  effectiveTopicConfigs(overrides: Overrides, image: MetadataImage): CreatableTopicResult['configs'] {
    const rows: CreatableTopicResult['configs'] = []
    for (const [name, setting] of Object.entries<Setting>(TOPIC_SETTINGS)) {
      // Those for tests are shown only where they were set.
      if (setting.internal && !overrides.has(name)) continue
      const own = overrides.get(name)
      const inherited = resolveTopicDefault(name, this.#layers(image))
      rows.push({
        name,
        // As it was said, not as it would be shown later.
        value: own ?? inherited.text,
        readOnly: false,
        configSource: own === undefined ? inherited.source : ConfigSources.DYNAMIC_TOPIC,
        isSensitive: false,
      })
    }
    return rows.sort((a, b) => (a.name < b.name ? -1 : 1))
  }

  topicValue(image: MetadataImage, topic: string, name: string): string {
    const own = configsOf(image, ConfigResourceType.TOPIC, topic).get(name)
    return own ?? resolveTopicDefault(name, this.#layers(image)).text ?? ''
  }

  isList(resourceType: number, name: string): boolean {
    // Kafka's controller knows the types of these two only, so lists of groups and client metrics take no APPEND.
    if (resourceType !== ConfigResourceType.TOPIC && resourceType !== ConfigResourceType.BROKER) return false
    return TABLES[resourceType]?.[name]?.type === 'LIST'
  }

  defaultValue(resourceType: number, name: string): string | null {
    return TABLES[resourceType]?.[name]?.default ?? null
  }

  #layers(image: MetadataImage): readonly (readonly [Overrides, number])[] {
    const { nodeId, static: staticTexts } = this.#config
    return [
      [configsOf(image, ConfigResourceType.BROKER, String(nodeId)), ConfigSources.DYNAMIC_BROKER],
      [configsOf(image, ConfigResourceType.BROKER, ''), ConfigSources.DYNAMIC_DEFAULT_BROKER],
      [staticTexts, ConfigSources.STATIC_BROKER],
    ]
  }
}

const problem = (error: ConfigProblem['error'], message: string | null): ConfigProblem | null =>
  message === null ? null : { error, message }

/** What a broker calls itself, or nothing: all of them. Whether there is such a broker the controller knows. */
function problemWithBrokerName(name: string): string | null {
  if (name === '') return null
  if (!/^[+-]?\d{1,10}$/.test(name)) return 'Unable to parse broker name as a base 10 number.'
  return Number(name) < 0 ? 'Invalid negative broker ID.' : null
}

const invalidRequest = (message: string): ConfigProblem => ({ error: Errors.INVALID_REQUEST, message })
const invalidConfig = (message: string): ConfigProblem => ({ error: Errors.INVALID_CONFIG, message })

const CLIENT_ATTRIBUTES = [
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
]

/** A client metrics subscription (KIP-714): all names, then all types, then the interval's range and the patterns. */
function problemWithClientMetrics(overrides: Overrides): ConfigProblem | null {
  const table = CLIENT_METRICS_SETTINGS as SettingTable
  const unknown = [...overrides.keys()].find(name => !Object.hasOwn(table, name))
  if (unknown !== undefined) return invalidRequest(`Unknown client metrics configuration: ${unknown}`)
  const values = new Map<string, unknown>()
  try {
    for (const [name, text] of overrides) values.set(name, parseSetting(name, table[name]!, text))
  } catch (error) {
    return invalidConfig((error as Error).message)
  }
  const intervalMs = values.get('interval.ms') as number | undefined
  if (intervalMs !== undefined && (intervalMs < 100 || intervalMs > 3_600_000))
    return invalidRequest(`Invalid value ${intervalMs} for interval.ms: must be from 100 to 3600000`)
  const wrong = ((values.get('match') ?? []) as readonly string[]).find(pattern => !isMatch(pattern))
  return wrong === undefined ? null : invalidConfig(`Illegal client matching pattern: ${wrong}`)
}

/** `attribute=expression`. */
function isMatch(pattern: string): boolean {
  const [attribute, expression = '', ...more] = pattern.split('=')
  if (more.some(part => part !== '') || expression === '') return false
  return CLIENT_ATTRIBUTES.includes(attribute!.trim()) && isExpression(expression.trim())
}

/** As Java reads expressions, as far as that differs from here in ways that are used: flags in front, possessive quantifiers. */
function isExpression(text: string): boolean {
  try {
    new RegExp(text.replace(/^\(\?[a-z]+\)/, '').replaceAll(/([*+?}])\+/g, '$1'))
    return true
  } catch {
    return false
  }
}
