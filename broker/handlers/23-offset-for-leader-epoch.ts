/**
 * OffsetForLeaderEpoch: where a leader epoch ends on our log, by which followers and consumers find out whether theirs was truncated
 * (KIP-101, KIP-320). Open to replicas (CLUSTER_ACTION) and to whoever may describe the topic.
 */
import { OffsetForLeaderEpoch } from '../../protocol/apis/23-offset-for-leader-epoch.ts'
import { Errors } from '../../protocol/errors.ts'
import type { MetadataSource } from '../metadata/image.ts'
import { type Authorizer, CLUSTER_NAME } from '../ports/authorizer.ts'
import type { EpochEnd, Partitions } from '../ports/partitions.ts'
import { defineHandler } from './handler.ts'
import { partitionExists } from './rows.ts'

export interface OffsetForLeaderEpochNeeds {
  readonly metadata: MetadataSource
  readonly authorizer: Authorizer
  readonly partitions: Partitions
}

export default defineHandler(
  OffsetForLeaderEpoch,
  { access: 'per-resource' },
  ({ metadata, authorizer, partitions }: OffsetForLeaderEpochNeeds) =>
    (request, context) => {
      const image = metadata.current()
      const isReplica = authorizer.authorize(context, 'CLUSTER_ACTION', 'CLUSTER', CLUSTER_NAME)
      const topics = request.topics.map(({ topic, partitions: asked }) => {
        const allowed = isReplica || authorizer.authorize(context, 'DESCRIBE', 'TOPIC', topic)
        const rows = asked.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
          const end = !allowed
            ? failed(Errors.TOPIC_AUTHORIZATION_FAILED.code)
            : partitionExists(image, topic, partition)
              ? partitions.endOffsetForEpoch({ topic, partition, currentLeaderEpoch, leaderEpoch })
              : failed(Errors.UNKNOWN_TOPIC_OR_PARTITION.code)
          return { partition, ...end }
        })
        return { topic, partitions: rows }
      })
      return { throttleTimeMs: 0, topics }
    },
)

const failed = (errorCode: number): EpochEnd => ({ errorCode, leaderEpoch: -1, endOffset: -1 })
