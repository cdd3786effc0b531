/**
 * Fetch: session ─▶ authorize ─▶ read ─▶ enough? ─ no ─▶ wait on partitions ─▶ read again ─▶ rows. Reading and waiting are the partitions'
 * (partitions/fetch-rows.ts). Record bytes go from the file to the socket by reference, except for fetchers of before message format v2,
 * for whom they are converted down, into no more bytes than were read.
 * Answers to KafkaApis.handleFetchRequest; KIP-74, KIP-227, KIP-320, KIP-516, KIP-595, KIP-951.
 */
import {
  Fetch,
  type FetchableTopicResponse,
  type FetchPartitionData,
  type FetchRequest,
  type FetchResponse,
} from '../../protocol/apis/01-fetch.ts'
import { Errors } from '../../protocol/errors.ts'
import { downConvert } from '../../protocol/records/down-conversion.ts'
import { RecordsError } from '../../protocol/records/errors.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import type { MetadataImage, MetadataSource } from '../metadata/image.ts'
import { type Authorizer, CLUSTER_NAME } from '../ports/authorizer.ts'
import type { Endpoints } from '../ports/endpoints.ts'
import type {
  FetchOptions,
  FetchOutcome,
  FetchRow,
  FetchTurn,
  Isolation,
  Partitions,
} from '../ports/partitions.ts'
import type { RequestContext } from '../ports/request-context.ts'
import { defineHandler, type FactsOf } from './handler.ts'
import { LeaderHints, partitionExists, ZERO_UUID } from './rows.ts'

/** Below zero are consumers, the debugging one (-2) among them, and this. */
const FUTURE_LOCAL_REPLICA = -3
const READ_COMMITTED = 1
const NO_DIVERGENCE = Object.freeze({ epoch: -1, endOffset: -1 })
const NO_LEADER = Object.freeze({ leaderId: -1, leaderEpoch: -1 })
const NO_SNAPSHOT = Object.freeze({ endOffset: -1, epoch: -1 })
const EMPTY = Buffer.alloc(0)

export interface FetchNeeds {
  readonly metadata: MetadataSource
  readonly authorizer: Authorizer
  readonly partitions: Partitions
  readonly endpoints: Endpoints
  readonly config: Pick<BrokerConfig, 'get'>
}

type Facts = FactsOf<typeof Fetch>

