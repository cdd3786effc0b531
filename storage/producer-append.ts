// The checks on one append, batch by batch, before anything is written: producer epochs, sequences, transaction state
// and transaction markers. What passes is staged and becomes the producers' state only when the log has the bytes.
// Staged entries are pooled: an append of one batch allocates nothing. The origin says how much is checked:
//   client       everything
//   coordinator  epochs and markers (offset commits of a transaction carry no sequences)
//   raft-leader  as coordinator
//   replication  nothing is refused: the leader has checked it
// Answers to Kafka's ProducerAppendInfo (KIP-98, KIP-360, KIP-890), rules of 4.3.
import { Errors } from '../protocol/errors.ts'
import type { AppendOrigin } from '../protocol/records/scan.ts'
import { RecordsError } from './errors.ts'
import { isNextSequence, NO_OFFSET, NO_PRODUCER_EPOCH, NO_SEQUENCE, ProducerEntry } from './producer-entry.ts'
import type { VerificationEntry } from './transaction-verification.ts'

/** The part of a record batch's header that producers' state depends on; a BatchView is one. */
export interface ProducerBatch {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly maxTimestamp: number
  readonly producerId: number
  readonly producerEpoch: number
  readonly baseSequence: number
  readonly lastSequence: number
  readonly isTransactional: boolean
  readonly isControl: boolean
}

/** What the one record of a transaction marker says. */
export interface EndTxnMarker {
  readonly coordinatorEpoch: number
  readonly isAbort: boolean
  readonly timestamp: number
  /** The coordinator's transaction.version; 0 where unknown (replication, recovery, older coordinators). */
  readonly transactionVersion: number
}

/** A transaction that this append ends: what the transaction index needs when it was aborted. */
export interface CompletedTxn {
  readonly producerId: number
  readonly firstOffset: number
  readonly lastOffset: number
  readonly isAborted: boolean
}

const MAX_PRODUCER_EPOCH = 0x7fff

export class StagedProducer {
  readonly staged = new ProducerEntry(-1)
  /** First offsets of transactions that begin in this append. */
  startedTxns: number[] = []
  #current: ProducerEntry | undefined
  #origin: AppendOrigin = 'client'
  #verification: VerificationEntry | undefined

  reset(
    producerId: number,
    current: ProducerEntry | undefined,
    origin: AppendOrigin,
    verification: VerificationEntry | undefined,
  ): void {
    this.staged.stageFrom(producerId, current)
    if (this.startedTxns.length > 0) this.startedTxns = []
    this.#current = current
    this.#origin = origin
    this.#verification = verification
  }

  appendData(batch: ProducerBatch): void {
    const staged = this.staged
    const { producerEpoch, baseOffset, lastOffset } = batch
    this.#checkEpoch(producerEpoch, baseOffset, 0)
    if (this.#origin === 'client') this.#checkSequence(producerEpoch, batch.baseSequence, baseOffset)
    staged.addBatch(
      producerEpoch,
      batch.lastSequence,
      lastOffset,
      lastOffset - baseOffset,
      batch.maxTimestamp,
    )

    const isOpen = staged.currentTxnFirstOffset !== NO_OFFSET
    if (isOpen && !batch.isTransactional) {
      throw new RecordsError(
        Errors.INVALID_TXN_STATE.code,
        `Producer ${staged.producerId} has a transaction open: a plain write at offset ${baseOffset} is refused`,
      )
    }
    if (!isOpen && batch.isTransactional) {
      staged.currentTxnFirstOffset = baseOffset
      this.startedTxns.push(baseOffset)
    }
  }

  /** A marker without data of its transaction changes no stable offset, so it completes nothing. */
  appendMarker(batch: ProducerBatch, marker: EndTxnMarker): CompletedTxn | undefined {
    const staged = this.staged
    this.#checkEpoch(batch.producerEpoch, batch.baseOffset, marker.transactionVersion)
    if (staged.coordinatorEpoch > marker.coordinatorEpoch && this.#origin !== 'replication') {
      throw new RecordsError(
        Errors.TRANSACTION_COORDINATOR_FENCED.code,
        `Marker for producer ${staged.producerId} at offset ${batch.baseOffset} comes from coordinator epoch ` +
          `${marker.coordinatorEpoch}; ${staged.coordinatorEpoch} has written since`,
      )
    }
    const firstOffset = staged.currentTxnFirstOffset
    staged.endTransaction(batch.producerEpoch, marker.coordinatorEpoch, marker.timestamp)
    if (firstOffset === NO_OFFSET) return undefined
    return {
      producerId: staged.producerId,
      firstOffset,
      lastOffset: batch.baseOffset,
      isAborted: marker.isAbort,
    }
  }

  // From transaction.version 2 every transaction bumps the epoch, so a marker must carry a higher one than the data;
  // except its own retry (nothing is open any more) and the last epoch of all, which cannot be bumped.
  #checkEpoch(producerEpoch: number, offset: number, transactionVersion: number): void {
    const last = this.staged.producerEpoch
    const strict = transactionVersion >= 2
    if (strict ? producerEpoch > last : producerEpoch >= last) return
    if (strict && producerEpoch === last) {
      if (this.staged.currentTxnFirstOffset === NO_OFFSET || producerEpoch === MAX_PRODUCER_EPOCH) return
    }
    if (this.#origin === 'replication') return
    throw new RecordsError(
      Errors.INVALID_PRODUCER_EPOCH.code,
      `Producer ${this.staged.producerId} wrote with epoch ${producerEpoch} at offset ${offset}; its last is ${last}`,
    )
  }

  #checkSequence(producerEpoch: number, firstSequence: number, offset: number): void {
    const current = this.#current
    const verification = this.#verification
    if (verification !== undefined) {
      if (verification.supportsEpochBump && firstSequence !== 0 && (current === undefined || current.isEmpty))
        throw this.#outOfOrder(firstSequence, 0, offset)
      if (firstSequence > verification.lowestSequence)
        throw this.#outOfOrder(firstSequence, verification.lowestSequence, offset)
    }
    const staged = this.staged
    if (producerEpoch !== staged.producerEpoch) {
      if (firstSequence !== 0 && staged.producerEpoch !== NO_PRODUCER_EPOCH)
        throw this.#outOfOrder(firstSequence, 0, offset)
      return
    }
    // A producer of which nothing is known any more (its records were deleted, or it expired) may go on anywhere.
    if (current === undefined || current.producerEpoch === NO_PRODUCER_EPOCH) return
    let last = NO_SEQUENCE
    if (!staged.isEmpty) last = staged.lastSequence
    else if (producerEpoch === current.producerEpoch) last = current.lastSequence
    if (!isNextSequence(last, firstSequence)) throw this.#outOfOrder(firstSequence, last + 1, offset)
  }

  #outOfOrder(firstSequence: number, expected: number, offset: number): RecordsError {
    return new RecordsError(
      Errors.OUT_OF_ORDER_SEQUENCE_NUMBER.code,
      `Producer ${this.staged.producerId} sent sequence ${firstSequence} at offset ${offset}; ${expected} was expected`,
    )
  }
}
