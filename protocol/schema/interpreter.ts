// Reads and writes by walking a plan, field by field. This is the executable specification: slow, plain, and
// kept for ever. A property test holds the compiler to it byte for byte, and it serves where Node forbids
// `new Function` (--disallow-code-generation-from-strings).

import { type Reader, readOffset } from '../codec/reader.ts'
import { type Writer, writeOffset } from '../codec/writer.ts'
import { defaultOf, isDefault } from './defaults.ts'
import type { Codec } from './message.ts'
import { type Step, type StepType, type StructPlan, FIXED_SIZE, minSizeOf } from './plan.ts'
import type { LeafKind } from './vocabulary.ts'

export interface UnknownTag {
  readonly tag: number
  readonly bytes: Buffer
}

/** Where messages that keep unknown tags hold them; absent when there are none. */
export const UNKNOWN_TAGS = Symbol('unknown tags')

export type Value = Record<string, unknown> & { [UNKNOWN_TAGS]?: readonly UnknownTag[] }

/** A codec that walks its plan. */
export function interpreted<T>(plan: StructPlan): Codec<T> {
  return {
    read: reader => readStruct(reader, plan) as T,
    write: (writer, value) => writeStruct(writer, plan, value as Value),
  }
}

export function readStruct(reader: Reader, plan: StructPlan): Value {
  const value: Value = {}
  for (const name of plan.names) value[name] = undefined
  for (const step of plan.steps) value[step.name] = readField(reader, step)
  if (plan.flexible) readTags(reader, plan, value)
  for (const { name, facts } of plan.absent) value[name] = defaultOf(facts)
  for (const step of plan.tagged) {
    if (value[step.name] === undefined) value[step.name] = defaultOf(step.facts)
  }
  return value
}

function readTags(reader: Reader, plan: StructPlan, value: Value): void {
  const unknown: UnknownTag[] = []
  for (let left = reader.tagCount(); left > 0; left--) {
    const tag = reader.uvarint()
    const end = reader.taggedEnd()
    const step = plan.tagged.find(known => known.tag === tag)
    if (step !== undefined) {
      value[step.name] = readField(reader, step)
      reader.endTagged(end)
    } else {
      if (plan.keepsUnknownTags) unknown.push({ tag, bytes: reader.buffer.subarray(reader.position, end) })
      reader.position = end
    }
  }
  if (unknown.length > 0) value[UNKNOWN_TAGS] = unknown
}

function readField(reader: Reader, step: Step): unknown {
  const value = readValue(reader, step.type, step)
  if (value === null && !step.nullable) reader.nullInNonNullable(step.name)
  return value
}

function readValue(reader: Reader, type: StepType, step: Step): unknown {
  switch (type.kind) {
    case 'struct':
      if (step.nullable && isNull(reader, step)) return null
      return readStruct(reader, type.plan)
    case 'array': {
      const minSize = minSizeOf({ type: type.element, nullable: false, compact: step.compact })
      const count = step.compact ? reader.compactCount(minSize) : reader.count(minSize)
      if (count < 0) return null
      const element = { ...step, nullable: false, type: type.element }
      return Array.from({ length: count }, () => readField(reader, element))
    }
    case 'string':
      return step.compact ? reader.compactString() : reader.string()
    case 'bytes':
    case 'records':
      return step.compact ? reader.compactBytes() : reader.bytes()
    default:
      return readFixed(reader, type.kind)
  }
}

/** Before a nullable struct stands a mark: -1 for null among the fields, 0 for null among the tags, else 1. */
const nullMark = (step: Step): -1 | 0 => (step.tag === undefined ? -1 : 0)

function isNull(reader: Reader, step: Step): boolean {
  return step.tag === undefined ? reader.view.getInt8(reader.take(1)) < 0 : reader.uvarint() === 0
}

