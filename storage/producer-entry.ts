// What one partition remembers of one producer id: its epoch, the last five batches (the window in which a retry is
// recognised), the transaction it has open here, and the last transaction coordinator that wrote a marker for it.
// Entries are updated in place; the window is one flat array, so that an append allocates nothing.
// Answers to Kafka's ProducerStateEntry and BatchMetadata (KIP-98, and KIP-890 for the epoch rules).

/** As many batches as a client may have in flight (max.in.flight.requests.per.connection of an idempotent producer). */
const BATCHES_TO_RETAIN = 5
export const NO_PRODUCER_ID = -1
export const NO_PRODUCER_EPOCH = -1
export const NO_SEQUENCE = -1
const NO_TIMESTAMP = -1
/** "No such offset": Kafka's -1 for "no open transaction" and "no data batch". */
export const NO_OFFSET = -1

const MAX_SEQUENCE = 0x7fffffff

/** Where an earlier batch went: the answer to its retry. */
export interface BatchMetadata {
  readonly firstSequence: number
  readonly lastSequence: number
  readonly firstOffset: number
  readonly lastOffset: number
  readonly timestamp: number
}

/** Sequences count 0 … 2^31-1 and start again at 0. */
function decrementSequence(sequence: number, by: number): number {
  return sequence < by ? MAX_SEQUENCE - (by - sequence) + 1 : sequence - by
}

export function isNextSequence(last: number, next: number): boolean {
  return next === last + 1 || (next === 0 && last === MAX_SEQUENCE)
}

// One batch in the flat window: lastSequence, lastOffset, offsetDelta, timestamp.
const WIDTH = 4

export class ProducerEntry {
  producerId: number
  producerEpoch = NO_PRODUCER_EPOCH
  coordinatorEpoch = -1
  lastTimestamp = NO_TIMESTAMP
  /** First offset of the open transaction, or NO_OFFSET. */
  currentTxnFirstOffset = NO_OFFSET
  /** As long as it ever was; what counts are the first `#batches`. */
  readonly #window: number[] = []
  #batches = 0

  constructor(producerId: number) {
    this.producerId = producerId
  }

  /** True when no data batch is remembered (only a marker was seen, or nothing). */
  get isEmpty(): boolean {
    return this.#batches === 0
  }

  get batchCount(): number {
    return this.#batches
  }

  get lastSequence(): number {
    return this.isEmpty ? NO_SEQUENCE : this.#window[this.#last]!
  }

  get firstSequence(): number {
    return this.isEmpty ? NO_SEQUENCE : this.batchAt(0).firstSequence
  }

  get lastDataOffset(): number {
    return this.isEmpty ? NO_OFFSET : this.#window[this.#last + 1]!
  }

  get lastOffsetDelta(): number {
    return this.isEmpty ? 0 : this.#window[this.#last + 2]!
  }

  /** The remembered batches, oldest first. */
  batchAt(index: number): BatchMetadata {
    const at = index * WIDTH
    const lastSequence = this.#window[at]!
    const lastOffset = this.#window[at + 1]!
    const offsetDelta = this.#window[at + 2]!
    return {
      firstSequence: decrementSequence(lastSequence, offsetDelta),
      lastSequence,
      firstOffset: lastOffset - offsetDelta,
      lastOffset,
      timestamp: this.#window[at + 3]!,
    }
  }

  /** The remembered batch with exactly these sequences in this epoch. */
  findDuplicate(
    producerEpoch: number,
    firstSequence: number,
    lastSequence: number,
  ): BatchMetadata | undefined {
    if (producerEpoch !== this.producerEpoch) return undefined
    const window = this.#window
    for (let at = 0; at <= this.#last; at += WIDTH) {
      if (window[at] === lastSequence && decrementSequence(lastSequence, window[at + 2]!) === firstSequence)
        return this.batchAt(at / WIDTH)
    }
    return undefined
  }

  addBatch(
    producerEpoch: number,
    lastSequence: number,
    lastOffset: number,
    offsetDelta: number,
    timestamp: number,
  ): void {
    this.#moveToEpoch(producerEpoch)
    this.#push(lastSequence, lastOffset, offsetDelta, timestamp)
    this.lastTimestamp = timestamp
  }

  /** A transaction marker closes what was open; a new epoch also forgets the window. */
  endTransaction(producerEpoch: number, coordinatorEpoch: number, timestamp: number): void {
    this.#moveToEpoch(producerEpoch)
    this.coordinatorEpoch = coordinatorEpoch
    this.currentTxnFirstOffset = NO_OFFSET
    this.lastTimestamp = timestamp
  }

  /** Takes over a staged successor: its batches come after ours unless its epoch is another. */
  mergeFrom(next: ProducerEntry): void {
    this.#moveToEpoch(next.producerEpoch)
    const window = next.#window
    for (let at = 0; at <= next.#last; at += WIDTH)
      this.#push(window[at]!, window[at + 1]!, window[at + 2]!, window[at + 3]!)
    this.coordinatorEpoch = next.coordinatorEpoch
    this.currentTxnFirstOffset = next.currentTxnFirstOffset
    this.lastTimestamp = next.lastTimestamp
  }

  /** Becomes the staged successor of `current` (or of nothing): the same state with an empty window. */
  stageFrom(producerId: number, current: ProducerEntry | undefined): void {
    this.producerId = producerId
    this.producerEpoch = current === undefined ? NO_PRODUCER_EPOCH : current.producerEpoch
    this.coordinatorEpoch = current === undefined ? -1 : current.coordinatorEpoch
    this.lastTimestamp = current === undefined ? NO_TIMESTAMP : current.lastTimestamp
    this.currentTxnFirstOffset = current === undefined ? NO_OFFSET : current.currentTxnFirstOffset
    this.#batches = 0
  }

  /** Where the latest batch lies in the window. */
  get #last(): number {
    return (this.#batches - 1) * WIDTH
  }

  #moveToEpoch(producerEpoch: number): void {
    if (this.producerEpoch === producerEpoch) return
    this.#batches = 0
    this.producerEpoch = producerEpoch
  }

  #push(lastSequence: number, lastOffset: number, offsetDelta: number, timestamp: number): void {
    const window = this.#window
    if (this.#batches < BATCHES_TO_RETAIN) this.#batches++
    else window.copyWithin(0, WIDTH)
    const at = this.#last
    window[at] = lastSequence
    window[at + 1] = lastOffset
    window[at + 2] = offsetDelta
    window[at + 3] = timestamp
  }
}
