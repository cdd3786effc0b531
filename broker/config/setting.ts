// What one setting is: its type, default, range, importance, scope and meaning, and how its text is read and written.
// The tables in settings/ are made of these, and everything else (start-up checks, DescribeConfigs, AlterConfigs,
// docs/settings.md) reads the tables. Types and their textual forms are those of Kafka's ConfigDef.

export type SettingType =
  | 'BOOLEAN'
  | 'STRING'
  | 'INT'
  | 'SHORT'
  | 'LONG'
  | 'DOUBLE'
  | 'LIST'
  | 'CLASS'
  | 'PASSWORD'
export type Importance = 'HIGH' | 'MEDIUM' | 'LOW'
/** Who may change it while the broker runs: nobody, each broker for itself, or the cluster as a whole. */
export type DynamicScope = 'read-only' | 'per-broker' | 'cluster-wide'

export interface Limits<T> {
  readonly min?: number
  readonly max?: number
  /** The only values allowed; for a list, of its elements. */
  readonly oneOf?: readonly string[]
  readonly ignoreCase?: boolean
  /** An empty text or list is refused. */
  readonly nonEmpty?: boolean
  /** What is wrong with the value, or null. */
  readonly check?: (value: T) => string | null
  readonly dynamic?: DynamicScope
  /** Not shown by DescribeConfigs, as Kafka's internal settings are not. */
  readonly internal?: boolean
  /** Accepted and without effect: why. */
  readonly inert?: string
  /** The test that shows what it does, as `file: words in it`. A setting has this or `inert`. */
  readonly acts?: string
}

export interface Setting<T = unknown> extends Limits<never> {
  readonly type: SettingType
  /** Text of the default; null: not set; undefined: must be given. */
  readonly default: string | null | undefined
  readonly importance: Importance
  readonly doc: string
  readonly dynamic: DynamicScope
  readonly _?: T
}

/** The default of a setting that has none. */
export const REQUIRED = Symbol('required')
export const LONG_MAX = '9223372036854775807'

type Default = string | number | boolean | null | typeof REQUIRED
type ValueOf<T, D extends Default> = D extends null ? T | null : T

function settingOf<T>(type: SettingType) {
  return <const D extends Default>(
    defaultValue: D,
    importance: Importance,
    doc: string,
    limits: Limits<T> = {},
  ): Setting<ValueOf<T, D>> => ({
    ...(limits as Limits<never>),
    type,
    default: defaultValue === REQUIRED ? undefined : defaultValue === null ? null : String(defaultValue),
    importance,
    doc,
    dynamic: limits.dynamic ?? 'read-only',
  })
}

export const bool = settingOf<boolean>('BOOLEAN')
export const int = settingOf<number>('INT')
export const short = settingOf<number>('SHORT')
/** As a number, precise to 2^53. Long.MAX_VALUE, Kafka's "never" and "no limit", is Infinity; texts stay exact. */
export const long = settingOf<number>('LONG')
export const double = settingOf<number>('DOUBLE')
export const text = settingOf<string>('STRING')
export const list = settingOf<readonly string[]>('LIST')
export const javaClass = settingOf<string>('CLASS')
export const password = settingOf<string>('PASSWORD')

export type SettingTable = Readonly<Record<string, Setting>>
export type ValueIn<Table, Name extends keyof Table> = Table[Name] extends Setting<infer T> ? T : never

/** A value that cannot be. The message names the setting and says what is wrong; never the value of a password. */
export class ConfigError extends Error {
  readonly setting: string

  constructor(setting: string, message: string) {
    super(message)
    this.name = 'ConfigError'
    this.setting = setting
  }
}

const INTEGER_RANGES = {
  SHORT: [-(2n ** 15n), 2n ** 15n - 1n],
  INT: [-(2n ** 31n), 2n ** 31n - 1n],
  LONG: [-(2n ** 63n), 2n ** 63n - 1n],
} as const

/** As Java trims: control characters go, the wider spaces of Unicode stay. */
function trim(text: string): string {
  let start = 0
  let end = text.length
  while (start < end && text.charCodeAt(start) <= SPACE) start++
  while (end > start && text.charCodeAt(end - 1) <= SPACE) end--
  return text.slice(start, end)
}
const SPACE = 0x20

function parseInteger(type: keyof typeof INTEGER_RANGES, trimmed: string): bigint | string {
  if (!/^[+-]?\d+$/.test(trimmed)) return `not a number of type ${type}`
  const value = BigInt(trimmed.startsWith('+') ? trimmed.slice(1) : trimmed)
  const [min, max] = INTEGER_RANGES[type]
  return value < min || value > max ? `not a number of type ${type}` : value
}

