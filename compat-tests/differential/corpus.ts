/**
 * What was found once is asked in every run: conversations that ended in a mismatch, as small as they could be made, in `corpus/`. Ids and
 * the names of a scenario stand in the files as words, so that they mean the same on every pair of brokers.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import { root } from '../toolchain.ts'
import type { Difference } from './compare.ts'
import { UNKNOWN_ID } from './ids.ts'
import type { Damage } from './mutation.ts'
import type { Pair, Setting } from './pair.ts'
import { learnFrom } from './scenario.ts'
import type { Side, Step } from './side.ts'

export interface KeptStep {
  readonly api: string
  readonly version: number
  /** The request with `<topic d0-a>` for an id, `{ $bytes }` for bytes and `{ $int64 }` for what is a bigint. */
  readonly fields: unknown
  readonly isRead?: boolean
  readonly changesMetadata?: boolean
  readonly isUnanswered?: boolean
  readonly damage?: Damage
}

export interface Kept {
  /** `2026-11-22 seed 3 scenario 7`. */
  readonly found: string
  /** Settings of the second topic. */
  readonly configs: readonly Setting[]
  readonly steps: readonly KeptStep[]
}

const corpusDir = join(root, 'compat-tests/differential/corpus')

/** `elder-…` are about versions that only the elder serves. */
const ELDER = 'elder-'

export function corpus(isElder: boolean): { name: string; kept: Kept }[] {
  return readdirSync(corpusDir)
    .filter(file => file.endsWith('.json') && file.startsWith(ELDER) === isElder)
    .sort()
    .map(file => ({
      name: file.replace('.json', ''),
      kept: JSON.parse(readFileSync(join(corpusDir, file), 'utf8')) as Kept,
    }))
}

const written = new Set<string>()

/** One file for a kind of difference in a run; `seed 3 scenario 7` tells it from what was there before. */
export function writeKept(
  kept: Kept,
  isElder: boolean,
  { step, differences }: { step: Step; differences: readonly Difference[] },
) {
  const path = differences[0]!.path.replaceAll(/ of .*|\[\]/g, '').replaceAll('.', '-') || 'reply'
  const kind = `${step.api}-${path}-${JSON.stringify(differences[0]!.reference)?.slice(0, 20)}`
  if (written.has(kind)) return
  written.add(kind)
  mkdirSync(corpusDir, { recursive: true })
  const steps = kept.steps.map(each => `  ${JSON.stringify(each)}`).join(',\n')
  const head = `"found": ${JSON.stringify(kept.found)},\n "configs": ${JSON.stringify(kept.configs)}`
  const name = `${isElder ? ELDER : ''}${step.api}-${path}-${kept.found.replaceAll(/[^0-9]+/g, '-').slice(1)}`
  writeFileSync(join(corpusDir, `${name}.json`), `{${head},\n "steps": [\n${steps}\n ]}\n`)
}

/** A step as it was sent to one side. */
export function keep(step: Step, side: Side): KeptStep {
  const { api, version, isRead, changesMetadata, isUnanswered, damage } = step
  return {
    api,
    version,
    fields: toWords(step.fields(side), side, ''),
    ...(isRead && { isRead }),
    ...(changesMetadata && { changesMetadata }),
    ...(isUnanswered && { isUnanswered }),
    ...(damage && { damage }),
  }
}

function toWords(value: unknown, side: Side, key: string): unknown {
  if (value instanceof Uint8Array) return { $bytes: deflateRawSync(value).toString('base64') }
  if (typeof value === 'bigint') return { $int64: `${value}` }
  if (typeof value === 'string')
    return side
      .wordFor(value)
      .replaceAll(/\bd\d+-/g, 'd0-')
      .replaceAll(side.broker.dataDir, '<data>')
  if (key === 'sessionId' && value !== 0 && value === side.numbers.get('session')) return { $session: true }
  if (Array.isArray(value)) return value.map(item => toWords(item, side, key))
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, toWords(v, side, k)]))
}

function fromWords(value: unknown, side: Side, number: number): unknown {
  if (typeof value === 'string') {
    const text = value.replaceAll('d0-', `d${number}-`).replaceAll('<data>', side.broker.dataDir)
    return /^<.+>$/.test(text) ? side.id(text.slice(1, -1), UNKNOWN_ID) : text
  }
  if (Array.isArray(value)) return value.map(item => fromWords(item, side, number))
  if (value === null || typeof value !== 'object') return value
  const { $bytes, $int64, $session } = value as { $bytes?: string; $int64?: string; $session?: boolean }
  if ($bytes !== undefined) return inflateRawSync(Buffer.from($bytes, 'base64'))
  if ($int64 !== undefined) return BigInt($int64)
  if ($session) return side.numbers.get('session') ?? 0
  return Object.fromEntries(Object.entries(value).map(([k, v]) => [k, fromWords(v, side, number)]))
}

export function revive({ fields, ...kept }: KeptStep, number: number): Step {
  return {
    ...kept,
    note: JSON.stringify(fields),
    fields: side => fromWords(fields, side, number) as object,
    learn: (side, answer) => learnFrom(kept.api, side, answer),
  }
}

/** Where the brokers part: the index of the first step that they answer differently, or -1. */
export async function parting(pair: Pair, kept: Kept, number: number): Promise<number> {
  const [a, b] = [`d${number}-a`, `d${number}-b`]
  for (const side of pair.sides) side.remember('member', 'nobody')
  await pair.open(a, b, kept.configs)
  try {
    for (const [i, step] of kept.steps.entries()) {
      const { differences } = await pair.both(revive(step, number), number)
      if (differences.length > 0) return i
    }
    return -1
  } finally {
    await pair.close(a, b)
  }
}

/** Drops every step without which the last one is still answered differently. */
export async function smallest(pair: Pair, kept: Kept, numberOf: () => number): Promise<Kept | undefined> {
  const holds = async (steps: readonly KeptStep[]) =>
    (await parting(pair, { ...kept, steps }, numberOf())) === steps.length - 1
  let { steps } = kept
  if (!(await holds(steps))) return undefined
  const alone = steps.slice(-1)
  if (await holds(alone)) return { ...kept, steps: alone }
  for (let i = steps.length - 2; i >= 0; i--) {
    const without = steps.filter((_, j) => j !== i)
    if (await holds(without)) steps = without
  }
  return { ...kept, steps }
}
