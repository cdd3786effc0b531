/**
 * Fetch on this broker's partitions (Kafka's ReplicaManager.fetchMessages and DelayedFetch):
 *
 *   read ─▶ enough? ─ no ─▶ wait on partitions ─▶ read again ─▶ rows
 *
 * Byte limits: each row by its own, all together by the request's and by what there is of reply memory. The first row that has anything sends at least one whole batch, however
 * large, so that a fetcher always gets on (KIP-74). A waiting fetch ends
 *   A, B  when we stop being leader of one of its partitions   C  when one is deleted   D  when its directory goes offline
 *   E     when its epoch is fenced                             F  when its offset is past the end (truncation)
 *   G     when minBytes have come                              H  when its last epoch diverges
 * or at maxWaitMs with what there is. A row with an error ends it at once: the others go along.
 */
import { Errors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/uuid.ts'
import type { FetchOptions, FetchOutcome, FetchRow } from '../ports/partitions.ts'
import type { ReplyMemory } from '../ports/reply-memory.ts'
import type { Partition } from './partition.ts'
import { codeOf } from './partition-error.ts'
import type { PartitionMap } from './partition-map.ts'
import type { TopicMetrics } from './topic-metrics.ts'
import type { WaitingRoom } from './waiting.ts'

const EMPTY = Buffer.alloc(0)

export interface FetchNeeds {
  readonly map: PartitionMap
  readonly room: WaitingRoom
  readonly metrics: TopicMetrics
  /** For the records of outcomes: whoever sends them gives it back. */
  readonly replyMemory: ReplyMemory
  readonly onBug: (what: string, error: unknown) => void
}

export function fetchRows(
  needs: FetchNeeds,
  rows: readonly FetchRow[],
  options: FetchOptions,
): FetchOutcome[] | Promise<FetchOutcome[]> {
  for (const row of rows) {
    needs.metrics.all.fetchRequests.inc()
    needs.metrics.of(row.topic).fetchRequests.inc()
  }
  const first = readAll(needs, rows, options)
  if (options.maxWaitMs <= 0 || rows.length === 0 || first.enough) {
    return counted(needs, rows, first.outcomes)
  }
  // Only the number is kept while it waits: what was read so far is read again, and would be memory that nobody counts.
  const bytesBefore = first.bytes
  for (const { records } of first.outcomes) if (records !== null) needs.replyMemory.give(records)
  const watched = watch(needs, rows)
  // A row between being looked up and being watched cannot change: nothing was awaited.
  const isOver = (): boolean => hasEnough(watched, options, bytesBefore)
  return needs.room.until(
    watched.map(one => one.partition.waiters),
    options.maxWaitMs,
    isOver,
    () => counted(needs, rows, readAll(needs, rows, options).outcomes),
  )
}

interface Reading {
  readonly outcomes: FetchOutcome[]
  readonly bytes: number
  /** Answer now: enough bytes, or something the fetcher must hear. */
  readonly enough: boolean
}

function readAll(needs: FetchNeeds, rows: readonly FetchRow[], options: FetchOptions): Reading {
  const outcomes: FetchOutcome[] = []
  let leftBytes = Math.min(options.maxBytes, needs.replyMemory.availableBytes)
  let bytes = 0
  let minOneMessage = true
  let mustTell = false
  for (const row of rows) {
    const outcome = unread(0)
    outcomes.push(outcome)
    const maxBytes = Math.min(row.maxBytes, leftBytes)
    const readBytes = readRow(needs, row, options, { maxBytes, minOneMessage }, outcome)
    if (readBytes > 0) minOneMessage = false
    bytes += readBytes
    leftBytes = Math.max(0, leftBytes - readBytes)
    if (outcome.errorCode !== 0 || outcome.divergingEpoch !== null) mustTell = true
  }
  return { outcomes, bytes, enough: mustTell || bytes >= options.minBytes }
}

/** Fills in the outcome; answers the bytes that count against the request's limits. */
function readRow(
  needs: FetchNeeds,
  row: FetchRow,
  options: FetchOptions,
  { maxBytes, minOneMessage }: { readonly maxBytes: number; readonly minOneMessage: boolean },
  outcome: FetchOutcome,
): number {
  let partition: Partition | undefined
  try {
    partition = needs.map.get(row.topic, row.partition)
    if (row.topicId !== ZERO_UUID && row.topicId !== partition.topicId) {
      outcome.errorCode = Errors.INCONSISTENT_TOPIC_ID.code
      return 0
    }
    const log = partition.logFor(row.currentLeaderEpoch)
    // The watermarks before the read: what is appended later must not look as if it had been seen.
    const { highWatermark, lastStableOffset, logStartOffset } = log
    const { data, diverging } = partition.read(
      row,
      maxBytes,
      options.isolation,
      minOneMessage,
      options.replicaId,
      needs.replyMemory,
    )
    outcome.highWatermark = highWatermark
    outcome.lastStableOffset = lastStableOffset
    outcome.logStartOffset = logStartOffset
    outcome.divergingEpoch = diverging
    outcome.records = data === null || data.firstEntryIncomplete ? EMPTY : data.records
    // What is left out because it is not whole takes its aborted transactions along.
    if (data?.abortedTransactions && !data.firstEntryIncomplete) {
      outcome.abortedTransactions = data.abortedTransactions.map(({ producerId, firstOffset }) => ({
        producerId: BigInt(producerId),
        firstOffset,
      }))
    }
    return data === null || data.firstEntryIncomplete ? 0 : data.readBytes
  } catch (error) {
    const code = codeOf(error)
    if (code === undefined) needs.onBug(`fetch from ${row.topic}-${row.partition}`, error)
    outcome.errorCode = code ?? Errors.UNKNOWN_SERVER_ERROR.code
    if (code === Errors.NOT_LEADER_OR_FOLLOWER.code || code === Errors.FENCED_LEADER_EPOCH.code) {
      outcome.currentLeader = partition?.currentLeader ?? null
    }
    needs.metrics.all.failedFetchRequests.inc()
    needs.metrics.of(row.topic).failedFetchRequests.inc()
    return 0
  }
}

interface Watched {
  readonly row: FetchRow
  readonly partition: Partition
  readonly startBytes: number
  readonly startOffset: number
}

function watch(needs: FetchNeeds, rows: readonly FetchRow[]): Watched[] {
  return rows.map(row => {
    const partition = needs.map.get(row.topic, row.partition)
    return { row, partition, startBytes: partition.appendedBytes, startOffset: row.fetchOffset }
  })
}

/** Cases A–H. Bytes are those appended since the wait began, counted per partition up to its own limit, plus what was there before. */
function hasEnough(watched: readonly Watched[], options: FetchOptions, bytesBefore: number): boolean {
  let bytes = bytesBefore
  for (const { row, partition, startBytes, startOffset } of watched) {
    let end: number
    try {
      const log = partition.logFor(row.currentLeaderEpoch) // throws in A to E
      end = partition.endFor(log, options.isolation)
      if (startOffset < log.logStartOffset) return true
      if (row.lastFetchedEpoch >= 0) {
        const { leaderEpoch, endOffset } = partition.endOffsetForEpoch(
          row.currentLeaderEpoch,
          row.lastFetchedEpoch,
        )
        if (leaderEpoch < row.lastFetchedEpoch || endOffset < startOffset) return true // H
      }
    } catch (error) {
      if (codeOf(error) === undefined) throw error
      return true
    }
    if (startOffset > end) return true // F
    if (startOffset < end) bytes += Math.min(row.maxBytes, Math.max(1, partition.appendedBytes - startBytes))
  }
  return bytes >= options.minBytes // G
}

function counted(needs: FetchNeeds, rows: readonly FetchRow[], outcomes: FetchOutcome[]): FetchOutcome[] {
  for (let i = 0; i < rows.length; i++) {
    const bytes = outcomes[i]!.records?.length ?? 0
    if (bytes === 0) continue
    needs.replyMemory.claim(bytes)
    needs.metrics.all.bytesOut.inc(bytes)
    needs.metrics.of(rows[i]!.topic).bytesOut.inc(bytes)
  }
  return outcomes
}

/** A row without records, as Kafka's FetchResponse.partitionResponse has it. */
export function unread(errorCode: number): FetchOutcome {
  return {
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    divergingEpoch: null,
    currentLeader: null,
    abortedTransactions: null,
    preferredReadReplica: -1,
    records: EMPTY,
  }
}
