// Prints a plan as straight JavaScript and has Node compile it: one reader and one writer per struct plan, made
// when first used, about as fast as written by hand. What they do is defined by interpreter.ts.
//
//   function read(r) {                              function write(w, o) {
//     const v = r.view                                { const v = ..., p = w.take(12)     one bounds check
//     const p0 = r.take(12)                             v.setInt32(p, o.partition)        per run of
//     const _partition = v.getInt32(p0)                 writeOffset(v, p + 4, o.offset) } fixed fields
//     const _topic = r.compactString()                w.compactString(o.topic)
//     ...                                             ...
//     return { partition: _partition, ... }         }
//   }
//
// The literal names every field of the struct in wire order, absent ones with their default, so all versions share
// one hidden class. Each function has a source name, so stacks and profiles read
// `odradek/FetchRequest.topics v12.read.js`.

import { readOffset, type Reader } from '../codec/reader.ts'
import { type Writer, writeOffset } from '../codec/writer.ts'
import { ZERO_UUID } from '../uuid.ts'
import { defaultExpression, isDefaultExpression } from './default-expressions.ts'
import { UNKNOWN_TAGS, writeUnknownTag } from './interpreter.ts'
import type { Codec } from './message.ts'
import { FIXED_SIZE, minSizeOf, type Step, type StepType, type StructPlan } from './plan.ts'

type Read = (reader: Reader) => unknown
type Write = (writer: Writer, value: never) => void

const readers = new WeakMap<StructPlan, Read>()
const writers = new WeakMap<StructPlan, Write>()

/** False under --disallow-code-generation-from-strings. */
export const canCompile = ((): boolean => {
  try {
    // oxlint-disable-next-line typescript/no-implied-eval -- this asks whether it is allowed
    return new Function('return true')() as boolean
  } catch {
    return false
  }
})()

/** A codec that compiles either half when it is first used. */
export function compiled<T>(plan: StructPlan): Codec<T> {
  const codec: Codec<T> = {
    read: reader => {
      codec.read = readerOf(plan) as (reader: Reader) => T
      return codec.read(reader)
    },
    write: (writer, value) => {
      codec.write = writerOf(plan) as (writer: Writer, value: T) => void
      codec.write(writer, value)
    },
  }
  return codec
}

/** What generated code may call, besides the reader and the writer. */
const SURROUNDINGS = {
  readOffset,
  writeOffset,
  writeUnknownTag,
  UNKNOWN_TAGS,
  ZERO_UUID,
  EMPTY: Buffer.alloc(0),
}

function readerOf(plan: StructPlan): Read {
  const known = readers.get(plan)
  if (known !== undefined) return known
  const { source, needs } = readerSource(plan)
  const read = evaluate(`${plan.label}.read`, source, needs.map(readerOf)) as Read
  readers.set(plan, read)
  return read
}

function writerOf(plan: StructPlan): Write {
  const known = writers.get(plan)
  if (known !== undefined) return known
  const { source, needs } = writerSource(plan)
  const write = evaluate(`${plan.label}.write`, source, needs.map(writerOf)) as Write
  writers.set(plan, write)
  return write
}

function evaluate(name: string, source: string, needed: unknown[]): unknown {
  const names = needed.map((_, i) => `struct${i}`)
  const body = `'use strict'\nreturn ${source}\n//# sourceURL=odradek/${name}.js`
  // oxlint-disable-next-line typescript/no-implied-eval -- compiles our own schemas, never input
  return new Function(...Object.keys(SURROUNDINGS), ...names, body)(...Object.values(SURROUNDINGS), ...needed)
}

/** Source text, and the plans of the nested structs it calls as `struct0`, `struct1`, ... */
interface Source {
  readonly source: string
  readonly needs: StructPlan[]
}

class Printer {
  readonly lines: string[] = []
  readonly needs: StructPlan[] = []
  #names = 0

  line(text: string): void {
    this.lines.push(text)
  }

  /** A name not used yet. */
  name(prefix: string): string {
    return `${prefix}${this.#names++}`
  }

  struct(plan: StructPlan): string {
    let at = this.needs.indexOf(plan)
    if (at < 0) at = this.needs.push(plan) - 1
    return `struct${at}`
  }
}