function numberOf(type: SettingType, value: bigint): number {
  return type === 'LONG' && value === INTEGER_RANGES.LONG[1] ? Number.POSITIVE_INFINITY : Number(value)
}

function parseList(trimmed: string): readonly string[] {
  return trimmed === '' ? [] : trimmed.split(',').map(element => trim(element))
}

type Parsed = { readonly value: unknown } | { readonly problem: string }

function parseText(setting: Setting, raw: string): Parsed {
  const trimmed = trim(raw)
  switch (setting.type) {
    case 'BOOLEAN': {
      const lower = trimmed.toLowerCase()
      return lower === 'true' || lower === 'false'
        ? { value: lower === 'true' }
        : { problem: 'expected true or false' }
    }
    case 'SHORT':
    case 'INT':
    case 'LONG': {
      const value = parseInteger(setting.type, trimmed)
      return typeof value === 'string' ? { problem: value } : { value: numberOf(setting.type, value) }
    }
    case 'DOUBLE': {
      const value = trimmed === '' ? Number.NaN : Number(trimmed)
      return Number.isNaN(value) ? { problem: 'not a number of type DOUBLE' } : { value }
    }
    case 'LIST':
      // What is named twice counts once (KIP-1161).
      return { value: [...new Set(parseList(trimmed))] }
    case 'PASSWORD':
      return { value: raw }
    default:
      return { value: trimmed }
  }
}

function problemWithList(setting: Setting, elements: readonly string[]): string | null {
  if (setting.nonEmpty && elements.length === 0) return 'the list must not be empty'
  for (const element of elements) {
    if (element === '') return 'the list has an empty element'
    if (setting.oneOf && !setting.oneOf.includes(element)) return `must be among ${setting.oneOf.join(', ')}`
  }
  return null
}

function problemWith(setting: Setting, value: unknown): string | null {
  if (typeof value === 'number') {
    if (setting.min !== undefined && value < setting.min) return `must be at least ${setting.min}`
    if (setting.max !== undefined && value > setting.max) return `must be at most ${setting.max}`
  } else if (typeof value === 'string') {
    if (setting.nonEmpty && value === '') return 'must not be empty'
    const said = setting.ignoreCase ? value.toUpperCase() : value
    if (setting.oneOf && !setting.oneOf.includes(said)) return `must be one of ${setting.oneOf.join(', ')}`
  } else if (Array.isArray(value)) {
    const problem = problemWithList(setting, value)
    if (problem !== null) return problem
  }
  return setting.check ? (setting.check as (value: unknown) => string | null)(value) : null
}

/** Reads and checks a text. Throws ConfigError. */
export function parseSetting(name: string, setting: Setting, raw: string): unknown {
  const parsed = parseText(setting, raw)
  const problem = 'problem' in parsed ? parsed.problem : problemWith(setting, parsed.value)
  if (problem !== null) {
    const shown = isSensitive(setting) ? '[hidden]' : raw
    throw new ConfigError(name, `Invalid value ${shown} for configuration ${name}: ${problem}`)
  }
  return (parsed as { value: unknown }).value
}

export function isSensitive(setting: Setting | undefined): boolean {
  return setting === undefined || setting.type === 'PASSWORD'
}

/** Java's Double.toString: 0.5, 1.0, 1.0E7, 1.7976931348623157E308. */
function doubleText(value: number): string {
  const size = Math.abs(value)
  if (size !== 0 && (size < 1e-3 || size >= 1e7)) {
    const [digits, exponent] = value.toExponential().split('e')
    return `${digits!.includes('.') ? digits : `${digits}.0`}E${Number(exponent)}`
  }
  return Number.isInteger(value) ? `${value}.0` : String(value)
}

/** The text in the form in which Kafka shows a value of that type. The text must be valid. */
export function canonicalText(setting: Setting, raw: string): string {
  const trimmed = trim(raw)
  switch (setting.type) {
    case 'BOOLEAN':
      return trimmed.toLowerCase()
    case 'SHORT':
    case 'INT':
    case 'LONG':
      return BigInt(trimmed.startsWith('+') ? trimmed.slice(1) : trimmed).toString()
    case 'DOUBLE':
      return doubleText(Number(trimmed))
    case 'LIST':
      return [...new Set(parseList(trimmed))].join(',')
    default:
      return trimmed
  }
}
