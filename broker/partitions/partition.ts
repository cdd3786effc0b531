/**
 * One partition as this broker leads it: leader epoch, in-sync replicas as a set, the high watermark distinct from the log end, and
 * those who wait for either. Answers to Kafka's Partition. Errors are thrown as PartitionError (or by the log, which carries Kafka's
 * code too); whoever calls turns them into rows.
 *
 *   log start ≤ last stable ≤ high watermark ≤ ackable ≤ log end        ackable: what a pending flush holds back (DESIGN §1)
 */
import { Errors } from '../../protocol/errors.ts'
import type { LogAppendInfo } from '../../storage/append.ts'
import type { Log } from '../../storage/log.ts'
import type { FetchDataInfo } from '../../storage/read.ts'
import type { ReadMemory } from '../../storage/segment.ts'
import type { PartitionRegistration } from '../metadata/image.ts'
import type {
  ActiveProducer,
  CurrentLeader,
  EpochEnd,
  FetchRow,
  Isolation,
  OffsetFound,
  OffsetQuery,
} from '../ports/partitions.ts'
import { EARLIEST_LOCAL_TIMESTAMP, EARLIEST_TIMESTAMP, LATEST_TIMESTAMP } from '../../storage/read.ts'
import { PartitionError } from './partition-error.ts'
import type { WaitingRoom, WaitList } from './waiting.ts'

const UNDEFINED_EPOCH = -1
const UNDEFINED_OFFSET = -1
/** The client did not say which epoch it knows; any other number counts, negative or not. */
const NO_EPOCH = -1
const NO_TIMESTAMP = -1

export interface PartitionNeeds {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  readonly localNodeId: number
  readonly room: WaitingRoom
}

export interface PartitionRead {
  readonly data: FetchDataInfo | null
  readonly diverging: { epoch: number; endOffset: number } | null
}

export class Partition {
  readonly topic: string
  readonly topicId: string
  readonly partition: number
  /** Fetches, acks and deletes that wait for something to happen here. */
  readonly waiters: WaitList
  readonly #localNodeId: number
  #log: Log | undefined
  #offline = false
  #leader = -1
  #leaderEpoch = -1
  #partitionEpoch = -1
  /** Log end when this leadership began; an offset answer waits until the high watermark has reached it. */
  #epochStartOffset = -1
  #isr: ReadonlySet<number> = new Set()
  #replicas: readonly number[] = []
  /** Log ends of the other replicas, as their fetches told. Empty while there is one node. */
  readonly #followerEnds = new Map<number, number>()
  #stopListening: (() => void) | undefined
  /** Bytes appended under the high watermark's eyes since start: lets a fetch guess whether enough has come. */
  appendedBytes = 0

  constructor(needs: PartitionNeeds) {
    this.topic = needs.topic
    this.topicId = needs.topicId
    this.partition = needs.partition
    this.#localNodeId = needs.localNodeId
    this.waiters = needs.room.list()
  }

  get leaderEpoch(): number {
    return this.#leaderEpoch
  }

  get partitionEpoch(): number {
    return this.#partitionEpoch
  }

  get isLeader(): boolean {
    return this.#leader === this.#localNodeId && this.#log !== undefined
  }

  get isOffline(): boolean {
    return this.#offline
  }

  get isr(): ReadonlySet<number> {
    return this.#isr
  }