const isFixed = (step: Step): boolean => sizeOf(step.type) !== undefined
const sizeOf = (type: StepType): number | undefined =>
  type.kind === 'struct' || type.kind === 'array' ? undefined : FIXED_SIZE[type.kind]

/** Neighbours of fixed width, to be taken at once; everything else alone. */
function runsOf(steps: readonly Step[]): Step[][] {
  const runs: Step[][] = []
  for (const step of steps) {
    const last = runs.at(-1)
    if (last !== undefined && isFixed(step) && isFixed(last[0] as Step)) last.push(step)
    else runs.push([step])
  }
  return runs
}

const runSize = (run: readonly Step[]): number =>
  run.reduce((sum, step) => sum + (sizeOf(step.type) as number), 0)

/** Position text of a field `offset` bytes into a run. */
const plus = (position: string, offset: number): string =>
  offset === 0 ? position : `${position} + ${offset}`

// ---- readers

/** The text of a reader. */
export function readerSource(plan: StructPlan): Source {
  const out = new Printer()
  out.line('const v = r.view')
  for (const run of runsOf(plan.steps)) {
    if (isFixed(run[0] as Step)) readRun(out, run)
    else readVariable(out, run[0] as Step, `const _${run[0]?.name} =`)
  }
  if (plan.flexible) readTags(out, plan)
  const absent = new Map(plan.absent.map(({ name, facts }) => [name, facts]))
  const properties = plan.names.map(name => {
    const facts = absent.get(name)
    return `${name}: ${facts === undefined ? `_${name}` : defaultExpression(facts)}`
  })
  const value = `{ ${properties.join(', ')} }`
  if (plan.flexible && plan.keepsUnknownTags) {
    out.line(`const value = ${value}`)
    out.line('if (unknown !== undefined) value[UNKNOWN_TAGS] = unknown')
    out.line('return value')
  } else out.line(`return ${value}`)
  return { source: `function read(r) {\n  ${out.lines.join('\n  ')}\n}`, needs: out.needs }
}

function readRun(out: Printer, run: readonly Step[]): void {
  const p = out.name('p')
  out.line(`const ${p} = r.take(${runSize(run)})`)
  let offset = 0
  for (const step of run) {
    out.line(`const _${step.name} = ${fixedRead(step.type, plus(p, offset))}`)
    offset += sizeOf(step.type) as number
  }
}

function fixedRead(type: StepType, position: string): string {
  switch (type.kind) {
    case 'bool':
      return `v.getInt8(${position}) !== 0`
    case 'int8':
      return `v.getInt8(${position})`
    case 'int16':
      return `v.getInt16(${position})`
    case 'uint16':
      return `v.getUint16(${position})`
    case 'int32':
      return `v.getInt32(${position})`
    case 'uint32':
      return `v.getUint32(${position})`
    case 'int64':
      return `v.getBigInt64(${position})`
    case 'offset':
      return `readOffset(v, ${position})`
    case 'float64':
      return `v.getFloat64(${position})`
    default:
      return `r.uuidAt(${position})`
  }
}

/** `target` is `const _x =` or, for tags, `_x =`. */
function readVariable(out: Printer, step: Step, target: string): void {
  const { type, nullable, compact, name } = step
  if (type.kind === 'struct') {
    const call = `${out.struct(type.plan)}(r)`
    const isNull = step.tag === undefined ? 'v.getInt8(r.take(1)) < 0' : 'r.uvarint() === 0'
    out.line(`${target} ${nullable ? `${isNull} ? null : ${call}` : call}`)
  } else if (type.kind === 'array') {
    const elements = out.name('a')
    readArray(out, step, type.element, elements)
    out.line(`${target} ${elements}`)
  } else {
    const text = type.kind === 'string'
    const call = compact ? (text ? 'compactString' : 'compactBytes') : text ? 'string' : 'bytes'
    out.line(`${target} r.${call}()${nullable ? '' : ` ?? r.nullInNonNullable('${name}')`}`)
  }
}

