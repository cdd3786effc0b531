/**
 * ListOffsets: the offset at a time, or at one of Kafka's special ones. v0 asks for several old-style offsets. Answers to
 * KafkaApis.handleListOffsetRequest and ReplicaManager.fetchOffset; KIP-79, KIP-207, KIP-734, KIP-405, KIP-1005.
 *
 *   -1 latest   -2 earliest   -3 max timestamp   -4 earliest local   -5 latest tiered   -6 earliest pending upload
 */
import {
  ListOffsets,
  type ListOffsetsPartition,
  type ListOffsetsPartitionResponse,
  type ListOffsetsRequest,
} from '../../protocol/apis/02-list-offsets.ts'
import { Errors } from '../../protocol/errors.ts'
import { type MetadataSource } from '../metadata/image.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { OffsetQuery, Partitions } from '../ports/partitions.ts'
import { defineHandler, type FactsOf } from './handler.ts'
import { partitionExists, RowsByTopic } from './rows.ts'

const CONSUMER = -1

export interface ListOffsetsNeeds {
  readonly metadata: MetadataSource
  readonly authorizer: Authorizer
  readonly partitions: Partitions
}

export default defineHandler(
  ListOffsets,
  { access: 'per-resource' },
  ({ metadata, authorizer, partitions }: ListOffsetsNeeds) =>
    (request, context, facts) => {
      const image = metadata.current()
      const repeated = facts.singleOffset ? duplicates(request) : new Set<string>()
      const topics = (facts.singleOffset ? once(request) : request.topics).map(
        ({ name, partitions: asked }) => {
          const allowed = authorizer.authorize(context, 'DESCRIBE', 'TOPIC', name)
          return { name, partitions: asked.map(one => (allowed ? find(name, one) : denied(one))) }
        },
      )
      return { throttleTimeMs: 0, topics }

      function find(topic: string, one: ListOffsetsPartition): ListOffsetsPartitionResponse {
        if (repeated.has(`${topic}:${one.partitionIndex}`)) return failed(one, Errors.INVALID_REQUEST.code)
        if (!supports(facts, one.timestamp)) return failed(one, Errors.UNSUPPORTED_VERSION.code)
        if (!partitionExists(image, topic, one.partitionIndex)) {
          return failed(one, Errors.UNKNOWN_TOPIC_OR_PARTITION.code)
        }
        const query = queryOf(request, topic, one)
        if (!facts.singleOffset) {
          const { errorCode, offsets } = partitions.legacyOffsetsBefore(query, one.maxNumOffsets)
          return { ...failed(one, errorCode), oldStyleOffsets: offsets }
        }
        const { errorCode, timestamp, offset, leaderEpoch } = partitions.offsetFor(query)
        return { ...failed(one, errorCode), timestamp: BigInt(timestamp), offset, leaderEpoch }
      }
    },
)

function queryOf(request: ListOffsetsRequest, topic: string, one: ListOffsetsPartition): OffsetQuery {
  const isConsumer = request.replicaId === CONSUMER
  return {
    topic,
    partition: one.partitionIndex,
    currentLeaderEpoch: one.currentLeaderEpoch,
    timestamp: Number(one.timestamp),
    isolation: isConsumer ? (request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted') : null,
    replicaId: request.replicaId,
  }
}

/** Kafka's answer has one row for a partition, however often it was named. */
function once(request: ListOffsetsRequest): ListOffsetsRequest['topics'] {
  const rows = new RowsByTopic<ListOffsetsPartition>()
  for (const { name, partitions } of request.topics)
    for (const one of partitions) rows.set(name, one.partitionIndex, one)
  return rows.topics
}

/** Partitions named more than once: they are refused. */
function duplicates(request: ListOffsetsRequest): Set<string> {
  const seen = new Set<string>()
  const twice = new Set<string>()
  for (const { name, partitions } of request.topics) {
    for (const { partitionIndex } of partitions) {
      const key = `${name}:${partitionIndex}`
      if (seen.has(key)) twice.add(key)
      seen.add(key)
    }
  }
  return twice
}

/** Negative times are names, and each came with a version. */
function supports(facts: FactsOf<typeof ListOffsets>, timestamp: bigint): boolean {
  if (timestamp >= -2n) return true
  switch (timestamp) {
    case -3n:
      return facts.maxTimestamp
    case -4n:
      return facts.earliestLocal
    case -5n:
      return facts.latestTiered
    case -6n:
      return facts.earliestPendingUpload
    default:
      return false
  }
}

const denied = (one: ListOffsetsPartition): ListOffsetsPartitionResponse =>
  failed(one, Errors.TOPIC_AUTHORIZATION_FAILED.code)

function failed(one: ListOffsetsPartition, errorCode: number): ListOffsetsPartitionResponse {
  const { partitionIndex } = one
  return { partitionIndex, errorCode, oldStyleOffsets: [], timestamp: -1n, offset: -1, leaderEpoch: -1 }
}
