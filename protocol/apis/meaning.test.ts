// Old versions arrive in the one shape that handlers see, and answers leave in the old versions' shape.
// Each case goes through bytes: `wire` is what an old client sends or reads.

import { expect, test } from 'vitest'
import { codecOf } from '../codec/message.ts'
import { Reader } from '../codec/reader.ts'
import { Errors } from '../errors.ts'
import { readRequest, readResponse, writeRequest, writeResponse } from '../frame.ts'
import { readRequestHeader } from '../header.ts'
import { type Api, factsAt } from '../schema/message.ts'
import { ZERO_UUID } from '../uuid.ts'
import { Fetch } from './01-fetch.ts'
import { ListOffsets } from './02-list-offsets.ts'
import { Metadata } from './03-metadata.ts'
import { OffsetFetch } from './09-offset-fetch.ts'
import { FindCoordinator } from './10-find-coordinator.ts'
import { JoinGroup } from './11-join-group.ts'
import { LeaveGroup } from './13-leave-group.ts'
import { DescribeGroups } from './15-describe-groups.ts'
import { ApiVersions } from './18-api-versions.ts'
import { DeleteTopics } from './20-delete-topics.ts'
import { AddPartitionsToTxn } from './24-add-partitions-to-txn.ts'
import { EndTxn } from './26-end-txn.ts'
import { DescribeConfigs } from './32-describe-configs.ts'
import { AlterPartition } from './56-alter-partition.ts'
import { UpdateFeatures } from './57-update-features.ts'
import { apis } from './index.ts'

/** What a handler sees of what an old client sent. */
function seen<Q>(api: Api<Q>, version: number, wire: object): Q {
  const request = api.request.create(wire as never)
  const frame = Buffer.concat(writeRequest(api, version, { correlationId: 1, clientId: null }, request))
  const reader = new Reader(frame, 4)
  readRequestHeader(reader)
  return readRequest(api, version, reader)
}

/** What an old client reads of what a handler answered. */
function sent<R>(api: Api<unknown, R>, version: number, response: object): R {
  const frame = Buffer.concat(writeResponse(api, version, 1, api.response.create(response as never)))
  return readResponse(api, version, frame.subarray(4)).response
}

test('Fetch names a replica in one place', () => {
  expect(seen(Fetch, 14, { replicaId: 3 }).replicaState.replicaId).toBe(3)
  expect(seen(Fetch, 15, { replicaState: { replicaId: 3 } }).replicaState.replicaId).toBe(3)
})

test('Fetch before v6 tells of a storage error as of a leader that moved', () => {
  const errorCode = Errors.KAFKA_STORAGE_ERROR.code
  const answer = () => ({
    sessionId: 8,
    nodeEndpoints: [{ nodeId: 1, host: 'h', port: 1 }],
    responses: [{ partitions: [{ errorCode, preferredReadReplica: 2, currentLeader: { leaderId: 1 } }] }],
  })
  expect(sent(Fetch, 5, answer()).responses[0]?.partitions[0]?.errorCode).toBe(6)
  expect(sent(Fetch, 6, answer()).responses[0]?.partitions[0]?.errorCode).toBe(errorCode)
  expect(sent(Fetch, 11, answer()).responses[0]?.partitions[0]?.preferredReadReplica).toBe(2)
  expect(sent(Fetch, 16, answer()).nodeEndpoints).toHaveLength(1)
})

test('ListOffsets v0 lists offsets', () => {
  const answer = { topics: [{ name: 't', partitions: [{ offset: 5, timestamp: 9n, leaderEpoch: 2 }] }] }
  expect(sent(ListOffsets, 0, answer).topics[0]?.partitions[0]?.oldStyleOffsets).toEqual([5])
  expect(sent(ListOffsets, 1, answer).topics[0]?.partitions[0]).toMatchObject({ offset: 5, timestamp: 9n })
})

