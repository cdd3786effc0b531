/**
 * OffsetFetch, of several groups at once. A client sees offsets only of topics it may DESCRIBE: asked for by name, the others say so;
 * asked for all, they are left out. Where a version has no place for a group's error, its partitions carry it.
 */
import {
  OffsetFetch,
  type OffsetFetchRequestGroup,
  type OffsetFetchRequestTopics,
  type OffsetFetchResponseGroup,
  type OffsetFetchResponseTopics,
} from '../../protocol/apis/09-offset-fetch.ts'
import { Errors } from '../../protocol/errors.ts'
import { ZERO_UUID } from '../../protocol/uuid.ts'
import type { MetadataImage, MetadataSource } from '../metadata/image.ts'
import type { Authorizer } from '../ports/authorizer.ts'
import type { GroupCoordinator } from '../ports/groups.ts'
import { defineHandler } from './handler.ts'

export default defineHandler(
  OffsetFetch,
  {
    serves: [1, 10],
    access: 'per-resource',
    deviations: [
      'Version 0, which read from ZooKeeper, is not served; Kafka 3.9 advertises it and refuses it.',
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
      const image = metadata.current()
      const mayDescribe = (topic: string): boolean =>
        authorizer.authorize(context, 'DESCRIBE', 'TOPIC', topic)
      const allOf = async (group: OffsetFetchRequestGroup): Promise<OffsetFetchResponseGroup> => {
        const answer = await groups.fetchOffsets(group, request.requireStable)
        const topics = answer.topics.filter(topic => mayDescribe(topic.name))
        return { ...answer, topics: facts.topicIds ? withIds(topics, image) : topics }
      }

      const some = async (
        group: OffsetFetchRequestGroup,
        asked: readonly OffsetFetchRequestTopics[],
      ): Promise<OffsetFetchResponseGroup> => {
        const refused: OffsetFetchResponseTopics[] = []
        const accepted: OffsetFetchRequestTopics[] = []
        for (const topic of asked) {
          const name = facts.topicIds ? (image.topics.byId.get(topic.topicId)?.name ?? '') : topic.name
          if (facts.topicIds && name === '')
            refused.push(errorRows({ ...topic, name }, Errors.UNKNOWN_TOPIC_ID))
          else if (!mayDescribe(name))
            refused.push(errorRows({ ...topic, name }, Errors.TOPIC_AUTHORIZATION_FAILED))
          else accepted.push({ ...topic, name })
        }
        const answer = await groups.fetchOffsets({ ...group, topics: accepted }, request.requireStable)
        return { ...answer, topics: [...answer.topics, ...refused] }
      }

      const answers = request.groups.map(async (group): Promise<OffsetFetchResponseGroup> => {
        if (!authorizer.authorize(context, 'DESCRIBE', 'GROUP', group.groupId))
          return failed(group, Errors.GROUP_AUTHORIZATION_FAILED, facts.groupErrors)
        const answer = group.topics === null ? await allOf(group) : await some(group, group.topics)
        return answer.errorCode === Errors.NONE.code
          ? answer
          : failed(group, { code: answer.errorCode }, facts.groupErrors)
      })

      return { throttleTimeMs: 0, groups: await Promise.all(answers) }
    },
)

/** Offsets of topics that are gone are not told by id: there is none. */
function withIds(topics: OffsetFetchResponseTopics[], image: MetadataImage): OffsetFetchResponseTopics[] {
  return topics
    .map(topic => ({ ...topic, topicId: image.topics.byName.get(topic.name)?.id ?? ZERO_UUID }))
    .filter(topic => topic.topicId !== ZERO_UUID)
}

function failed(
  group: OffsetFetchRequestGroup,
  error: { readonly code: number },
  hasGroupErrors: boolean,
): OffsetFetchResponseGroup {
  const topics = hasGroupErrors ? [] : (group.topics ?? []).map(topic => errorRows(topic, error))
  return { groupId: group.groupId, topics, errorCode: error.code }
}

function errorRows(
  topic: OffsetFetchRequestTopics,
  error: { readonly code: number },
): OffsetFetchResponseTopics {
  return {
    name: topic.name,
    topicId: topic.topicId,
    partitions: topic.partitionIndexes.map(partitionIndex => ({
      partitionIndex,
      committedOffset: -1n,
      committedLeaderEpoch: -1,
      metadata: '',
      errorCode: error.code,
    })),
  }
}
