/**
 * What handlers ask of the partitions this broker leads: append, fetch, look up offsets, delete records, describe. Plain data in and
 * out, answers now or later; no live Partition crosses this line. Names have been resolved, access granted and existence checked
 * (against the image the handler took) before anything here is called; leadership and epochs are checked here.
 */

/** The leader a client should turn to instead (KIP-951), when we know it. */
export interface CurrentLeader {
  readonly leaderId: number
  readonly leaderEpoch: number
}

// ---- Produce

export interface AppendRow {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  /** One v2 batch (or legacy message set) as it came; offsets and leader epoch are written in place. */
  readonly records: Buffer | null
}

export interface AppendOptions {
  /** -1, 0 or 1; anything else has been refused by the handler. */
  readonly acks: number
  readonly timeoutMs: number
  /** The client that may write to internal topics (Kafka's AdminUtils.ADMIN_CLIENT_ID), or null. */
  readonly clientId: string | null
}

export interface RecordError {
  readonly batchIndex: number
  readonly message: string | null
}

export interface AppendOutcome {
  errorCode: number
  errorMessage: string | null
  recordErrors: readonly RecordError[]
  baseOffset: number
  /** -1 unless the topic uses LogAppendTime. */
  logAppendTimeMs: number
  logStartOffset: number
  currentLeader: CurrentLeader | null
}

// ---- Fetch

export type Isolation = 'log-end' | 'high-watermark' | 'txn-committed'

/** One partition a fetch asks about. A session keeps these from request to request, so nothing here belongs to one request. */
export interface FetchRow {
  /** Empty when only an id was given and no topic has it. */
  topic: string
  topicId: string
  partition: number
  currentLeaderEpoch: number
  fetchOffset: number
  lastFetchedEpoch: number
  /** The follower's log start offset, -1 from a consumer. */
  logStartOffset: number
  maxBytes: number
}

export interface FetchOptions {
  readonly replicaId: number
  readonly replicaEpoch: number
  readonly isolation: Isolation
  readonly maxWaitMs: number
  readonly minBytes: number
  readonly maxBytes: number
}

export interface AbortedTransaction {
  readonly producerId: bigint
  readonly firstOffset: number
}

export interface FetchOutcome {
  errorCode: number
  highWatermark: number
  lastStableOffset: number
  logStartOffset: number
  /** Set when the fetcher's last epoch is not on our log (KIP-595): where the two part. */
  divergingEpoch: { epoch: number; endOffset: number } | null
  currentLeader: CurrentLeader | null
  abortedTransactions: readonly AbortedTransaction[] | null
  preferredReadReplica: number
  /** Whole batches, a view on what was read from the file; never changed afterwards. */
  records: Buffer | null
}

/** One request's part in a fetch session (KIP-227), or a sessionless fetch with the same face. */
export interface FetchTurn {
  /** INVALID_FETCH_SESSION_EPOCH, FETCH_SESSION_ID_NOT_FOUND, ...: then `rows` is empty and the answer has no rows. */
  readonly errorCode: number
  /** What this request asks about, in the order in which it should be read. */
  readonly rows: readonly FetchRow[]
  /** Tells the session what was found and returns which rows must be sent, and under which session id. */
  finish(outcomes: readonly FetchOutcome[]): FetchAnswer
}

export interface FetchAnswer {
  readonly errorCode: number
  readonly sessionId: number
  /** Indexes into `rows` of those that go out: all of a full fetch, the changed ones of an incremental one. */
  readonly send: readonly number[]
}

export interface FetchSessionRequest {
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly rows: readonly FetchRow[]
  readonly forgotten: readonly { topic: string; topicId: string; partition: number }[]
  readonly isFollower: boolean
  /** The request names topics by id (v13+). */
  readonly usesTopicIds: boolean
  readonly principalName: string
  /** Names of ids in the image the handler took; undefined when unknown. */
  nameOf(topicId: string): string | undefined
}

export interface FetchSessions {
  begin(request: FetchSessionRequest): FetchTurn
}

// ---- Offsets

export interface OffsetQuery {
  readonly topic: string
  readonly partition: number
  readonly currentLeaderEpoch: number
  /** A time in ms, or one of Kafka's special ones: -1 latest, -2 earliest, -3 max timestamp, -4 earliest local, -5 latest tiered, ... */
  readonly timestamp: number
  /** Null asks on behalf of a debugging client or follower: up to the log end. */
  readonly isolation: 'read_uncommitted' | 'read_committed' | null
  readonly replicaId: number
}

export interface OffsetFound {
  errorCode: number
  timestamp: number
  offset: number
  leaderEpoch: number
}

export interface EpochQuery {
  readonly topic: string
  readonly partition: number
  readonly currentLeaderEpoch: number
  readonly leaderEpoch: number
}

export interface EpochEnd {
  errorCode: number
  leaderEpoch: number
  endOffset: number
}

// ---- Administration

export interface DeleteRecordsRow {
  readonly topic: string
  readonly partition: number
  /** -1 means the high watermark. */
  readonly offset: number
}

export interface DeleteRecordsOutcome {
  errorCode: number
  lowWatermark: number
}

export interface LogDirDescription {
  readonly errorCode: number
  readonly logDir: string
  readonly totalBytes: number
  readonly usableBytes: number
  readonly isCordoned: boolean
  readonly replicas: readonly {
    readonly topic: string
    readonly partition: number
    readonly sizeBytes: number
    readonly offsetLag: number
    readonly isFuture: boolean
  }[]
}

export interface ActiveProducer {
  readonly producerId: number
  readonly producerEpoch: number
  readonly lastSequence: number
  readonly lastTimestamp: number
  readonly coordinatorEpoch: number
  /** -1 when no transaction is open. */
  readonly currentTxnStartOffset: number
}

export interface Partitions {
  /**
   * Appends every row, in order, before it returns; what may come later is the acknowledgement. A row that fails does not stop the
   * others. With acks=0 and 1 the answer is not a promise unless an ack must wait for the disk.
   */
  append(rows: readonly AppendRow[], options: AppendOptions): AppendOutcome[] | Promise<AppendOutcome[]>
  fetch(rows: readonly FetchRow[], options: FetchOptions): FetchOutcome[] | Promise<FetchOutcome[]>
  offsetFor(query: OffsetQuery): OffsetFound
  /** Message format v0's question: up to `maxOffsets` segment base offsets before a timestamp, newest first. */
  legacyOffsetsBefore(query: OffsetQuery, maxOffsets: number): { errorCode: number; offsets: number[] }
  endOffsetForEpoch(query: EpochQuery): EpochEnd
  deleteRecords(
    rows: readonly DeleteRecordsRow[],
    timeoutMs: number,
  ): DeleteRecordsOutcome[] | Promise<DeleteRecordsOutcome[]>
  describeLogDirs(wanted: ((topic: string, partition: number) => boolean) | null): LogDirDescription[]
  alterReplicaLogDir(topic: string, partition: number, logDir: string): number
  activeProducers(topic: string, partition: number): { errorCode: number; producers: ActiveProducer[] }
  sessions: FetchSessions
}
