/**
 * Produce on this broker's partitions: append every row in order, then wait until each is acknowledged. One function per step:
 *
 *   append (same tick) ─▶ all acknowledged? ─ no ─▶ wait on partitions ─▶ rows
 *
 * Answers to ReplicaManager.appendRecords and DelayedProduce. A row that fails leaves the others alone.
 */
import { Errors } from '../../protocol/errors.ts'
import { RecordsError } from '../../protocol/records/errors.ts'
import { isInternalTopic } from '../ports/internal-topics.ts'
import type { AppendOptions, AppendOutcome, AppendRow, RecordError } from '../ports/partitions.ts'
import type { Partition } from './partition.ts'
import { codeOf } from './partition-error.ts'
import type { PartitionMap } from './partition-map.ts'
import type { TopicMetrics } from './topic-metrics.ts'
import type { WaitingRoom } from './waiting.ts'

/** Kafka's AdminUtils.ADMIN_CLIENT_ID: the one client that may write to internal topics. */
const ADMIN_CLIENT_ID = '__admin_client'
const NO_RECORD_ERRORS: readonly RecordError[] = []

const TELLS_NO_LOG_START: ReadonlySet<number> = new Set([
  Errors.UNKNOWN_TOPIC_OR_PARTITION.code,
  Errors.NOT_LEADER_OR_FOLLOWER.code,
  Errors.MESSAGE_TOO_LARGE.code,
  Errors.RECORD_LIST_TOO_LARGE.code,
  Errors.CORRUPT_MESSAGE.code,
  Errors.KAFKA_STORAGE_ERROR.code,
])

export interface AppendNeeds {
  readonly map: PartitionMap
  readonly room: WaitingRoom
  readonly metrics: TopicMetrics
  /** Something failed that carries no Kafka code. */
  readonly onBug: (what: string, error: unknown) => void
}

/** An appended row whose ack is still open. */
interface Pending {
  readonly outcome: AppendOutcome
  readonly partition: Partition
  readonly endOffset: number
  readonly leaderEpoch: number
  over: boolean
}

export function appendRows(
  needs: AppendNeeds,
  rows: readonly AppendRow[],
  options: AppendOptions,
): AppendOutcome[] | Promise<AppendOutcome[]> {
  const outcomes: AppendOutcome[] = []
  let pending: Pending[] | undefined
  for (const row of rows) {
    const outcome = refused(0)
    outcomes.push(outcome)
    const open = appendRow(needs, row, options, outcome)
    if (open !== undefined) (pending ??= []).push(open)
  }
  if (pending === undefined || options.acks === 0) return outcomes
  return waitForAcks(needs, pending, options, outcomes)
}

function appendRow(
  needs: AppendNeeds,
  row: AppendRow,
  options: AppendOptions,
  outcome: AppendOutcome,
): Pending | undefined {
  const all = needs.metrics.all
  const cells = needs.metrics.of(row.topic)
  all.produceRequests.inc()
  cells.produceRequests.inc()
  if (isInternalTopic(row.topic) && options.clientId !== ADMIN_CLIENT_ID) {
    outcome.errorCode = Errors.INVALID_TOPIC_EXCEPTION.code
    return undefined
  }
  const bytes = row.records?.length ?? 0
  try {
    const partition = needs.map.get(row.topic, row.partition)
    const info = partition.append(row.records!, 'client', options.acks)
    outcome.baseOffset = info.firstOffset
    outcome.logAppendTimeMs = info.logAppendTimeMs
    outcome.logStartOffset = info.logStartOffset
    all.bytesIn.inc(bytes)
    cells.bytesIn.inc(bytes)
    all.messagesIn.inc(info.recordCount)
    cells.messagesIn.inc(info.recordCount)
    const endOffset = info.lastOffset + 1
    const { leaderEpoch } = partition
    const code = partition.acknowledged(endOffset, leaderEpoch, options.acks)
    if (code !== undefined) {
      fail(outcome, code)
      return undefined
    }
    return { outcome, partition, endOffset, leaderEpoch, over: false }
  } catch (error) {
    refuse(needs, row, outcome, error)
    all.failedProduceRequests.inc()
    cells.failedProduceRequests.inc()
    if (error instanceof RecordsError && error.kind) needs.metrics.refused(error.kind)
    all.bytesRejected.inc(bytes)
    cells.bytesRejected.inc(bytes)
    return undefined
  }
}

function refuse(needs: AppendNeeds, row: AppendRow, outcome: AppendOutcome, error: unknown): void {
  const partition = needs.map.find(row.topic, row.partition)
  const code = codeOf(error)
  if (code === undefined) needs.onBug(`append to ${row.topic}-${row.partition}`, error)
  outcome.errorCode = code ?? Errors.UNKNOWN_SERVER_ERROR.code
  if (code === Errors.NOT_LEADER_OR_FOLLOWER.code) outcome.currentLeader = partition?.currentLeader ?? null
  // Refusals of what the partition looked into tell its log start: from it a producer learns whether its ids were forgotten with the
  // records. Those that came before, or blame the bytes, do not.
  if (code === undefined || !TELLS_NO_LOG_START.has(code))
    outcome.logStartOffset = partition?.log?.logStartOffset ?? -1
  if (error instanceof RecordsError && error.recordErrors.length > 0) {
    // Only a refusal of single records explains itself (KIP-467).
    outcome.errorMessage = error.message
    outcome.recordErrors = error.recordErrors.map(({ batchIndex, batchIndexErrorMessage }) => ({
      batchIndex,
      message: batchIndexErrorMessage,
    }))
  }
}

function waitForAcks(
  needs: AppendNeeds,
  pending: readonly Pending[],
  options: AppendOptions,
  outcomes: AppendOutcome[],
): Promise<AppendOutcome[]> {
  const isOver = (): boolean => {
    let allOver = true
    for (const one of pending) {
      if (one.over) continue
      const code = one.partition.acknowledged(one.endOffset, one.leaderEpoch, options.acks)
      if (code === undefined) allOver = false
      else {
        one.over = true
        fail(one.outcome, code)
      }
    }
    return allOver
  }
  const result = (): AppendOutcome[] => {
    for (const one of pending)
      if (!one.over && !settle(one, options.acks)) fail(one.outcome, Errors.REQUEST_TIMED_OUT.code)
    return outcomes
  }
  const lists = pending.map(one => one.partition.waiters)
  return needs.room.until(lists, options.timeoutMs, isOver, result)
}

function settle(one: Pending, acks: number): boolean {
  const code = one.partition.acknowledged(one.endOffset, one.leaderEpoch, acks)
  if (code === undefined) return false
  fail(one.outcome, code)
  return true
}

/** Code 0 leaves the outcome as the append made it. */
function fail(outcome: AppendOutcome, code: number): void {
  if (code === 0) return
  outcome.errorCode = code
  outcome.baseOffset = -1
  outcome.logAppendTimeMs = -1
}

function refused(errorCode: number): AppendOutcome {
  return {
    errorCode,
    errorMessage: null,
    recordErrors: NO_RECORD_ERRORS,
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
    currentLeader: null,
  }
}
