// The settings of one broker, as they are now: static ones from the sources of sources.ts, over them what the metadata
// log holds for all brokers and for this one (KIP-226). get() is typed by the table. Whoever depends on a setting that
// may change while the broker runs asks again each time, or listens with onChange.
import type { LogConfig } from '../../storage/config.ts'
import { type Listeners, parseListeners } from './listeners.ts'
import { nearest } from './nearest.ts'
import { checkRolesAndQuorum } from './quorum.ts'
import { ConfigError, type Setting, type SettingTable, canonicalText, parseSetting } from './setting.ts'
import type { ConfigSource } from './sources.ts'
import {
  BROKER_SETTINGS,
  type BrokerSettingName,
  type BrokerSettingValue,
  TOPIC_SYNONYMS,
  brokerSynonyms,
} from './tables.ts'
import { type TopicDefaults, topicConfigOf, topicDefaultsOf } from './topic-config.ts'

const SETTINGS: SettingTable = BROKER_SETTINGS
const NOTHING: ReadonlyMap<string, string> = new Map()

/** Settings that count threads: they change only step by step. */
const THREADS = [
  'num.io.threads',
  'num.network.threads',
  'num.replica.fetchers',
  'num.recovery.threads.per.data.dir',
  'background.threads',
  'log.cleaner.threads',
] as const

export type Overrides = ReadonlyMap<string, string>
type Listener = (changed: ReadonlySet<string>) => void

/** All that is wrong with the static settings, at once. */
export class InvalidSettings extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(problems.join('\n'))
    this.name = 'InvalidSettings'
    this.problems = problems
  }
}

/** `listener.name.external.max.connections` is the setting max.connections, for one listener. */
export function baseSettingName(name: string): string | undefined {
  const match = /^listener\.name\.[^.]+\.(.+)$/.exec(name)
  if (match === null) return undefined
  const base = match[1]!
  if (base in BROKER_SETTINGS) return base
  // listener.name.<listener>.<mechanism>.<setting>
  const ofMechanism = base.replace(/^[^.]+\./, '')
  return ofMechanism in BROKER_SETTINGS ? ofMechanism : undefined
}

export function settingOf(name: string): Setting | undefined {
  return SETTINGS[name] ?? SETTINGS[baseSettingName(name) ?? '']
}

/** Later maps win; one that names one unit of a family overrides the other units of earlier ones. */
function merge(maps: readonly Overrides[]): Map<string, string> {
  const merged = new Map<string, string>()
  for (const map of maps)
    for (const [name, value] of map) {
      for (const synonym of brokerSynonyms(name)) if (!map.has(synonym)) merged.delete(synonym)
      merged.set(name, value)
    }
  return merged
}

/** However many topics have settings of their own. */
const REMEMBERED_TOPIC_CONFIGS = 1000

export class BrokerConfig {
  /** What was said at start, by any source. */
  readonly static: ReadonlyMap<string, string>
  readonly listeners: Listeners
  /** What an operator should hear about: unknown keys. */
  readonly warnings: readonly string[]
  /** Static texts and what overrides them now. */
  #texts: ReadonlyMap<string, string>
  #values: ReadonlyMap<string, unknown>
  #clusterWide: Overrides = NOTHING
  #perBroker: Overrides = NOTHING
  #topicDefaults: TopicDefaults
  /** By the overrides' text: topics with the same settings share one object, 10,000 partitions' worth. */
  readonly #topicConfigs = new Map<string, LogConfig>()
  readonly #listeners = new Set<{ readonly names: ReadonlySet<string>; readonly listener: Listener }>()

  /** Throws InvalidSettings when a value is ill-typed, out of range, missing, or asks for what is not served. */
  constructor(sources: readonly ConfigSource[]) {
    this.static = merge(sources.map(source => source.entries))
    this.#texts = this.static
    const problems: string[] = []
    this.#values = this.#parseAll(problems)
    if (problems.length > 0) throw new InvalidSettings(problems)
    const listeners = this.#checkTogether(problems)
    if (listeners === undefined || problems.length > 0) throw new InvalidSettings(problems)
    this.listeners = listeners
    this.warnings = this.#unknownKeys()
    this.#topicDefaults = topicDefaultsOf(this)
  }

  get<Name extends BrokerSettingName>(name: Name): BrokerSettingValue<Name> {
    return this.#values.get(name) as BrokerSettingValue<Name>
  }

  /** As set for one listener (`listener.name.<name>.…`), else for all. */
  ofListener<Name extends BrokerSettingName>(listener: string, name: Name): BrokerSettingValue<Name> {
    const own = this.#values.get(`listener.name.${listener.toLowerCase()}.${name}`)
    return own === undefined ? this.get(name) : (own as BrokerSettingValue<Name>)
  }

