// What was sent and what came back. Knows three questions: is everything there, was every key in order once what came
// twice is set aside, and how much came twice.
import type { Handed } from './member.ts'

export class Ledger {
  readonly #sent: number
  /** By partition: what each offset held. */
  readonly #partitions = new Map<number, Map<number, readonly [key: string, index: number]>>()
  #redelivered = 0
  #arrived = 0

  constructor(sent: number) {
    this.#sent = sent
  }

  add({ partition, records }: Handed): void {
    let seen = this.#partitions.get(partition)
    if (seen === undefined) {
      seen = new Map()
      this.#partitions.set(partition, seen)
    }
    for (const [offset, key, index] of records) {
      const before = seen.get(offset)
      if (before === undefined) {
        seen.set(offset, [key, index])
        this.#arrived++
      } else {
        this.#redelivered++
        if (before[1] !== index)
          throw new Error(`offset ${offset} of partition ${partition} held two records`)
      }
    }
  }

  get arrived(): number {
    return this.#arrived
  }

  get redelivered(): number {
    return this.#redelivered
  }

  get isComplete(): boolean {
    return this.#arrived >= this.#sent
  }

  /** Throws when something is missing, doubled in the log, or out of order. Returns how many keys there were. */
  verify(): number {
    const indexes = new Set<number>()
    const keys = new Set<string>()
    for (const [partition, seen] of this.#partitions) {
      const lastOfKey = new Map<string, number>()
      for (const offset of [...seen.keys()].sort((a, b) => a - b)) {
        const [key, index] = seen.get(offset)!
        if (indexes.has(index)) throw new Error(`record ${index} is in the log twice`)
        indexes.add(index)
        if ((lastOfKey.get(key) ?? -1) > index)
          throw new Error(`key ${key} is out of order at offset ${offset} of partition ${partition}`)
        lastOfKey.set(key, index)
        keys.add(key)
      }
    }
    if (indexes.size !== this.#sent)
      throw new Error(`${this.#sent} records were sent, ${indexes.size} arrived`)
    return keys.size
  }
}
