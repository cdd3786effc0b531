// How the topics of coordinators are made: their own numbers of partitions and replicas, compacted, never compressed by
// the broker anew. Answers to Kafka's AutoTopicCreationManager and to each coordinator's topic configs.

import type { CreatableTopic } from '../../protocol/apis/19-create-topics.ts'
import { Errors, errorOf } from '../../protocol/errors.ts'
import type { Controller } from '../ports/controller.ts'
import { type InternalTopics, OFFSETS_TOPIC } from '../ports/internal-topics.ts'
import type { GroupCoordinatorConfig, GroupLogger } from './group/config.ts'

export class CoordinatorTopics implements InternalTopics {
  readonly #controller: Pick<Controller, 'createTopics'>
  readonly #config: GroupCoordinatorConfig
  readonly #log: GroupLogger
  readonly #underWay = new Set<string>()

  constructor(
    controller: Pick<Controller, 'createTopics'>,
    config: GroupCoordinatorConfig,
    log: GroupLogger,
  ) {
    this.#controller = controller
    this.#config = config
    this.#log = log
  }

  creatable(topic: string): CreatableTopic | undefined {
    if (topic !== OFFSETS_TOPIC) return undefined
    const config = this.#config
    return {
      name: topic,
      numPartitions: config.offsetsTopicNumPartitions,
      replicationFactor: config.offsetsTopicReplicationFactor,
      assignments: [],
      configs: [
        { name: 'cleanup.policy', value: 'compact' },
        { name: 'compression.type', value: 'producer' },
        { name: 'segment.bytes', value: String(config.offsetsTopicSegmentBytes) },
      ],
    }
  }

  create(topic: string): void {
    const creatable = this.creatable(topic)
    if (creatable === undefined || this.#underWay.has(topic)) return
    this.#underWay.add(topic)
    void this.#ask(creatable).finally(() => this.#underWay.delete(topic))
  }

  async #ask(topic: CreatableTopic): Promise<void> {
    try {
      const [result] = await this.#controller.createTopics({ topics: [topic], validateOnly: false })
      const { errorCode, errorMessage } = result ?? { errorCode: Errors.NONE.code, errorMessage: null }
      if (errorCode === Errors.NONE.code || errorCode === Errors.TOPIC_ALREADY_EXISTS.code) return
      this.#log.warn(
        { topic: topic.name, error: errorOf(errorCode).name, errorMessage },
        'an internal topic could not be created',
      )
    } catch (error) {
      // The next client that needs the topic asks again.
      this.#log.warn({ topic: topic.name, err: error }, 'an internal topic could not be created')
    }
  }
}