  /** Kafka's node.id; broker.id stands in for it. */
  get nodeId(): number {
    return this.#values.get('node.id') as number
  }

  get logDirs(): readonly string[] {
    return this.get('log.dirs') ?? this.get('log.dir')
  }

  get metadataLogDir(): string {
    return this.get('metadata.log.dir') ?? this.logDirs[0]!
  }

  /** What the metadata log says for all brokers. */
  get clusterWide(): Overrides {
    return this.#clusterWide
  }

  /** What the metadata log says for this broker. */
  get perBroker(): Overrides {
    return this.#perBroker
  }

  /** A topic's settings: its own overrides over this broker's. Overrides that are not valid are left out. */
  topicConfig(overrides: Overrides | Readonly<Record<string, string>> = NOTHING): LogConfig {
    const key = JSON.stringify(overrides instanceof Map ? [...overrides] : Object.entries(overrides))
    let config = this.#topicConfigs.get(key)
    if (config === undefined) {
      config = Object.freeze(topicConfigOf(this.#topicDefaults, overrides))
      if (this.#topicConfigs.size >= REMEMBERED_TOPIC_CONFIGS) this.#topicConfigs.clear()
      this.#topicConfigs.set(key, config)
    }
    return config
  }

  /** The texts of a topic's defaults, as this broker has them now. */
  get topicDefaults(): TopicDefaults {
    return this.#topicDefaults
  }

  /** Calls listener, after the change, when one of the names got another value. Returns how to stop. */
  onChange(names: readonly BrokerSettingName[], listener: Listener): () => void {
    const entry = { names: new Set<string>(names), listener }
    this.#listeners.add(entry)
    return () => this.#listeners.delete(entry)
  }

  /** Calls listener when the default of any topic setting got another value. */
  onTopicDefaultsChange(listener: Listener): () => void {
    return this.onChange(
      Object.values(TOPIC_SYNONYMS).flatMap(synonyms => synonyms.map(([name]) => name)),
      listener,
    )
  }

  /**
   * Takes over what the metadata log holds for all brokers ('' resource) and for this one. Entries that are not valid
   * or may not change at run time are left out, as Kafka leaves them out, and named in the answer.
   */
  update(clusterWide: Overrides, perBroker: Overrides): readonly string[] {
    const ignored: string[] = []
    this.#clusterWide = this.#usable(clusterWide, ignored)
    this.#perBroker = this.#usable(perBroker, ignored)
    const before = this.#values
    this.#texts = merge([this.static, this.#clusterWide, this.#perBroker])
    this.#values = this.#parseAll([])
    this.#topicDefaults = topicDefaultsOf(this)
    this.#topicConfigs.clear()
    this.#tell(before)
    return ignored
  }

  /** The value in force as Kafka shows it; null when the setting is not set. */
  shownValueOf(name: string): string | null {
    const setting = SETTINGS[name]
    if (setting === undefined) return this.#texts.get(name) ?? null
    const text = this.#texts.get(name) ?? setting.default
    return text === null || text === undefined ? null : canonicalText(setting, text)
  }

  /** Would these overrides be accepted on top of the static settings? Throws ConfigError. */
  checkTogetherWith(overrides: Overrides): void {
    const numberOf = (name: 'log.cleaner.dedupe.buffer.size' | 'log.cleaner.threads'): number =>
      Number(overrides.get(name) ?? this.get(name))
    checkCleanerBuffer(numberOf('log.cleaner.dedupe.buffer.size'), numberOf('log.cleaner.threads'))
    for (const name of THREADS) {
      const text = overrides.get(name)
      if (text !== undefined) this.#checkThreads(name, Number(text))
    }
    const listeners = ['listeners', 'listener.security.protocol.map'].filter(name => overrides.has(name))
    if (listeners.length === 0) return
    parseListeners({
      listeners: (overrides.get('listeners') ?? this.get('listeners').join(','))
        .split(',')
        .map(text => text.trim()),
      advertised: this.get('advertised.listeners'),
      protocolMap:
        overrides.get('listener.security.protocol.map') ?? this.get('listener.security.protocol.map'),
      protocolMapIsSet: true,
      controllerNames: this.get('controller.listener.names'),
    })
  }

  /** A pool may at most double and at most halve at a time (KIP-226). */
  #checkThreads(name: (typeof THREADS)[number], count: number): void {
    const before = this.get(name)
    if (count >= 1 && count >= Math.floor(before / 2) && count <= 2 * before) return
    const least = Math.max(1, Math.floor(before / 2))
    throw new ConfigError(
      name,
      `${name}: from ${before} it may change to ${least}..${2 * before}, not to ${count}`,
    )
  }

  #parseAll(problems: string[]): Map<string, unknown> {
    const values = new Map<string, unknown>()
    const parse = (name: string, setting: Setting, text: string): void => {
      try {
        values.set(name, parseSetting(name, setting, text))
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        problems.push(error.message)
      }
    }
    for (const [name, setting] of Object.entries(SETTINGS)) {
      const text = this.#texts.get(name) ?? setting.default
      if (text === undefined) values.set(name, undefined)
      else if (text === null) values.set(name, null)
      else parse(name, setting, text)
    }
    for (const [name, text] of this.#texts) {
      const base = name in BROKER_SETTINGS ? undefined : baseSettingName(name)
      if (base !== undefined) parse(name, SETTINGS[base]!, text)
    }
    return values
  }

  #checkTogether(problems: string[]): Listeners | undefined {
    try {
      const values = this.#values as Map<string, unknown>
      const brokerId = this.get('broker.id')
      if (values.get('node.id') === undefined && brokerId >= 0) this.#say('node.id', brokerId)
      for (const name of ['node.id', 'process.roles', 'controller.listener.names'])
        if (values.get(name) === undefined)
          throw new ConfigError(name, `${name} is not set and has no default`)
      if (brokerId >= 0 && brokerId !== this.nodeId)
        throw new ConfigError(
          'broker.id',
          `broker.id is ${brokerId}, but node.id is ${this.nodeId}; they must agree`,
        )
      this.#say('broker.id', this.nodeId)
      const listeners = parseListeners({
        listeners: this.get('listeners'),
        advertised: this.get('advertised.listeners'),
        protocolMap: this.get('listener.security.protocol.map'),
        protocolMapIsSet: this.static.has('listener.security.protocol.map'),
        controllerNames: this.get('controller.listener.names'),
      })
      checkRolesAndQuorum(this, listeners)
      checkCleanerBuffer(this.get('log.cleaner.dedupe.buffer.size'), this.get('log.cleaner.threads'))
      if (!this.logDirs.includes(this.metadataLogDir))
        throw new ConfigError(
          'metadata.log.dir',
          `metadata.log.dir is ${this.metadataLogDir}: it must be one of log.dirs; a directory of its own is not built yet`,
        )
      return listeners
    } catch (error) {
      if (!(error instanceof ConfigError)) throw error
      problems.push(error.message)
      return undefined
    }
  }

