// DescribeQuorum: leader, voters and observers of the metadata quorum, and how far each has come (KIP-595,
// KIP-836).

import { defineApi } from '../schema/message.ts'
import {
  array,
  int16,
  int32,
  int64,
  offset,
  string,
  struct,
  uint16,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'
import { ZERO_UUID } from '../uuid.ts'

const describeQuorumRequestPartitionData = struct({
  partitionIndex: int32,
})
export interface DescribeQuorumRequestPartitionData
  extends Value<typeof describeQuorumRequestPartitionData> {}

const describeQuorumRequestTopicData = struct({
  topicName: string.entity('topicName'),
  partitions: array<DescribeQuorumRequestPartitionData>(describeQuorumRequestPartitionData),
})
export interface DescribeQuorumRequestTopicData extends Value<typeof describeQuorumRequestTopicData> {}

const describeQuorumRequest = struct({
  topics: array<DescribeQuorumRequestTopicData>(describeQuorumRequestTopicData),
})
export interface DescribeQuorumRequest extends Value<typeof describeQuorumRequest> {}

const describeQuorumReplicaState = struct({
  replicaId: int32.entity('brokerId'),
  replicaDirectoryId: uuid.since(2),
  logEndOffset: offset,
  lastFetchTimestamp: int64.since(1).default(-1n).ignorable(),
  lastCaughtUpTimestamp: int64.since(1).default(-1n).ignorable(),
})
export interface DescribeQuorumReplicaState extends Value<typeof describeQuorumReplicaState> {}

const describeQuorumResponsePartitionData = struct({
  partitionIndex: int32,
  errorCode: int16,
  errorMessage: string.since(2).nullable().ignorable(),
  leaderId: int32.entity('brokerId'),
  leaderEpoch: int32,
  highWatermark: offset,
  currentVoters: array<DescribeQuorumReplicaState>(describeQuorumReplicaState),
  observers: array<DescribeQuorumReplicaState>(describeQuorumReplicaState),
})
export interface DescribeQuorumResponsePartitionData
  extends Value<typeof describeQuorumResponsePartitionData> {}

const describeQuorumResponseTopicData = struct({
  topicName: string.entity('topicName'),
  partitions: array<DescribeQuorumResponsePartitionData>(describeQuorumResponsePartitionData),
})
export interface DescribeQuorumResponseTopicData extends Value<typeof describeQuorumResponseTopicData> {}

const describeQuorumListener = struct({
  name: string.key(),
  host: string,
  port: uint16,
})
export interface DescribeQuorumListener extends Value<typeof describeQuorumListener> {}

const node = struct({
  nodeId: int32.entity('brokerId').key(),
  listeners: array<DescribeQuorumListener>(describeQuorumListener),
})
export interface Node extends Value<typeof node> {}

const describeQuorumResponse = struct({
  errorCode: int16,
  errorMessage: string.since(2).nullable().ignorable(),
  topics: array<DescribeQuorumResponseTopicData>(describeQuorumResponseTopicData),
  nodes: array<Node>(node).since(2),
})
export interface DescribeQuorumResponse extends Value<typeof describeQuorumResponse> {}

/** What a version brought that handlers must know. */
const means = { timestamps: 1, directoryIds: 2 } as const

const zeroDirectoryId = (replica: DescribeQuorumReplicaState): void => {
  replica.replicaDirectoryId = ZERO_UUID
}

function downgrade(response: DescribeQuorumResponse, version: number): void {
  if (version >= means.directoryIds) return
  response.nodes = []
  for (const topic of response.topics) {
    for (const { currentVoters, observers } of topic.partitions) {
      currentVoters.forEach(zeroDirectoryId)
      observers.forEach(zeroDirectoryId)
    }
  }
}

export const DescribeQuorum = defineApi<DescribeQuorumRequest, DescribeQuorumResponse, keyof typeof means>({
  key: 55,
  name: 'DescribeQuorum',
  versions: [0, 2],
  flexibleFrom: 0,
  listeners: ['broker', 'controller'],
  request: describeQuorumRequest,
  response: describeQuorumResponse,
  means,
  downgrade,
})
