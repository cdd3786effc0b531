// A group's settings: its overrides over the broker's group.* settings, within the bounds the broker sets (KIP-848,
// KIP-932, KIP-1071). Kafka's GroupConfig.
import type { BrokerConfig, Overrides } from './broker-config.ts'
import { type SettingTable, parseSetting } from './setting.ts'
import { BROKER_SETTINGS, type BrokerSettingName, GROUP_SETTINGS } from './tables.ts'

/** The text a group setting has when the group says nothing: consumer.session.timeout.ms is group.consumer.session.timeout.ms. */
export function groupDefault(config: BrokerConfig, name: string): string | null {
  const ofBroker = `group.${name}`
  if (ofBroker in BROKER_SETTINGS) return config.shownValueOf(ofBroker)
  return (GROUP_SETTINGS as SettingTable)[name]?.default ?? null
}

const BOUNDED = [
  'consumer.heartbeat.interval.ms',
  'consumer.session.timeout.ms',
  'consumer.assignment.interval.ms',
  'share.heartbeat.interval.ms',
  'share.session.timeout.ms',
  'share.record.lock.duration.ms',
  'share.delivery.count.limit',
  'share.partition.max.record.locks',
  'share.assignment.interval.ms',
  'streams.heartbeat.interval.ms',
  'streams.session.timeout.ms',
  'streams.assignment.interval.ms',
  'streams.num.standby.replicas',
]

/** group.consumer.min.session.timeout.ms bounds consumer.session.timeout.ms; the standby tasks have an odd name. */
function boundOf(name: string, side: 'min' | 'max'): string {
  if (name === 'streams.num.standby.replicas') return `group.streams.${side}.standby.replicas`
  return `group.${name.replace('.', `.${side}.`)}`
}

export function problemWithGroupConfig(config: BrokerConfig, overrides: Overrides): string | null {
  const values = new Map<string, unknown>()
  try {
    for (const [name, setting] of Object.entries(GROUP_SETTINGS as SettingTable)) {
      const text = overrides.get(name) ?? groupDefault(config, name)
      if (text !== null) values.set(name, parseSetting(name, setting, text))
    }
  } catch (error) {
    return (error as Error).message
  }
  for (const name of overrides.keys())
    if (!(name in GROUP_SETTINGS)) return `Unknown group config name: ${name}`
  for (const name of BOUNDED) {
    const value = values.get(name) as number
    const min = boundOf(name, 'min')
    const max = boundOf(name, 'max')
    if (min in BROKER_SETTINGS && value < (config.get(min as BrokerSettingName) as number))
      return `${name} must be greater than or equal to ${min}`
    if (max in BROKER_SETTINGS && value > (config.get(max as BrokerSettingName) as number))
      return `${name} must be less than or equal to ${max}`
  }
  for (const kind of ['consumer', 'share', 'streams']) {
    const heartbeat = `${kind}.heartbeat.interval.ms`
    const session = `${kind}.session.timeout.ms`
    if ((values.get(session) as number) <= (values.get(heartbeat) as number))
      return `${session} must be greater than ${heartbeat}`
  }
  return null
}