function readArray(out: Printer, step: Step, element: StepType, into: string): void {
  const count = out.name('n')
  const minSize = minSizeOf({ type: element, nullable: false, compact: step.compact })
  out.line(`const ${count} = r.${step.compact ? 'compactCount' : 'count'}(${minSize})`)
  if (!step.nullable) out.line(`if (${count} < 0) r.nullInNonNullable('${step.name}')`)
  out.line(`const ${into} = ${step.nullable ? `${count} < 0 ? null : []` : '[]'}`)
  const size = sizeOf(element)
  if (size !== undefined) {
    const p = out.name('p')
    out.line(`for (let i = 0, ${p} = ${count} > 0 ? r.take(${count} * ${size}) : 0; i < ${count}; i++) {`)
    out.line(`  ${into}.push(${fixedRead(element, `${p} + i * ${size}`)})`)
  } else {
    out.line(`for (let i = 0; i < ${count}; i++) {`)
    const one: Step = { ...step, nullable: false, type: element }
    const value = out.name('e')
    readVariable(out, one, `const ${value} =`)
    out.line(`  ${into}.push(${value})`)
  }
  out.line('}')
}

function readTags(out: Printer, plan: StructPlan): void {
  if (plan.tagged.length === 0 && !plan.keepsUnknownTags) {
    out.line('r.skipTags()')
    return
  }
  for (const { name, facts } of plan.tagged) out.line(`let _${name} = ${defaultExpression(facts)}`)
  if (plan.keepsUnknownTags) out.line('let unknown')
  out.line('for (let left = r.tagCount(); left > 0; left--) {')
  out.line('  const tag = r.uvarint()')
  out.line('  const end = r.taggedEnd()')
  out.line('  switch (tag) {')
  for (const step of plan.tagged) {
    out.line(`  case ${step.tag}: {`)
    const size = sizeOf(step.type)
    if (size === undefined) readVariable(out, step, `_${step.name} =`)
    else out.line(`    _${step.name} = ${fixedRead(step.type, `r.take(${size})`)}`)
    out.line('    r.endTagged(end)')
    out.line('    break')
    out.line('  }')
  }
  out.line('  default:')
  if (plan.keepsUnknownTags) {
    out.line('    unknown ??= []')
    out.line('    unknown.push({ tag, bytes: r.buffer.subarray(r.position, end) })')
  }
  out.line('    r.position = end')
  out.line('  }')
  out.line('}')
}

// ---- writers

/** The text of a writer. */
export function writerSource(plan: StructPlan): Source {
  const out = new Printer()
  for (const { name, facts } of plan.absent) {
    if (facts.ignorable) continue
    const value = `o.${name}`
    out.line(`if (!(${value} === undefined || ${isDefaultExpression(facts, value)})) {`)
    out.line(`  w.cannotCarry('${name}', '${plan.label}')`)
    out.line('}')
  }
  const runs = runsOf(plan.steps)
  const noTags = plan.flexible && plan.tagged.length === 0 && !plan.keepsUnknownTags
  for (const [i, run] of runs.entries()) {
    const isLast = i === runs.length - 1
    if (isFixed(run[0] as Step)) writeRun(out, run, noTags && isLast)
    else writeVariable(out, run[0] as Step, valueOf(run[0] as Step))
  }
  const last = runs.at(-1)
  const zeroWritten = last !== undefined && isFixed(last[0] as Step)
  if (noTags) {
    if (!zeroWritten) out.line('w.int8(0)')
  } else if (plan.flexible) writeTags(out, plan)
  return { source: `function write(w, o) {\n  ${out.lines.join('\n  ')}\n}`, needs: out.needs }
}

/** Legacy fields are unknown to handlers, so they may be missing. */
function valueOf({ name, facts }: Step): string {
  return facts.legacy ? `(o.${name} === undefined ? ${defaultExpression(facts)} : o.${name})` : `o.${name}`
}

/** With `closesTags` the empty tag section is part of the run. */
function writeRun(out: Printer, run: readonly Step[], closesTags: boolean): void {
  out.line(`{ const p = w.take(${runSize(run) + (closesTags ? 1 : 0)}), v = w.view`)
  let offset = 0
  for (const step of run) {
    out.line(`  ${fixedWrite(step.type, plus('p', offset), valueOf(step))}`)
    offset += sizeOf(step.type) as number
  }
  if (closesTags) out.line(`  v.setInt8(${plus('p', offset)}, 0)`)
  out.line('}')
}

