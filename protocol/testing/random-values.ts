// Random values of any message at any version, from a seed. Fields that the version lacks hold their defaults, so
// that a value written and read comes back equal.

import { defaultOf } from '../schema/defaults.ts'
import { UNKNOWN_TAGS } from '../schema/interpreter.ts'
import type { Step, StepType, StructPlan } from '../schema/plan.ts'

/** Mulberry32: small, seeded, good enough. */
export class Random {
  #state: number
  constructor(seed: number) {
    this.#state = seed | 0
  }
  /** In [0, 1). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0
    let t = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 0x1_0000_0000
  }
  below(limit: number): number {
    return Math.floor(this.next() * limit)
  }
  chance(probability: number): boolean {
    return this.next() < probability
  }
  bytes(length: number): Buffer {
    return Buffer.from(Array.from({ length }, () => this.below(256)))
  }
}

export function randomValue(random: Random, plan: StructPlan): object {
  const value: Record<string | symbol, unknown> = {}
  const steps = new Map<string, Step>([...plan.steps, ...plan.tagged].map(step => [step.name, step]))
  const tagged = new Set(plan.tagged.map(step => step.name))
  const absent = new Map(plan.absent.map(({ name, facts }) => [name, facts]))
  for (const name of plan.names) {
    const step = steps.get(name)
    const facts = absent.get(name)
    if (step === undefined) value[name] = facts && defaultOf(facts)
    else if (tagged.has(name) && random.chance(0.4)) value[name] = defaultOf(step.facts)
    else value[name] = randomField(random, step)
  }
  if (plan.flexible && plan.keepsUnknownTags && random.chance(0.3)) {
    value[UNKNOWN_TAGS] = [{ tag: 1000 + random.below(10), bytes: random.bytes(random.below(5)) }]
  }
  return value
}

function randomField(random: Random, step: Step): unknown {
  if (step.nullable && random.chance(0.25)) return null
  return randomOf(random, step.type)
}

function randomOf(random: Random, type: StepType): unknown {
  switch (type.kind) {
    case 'struct':
      return randomValue(random, type.plan)
    case 'array':
      return Array.from({ length: random.below(4) }, () => randomOf(random, type.element))
    case 'string':
      return randomText(random)
    case 'bytes':
    case 'records':
      return random.bytes(random.chance(0.05) ? 200 : random.below(20))
    case 'uuid':
      return random.bytes(16).toString('base64url')
    case 'bool':
      return random.chance(0.5)
    case 'int8':
      return random.below(256) - 128
    case 'int16':
      return random.below(0x10000) - 0x8000
    case 'uint16':
      return random.below(0x10000)
    case 'int32':
      return random.below(0x1_0000_0000) - 0x8000_0000
    case 'uint32':
      return random.below(0x1_0000_0000)
    case 'int64':
      return random.bytes(8).readBigInt64BE()
    case 'offset':
      return random.chance(0.1)
        ? Number.POSITIVE_INFINITY
        : (random.next() * 2 - 1 > 0 ? 1 : -1) * random.below(2 ** 53)
    case 'float64':
      return random.next() * 1e6 - 5e5
  }
}

const LETTERS = ['a', 'Z', '7', '.', '-', 'é', 'ß', '語', '😀']

function randomText(random: Random): string {
  const length = random.chance(0.1) ? 40 + random.below(120) : random.below(12)
  const letters = random.chance(0.7) ? 5 : LETTERS.length
  return Array.from({ length }, () => LETTERS[random.below(letters)]).join('')
}
