/**
 * Topics that come into being because somebody asked for them: by Metadata (auto.create.topics.enable) or, for the coordinators' topics, by
 * FindCoordinator. What they are made of is the settings'. Answers to Kafka's AutoTopicCreationManager.
 */
import type { BrokerConfig } from '../config/broker-config.ts'
import type { CreatableTopic } from '../../protocol/apis/19-create-topics.ts'
import type { Controller, CreatableTopicResult } from '../ports/controller.ts'

type Settings = Pick<BrokerConfig, 'get'>

export function creatableTopic(config: Settings, name: string): CreatableTopic {
  switch (name) {
    case '__consumer_offsets':
      return topicOf(
        name,
        config.get('offsets.topic.num.partitions'),
        config.get('offsets.topic.replication.factor'),
        {
          'cleanup.policy': 'compact',
          'segment.bytes': String(config.get('offsets.topic.segment.bytes')),
          'compression.type': 'producer',
        },
      )
    case '__transaction_state':
      return topicOf(
        name,
        config.get('transaction.state.log.num.partitions'),
        config.get('transaction.state.log.replication.factor'),
        {
          'unclean.leader.election.enable': 'false',
          'compression.type': 'uncompressed',
          'cleanup.policy': 'compact',
          'min.insync.replicas': String(config.get('transaction.state.log.min.isr')),
          'segment.bytes': String(config.get('transaction.state.log.segment.bytes')),
        },
      )
    case '__share_group_state':
      return topicOf(
        name,
        config.get('share.coordinator.state.topic.num.partitions'),
        config.get('share.coordinator.state.topic.replication.factor'),
        {
          'cleanup.policy': 'delete',
          'compression.type': 'producer',
          'min.insync.replicas': String(config.get('share.coordinator.state.topic.min.isr')),
          'segment.bytes': String(config.get('share.coordinator.state.topic.segment.bytes')),
          'retention.ms': '-1',
        },
      )
    default:
      return topicOf(name, config.get('num.partitions'), config.get('default.replication.factor'), {})
  }
}

function topicOf(
  name: string,
  numPartitions: number,
  replicationFactor: number,
  configs: Readonly<Record<string, string>>,
): CreatableTopic {
  const entries = Object.entries(configs).map(([key, value]) => ({ name: key, value }))
  return { name, numPartitions, replicationFactor, assignments: [], configs: entries }
}

/** Creates what is asked for; names whose creation is under way already wait for it instead. */
export class AutoTopics {
  readonly #controller: Controller
  readonly #config: Settings
  readonly #underWay = new Map<string, Promise<CreatableTopicResult[]>>()

  constructor(controller: Controller, config: Settings) {
    this.#controller = controller
    this.#config = config
  }

  /** Resolves when all are created or refused: the error code of each. A topic that exists by then is no error. */
  async create(names: readonly string[]): Promise<Map<string, number>> {
    const fresh = names.filter(name => !this.#underWay.has(name))
    if (fresh.length > 0) this.#start(fresh)
    const wanted = new Set(names)
    const codes = new Map<string, number>()
    for (const results of await Promise.all(new Set([...wanted].map(name => this.#underWay.get(name)!)))) {
      for (const { name, errorCode } of results) if (wanted.has(name)) codes.set(name, errorCode)
    }
    return codes
  }

  #start(names: readonly string[]): void {
    const topics = names.map(name => creatableTopic(this.#config, name))
    const creation = this.#controller.createTopics({ topics, validateOnly: false }).finally(() => {
      for (const name of names) this.#underWay.delete(name)
    })
    for (const name of names) this.#underWay.set(name, creation)
  }
}
