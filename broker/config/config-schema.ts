// What the controller may know about settings: which values a resource may have, and what a new topic's settings would
// be. Kafka's ControllerConfigurationValidator and KafkaConfigSchema. The image it is handed is the controller's own,
// which may be ahead of what this broker has applied.
import { ConfigResourceType, type MetadataImage, configsOf } from '../metadata/image.ts'
import type { ConfigResource, ConfigSchema, CreatableTopicResult } from '../ports/controller.ts'
import type { BrokerConfig, Overrides } from './broker-config.ts'
import { ConfigSources } from './config-source.ts'
import { problemWithGroupConfig } from './group-config.ts'
import { type Setting, type SettingTable, canonicalText, parseSetting } from './setting.ts'
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

  validate(resource: ConfigResource, overrides: Overrides): string | null {
    switch (resource.resourceType) {
      case ConfigResourceType.TOPIC:
        return problemWithTopicConfig(this.#config.topicDefaults, overrides)
      case ConfigResourceType.GROUP:
        return problemWithGroupConfig(this.#config, overrides)
      case ConfigResourceType.CLIENT_METRICS:
        return problemWithClientMetrics(overrides)
      default:
        // A broker's settings are checked by the broker they are for, before they get here (alter-configs.ts).
        return null
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
        value: own === undefined ? inherited.text : canonicalText(setting, own),
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

const CLIENT_ATTRIBUTES = [
  'client_instance_id',
  'client_id',
  'client_software_name',
  'client_software_version',
  'client_source_address',
  'client_source_port',
]

/** What makes a change of a client metrics subscription (KIP-714) an invalid request: an unknown name, an interval out of range. */
export function requestProblemWithClientMetrics(overrides: Overrides): string | null {
  for (const name of overrides.keys())
    if ((CLIENT_METRICS_SETTINGS as SettingTable)[name] === undefined)
      return `Unknown client metrics configuration: ${name}`
  const interval = overrides.get('interval.ms')
  // What is no number of its type is the schema's to refuse.
  if (interval === undefined || !/^\s*[+-]?\d+\s*$/.test(interval) || Math.abs(Number(interval)) >= 2 ** 31)
    return null
  return Number(interval) < 100 || Number(interval) > 3_600_000
    ? `Invalid value ${interval} for interval.ms: must be from 100 to 3600000`
    : null
}

/** The same, and what makes it an invalid setting: a value of another type, a pattern that matches no attribute of clients. */
function problemWithClientMetrics(overrides: Overrides): string | null {
  const problem = requestProblemWithClientMetrics(overrides)
  if (problem !== null) return problem
  for (const [name, text] of overrides) {
    try {
      const value = parseSetting(name, (CLIENT_METRICS_SETTINGS as SettingTable)[name]!, text)
      if (name !== 'match') continue
      for (const pattern of value as readonly string[]) {
        const [attribute, expected, ...more] = pattern.split('=')
        if (expected === undefined || more.length > 0 || !CLIENT_ATTRIBUTES.includes(attribute!.trim()))
          return `Illegal client matching pattern: ${pattern}`
      }
    } catch (error) {
      return (error as Error).message
    }
  }
  return null
}