test('Metadata v0 says all topics with none', () => {
  expect(seen(Metadata, 0, { topics: [] }).topics).toBeNull()
  expect(seen(Metadata, 1, { topics: [] }).topics).toEqual([])
  const answer = { clusterAuthorizedOperations: 3, topics: [{ name: null, topicAuthorizedOperations: 3 }] }
  for (const version of [0, 7, 8, 10, 11, 12, 13]) {
    expect(sent(Metadata, version, answer).topics[0]?.name).toBe(version < 12 ? '' : null)
  }
})

test('OffsetFetch before v8 is a batch of one group', () => {
  const topics = [{ name: 't', partitionIndexes: [0, 1] }]
  const group = { groupId: 'g', memberId: null, memberEpoch: -1 }
  expect(seen(OffsetFetch, 1, { groupId: 'g', topics }).groups).toEqual([
    { ...group, topics: [{ name: 't', topicId: ZERO_UUID, partitionIndexes: [0, 1] }] },
  ])
  expect(seen(OffsetFetch, 7, { groupId: 'g', topics: null }).groups).toEqual([{ ...group, topics: null }])
  const answer = {
    groups: [{ groupId: 'g', errorCode: 15, topics: [{ name: 't', partitions: [{ committedOffset: 4n }] }] }],
  }
  expect(sent(OffsetFetch, 7, answer)).toMatchObject({
    errorCode: 15,
    topics: [{ name: 't', partitions: [{ committedOffset: 4n }] }],
  })
  expect(sent(OffsetFetch, 8, answer).groups[0]).toMatchObject({ groupId: 'g', errorCode: 15 })
})

test('FindCoordinator before v4 is a batch of one key', () => {
  expect(seen(FindCoordinator, 3, { key: 'k' }).coordinatorKeys).toEqual(['k'])
  const found = { coordinators: [{ key: 'k', nodeId: 1, host: 'h', port: 9092 }] }
  expect(sent(FindCoordinator, 3, found)).toMatchObject({
    nodeId: 1,
    host: 'h',
    port: 9092,
    errorMessage: 'NONE',
  })
  const failed = { coordinators: [{ key: 'k', nodeId: -1, port: -1, errorCode: 15 }] }
  expect(sent(FindCoordinator, 0, failed)).toMatchObject({ errorCode: 15, nodeId: -1 })
})

test('JoinGroup v0 has one timeout, and protocols are never null before v7', () => {
  expect(seen(JoinGroup, 0, { sessionTimeoutMs: 7 }).rebalanceTimeoutMs).toBe(7)
  expect(seen(JoinGroup, 1, { sessionTimeoutMs: 7, rebalanceTimeoutMs: 9 }).rebalanceTimeoutMs).toBe(9)
  expect(sent(JoinGroup, 6, { protocolName: null, skipAssignment: true }).protocolName).toBe('')
  expect(sent(JoinGroup, 7, { protocolName: '' }).protocolName).toBeNull()
})

test('LeaveGroup before v3 is a batch of one member', () => {
  expect(seen(LeaveGroup, 2, { memberId: 'm' }).members).toEqual([
    { memberId: 'm', groupInstanceId: null, reason: null },
  ])
  expect(sent(LeaveGroup, 2, { members: [{ memberId: 'm', errorCode: 25 }] }).errorCode).toBe(25)
  expect(sent(LeaveGroup, 3, { members: [{ memberId: 'm', errorCode: 25 }] }).errorCode).toBe(0)
})

test('DescribeGroups before v6 knows no missing group', () => {
  const answer = { groups: [{ groupId: 'g', errorCode: 69, errorMessage: 'gone', groupState: 'Dead' }] }
  expect(sent(DescribeGroups, 5, answer).groups[0]).toMatchObject({ errorCode: 0, groupState: 'Dead' })
  expect(sent(DescribeGroups, 6, answer).groups[0]).toMatchObject({ errorCode: 69, errorMessage: 'gone' })
})

test('ApiVersions before v4 hides features that start at 0', () => {
  const answer = {
    supportedFeatures: [
      { name: 'a', maxVersion: 1 },
      { name: 'b', minVersion: 1, maxVersion: 1 },
    ],
  }
  expect(sent(ApiVersions, 3, answer).supportedFeatures).toHaveLength(1)
  expect(sent(ApiVersions, 4, answer).supportedFeatures).toHaveLength(2)
})

