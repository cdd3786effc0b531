// How partitions follow the metadata image: leadership, elections of coordinators, configs, deletion, offline directories.
import { expect, test } from 'vitest'
import { buildBatch } from '../../protocol/records/builder.ts'
import { randomUuid } from '../../protocol/uuid.ts'
import { dataRig, NODE } from '../handlers/testing/data-rig.ts'
import type { CoordinatorElections, InternalLog } from '../ports/internal-log.ts'

const batch = (value: string): Buffer =>
  buildBatch({ timestamp: 1, records: [{ key: Buffer.from('k'), value: Buffer.from(value) }] })
const tick = () => new Promise<void>(resolve => setImmediate(resolve))

function recorder() {
  const said: string[] = []
  const logs = new Map<number, InternalLog>()
  const elections: CoordinatorElections = {
    elected: (partition, log) => {
      logs.set(partition, log)
      said.push(`elected ${partition} at ${log.leaderEpoch}`)
    },
    resigned: (partition, leaderEpoch) => said.push(`resigned ${partition} at ${leaderEpoch}`),
  }
  return { said, logs, elections }
}

const change = (topicId: string, partitionId: number, leader: number) => ({
  type: 'PartitionChangeRecord' as const,
  value: {
    ...{
      partitionId,
      topicId,
      isr: null,
      leader,
      replicas: null,
      removingReplicas: null,
      addingReplicas: null,
    },
    ...{ leaderRecoveryState: -1, directories: null, eligibleLeaderReplicas: null, lastKnownElr: null },
  },
})

test('coordinators are elected and resigned with the leadership of their partitions', async () => {
  const rig = await dataRig()
  const { said, elections } = recorder()
  rig.elections.set('__consumer_offsets', elections)
  const id = rig.createTopic('__consumer_offsets', { partitions: 2 })
  rig.createTopic('other')
  expect(said).toEqual(['elected 0 at 0', 'elected 1 at 0'])
  rig.apply([change(id, 1, -1)])
  rig.apply([change(id, 1, NODE)])
  rig.apply([{ type: 'RemoveTopicRecord', value: { topicId: id } }])
  expect(said.slice(2)).toEqual([
    'resigned 1 at 1',
    'elected 1 at 2',
    'resigned 0 at undefined',
    'resigned 1 at undefined',
  ])
})

test('a new epoch is a new election, and the log of the old one refuses', async () => {
  const rig = await dataRig()
  const { said, logs, elections } = recorder()
  rig.elections.set('__consumer_offsets', elections)
  const id = rig.createTopic('__consumer_offsets')
  const old = logs.get(0)!
  expect(old.append(batch('a'))).toBe(1)
  rig.apply([change(id, 0, NODE)])
  expect(said.at(-1)).toBe('elected 0 at 1')
  expect(() => old.append(batch('b'))).toThrow(expect.objectContaining({ code: 74 }))
  expect(logs.get(0)!.append(batch('b'))).toBe(2)
})

test('a coordinator hears of the high watermark, never inside its own append', async () => {
  const rig = await dataRig()
  const { logs, elections } = recorder()
  rig.elections.set('__consumer_offsets', elections)
  rig.createTopic('__consumer_offsets')
  const log = logs.get(0)!
  const heard: number[] = []
  const stop = log.onHighWatermark(highWatermark => heard.push(highWatermark))
  log.append(batch('a'))
  log.append(batch('b'))
  expect(heard).toEqual([])
  await tick()
  expect(heard).toEqual([2])
  stop()
  log.append(batch('c'))
  await tick()
  expect(heard).toEqual([2])
  expect(log.read(0, 1 << 20).length).toBe(3 * batch('a').length)
})

test('topic settings act on the logs that are there, and go back to the default', async () => {
  const rig = await dataRig()
  rig.createTopic('t')
  const set = (value: string | null) =>
    rig.apply([
      {
        type: 'ConfigRecord',
        value: { resourceType: 2, resourceName: 't', name: 'max.message.bytes', value },
      },
    ])
  const { log } = rig.map.get('t', 0)
  const before = log!.config.maxMessageBytes
  set('12345')
  expect(log!.config.maxMessageBytes).toBe(12345)
  set(null)
  expect(log!.config.maxMessageBytes).toBe(before)
})

test('a topic deleted and made anew under its name is another one', async () => {
  const rig = await dataRig()
  const first = rig.createTopic('t')
  rig.map.get('t', 0).append(batch('a'), 'client', 1)
  const second = randomUuid(size => Buffer.alloc(size, 7))
  rig.apply([{ type: 'RemoveTopicRecord', value: { topicId: first } }])
  expect(rig.map.find('t', 0)).toBeUndefined()
  rig.createTopic('t', { id: second })
  const partition = rig.map.get('t', 0)
  expect(partition.topicId).toBe(second)
  expect(partition.log!.logEndOffset).toBe(0)
  expect(rig.bugs).toEqual([])
})

test('a failed directory takes its own partitions offline and no others', async () => {
  const rig = await dataRig({ logDirs: ['/one', '/two'] })
  const { said, elections } = recorder()
  rig.elections.set('__consumer_offsets', elections)
  rig.createTopic('__consumer_offsets', { partitions: 2 })
  rig.manager.failDirectory(rig.manager.logDirs[0]!, new Error('gone'))
  const offline = [0, 1].filter(index => rig.map.find('__consumer_offsets', index)!.isOffline)
  expect(offline).toHaveLength(1)
  expect(() => rig.map.get('__consumer_offsets', offline[0]!)).toThrow(expect.objectContaining({ code: 56 }))
  expect(said.slice(2)).toEqual([`resigned ${offline[0]} at undefined`])
})
