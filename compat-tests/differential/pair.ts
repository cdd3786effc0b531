/**
 * The two brokers as one conversation: a step goes to both at once, and what comes back is their differences. Several pairs share the
 * same two brokers, each with connections, ids and topics of its own.
 */
import { type RunningBroker, sleep } from '../brokers.ts'
import { type Difference, differences, isKafkasAccident, plain } from './compare.ts'
import { learnTopics } from './scenario.ts'
import { type Answer, type Reply, Side, type Step } from './side.ts'

const SETTLE_MS = 60
const TRIES = 4

export interface Setting {
  readonly name: string
  readonly value: string
}

export interface Outcome {
  readonly reference: Reply
  readonly differences: readonly Difference[]
}

export class Pair {
  readonly reference: Side
  readonly ours: Side
  readonly #isElder: boolean

  constructor(reference: RunningBroker, ours: RunningBroker, isElder: boolean) {
    this.#isElder = isElder
    this.reference = new Side(reference)
    this.ours = new Side(ours)
  }

  get sides(): readonly Side[] {
    return [this.reference, this.ours]
  }

  ask(step: Step): Promise<[Reply, Reply]> {
    return Promise.all([this.reference.ask(step), this.ours.ask(step)])
  }

  /** `number`: whose rows are looked at, where an answer names everybody's. */
  async both(step: Step, number: number): Promise<Outcome> {
    for (let attempt = 1; ; attempt++) {
      const [reference, ours] = await this.ask(step)
      const found = differences(
        plain(step.api, reference, this.reference, number, this.#isElder),
        plain(step.api, ours, this.ours, number, this.#isElder),
      )
      if (step.changesMetadata) await sleep(SETTLE_MS)
      // After a hang-up on one side both start a new connection.
      if ((reference === 'closed') !== (ours === 'closed')) for (const side of this.sides) side.reconnect()
      const isFinal = found.length === 0 || isKafkasAccident(reference) || !step.isRead
      if (isFinal || attempt === TRIES) return { reference, differences: found }
      await sleep(100 * attempt)
    }
  }

  /** Two topics: three plain partitions, and one partition with settings. */
  async open(a: string, b: string, configs: readonly Setting[]): Promise<void> {
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
    await this.ask(create)
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
    await Promise.all(this.sides.map(side => untilServed(side, list)))
  }

  async close(a: string, b: string): Promise<void> {
    for (const side of this.sides) side.numbers.clear()
    const names = [a, b, `${a}-0`, `${a}-1`, `${a}-2`, `${a}-3`, `${a}.x`, `${a}_x`]
    const remove: Step = {
      api: 'DeleteTopics',
      version: 5,
      note: '',
      fields: () => ({ topicNames: names, timeoutMs: 10_000 }),
    }
    await this.ask(remove)
  }

  /** What a broker makes on first use is made before anything is compared: coordinator, producer ids, the internal topic's id. */
  async warmUp(): Promise<void> {
    const step = (api: string, version: number, fields: object): Step => ({
      api,
      version,
      note: '',
      fields: () => fields,
    })
    await this.#until(
      step('FindCoordinator', 4, { coordinatorKeys: ['warm'] }),
      answer => (answer.coordinators as Answer[] | undefined)?.[0]?.errorCode === 0,
    )
    await this.#until(step('OffsetFetch', 7, { groupId: 'warm', topics: null }), isRight)
    await this.#until(
      step('InitProducerId', 4, { transactionTimeoutMs: 1000, transactionalId: null }),
      isRight,
    )
    const internal = { topics: [{ name: '__consumer_offsets' }], allowAutoTopicCreation: false }
    await this.ask({ ...step('Metadata', 12, internal), learn: learnTopics })
  }

  hangUp(): void {
    for (const side of this.sides) side.close()
  }

  async #until(step: Step, isReady: (answer: Answer) => boolean): Promise<void> {
    for (let i = 0; i < 100; i++) {
      const answers = await this.ask(step)
      if (answers.every(answer => typeof answer === 'object' && isReady(answer))) return
      await sleep(200)
    }
    throw new Error(`no broker is ready for ${step.api}`)
  }
}

const isRight = (answer: Answer): boolean => answer.errorCode === 0

async function untilServed(side: Side, list: Step): Promise<void> {
  for (let i = 0; i < 200; i++) {
    const answer = await side.ask(list)
    const rows =
      typeof answer === 'string' ? [] : (answer.topics as { partitions: { errorCode: number }[] }[])
    if (rows.length === 2 && rows.every(t => t.partitions.every(p => p.errorCode === 0))) return
    await sleep(20)
  }
  throw new Error(`${side.broker.server} does not serve the topics it made`)
}