  /** Each of the two ids speaks for the other, as if it had been given. */
  #say(name: 'node.id' | 'broker.id', id: number): void {
    ;(this.static as Map<string, string>).set(name, String(id))
    ;(this.#values as Map<string, unknown>).set(name, id)
  }

  #unknownKeys(): string[] {
    const warnings: string[] = []
    for (const name of this.static.keys()) {
      if (settingOf(name) !== undefined) continue
      const meant = nearest(name, Object.keys(BROKER_SETTINGS))
      warnings.push(`${name} is not a setting${meant === undefined ? '' : `; did you mean ${meant}?`}`)
    }
    return warnings
  }

  #usable(overrides: Overrides, ignored: string[]): Overrides {
    const usable = new Map<string, string>()
    for (const [name, text] of overrides) {
      const setting = settingOf(name)
      if (setting === undefined) {
        // A plug-in's, for all that is known; kept, and shown as a secret.
        usable.set(name, text)
        continue
      }
      if (setting.dynamic === 'read-only') {
        ignored.push(`${name} cannot change while the broker runs`)
        continue
      }
      try {
        parseSetting(name, setting, text)
        usable.set(name, text)
      } catch (error) {
        ignored.push((error as Error).message)
      }
    }
    return usable
  }

  #tell(before: ReadonlyMap<string, unknown>): void {
    const changed = new Set<string>()
    for (const name of new Set([...before.keys(), ...this.#values.keys()]))
      if (String(before.get(name)) !== String(this.#values.get(name))) changed.add(name)
    if (changed.size === 0) return
    for (const { names, listener } of [...this.#listeners])
      if ([...changed].some(name => names.has(name))) listener(changed)
  }
}

/** Each thread gets an equal part of the buffer for its map of keys. */
function checkCleanerBuffer(buffer: number, threads: number): void {
  if (Math.floor(buffer / threads) > 1024 * 1024) return
  const name = 'log.cleaner.dedupe.buffer.size'
  throw new ConfigError(name, `${name} must be more than 1 MiB for each of ${threads} cleaner threads`)
}
