/**
 * The conversation of broker/handlers/testing/group-scenario.ts over a real connection: 152 requests about groups and offsets at many
 * versions, right and wrong, and the answers Apache Kafka 4.3.1 gave. With COMPAT_BOOTSTRAP set to a fresh Kafka (and
 * group.initial.rebalance.delay.ms=0) the same file shows that Kafka still answers so; REWRITE=1 then takes its answers down.
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { groupScenario, type Partner } from '../../broker/handlers/testing/group-scenario.ts'
import { ZERO_UUID } from '../../protocol/uuid.ts'
import { eventually, startTarget } from '../target.ts'
import { RawClient } from './client.ts'

const kafkasAnswers = join(import.meta.dirname, '../../broker/handlers/testing/group-answers.kafka-4.3.1.txt')
const TOPICS = ['t', 'u', 'gone']
const CREATE = { numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }

class Clients implements Partner {
  readonly #bootstrap: string
  readonly #clients = new Map<string, RawClient>()

  constructor(bootstrap: string) {
    this.#bootstrap = bootstrap
  }

  call(
    name: string,
    api: string,
    version: number,
    request: object,
  ): Promise<Readonly<Record<string, unknown>>> {
    let client = this.#clients.get(name)
    if (client === undefined) this.#clients.set(name, (client = new RawClient(this.#bootstrap, name)))
    return client.call(api, version, request)
  }

  async prepare(): Promise<void> {
    await eventually('a group coordinator', async () => {
      const found = await this.call('admin', 'FindCoordinator', 4, { coordinatorKeys: ['g'] })
      const [row] = found['coordinators'] as { errorCode: number }[]
      return row!.errorCode === 0
    })
    await eventually('a coordinator that has loaded', async () => {
      const described = await this.call('admin', 'DescribeGroups', 0, { groups: ['g'] })
      const [row] = described['groups'] as { errorCode: number }[]
      return row!.errorCode === 0
    })
    const topics = TOPICS.map(name => ({ name, ...CREATE }))
    await this.call('admin', 'CreateTopics', 5, { topics, timeoutMs: 5000 })
    await eventually('the topics', async () => (await this.topicIds()).size === TOPICS.length)
  }

  async topicIds(): Promise<ReadonlyMap<string, string>> {
    const topics = TOPICS.map(name => ({ name, topicId: ZERO_UUID }))
    const answer = await this.call('admin', 'Metadata', 12, { topics, allowAutoTopicCreation: false })
    const rows = answer['topics'] as { name: string; topicId: string; errorCode: number }[]
    return new Map(rows.filter(row => row.errorCode === 0).map(row => [row.name, row.topicId]))
  }

  async deleteTopic(name: string): Promise<void> {
    await this.call('admin', 'DeleteTopics', 3, { topicNames: [name], timeoutMs: 5000 })
    await eventually(`${name} is gone`, async () => !(await this.topicIds()).has(name))
    await this.pause()
  }

  /** Kafka needs a moment until a deleted topic's offsets are gone, or a parked request has arrived. */
  pause(): Promise<void> {
    return new Promise(resolve => setTimeout(resolve, process.env.COMPAT_BOOTSTRAP ? 500 : 50))
  }

  close(): void {
    for (const client of this.#clients.values()) client.close()
  }
}

test('groups and offsets: the answers are those of Apache Kafka', async () => {
  await using target = await startTarget()
  const clients = new Clients(target.bootstrap)
  try {
    await clients.prepare()
    const answers = await groupScenario(clients)
    if (process.env.REWRITE === '1' && process.env.COMPAT_BOOTSTRAP) writeFileSync(kafkasAnswers, answers)
    expect(answers.split('\n')).toEqual(readFileSync(kafkasAnswers, 'utf8').split('\n'))
  } finally {
    clients.close()
  }
}, 60_000)