export default defineHandler(
  Fetch,
  {
    access: 'per-resource',
    // A controller's is for the voters of its metadata log, who are others than the partitions we serve.
    listeners: ['broker'],
    lane: 'pipelined',
    deviations: [
      'Fetch before v3 sends a first batch that is larger than the limits whole, where Kafka cuts it off.',
      'A session begun with epochs and asked for below v12 is served; Kafka fails to write where its epochs diverge.',
      'Fetch rows are answered in the order of the session; preferred read replicas are never named, there being one replica.',
    ],
  },
  ({ metadata, authorizer, partitions, endpoints, config }: FetchNeeds) =>
    (request, context, facts) => {
      const image = metadata.current()
      const turn = beginTurn(partitions, request, image, context, facts)
      if (turn.errorCode !== 0) return answer(turn, [])
      const codes = refusals(turn.rows)
      const wanted = codes === undefined ? turn.rows : turn.rows.filter((_, i) => codes[i] === 0)
      const options = optionsOf(request, config.get('fetch.max.bytes'))
      const found = wanted.length === 0 ? [] : partitions.fetch(wanted, options)
      return found instanceof Promise
        ? found.then(late => answer(turn, merge(late, codes)))
        : answer(turn, merge(found, codes))

      /** Undefined when nothing is refused. */
      function refusals(rows: readonly FetchRow[]): number[] | undefined {
        let codes: number[] | undefined
        const isFollower = request.replicaState.replicaId >= 0
        const mayFollow =
          !isFollower || authorizer.authorize(context, 'CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME)
        for (let i = 0; i < rows.length; i++) {
          const code = refusal(rows[i]!, isFollower, mayFollow)
          if (code !== 0) (codes ??= new Array<number>(rows.length).fill(0))[i] = code
        }
        return codes
      }

      function refusal(row: FetchRow, isFollower: boolean, mayFollow: boolean): number {
        if (!mayFollow) return Errors.TOPIC_AUTHORIZATION_FAILED.code
        if (facts.topicIds && row.topic === '') return Errors.UNKNOWN_TOPIC_ID.code
        if (!isFollower && !authorizer.authorize(context, 'READ', 'TOPIC', row.topic)) {
          return Errors.TOPIC_AUTHORIZATION_FAILED.code
        }
        return partitionExists(image, row.topic, row.partition) ? 0 : Errors.UNKNOWN_TOPIC_OR_PARTITION.code
      }

      function answer(turn: FetchTurn, outcomes: readonly FetchOutcome[]): FetchResponse {
        const { errorCode, sessionId, send } = turn.finish(outcomes)
        const hints = new LeaderHints(endpoints, context)
        const responses: FetchableTopicResponse[] = []
        for (const i of send) {
          const row = turn.rows[i]!
          const outcome = facts.messageFormat2 ? outcomes[i]! : converted(row, outcomes[i]!)
          topicOf(responses, row).partitions.push(rowOf(row, outcome, facts.leaderHints))
          if (facts.leaderHints) hints.add(outcome.currentLeader)
        }
        // Kafka tells followers nothing of where leaders are: they learn it from the controller.
        const nodeEndpoints = request.replicaState.replicaId >= 0 ? [] : hints.all()
        return { throttleTimeMs: 0, errorCode, sessionId, responses, nodeEndpoints }
      }

      /** For fetchers that cannot read what is on disk. */
      function converted(row: FetchRow, outcome: FetchOutcome): FetchOutcome {
        if (outcome.records === null || outcome.records.length === 0) return outcome
        try {
          const magic = facts.messageFormat1 ? 1 : 0
          const records = downConvert(outcome.records, magic, row.fetchOffset)
          return { ...outcome, records }
        } catch (error) {
          if (error instanceof RecordsError) return unread(error.code)
          throw error
        }
      }
    },
)

function beginTurn(
  partitions: Partitions,
  request: FetchRequest,
  image: MetadataImage,
  context: RequestContext,
  facts: Facts,
): FetchTurn {
  const nameOf = (topicId: string): string | undefined => image.topics.byId.get(topicId)?.name
  const rows: FetchRow[] = []
  for (const { topic, topicId, partitions: asked } of request.topics) {
    const name = facts.topicIds ? (nameOf(topicId) ?? '') : topic
    for (const one of asked) {
      rows.push({
        topic: name,
        topicId: facts.topicIds ? topicId : ZERO_UUID,
        partition: one.partition,
        // Any negative epoch is none here, unlike in ListOffsets.
        currentLeaderEpoch: Math.max(one.currentLeaderEpoch, -1),
        fetchOffset: one.fetchOffset,
        lastFetchedEpoch: Math.max(one.lastFetchedEpoch, -1),
        logStartOffset: one.logStartOffset,
        maxBytes: one.partitionMaxBytes,
      })
    }
  }
  return partitions.sessions.begin({
    sessionId: request.sessionId,
    sessionEpoch: request.sessionEpoch,
    rows: mayRepeat(request.topics) ? withoutRepeats(rows) : rows,
    forgotten: request.forgottenTopicsData.flatMap(({ topic, topicId, partitions: indexes }) =>
      indexes.map(partition => ({ topic, topicId, partition })),
    ),
    isFollower: request.replicaState.replicaId >= 0,
    usesTopicIds: facts.topicIds,
    principalName: context.principal.name,
    nameOf,
  })
}

/** Most fetchers name one topic, or each topic once and its partitions in order. */
function mayRepeat(topics: FetchRequest['topics']): boolean {
  if (topics.length > 1 && new Set(topics.map(t => t.topic + t.topicId)).size < topics.length) return true
  return topics.some(({ partitions }) =>
    partitions.some((one, i) => i > 0 && one.partition <= partitions[i - 1]!.partition),
  )
}

/** A partition asked for twice is answered once: in the first place, to the last question. */
function withoutRepeats(rows: readonly FetchRow[]): FetchRow[] {
  const last = new Map<string, FetchRow>()
  for (const row of rows) last.set(`${row.topicId} ${row.topic} ${row.partition}`, row)
  return [...last.values()]
}

function optionsOf(request: FetchRequest, limitBytes: number): FetchOptions {
  const { replicaId, replicaEpoch } = request.replicaState
  const maxBytes = Math.min(request.maxBytes, limitBytes)
  const isolation: Isolation =
    replicaId >= 0 || replicaId === FUTURE_LOCAL_REPLICA
      ? 'log-end'
      : request.isolationLevel === READ_COMMITTED
        ? 'txn-committed'
        : 'high-watermark'
  const minBytes = Math.min(request.minBytes, maxBytes)
  return { replicaId, replicaEpoch, isolation, maxWaitMs: request.maxWaitMs, minBytes, maxBytes }
}

/** Puts the refused rows back between the others. */
function merge(
  found: readonly FetchOutcome[],
  codes: readonly number[] | undefined,
): readonly FetchOutcome[] {
  if (codes === undefined) return found
  let next = 0
  return codes.map(code => (code === 0 ? found[next++]! : unread(code)))
}

/** The answer's topic for a row: the last one if it is the same, as Kafka groups them. */
function topicOf(responses: FetchableTopicResponse[], row: FetchRow): FetchableTopicResponse {
  const last = responses.at(-1)
  if (last !== undefined && last.topic === row.topic && last.topicId === row.topicId) return last
  const topic = { topic: row.topic, topicId: row.topicId, partitions: [] }
  responses.push(topic)
  return topic
}

function rowOf(row: FetchRow, outcome: FetchOutcome, leaderHints: boolean): FetchPartitionData {
  return {
    partitionIndex: row.partition,
    errorCode: outcome.errorCode,
    highWatermark: outcome.highWatermark,
    lastStableOffset: outcome.lastStableOffset,
    logStartOffset: outcome.logStartOffset,
    divergingEpoch: outcome.divergingEpoch ?? NO_DIVERGENCE,
    currentLeader: (leaderHints ? outcome.currentLeader : null) ?? NO_LEADER,
    snapshotId: NO_SNAPSHOT,
    abortedTransactions: outcome.abortedTransactions === null ? null : [...outcome.abortedTransactions],
    preferredReadReplica: outcome.preferredReadReplica,
    records: outcome.records,
  }
}

/** A row that says nothing but its code. */
function unread(errorCode: number): FetchOutcome {
  return {
    errorCode,
    highWatermark: -1,
    lastStableOffset: -1,
    logStartOffset: -1,
    divergingEpoch: null,
    currentLeader: null,
    abortedTransactions: [],
    preferredReadReplica: -1,
    records: EMPTY,
  }
}