  get currentLeader(): CurrentLeader {
    return { leaderId: this.#leader, leaderEpoch: this.#leaderEpoch }
  }

  /** The log whatever our role; undefined before the first assignment and when its directory is offline. */
  get log(): Log | undefined {
    return this.#offline ? undefined : this.#log
  }

  // ---- role

  /** Takes over what the image says. Returns what became of our leadership. */
  update(registration: PartitionRegistration, log: Log): 'elected' | 'resigned' | 'same' {
    const wasLeader = this.isLeader
    const oldEpoch = this.#leaderEpoch
    this.#listenTo(log)
    this.#leader = registration.leader
    this.#leaderEpoch = registration.leaderEpoch
    this.#partitionEpoch = registration.partitionEpoch
    this.#isr = new Set(registration.isr)
    this.#replicas = registration.replicas
    for (const id of this.#followerEnds.keys()) {
      if (!registration.replicas.includes(id)) this.#followerEnds.delete(id)
    }
    const newEpoch = this.#leaderEpoch !== oldEpoch
    if (this.isLeader && newEpoch) this.#epochStartOffset = log.logEndOffset
    if (this.isLeader) this.advance()
    this.waiters.wake()
    if (this.isLeader && (!wasLeader || newEpoch)) return 'elected'
    return wasLeader && !this.isLeader ? 'resigned' : 'same'
  }

  /** A copy of the log, complete to the last byte, takes its place (AlterReplicaLogDirs). */
  replaceLog(log: Log): void {
    this.#listenTo(log)
    this.advance()
    this.waiters.wake()
  }

  /** The log directory failed: nothing here is served until a restart. */
  goOffline(): void {
    this.#offline = true
    this.#stopListening?.()
    this.#stopListening = undefined
    this.waiters.wake()
  }

  /** The topic was deleted, or the replica moved away. Waiters find out. */
  close(): void {
    this.#leader = -1
    this.#stopListening?.()
    this.#stopListening = undefined
    this.#log = undefined
    this.waiters.wake()
  }

  #listenTo(log: Log): void {
    if (this.#log === log) return
    this.#stopListening?.()
    this.#log = log
    this.#stopListening = log.onFlushed(() => this.advance())
  }

  /** The log if we may answer for it: right epoch, online, and leader unless a replica's answer will do. */
  logFor(currentLeaderEpoch: number, onlyLeader = true): Log {
    if (this.#offline) throw new PartitionError(Errors.KAFKA_STORAGE_ERROR.code)
    if (currentLeaderEpoch !== NO_EPOCH) {
      if (currentLeaderEpoch < this.#leaderEpoch) throw new PartitionError(Errors.FENCED_LEADER_EPOCH.code)
      if (currentLeaderEpoch > this.#leaderEpoch) throw new PartitionError(Errors.UNKNOWN_LEADER_EPOCH.code)
    }
    const log = this.#log
    if (log === undefined || (onlyLeader && !this.isLeader)) {
      throw new PartitionError(Errors.NOT_LEADER_OR_FOLLOWER.code)
    }
    return log
  }

  // ---- append and acknowledge

  append(records: Buffer, origin: 'client' | 'coordinator', acks: number): LogAppendInfo {
    const log = this.logFor(-1)
    if (acks === -1 && this.#isr.size < this.#effectiveMinIsr(log)) {
      throw new PartitionError(Errors.NOT_ENOUGH_REPLICAS.code)
    }
    const info = log.appendAsLeader(records, this.#leaderEpoch, { origin })
    this.appendedBytes += info.sizeInBytes
    this.advance()
    return info
  }

  /** Raises the high watermark to what all in-sync replicas have, and wakes those who wait. */
  advance(): void {
    const log = this.#log
    if (log === undefined || !this.isLeader) return
    // Woken without a move, too: a follower's fetch waits for the log end, an ack for the flushed offset.
    log.incrementHighWatermark(this.#inSyncEnd(log))
    this.waiters.wake()
  }

  #inSyncEnd(log: Log): number {
    let end = log.ackableOffset
    if (this.#isr.size <= 1) return end
    for (const id of this.#isr) {
      if (id !== this.#localNodeId) end = Math.min(end, this.#followerEnds.get(id) ?? log.highWatermark)
    }
    return end
  }

  #effectiveMinIsr(log: Log): number {
    return Math.min(log.config.minInsyncReplicas, this.#replicas.length)
  }

  /**
   * Is an append up to `endOffset`, made under `leaderEpoch`, acknowledged? A code when the wait is over (0 for success), undefined while
   * it is not. acks=1 waits for the leader's own promise only, which is immediate unless a flush is owed.
   */
  acknowledged(endOffset: number, leaderEpoch: number, acks: number): number | undefined {
    if (this.#offline) return Errors.KAFKA_STORAGE_ERROR.code
    const log = this.#log
    if (log === undefined || !this.isLeader || this.#leaderEpoch !== leaderEpoch) {
      return Errors.NOT_LEADER_OR_FOLLOWER.code
    }
    if (acks !== -1) return log.ackableOffset >= endOffset ? 0 : undefined
    if (log.highWatermark < endOffset) return undefined
    return this.#isr.size >= this.#effectiveMinIsr(log) ? 0 : Errors.NOT_ENOUGH_REPLICAS_AFTER_APPEND.code
  }

  // ---- read

  read(
    row: FetchRow,
    maxBytes: number,
    isolation: Isolation,
    minOneMessage: boolean,
    replicaId: number,
    memory?: ReadMemory,
  ): PartitionRead {
    const log = this.logFor(row.currentLeaderEpoch)
    if (replicaId >= 0 && (replicaId === this.#localNodeId || !this.#replicas.includes(replicaId))) {
      throw new PartitionError(
        row.currentLeaderEpoch !== NO_EPOCH
          ? Errors.UNKNOWN_LEADER_EPOCH.code
          : Errors.NOT_LEADER_OR_FOLLOWER.code,
      )
    }
    if (row.lastFetchedEpoch >= 0) {
      const diverging = this.#divergence(log, row)
      if (diverging !== null) return { data: null, diverging }
    }
    return { data: log.read(row.fetchOffset, maxBytes, isolation, minOneMessage, memory), diverging: null }
  }

  /** Where the fetcher's log parts from ours, if its last epoch is not on our log up to its fetch offset (KIP-595). */
  #divergence(log: Log, row: FetchRow): { epoch: number; endOffset: number } | null {
    const end = this.#endOfEpoch(log, row.lastFetchedEpoch)
    if (end.endOffset === UNDEFINED_OFFSET || end.leaderEpoch === UNDEFINED_EPOCH) {
      throw new PartitionError(Errors.OFFSET_OUT_OF_RANGE.code)
    }
    if (row.fetchOffset < log.logStartOffset) throw new PartitionError(Errors.OFFSET_OUT_OF_RANGE.code)
    if (end.leaderEpoch < row.lastFetchedEpoch || end.endOffset < row.fetchOffset) {
      return { epoch: end.leaderEpoch, endOffset: end.endOffset }
    }
    return null
  }

  endOffsetForEpoch(currentLeaderEpoch: number, epoch: number): EpochEnd {
    const log = this.logFor(currentLeaderEpoch)
    return { errorCode: 0, ...this.#endOfEpoch(log, epoch) }
  }

  #endOfEpoch(log: Log, epoch: number): { leaderEpoch: number; endOffset: number } {
    // Our own epoch reaches to the log end even when nothing was appended under it yet.
    if (epoch === this.#leaderEpoch) return { leaderEpoch: epoch, endOffset: log.logEndOffset }
    const found = log.endOffsetForEpoch(epoch)
    if (found !== null) return { leaderEpoch: found.leaderEpoch, endOffset: found.offset }
    if (epoch === UNDEFINED_EPOCH || epoch > this.#leaderEpoch) {
      return { leaderEpoch: UNDEFINED_EPOCH, endOffset: UNDEFINED_OFFSET }
    }
    // Below our own, which nothing was appended under yet: it ended where ours began.
    return { leaderEpoch: Math.max(epoch, log.latestEpoch ?? epoch), endOffset: this.#epochStartOffset }
  }

  /** The offset a reader of this isolation cannot pass. */
  endFor(log: Log, isolation: Isolation): number {
    if (isolation === 'log-end') return log.logEndOffset
    return isolation === 'txn-committed' ? log.lastStableOffset : log.highWatermark
  }

  // ---- offsets

  offsetFor(query: OffsetQuery): OffsetFound {
    // The debugging replica (-2) may ask any replica; everyone else the leader.
    const log = this.logFor(query.currentLeaderEpoch, query.replicaId !== -2)
    const { timestamp, isolation } = query
    const last =
      isolation === null
        ? log.logEndOffset
        : isolation === 'read_committed'
          ? log.lastStableOffset
          : log.highWatermark
    const lagging = isolation !== null && this.isLeader && this.#epochStartOffset > log.highWatermark
    if (timestamp === LATEST_TIMESTAMP) {
      if (lagging) throw new PartitionError(Errors.OFFSET_NOT_AVAILABLE.code)
      return { errorCode: 0, timestamp: NO_TIMESTAMP, offset: last, leaderEpoch: this.#leaderEpoch }
    }
    const found = log.fetchOffsetByTimestamp(timestamp)
    if (timestamp === EARLIEST_TIMESTAMP || timestamp === EARLIEST_LOCAL_TIMESTAMP) {
      if (found === null) return nowhere()
      // Kafka notes where an epoch starts when it becomes leader, we when something is appended under it.
      const isOurs = found.leaderEpoch < 0 && found.offset >= this.#epochStartOffset
      return { errorCode: 0, ...found, ...(isOurs && { leaderEpoch: this.#leaderEpoch }) }
    }
    if (found === null || found.offset >= last) {
      if (lagging) throw new PartitionError(Errors.OFFSET_NOT_AVAILABLE.code)
      return nowhere()
    }
    return { errorCode: 0, timestamp: found.timestamp, offset: found.offset, leaderEpoch: found.leaderEpoch }
  }

  /** ListOffsets v0's answer: where segments begin, newest first. A consumer gets the high watermark for what lies above it. */
  legacyOffsetsBefore(query: OffsetQuery, maxOffsets: number): number[] {
    const log = this.logFor(-1, query.replicaId !== -2)
    const offsets = log.legacyOffsetsBefore(query.timestamp, maxOffsets)
    if (query.isolation === null) return offsets
    const readable = offsets.filter(offset => offset <= log.highWatermark)
    return readable.length < offsets.length ? [log.highWatermark, ...readable] : offsets
  }

  activeProducers(): ActiveProducer[] {
    return this.logFor(-1).producers.activeProducers()
  }

  // ---- delete records

  /** Moves the log start; returns the offset that every replica's log start has to reach. */
  deleteRecords(offset: number): number {
    const log = this.logFor(-1)
    if (!log.config.cleanupPolicy.delete) throw new PartitionError(Errors.POLICY_VIOLATION.code)
    const target = offset === -1 ? log.highWatermark : offset
    if (target < 0) throw new PartitionError(Errors.OFFSET_OUT_OF_RANGE.code)
    log.maybeIncrementLogStartOffset(target, 'client-delete-records')
    this.waiters.wake()
    return target
  }

  /** The smallest log start among the live replicas: ours, while there is one node. */
  lowWatermark(): number {
    return this.logFor(-1).logStartOffset
  }
}

const nowhere = (): OffsetFound => ({ errorCode: 0, timestamp: -1, offset: -1, leaderEpoch: -1 })
