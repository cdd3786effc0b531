// What groups have committed: per group, topic and partition one offset, and beside them the offsets of transactions that
// have not ended yet (a transaction's commits count from its marker on, KIP-98). Changed by replay alone.
// Answers to the store inside Kafka's OffsetMetadataManager.

import type { CommittedOffset } from './records.ts'

/** With the place of its record in the log, which decides between a plain commit and a transaction's. */
export interface StoredOffset extends CommittedOffset {
  readonly recordOffset: number
}

/** group → topic → partition → value; empty maps are dropped. */
export class OffsetTable {
  readonly #groups = new Map<string, Map<string, Map<number, StoredOffset>>>()

  get(groupId: string, topic: string, partition: number): StoredOffset | undefined {
    return this.#groups.get(groupId)?.get(topic)?.get(partition)
  }

  ofGroup(groupId: string): ReadonlyMap<string, ReadonlyMap<number, StoredOffset>> | undefined {
    return this.#groups.get(groupId)
  }

  groupIds(): Iterable<string> {
    return this.#groups.keys()
  }

  put(groupId: string, topic: string, partition: number, value: StoredOffset): boolean {
    let topics = this.#groups.get(groupId)
    if (topics === undefined) this.#groups.set(groupId, (topics = new Map()))
    let partitions = topics.get(topic)
    if (partitions === undefined) topics.set(topic, (partitions = new Map()))
    const isNew = !partitions.has(partition)
    partitions.set(partition, value)
    return isNew
  }

  remove(groupId: string, topic: string, partition: number): boolean {
    const topics = this.#groups.get(groupId)
    const partitions = topics?.get(topic)
    if (topics === undefined || partitions === undefined || !partitions.delete(partition)) return false
    if (partitions.size === 0) topics.delete(topic)
    if (topics.size === 0) this.#groups.delete(groupId)
    return true
  }

  *entries(groupId: string): Generator<{ topic: string; partition: number; value: StoredOffset }> {
    for (const [topic, partitions] of this.#groups.get(groupId) ?? []) {
      for (const [partition, value] of partitions) yield { topic, partition, value }
    }
  }
}

export class Offsets {
  readonly committed = new OffsetTable()
  /** Producer id → what its open transaction has committed so far. */
  readonly #pending = new Map<number, OffsetTable>()
  /** Group → producers with an open transaction that commits to it. */
  readonly #openTransactions = new Map<string, Set<number>>()
  #count = 0

  /** Offsets held, for gauges. */
  get count(): number {
    return this.#count
  }

  replay(
    recordOffset: number,
    producerId: number,
    key: { readonly groupId: string; readonly topic: string; readonly partition: number },
    value: CommittedOffset | null,
  ): void {
    const { groupId, topic, partition } = key
    if (value === null) {
      if (this.committed.remove(groupId, topic, partition)) this.#count--
      for (const open of this.#openTransactions.get(groupId) ?? [])
        this.#pending.get(open)?.remove(groupId, topic, partition)
      return
    }
    const stored = { ...value, recordOffset }
    if (producerId < 0) {
      if (this.committed.put(groupId, topic, partition, stored)) this.#count++
      return
    }
    let pending = this.#pending.get(producerId)
    if (pending === undefined) this.#pending.set(producerId, (pending = new OffsetTable()))
    pending.put(groupId, topic, partition, stored)
    let open = this.#openTransactions.get(groupId)
    if (open === undefined) this.#openTransactions.set(groupId, (open = new Set()))
    open.add(producerId)
  }

  endTransaction(producerId: number, committed: boolean): void {
    const pending = this.#pending.get(producerId)
    this.#pending.delete(producerId)
    for (const [groupId, open] of this.#openTransactions) {
      open.delete(producerId)
      if (open.size === 0) this.#openTransactions.delete(groupId)
    }
    if (pending === undefined || !committed) return
    for (const groupId of pending.groupIds()) {
      for (const { topic, partition, value } of pending.entries(groupId)) {
        // The later record wins. Without its place in the log, compaction could bring an older commit back.
        const present = this.committed.get(groupId, topic, partition)
        if (present !== undefined && present.recordOffset >= value.recordOffset) continue
        if (this.committed.put(groupId, topic, partition, value)) this.#count++
      }
    }
  }

  hasOpenTransactions(groupId: string): boolean {
    for (const producerId of this.#openTransactions.get(groupId) ?? []) {
      if (this.#pending.get(producerId)?.ofGroup(groupId) !== undefined) return true
    }
    return false
  }

  isPending(groupId: string, topic: string, partition: number): boolean {
    for (const producerId of this.#openTransactions.get(groupId) ?? []) {
      if (this.#pending.get(producerId)?.get(groupId, topic, partition) !== undefined) return true
    }
    return false
  }

  /** Every partition that the group has an offset for, committed or pending, each once. */
  *partitionsOf(groupId: string): Generator<{ topic: string; partition: number }> {
    for (const { topic, partition } of this.committed.entries(groupId)) yield { topic, partition }
    const seen = new OffsetTable()
    for (const producerId of this.#openTransactions.get(groupId) ?? []) {
      for (const { topic, partition, value } of this.#pending.get(producerId)?.entries(groupId) ?? []) {
        if (
          this.committed.get(groupId, topic, partition) === undefined &&
          seen.put(groupId, topic, partition, value)
        )
          yield { topic, partition }
      }
    }
  }

  /** Every table there is, for what concerns all of them: a topic that is gone. */
  *tables(): Generator<OffsetTable> {
    yield this.committed
    yield* this.#pending.values()
  }
}
