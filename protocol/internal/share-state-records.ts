// Records of `__share_group_state`, the share coordinator's log (KIP-932): snapshots of a share partition's
// state and updates to them. Framed as in group-records.ts.

import { defineMessage } from '../schema/message.ts'
import {
  array,
  int16,
  int32,
  int64,
  int8,
  offset,
  string,
  struct,
  uuid,
  type Value,
} from '../schema/vocabulary.ts'

const shareSnapshotKey = struct({
  groupId: string,
  topicId: uuid,
  partition: int32,
})
export interface ShareSnapshotKey extends Value<typeof shareSnapshotKey> {}

export const ShareSnapshotKey = defineMessage<ShareSnapshotKey>({
  name: 'ShareSnapshotKey',
  apiKey: 0,
  versions: [0, 0],
  fields: shareSnapshotKey,
})

const shareSnapshotValueStateBatch = struct({
  firstOffset: offset,
  lastOffset: offset,
  deliveryState: int8,
  deliveryCount: int16,
})
export interface ShareSnapshotValueStateBatch extends Value<typeof shareSnapshotValueStateBatch> {}

const shareSnapshotValue = struct({
  snapshotEpoch: int32,
  stateEpoch: int32,
  leaderEpoch: int32,
  startOffset: offset,
  deliveryCompleteCount: int32.default(-1).tag(0),
  createTimestamp: int64,
  writeTimestamp: int64,
  stateBatches: array<ShareSnapshotValueStateBatch>(shareSnapshotValueStateBatch),
})
export interface ShareSnapshotValue extends Value<typeof shareSnapshotValue> {}

export const ShareSnapshotValue = defineMessage<ShareSnapshotValue>({
  name: 'ShareSnapshotValue',
  apiKey: 0,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: shareSnapshotValue,
})

const shareUpdateKey = struct({
  groupId: string,
  topicId: uuid,
  partition: int32,
})
export interface ShareUpdateKey extends Value<typeof shareUpdateKey> {}

export const ShareUpdateKey = defineMessage<ShareUpdateKey>({
  name: 'ShareUpdateKey',
  apiKey: 1,
  versions: [0, 0],
  fields: shareUpdateKey,
})

const shareUpdateValueStateBatch = struct({
  firstOffset: offset,
  lastOffset: offset,
  deliveryState: int8,
  deliveryCount: int16,
})
export interface ShareUpdateValueStateBatch extends Value<typeof shareUpdateValueStateBatch> {}

const shareUpdateValue = struct({
  snapshotEpoch: int32,
  leaderEpoch: int32,
  startOffset: offset,
  deliveryCompleteCount: int32.default(-1).tag(0),
  stateBatches: array<ShareUpdateValueStateBatch>(shareUpdateValueStateBatch),
})
export interface ShareUpdateValue extends Value<typeof shareUpdateValue> {}

export const ShareUpdateValue = defineMessage<ShareUpdateValue>({
  name: 'ShareUpdateValue',
  apiKey: 1,
  versions: [0, 0],
  flexibleFrom: 0,
  fields: shareUpdateValue,
})
