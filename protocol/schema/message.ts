// A schema with a name and versions: a message. An API is a key with two of them, and with the hooks that turn
// old versions into the one shape that handlers see.
//
// Nothing is planned or compiled here: a message costs one object until it is first read or written
// (see codec/message.ts).

import type { Reader } from '../codec/reader.ts'
import type { Writer } from '../codec/writer.ts'
import { createValue } from './defaults.ts'
import type { Shape, Struct } from './vocabulary.ts'

/** Reads and writes one message at one version. */
export interface Codec<T> {
  read(reader: Reader): T
  write(writer: Writer, value: T): void
}

export type VersionRange = readonly [lowest: number, highest: number]

export interface Message<T> {
  readonly name: string
  /** The key under which Kafka files it: an API key, or the type of a metadata or coordinator record. */
  readonly apiKey: number | undefined
  /** What can be read and written. */
  readonly versions: VersionRange
  /** First version with compact encodings and tags; Infinity: none. */
  readonly flexibleFrom: number
  readonly struct: Struct
  /** Unknown tags survive a read and a write (metadata records); otherwise they are skipped. */
  readonly keepsUnknownTags: boolean
  /** By version; filled on first use. */
  readonly codecs: (Codec<T> | undefined)[]
  /** A value with Kafka's defaults, overlaid with `partial`, which may leave out fields at every depth. */
  create(partial?: PartialDeep<T>): T
}

/** Every field optional, at every depth; bytes are not taken apart. */
export type PartialDeep<T> = T extends Uint8Array
  ? T
  : T extends readonly (infer E)[]
    ? readonly PartialDeep<E>[]
    : T extends object
      ? { readonly [K in keyof T]?: PartialDeep<T[K]> }
      : T

interface MessageDefinition {
  readonly name: string
  readonly apiKey?: number
  readonly versions: VersionRange
  /** Left out: no version is flexible. */
  readonly flexibleFrom?: number
  readonly fields: Struct<Shape>
  readonly keepsUnknownTags?: boolean
}

export function defineMessage<T>(definition: MessageDefinition): Message<T> {
  return {
    name: definition.name,
    apiKey: definition.apiKey,
    versions: definition.versions,
    flexibleFrom: definition.flexibleFrom ?? Number.POSITIVE_INFINITY,
    struct: definition.fields,
    keepsUnknownTags: definition.keepsUnknownTags ?? false,
    codecs: [],
    create: partial => createValue(definition.fields, partial as object | undefined) as T,
  }
}

export type Listener = 'broker' | 'controller' | 'zkBroker'

export interface Api<Request = unknown, Response = unknown, Facts extends string = string> {
  readonly key: number
  readonly name: string
  /** What we can encode: the elder's lowest to the reference's highest stable. */
  readonly versions: VersionRange
  /** A version above `versions` that the reference still calls unstable. Readable, never advertised. */
  readonly latestUnstable: number | undefined
  readonly flexibleFrom: number
  /** Where Kafka serves it. */
  readonly listeners: readonly Listener[]
  /** Named facts by the first version that has them: what handlers branch on instead of a version. */
  readonly means: Readonly<Record<Facts, number>>
  readonly request: Message<Request>
  readonly response: Message<Response>
  /** Turns what an old version said into what handlers read. In place; pure otherwise. */
  upgrade?(request: Request, version: number): void
  /** Turns what a handler answered into what an old version can say. In place; pure otherwise. */
  downgrade?(response: Response, version: number): void
}

interface ApiDefinition<Facts extends string> {
  readonly key: number
  readonly name: string
  readonly versions: VersionRange
  readonly latestUnstable?: number
  readonly flexibleFrom?: number
  readonly listeners: readonly Listener[]
  readonly means?: Readonly<Record<Facts, number>>
  readonly request: Struct<Shape>
  readonly response: Struct<Shape>
  /** Takes the wire's shape, legacy fields included: `(request: Wire<typeof fetchRequest>, version)`. */
  readonly upgrade?: (request: never, version: number) => void
  readonly downgrade?: (response: never, version: number) => void
}

export function defineApi<Request, Response, Facts extends string = never>(
  definition: ApiDefinition<Facts>,
): Api<Request, Response, Facts> {
  const { key, name, versions, latestUnstable, flexibleFrom = Number.POSITIVE_INFINITY } = definition
  const readable: VersionRange = [versions[0], latestUnstable ?? versions[1]]
  const of = <T>(suffix: string, fields: Struct) =>
    defineMessage<T>({ name: name + suffix, apiKey: key, versions: readable, flexibleFrom, fields })
  return {
    key,
    name,
    versions,
    latestUnstable,
    flexibleFrom,
    listeners: definition.listeners,
    means: definition.means ?? ({} as Record<Facts, number>),
    request: of<Request>('Request', definition.request),
    response: of<Response>('Response', definition.response),
    upgrade: definition.upgrade as (request: Request, version: number) => void,
    downgrade: definition.downgrade as (response: Response, version: number) => void,
  }
}

export type FactsOf<A> = A extends Api<infer _Q, infer _R, infer F> ? Readonly<Record<F, boolean>> : never

/** The named facts that hold at a version. */
export function factsAt<F extends string>(
  api: Api<unknown, unknown, F>,
  version: number,
): Readonly<Record<F, boolean>> {
  const facts = {} as Record<F, boolean>
  for (const name of Object.keys(api.means) as F[]) facts[name] = version >= api.means[name]
  return facts
}
