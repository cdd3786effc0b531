/**
 * OffsetCommit. Rows that fail here (topic id unknown, not authorized, not there) are answered beside those that the coordinator
 * answers. Topics may come by name or, from v10, by id; what is stored carries both.
 */
import {
  OffsetCommit,
  type OffsetCommitRequestTopic,
  type OffsetCommitResponseTopic,
} from '../../protocol/apis/08-offset-commit.ts'
import { Errors } from '../../protocol/errors.ts'
import type { MetadataSource, TopicImage } from '../metadata/image.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { GroupCoordinator } from '../ports/groups.ts'
import { defineHandler, RequestError } from './handler.ts'
import { mergeTopics } from './rows.ts'

export default defineHandler(
  OffsetCommit,
  {
    serves: [1, 10],
    access: 'per-resource',
    deviations: [
      'Version 0, which wrote to ZooKeeper, is not served; Kafka 3.9 advertises it and refuses it.',
      'A commit from outside of which every row is refused leaves no group; in Kafka an empty one stays in memory until the next restart.',
    ],
  },
  ({
    groups,
    authorizer,
    metadata,
  }: {
    groups: GroupCoordinator
    authorizer: Authorizer
    metadata: MetadataSource
  }) =>
    async (request, context, facts) => {
      if (!authorizer.authorize(context, 'READ', 'GROUP', request.groupId))
        throw new RequestError(Errors.GROUP_AUTHORIZATION_FAILED)
      const image = metadata.current()
      const refused: OffsetCommitResponseTopic[] = []
      const accepted: OffsetCommitRequestTopic[] = []
      for (const topic of request.topics) {
        const known = facts.topicIds
          ? image.topics.byId.get(topic.topicId)
          : image.topics.byName.get(topic.name)
        const name = facts.topicIds ? (known?.name ?? '') : topic.name
        if (facts.topicIds && known === undefined) refused.push(rowsOf(topic, name, Errors.UNKNOWN_TOPIC_ID))
        else if (!authorizer.authorize(context, 'READ', 'TOPIC', name))
          refused.push(rowsOf(topic, name, Errors.TOPIC_AUTHORIZATION_FAILED))
        else if (known === undefined) refused.push(rowsOf(topic, name, Errors.UNKNOWN_TOPIC_OR_PARTITION))
        else split(topic, known, accepted, refused)
      }
      if (accepted.length === 0) return { throttleTimeMs: 0, topics: mergeTopics(refused, []) }
      const answer = await groups.commitOffsets(
        { ...request, topics: accepted },
        { ...context, ...VERSION_FREE, missingGroupIsNamed: facts.memberEpochs },
      )
      return { throttleTimeMs: 0, topics: mergeTopics(refused, answer.topics) }
    },
)

const VERSION_FREE = { requiresKnownMemberId: false, supportsSkippingAssignment: false }

function rowsOf(
  { topicId, partitions }: OffsetCommitRequestTopic,
  name: string,
  error: { readonly code: number },
): OffsetCommitResponseTopic {
  const rows = partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode: error.code }))
  return { topicId, name, partitions: rows }
}

/** Partitions that exist go on under the topic's name and id; the others are answered. */
function split(
  topic: OffsetCommitRequestTopic,
  known: TopicImage,
  accepted: OffsetCommitRequestTopic[],
  refused: OffsetCommitResponseTopic[],
): void {
  const exists = (partition: { partitionIndex: number }): boolean =>
    known.partitions.has(partition.partitionIndex)
  const there = topic.partitions.filter(exists)
  const missing = topic.partitions.filter(partition => !exists(partition))
  if (there.length > 0) accepted.push({ topicId: known.id, name: known.name, partitions: there })
  if (missing.length > 0)
    refused.push(rowsOf({ ...topic, partitions: missing }, known.name, Errors.UNKNOWN_TOPIC_OR_PARTITION))
}
