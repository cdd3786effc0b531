// Internal topics come into being when somebody first needs them: FindCoordinator for a group, Metadata for their name.
// Answers to the internal part of Kafka's AutoTopicCreationManager, and to its Topic.isInternal.

import type { CreatableTopic } from '../../protocol/apis/19-create-topics.ts'

export const OFFSETS_TOPIC = '__consumer_offsets'
export const TRANSACTION_STATE_TOPIC = '__transaction_state'
export const SHARE_GROUP_STATE_TOPIC = '__share_group_state'
/** The controller's own log. Not among the internal topics: no image has it. */
export const METADATA_TOPIC = '__cluster_metadata'

const INTERNAL: ReadonlySet<string> = new Set([
  OFFSETS_TOPIC,
  TRANSACTION_STATE_TOPIC,
  SHARE_GROUP_STATE_TOPIC,
])
export const isInternalTopic = (topic: string): boolean => INTERNAL.has(topic)

export interface InternalTopics {
  /** How an internal topic is made (partitions, replicas, configs); undefined for any other topic. */
  creatable(topic: string): CreatableTopic | undefined
  /** Has it made, unless that is under way. Does not wait: the client is told to come back. */
  create(topic: string): void
}
