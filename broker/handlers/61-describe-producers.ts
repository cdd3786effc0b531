/** DescribeProducers: the producers a partition remembers, for finding hanging transactions (KIP-664). */
import { DescribeProducers, type PartitionResponse } from '../../protocol/apis/61-describe-producers.ts'
import { Errors } from '../../protocol/errors.ts'
import type { MetadataSource } from '../metadata/image.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { Partitions } from '../ports/partitions.ts'
import { defineHandler } from './handler.ts'
import { isLegalTopicName, partitionExists } from './rows.ts'

export interface DescribeProducersNeeds {
  readonly metadata: MetadataSource
  readonly authorizer: Authorizer
  readonly partitions: Partitions
}

export default defineHandler(
  DescribeProducers,
  { access: 'per-resource' },
  ({ metadata, authorizer, partitions }: DescribeProducersNeeds) =>
    (request, context) => {
      const image = metadata.current()
      const topics = request.topics.map(({ name, partitionIndexes }) => {
        const topicCode = !isLegalTopicName(name)
          ? Errors.INVALID_TOPIC_EXCEPTION.code
          : authorizer.authorize(context, 'READ', 'TOPIC', name)
            ? 0
            : Errors.TOPIC_AUTHORIZATION_FAILED.code
        return { name, partitions: partitionIndexes.map(index => describe(name, index, topicCode)) }
      })
      return { throttleTimeMs: 0, topics }

      function describe(topic: string, partitionIndex: number, topicCode: number): PartitionResponse {
        const code =
          topicCode !== 0 || partitionExists(image, topic, partitionIndex)
            ? topicCode
            : Errors.UNKNOWN_TOPIC_OR_PARTITION.code
        if (code !== 0) return { partitionIndex, errorCode: code, errorMessage: null, activeProducers: [] }
        const { errorCode, producers } = partitions.activeProducers(topic, partitionIndex)
        const activeProducers = producers.map(producer => ({
          ...producer,
          producerId: BigInt(producer.producerId),
          lastTimestamp: BigInt(producer.lastTimestamp),
        }))
        return { partitionIndex, errorCode, errorMessage: null, activeProducers }
      }
    },
)
