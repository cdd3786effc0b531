/**
 * Produce: id→name ─▶ authorize ─▶ exists? ─▶ batch acceptable to this version? ─▶ ticket ─▶ append ─▶ wait for acks ─▶ rows.
 * Nothing is awaited before the append but an earlier request's turn. Answers to KafkaApis.handleProduceRequest; KIP-98 (idempotence),
 * KIP-467 (record errors), KIP-516 (topic ids), KIP-951 (leader hints).
 */
import { Produce, type ProduceResponse, type TopicProduceResponse } from '../../protocol/apis/00-produce.ts'
import { Errors } from '../../protocol/errors.ts'
import { batchEnd, BatchView } from '../../protocol/records/batch.ts'
import { RecordsError } from '../../protocol/records/errors.ts'
import type { MetadataSource } from '../metadata/image.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { Endpoints } from '../ports/endpoints.ts'
import type { AppendOutcome, AppendRow, Partitions } from '../ports/partitions.ts'
import { ConnectionError, defineHandler, RequestError } from './handler.ts'
import { LeaderHints, partitionExists, ZERO_UUID } from './rows.ts'

const MAGIC_V2 = 2
const ZSTD = 4

export interface ProduceNeeds {
  readonly metadata: MetadataSource
  readonly authorizer: Authorizer
  readonly partitions: Partitions
  readonly endpoints: Endpoints
}

/** A row of the answer, and what is still to be appended for it. */
interface Row {
  readonly topic: TopicProduceResponse
  readonly index: number
  readonly append: AppendRow | undefined
  outcome: AppendOutcome
}

const batch = new BatchView()

export default defineHandler(
  Produce,
  {
    access: 'per-resource',
    lane: 'pipelined',
    forgetsRequest: true,
    deviations: [
      'Transactions are not there yet: a transactional batch is refused with INVALID_TXN_STATE, as Kafka refuses one without an open transaction.',
    ],
  },
  ({ metadata, authorizer, partitions, endpoints }: ProduceNeeds) =>
    (request, context, facts) => {
      const image = metadata.current()
      let transactional: boolean | undefined
      const responses: TopicProduceResponse[] = []
      const rows: Row[] = []
      for (const topicData of request.topicData) {
        const byId = topicData.topicId !== ZERO_UUID
        const topicName = byId ? (image.topics.byId.get(topicData.topicId)?.name ?? '') : topicData.name
        const topicId = byId ? topicData.topicId : (image.topics.byName.get(topicName)?.id ?? ZERO_UUID)
        const topic = { name: topicName, topicId: topicData.topicId, partitionResponses: [] }
        responses.push(topic)
        const allowed = authorizer.authorize(context, 'WRITE', 'TOPIC', topicName)
        for (const { index, records } of topicData.partitionData) {
          const code = refusal(topicName, index, records, allowed)
          const append = code === 0 ? { topic: topicName, topicId, partition: index, records } : undefined
          rows.push({ topic, index, append, outcome: refused(code) })
        }
      }
      if (transactional && !mayUse(request.transactionalId)) {
        throw new RequestError(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
      }

      const turn = context.ticket.turn()
      return turn === undefined ? append() : turn.then(append)

      function refusal(topic: string, partition: number, records: Buffer | null, allowed: boolean): number {
        const code = unacceptable(records, facts)
        const isTransactional = code === 0 && records !== null && records.length > 0 && batch.isTransactional
        if (isTransactional) transactional = true
        if (topic === '' && facts.topicIds) return Errors.UNKNOWN_TOPIC_ID.code
        if (!allowed) return Errors.TOPIC_AUTHORIZATION_FAILED.code
        if (!partitionExists(image, topic, partition)) return Errors.UNKNOWN_TOPIC_OR_PARTITION.code
        return isTransactional ? Errors.INVALID_TXN_STATE.code : code
      }

      function mayUse(transactionalId: string | null): boolean {
        return (
          transactionalId !== null &&
          authorizer.authorize(context, 'WRITE', 'TRANSACTIONAL_ID', transactionalId)
        )
      }

      function append(): ProduceResponse | null | Promise<ProduceResponse | null> {
        const { acks, timeoutMs } = request
        const appends = rows.flatMap(row => row.append ?? [])
        if (acks < -1 || acks > 1) {
          for (const row of rows) {
            if (row.append) row.outcome = refused(Errors.INVALID_REQUIRED_ACKS.code)
          }
          return answer([])
        }
        const outcomes = partitions.append(appends, { acks, timeoutMs, clientId: context.clientId })
        context.ticket.redeem()
        return outcomes instanceof Promise ? outcomes.then(answer) : answer(outcomes)
      }

      function answer(outcomes: readonly AppendOutcome[]): ProduceResponse | null {
        let next = 0
        if (outcomes.length > 0) {
          for (const row of rows) if (row.append) row.outcome = outcomes[next++]!
        }
        if (request.acks === 0) return unacknowledged(rows)
        const hints = new LeaderHints(endpoints, context)
        for (const { topic, index, outcome } of rows) {
          topic.partitionResponses.push(rowOf(index, outcome))
          hints.add(outcome.currentLeader)
        }
        const nodeEndpoints = hints.all()
        return { responses, throttleTimeMs: 0, nodeEndpoints }
      }
    },
)

/** acks=0 has no answer to carry an error: the connection closes, and the producer looks for new metadata. */
function unacknowledged(rows: readonly Row[]): null {
  const failed = rows.filter(row => row.outcome.errorCode !== 0)
  if (failed.length === 0) return null
  const what = failed.map(row => `${row.topic.name}-${row.index}: ${row.outcome.errorCode}`).join(', ')
  throw new ConnectionError(`acks=0 and nobody to tell: ${what}`)
}

/** What the request's version allows in a partition: from v3 on, exactly one batch of the current format. Leaves `batch` on the first. */
function unacceptable(records: Buffer | null, facts: { recordBatchesOnly: boolean; zstd: boolean }): number {
  try {
    const end = records === null || records.length === 0 ? -1 : batchEnd(records, 0)
    if (end > 0) batch.reset(records!, 0)
    if (!facts.recordBatchesOnly) return records === null ? Errors.INVALID_RECORD.code : 0
    if (end < 0 || batch.magic !== MAGIC_V2) return Errors.INVALID_RECORD.code
    if (!facts.zstd && batch.compression === ZSTD) return Errors.UNSUPPORTED_COMPRESSION_TYPE.code
    return batchEnd(records!, end) > 0 ? Errors.INVALID_RECORD.code : 0
  } catch (error) {
    if (error instanceof RecordsError) return error.code
    throw error
  }
}

const NO_LEADER = Object.freeze({ leaderId: -1, leaderEpoch: -1 })

function rowOf(index: number, outcome: AppendOutcome): TopicProduceResponse['partitionResponses'][number] {
  return {
    index,
    errorCode: outcome.errorCode,
    baseOffset: outcome.baseOffset,
    logAppendTimeMs: BigInt(outcome.logAppendTimeMs),
    logStartOffset: outcome.logStartOffset,
    recordErrors: outcome.recordErrors.map(({ batchIndex, message }) => ({
      batchIndex,
      batchIndexErrorMessage: message,
    })),
    errorMessage: outcome.errorMessage,
    currentLeader: outcome.currentLeader ?? NO_LEADER,
  }
}

function refused(errorCode: number): AppendOutcome {
  return {
    errorCode,
    errorMessage: null,
    recordErrors: [],
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
    currentLeader: null,
  }
}
