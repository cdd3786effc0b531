// A schema at a version: which fields are on the wire, in which order and encoding. The interpreter walks plans,
// the compiler prints them.
//
// Structs are planned one by one, and equal plans are shared: FetchPartition is the same in versions 5 to 8, so
// there is one plan, hence one compiled reader. Rules answered to: Kafka's message generator and KIP-482.

import type { AnyField, FieldFacts, FieldType, LeafKind, Struct } from './vocabulary.ts'

export type StepType =
  | { readonly kind: LeafKind }
  | { readonly kind: 'struct'; readonly plan: StructPlan }
  | { readonly kind: 'array'; readonly element: StepType }

export interface Step {
  readonly name: string
  readonly type: StepType
  readonly nullable: boolean
  /** Compact lengths: a varint of length + 1, where 0 means null. */
  readonly compact: boolean
  /** Set when the field travels as a tag. A nullable struct then has another mark for null: see the interpreter. */
  readonly tag?: number
  readonly facts: FieldFacts
}

export interface StructPlan {
  readonly struct: Struct
  /** For errors and source names: `FetchRequest.topics v12`. Equal plans keep the first name. */
  readonly label: string
  /** All fields in wire order, here or not: the order of the decoded object's properties. */
  readonly names: readonly string[]
  readonly steps: readonly Step[]
  /** In order of their tags. */
  readonly tagged: readonly (Step & { readonly tag: number })[]
  /** Fields that this version does not have. */
  readonly absent: readonly { readonly name: string; readonly facts: FieldFacts }[]
  /** Has a tag section. */
  readonly flexible: boolean
  readonly keepsUnknownTags: boolean
  /** The fewest bytes that a value can take. */
  readonly minSize: number
}

export interface PlanContext {
  readonly version: number
  readonly flexible: boolean
  readonly keepsUnknownTags: boolean
}

export const FIXED_SIZE: Readonly<Partial<Record<LeafKind, number>>> = {
  bool: 1,
  int8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  offset: 8,
  float64: 8,
  uuid: 16,
}

/** Every plan of a struct, by what it looks like. */
const plansOf = new WeakMap<Struct, Map<string, StructPlan>>()
const idOf = new WeakMap<StructPlan, number>()
let planCount = 0

export function planOf(struct: Struct, context: PlanContext, label: string): StructPlan {
  const { version, flexible, keepsUnknownTags } = context
  const steps: Step[] = []
  const tagged: (Step & { tag: number })[] = []
  const absent: { name: string; facts: FieldFacts }[] = []
  const names = Object.keys(struct.shape)
  for (const name of names) {
    const facts = (struct.shape[name] as AnyField).facts
    if (version < facts.since || version > facts.until) {
      absent.push({ name, facts })
      continue
    }
    const step = {
      name,
      type: stepType(facts.type, context, `${label}.${name}`),
      nullable: version >= facts.nullableSince,
      compact: flexible && !facts.plain,
      facts,
    }
    if (facts.tag !== undefined && version >= facts.taggedSince) tagged.push({ ...step, tag: facts.tag })
    else steps.push(step)
  }
  tagged.sort((a, b) => a.tag - b.tag)
  const minSize = steps.reduce((sum, step) => sum + minSizeOf(step), flexible ? 1 : 0)
  const plan = {
    struct,
    label: `${label} v${version}`,
    names,
    steps,
    tagged,
    absent,
    flexible,
    keepsUnknownTags,
    minSize,
  }
  return shared(plan)
}

function stepType(type: FieldType, context: PlanContext, label: string): StepType {
  if (type.kind === 'struct') return { kind: 'struct', plan: planOf(type.struct, context, label) }
  if (type.kind === 'array') return { kind: 'array', element: stepType(type.element, context, label) }
  return type
}

/** The fewest bytes of one value: what a count is multiplied with before anything is allocated. */
export function minSizeOf({ type, nullable, compact }: Omit<Step, 'name' | 'facts'>): number {
  switch (type.kind) {
    case 'struct':
      return nullable ? 1 : type.plan.minSize
    case 'string':
      return compact ? 1 : 2
    case 'array':
    case 'bytes':
    case 'records':
      return compact ? 1 : 4
    default:
      return FIXED_SIZE[type.kind] as number
  }
}

function shared(plan: StructPlan): StructPlan {
  let known = plansOf.get(plan.struct)
  if (known === undefined) plansOf.set(plan.struct, (known = new Map()))
  const signature = signatureOf(plan)
  const equal = known.get(signature)
  if (equal !== undefined) return equal
  known.set(signature, plan)
  idOf.set(plan, planCount++)
  return plan
}

function signatureOf(plan: StructPlan): string {
  const of = (step: Step) => `${step.name}:${typeName(step.type)}${step.nullable ? '?' : ''}`
  const flags = `${plan.flexible ? 'f' : ''}${plan.keepsUnknownTags ? 'k' : ''}`
  return [flags, ...plan.steps.map(of), '#', ...plan.tagged.map(of)].join(' ')
}

function typeName(type: StepType): string {
  if (type.kind === 'struct') return `s${idOf.get(type.plan)}`
  if (type.kind === 'array') return `[${typeName(type.element)}]`
  return type.kind
}
