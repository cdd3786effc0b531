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

/** What ACL requests are told while nothing authorizes. */
export const NO_AUTHORIZER = 'No Authorizer is configured on the broker'
