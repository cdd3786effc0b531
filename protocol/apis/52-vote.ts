// Vote: a candidate for the metadata quorum's leadership asks for votes (KIP-595), first just for opinions
// from v2 (KIP-996).

import { defineApi } from '../schema/message.ts'
import {
  array,
  bool,
  int16,
  int32,
  offset,
  string,
  struct,
  uint16,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'

const voteRequestPartitionData = struct({
  partitionIndex: int32,
  replicaEpoch: int32,
  replicaId: int32.entity('brokerId'),
  replicaDirectoryId: uuid.since(1).ignorable(),
  voterDirectoryId: uuid.since(1).ignorable(),
  lastOffsetEpoch: int32,
  lastOffset: offset,
  preVote: bool.since(2),
})
export interface VoteRequestPartitionData extends Value<typeof voteRequestPartitionData> {}

const voteRequestTopicData = struct({
  topicName: string.entity('topicName'),
  partitions: array<VoteRequestPartitionData>(voteRequestPartitionData),
})
export interface VoteRequestTopicData extends Value<typeof voteRequestTopicData> {}

const voteRequest = struct({
  clusterId: string.nullable().default(null),
  voterId: int32.since(1).default(-1).ignorable().entity('brokerId'),
  topics: array<VoteRequestTopicData>(voteRequestTopicData),
})
export interface VoteRequest extends Value<typeof voteRequest> {}

const voteResponsePartitionData = struct({
  partitionIndex: int32,
  errorCode: int16,
  leaderId: int32.entity('brokerId'),
  leaderEpoch: int32,
  voteGranted: bool,
})
export interface VoteResponsePartitionData extends Value<typeof voteResponsePartitionData> {}

const voteResponseTopicData = struct({
  topicName: string.entity('topicName'),
  partitions: array<VoteResponsePartitionData>(voteResponsePartitionData),
})
export interface VoteResponseTopicData extends Value<typeof voteResponseTopicData> {}

const voteNodeEndpoint = struct({
  nodeId: int32.entity('brokerId').key(),
  host: string,
  port: uint16,
})
export interface VoteNodeEndpoint extends Value<typeof voteNodeEndpoint> {}

const voteResponse = struct({
  errorCode: int16,
  topics: array<VoteResponseTopicData>(voteResponseTopicData),
  nodeEndpoints: array<VoteNodeEndpoint>(voteNodeEndpoint).since(1).tag(0),
})
export interface VoteResponse extends Value<typeof voteResponse> {}

/** What a version brought that handlers must know. */
const means = { endpoints: 1 } as const

function downgrade(response: VoteResponse, version: number): void {
  if (version < means.endpoints) response.nodeEndpoints = []
}

export const Vote = defineApi<VoteRequest, VoteResponse, keyof typeof means>({
  key: 52,
  name: 'Vote',
  versions: [0, 2],
  flexibleFrom: 0,
  listeners: ['controller'],
  request: voteRequest,
  response: voteResponse,
  means,
  downgrade,
})
