// `broker.fault(...)` of the library: what should go wrong with which requests, and how often. Rules are tried in the
// order in which they were made; the first that fits and has times left decides.
import { Errors } from '../protocol/errors.ts'
import { ConfigError } from './config/setting.ts'
import { nearest } from './config/nearest.ts'
import type { Fault, FaultInjector, FaultableRequest } from './net/fault.ts'

export type ErrorName = keyof typeof Errors

export interface FaultRule {
  /** Kafka's name of the request, e.g. Produce. Left out: every request. */
  readonly api?: string
  /** client.id of the sender. */
  readonly client?: string
  /** Requests that name this topic. */
  readonly topic?: string
  /** Answer with this error instead of doing anything. */
  readonly error?: ErrorName
  /** Do it, but only after this many milliseconds of the broker's clock. */
  readonly delay?: number
  /** Do it, and lose the answer. */
  readonly drop?: boolean
  /** Close the connection before doing anything. */
  readonly disconnect?: boolean
  /** How often; once when left out. Infinity: until removed. */
  readonly times?: number
}

export interface ActiveFault {
  /** How often it struck so far. */
  readonly hits: number
  remove(): void
}

interface Entry extends ActiveFault {
  hits: number
  readonly rule: FaultRule
  readonly fault: Fault
}

export class Faults {
  readonly #entries = new Set<Entry>()
  readonly #apiNames: readonly string[]
  readonly #topicId: (name: string) => string | undefined

  /** `topicId` tells the id under which newer requests name a topic. */
  constructor(apiNames: readonly string[], topicId: (name: string) => string | undefined) {
    this.#apiNames = apiNames
    this.#topicId = topicId
  }

  add(rule: FaultRule): ActiveFault {
    const { api, error, delay, drop, disconnect } = rule
    if (api !== undefined && !this.#apiNames.includes(api)) {
      const meant = nearest(api, this.#apiNames)
      throw new ConfigError(
        'api',
        `${api} is no request that is served${meant ? `; did you mean ${meant}?` : ''}`,
      )
    }
    if ([error, delay, drop, disconnect].every(part => part === undefined || part === false))
      throw new ConfigError('fault', 'a fault needs error, delay, drop or disconnect')
    const entry: Entry = {
      hits: 0,
      rule,
      fault: {
        ...(error === undefined ? {} : { errorCode: Errors[error].code }),
        ...(delay === undefined ? {} : { delayMs: delay }),
        ...(drop === undefined ? {} : { drop }),
        ...(disconnect === undefined ? {} : { disconnect }),
      },
      remove: () => this.#entries.delete(entry),
    }
    this.#entries.add(entry)
    return entry
  }

  clear(): void {
    this.#entries.clear()
  }

  /** What the pipeline asks for each request. */
  readonly inject: FaultInjector = request => {
    for (const entry of this.#entries) {
      if (!this.#fits(entry.rule, request)) continue
      entry.hits++
      if (entry.hits >= (entry.rule.times ?? 1)) this.#entries.delete(entry)
      return entry.fault
    }
    return undefined
  }

  #fits({ api, client, topic }: FaultRule, { apiName, context, request }: FaultableRequest): boolean {
    if (api !== undefined && api !== apiName) return false
    if (client !== undefined && client !== context.clientId) return false
    return topic === undefined || namesTopic(request, topic, this.#topicId(topic))
  }
}

const TOPIC_FIELDS = ['name', 'topic', 'topicName', 'topicId']

/** Does one of the rows, at any depth, name the topic? Bytes are not looked into. */
function namesTopic(value: unknown, name: string, id: string | undefined): boolean {
  if (Array.isArray(value)) return value.some(element => element === name || namesTopic(element, name, id))
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return false
  return Object.entries(value).some(([field, inner]) =>
    TOPIC_FIELDS.includes(field) && typeof inner === 'string'
      ? inner === name || (id !== undefined && inner === id)
      : namesTopic(inner, name, id),
  )
}
