// A transactional write to a partition that the transaction does not know yet is first verified with the transaction
// coordinator. While that question is out, one entry per producer holds a guard (so that a late "yes" cannot admit a
// write of the next transaction) and the lowest sequence seen (so that a later batch cannot overtake an earlier one).
// Answers to Kafka's VerificationStateEntry and VerificationGuard (KIP-890).

/** Guards are plain numbers, so that they may cross a port; 0 guards nothing and verifies nothing. */
export const NO_VERIFICATION_GUARD = 0

export interface VerificationEntry {
  readonly guard: number
  readonly timestamp: number
  /** True when the client bumps its epoch at every transaction (transaction.version 2): it starts at sequence 0. */
  readonly supportsEpochBump: boolean
  readonly lowestSequence: number
}

interface MutableEntry extends VerificationEntry {
  epoch: number
  lowestSequence: number
}

export class TransactionVerifications {
  readonly #entries = new Map<number, MutableEntry>()
  #lastGuard = NO_VERIFICATION_GUARD

  get(producerId: number): VerificationEntry | undefined {
    return this.#entries.size === 0 ? undefined : this.#entries.get(producerId)
  }

  /** Opens the question (or joins the one that is out) and answers its guard. */
  open(
    producerId: number,
    sequence: number,
    epoch: number,
    supportsEpochBump: boolean,
    nowMs: number,
  ): number {
    let entry = this.#entries.get(producerId)
    if (entry === undefined) {
      const guard = ++this.#lastGuard
      entry = { guard, timestamp: nowMs, supportsEpochBump, epoch, lowestSequence: sequence }
      this.#entries.set(producerId, entry)
    }
    if (epoch === entry.epoch && sequence < entry.lowestSequence) entry.lowestSequence = sequence
    if (epoch > entry.epoch) {
      entry.epoch = epoch
      entry.lowestSequence = sequence
    }
    return entry.guard
  }

  verifies(producerId: number, guard: number): boolean {
    return guard !== NO_VERIFICATION_GUARD && this.#entries.get(producerId)?.guard === guard
  }

  delete(producerId: number): void {
    if (this.#entries.size > 0) this.#entries.delete(producerId)
  }

  /** Questions that nobody came back to. */
  removeOlderThan(timestamp: number): void {
    for (const [producerId, entry] of this.#entries) {
      if (entry.timestamp <= timestamp) this.#entries.delete(producerId)
    }
  }
}
