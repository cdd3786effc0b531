/**
 * DescribeTopicPartitions: topics in alphabetical order, page by page: after a limited number of partitions the answer names the next one
 * as a cursor (KIP-966). Answers to Kafka's DescribeTopicPartitionsRequestHandler.
 *
 *   limit 4    a: 0 1 2   b: 0 │ 1 2 3        cursor b:1; the next request repeats its topics and sends it back
 */
import {
  DescribeTopicPartitions,
  type DescribeTopicPartitionsRequest,
  type DescribeTopicPartitionsResponseTopic,
} from '../../protocol/apis/75-describe-topic-partitions.ts'
import { Errors } from '../../protocol/errors.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import type { MetadataImage, MetadataSource } from '../metadata/image.ts'
import { type Authorizer, authorizedOperations, OPERATIONS_NOT_REQUESTED } from '../ports/authorizer.ts'
import type { Endpoints } from '../ports/endpoints.ts'
import { defineHandler, RequestError } from './handler.ts'
import { partitionRows } from './partition-rows.ts'
import { absentTopicCode, isInternalTopic, ZERO_UUID } from './rows.ts'

export interface DescribeTopicPartitionsNeeds {
  readonly metadata: MetadataSource
  readonly authorizer: Authorizer
  readonly endpoints: Endpoints
  readonly config: Pick<BrokerConfig, 'get'>
}

export default defineHandler(
  DescribeTopicPartitions,
  { access: 'per-resource' },
  ({ metadata, authorizer, endpoints, config }: DescribeTopicPartitionsNeeds) =>
    (request, context) => {
      const image = metadata.current()
      const all = request.topics.length === 0
      const mayDescribe = (name: string): boolean => authorizer.authorize(context, 'DESCRIBE', 'TOPIC', name)
      const names = namesFrom(request, image)
      const limit = Math.max(
        1,
        Math.min(config.get('max.request.partition.size.limit'), request.responsePartitionLimit),
      )

      const topics: DescribeTopicPartitionsResponseTopic[] = []
      let left = limit
      let nextCursor: { topicName: string; partitionIndex: number } | null = null
      for (const name of names.filter(mayDescribe)) {
        const topic = image.topics.byName.get(name)
        if (left === 0) {
          nextCursor = { topicName: name, partitionIndex: 0 }
          break
        }
        if (topic === undefined) {
          if (!all) topics.push(withOperations(bare(absentTopicCode(name), name)))
          continue
        }
        const start = request.cursor?.topicName === name ? request.cursor.partitionIndex : 0
        const partitions = partitionRows(topic, start, left, { image, context, endpoints })
        // A partition without a leader has no error here: the leader is -1, and that is all.
        for (const row of partitions) row.errorCode = 0
        topics.push(withOperations({ ...bare(0, name), topicId: topic.id, partitions }))
        left -= partitions.length
        if (start + partitions.length < topic.partitions.size) {
          nextCursor = { topicName: name, partitionIndex: start + partitions.length }
          break
        }
      }
      if (!all) {
        const denied = Errors.TOPIC_AUTHORIZATION_FAILED.code
        for (const name of names) if (!mayDescribe(name)) topics.push(bare(denied, name))
      }
      return { throttleTimeMs: 0, topics, nextCursor }

      function withOperations(
        row: DescribeTopicPartitionsResponseTopic,
      ): DescribeTopicPartitionsResponseTopic {
        row.topicAuthorizedOperations = authorizedOperations(authorizer, context, 'TOPIC', row.name!)
        return row
      }
    },
)

/** The topics from the cursor's on, sorted by UTF-16 code units, as Java's String.compareTo does. */
function namesFrom({ topics, cursor }: DescribeTopicPartitionsRequest, image: MetadataImage): string[] {
  const asked = topics.length === 0 ? image.topics.byName.keys() : topics.map(topic => topic.name)
  const first = cursor?.topicName ?? ''
  const names = [...new Set(asked)].filter(name => name >= first).sort()
  if (cursor !== null && topics.length > 0 && !names.includes(cursor.topicName)) {
    throw new RequestError(
      Errors.INVALID_REQUEST,
      `the topic of the cursor, ${cursor.topicName}, is not in the list`,
    )
  }
  if (cursor !== null && cursor.partitionIndex < 0) {
    throw new RequestError(Errors.INVALID_REQUEST, `the partition of the cursor is ${cursor.partitionIndex}`)
  }
  return names
}

function bare(errorCode: number, name: string): DescribeTopicPartitionsResponseTopic {
  return {
    errorCode,
    name,
    topicId: ZERO_UUID,
    isInternal: isInternalTopic(name),
    partitions: [],
    topicAuthorizedOperations: OPERATIONS_NOT_REQUESTED,
  }
}
