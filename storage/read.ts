// The read path: bounds → segment → position → bytes → whole batches → aborted transactions.
// Answers to UnifiedLog.read and LocalLog.read of the reference.

/** Up to where a reader may see: followers the log end, consumers the high watermark or the last stable offset. */
export type FetchIsolation = 'log-end' | 'high-watermark' | 'txn-committed'

export interface AbortedTransaction {
  readonly producerId: number
  readonly firstOffset: number
}

export interface FetchDataInfo {
  readonly fetchOffset: number
  /** Whole batches; the first may begin before fetchOffset. Only when `firstEntryIncomplete`, a torn first one. */
  readonly records: Buffer
  /** The first batch is larger than maxBytes and minOneMessage was not asked for. */
  readonly firstEntryIncomplete: boolean
  /** Null unless the isolation is txn-committed. */
  readonly abortedTransactions: readonly AbortedTransaction[] | null
}

export interface TimestampAndOffset {
  readonly timestamp: number
  readonly offset: number
  /** -1 when not known. */
  readonly leaderEpoch: number
}

/** Kafka's special ListOffsets timestamps as storage answers them. */
export const LATEST_TIMESTAMP = -1
export const EARLIEST_TIMESTAMP = -2
export const MAX_TIMESTAMP = -3
export const EARLIEST_LOCAL_TIMESTAMP = -4
export const LATEST_TIERED_TIMESTAMP = -5
export const EARLIEST_PENDING_UPLOAD_TIMESTAMP = -6
