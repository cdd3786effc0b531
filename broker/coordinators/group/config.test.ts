import { expect, test } from 'vitest'
import { BrokerConfig } from '../../config/broker-config.ts'
import { CoordinatorTopics } from '../internal-topics.ts'
import { DEFAULT_GROUP_CONFIG, groupConfigOf, SILENT } from './config.ts'

const configOf = (entries: Record<string, string>) => groupConfigOf(settingsOf(entries))

const settingsOf = (entries: Record<string, string>) =>
  new BrokerConfig([
    {
      name: 'test',
      entries: new Map(
        Object.entries({
          'process.roles': 'broker,controller',
          'node.id': '1',
          'controller.listener.names': 'CONTROLLER',
          'controller.quorum.voters': '1@localhost:9093',
          listeners: 'PLAINTEXT://localhost:9092,CONTROLLER://localhost:9093',
          ...entries,
        }),
      ),
    },
  ])

test("without settings the coordinator has Kafka's defaults", () => {
  expect({ ...configOf({}) }).toEqual(DEFAULT_GROUP_CONFIG)
})

test.each([
  ['group.min.session.timeout.ms', '1', { minSessionTimeoutMs: 1 }],
  ['group.max.session.timeout.ms', '7000', { maxSessionTimeoutMs: 7000 }],
  ['group.max.size', '3', { maxSize: 3 }],
  ['group.initial.rebalance.delay.ms', '0', { initialRebalanceDelayMs: 0 }],
  ['offset.metadata.max.bytes', '5', { offsetMetadataMaxBytes: 5 }],
  ['offsets.retention.minutes', '2', { offsetsRetentionMs: 120_000 }],
  ['offsets.retention.check.interval.ms', '10', { offsetsRetentionCheckIntervalMs: 10 }],
  ['offsets.commit.timeout.ms', '11', { offsetCommitTimeoutMs: 11 }],
  ['offsets.load.buffer.size', '12', { offsetsLoadBufferBytes: 12 }],
  ['offsets.topic.compression.codec', '1', { offsetsTopicCompressionCodec: 1 }],
])('%s reaches the coordinator', (name, value, expected) => {
  expect(configOf({ [name]: value })).toMatchObject(expected)
})

test('the offsets topic is made as its settings say, compacted', () => {
  const config = settingsOf({
    'offsets.topic.num.partitions': '7',
    'offsets.topic.replication.factor': '2',
    'offsets.topic.segment.bytes': '1048576',
  })
  const controller = { createTopics: () => Promise.reject(new Error('not asked here')) }
  const topics = new CoordinatorTopics(controller, config, SILENT)
  expect(topics.creatable('__consumer_offsets')).toEqual({
    name: '__consumer_offsets',
    numPartitions: 7,
    replicationFactor: 2,
    assignments: [],
    configs: [
      { name: 'cleanup.policy', value: 'compact' },
      { name: 'compression.type', value: 'producer' },
      { name: 'segment.bytes', value: '1048576' },
    ],
  })
  expect(topics.creatable('orders')).toBeUndefined()
})
