// The log of a real coordinator: __consumer_offsets-0 of Apache Kafka 4.3.1 after a session with raw clients (commits of
// several versions, a stable group with a static member, deleted groups), KafkaJS transactions (committed, aborted, left
// open) and a console consumer of the new protocol. The file is as Kafka wrote it.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { batches } from '../../../protocol/records/batch.ts'
import { records } from '../../../protocol/records/record.ts'
import { ZERO_UUID } from '../../../protocol/uuid.ts'
import { MemoryInternalLog } from '../testing/memory-internal-log.ts'
import { Effects } from '../shard.ts'
import { DEFAULT_GROUP_CONFIG, SILENT } from './config.ts'
import { GroupShard } from './group-shard.ts'
import { type GroupRecord, groupRecordCodec, offsetRecord } from './records.ts'
import { GroupHarness } from './testing.ts'

const kafkasLog = readFileSync(join(import.meta.dirname, 'fixtures', 'consumer-offsets-kafka-4.3.1.log'))

function* kafkasRecords(): Generator<{ key: Buffer; value: Buffer | null }> {
  for (const batch of batches(kafkasLog)) {
    if (batch.isControl) continue
    for (const { key, value } of records(batch)) yield { key: key!, value }
  }
}

async function loaded(): Promise<{ harness: GroupHarness; shard: GroupShard }> {
  const harness = new GroupHarness()
  const log = new MemoryInternalLog()
  for (const batch of batches(kafkasLog)) log.append(batch.slice)
  harness.service.resigned(0, undefined)
  harness.service.elected(0, log)
  harness.clock.advance(0)
  await harness.settle()
  const [shard] = harness.service.shards()
  return { harness, shard: shard! }
}

test("Kafka's offsets and classic groups are read and written back byte for byte", () => {
  const seen = new Map<string, number>()
  for (const { key, value } of kafkasRecords()) {
    const record = groupRecordCodec.read(key, value)
    const type = record?.type ?? `type ${key.readInt16BE(0)}`
    seen.set(type, (seen.get(type) ?? 0) + 1)
    if (record === null || record.type === 'foreign') continue
    const written = groupRecordCodec.write(record)
    expect(written.key).toEqual(key)
    expect(written.value).toEqual(value)
  }
  // All that Kafka wrote there is known, but for what a modern group keeps beside its epoch.
  expect(Object.fromEntries(seen)).toMatchObject({
    offset: expect.any(Number),
    group: expect.any(Number),
  })
  expect([...seen.keys()].filter(type => type.startsWith('type')).toSorted()).toEqual([
    'type 5',
    'type 6',
    'type 7',
    'type 8',
  ])
})

test('value versions are those of Kafka 4.3: offsets v4, or v1 with an expiry, groups v3', () => {
  const versions = new Set<string>()
  for (const { key, value } of kafkasRecords()) {
    const record = groupRecordCodec.read(key, value)
    if (record === null || record.type === 'foreign' || value === null) continue
    const expiry = record.type === 'offset' && record.value?.expireTimestampMs !== null ? ' with expiry' : ''
    versions.add(`${record.type}${expiry} v${value.readInt16BE(0)}`)
  }
  expect([...versions].toSorted()).toEqual(['group v3', 'offset v4', 'offset with expiry v1'])
})

test("Kafka's log loads", async () => {
  const { shard } = await loaded()
  const orders = (groupId: string, partition = 0) => shard.offsets.committed.get(groupId, 'orders', partition)
  expect(orders('simple')).toMatchObject({ offset: 7n, leaderEpoch: 3, metadata: 'note' })
  expect(orders('retained')!.expireTimestampMs! - orders('retained')!.commitTimestampMs).toBe(86_400_000n)
  expect(orders('retained')!.topicId).toBe(ZERO_UUID)
  // Beyond 2^53: exact.
  expect(orders('stable', 1)!.offset).toBe(9007199254740993n)
  expect(orders('deleted')).toBeUndefined()
  expect(shard.classic('deleted')).toBeUndefined()

  const stable = shard.classic('stable')!
  expect(stable).toMatchObject({
    state: 'Stable',
    generationId: 2,
    protocolType: 'consumer',
    protocolName: 'range',
  })
  expect([...stable.subscribedTopics!]).toEqual(['orders'])
  expect(
    [...stable.members.values()]
      .map(({ clientId, assignment }) => `${clientId} ${assignment.toString('hex')}`)
      .toSorted(),
  ).toEqual(['golden 010203', 'second 04'])
  expect(stable.staticMemberId('static-one')).toMatch(/^static-one-/)
})