test('DeleteTopics before v6 has names, and before v3 no word for "disabled"', () => {
  expect(seen(DeleteTopics, 5, { topicNames: ['t'] }).topics).toEqual([{ name: 't', topicId: ZERO_UUID }])
  const answer = { responses: [{ name: null, errorCode: 73 }] }
  expect(sent(DeleteTopics, 2, answer).responses[0]).toMatchObject({ name: '', errorCode: 42 })
  expect(sent(DeleteTopics, 3, answer).responses[0]).toMatchObject({ name: '', errorCode: 73 })
})

test('AddPartitionsToTxn before v4 is a batch of one transaction', () => {
  const wire = { v3AndBelowTransactionalId: 'x', v3AndBelowProducerId: 5n, v3AndBelowTopics: [{ name: 't' }] }
  expect(seen(AddPartitionsToTxn, 3, wire).transactions).toMatchObject([
    { transactionalId: 'x', producerId: 5n, verifyOnly: false, topics: [{ name: 't' }] },
  ])
  const partitions = [{ partitionIndex: 0, partitionErrorCode: 90 }]
  const answer = {
    resultsByTransaction: [
      { transactionalId: 'x', topicResults: [{ name: 't', resultsByPartition: partitions }] },
    ],
  }
  const row = (errorCode: number) => [
    { name: 't', resultsByPartition: [{ partitionIndex: 0, partitionErrorCode: errorCode }] },
  ]
  expect(sent(AddPartitionsToTxn, 1, answer)).toMatchObject({ resultsByTopicV3AndBelow: row(47) })
  expect(sent(AddPartitionsToTxn, 2, answer)).toMatchObject({ resultsByTopicV3AndBelow: row(90) })
})

test('EndTxn before v2 does not know PRODUCER_FENCED', () => {
  expect(sent(EndTxn, 1, { errorCode: 90 }).errorCode).toBe(47)
  expect(sent(EndTxn, 2, { errorCode: 90 }).errorCode).toBe(90)
})

test('DescribeConfigs v0 knows only defaults', () => {
  const answer = {
    results: [
      {
        configs: [
          { name: 'a', configSource: 5 },
          { name: 'b', configSource: 1 },
        ],
      },
    ],
  }
  expect(sent(DescribeConfigs, 0, answer).results[0]?.configs).toMatchObject([
    { name: 'a', isDefault: true },
    { name: 'b', isDefault: false },
  ])
})

test('AlterPartition before v3 has no epochs in the ISR', () => {
  const wire = { topics: [{ partitions: [{ newIsr: [1, 2] }] }] }
  expect(seen(AlterPartition, 2, wire).topics[0]?.partitions[0]?.newIsrWithEpochs).toEqual([
    { brokerId: 1, brokerEpoch: -1 },
    { brokerId: 2, brokerEpoch: -1 },
  ])
})

test('UpdateFeatures v0 has a flag for downgrades', () => {
  const wire = { featureUpdates: [{ feature: 'f', allowDowngrade: true }, { feature: 'g' }] }
  expect(seen(UpdateFeatures, 0, wire).featureUpdates.map(update => update.upgradeType)).toEqual([2, 1])
})

test('facts are named by the version that brought them', () => {
  expect(factsAt(JoinGroup, 4)).toMatchObject({ memberIdRequired: true, staticMembers: false })
})

test('every API answers its defaults in every version', () => {
  for (const api of apis) {
    for (let version = api.versions[0]; version <= api.versions[1]; version++) {
      // A frame comes in two chunks where a slab ends.
      const frame = Buffer.concat(writeResponse(api, version, 1, api.response.create()))
      expect(frame.readInt32BE(0), `${api.name} v${version}`).toBe(frame.length - 4)
      expect(codecOf(api.request, version)).toBeDefined()
    }
  }
})
