/**
 * The run itself: scenario after scenario, every step to both brokers at once, answers compared. In a scenario that has parted ways the
 * first mismatch is what counts; what follows from it is told apart as `after`.
 */
import type { RunningBroker } from '../brokers.ts'
import { sleep } from '../brokers.ts'
import { adminSteps } from './admin-steps.ts'
import { type Difference, differences, isKafkasAccident, plain } from './compare.ts'
import { dataSteps } from './data-steps.ts'
import { groupSteps } from './group-steps.ts'
import { Random } from './random.ts'
import { learnTopics, type MakeStep, type Scenario } from './scenario.ts'
import { type Answer, apiNamed, Side, type Step } from './side.ts'

export interface Mismatch {
  readonly scenario: number
  readonly isAfter: boolean
  readonly step: Step
  readonly differences: readonly Difference[]
}

export interface Report {
  readonly requests: number
  readonly byApi: ReadonlyMap<string, number>
  readonly mismatches: readonly Mismatch[]
  /** Answers that differ because an exception escaped inside Kafka. */
  readonly accidents: number
}

export interface RunOptions {
  readonly seed: number
  readonly requests: number
  /** Stop here, whatever was reached. */
  readonly deadline: number
  /** Only steps of these APIs, and what every scenario needs. */
  readonly only?: readonly string[] | undefined
  onMismatch?(mismatch: Mismatch): void
  /** Told of every step, for a look at what led to a mismatch. */
  onStep?(scenario: number, step: Step): void
}

const STEPS_PER_SCENARIO = 40
const SETTLE_MS = 60
const TRIES = 4

const ODD_SETTINGS: readonly (readonly { name: string; value: string }[])[] = [
  [],
  [{ name: 'cleanup.policy', value: 'compact' }],
  [{ name: 'message.timestamp.type', value: 'LogAppendTime' }],
  [{ name: 'compression.type', value: 'zstd' }],
  [{ name: 'compression.type', value: 'gzip' }],
  [{ name: 'compression.type', value: 'uncompressed' }],
  [{ name: 'max.message.bytes', value: '150' }],
  [{ name: 'min.insync.replicas', value: '2' }],
  [{ name: 'message.timestamp.after.max.ms', value: '1000' }],
  [{ name: 'cleanup.policy', value: 'compact,delete' }],
]

export class Differential {
  readonly #reference: Side
  readonly #ours: Side
  readonly #versions = new Map<string, readonly [number, number]>()
  readonly #options: RunOptions
  readonly #byApi = new Map<string, number>()
  readonly #mismatches: Mismatch[] = []
  #requests = 0
  #accidents = 0

  constructor(reference: RunningBroker, ours: RunningBroker, options: RunOptions) {
    this.#reference = new Side(reference)
    this.#ours = new Side(ours)
    this.#options = options
  }

  async run(): Promise<Report> {
    await this.#agreeOnVersions()
    await this.#warmUp()
    for (
      let number = 1;
      this.#requests < this.#options.requests && Date.now() < this.#options.deadline;
      number++
    ) {
      await this.#scenario(number)
    }
    this.#reference.close()
    this.#ours.close()
    return {
      requests: this.#requests,
      byApi: this.#byApi,
      mismatches: this.#mismatches,
      accidents: this.#accidents,
    }
  }

  async #agreeOnVersions(): Promise<void> {
    const step: Step = { api: 'ApiVersions', version: 0, note: '', fields: () => ({}) }
    const [reference, ours] = await Promise.all([this.#reference.ask(step), this.#ours.ask(step)])
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
      if (api.name === 'Produce') range[0] = Math.max(range[0], 3)
      if (range[0] <= range[1]) this.#versions.set(api.name, range)
    }
  }

