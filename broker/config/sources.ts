// Where static settings come from, weakest first: the defaults of the table, the single-node profile, server.properties
// (--config), KAFKA_* environment variables as the official container image maps them, --set key=value. A later source
// wins. Reading is all that happens here; what the values mean is checked by BrokerConfig.
import { ConfigError } from './setting.ts'

export interface ConfigSource {
  /** For messages: `server.properties`, `environment`, `--set`. */
  readonly name: string
  readonly entries: ReadonlyMap<string, string>
}

/**
 * What Kafka's own single-node server.properties sets: one process with both roles and a listener for each (ADR 15), internal
 * topics with one replica. `npm start`, the image and startBroker() begin with it; a file given with --config replaces it.
 */
export const SINGLE_NODE_PROFILE: ConfigSource = {
  name: 'single-node profile',
  entries: new Map([
    ['process.roles', 'broker,controller'],
    ['node.id', '1'],
    ['listeners', 'PLAINTEXT://:9092,CONTROLLER://:9093'],
    ['controller.listener.names', 'CONTROLLER'],
    ['offsets.topic.replication.factor', '1'],
    ['transaction.state.log.replication.factor', '1'],
    ['transaction.state.log.min.isr', '1'],
    ['share.coordinator.state.topic.replication.factor', '1'],
    ['share.coordinator.state.topic.min.isr', '1'],
  ]),
}

/** Variables that the image's start scripts use for themselves: no settings. */
const RESERVED = [
  'KAFKA_HEAP_OPTS',
  'KAFKA_JVM_PERFORMANCE_OPTS',
  'KAFKA_GC_LOG_OPTS',
  'KAFKA_OPTS',
  'KAFKA_DEBUG',
  'KAFKA_VERSION',
  'KAFKA_HOME',
]
const RESERVED_PREFIXES = ['KAFKA_LOG4J', 'KAFKA_TOOLS_LOG4J', 'KAFKA_JMX_']

/**
 * KAFKA_LOG_RETENTION_MS is log.retention.ms. Underscores by their number: one is a dot, two are an underscore, three a
 * dash.
 */
export function settingNameOf(variable: string): string | undefined {
  if (!variable.startsWith('KAFKA_') || variable === 'KAFKA_') return undefined
  if (RESERVED.includes(variable) || RESERVED_PREFIXES.some(prefix => variable.startsWith(prefix)))
    return undefined
  return variable
    .slice('KAFKA_'.length)
    .toLowerCase()
    .replace(/_+/g, run => {
      const dashes = '-'.repeat(Math.floor(run.length / 3))
      return dashes + ['', '.', '_'][run.length % 3]!
    })
}

export function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): ConfigSource {
  const entries = new Map<string, string>()
  for (const variable of Object.keys(environment).sort()) {
    const name = settingNameOf(variable)
    const value = environment[variable]
    if (name !== undefined && value !== undefined) entries.set(name, value)
  }
  return { name: 'environment', entries }
}

/** `--set key=value`, as often as one likes. */
export function fromAssignments(assignments: readonly string[]): ConfigSource {
  const entries = new Map<string, string>()
  for (const assignment of assignments) {
    const at = assignment.indexOf('=')
    if (at <= 0) throw new ConfigError(assignment, `--set ${assignment}: expected key=value`)
    entries.set(assignment.slice(0, at).trim(), assignment.slice(at + 1))
  }
  return { name: '--set', entries }
}

/** Typed options of the library: numbers, booleans and lists are written out. */
export function fromOptions(
  options: Readonly<Record<string, string | number | boolean | readonly string[] | null | undefined>>,
): ConfigSource {
  const entries = new Map<string, string>()
  for (const [name, value] of Object.entries(options))
    if (value !== undefined && value !== null) entries.set(name, String(value))
  return { name: 'options', entries }
}
