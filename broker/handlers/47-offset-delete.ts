/** OffsetDelete: removes committed offsets of topics that a group does not subscribe to (KIP-496). */
import {
  OffsetDelete,
  type OffsetDeleteRequestTopic,
  type OffsetDeleteResponseTopic,
} from '../../protocol/apis/47-offset-delete.ts'
import { Errors } from '../../protocol/errors.ts'
import type { MetadataSource } from '../metadata/image.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { GroupCoordinator } from '../ports/groups.ts'
import { defineHandler, RequestError } from './handler.ts'
import { mergeTopics } from './rows.ts'

export default defineHandler(
  OffsetDelete,
  { access: 'per-resource' },
  ({
    groups,
    authorizer,
    metadata,
  }: {
    groups: GroupCoordinator
    authorizer: Authorizer
    metadata: MetadataSource
  }) =>
    async (request, context) => {
      if (!authorizer.authorize(context, 'DELETE', 'GROUP', request.groupId))
        throw new RequestError(Errors.GROUP_AUTHORIZATION_FAILED)
      const image = metadata.current()
      const refused: OffsetDeleteResponseTopic[] = []
      const accepted: OffsetDeleteRequestTopic[] = []
      const refuse = (
        name: string,
        partitions: OffsetDeleteRequestTopic['partitions'],
        error: { code: number },
      ) => {
        const rows = partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: error.code }))
        refused.push({ name, partitions: rows })
      }
      for (const { name, partitions } of request.topics) {
        const known = image.topics.byName.get(name)
        if (!authorizer.authorize(context, 'READ', 'TOPIC', name))
          refuse(name, partitions, Errors.TOPIC_AUTHORIZATION_FAILED)
        else if (known === undefined) refuse(name, partitions, Errors.UNKNOWN_TOPIC_OR_PARTITION)
        else {
          const there = partitions.filter(({ partitionIndex }) => known.partitions.has(partitionIndex))
          const missing = partitions.filter(({ partitionIndex }) => !known.partitions.has(partitionIndex))
          if (there.length > 0) accepted.push({ name, partitions: there })
          if (missing.length > 0) refuse(name, missing, Errors.UNKNOWN_TOPIC_OR_PARTITION)
        }
      }
      const answer = await groups.deleteOffsets({ groupId: request.groupId, topics: accepted })
      // A group that cannot be served answers for all rows.
      if (answer.errorCode !== Errors.NONE.code) return { ...answer, topics: [] }
      return { ...answer, topics: mergeTopics(refused, answer.topics) }
    },
)
