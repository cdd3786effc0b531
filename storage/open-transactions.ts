// The transactions of one log that hold its last stable offset back: the open ones, and the decided ones whose marker
// the high watermark has not passed. Both kept by first offset; new ones nearly always come last, so sorted arrays do.
// Answers to the two TreeMaps in Kafka's ProducerStateManager.

interface Txn {
  readonly producerId: number
  readonly firstOffset: number
  lastOffset: number
}

export class OpenTransactions {
  readonly #undecided: Txn[] = []
  readonly #unreplicated: Txn[] = []

  get firstUndecided(): number | undefined {
    return this.#undecided[0]?.firstOffset
  }

  get firstUndecidedProducerId(): number | undefined {
    return this.#undecided[0]?.producerId
  }

  get hasUnreplicated(): boolean {
    return this.#unreplicated.length > 0
  }

  get firstUnstable(): number | undefined {
    const undecided = this.#undecided[0]
    const unreplicated = this.#unreplicated[0]
    if (undecided === undefined) return unreplicated?.firstOffset
    if (unreplicated === undefined) return undecided.firstOffset
    return Math.min(undecided.firstOffset, unreplicated.firstOffset)
  }

  firstUndecidedExcept(producerId: number): number | undefined {
    return this.#undecided.find(txn => txn.producerId !== producerId)?.firstOffset
  }

  begin(producerId: number, firstOffset: number): void {
    insert(this.#undecided, { producerId, firstOffset, lastOffset: Infinity })
  }

  complete(firstOffset: number, lastOffset: number): void {
    const at = this.#undecided.findIndex(txn => txn.firstOffset === firstOffset)
    const txn = this.#undecided[at]
    if (txn === undefined) throw new Error(`No transaction was begun at offset ${firstOffset}`)
    this.#undecided.splice(at, 1)
    txn.lastOffset = lastOffset
    insert(this.#unreplicated, txn)
  }

  forgetReplicatedBelow(offset: number): void {
    const unreplicated = this.#unreplicated
    if (unreplicated.length === 0) return
    let kept = 0
    for (const txn of unreplicated) if (txn.lastOffset >= offset) unreplicated[kept++] = txn
    unreplicated.length = kept
  }

  clear(): void {
    this.#undecided.length = 0
    this.#unreplicated.length = 0
  }
}

function insert(txns: Txn[], txn: Txn): void {
  let at = txns.length
  while (at > 0 && txns[at - 1]!.firstOffset >= txn.firstOffset) at--
  const replaces = txns[at]?.firstOffset === txn.firstOffset
  txns.splice(at, replaces ? 1 : 0, txn)
}
