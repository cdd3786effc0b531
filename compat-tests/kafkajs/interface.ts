/** What KafkaJS and confluent-kafka-javascript have in common: the interface of the former, and what our tests of both do through it. */
import type { Admin, EachMessagePayload, Producer } from 'kafkajs'
import { expect } from 'vitest'
import type { Target } from '../target.ts'

/** A record as a test looks at it. */
export interface Seen {
  readonly partition: number
  readonly offset: string
  readonly key: string | undefined
  readonly value: string | undefined
  readonly headers: Record<string, string>
}

/** An `eachMessage` that keeps what comes. */
export const keepIn =
  (seen: Seen[]) =>
  async ({ partition, message }: EachMessagePayload): Promise<void> => {
    const { offset, key, value } = message
    const headers = Object.fromEntries(Object.entries(message.headers ?? {}).map(([k, v]) => [k, String(v)]))
    seen.push({ partition, offset, key: key?.toString(), value: value?.toString(), headers })
  }

export async function expectTooLarge(
  target: Target,
  admin: Admin,
  producer: Producer,
  how: object,
): Promise<void> {
  const topic = target.unique('small')
  const configEntries = [{ name: 'max.message.bytes', value: '1000' }]
  await admin.createTopics({ topics: [{ topic, configEntries, numPartitions: 1, replicationFactor: 1 }] })
  const tooLarge = producer.send({ topic, messages: [{ value: 'x'.repeat(2000) }] })
  await expect(tooLarge).rejects.toMatchObject(how)
}

/** Ten records a second apart in an empty topic: one is found by its time, six are deleted. */
export async function expectOffsets(admin: Admin, producer: Producer, topic: string): Promise<void> {
  const base = Date.now() - 10_000
  const at = (i: number) => ({ value: `${i}`, timestamp: String(base + i * 1000) })
  await producer.send({ topic, messages: Array.from({ length: 10 }, (_, i) => at(i)) })
  expect(await admin.fetchTopicOffsetsByTimestamp(topic, base + 3500)).toMatchObject([
    { partition: 0, offset: '4' },
  ])
  await admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '6' }] })
  expect(await admin.fetchTopicOffsets(topic)).toMatchObject([{ low: '6', high: '10' }])
}
