// We answer as Apache Kafka 4.3.1 answered: 152 requests about groups and offsets, field by field. The answers were taken
// down from the real broker by the same conversation.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { AnyApi, HandlerDefinition } from './handler.ts'
import { handlers } from './registry.ts'
import { groupScenario, type Partner } from './testing/group-scenario.ts'
import { imageOf, World } from './testing/group-world.ts'

const kafkasAnswers = join(import.meta.dirname, 'testing', 'group-answers.kafka-4.3.1.txt')

function partner(): Partner {
  const world = new World()
  world.harness.config.initialRebalanceDelayMs = 0
  const topics = ['t', 'u', 'gone'].map((name, n) => ({
    name,
    id: `AAAAAAAAAAAAAAAAAAAA${n}g`,
    leaders: [1, 1],
  }))
  const offsets = { name: '__consumer_offsets', id: 'AAAAAAAAAAAAAAAAAAAA_w', leaders: [1] }
  world.image = imageOf(...topics, offsets)
  const byName = new Map<string, HandlerDefinition<AnyApi, never>>(handlers.map(h => [h.api.name, h]))

  const call: Partner['call'] = async (client, api, version, request) => {
    const answer = world.answer(byName.get(api)!, version, request, client)
    await world.harness.settle()
    world.harness.clock.advance(0)
    return (await answer) as Readonly<Record<string, unknown>>
  }
  return {
    call,
    pause: () => world.harness.settle(),
    topicIds: () => Promise.resolve(new Map(topics.map(({ name, id }) => [name, id]))),
    deleteTopic: name => {
      world.image = imageOf(...topics.filter(topic => topic.name !== name), offsets)
      world.harness.service.topicsDeleted(topics.filter(topic => topic.name === name))
      return world.harness.settle()
    },
  }
}

test("Kafka's answers are ours", async () => {
  const answers = await groupScenario(partner())
  expect(answers.split('\n')).toEqual(readFileSync(kafkasAnswers, 'utf8').split('\n'))
})
