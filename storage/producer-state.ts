// All that a log knows of its producers: the last batches of each (duplicates and gaps are refused), transactions that
// are open, and transactions that ended above the high watermark; from these follows the last stable offset. Kept in
// memory, advanced by every append, saved as `<offset>.snapshot` when a segment rolls and when the log closes.
// One append: beginAppend, prepare for each batch (throws before anything is written), then the write, then apply.
// Answers to Kafka's ProducerStateManager (KIP-98, KIP-360, KIP-890, KIP-939 not yet).
import { Errors } from '../protocol/errors.ts'
import type { AppendOrigin } from '../protocol/records/scan.ts'
import { RecordsError } from './errors.ts'
import type { FileSystem } from './fs/port.ts'
import { OpenTransactions } from './open-transactions.ts'
import {
  type CompletedTxn,
  type EndTxnMarker,
  type ProducerBatch,
  StagedProducer,
} from './producer-append.ts'
import { type BatchMetadata, NO_OFFSET, NO_PRODUCER_ID, ProducerEntry } from './producer-entry.ts'
import { ProducerSnapshots } from './producer-snapshots.ts'
import { NO_VERIFICATION_GUARD, TransactionVerifications } from './transaction-verification.ts'

export type { BatchMetadata, CompletedTxn, EndTxnMarker, ProducerBatch }

/** Broker-wide settings, shared by all logs and changed in place when they are altered. */
export interface ProducerStateConfig {
  /** producer.id.expiration.ms */
  producerIdExpirationMs: number
  /** transaction.partition.verification.enable */
  transactionVerificationEnabled: boolean
  /** transaction.max.timeout.ms: open for much longer than this, a transaction counts as hanging. */
  maxTransactionTimeoutMs: number
}

export const DEFAULT_PRODUCER_STATE_CONFIG: Readonly<ProducerStateConfig> = Object.freeze({
  producerIdExpirationMs: 86_400_000,
  transactionVerificationEnabled: true,
  maxTransactionTimeoutMs: 900_000,
})

export interface ProducerStateOptions {
  readonly fs: FileSystem
  /** The partition's directory. */
  readonly directory: string
  readonly config: Readonly<ProducerStateConfig>
  /** The names in the directory, if the caller has read them: saves a directory listing per partition. */
  readonly fileNames?: readonly string[]
}

/** A row of DescribeProducers. */
export interface ActiveProducer {
  readonly producerId: number
  readonly producerEpoch: number
  readonly lastSequence: number
  readonly lastTimestamp: number
  readonly coordinatorEpoch: number
  readonly currentTxnStartOffset: number
}

const LATE_TRANSACTION_BUFFER_MS = 5 * 60 * 1000

export class ProducerState {
  readonly #config: Readonly<ProducerStateConfig>
  readonly snapshots: ProducerSnapshots
  readonly #producers = new Map<number, ProducerEntry>()
  readonly #verifications = new TransactionVerifications()
  readonly #openTxns = new OpenTransactions()
  #mapEndOffset = 0
  #lastSnapshotOffset = 0

  // The append under way. Staged producers are kept for the next one.
  #origin: AppendOrigin = 'client'
  readonly #staged: StagedProducer[] = []
  #stagedCount = 0
  #completed: CompletedTxn[] = []

  constructor({ fs, directory, config, fileNames }: ProducerStateOptions) {
    this.#config = config
    this.snapshots = new ProducerSnapshots(fs, directory, fileNames ?? fs.readdir(directory))
  }

  // ---- one append

