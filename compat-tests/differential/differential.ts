/**
 * The run itself: what was found before, then scenario after scenario, every step to both brokers at once, answers compared. In a scenario
 * that has parted ways the first mismatch is what counts; what follows from it is told apart as `after`. Scenarios run in several lanes;
 * none of them meets another.
 */
import { writeMessage } from '../../protocol/codec/message.ts'
import type { RunningBroker } from '../brokers.ts'
import { adminSteps } from './admin-steps.ts'
import { type Difference, isKafkasAccident } from './compare.ts'
import { corpus, keep, type Kept, type KeptStep, revive, smallest } from './corpus.ts'
import { Coverage } from './coverage.ts'
import { dataSteps } from './data-steps.ts'
import { DROPPED_BELOW } from './elder.ts'
import { explanationOf } from './explained.ts'
import { groupSteps } from './group-steps.ts'
import { mutate } from './mutation.ts'
import { Pair, type Setting } from './pair.ts'
import { Random } from './random.ts'
import type { MakeStep, Scenario } from './scenario.ts'
import { apiNamed, type Side, type Step } from './side.ts'

export interface Mismatch {
  /** `scenario 7`, or the name of a file of the corpus. */
  readonly where: string
  readonly isAfter: boolean
  readonly step: Step
  readonly differences: readonly Difference[]
  /** The conversation, as small as it could be made. */
  readonly kept?: Kept | undefined
}

export interface Report {
  readonly requests: number
  readonly scenarios: number
  readonly coverage: Coverage
  readonly mismatches: readonly Mismatch[]
  /** Answers of Kafka that nobody meant: an exception escaped in it. By API. */
  readonly accidents: ReadonlyMap<string, number>
  /** Known differences, by name. */
  readonly explained: ReadonlyMap<string, number>
}

export interface RunOptions {
  readonly seed: number
  readonly requests: number
  /** Scenarios at once. */
  readonly lanes: number
  /** Stop here, whatever was reached. */
  readonly deadline: number
  /** Only steps of these APIs, and what every scenario needs. */
  readonly only?: readonly string[] | undefined
  /** Only these scenarios. */
  readonly scenarios?: readonly number[] | undefined
  /** Only the versions that Kafka 4.0 dropped are compared; the other broker is the elder. */
  readonly isElder: boolean
  /** Make the conversation of each mismatch small, for the corpus. */
  readonly keeps: boolean
  onMismatch?(mismatch: Mismatch): void
  /** Told of every step, for a look at what led to a mismatch. */
  onStep?(scenario: number, step: Step): void
}

const STEPS_PER_SCENARIO = 40
const MUTATED_PERCENT = 12
const DAMAGED_PERCENT = 3

const ODD_SETTINGS: readonly (readonly Setting[])[] = [
  [],
  [{ name: 'cleanup.policy', value: 'compact' }],
  [{ name: 'message.timestamp.type', value: 'LogAppendTime' }],
  [{ name: 'compression.type', value: 'zstd' }],
  [{ name: 'compression.type', value: 'gzip' }],
  [{ name: 'compression.type', value: 'lz4' }],
  [{ name: 'compression.type', value: 'uncompressed' }],
  [{ name: 'max.message.bytes', value: '150' }],
  [{ name: 'min.insync.replicas', value: '2' }],
  [{ name: 'message.timestamp.after.max.ms', value: '1000' }],
  [{ name: 'message.timestamp.before.max.ms', value: '1000' }],
  [{ name: 'cleanup.policy', value: 'compact,delete' }],
]

/** Numbers of replayed and shrunk conversations, far from those of scenarios. */
const REPLAYS = 900_000
/** Our broker has been asked beside the reference before it is asked beside the elder: groups of one name would be one group. */
const OF_ELDER = 1_000_000

export class Differential {
  readonly #brokers: readonly [RunningBroker, RunningBroker]
  readonly #versions = new Map<string, readonly [number, number]>()
  readonly #options: RunOptions
  readonly #coverage = new Coverage()
  readonly #accidents = new Map<string, number>()
  readonly #explained = new Map<string, number>()
  readonly #mismatches: Mismatch[] = []
  #requests = 0
  #scenarios = 0
  /** What is added to the number of a scenario in names. */
  readonly #namesFrom: number
  #replays: number

  constructor(reference: RunningBroker, ours: RunningBroker, options: RunOptions) {
    this.#brokers = [reference, ours]
    this.#options = options
    this.#namesFrom = options.isElder ? OF_ELDER : 0
    this.#replays = this.#namesFrom + REPLAYS
  }

