/**
 * One of the two brokers of a differential run, and what this side has learned from its answers: the ids that stand behind the same
 * words on both sides. A step is written once and asks each side's own table when it is sent.
 */
import { apis } from '../../protocol/apis/index.ts'
import type { Api } from '../../protocol/schema/message.ts'
import type { RunningBroker } from '../brokers.ts'
import { RawClient } from '../raw/client.ts'
import { type Damage, damaged } from './mutation.ts'

export type Answer = Readonly<Record<string, unknown>>
/** 'closed': the broker hung up. 'silent': nothing came, where an answer was due. 'none': rightly nothing (acks=0). */
export type Reply = Answer | 'closed' | 'silent' | 'none'

export interface Step {
  readonly api: string
  readonly version: number
  /** What makes this request special, for the report. */
  readonly note: string
  fields(side: Side): object
  /** What is to be remembered of an answer. */
  learn?(side: Side, answer: Answer): void
  /** Asking again does no harm: a mismatch may be news that is still under way inside a broker. */
  readonly isRead?: boolean
  /** Changes what other parts of a broker learn a moment later. */
  readonly changesMetadata?: boolean
  /** Produce with acks=0. */
  readonly isUnanswered?: boolean
  /** The bytes are spoilt on their way. */
  readonly damage?: Damage
}

const SILENCE_MS = 20_000

export const apiNamed = new Map<string, Api>(apis.map(api => [api.name, api]))

export class Side {
  readonly broker: RunningBroker
  /** Words for this side's ids: `topic:a` → uuid and so on. */
  readonly #ids = new Map<string, string>()
  readonly #words = new Map<string, string>()
  readonly numbers = new Map<string, number>()
  #client: RawClient

  constructor(broker: RunningBroker) {
    this.broker = broker
    this.#client = this.#connect()
  }

  remember(word: string, id: string): void {
    this.#ids.set(word, id)
    this.#words.set(id, `<${word}>`)
  }

  /** The id behind a word; a fallback before there is one. */
  id(word: string, fallback: string): string {
    return this.#ids.get(word) ?? fallback
  }

  wordFor(id: string): string {
    return this.#words.get(id) ?? id
  }

  async ask(step: Step): Promise<Reply> {
    const { damage } = step
    const change = damage && ((body: Buffer) => damaged(body, damage))
    const sent = this.#client.call(step.api, step.version, step.fields(this), change)
    const due = step.isUnanswered
      ? Promise.race([sent, this.#client.call('ApiVersions', 0, {}).then((): Reply => 'none')])
      : sent
    sent.catch(() => undefined)
    let timer: NodeJS.Timeout | undefined
    const silence = new Promise<Reply>(resolve => {
      timer = setTimeout(() => resolve('silent'), SILENCE_MS)
    })
    const reply = await Promise.race([
      due.catch((error: Error): Reply => {
        if (error.message.includes('closed') || error.message.includes('ECONNRESET')) return 'closed'
        return { unreadable: error.message }
      }),
      silence,
    ])
    clearTimeout(timer)
    if (reply === 'closed' || reply === 'silent') this.reconnect()
    else if (typeof reply === 'object') step.learn?.(this, reply)
    return reply
  }

  reconnect(): void {
    this.#client.close()
    this.#client = this.#connect()
  }

  close(): void {
    this.#client.close()
  }

  #connect(): RawClient {
    return new RawClient(this.broker.bootstrap, 'differential')
  }
}
