// The one table of settings, put together from settings/, and the relation between a topic's settings and the broker
// settings that are their defaults. Everything that is accepted anywhere is in here.
import type { SettingTable, ValueIn } from './setting.ts'
import { CONTROLLER } from './settings/controller.ts'
import { GROUPS } from './settings/groups.ts'
import { NODE } from './settings/node.ts'
import { OWN } from './settings/own.ts'
import { PER_CLIENT_METRICS } from './settings/per-client-metrics.ts'
import { PER_GROUP } from './settings/per-group.ts'
import { PER_TOPIC } from './settings/per-topic.ts'
import { QUOTAS_AND_METRICS } from './settings/quotas-and-metrics.ts'
import { REPLICATION } from './settings/replication.ts'
import { SECURITY } from './settings/security.ts'
import { SHARE_AND_STREAMS } from './settings/share-and-streams.ts'
import { SOCKETS } from './settings/sockets.ts'
import { TIERED } from './settings/tiered-storage.ts'
import { TOPICS } from './settings/topics.ts'
import { TRANSACTIONS } from './settings/transactions.ts'

/** Broker settings by theme, in the order of docs/settings.md. */
export const BROKER_THEMES = {
  'The node': NODE,
  'Connections and requests': SOCKETS,
  'Topics and logs': TOPICS,
  'The controller and its log': CONTROLLER,
  'Consumer groups': GROUPS,
  'Producers and transactions': TRANSACTIONS,
  'Share and streams groups': SHARE_AND_STREAMS,
  Security: SECURITY,
  'Quotas and metrics': QUOTAS_AND_METRICS,
  'Tiered storage': TIERED,
  Replication: REPLICATION,
  'Odradek’s own': OWN,
} satisfies Readonly<Record<string, SettingTable>>

/** Without a prototype: names come from clients, and `constructor` is no setting for every object's having one. */
const tableOf = <Table extends object>(settings: Table): Table =>
  Object.assign(Object.create(null) as Table, settings)

export const BROKER_SETTINGS = tableOf({
  ...NODE,
  ...SOCKETS,
  ...TOPICS,
  ...CONTROLLER,
  ...GROUPS,
  ...TRANSACTIONS,
  ...SHARE_AND_STREAMS,
  ...SECURITY,
  ...QUOTAS_AND_METRICS,
  ...TIERED,
  ...REPLICATION,
  ...OWN,
})
export const TOPIC_SETTINGS = tableOf(PER_TOPIC)
export const GROUP_SETTINGS = tableOf(PER_GROUP)
export const CLIENT_METRICS_SETTINGS = tableOf(PER_CLIENT_METRICS)

export type BrokerSettingName = keyof typeof BROKER_SETTINGS
export type BrokerSettingValue<Name extends BrokerSettingName> = ValueIn<typeof BROKER_SETTINGS, Name>
export type TopicSettingName = keyof typeof TOPIC_SETTINGS
export type TopicSettingValue<Name extends TopicSettingName> = ValueIn<typeof TOPIC_SETTINGS, Name>

const HOURS = 3_600_000
const MINUTES = 60_000

/** Broker settings that are a topic setting's default, the strongest first; the last always has a value. */
export const TOPIC_SYNONYMS: Readonly<
  Partial<Record<TopicSettingName, readonly (readonly [name: BrokerSettingName, unitMs?: number])[]>>
> = {
  'cleanup.policy': [['log.cleanup.policy']],
  'compression.gzip.level': [['compression.gzip.level']],
  'compression.lz4.level': [['compression.lz4.level']],
  'compression.type': [['compression.type']],
  'compression.zstd.level': [['compression.zstd.level']],
  'delete.retention.ms': [['log.cleaner.delete.retention.ms']],
  'file.delete.delay.ms': [['log.segment.delete.delay.ms']],
  'flush.messages': [['log.flush.interval.messages']],
  'flush.ms': [['log.flush.interval.ms'], ['log.flush.scheduler.interval.ms']],
  'index.interval.bytes': [['log.index.interval.bytes']],
  'local.retention.bytes': [['log.local.retention.bytes']],
  'local.retention.ms': [['log.local.retention.ms']],
  'max.compaction.lag.ms': [['log.cleaner.max.compaction.lag.ms']],
  'max.message.bytes': [['message.max.bytes']],
  'message.timestamp.after.max.ms': [['log.message.timestamp.after.max.ms']],
  'message.timestamp.before.max.ms': [['log.message.timestamp.before.max.ms']],
  'message.timestamp.type': [['log.message.timestamp.type']],
  'min.cleanable.dirty.ratio': [['log.cleaner.min.cleanable.ratio']],
  'min.compaction.lag.ms': [['log.cleaner.min.compaction.lag.ms']],
  'min.insync.replicas': [['min.insync.replicas']],
  preallocate: [['log.preallocate']],
  'retention.bytes': [['log.retention.bytes']],
  'retention.ms': [['log.retention.ms'], ['log.retention.minutes', MINUTES], ['log.retention.hours', HOURS]],
  'segment.bytes': [['log.segment.bytes']],
  'segment.index.bytes': [['log.index.size.max.bytes']],
  'segment.jitter.ms': [['log.roll.jitter.ms'], ['log.roll.jitter.hours', HOURS]],
  'segment.ms': [['log.roll.ms'], ['log.roll.hours', HOURS]],
  'unclean.leader.election.enable': [['unclean.leader.election.enable']],
}

/**
 * Names under which a broker setting is looked up, the strongest first, as DescribeConfigs lists its synonyms. Kafka
 * gives each unit of the three families all weaker ones; log.flush.interval.ms and log.dirs have one each.
 */
const FAMILIES: readonly (readonly BrokerSettingName[])[] = [
  ['log.roll.ms', 'log.roll.hours'],
  ['log.roll.jitter.ms', 'log.roll.jitter.hours'],
  ['log.flush.interval.ms', 'log.flush.scheduler.interval.ms'],
  ['log.retention.ms', 'log.retention.minutes', 'log.retention.hours'],
]

export function brokerSynonyms(name: string): readonly string[] {
  if (name === 'log.flush.scheduler.interval.ms') return [name]
  return FAMILIES.find(family => (family as readonly string[]).includes(name)) ?? [name]
}
