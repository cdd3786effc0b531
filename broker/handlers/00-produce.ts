/**
 * Produce: id→name ─▶ authorize ─▶ exists? ─▶ batch acceptable to this version? ─▶ ticket ─▶ append ─▶ wait for acks ─▶ rows.
 * Nothing is awaited before the append but an earlier request's turn. Answers to KafkaApis.handleProduceRequest; KIP-98 (idempotence),
 * KIP-467 (record errors), KIP-516 (topic ids), KIP-951 (leader hints).
 */
import { Produce, type ProduceResponse, type TopicProduceResponse } from '../../protocol/apis/00-produce.ts'
import { Errors } from '../../protocol/errors.ts'
import { batchEndOfAnyLength, BatchView } from '../../protocol/records/batch.ts'
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
const NOTHING = Buffer.alloc(0)
/** Nothing speaks against the append; its own outcome takes this one's place. */
const FIT: AppendOutcome = Object.freeze(refused(0))

export default defineHandler(
  Produce,
  {
    access: 'per-resource',
    lane: 'pipelined',
    forgetsRequest: true,
    // Without acks nobody waits for an answer: one would be taken for that of a later request.
    failed: (request, { code, message }): ProduceResponse | null =>
      request.acks === 0
        ? null
        : {
            responses: request.topicData
              .filter(({ partitionData }) => partitionData.length > 0)
              .map(({ name, topicId, partitionData }) => ({
                name,
                topicId,
                partitionResponses: partitionData.map(({ index }) => rowOf(index, refused(code, message))),
              })),
            throttleTimeMs: 0,
            nodeEndpoints: [],
          },
    deviations: [
      'Compressed records that are damaged where Kafka does not look (a checksum behind the last record, bytes behind the last block) are refused.',
      'A record in an uncompressed batch whose own offset lies gets that of its place; Kafka stores it as it came.',
      'On Node 20 zstd cannot be written smaller than it was: a batch that a topic has compressed again with it may be MESSAGE_TOO_LARGE.',
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
        // A topic without partitions has no row.
        if (topicData.partitionData.length > 0) responses.push(topic)
        const allowed = authorizer.authorize(context, 'WRITE', 'TOPIC', topicName)
        for (const { index, records } of topicData.partitionData) {
          const outcome = check(topicName, index, records, allowed)
          const append =
            outcome === FIT ? { topic: topicName, topicId, partition: index, records } : undefined
          rows.push({ topic, index, append, outcome })
        }
      }
      batch.reset(NOTHING, 0) // or it would keep the last request's bytes alive
      if (transactional && !mayUse(request.transactionalId)) {
        throw new RequestError(Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
      }

      const turn = context.ticket.turn()
      return turn === undefined ? append() : turn.then(append)

      function check(
        topic: string,
        partition: number,
        records: Buffer | null,
        allowed: boolean,
      ): AppendOutcome {
        const fitness = fitnessOf(records, facts)
        const isTransactional = fitness === FIT && beginsTransactional(records!)
        if (isTransactional) transactional = true
        if (topic === '' && facts.topicIds) return refused(Errors.UNKNOWN_TOPIC_ID.code)
        if (!allowed) return refused(Errors.TOPIC_AUTHORIZATION_FAILED.code)
        if (!partitionExists(image, topic, partition)) return refused(Errors.UNKNOWN_TOPIC_OR_PARTITION.code)
        if (fitness === FIT && !facts.recordBatchesOnly) walk(records!)
        return isTransactional ? refused(Errors.INVALID_TXN_STATE.code) : fitness
      }

      function mayUse(transactionalId: string | null): boolean {
        return (
          transactionalId !== null &&
          authorizer.authorize(context, 'WRITE', 'TRANSACTIONAL_ID', transactionalId)
        )
      }

      function append(): ProduceResponse | null | Promise<ProduceResponse | null> {
        const { acks, timeoutMs } = request
        const appends: AppendRow[] = []
        for (const row of rows) if (row.append !== undefined) appends.push(row.append)
        if (acks < -1 || acks > 1) {
          for (const row of rows) {
            if (row.outcome.errorCode === 0) row.outcome = refused(Errors.INVALID_REQUIRED_ACKS.code)
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

/** Asked of fit records only; before v3 they may be empty, or the beginning of a batch. */
const beginsTransactional = (records: Buffer): boolean =>
  records.length > 0 && batchEndOfAnyLength(records, 0) > 0 && batch.reset(records, 0).isTransactional

/** What the request's version allows in a partition: from v3 on, exactly one batch of the current format. */
function fitnessOf(
  records: Buffer | null,
  facts: { recordBatchesOnly: boolean; zstd: boolean },
): AppendOutcome {
  const { INVALID_RECORD, UNSUPPORTED_COMPRESSION_TYPE } = Errors
  if (records === null) return refused(INVALID_RECORD.code)
  // Kafka looks at every first batch before anything else.
  const end = readableEnd(records, 0)
  try {
    if (end > 0) batch.reset(records, 0)
    // An old message set may hold no whole message: the append then appends nothing, and that is no error.
    if (!facts.recordBatchesOnly) return FIT
    if (end < 0 || batch.magic !== MAGIC_V2) return refused(INVALID_RECORD.code)
    if (!facts.zstd && batch.compression === ZSTD) return refused(UNSUPPORTED_COMPRESSION_TYPE.code)
    return batchEndOfAnyLength(records, end) > 0 ? refused(INVALID_RECORD.code) : FIT
  } catch (error) {
    if (error instanceof RecordsError) return refused(error.code)
    throw error
  }
}

/** Old sets may hold many batches. Of those that might be appended Kafka looks at all, before it looks at acks. */
function walk(records: Buffer): void {
  for (let at = 0; at >= 0; at = readableEnd(records, at));
}

/** Where the batch ends; negative when no whole one is there. One that cannot be read fails every partition of the request. */
function readableEnd(records: Buffer, at: number): number {
  try {
    return at === records.length ? -1 : batchEndOfAnyLength(records, at)
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error
    throw new RequestError(Errors.CORRUPT_MESSAGE, error.message)
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

function refused(errorCode: number, errorMessage: string | null = null): AppendOutcome {
  return {
    errorCode,
    errorMessage,
    recordErrors: [],
    baseOffset: -1,
    logAppendTimeMs: -1,
    logStartOffset: -1,
    currentLeader: null,
  }
}
