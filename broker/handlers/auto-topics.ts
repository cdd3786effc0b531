/**
 * Topics that come into being because somebody asked Metadata for them (auto.create.topics.enable). What they are made of is the settings',
 * for the coordinators' topics those of their own. Answers to Kafka's AutoTopicCreationManager.
 */
import type { BrokerConfig } from '../config/broker-config.ts'
import type { CreatableTopic } from '../../protocol/apis/19-create-topics.ts'
import type { Controller, CreatableTopicResult } from '../ports/controller.ts'
import type { InternalTopics } from '../ports/internal-topics.ts'

export interface AutoTopicsNeeds {
  readonly controller: Controller
  readonly config: Pick<BrokerConfig, 'get'>
  readonly internalTopics: Pick<InternalTopics, 'creatable'>
}

/** Creates what is asked for; names whose creation is under way already wait for it instead. */
export class AutoTopics {
  readonly #needs: AutoTopicsNeeds
  readonly #underWay = new Map<string, Promise<CreatableTopicResult[]>>()

  constructor(needs: AutoTopicsNeeds) {
    this.#needs = needs
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
    const topics = names.map(name => this.#creatable(name))
    const creation = this.#needs.controller.createTopics({ topics, validateOnly: false }).finally(() => {
      for (const name of names) this.#underWay.delete(name)
    })
    for (const name of names) this.#underWay.set(name, creation)
  }

  #creatable(name: string): CreatableTopic {
    const { config, internalTopics } = this.#needs
    const numPartitions = config.get('num.partitions')
    const replicationFactor = config.get('default.replication.factor')
    return (
      internalTopics.creatable(name) ?? {
        name,
        ...{ numPartitions, replicationFactor },
        ...{ assignments: [], configs: [] },
      }
    )
  }
}
