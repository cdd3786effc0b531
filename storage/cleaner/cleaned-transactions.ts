// What the cleaner knows of transactions while it walks a log in offset order: which batches belong to an aborted one
// (their records go), and which markers no longer have a record to decide (they may go, after their delete horizon).
// Answers to Kafka's CleanedTransactionMetadata.

import type { BatchView } from '../../protocol/records/batch.ts'
import { controlRecordType } from '../../protocol/records/control.ts'
import { records as recordsOf } from '../../protocol/records/record.ts'
import type { AbortedTxn } from '../txn-index.ts'

interface OngoingAbort {
  readonly txn: AbortedTxn
  hasBatches: boolean
}

export class CleanedTransactions {
  readonly #committed = new Set<number>()
  readonly #aborted = new Map<number, OngoingAbort>()
  /** By first offset, those not reached yet. */
  #upcoming: AbortedTxn[] = []
  /** Markers that stay need their index entry in the segment they end up in. */
  onAbortKept: (txn: AbortedTxn) => void = () => {}

  addAborted(txns: readonly AbortedTxn[]): void {
    this.#upcoming = [...this.#upcoming, ...txns].sort((a, b) => a.firstOffset - b.firstOffset)
  }

  /** True when the batch belongs to an aborted transaction. */
  onBatch(batch: BatchView): boolean {
    this.#reach(batch.lastOffset)
    if (!batch.isTransactional) return false
    const aborted = this.#aborted.get(batch.producerId)
    if (aborted !== undefined) {
      aborted.hasBatches = true
      return true
    }
    this.#committed.add(batch.producerId)
    return false
  }

  /** True when the marker decides nothing any more. */
  onControlBatch(batch: BatchView): boolean {
    this.#reach(batch.lastOffset)
    const { producerId } = batch
    switch (markerType(batch)) {
      case 'ABORT': {
        const aborted = this.#aborted.get(producerId)
        this.#aborted.delete(producerId)
        if (aborted?.hasBatches !== true) return true
        this.onAbortKept(aborted.txn)
        return false
      }
      case 'COMMIT':
        return !this.#committed.delete(producerId)
      // Emptied by an earlier round.
      case undefined:
        return true
      default:
        return false
    }
  }

  #reach(offset: number): void {
    while (this.#upcoming.length > 0 && this.#upcoming[0]!.firstOffset <= offset) {
      const txn = this.#upcoming.shift()!
      if (!this.#aborted.has(txn.producerId)) this.#aborted.set(txn.producerId, { txn, hasBatches: false })
    }
  }
}

function markerType(batch: BatchView): string | undefined {
  if (batch.recordCount === 0) return undefined
  for (const record of recordsOf(batch)) return controlRecordType(record.key)
  return undefined
}