function readFixed(reader: Reader, kind: LeafKind): unknown {
  const position = reader.take(FIXED_SIZE[kind] as number)
  const view = reader.view
  switch (kind) {
    case 'bool':
      return view.getInt8(position) !== 0
    case 'int8':
      return view.getInt8(position)
    case 'int16':
      return view.getInt16(position)
    case 'uint16':
      return view.getUint16(position)
    case 'int32':
      return view.getInt32(position)
    case 'uint32':
      return view.getUint32(position)
    case 'int64':
      return view.getBigInt64(position)
    case 'offset':
      return readOffset(view, position)
    case 'float64':
      return view.getFloat64(position)
    default:
      return reader.uuidAt(position)
  }
}

export function writeStruct(writer: Writer, plan: StructPlan, value: Value): void {
  for (const { name, facts } of plan.absent) {
    if (!facts.ignorable && !isDefault(facts, value[name])) writer.cannotCarry(name, plan.label)
  }
  for (const step of plan.steps) writeField(writer, step, valueOf(value, step))
  if (plan.flexible) writeTags(writer, plan, value)
}

/** Legacy fields are unknown to handlers, so they may be missing. */
function valueOf(value: Value, step: Step): unknown {
  const given = value[step.name]
  return given === undefined && step.facts.legacy ? defaultOf(step.facts) : given
}

function writeTags(writer: Writer, plan: StructPlan, value: Value): void {
  const known = plan.tagged.filter(step => !isDefault(step.facts, value[step.name]))
  const unknown = (plan.keepsUnknownTags && value[UNKNOWN_TAGS]) || []
  writer.uvarint(known.length + unknown.length)
  for (const step of known) {
    const mark = writer.beginTagged(step.tag)
    writeField(writer, step, value[step.name])
    writer.endTagged(mark)
  }
  for (const { tag, bytes } of unknown) writeUnknownTag(writer, tag, bytes)
}

/** A tag that was kept goes out as it came. */
export function writeUnknownTag(writer: Writer, tag: number, bytes: Buffer): void {
  writer.uvarint(tag)
  writer.uvarint(bytes.length)
  writer.raw(bytes)
}

function writeField(writer: Writer, step: Step, value: unknown): void {
  if (value === null && !step.nullable) writer.nullInNonNullable(step.name)
  writeValue(writer, step.type, step, value)
}

function writeValue(writer: Writer, type: StepType, step: Step, value: unknown): void {
  switch (type.kind) {
    case 'struct':
      if (step.nullable) writer.int8(value === null ? nullMark(step) : 1)
      if (value !== null) writeStruct(writer, type.plan, value as Value)
      return
    case 'array': {
      const elements = value as readonly unknown[] | null
      const length = elements === null ? -1 : elements.length
      if (step.compact) writer.uvarint(length + 1)
      else writer.int32(length)
      const element = { ...step, nullable: false, type: type.element }
      for (const one of elements ?? []) writeField(writer, element, one)
      return
    }
    case 'string':
      if (step.compact) writer.compactNullableString(value as string | null)
      else writer.nullableString(value as string | null)
      return
    case 'bytes':
      if (step.compact) writer.compactNullableBytes(value as Buffer | null)
      else writer.nullableBytes(value as Buffer | null)
      return
    case 'records':
      if (step.compact) writer.compactNullableRecords(value as Buffer | null)
      else writer.nullableRecords(value as Buffer | null)
      return
    default:
      writeFixed(writer, type.kind, value)
  }
}

function writeFixed(writer: Writer, kind: LeafKind, value: unknown): void {
  const position = writer.take(FIXED_SIZE[kind] as number)
  const view = writer.view
  switch (kind) {
    case 'bool':
      return view.setInt8(position, value ? 1 : 0)
    case 'int8':
      return view.setInt8(position, value as number)
    case 'int16':
      return view.setInt16(position, value as number)
    case 'uint16':
      return view.setUint16(position, value as number)
    case 'int32':
      return view.setInt32(position, value as number)
    case 'uint32':
      return view.setUint32(position, value as number)
    case 'int64':
      return view.setBigInt64(position, value as bigint)
    case 'offset':
      return writeOffset(view, position, value as number)
    case 'float64':
      return view.setFloat64(position, value as number)
    default:
      return writer.uuidAt(position, value as string)
  }
}
