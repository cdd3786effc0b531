// Internal topics come into being when somebody first needs them: FindCoordinator for a group, Metadata for their name.
// Answers to the internal part of Kafka's AutoTopicCreationManager.

import type { CreatableTopic } from '../../protocol/apis/19-create-topics.ts'

export const OFFSETS_TOPIC = '__consumer_offsets'

export interface InternalTopics {
  /** How an internal topic is made (partitions, replicas, configs); undefined for any other topic. */
  creatable(topic: string): CreatableTopic | undefined
  /** Has it made, unless that is under way. Does not wait: the client is told to come back. */
  create(topic: string): void
}
