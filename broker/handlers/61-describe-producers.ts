/** DescribeProducers: the producers a partition remembers, for finding hanging transactions (KIP-664). */
import { DescribeProducers, type PartitionResponse } from '../../protocol/apis/61-describe-producers.ts'
import { Errors, type KafkaError } from '../../protocol/errors.ts'
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
        const refusal = refusalOf(name)
        return { name, partitions: partitionIndexes.map(index => describe(name, index, refusal)) }
      })
      return { throttleTimeMs: 0, topics }

      function refusalOf(topic: string): KafkaError | undefined {
        if (!isLegalTopicName(topic)) return Errors.INVALID_TOPIC_EXCEPTION
        if (!authorizer.authorize(context, 'READ', 'TOPIC', topic)) return Errors.TOPIC_AUTHORIZATION_FAILED
        return image.topics.byName.has(topic) ? undefined : Errors.UNKNOWN_TOPIC_OR_PARTITION
      }

      function describe(topic: string, partitionIndex: number, refusal?: KafkaError): PartitionResponse {
        if (refusal !== undefined) {
          const { code: errorCode, message: errorMessage } = refusal
          return { partitionIndex, errorCode, errorMessage, activeProducers: [] }
        }
        if (!partitionExists(image, topic, partitionIndex)) {
          const errorCode = Errors.UNKNOWN_TOPIC_OR_PARTITION.code
          return { partitionIndex, errorCode, errorMessage: null, activeProducers: [] }
        }
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
