// AlterPartition: a partition's leader asks the controller to change its ISR (KIP-497).

import { defineApi } from '../schema/message.ts'
import {
  array,
  int16,
  int32,
  int8,
  offset,
  string,
  struct,
  uuid,
  type Value,
  type Wire,
} from '../schema/vocabulary.ts'

const brokerState = struct({
  brokerId: int32.entity('brokerId'),
  brokerEpoch: offset.default(-1),
})
export interface BrokerState extends Value<typeof brokerState> {}

const alterPartitionRequestPartitionData = struct({
  partitionIndex: int32,
  leaderEpoch: int32,
  newIsr: array(int32).until(2).entity('brokerId').legacy(),
  newIsrWithEpochs: array<BrokerState>(brokerState).since(3),
  leaderRecoveryState: int8.since(1),
  partitionEpoch: int32,
})
export interface AlterPartitionRequestPartitionData
  extends Value<typeof alterPartitionRequestPartitionData> {}

const alterPartitionRequestTopicData = struct({
  topicName: string.until(1).ignorable().entity('topicName'),
  topicId: uuid.since(2).ignorable(),
  partitions: array<AlterPartitionRequestPartitionData>(alterPartitionRequestPartitionData),
})
export interface AlterPartitionRequestTopicData extends Value<typeof alterPartitionRequestTopicData> {}

const alterPartitionRequest = struct({
  brokerId: int32.entity('brokerId'),
  brokerEpoch: offset.default(-1),
  topics: array<AlterPartitionRequestTopicData>(alterPartitionRequestTopicData),
})
export interface AlterPartitionRequest extends Value<typeof alterPartitionRequest> {}

const alterPartitionResponsePartitionData = struct({
  partitionIndex: int32,
  errorCode: int16,
  leaderId: int32.entity('brokerId'),
  leaderEpoch: int32,
  isr: array(int32).entity('brokerId'),
  leaderRecoveryState: int8.since(1).ignorable(),
  partitionEpoch: int32,
})
export interface AlterPartitionResponsePartitionData
  extends Value<typeof alterPartitionResponsePartitionData> {}

const alterPartitionResponseTopicData = struct({
  topicName: string.until(1).ignorable().entity('topicName'),
  topicId: uuid.since(2).ignorable(),
  partitions: array<AlterPartitionResponsePartitionData>(alterPartitionResponsePartitionData),
})
export interface AlterPartitionResponseTopicData extends Value<typeof alterPartitionResponseTopicData> {}

const alterPartitionResponse = struct({
  throttleTimeMs: int32,
  errorCode: int16,
  topics: array<AlterPartitionResponseTopicData>(alterPartitionResponseTopicData),
})
export interface AlterPartitionResponse extends Value<typeof alterPartitionResponse> {}

/** What a version brought that handlers must know. */
const means = { topicIds: 2, brokerEpochs: 3 } as const

/** Before v3 the ISR comes without broker epochs. */
function upgrade(request: AlterPartitionRequest, version: number): void {
  if (version >= means.brokerEpochs) return
  for (const topic of request.topics) {
    for (const partition of topic.partitions as Wire<typeof alterPartitionRequestPartitionData>[]) {
      partition.newIsrWithEpochs = partition.newIsr.map(brokerId => ({ brokerId, brokerEpoch: -1 }))
    }
  }
}

export const AlterPartition = defineApi<AlterPartitionRequest, AlterPartitionResponse, keyof typeof means>({
  key: 56,
  name: 'AlterPartition',
  versions: [0, 3],
  flexibleFrom: 0,
  listeners: ['controller'],
  request: alterPartitionRequest,
  response: alterPartitionResponse,
  means,
  upgrade,
})
