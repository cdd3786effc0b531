// Defaults as source text, for compiler.ts: the same values and the same comparison as defaults.ts.

import type { AnyField, FieldFacts } from './vocabulary.ts'

/** An expression for a field's default; arrays and structs are fresh each time it is evaluated. */
export function defaultExpression(facts: FieldFacts): string {
  const { type, default: value } = facts
  if (value !== undefined) return literal(value)
  switch (type.kind) {
    case 'struct': {
      const fields = Object.entries(type.struct.shape)
      return `{ ${fields.map(([name, field]) => `${name}: ${defaultExpression(field.facts)}`).join(', ')} }`
    }
    case 'array':
      return '[]'
    case 'bool':
      return 'false'
    case 'int64':
      return '0n'
    case 'string':
      return "''"
    case 'uuid':
      return 'ZERO_UUID'
    case 'bytes':
      return 'EMPTY'
    case 'records':
      return 'null'
    default:
      return '0'
  }
}

function literal(value: unknown): string {
  if (typeof value === 'bigint') return `${value}n`
  if (typeof value === 'string') return JSON.stringify(value)
  return String(value)
}

/** An expression that is true when `value`, itself an expression, is what an absent field would hold. */
export function isDefaultExpression(facts: FieldFacts, value: string): string {
  const { type } = facts
  if (facts.default === null) return `${value} === null`
  switch (type.kind) {
    case 'struct': {
      const fields = Object.entries(type.struct.shape) as [string, AnyField][]
      const tests = fields.map(([name, field]) => isDefaultExpression(field.facts, `${value}.${name}`))
      return `(${[`${value} !== null`, ...tests].join(' && ')})`
    }
    case 'array':
    case 'bytes':
      return `(${value} !== null && ${value}.length === 0)`
    default:
      return `${value} === ${defaultExpression(facts)}`
  }
}
