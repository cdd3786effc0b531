// How the topics of coordinators are made: their own numbers of partitions and replicas, their own policies. Answers to Kafka's AutoTopicCreationManager and to each coordinator's topic configs.

import type { CreatableTopic } from '../../protocol/apis/19-create-topics.ts'
import { Errors, errorOf } from '../../protocol/errors.ts'
import type { Controller } from '../ports/controller.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import {
  type InternalTopics,
  isInternalTopic,
  OFFSETS_TOPIC,
  SHARE_GROUP_STATE_TOPIC,
  TRANSACTION_STATE_TOPIC,
} from '../ports/internal-topics.ts'
import type { GroupLogger } from './group/config.ts'

type Settings = Pick<BrokerConfig, 'get'>

/** Kafka's topic configs of its three coordinators, in the settings' words. */
const recipes: Readonly<Record<string, (config: Settings) => Omit<CreatableTopic, 'name' | 'assignments'>>> =
  {
    [OFFSETS_TOPIC]: config => ({
      numPartitions: config.get('offsets.topic.num.partitions'),
      replicationFactor: config.get('offsets.topic.replication.factor'),
      configs: configsOf({
        'cleanup.policy': 'compact',
        'compression.type': 'producer',
        'segment.bytes': config.get('offsets.topic.segment.bytes'),
      }),
    }),
    [TRANSACTION_STATE_TOPIC]: config => ({
      numPartitions: config.get('transaction.state.log.num.partitions'),
      replicationFactor: config.get('transaction.state.log.replication.factor'),
      configs: configsOf({
        'unclean.leader.election.enable': false,
        'compression.type': 'uncompressed',
        'cleanup.policy': 'compact',
        'min.insync.replicas': config.get('transaction.state.log.min.isr'),
        'segment.bytes': config.get('transaction.state.log.segment.bytes'),
      }),
    }),
    [SHARE_GROUP_STATE_TOPIC]: config => ({
      numPartitions: config.get('share.coordinator.state.topic.num.partitions'),
      replicationFactor: config.get('share.coordinator.state.topic.replication.factor'),
      configs: configsOf({
        'cleanup.policy': 'delete',
        'compression.type': 'producer',
        'min.insync.replicas': config.get('share.coordinator.state.topic.min.isr'),
        'segment.bytes': config.get('share.coordinator.state.topic.segment.bytes'),
        'retention.ms': -1,
      }),
    }),
  }

const configsOf = (configs: Readonly<Record<string, string | number | boolean>>): CreatableTopic['configs'] =>
  Object.entries(configs).map(([name, value]) => ({ name, value: String(value) }))

export class CoordinatorTopics implements InternalTopics {
  readonly #controller: Pick<Controller, 'createTopics'>
  readonly #config: Settings
  readonly #log: GroupLogger
  readonly #underWay = new Set<string>()

  constructor(controller: Pick<Controller, 'createTopics'>, config: Settings, log: GroupLogger) {
    this.#controller = controller
    this.#config = config
    this.#log = log
  }

  creatable(topic: string): CreatableTopic | undefined {
    if (!isInternalTopic(topic)) return undefined
    return { name: topic, assignments: [], ...recipes[topic]!(this.#config) }
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
