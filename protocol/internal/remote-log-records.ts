// Records of `__remote_log_metadata`, the topic-based store of remote segments' metadata (KIP-405).

import { defineMessage } from '../schema/message.ts'
import {
  array,
  bool,
  bytes,
  int32,
  int64,
  int8,
  offset,
  one,
  string,
  struct,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'

const remoteLogSegmentMetadataRecordTopicIdPartitionEntry = struct({
  name: string,
  id: uuid,
  partition: int32,
})
export interface RemoteLogSegmentMetadataRecordTopicIdPartitionEntry
  extends Value<typeof remoteLogSegmentMetadataRecordTopicIdPartitionEntry> {}

const remoteLogSegmentMetadataRecordRemoteLogSegmentIdEntry = struct({
  topicIdPartition: one<RemoteLogSegmentMetadataRecordTopicIdPartitionEntry>(
    remoteLogSegmentMetadataRecordTopicIdPartitionEntry,
  ),
  id: uuid,
})
export interface RemoteLogSegmentMetadataRecordRemoteLogSegmentIdEntry
  extends Value<typeof remoteLogSegmentMetadataRecordRemoteLogSegmentIdEntry> {}

const remoteLogSegmentMetadataRecordSegmentLeaderEpochEntry = struct({
  leaderEpoch: int32,
  offset: offset,
})
export interface RemoteLogSegmentMetadataRecordSegmentLeaderEpochEntry
  extends Value<typeof remoteLogSegmentMetadataRecordSegmentLeaderEpochEntry> {}

const remoteLogSegmentMetadataRecord = struct({
  remoteLogSegmentId: one<RemoteLogSegmentMetadataRecordRemoteLogSegmentIdEntry>(
    remoteLogSegmentMetadataRecordRemoteLogSegmentIdEntry,
  ),
  startOffset: offset,
  endOffset: offset,
  brokerId: int32,
  maxTimestampMs: int64,
  eventTimestampMs: int64,
  segmentLeaderEpochs: array<RemoteLogSegmentMetadataRecordSegmentLeaderEpochEntry>(
    remoteLogSegmentMetadataRecordSegmentLeaderEpochEntry,
  ),
  segmentSizeInBytes: int32,
  customMetadata: bytes.nullable().default(null),
  remoteLogSegmentState: int8,
  txnIndexEmpty: bool.tag(0),
})
export interface RemoteLogSegmentMetadataRecord extends Value<typeof remoteLogSegmentMetadataRecord> {}

export const RemoteLogSegmentMetadataRecord = defineMessage<RemoteLogSegmentMetadataRecord>({
  name: 'RemoteLogSegmentMetadataRecord',
  apiKey: 0,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: remoteLogSegmentMetadataRecord,
})

const remoteLogSegmentMetadataUpdateRecordTopicIdPartitionEntry = struct({
  name: string,
  id: uuid,
  partition: int32,
})
export interface RemoteLogSegmentMetadataUpdateRecordTopicIdPartitionEntry
  extends Value<typeof remoteLogSegmentMetadataUpdateRecordTopicIdPartitionEntry> {}

const remoteLogSegmentMetadataUpdateRecordRemoteLogSegmentIdEntry = struct({
  topicIdPartition: one<RemoteLogSegmentMetadataUpdateRecordTopicIdPartitionEntry>(
    remoteLogSegmentMetadataUpdateRecordTopicIdPartitionEntry,
  ),
  id: uuid,
})
export interface RemoteLogSegmentMetadataUpdateRecordRemoteLogSegmentIdEntry
  extends Value<typeof remoteLogSegmentMetadataUpdateRecordRemoteLogSegmentIdEntry> {}

const remoteLogSegmentMetadataUpdateRecord = struct({
  remoteLogSegmentId: one<RemoteLogSegmentMetadataUpdateRecordRemoteLogSegmentIdEntry>(
    remoteLogSegmentMetadataUpdateRecordRemoteLogSegmentIdEntry,
  ),
  brokerId: int32,
  eventTimestampMs: int64,
  customMetadata: bytes.nullable().default(null),
  remoteLogSegmentState: int8,
})
export interface RemoteLogSegmentMetadataUpdateRecord
  extends Value<typeof remoteLogSegmentMetadataUpdateRecord> {}

export const RemoteLogSegmentMetadataUpdateRecord = defineMessage<RemoteLogSegmentMetadataUpdateRecord>({
  name: 'RemoteLogSegmentMetadataUpdateRecord',
  apiKey: 1,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: remoteLogSegmentMetadataUpdateRecord,
})

const remotePartitionDeleteMetadataRecordTopicIdPartitionEntry = struct({
  name: string,
  id: uuid,
  partition: int32,
})
export interface RemotePartitionDeleteMetadataRecordTopicIdPartitionEntry
  extends Value<typeof remotePartitionDeleteMetadataRecordTopicIdPartitionEntry> {}

const remotePartitionDeleteMetadataRecord = struct({
  topicIdPartition: one<RemotePartitionDeleteMetadataRecordTopicIdPartitionEntry>(
    remotePartitionDeleteMetadataRecordTopicIdPartitionEntry,
  ),
  brokerId: int32,
  eventTimestampMs: int64,
  remotePartitionDeleteState: int8,
})
export interface RemotePartitionDeleteMetadataRecord
  extends Value<typeof remotePartitionDeleteMetadataRecord> {}

export const RemotePartitionDeleteMetadataRecord = defineMessage<RemotePartitionDeleteMetadataRecord>({
  name: 'RemotePartitionDeleteMetadataRecord',
  apiKey: 2,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: remotePartitionDeleteMetadataRecord,
})

const remoteLogSegmentMetadataSnapshotRecordSegmentLeaderEpochEntry = struct({
  leaderEpoch: int32,
  offset: offset,
})
export interface RemoteLogSegmentMetadataSnapshotRecordSegmentLeaderEpochEntry
  extends Value<typeof remoteLogSegmentMetadataSnapshotRecordSegmentLeaderEpochEntry> {}

const remoteLogSegmentMetadataSnapshotRecord = struct({
  segmentId: uuid,
  startOffset: offset,
  endOffset: offset,
  brokerId: int32,
  maxTimestampMs: int64,
  eventTimestampMs: int64,
  segmentLeaderEpochs: array<RemoteLogSegmentMetadataSnapshotRecordSegmentLeaderEpochEntry>(
    remoteLogSegmentMetadataSnapshotRecordSegmentLeaderEpochEntry,
  ),
  segmentSizeInBytes: int32,
  customMetadata: bytes.nullable().default(null),
  remoteLogSegmentState: int8,
  txnIndexEmpty: bool.tag(0),
})
export interface RemoteLogSegmentMetadataSnapshotRecord
  extends Value<typeof remoteLogSegmentMetadataSnapshotRecord> {}

export const RemoteLogSegmentMetadataSnapshotRecord = defineMessage<RemoteLogSegmentMetadataSnapshotRecord>({
  name: 'RemoteLogSegmentMetadataSnapshotRecord',
  apiKey: 3,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: remoteLogSegmentMetadataSnapshotRecord,
})
