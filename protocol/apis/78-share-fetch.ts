// ShareFetch: acquires records for a member of a share group, and acknowledges earlier ones (KIP-932).

import { defineApi } from '../schema/message.ts'
import {
  array,
  bool,
  int16,
  int32,
  int8,
  offset,
  one,
  records,
  string,
  struct,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'

const shareFetchAcknowledgementBatch = struct({
  firstOffset: offset,
  lastOffset: offset,
  acknowledgeTypes: array(int8),
})
export interface ShareFetchAcknowledgementBatch extends Value<typeof shareFetchAcknowledgementBatch> {}

const shareFetchFetchPartition = struct({
  partitionIndex: int32.key(),
  acknowledgementBatches: array<ShareFetchAcknowledgementBatch>(shareFetchAcknowledgementBatch),
})
export interface ShareFetchFetchPartition extends Value<typeof shareFetchFetchPartition> {}

const shareFetchFetchTopic = struct({
  topicId: uuid.key(),
  partitions: array<ShareFetchFetchPartition>(shareFetchFetchPartition),
})
export interface ShareFetchFetchTopic extends Value<typeof shareFetchFetchTopic> {}

const shareFetchForgottenTopic = struct({
  topicId: uuid,
  partitions: array(int32),
})
export interface ShareFetchForgottenTopic extends Value<typeof shareFetchForgottenTopic> {}

const shareFetchRequest = struct({
  groupId: string.nullable().default(null).entity('groupId'),
  memberId: string.nullable(),
  shareSessionEpoch: int32,
  maxWaitMs: int32,
  minBytes: int32,
  maxBytes: int32.default(0x7fffffff),
  maxRecords: int32,
  batchSize: int32,
  shareAcquireMode: int8.since(2).ignorable(),
  isRenewAck: bool.since(2),
  topics: array<ShareFetchFetchTopic>(shareFetchFetchTopic),
  forgottenTopicsData: array<ShareFetchForgottenTopic>(shareFetchForgottenTopic),
})
export interface ShareFetchRequest extends Value<typeof shareFetchRequest> {}

const shareFetchLeaderIdAndEpoch = struct({
  leaderId: int32,
  leaderEpoch: int32,
})
export interface ShareFetchLeaderIdAndEpoch extends Value<typeof shareFetchLeaderIdAndEpoch> {}

const acquiredRecords = struct({
  firstOffset: offset,
  lastOffset: offset,
  deliveryCount: int16,
})
export interface AcquiredRecords extends Value<typeof acquiredRecords> {}

const shareFetchPartitionData = struct({
  partitionIndex: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  acknowledgeErrorCode: int16,
  acknowledgeErrorMessage: string.nullable().default(null),
  currentLeader: one<ShareFetchLeaderIdAndEpoch>(shareFetchLeaderIdAndEpoch),
  records: records,
  acquiredRecords: array<AcquiredRecords>(acquiredRecords),
})
export interface ShareFetchPartitionData extends Value<typeof shareFetchPartitionData> {}

const shareFetchableTopicResponse = struct({
  topicId: uuid.key(),
  partitions: array<ShareFetchPartitionData>(shareFetchPartitionData),
})
export interface ShareFetchableTopicResponse extends Value<typeof shareFetchableTopicResponse> {}

const shareFetchNodeEndpoint = struct({
  nodeId: int32.entity('brokerId').key(),
  host: string,
  port: int32,
  rack: string.nullable().default(null),
})
export interface ShareFetchNodeEndpoint extends Value<typeof shareFetchNodeEndpoint> {}

const shareFetchResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  acquisitionLockTimeoutMs: int32,
  responses: array<ShareFetchableTopicResponse>(shareFetchableTopicResponse),
  nodeEndpoints: array<ShareFetchNodeEndpoint>(shareFetchNodeEndpoint),
})
export interface ShareFetchResponse extends Value<typeof shareFetchResponse> {}

export const ShareFetch = defineApi<ShareFetchRequest, ShareFetchResponse>({
  key: 78,
  name: 'ShareFetch',
  versions: [1, 2],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: shareFetchRequest,
  response: shareFetchResponse,
})
