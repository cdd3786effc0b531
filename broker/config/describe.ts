// The rows of DescribeConfigs: every setting with its value, where it comes from, what else could have set it, its type
// and its meaning (KIP-133, KIP-226, KIP-524, KIP-569). Kafka's ConfigHelper, down to which synonyms it leaves out.
import { type BrokerConfig, type Overrides, settingOf } from './broker-config.ts'
import { ConfigSources, ConfigTypes } from './config-source.ts'
import { groupDefault } from './group-config.ts'
import { type Setting, type SettingTable, canonicalText, isSensitive } from './setting.ts'
import {
  BROKER_SETTINGS,
  CLIENT_METRICS_SETTINGS,
  GROUP_SETTINGS,
  TOPIC_SETTINGS,
  TOPIC_SYNONYMS,
  type TopicSettingName,
  brokerSynonyms,
} from './tables.ts'

export interface ConfigSynonym {
  name: string
  value: string | null
  source: number
}

export interface ConfigRow {
  name: string
  value: string | null
  readOnly: boolean
  configSource: number
  isSensitive: boolean
  synonyms: ConfigSynonym[]
  configType: number
  documentation: string | null
}

function rowOf(
  name: string,
  setting: Setting | undefined,
  value: string | null,
  synonyms: ConfigSynonym[],
  readOnly: boolean,
): ConfigRow {
  const hidden = isSensitive(setting)
  return {
    name,
    value: hidden ? null : value,
    readOnly,
    configSource: synonyms[0]?.source ?? ConfigSources.DEFAULT,
    isSensitive: hidden,
    synonyms: hidden ? synonyms.map(synonym => ({ ...synonym, value: null })) : synonyms,
    configType: ConfigTypes[setting?.type ?? 'UNKNOWN'],
    documentation: setting?.doc ?? null,
  }
}

/**
 * Everything that could have given a broker setting its value, the strongest first. What stands before the first entry
 * of that very name is left out: log.retention.hours alone is no synonym of log.retention.ms.
 */
function brokerSynonymRows(config: BrokerConfig, name: string): ConfigSynonym[] {
  const rows: ConfigSynonym[] = []
  const names = brokerSynonyms(name)
  const layers: readonly (readonly [Overrides, number])[] = [
    [config.perBroker, ConfigSources.DYNAMIC_BROKER],
    [config.clusterWide, ConfigSources.DYNAMIC_DEFAULT_BROKER],
    [config.static, ConfigSources.STATIC_BROKER],
  ]
  for (const [texts, source] of layers)
    for (const synonym of names) {
      const value = texts.get(synonym)
      if (value !== undefined) rows.push({ name: synonym, value, source })
    }
  for (const synonym of names) {
    const setting = (BROKER_SETTINGS as SettingTable)[synonym]
    if (typeof setting?.default === 'string')
      rows.push({
        name: synonym,
        value: canonicalText(setting, setting.default),
        source: ConfigSources.DEFAULT,
      })
  }
  const first = rows.findIndex(row => row.name === name)
  return first < 0 ? [] : rows.slice(first)
}

/** Kafka has these only as what was set while it runs; a broker that was told nothing does not show them. */
const DYNAMIC_ONLY = [
  'follower.replication.throttled.rate',
  'leader.replication.throttled.rate',
  'replica.alter.log.dirs.io.max.bytes.per.second',
]

function isReadOnly(name: string): boolean {
  const setting = (BROKER_SETTINGS as SettingTable)[name]
  return setting === undefined || setting.dynamic === 'read-only'
}

/** All settings of this broker. */
export function describeBroker(config: BrokerConfig): ConfigRow[] {
  const names = new Set<string>(config.static.keys())
  for (const texts of [config.clusterWide, config.perBroker]) for (const name of texts.keys()) names.add(name)
  for (const [name, setting] of Object.entries<Setting>(BROKER_SETTINGS)) {
    // Internal ones are shown to whoever set them.
    if (!setting.internal && !DYNAMIC_ONLY.includes(name)) names.add(name)
  }
  return [...names]
    .sort()
    .map(name =>
      rowOf(
        name,
        settingOf(name),
        config.shownValueOf(name),
        brokerSynonymRows(config, name),
        isReadOnly(name),
      ),
    )
}

/** What has been set for all brokers, and only that. */
export function describeBrokerDefaults(config: BrokerConfig): ConfigRow[] {
  return [...config.clusterWide].map(([name, text]) => {
    const synonyms = brokerSynonymRows(config, name).filter(
      synonym => synonym.source === ConfigSources.DYNAMIC_DEFAULT_BROKER,
    )
    return rowOf(name, settingOf(name), text, synonyms, isReadOnly(name))
  })
}

export function describeTopic(config: BrokerConfig, overrides: Overrides): ConfigRow[] {
  const defaults = config.topicDefaults
  const rows: ConfigRow[] = []
  for (const [name, setting] of Object.entries<Setting>(TOPIC_SETTINGS)) {
    if (setting.internal && !overrides.has(name)) continue
    const own = overrides.get(name)
    const value = own === undefined ? (defaults.get(name) ?? null) : canonicalText(setting, own)
    const strongest = TOPIC_SYNONYMS[name as TopicSettingName]?.[0]?.[0]
    const synonyms = strongest === undefined ? [] : brokerSynonymRows(config, strongest)
    if (own !== undefined) synonyms.unshift({ name, value, source: ConfigSources.DYNAMIC_TOPIC })
    rows.push(rowOf(name, setting, value, synonyms, false))
  }
  return rows
}

export function describeGroup(config: BrokerConfig, overrides: Overrides): ConfigRow[] {
  return Object.entries<Setting>(GROUP_SETTINGS).map(([name, setting]) => {
    const own = overrides.get(name)
    const value = own === undefined ? groupDefault(config, name) : canonicalText(setting, own)
    const synonyms = brokerSynonymRows(config, `group.${name}`)
    // What only a group can set has its own name's default for want of a broker setting.
    if (synonyms.length === 0) {
      synonyms.push({ name, value: groupDefault(config, name), source: ConfigSources.DEFAULT })
    }
    if (own !== undefined) synonyms.unshift({ name, value, source: ConfigSources.GROUP })
    return rowOf(name, setting, value, synonyms, false)
  })
}

/** Only what the subscription says; Kafka shows neither type nor documentation here. */
export function describeClientMetrics(overrides: Overrides): ConfigRow[] {
  return Object.entries<Setting>(CLIENT_METRICS_SETTINGS).map(([name, setting]) => {
    const own = overrides.get(name)
    const value = own ?? String(setting.default)
    const synonyms = own === undefined ? [] : [{ name, value, source: ConfigSources.CLIENT_METRICS }]
    return rowOf(name, setting, value, synonyms, false)
  })
}

export function describeLoggers(levels: ReadonlyMap<string, string>): ConfigRow[] {
  return [...levels].map(([name, value]) => ({
    name,
    value,
    readOnly: false,
    configSource: ConfigSources.DYNAMIC_BROKER_LOGGER,
    isSensitive: false,
    synonyms: [],
    configType: ConfigTypes.UNKNOWN,
    documentation: null,
  }))
}
