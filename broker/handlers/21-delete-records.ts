/** DeleteRecords: moves log starts up; -1 means the high watermark. Answers to KafkaApis.handleDeleteRecordsRequest; KIP-107. */
import { DeleteRecords } from '../../protocol/apis/21-delete-records.ts'
import { Errors } from '../../protocol/errors.ts'
import type { MetadataSource } from '../metadata/image.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { DeleteRecordsOutcome, DeleteRecordsRow, Partitions } from '../ports/partitions.ts'
import { defineHandler } from './handler.ts'
import { partitionExists, RowsByTopic } from './rows.ts'

export interface DeleteRecordsNeeds {
  readonly metadata: MetadataSource
  readonly authorizer: Authorizer
  readonly partitions: Partitions
}

export default defineHandler(
  DeleteRecords,
  { access: 'per-resource' },
  ({ metadata, authorizer, partitions }: DeleteRecordsNeeds) =>
    async (request, context) => {
      const image = metadata.current()
      // One row for a partition, however often it is named; the last offset counts.
      const asked = new RowsByTopic<DeleteRecordsRow>()
      for (const { name, partitions } of request.topics)
        for (const { partitionIndex, offset } of partitions)
          asked.set(name, partitionIndex, { topic: name, partition: partitionIndex, offset })
      const wanted: DeleteRecordsRow[] = []
      const topics = asked.topics.map(({ name, partitions: rows }) => {
        const allowed = authorizer.authorize(context, 'DELETE', 'TOPIC', name)
        const outcomes = rows.map(row => {
          if (!allowed) return refused(Errors.TOPIC_AUTHORIZATION_FAILED.code)
          if (!partitionExists(image, name, row.partition))
            return refused(Errors.UNKNOWN_TOPIC_OR_PARTITION.code)
          wanted.push(row)
          return undefined
        })
        return { name, rows, outcomes }
      })
      const deleted = await partitions.deleteRecords(wanted, request.timeoutMs)
      let next = 0
      return {
        throttleTimeMs: 0,
        topics: topics.map(({ name, rows, outcomes }) => ({
          name,
          partitions: rows.map(({ partition }, i) => ({
            partitionIndex: partition,
            ...(outcomes[i] ?? deleted[next++]!),
          })),
        })),
      }
    },
)

const refused = (errorCode: number): DeleteRecordsOutcome => ({ errorCode, lowWatermark: -1 })
