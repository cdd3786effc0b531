/**
 * What handlers of topics and partitions share: legal and internal topic names, existence in the image the handler took, the grouping of
 * answer rows, and the endpoints of leaders that rows point to (KIP-951).
 */
import { Errors } from '../../protocol/errors.ts'
import type { MetadataImage } from '../metadata/image.ts'
import { invalidTopicName } from '../metadata/topic-name.ts'
import type { Endpoint, Endpoints } from '../ports/endpoints.ts'
import type { CurrentLeader } from '../ports/partitions.ts'
import type { RequestContext } from '../ports/request-context.ts'

export { ZERO_UUID } from '../../protocol/uuid.ts'
export { isInternalTopic } from '../ports/internal-topics.ts'

export const isLegalTopicName = (topic: string): boolean => invalidTopicName(topic) === undefined

export function partitionExists(image: MetadataImage, topic: string, partition: number): boolean {
  return image.topics.byName.get(topic)?.partitions.has(partition) ?? false
}

/** What to say of a topic that is not there: a name that could never be, or one that is not yet. */
export function absentTopicCode(topic: string): number {
  return isLegalTopicName(topic)
    ? Errors.UNKNOWN_TOPIC_OR_PARTITION.code
    : Errors.INVALID_TOPIC_EXCEPTION.code
}

/** Rows of an answer that has one for each partition, however often it was asked for: the last question counts. */
export class RowsByTopic<Row> {
  readonly #topics = new Map<string, Map<number, Row>>()

  set(topic: string, partition: number, row: Row): void {
    const rows = this.#topics.get(topic)
    if (rows === undefined) this.#topics.set(topic, new Map([[partition, row]]))
    else rows.set(partition, row)
  }

  get topics(): { readonly name: string; readonly partitions: Row[] }[] {
    return [...this.#topics].map(([name, rows]) => ({ name, partitions: [...rows.values()] }))
  }
}

interface TopicRow {
  readonly name: string
  readonly topicId?: string
  readonly partitions: unknown[]
}

/**
 * The rows a handler refused by itself, with those its coordinator answered: a topic of both is one. Where nothing was refused the
 * coordinator's rows stay as they are, topics named twice among them (the builders of Kafka's OffsetCommitResponse and
 * OffsetDeleteResponse).
 */
export function mergeTopics<T extends TopicRow>(refused: readonly T[], answered: readonly T[]): T[] {
  const merged = new Map<string, T>()
  for (const topic of refused.length === 0 ? [] : [...refused, ...answered]) {
    const key = topic.name === '' ? ` ${topic.topicId}` : topic.name
    const known = merged.get(key)
    if (known === undefined) merged.set(key, topic)
    else known.partitions.push(...topic.partitions)
  }
  return refused.length === 0 ? [...answered] : [...merged.values()]
}

/** Collects the endpoints of the leaders that rows name, each once. */
export class LeaderHints {
  readonly #endpoints: Endpoints
  readonly #context: RequestContext
  #found: Map<number, Endpoint> | undefined

  constructor(endpoints: Endpoints, context: RequestContext) {
    this.#endpoints = endpoints
    this.#context = context
  }

  add(leader: CurrentLeader | null): void {
    if (leader === null || leader.leaderId < 0 || this.#found?.has(leader.leaderId)) return
    const endpoint = this.#endpoints.endpointOf(leader.leaderId, this.#context)
    if (endpoint !== undefined) (this.#found ??= new Map()).set(leader.leaderId, endpoint)
  }

  all(): Endpoint[] {
    return this.#found === undefined ? [] : [...this.#found.values()]
  }
}