function fixedWrite(type: StepType, position: string, value: string): string {
  switch (type.kind) {
    case 'bool':
      return `v.setInt8(${position}, ${value} ? 1 : 0)`
    case 'int8':
      return `v.setInt8(${position}, ${value})`
    case 'int16':
      return `v.setInt16(${position}, ${value})`
    case 'uint16':
      return `v.setUint16(${position}, ${value})`
    case 'int32':
      return `v.setInt32(${position}, ${value})`
    case 'uint32':
      return `v.setUint32(${position}, ${value})`
    case 'int64':
      return `v.setBigInt64(${position}, ${value})`
    case 'offset':
      return `writeOffset(v, ${position}, ${value})`
    case 'float64':
      return `v.setFloat64(${position}, ${value})`
    default:
      return `w.uuidAt(${position}, ${value})`
  }
}

function writeVariable(out: Printer, step: Step, value: string): void {
  const { type, nullable, compact, name } = step
  if (!nullable) out.line(`if (${value} === null) w.nullInNonNullable('${name}')`)
  if (type.kind === 'struct') {
    const call = `${out.struct(type.plan)}(w, ${value})`
    const mark = step.tag === undefined ? -1 : 0
    out.line(nullable ? `if (${value} === null) w.int8(${mark}); else { w.int8(1); ${call} }` : call)
  } else if (type.kind === 'array') {
    writeArray(out, step, type.element, value)
  } else {
    const kind = { string: 'String', bytes: 'Bytes', records: 'Records' }[type.kind as 'string']
    const call = `${compact ? 'compact' : ''}${nullable ? 'Nullable' : ''}${kind}`
    out.line(`w.${call.charAt(0).toLowerCase()}${call.slice(1)}(${value})`)
  }
}

function writeArray(out: Printer, step: Step, element: StepType, value: string): void {
  const elements = out.name('a')
  out.line(`const ${elements} = ${value}`)
  const length = step.nullable ? `(${elements} === null ? -1 : ${elements}.length)` : `${elements}.length`
  out.line(step.compact ? `w.uvarint(${length} + 1)` : `w.int32(${length})`)
  const guard = step.nullable ? `${elements} !== null && ` : ''
  const size = sizeOf(element)
  if (size !== undefined) {
    out.line(`if (${guard}${elements}.length > 0) {`)
    out.line(`  const n = ${elements}.length, p = w.take(n * ${size}), v = w.view`)
    out.line('  for (let i = 0; i < n; i++) {')
    out.line(`    ${fixedWrite(element, `p + i * ${size}`, `${elements}[i]`)}`)
    out.line('  }')
  } else {
    const i = out.name('i')
    const one = out.name('e')
    out.line(`for (let ${i} = 0; ${guard}${i} < ${elements}.length; ${i}++) {`)
    out.line(`  const ${one} = ${elements}[${i}]`)
    writeVariable(out, { ...step, nullable: false, type: element }, one)
  }
  out.line('}')
}

function writeTags(out: Printer, plan: StructPlan): void {
  const set = plan.tagged.map(step => {
    const value = `o.${step.name}`
    const name = out.name('t')
    out.line(`const ${name} = !(${value} === undefined || ${isDefaultExpression(step.facts, value)})`)
    return name
  })
  const terms = set.map(name => `(${name} ? 1 : 0)`)
  if (plan.keepsUnknownTags) {
    out.line('const unknown = o[UNKNOWN_TAGS]')
    terms.push('(unknown === undefined ? 0 : unknown.length)')
  }
  out.line(`w.uvarint(${terms.join(' + ')})`)
  for (const [i, step] of plan.tagged.entries()) {
    out.line(`if (${set[i]}) {`)
    writeTag(out, step)
    out.line('}')
  }
  if (plan.keepsUnknownTags) {
    out.line(
      'if (unknown !== undefined) for (const { tag, bytes } of unknown) writeUnknownTag(w, tag, bytes)',
    )
  }
}

function writeTag(out: Printer, step: Step & { readonly tag: number }): void {
  const size = sizeOf(step.type)
  if (size === undefined) {
    out.line(`  const mark = w.beginTagged(${step.tag})`)
    writeVariable(out, step, `o.${step.name}`)
    out.line('  w.endTagged(mark)')
  } else {
    out.line(`  w.uvarint(${step.tag})`)
    out.line(`  w.uvarint(${size})`)
    out.line(`  const p = w.take(${size}), v = w.view`)
    out.line(`  ${fixedWrite(step.type, 'p', `o.${step.name}`)}`)
  }
}
