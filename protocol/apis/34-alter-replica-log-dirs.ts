// AlterReplicaLogDirs: moves replicas between the log directories of a broker (KIP-113).

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, string, struct, type Value } from '../schema/vocabulary.ts'

const alterReplicaLogDirTopic = struct({
  name: string.entity('topicName').key(),
  partitions: array(int32),
})
export interface AlterReplicaLogDirTopic extends Value<typeof alterReplicaLogDirTopic> {}

const alterReplicaLogDir = struct({
  path: string.key(),
  topics: array<AlterReplicaLogDirTopic>(alterReplicaLogDirTopic),
})
export interface AlterReplicaLogDir extends Value<typeof alterReplicaLogDir> {}

const alterReplicaLogDirsRequest = struct({
  dirs: array<AlterReplicaLogDir>(alterReplicaLogDir),
})
export interface AlterReplicaLogDirsRequest extends Value<typeof alterReplicaLogDirsRequest> {}

const alterReplicaLogDirPartitionResult = struct({
  partitionIndex: int32,
  errorCode: int16,
})
export interface AlterReplicaLogDirPartitionResult extends Value<typeof alterReplicaLogDirPartitionResult> {}

const alterReplicaLogDirTopicResult = struct({
  topicName: string.entity('topicName'),
  partitions: array<AlterReplicaLogDirPartitionResult>(alterReplicaLogDirPartitionResult),
})
export interface AlterReplicaLogDirTopicResult extends Value<typeof alterReplicaLogDirTopicResult> {}

const alterReplicaLogDirsResponse = struct({
  throttleTimeMs: int32,
  results: array<AlterReplicaLogDirTopicResult>(alterReplicaLogDirTopicResult),
})
export interface AlterReplicaLogDirsResponse extends Value<typeof alterReplicaLogDirsResponse> {}

export const AlterReplicaLogDirs = defineApi<AlterReplicaLogDirsRequest, AlterReplicaLogDirsResponse>({
  key: 34,
  name: 'AlterReplicaLogDirs',
  versions: [0, 2],
  flexibleFrom: 2,
  listeners: ['broker'],
  request: alterReplicaLogDirsRequest,
  response: alterReplicaLogDirsResponse,
})