test("a transaction's offsets count once it is committed; while it is open they are unstable", async () => {
  const { harness, shard } = await loaded()
  expect(shard.offsets.committed.get('group-tx-commit', 'orders', 0)?.offset).toBe(77n)
  expect(shard.offsets.committed.get('group-tx-abort', 'orders', 0)).toBeUndefined()
  expect(shard.offsets.isPending('group-tx-open', 'orders', 0)).toBe(true)
  expect(await harness.run('fetch group=group-tx-open topic=orders stable=true')).toEqual([
    'fetch <- groupId=group-tx-open topics=[name=orders partitions=[partitionIndex=0 committedOffset=-1 UNSTABLE_OFFSET_COMMIT]]',
  ])
  expect(await harness.run('fetch group=group-tx-open topic=orders')).toEqual([
    'fetch <- groupId=group-tx-open topics=[name=orders partitions=[partitionIndex=0 committedOffset=-1]]',
  ])
})

test('the id of a group of the new protocol is taken', async () => {
  const { harness } = await loaded()
  expect(await harness.run('list types=consumer')).toEqual([
    'list <- groups=[groupId=modern protocolType=consumer groupState=Unknown groupType=consumer]',
  ])
  expect(await harness.run('join a group=modern')).toEqual(['a <- INCONSISTENT_GROUP_PROTOCOL members=[]'])
  expect(await harness.run('describe group=modern')).toEqual([
    'describe <- [GROUP_ID_NOT_FOUND errorMessage=Group modern is not a classic group. groupId=modern groupState=Dead members=[]]',
  ])
})

// ---- Transactions, record by record

const value = (offset: bigint) => ({
  offset,
  leaderEpoch: -1,
  metadata: '',
  commitTimestampMs: 0n,
  expireTimestampMs: null,
  topicId: ZERO_UUID,
})

function shardAfter(
  ...steps: (readonly [offset: number, producerId: number, GroupRecord] | 'commit' | 'abort')[]
): GroupShard {
  const shard = new GroupShard(DEFAULT_GROUP_CONFIG, SILENT, () => '')
  for (const step of steps) {
    if (typeof step === 'string') shard.replayEndTransactionMarker(9, step === 'commit')
    else shard.replay(...step)
  }
  return shard
}

test('of a plain commit and a transaction, the later record wins', () => {
  const plain = offsetRecord('g', 't', 0, value(1n))
  const transactional = offsetRecord('g', 't', 0, value(2n))
  const committed = (shard: GroupShard) => shard.offsets.committed.get('g', 't', 0)?.offset
  expect(committed(shardAfter([0, -1, plain], [1, 9, transactional], 'commit'))).toBe(2n)
  expect(committed(shardAfter([0, 9, transactional], [1, -1, plain], 'commit'))).toBe(1n)
  expect(committed(shardAfter([0, 9, transactional], 'abort'))).toBeUndefined()
  // Deleted meanwhile: there is nothing left to commit.
  expect(
    committed(shardAfter([0, 9, transactional], [1, -1, offsetRecord('g', 't', 0, null)], 'commit')),
  ).toBeUndefined()
})

test('a group with an open transaction does not expire, and its deletion takes the pending offsets along', () => {
  const shard = shardAfter([0, 9, offsetRecord('g', 't', 3, value(2n))])
  const expiry = new Effects<GroupRecord>(Number.MAX_SAFE_INTEGER)
  shard.expire(expiry)
  expect(expiry.records).toEqual([])
  const deletion = new Effects<GroupRecord>(0)
  shard.deleteGroups(deletion, ['g'])
  expect(deletion.records).toEqual([
    offsetRecord('g', 't', 3, null),
    { type: 'group', groupId: 'g', value: null },
  ])
})
