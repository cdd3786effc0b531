// DescribeLogDirs: log directories, the replicas in them and their sizes (KIP-113), volume sizes from v4
// (KIP-827).

import { defineApi } from '../schema/message.ts'
import { array, bool, int16, int32, offset, string, struct, type Value } from '../schema/vocabulary.ts'

const describableLogDirTopic = struct({
  topic: string.entity('topicName').key(),
  partitions: array(int32),
})
export interface DescribableLogDirTopic extends Value<typeof describableLogDirTopic> {}

const describeLogDirsRequest = struct({
  topics: array<DescribableLogDirTopic>(describableLogDirTopic).nullable(),
})
export interface DescribeLogDirsRequest extends Value<typeof describeLogDirsRequest> {}

const describeLogDirsPartition = struct({
  partitionIndex: int32,
  partitionSize: offset,
  offsetLag: offset,
  isFutureKey: bool,
})
export interface DescribeLogDirsPartition extends Value<typeof describeLogDirsPartition> {}

const describeLogDirsTopic = struct({
  name: string.entity('topicName'),
  partitions: array<DescribeLogDirsPartition>(describeLogDirsPartition),
})
export interface DescribeLogDirsTopic extends Value<typeof describeLogDirsTopic> {}

const describeLogDirsResult = struct({
  errorCode: int16,
  logDir: string,
  topics: array<DescribeLogDirsTopic>(describeLogDirsTopic),
  totalBytes: offset.since(4).default(-1).ignorable(),
  usableBytes: offset.since(4).default(-1).ignorable(),
  isCordoned: bool.since(5).ignorable(),
})
export interface DescribeLogDirsResult extends Value<typeof describeLogDirsResult> {}

const describeLogDirsResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16.since(3).ignorable(),
  results: array<DescribeLogDirsResult>(describeLogDirsResult),
})
export interface DescribeLogDirsResponse extends Value<typeof describeLogDirsResponse> {}

/** What a version brought that handlers must know. */
const means = { topLevelErrors: 3, volumeSizes: 4 } as const

export const DescribeLogDirs = defineApi<DescribeLogDirsRequest, DescribeLogDirsResponse, keyof typeof means>(
  {
    key: 35,
    name: 'DescribeLogDirs',
    versions: [0, 5],
    flexibleFrom: 2,
    listeners: ['broker'],
    request: describeLogDirsRequest,
    response: describeLogDirsResponse,
    means,
  },
)
