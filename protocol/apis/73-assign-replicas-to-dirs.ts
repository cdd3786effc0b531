// AssignReplicasToDirs: a broker tells the controller which log directories hold its replicas (KIP-858).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, offset, struct, uuid, type Value } from '../schema/vocabulary.ts'

const assignReplicasToDirsRequestPartitionData = struct({
  partitionIndex: int32,
})
export interface AssignReplicasToDirsRequestPartitionData
  extends Value<typeof assignReplicasToDirsRequestPartitionData> {}

const assignReplicasToDirsRequestTopicData = struct({
  topicId: uuid,
  partitions: array<AssignReplicasToDirsRequestPartitionData>(assignReplicasToDirsRequestPartitionData),
})
export interface AssignReplicasToDirsRequestTopicData
  extends Value<typeof assignReplicasToDirsRequestTopicData> {}

const assignReplicasToDirsRequestDirectoryData = struct({
  id: uuid,
  topics: array<AssignReplicasToDirsRequestTopicData>(assignReplicasToDirsRequestTopicData),
})
export interface AssignReplicasToDirsRequestDirectoryData
  extends Value<typeof assignReplicasToDirsRequestDirectoryData> {}

const assignReplicasToDirsRequest = struct({
  brokerId: int32.entity('brokerId'),
  brokerEpoch: offset.default(-1),
  directories: array<AssignReplicasToDirsRequestDirectoryData>(assignReplicasToDirsRequestDirectoryData),
})
export interface AssignReplicasToDirsRequest extends Value<typeof assignReplicasToDirsRequest> {}

const assignReplicasToDirsResponsePartitionData = struct({
  partitionIndex: int32,
  errorCode: int16,
})
export interface AssignReplicasToDirsResponsePartitionData
  extends Value<typeof assignReplicasToDirsResponsePartitionData> {}

const assignReplicasToDirsResponseTopicData = struct({
  topicId: uuid,
  partitions: array<AssignReplicasToDirsResponsePartitionData>(assignReplicasToDirsResponsePartitionData),
})
export interface AssignReplicasToDirsResponseTopicData
  extends Value<typeof assignReplicasToDirsResponseTopicData> {}

const assignReplicasToDirsResponseDirectoryData = struct({
  id: uuid,
  topics: array<AssignReplicasToDirsResponseTopicData>(assignReplicasToDirsResponseTopicData),
})
export interface AssignReplicasToDirsResponseDirectoryData
  extends Value<typeof assignReplicasToDirsResponseDirectoryData> {}

const assignReplicasToDirsResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  directories: array<AssignReplicasToDirsResponseDirectoryData>(assignReplicasToDirsResponseDirectoryData),
})
export interface AssignReplicasToDirsResponse extends Value<typeof assignReplicasToDirsResponse> {}

export const AssignReplicasToDirs = defineApi<AssignReplicasToDirsRequest, AssignReplicasToDirsResponse>({
  key: 73,
  name: 'AssignReplicasToDirs',
  versions: [0, 0],
  flexibleFrom: 0,
  listeners: ['controller'],
  request: assignReplicasToDirsRequest,
  response: assignReplicasToDirsResponse,
})
