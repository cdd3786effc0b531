// A topic's settings: its own overrides over the broker's, as texts for DescribeConfigs and CreateTopics and as the
// numbers that storage works with. Cross-checks between settings of one topic live here too (Kafka's LogConfig).
import type { LogConfig } from '../../storage/config.ts'
import { ConfigSources } from './config-source.ts'
import { ConfigError, type SettingTable, canonicalText, parseSetting } from './setting.ts'
import { TOPIC_SETTINGS, TOPIC_SYNONYMS, type TopicSettingName, type TopicSettingValue } from './tables.ts'

const SETTINGS: SettingTable = TOPIC_SETTINGS

/** By topic setting: the text of its default on this broker. Null: not set. */
export type TopicDefaults = ReadonlyMap<string, string | null>

interface BrokerTexts {
  shownValueOf(name: string): string | null
}

/** In Kafka a negative retention in hours or minutes means -1 ms, and so does a negative retention.ms. */
function inMs(name: string, text: string, unitMs: number): string {
  if (unitMs === 1 && name !== 'retention.ms') return text
  const value = BigInt(text) * BigInt(unitMs)
  return name === 'retention.ms' && value < 0n ? '-1' : value.toString()
}

export function topicDefaultsOf(config: BrokerTexts): TopicDefaults {
  const defaults = new Map<string, string | null>()
  for (const [name, setting] of Object.entries(SETTINGS)) {
    let text = setting.default ?? null
    for (const [brokerName, unitMs = 1] of TOPIC_SYNONYMS[name as TopicSettingName] ?? []) {
      const shown = config.shownValueOf(brokerName)
      if (shown === null) continue
      text = inMs(name, shown, unitMs)
      break
    }
    defaults.set(name, text)
  }
  return defaults
}

/** A topic setting that is not overridden: its text and where it comes from, given the layers from strong to weak. */
export function resolveTopicDefault(
  name: string,
  layers: readonly (readonly [texts: ReadonlyMap<string, string>, source: number])[],
): { readonly text: string | null; readonly source: number } {
  const setting = SETTINGS[name]!
  const synonyms = TOPIC_SYNONYMS[name as TopicSettingName] ?? []
  for (const [texts, source] of layers)
    for (const [brokerName, unitMs = 1] of synonyms) {
      const text = texts.get(brokerName)
      if (text !== undefined) return { text: inMs(name, canonicalText(setting, text), unitMs), source }
    }
  return { text: setting.default ?? null, source: ConfigSources.DEFAULT }
}

type Overrides = ReadonlyMap<string, string> | Readonly<Record<string, string>>

function entriesOf(overrides: Overrides): Iterable<[string, string]> {
  return overrides instanceof Map
    ? (overrides as ReadonlyMap<string, string>).entries()
    : Object.entries(overrides as Readonly<Record<string, string>>)
}

/** Reads every setting; a text that is not valid is passed over (`problems` hears of it). */
function valuesOf(defaults: TopicDefaults, overrides: Overrides, problems: string[]): Map<string, unknown> {
  const values = new Map<string, unknown>()
  const read = (name: string, text: string): void => {
    const setting = SETTINGS[name]
    if (setting === undefined) {
      problems.push(`Unknown topic config name: ${name}`)
      return
    }
    try {
      values.set(name, parseSetting(name, setting, text))
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(error.message)
    }
  }
  for (const [name, text] of defaults) if (text !== null) read(name, text)
  for (const [name, text] of entriesOf(overrides)) read(name, text)
  return values
}

export function topicConfigOf(defaults: TopicDefaults, overrides: Overrides): LogConfig {
  const values = valuesOf(defaults, overrides, [])
  const get = <Name extends TopicSettingName>(name: Name): TopicSettingValue<Name> =>
    values.get(name) as TopicSettingValue<Name>
  const policies = get('cleanup.policy')
  return {
    segmentBytes: get('internal.segment.bytes') ?? get('segment.bytes'),
    segmentMs: get('segment.ms'),
    segmentJitterMs: get('segment.jitter.ms'),
    segmentIndexBytes: get('segment.index.bytes'),
    indexIntervalBytes: get('index.interval.bytes'),
    retentionMs: get('retention.ms'),
    retentionBytes: get('retention.bytes'),
    maxMessageBytes: get('max.message.bytes'),
    cleanupPolicy: { delete: policies.includes('delete'), compact: policies.includes('compact') },
    flushMessages: get('flush.messages'),
    flushMs: get('flush.ms'),
    fileDeleteDelayMs: get('file.delete.delay.ms'),
    deleteRetentionMs: get('delete.retention.ms'),
    minCompactionLagMs: get('min.compaction.lag.ms'),
    maxCompactionLagMs: get('max.compaction.lag.ms'),
    minCleanableDirtyRatio: get('min.cleanable.dirty.ratio'),
    messageTimestampType: get('message.timestamp.type') as LogConfig['messageTimestampType'],
    messageTimestampBeforeMaxMs: get('message.timestamp.before.max.ms'),
    messageTimestampAfterMaxMs: get('message.timestamp.after.max.ms'),
    minInsyncReplicas: get('min.insync.replicas'),
    uncleanLeaderElectionEnable: get('unclean.leader.election.enable'),
    compressionType: get('compression.type') as LogConfig['compressionType'],
    compressionGzipLevel: get('compression.gzip.level'),
    compressionLz4Level: get('compression.lz4.level'),
    compressionZstdLevel: get('compression.zstd.level'),
    preallocate: get('preallocate'),
  }
}

/** What is wrong with these overrides of a topic, or null. */
export function problemWithTopicConfig(defaults: TopicDefaults, overrides: Overrides): string | null {
  const problems: string[] = []
  const values = valuesOf(defaults, overrides, problems)
  if (problems.length > 0) return problems[0]!
  const minMs = values.get('min.compaction.lag.ms') as number
  const maxMs = values.get('max.compaction.lag.ms') as number
  if (minMs > maxMs)
    return `min.compaction.lag.ms (${minMs}) must not be greater than max.compaction.lag.ms (${maxMs})`
  if (values.get('remote.storage.enable') === true)
    return 'remote.storage.enable: tiered storage is switched off on this broker'
  return null
}