  /** The group coordinator makes its topic on first use, on both sides before anything is compared. */
  async #warmUp(): Promise<void> {
    const step: Step = {
      api: 'FindCoordinator',
      version: 4,
      note: '',
      fields: () => ({ coordinatorKeys: ['warm'] }),
    }
    for (let i = 0; i < 100; i++) {
      const answers = await Promise.all([this.#reference.ask(step), this.#ours.ask(step)])
      if (answers.every(a => ((a as Answer).coordinators as Answer[] | undefined)?.[0]?.errorCode === 0))
        break
      await sleep(200)
    }
    const fetch: Step = {
      api: 'OffsetFetch',
      version: 7,
      note: '',
      fields: () => ({ groupId: 'warm', topics: null }),
    }
    for (let i = 0; i < 100; i++) {
      const answers = await Promise.all([this.#reference.ask(fetch), this.#ours.ask(fetch)])
      if (answers.every(a => (a as Answer).errorCode === 0)) break
      await sleep(200)
    }
    // The first block of producer ids is asked for when it is first needed.
    const init: Step = {
      api: 'InitProducerId',
      version: 4,
      note: '',
      fields: () => ({ transactionTimeoutMs: 1000, transactionalId: null }),
    }
    for (let i = 0; i < 100; i++) {
      const answers = await Promise.all([this.#reference.ask(init), this.#ours.ask(init)])
      if (answers.every(a => (a as Answer).errorCode === 0)) break
      await sleep(100)
    }
    await this.#learnInternal()
  }

  async #learnInternal(): Promise<void> {
    const fields = () => ({ topics: [{ name: '__consumer_offsets' }], allowAutoTopicCreation: false })
    const step: Step = { api: 'Metadata', version: 12, note: '', fields, learn: learnTopics }
    await Promise.all([this.#reference.ask(step), this.#ours.ask(step)])
  }

  async #scenario(number: number): Promise<void> {
    const random = new Random(this.#options.seed * 1_000_003 + number)
    const scenario: Scenario = {
      random,
      number,
      a: `d${number}-a`,
      b: `d${number}-b`,
      group: `d${number}-group`,
      hasMember: false,
      hasSession: false,
      version: api => {
        const range = this.#versions.get(api)
        return range && range[0] + random.int(range[1] - range[0] + 1)
      },
    }
    await this.#open(scenario)
    let hasParted = false
    const kit = this.#kit(random)
    for (let i = 0; i < STEPS_PER_SCENARIO && Date.now() < this.#options.deadline; i++) {
      const [api, make] = drawn(kit, random)
      const version = scenario.version(api)
      if (version === undefined) continue
      const step: Step = { api, version, ...make(scenario, version) }
      this.#options.onStep?.(number, step)
      const found = await this.#both(step)
      if (found.length === 0) continue
      if (isKafkasAccident(found)) {
        this.#accidents++
        continue
      }
      const mismatch = { scenario: number, isAfter: hasParted, step, differences: found }
      hasParted = true
      this.#mismatches.push(mismatch)
      this.#options.onMismatch?.(mismatch)
    }
    await this.#close(scenario)
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

  async #both(step: Step): Promise<Difference[]> {
    for (let attempt = 1; ; attempt++) {
      const [reference, ours] = await Promise.all([this.#reference.ask(step), this.#ours.ask(step)])
      const found = differences(
        plain(step.api, reference, this.#reference),
        plain(step.api, ours, this.#ours),
      )
      if (attempt === 1) {
        this.#requests++
        this.#byApi.set(step.api, (this.#byApi.get(step.api) ?? 0) + 1)
      }
      if (step.changesMetadata) await sleep(SETTLE_MS)
      // After a hang-up on one side both start a new connection.
      if ((reference === 'closed') !== (ours === 'closed'))
        for (const side of [this.#reference, this.#ours]) side.reconnect()
      if (found.length === 0 || !step.isRead || attempt === TRIES) return found
      await sleep(100 * attempt)
    }
  }

  async #open({ a, b, random }: Scenario): Promise<void> {
    const configs = random.pick(ODD_SETTINGS)
    const topics = [
      { name: a, numPartitions: 3, replicationFactor: 1 },
      { name: b, numPartitions: 1, replicationFactor: 1, configs },
    ]
    const create: Step = {
      api: 'CreateTopics',
      version: 7,
      note: '',
      fields: () => ({ topics, timeoutMs: 10_000 }),
      learn: learnTopics,
    }
    await Promise.all([this.#reference.ask(create), this.#ours.ask(create)])
    const partitions = [0, 1, 2].map(partitionIndex => ({ partitionIndex, timestamp: -1n }))
    const list: Step = {
      api: 'ListOffsets',
      version: 5,
      note: '',
      fields: () => ({
        replicaId: -1,
        topics: [
          { name: a, partitions },
          { name: b, partitions: [partitions[0]] },
        ],
      }),
    }
    await Promise.all([this.#reference, this.#ours].map(side => untilServed(side, list)))
  }

  async #close({ a, b, number }: Scenario): Promise<void> {
    for (const side of [this.#reference, this.#ours]) side.numbers.clear()
    const names = [a, b, `${a}-0`, `${a}-1`, `${a}-2`, `${a}-3`, `${a}.x`, `${a}_x`]
    const remove: Step = {
      api: 'DeleteTopics',
      version: 5,
      note: `end of ${number}`,
      fields: () => ({ topicNames: names, timeoutMs: 10_000 }),
    }
    await Promise.all([this.#reference.ask(remove), this.#ours.ask(remove)])
  }
}

type Kit = readonly (readonly [weight: number, api: string, make: MakeStep])[]

function drawn(kit: Kit, random: Random): readonly [api: string, make: MakeStep] {
  let dice = random.int(kit.reduce((sum, [weight]) => sum + weight, 0))
  for (const [weight, api, make] of kit) {
    dice -= weight
    if (dice < 0) return [api, make]
  }
  throw new Error('an empty kit')
}

async function untilServed(side: Side, list: Step): Promise<void> {
  for (let i = 0; i < 100; i++) {
    const answer = await side.ask(list)
    const rows =
      typeof answer === 'string' ? [] : (answer.topics as { partitions: { errorCode: number }[] }[])
    if (rows.length === 2 && rows.every(t => t.partitions.every(p => p.errorCode === 0))) return
    await sleep(20)
  }
  throw new Error(`${side.broker.server} does not serve the topics it made`)
}
