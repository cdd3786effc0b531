// The words a schema is written in: leaves (`int32`, `string`, ...), `struct`, `array`, and what can be said of
// a field (`.since(3)`, `.nullable()`, `.tag(0)`, ...). A schema is plain immutable data; `plan.ts` turns it
// into the steps of one version, and `infer` types below turn it into the TypeScript type of its values.
//
// Property order is wire order, for ever: never sort the keys of a `struct`.
// The facts are those of Kafka's message definitions (KIP-482); the parity test compares them one by one.

/** What a leaf's bytes are. `offset` is an int64 read as a number, see docs/adr/0002-codec.md. */
export type LeafKind =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'offset'
  | 'float64'
  | 'string'
  | 'uuid'
  | 'bytes'
  | 'records'

export type FieldType =
  | { readonly kind: LeafKind }
  | { readonly kind: 'struct'; readonly struct: Struct }
  | { readonly kind: 'array'; readonly element: FieldType }

/** Kafka's names for what a string or a number stands for. They carry no behaviour here. */
export type EntityType =
  | 'topicName'
  | 'groupId'
  | 'brokerId'
  | 'producerId'
  | 'transactionalId'
  | 'shareGroupId'
  | 'unknown'

/** Everything a schema says about one field. */
export interface FieldFacts {
  readonly type: FieldType
  /** First and last version that has the field; `until` is Infinity while nothing has ended it. */
  readonly since: number
  readonly until: number
  /** First version in which null may be sent; Infinity: never. */
  readonly nullableSince: number
  readonly tag: number | undefined
  /** First version in which the field travels as a tag. */
  readonly taggedSince: number
  /** Undefined: the zero of its type. */
  readonly default: unknown
  /** A value may be dropped silently in versions without the field. */
  readonly ignorable: boolean
  readonly entity: EntityType | undefined
  /** Kafka keeps the surrounding array as a map by this field. */
  readonly isKey: boolean
  /** Never compact, even in flexible versions (the client id in the request header). */
  readonly plain: boolean
  /** Absorbed by `upgrade`, so handlers do not see it. */
  readonly legacy: boolean
}

export interface Field<V, Legacy extends boolean = false> {
  /** For inference only; nothing is stored here. */
  readonly _: V
  readonly facts: FieldFacts & { readonly legacy: Legacy }
  since(version: number): Field<V, Legacy>
  until(version: number): Field<V, Legacy>
  nullable(since?: number): Field<V | null, Legacy>
  default(value: V): Field<V, Legacy>
  tag(tag: number, since?: number): Field<V, Legacy>
  ignorable(): Field<V, Legacy>
  entity(type: EntityType): Field<V, Legacy>
  key(): Field<V, Legacy>
  plain(): Field<V, Legacy>
  legacy(): Field<V, true>
}

/** The one place where a field of any value is meant. */
export type AnyField = Field<any, boolean>
export type Shape = { readonly [name: string]: AnyField }

/** A group of fields; usable as a field itself. */
export interface Struct<S extends Shape = Shape> extends Field<ValueOf<S>> {
  readonly shape: S
}

/** What the wire carries, legacy fields included: what `upgrade` sees. */
export type WireOf<S extends Shape> = { -readonly [K in keyof S]: S[K]['_'] } & {}

type LegacyKeys<S extends Shape> = {
  [K in keyof S]: S[K] extends { readonly facts: { readonly legacy: true } } ? K : never
}[keyof S]

/** What handlers see. */
export type ValueOf<S extends Shape> = { -readonly [K in Exclude<keyof S, LegacyKeys<S>>]: S[K]['_'] } & {}

/** `interface FetchTopic extends Value<typeof fetchTopic> {}`: a name for hovers and errors. */
export type Value<T extends { readonly shape: Shape }> = ValueOf<T['shape']>
export type Wire<T extends { readonly shape: Shape }> = WireOf<T['shape']>

const PLAIN_FACTS = {
  since: 0,
  until: Number.POSITIVE_INFINITY,
  nullableSince: Number.POSITIVE_INFINITY,
  tag: undefined,
  taggedSince: Number.POSITIVE_INFINITY,
  default: undefined,
  ignorable: false,
  entity: undefined,
  isKey: false,
  plain: false,
  legacy: false,
} as const

class FieldOf implements AnyField {
  declare readonly _: unknown
  readonly facts: FieldFacts
  constructor(facts: FieldFacts) {
    this.facts = facts
  }
  #with(change: Partial<FieldFacts>): AnyField {
    return new FieldOf({ ...this.facts, ...change })
  }
  since(since: number): AnyField {
    const { nullableSince, taggedSince } = this.facts
    return this.#with({
      since,
      nullableSince: Math.max(nullableSince, since),
      taggedSince: Math.max(taggedSince, since),
    })
  }
  until(until: number): AnyField {
    return this.#with({ until })
  }
  nullable(since = this.facts.since): AnyField {
    return this.#with({ nullableSince: Math.max(since, this.facts.since) })
  }
  default(value: unknown): AnyField {
    return this.#with({ default: value })
  }
  tag(tag: number, since = this.facts.since): AnyField {
    return this.#with({ tag, taggedSince: Math.max(since, this.facts.since) })
  }
  ignorable(): AnyField {
    return this.#with({ ignorable: true })
  }
  entity(entity: EntityType): AnyField {
    return this.#with({ entity })
  }
  key(): AnyField {
    return this.#with({ isKey: true })
  }
  plain(): AnyField {
    return this.#with({ plain: true })
  }
  legacy(): Field<any, true> {
    return this.#with({ legacy: true }) as Field<any, true>
  }
}

class StructOf extends FieldOf {
  readonly shape: Shape
  constructor(shape: Shape) {
    super({ ...PLAIN_FACTS, type: { kind: 'struct', struct: undefined as unknown as Struct } })
    this.shape = shape
    ;(this.facts.type as { struct: unknown }).struct = this
  }
}

const leaf = <V>(kind: LeafKind): Field<V> => new FieldOf({ ...PLAIN_FACTS, type: { kind } }) as Field<V>

export const bool = leaf<boolean>('bool')
export const int8 = leaf<number>('int8')
export const int16 = leaf<number>('int16')
export const uint16 = leaf<number>('uint16')
export const int32 = leaf<number>('int32')
export const uint32 = leaf<number>('uint32')
/** Exact: for whatever is stored or echoed (ids, timestamps, committed offsets). */
export const int64 = leaf<bigint>('int64')
/** An int64 that we only compare or assign. Beyond 2^53 it reads as an infinity. */
export const offset = leaf<number>('offset')
export const float64 = leaf<number>('float64')
export const string = leaf<string>('string')
/** Kafka's text form: 22 characters of base64url. */
export const uuid = leaf<string>('uuid')
/** A view of the frame it came in: copy what is to be kept. */
export const bytes = leaf<Buffer>('bytes')
/** Record batches: a view when read, written by reference. */
export const records = leaf<Buffer>('records')

/** A group of fields in wire order. */
export function struct<const S extends Shape>(shape: S): Struct<S> {
  return new StructOf(shape) as unknown as Struct<S>
}

/** `array(int32)`, `array<FetchTopic>(fetchTopic)`. */
export function array<V>(element: Field<V, boolean>): Field<V[]> {
  return new FieldOf({ ...PLAIN_FACTS, type: { kind: 'array', element: element.facts.type } }) as Field<V[]>
}

/** One nested struct under its own name: `one<ReplicaState>(replicaState)`. */
export function one<V>(element: Field<V, boolean>): Field<V> {
  return new FieldOf({ ...PLAIN_FACTS, type: element.facts.type }) as Field<V>
}
