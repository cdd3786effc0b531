/** DeleteRecords: moves log starts up; -1 means the high watermark. Answers to KafkaApis.handleDeleteRecordsRequest; KIP-107. */
import { DeleteRecords } from '../../protocol/apis/21-delete-records.ts'
import { Errors } from '../../protocol/errors.ts'
import type { MetadataSource } from '../metadata/image.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { DeleteRecordsOutcome, DeleteRecordsRow, Partitions } from '../ports/partitions.ts'
import { defineHandler } from './handler.ts'
import { partitionExists } from './rows.ts'

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
      const wanted: DeleteRecordsRow[] = []
      const topics = request.topics.map(({ name, partitions: asked }) => {
        const allowed = authorizer.authorize(context, 'DELETE', 'TOPIC', name)
        const rows = asked.map(({ partitionIndex, offset }) => {
          if (!allowed) return rowOf(partitionIndex, refused(Errors.TOPIC_AUTHORIZATION_FAILED.code))
          if (!partitionExists(image, name, partitionIndex)) {
            return rowOf(partitionIndex, refused(Errors.UNKNOWN_TOPIC_OR_PARTITION.code))
          }
          wanted.push({ topic: name, partition: partitionIndex, offset })
          return rowOf(partitionIndex, undefined)
        })
        return { name, rows }
      })
      const outcomes = await partitions.deleteRecords(wanted, request.timeoutMs)
      let next = 0
      return {
        throttleTimeMs: 0,
        topics: topics.map(({ name, rows }) => ({
          name,
          partitions: rows.map(({ partitionIndex, outcome }) => ({
            partitionIndex,
            ...(outcome ?? outcomes[next++]!),
          })),
        })),
      }
    },
)

const rowOf = (partitionIndex: number, outcome: DeleteRecordsOutcome | undefined) => ({
  partitionIndex,
  outcome,
})

const refused = (errorCode: number): DeleteRecordsOutcome => ({ errorCode, lowWatermark: -1 })
