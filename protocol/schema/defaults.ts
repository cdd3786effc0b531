// Kafka's default of every field, and values made of them.
//
// A field absent from a version, or left out of `create`, holds its default, so no value is ever undefined.

import { ZERO_UUID } from '../uuid.ts'
import type { AnyField, FieldFacts, FieldType, Struct } from './vocabulary.ts'

const EMPTY = Buffer.alloc(0)

const ZEROS = {
  bool: false,
  int8: 0,
  int16: 0,
  uint16: 0,
  int32: 0,
  uint32: 0,
  int64: 0n,
  offset: 0,
  float64: 0,
  string: '',
  uuid: ZERO_UUID,
  bytes: EMPTY,
  records: null,
} as const

/** The default of a field; arrays and structs are fresh. */
export function defaultOf(facts: FieldFacts): unknown {
  if (facts.default !== undefined) return facts.default
  const type = facts.type
  if (type.kind === 'struct') return createValue(type.struct)
  if (type.kind === 'array') return []
  return ZEROS[type.kind]
}

/** A struct of defaults overlaid with `partial`, in wire order: the same hidden class as a read one. */
export function createValue(struct: Struct, partial: object = {}): object {
  const value: Record<string, unknown> = {}
  for (const name of Object.keys(struct.shape)) {
    const facts = (struct.shape[name] as AnyField).facts
    const given = (partial as Record<string, unknown>)[name]
    value[name] = given === undefined ? defaultOf(facts) : fill(facts.type, given)
  }
  return value
}

function fill(type: FieldType, given: unknown): unknown {
  if (given === null) return null
  if (type.kind === 'struct') return createValue(type.struct, given as object)
  if (type.kind === 'array' && type.element.kind === 'struct') {
    return (given as unknown[]).map(element => fill(type.element, element))
  }
  return given
}

/** Is this what an absent field would hold? Deep for structs, as Kafka compares them. */
export function isDefault(facts: FieldFacts, value: unknown): boolean {
  if (value === undefined) return true
  const { type } = facts
  const expected =
    facts.default !== undefined ? facts.default : type.kind === 'struct' ? undefined : defaultOf(facts)
  if (value === null || expected === null) return value === expected
  switch (type.kind) {
    case 'struct':
      return Object.entries(type.struct.shape).every(([name, field]) =>
        isDefault(field.facts, (value as Record<string, unknown>)[name]),
      )
    case 'array':
      return (value as unknown[]).length === 0
    case 'bytes':
    case 'records':
      return (value as Uint8Array).length === 0
    default:
      return value === expected
  }
}
