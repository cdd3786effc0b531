// ShareAcknowledge: acknowledges records acquired by a member of a share group (KIP-932).

import { defineApi } from '../schema/message.ts'
import {
  array,
  bool,
  int16,
  int32,
  int8,
  offset,
  one,
  string,
  struct,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'

const shareAcknowledgeAcknowledgementBatch = struct({
  firstOffset: offset,
  lastOffset: offset,
  acknowledgeTypes: array(int8),
})
export interface ShareAcknowledgeAcknowledgementBatch
  extends Value<typeof shareAcknowledgeAcknowledgementBatch> {}

const acknowledgePartition = struct({
  partitionIndex: int32.key(),
  acknowledgementBatches: array<ShareAcknowledgeAcknowledgementBatch>(shareAcknowledgeAcknowledgementBatch),
})
export interface AcknowledgePartition extends Value<typeof acknowledgePartition> {}

const acknowledgeTopic = struct({
  topicId: uuid.key(),
  partitions: array<AcknowledgePartition>(acknowledgePartition),
})
export interface AcknowledgeTopic extends Value<typeof acknowledgeTopic> {}

const shareAcknowledgeRequest = struct({
  groupId: string.nullable().default(null).entity('groupId'),
  memberId: string.nullable(),
  shareSessionEpoch: int32,
  isRenewAck: bool.since(2),
  topics: array<AcknowledgeTopic>(acknowledgeTopic),
})
export interface ShareAcknowledgeRequest extends Value<typeof shareAcknowledgeRequest> {}

const shareAcknowledgeLeaderIdAndEpoch = struct({
  leaderId: int32,
  leaderEpoch: int32,
})
export interface ShareAcknowledgeLeaderIdAndEpoch extends Value<typeof shareAcknowledgeLeaderIdAndEpoch> {}

const shareAcknowledgePartitionData = struct({
  partitionIndex: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  currentLeader: one<ShareAcknowledgeLeaderIdAndEpoch>(shareAcknowledgeLeaderIdAndEpoch),
})
export interface ShareAcknowledgePartitionData extends Value<typeof shareAcknowledgePartitionData> {}

const shareAcknowledgeTopicResponse = struct({
  topicId: uuid.key(),
  partitions: array<ShareAcknowledgePartitionData>(shareAcknowledgePartitionData),
})
export interface ShareAcknowledgeTopicResponse extends Value<typeof shareAcknowledgeTopicResponse> {}

const shareAcknowledgeNodeEndpoint = struct({
  nodeId: int32.entity('brokerId').key(),
  host: string,
  port: int32,
  rack: string.nullable().default(null),
})
export interface ShareAcknowledgeNodeEndpoint extends Value<typeof shareAcknowledgeNodeEndpoint> {}

const shareAcknowledgeResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  errorMessage: string.nullable().default(null),
  acquisitionLockTimeoutMs: int32.since(2).ignorable(),
  responses: array<ShareAcknowledgeTopicResponse>(shareAcknowledgeTopicResponse),
  nodeEndpoints: array<ShareAcknowledgeNodeEndpoint>(shareAcknowledgeNodeEndpoint),
})
export interface ShareAcknowledgeResponse extends Value<typeof shareAcknowledgeResponse> {}

export const ShareAcknowledge = defineApi<ShareAcknowledgeRequest, ShareAcknowledgeResponse>({
  key: 79,
  name: 'ShareAcknowledge',
  versions: [1, 2],
  flexibleFrom: 0,
  listeners: ['broker'],
  request: shareAcknowledgeRequest,
  response: shareAcknowledgeResponse,
})
