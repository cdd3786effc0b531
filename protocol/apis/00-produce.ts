// Produce: appends record batches to partitions. Answered at once, after the leader's write, or at the high
// watermark (acks). Record bytes pass through untouched. v10 names the new leader in the answer (KIP-951),
// v13 names topics by id (KIP-516).

import { defineApi } from '../schema/message.ts'
import {
  array,
  int16,
  int32,
  int64,
  offset,
  one,
  records,
  string,
  struct,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'

const partitionProduceData = struct({
  index: int32,
  records: records.nullable(),
})
export interface PartitionProduceData extends Value<typeof partitionProduceData> {}

const topicProduceData = struct({
  name: string.until(12).ignorable().entity('topicName').key(),
  topicId: uuid.since(13).ignorable().key(),
  partitionData: array<PartitionProduceData>(partitionProduceData),
})
export interface TopicProduceData extends Value<typeof topicProduceData> {}

const produceRequest = struct({
  transactionalId: string.since(3).nullable().default(null).entity('transactionalId'),
  acks: int16,
  timeoutMs: int32,
  topicData: array<TopicProduceData>(topicProduceData),
})
export interface ProduceRequest extends Value<typeof produceRequest> {}

const batchIndexAndErrorMessage = struct({
  batchIndex: int32,
  batchIndexErrorMessage: string.nullable().default(null),
})
export interface BatchIndexAndErrorMessage extends Value<typeof batchIndexAndErrorMessage> {}

const produceLeaderIdAndEpoch = struct({
  leaderId: int32.default(-1).entity('brokerId'),
  leaderEpoch: int32.default(-1),
})
export interface ProduceLeaderIdAndEpoch extends Value<typeof produceLeaderIdAndEpoch> {}

const partitionProduceResponse = struct({
  index: int32,
  errorCode: int16,
  baseOffset: offset,
  logAppendTimeMs: int64.since(2).default(-1n).ignorable(),
  logStartOffset: offset.since(5).default(-1).ignorable(),
  recordErrors: array<BatchIndexAndErrorMessage>(batchIndexAndErrorMessage).since(8).ignorable(),
  errorMessage: string.since(8).nullable().default(null).ignorable(),
  currentLeader: one<ProduceLeaderIdAndEpoch>(produceLeaderIdAndEpoch).since(10).tag(0),
})
export interface PartitionProduceResponse extends Value<typeof partitionProduceResponse> {}

const topicProduceResponse = struct({
  name: string.until(12).ignorable().entity('topicName').key(),
  topicId: uuid.since(13).ignorable().key(),
  partitionResponses: array<PartitionProduceResponse>(partitionProduceResponse),
})
export interface TopicProduceResponse extends Value<typeof topicProduceResponse> {}

const produceNodeEndpoint = struct({
  nodeId: int32.entity('brokerId').key(),
  host: string,
  port: int32,
  rack: string.nullable().default(null),
})
export interface ProduceNodeEndpoint extends Value<typeof produceNodeEndpoint> {}

const produceResponse = struct({
  responses: array<TopicProduceResponse>(topicProduceResponse),
  throttleTimeMs: int32.since(1).ignorable(),
  nodeEndpoints: array<ProduceNodeEndpoint>(produceNodeEndpoint).since(10).tag(0),
})
export interface ProduceResponse extends Value<typeof produceResponse> {}

/** What a version brought that handlers must know. */
const means = {
  recordBatchesOnly: 3,
  zstd: 7,
  recordErrors: 8,
  leaderHints: 10,
  transactionErrors: 11,
  transactionVersion2: 12,
  topicIds: 13,
} as const

function downgrade(response: ProduceResponse, version: number): void {
  if (version >= means.leaderHints) return
  response.nodeEndpoints = []
  for (const topic of response.responses) {
    for (const partition of topic.partitionResponses)
      partition.currentLeader = { leaderId: -1, leaderEpoch: -1 }
  }
}

export const Produce = defineApi<ProduceRequest, ProduceResponse, keyof typeof means>({
  key: 0,
  name: 'Produce',
  versions: [0, 13],
  flexibleFrom: 9,
  listeners: ['broker'],
  request: produceRequest,
  response: produceResponse,
  means,
  downgrade,
})