  beginAppend(origin: AppendOrigin): void {
    this.#origin = origin
    this.#stagedCount = 0
    if (this.#completed.length > 0) this.#completed = []
  }

  /**
   * Checks the next batch of the append, whose offsets are already assigned, and stages its effect. Answers the earlier
   * batch if this one is a retry: then nothing of the append may be written. Throws a RecordsError with
   * OUT_OF_ORDER_SEQUENCE_NUMBER, INVALID_PRODUCER_EPOCH, INVALID_TXN_STATE or TRANSACTION_COORDINATOR_FENCED.
   * `marker` is what the record of a control batch says; undefined when compaction left the batch empty.
   */
  prepare(
    batch: ProducerBatch,
    guard = NO_VERIFICATION_GUARD,
    marker?: EndTxnMarker,
  ): BatchMetadata | undefined {
    const producerId = batch.producerId
    if (producerId === NO_PRODUCER_ID) return undefined
    const current = this.#producers.get(producerId)
    if (this.#origin === 'client' && current !== undefined) {
      const duplicate = current.findDuplicate(batch.producerEpoch, batch.baseSequence, batch.lastSequence)
      if (duplicate !== undefined) return duplicate
    }
    const isTransactional = batch.isTransactional
    if (isTransactional && (this.#origin === 'client' || this.#origin === 'coordinator'))
      this.#checkVerified(batch, current, guard)

    const staged = this.#stage(producerId, current)
    if (!batch.isControl) staged.appendData(batch)
    else if (marker !== undefined) {
      const completed = staged.appendMarker(batch, marker)
      if (completed !== undefined) this.#completed.push(completed)
    }
    if (isTransactional) this.#verifications.delete(producerId)
    return undefined
  }

  /**
   * The bytes are in the log: what was staged is now the state. Answers the transactions that ended, in order; for each
   * the caller writes the transaction index entry (lastStableOffsetAfter) and then calls completeTxn.
   */
  apply(): readonly CompletedTxn[] {
    for (let i = 0; i < this.#stagedCount; i++) {
      const { staged, startedTxns } = this.#staged[i]!
      const current = this.#producers.get(staged.producerId)
      if (current !== undefined) current.mergeFrom(staged)
      else {
        const entry = new ProducerEntry(staged.producerId)
        entry.mergeFrom(staged)
        this.#producers.set(staged.producerId, entry)
      }
      for (const firstOffset of startedTxns) this.#openTxns.begin(staged.producerId, firstOffset)
    }
    this.#stagedCount = 0
    return this.#completed
  }

  /** The last stable offset that this transaction's index entry records: open transactions of others hold it back. */
  lastStableOffsetAfter(completed: CompletedTxn): number {
    return this.#openTxns.firstUndecidedExcept(completed.producerId) ?? completed.lastOffset + 1
  }

  /** The transaction is decided, but stays unstable until the high watermark passes its marker. */
  completeTxn(completed: CompletedTxn): void {
    this.#openTxns.complete(completed.firstOffset, completed.lastOffset)
  }

  /** The state now covers everything below `endOffset`. */
  updateMapEndOffset(endOffset: number): void {
    this.#mapEndOffset = endOffset
  }

  /**
   * A batch that is already in the log (recovery, rebuilding): one append of its own, which refuses nothing.
   * `onCompleted` gets each transaction that ends here and the last stable offset for its index entry.
   */
  replay(
    batch: ProducerBatch,
    marker: EndTxnMarker | undefined,
    onCompleted?: (completed: CompletedTxn, lastStableOffset: number) => void,
  ): void {
    if (batch.producerId !== NO_PRODUCER_ID) {
      this.beginAppend('replication')
      this.prepare(batch, NO_VERIFICATION_GUARD, marker)
      for (const completed of this.apply()) {
        onCompleted?.(completed, this.lastStableOffsetAfter(completed))
        this.completeTxn(completed)
      }
    }
    this.updateMapEndOffset(batch.lastOffset + 1)
  }

  // ---- what others ask

  get mapEndOffset(): number {
    return this.#mapEndOffset
  }

  get isEmpty(): boolean {
    return this.#producers.size === 0 && !this.#openTxns.hasUnreplicated
  }

  get producerIdCount(): number {
    return this.#producers.size
  }

  lastEntry(producerId: number): ProducerEntry | undefined {
    return this.#producers.get(producerId)
  }

  /** Last data offset and epoch per producer: records that compaction must keep. */
  producers(): IterableIterator<ProducerEntry> {
    return this.#producers.values()
  }

  activeProducers(): ActiveProducer[] {
    return Array.from(this.#producers.values(), entry => ({
      producerId: entry.producerId,
      producerEpoch: entry.producerEpoch,
      lastSequence: entry.lastSequence,
      lastTimestamp: entry.lastTimestamp,
      coordinatorEpoch: entry.coordinatorEpoch,
      currentTxnStartOffset: entry.currentTxnFirstOffset,
    }))
  }

  /** First offset of any transaction that is open, or ended above the high watermark. */
  get firstUnstableOffset(): number | undefined {
    return this.#openTxns.firstUnstable
  }

  /** First offset of any transaction that is open. */
  get firstUndecidedOffset(): number | undefined {
    return this.#openTxns.firstUndecided
  }

  onHighWatermarkUpdated(highWatermark: number): void {
    this.#openTxns.forgetReplicatedBelow(highWatermark)
  }

  hasOngoingTransaction(producerId: number, producerEpoch: number): boolean {
    const entry = this.#producers.get(producerId)
    return (
      entry !== undefined &&
      entry.currentTxnFirstOffset !== NO_OFFSET &&
      entry.producerEpoch === producerEpoch
    )
  }

  /** True when the oldest open transaction has been silent for longer than any transaction may last. */
  hasLateTransaction(nowMs: number): boolean {
    const producerId = this.#openTxns.firstUndecidedProducerId
    const lastTimestamp =
      producerId === undefined ? -1 : (this.#producers.get(producerId)?.lastTimestamp ?? -1)
    const limitMs = this.#config.maxTransactionTimeoutMs + LATE_TRANSACTION_BUFFER_MS
    return lastTimestamp > 0 && nowMs - lastTimestamp > limitMs
  }

  /**
   * A guard to hand in with the append once the transaction coordinator has confirmed the partition; 0 when the
   * transaction is open here and needs no confirmation.
   */
  maybeStartVerification(
    producerId: number,
    sequence: number,
    producerEpoch: number,
    supportsEpochBump: boolean,
    nowMs: number,
  ): number {
    this.#checkNotFenced(producerId, producerEpoch, this.#producers.get(producerId))
    if (this.hasOngoingTransaction(producerId, producerEpoch)) return NO_VERIFICATION_GUARD
    return this.#verifications.open(producerId, sequence, producerEpoch, supportsEpochBump, nowMs)
  }

  removeExpired(nowMs: number): void {
    for (const [producerId, entry] of this.#producers)
      if (this.#isExpired(entry, nowMs)) this.#producers.delete(producerId)
    this.#verifications.removeOlderThan(nowMs - this.#config.producerIdExpirationMs)
  }

  // ---- snapshots and truncation

  /** Writes `<mapEndOffset>.snapshot` unless there is nothing newer than the last; answers its path if written. */
  takeSnapshot({ sync }: { readonly sync: boolean } = { sync: true }): string | undefined {
    const offset = this.#mapEndOffset
    if (offset <= this.#lastSnapshotOffset) return undefined
    const path = this.snapshots.write(offset, this.#producers, sync)
    this.#lastSnapshotOffset = offset
    return path
  }

  /**
   * Brings the state to [logStartOffset, logEndOffset): from the newest snapshot in that range, or empty. Afterwards
   * mapEndOffset says from where the caller must replay the log. Snapshots outside the range are deleted.
   */
  truncateAndReload(logStartOffset: number, logEndOffset: number, nowMs: number): void {
    this.snapshots.deleteOutside(logStartOffset, logEndOffset)
    if (logEndOffset === this.#mapEndOffset) {
      this.onLogStartOffsetIncremented(logStartOffset)
      return
    }
    this.#producers.clear()
    this.#openTxns.clear()
    const snapshot = this.snapshots.readLatest()
    for (const entry of snapshot?.entries ?? []) {
      if (this.#isExpired(entry, nowMs)) continue
      this.#producers.set(entry.producerId, entry)
      if (entry.currentTxnFirstOffset !== NO_OFFSET)
        this.#openTxns.begin(entry.producerId, entry.currentTxnFirstOffset)
    }
    this.#mapEndOffset = this.#lastSnapshotOffset = snapshot?.offset ?? logStartOffset
  }

  /** Forgets everything, snapshots too. */
  truncateFullyAndStartAt(offset: number): void {
    this.#producers.clear()
    this.#openTxns.clear()
    this.snapshots.deleteAll()
    this.#lastSnapshotOffset = 0
    this.#mapEndOffset = offset
  }

  /** Producers stay in memory although their records are gone. */
  onLogStartOffsetIncremented(logStartOffset: number): void {
    this.#openTxns.forgetReplicatedBelow(logStartOffset)
    if (this.#mapEndOffset < logStartOffset) this.#mapEndOffset = logStartOffset
    this.#lastSnapshotOffset = this.snapshots.latestOffset ?? logStartOffset
  }

  // ---- inside

  #stage(producerId: number, current: ProducerEntry | undefined): StagedProducer {
    for (let i = 0; i < this.#stagedCount; i++) {
      const staged = this.#staged[i]!
      if (staged.staged.producerId === producerId) return staged
    }
    let staged = this.#staged[this.#stagedCount]
    if (staged === undefined) {
      staged = new StagedProducer()
      this.#staged.push(staged)
    }
    staged.reset(producerId, current, this.#origin, this.#verifications.get(producerId))
    this.#stagedCount++
    return staged
  }

  #checkVerified(batch: ProducerBatch, current: ProducerEntry | undefined, guard: number): void {
    if (this.hasOngoingTransaction(batch.producerId, batch.producerEpoch)) return
    this.#checkNotFenced(batch.producerId, batch.producerEpoch, current)
    if (!this.#config.transactionVerificationEnabled || batch.isControl) return
    if (!this.#verifications.verifies(batch.producerId, guard))
      throw new RecordsError(
        Errors.INVALID_TXN_STATE.code,
        'The record belongs to no transaction that is open on this partition',
      )
  }

  #checkNotFenced(producerId: number, producerEpoch: number, current: ProducerEntry | undefined): void {
    if (current === undefined || producerEpoch >= current.producerEpoch) return
    throw new RecordsError(
      Errors.INVALID_PRODUCER_EPOCH.code,
      `Producer ${producerId} has epoch ${producerEpoch}; its last is ${current.producerEpoch}`,
    )
  }

  #isExpired(entry: ProducerEntry, nowMs: number): boolean {
    return (
      entry.currentTxnFirstOffset === NO_OFFSET &&
      nowMs - entry.lastTimestamp >= this.#config.producerIdExpirationMs
    )
  }
}