  async run(): Promise<Report> {
    const { lanes, scenarios } = this.#options
    const first = new Pair(...this.#brokers, this.#options.isElder)
    await this.#agreeOnVersions(first)
    await first.warmUp()
    if (scenarios === undefined) await this.#replay(first)
    first.hangUp()
    const wanted = scenarios?.slice()
    let last = 0
    const next = () => (wanted ? wanted.shift() : this.#isOver ? undefined : ++last)
    await Promise.all(Array.from({ length: lanes }, () => this.#lane(next)))
    return {
      requests: this.#requests,
      scenarios: this.#scenarios,
      coverage: this.#coverage,
      mismatches: this.#mismatches,
      accidents: this.#accidents,
      explained: this.#explained,
    }
  }

  get #isOver(): boolean {
    return this.#requests >= this.#options.requests || Date.now() >= this.#options.deadline
  }

  async #lane(next: () => number | undefined): Promise<void> {
    const pair = new Pair(...this.#brokers, this.#options.isElder)
    await pair.warmUp()
    for (let number = next(); number !== undefined; number = next()) {
      await this.#scenario(pair, number)
      this.#scenarios++
    }
    pair.hangUp()
  }

  async #agreeOnVersions(pair: Pair): Promise<void> {
    const step: Step = { api: 'ApiVersions', version: 0, note: '', fields: () => ({}) }
    const [reference, ours] = await pair.ask(step)
    const ranges = (answer: unknown) =>
      new Map(
        (answer as { apiKeys: { apiKey: number; minVersion: number; maxVersion: number }[] }).apiKeys.map(
          k => [k.apiKey, k],
        ),
      )
    const theirs = ranges(reference)
    for (const [key, mine] of ranges(ours)) {
      const their = theirs.get(key)
      const api = [...apiNamed.values()].find(a => a.key === key)
      if (their === undefined || api === undefined) continue
      const range: [number, number] = [
        Math.max(mine.minVersion, their.minVersion),
        Math.min(mine.maxVersion, their.maxVersion, api.versions[1]),
      ]
      // Advertised for an old librdkafka, and refused when used (KIP-896).
      if (api.name === 'Produce' && !this.#options.isElder) range[0] = Math.max(range[0], 3)
      if (range[0] > range[1]) continue
      this.#versions.set(api.name, range)
      for (let version = range[0]; version <= range[1]; version++)
        if (this.#isCompared(api.name, version)) this.#coverage.expect(api.name, version)
    }
  }

  #isCompared(api: string, version: number): boolean {
    return !this.#options.isElder || version < (DROPPED_BELOW[api] ?? 0)
  }

  /** Conversations of the corpus, each in its own topics. */
  async #replay(pair: Pair): Promise<void> {
    for (const { name, kept } of corpus(this.#options.isElder)) {
      const number = ++this.#replays
      for (const side of pair.sides) side.remember('member', 'nobody')
      await pair.open(`d${number}-a`, `d${number}-b`, kept.configs)
      for (const step of kept.steps) await this.#compare(pair, revive(step, number), number, name, false)
      await pair.close(`d${number}-a`, `d${number}-b`)
    }
  }

  async #scenario(pair: Pair, number: number): Promise<void> {
    const random = new Random(this.#options.seed * 1_000_003 + number)
    const named = this.#namesFrom + number
    const scenario: Scenario = {
      random,
      number: named,
      recompresses: false,
      a: `d${named}-a`,
      b: `d${named}-b`,
      group: `d${named}-group`,
      member: 'none',
      hasSession: false,
      version: api => this.#someVersion(api, random),
    }
    for (const side of pair.sides) side.remember('member', 'nobody')
    const configs = random.pick(ODD_SETTINGS)
    scenario.recompresses = configs.some(({ name }) => name === 'compression.type')
    await pair.open(scenario.a, scenario.b, configs)
    const kept: KeptStep[] = []
    let hasParted = false
    const kit = this.#kit(random)
    for (let i = 0; i < STEPS_PER_SCENARIO && Date.now() < this.#options.deadline; i++) {
      const step = this.#step(scenario, kit, pair.reference)
      if (step === undefined) continue
      this.#options.onStep?.(number, step)
      if (this.#options.keeps && !hasParted) kept.push(keep(step, pair.reference))
      const verdict = await this.#compare(pair, step, named, `scenario ${number}`, hasParted)
      if (verdict === 'apart') break
      hasParted ||= verdict === 'mismatch'
    }
    await pair.close(scenario.a, scenario.b)
    const first = this.#mismatches.findIndex(m => m.where === `scenario ${number}`)
    if (first < 0) return
    if (this.#options.keeps) {
      const found = `seed ${this.#options.seed} scenario ${number}`
      const small = await smallest(pair, { found, configs, steps: kept }, () => ++this.#replays)
      this.#mismatches[first] = { ...this.#mismatches[first]!, kept: small }
    }
    for (const mismatch of this.#mismatches.slice(first))
      if (mismatch.where === `scenario ${number}`) this.#options.onMismatch?.(mismatch)
  }

  /** Undefined where the dice made something that no version can say. */
  #step(scenario: Scenario, kit: Kit, side: Side): Step | undefined {
    const { random } = scenario
    const [name, make] = drawn(kit, random)
    const version = scenario.version(name)
    if (version === undefined) return undefined
    const draft = { api: name, version, ...make(scenario, version) }
    if (random.chance(MUTATED_PERCENT)) return mutated(draft, random.int(1 << 30), side)
    if (!draft.isRead || !random.chance(DAMAGED_PERCENT)) return draft
    // A changed byte could ask a fetch to wait, or for the loggers of a Java class tree.
    const kinds = CHANGEABLE.includes(name) ? (['cut', 'append', 'change'] as const) : (['cut'] as const)
    const damage = { kind: random.pick(kinds), at: random.int(1 << 16), xor: 1 + random.int(255) }
    return { ...draft, note: `${draft.note} damaged ${JSON.stringify(damage)}`, damage }
  }

  #someVersion(api: string, random: Random): number | undefined {
    const range = this.#versions.get(api)
    if (range === undefined) return undefined
    const [low, high] = range
    if (!this.#options.isElder) return low + random.int(high - low + 1)
    const end = DROPPED_BELOW[api]
    if (end !== undefined && low < end && random.chance(75)) return low + random.int(end - low)
    return end === undefined && !SUBSTRATE.includes(api) ? undefined : low + random.int(high - low + 1)
  }

  async #compare(pair: Pair, step: Step, number: number, where: string, isAfter: boolean): Promise<Verdict> {
    const { reference, differences } = await pair.both(step, number)
    // What is only there for its traces has left different ones where its answers differ.
    if (!this.#isCompared(step.api, step.version))
      return differences.length > 0 && !step.isRead ? 'apart' : 'same'
    this.#requests++
    this.#coverage.count(step.api, step.version, reference)
    if (differences.length === 0) return 'same'
    if (isKafkasAccident(reference)) {
      count(this.#accidents, step.api)
      return step.isRead ? 'same' : 'apart'
    }
    const explanation = explanationOf(step, differences, this.#options.isElder)
    if (explanation !== undefined) {
      count(this.#explained, explanation)
      return step.isRead ? 'same' : 'apart'
    }
    const mismatch = { where, isAfter, step, differences }
    this.#mismatches.push(mismatch)
    if (!where.startsWith('scenario')) this.#options.onMismatch?.(mismatch)
    return 'mismatch'
  }

  /** One kind of work outweighs the others, so that its steps meet each other's traces. */
  #kit(random: Random): Kit {
    const kits = [dataSteps, dataSteps, adminSteps, groupSteps]
    const main = random.pick(kits)
    const all: Kit = [
      ...main.map(([w, ...rest]) => [w * 6, ...rest] as const),
      ...dataSteps,
      ...adminSteps,
      ...groupSteps,
    ]
    const { only } = this.#options
    return only === undefined ? all : all.filter(([, api]) => only.includes(api))
  }
}

/** `apart`: what the two brokers hold differs from here on, for a known reason. */
type Verdict = 'same' | 'mismatch' | 'apart'

const count = (what: Map<string, number>, name: string) => what.set(name, (what.get(name) ?? 0) + 1)

type Kit = readonly (readonly [weight: number, api: string, make: MakeStep])[]

/** Asked of the elder in any version, for what there is to see in the old ones. */
const SUBSTRATE = ['DeleteRecords', 'OffsetFetch', 'JoinGroup', 'Metadata']

const CHANGEABLE = ['Metadata', 'ListOffsets', 'OffsetFetch', 'DescribeGroups', 'OffsetForLeaderEpoch']

/** Undefined where no version can say what came of it. */
function mutated(draft: Step, seed: number, side: Side): Step | undefined {
  const api = apiNamed.get(draft.api)!
  const change = (of: Side) => {
    const request = api.request.create(draft.fields(of)) as object
    return { request, what: mutate(new Random(seed), api, draft.version, request) }
  }
  const { request, what } = change(side)
  try {
    writeMessage(api.request, draft.version, request)
  } catch {
    return undefined
  }
  return { ...draft, note: `${draft.note} but ${what}`, fields: of => change(of).request }
}

function drawn(kit: Kit, random: Random): readonly [api: string, make: MakeStep] {
  let dice = random.int(kit.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, api, make] of kit) {
    dice -= weight
    if (dice < 0) return [api, make]
  }
  throw new Error('an empty kit')
}
