// ControlledShutdown: a broker asked the ZooKeeper controller to move its leaderships away. Encodable,
// never served.

import { defineApi } from '../schema/message.ts'
import { array, int16, int32, offset, string, struct, type Value } from '../schema/vocabulary.ts'

const controlledShutdownRequest = struct({
  brokerId: int32.entity('brokerId'),
  brokerEpoch: offset.since(2).default(-1).ignorable(),
})
export interface ControlledShutdownRequest extends Value<typeof controlledShutdownRequest> {}

const remainingPartition = struct({
  topicName: string.entity('topicName').key(),
  partitionIndex: int32.key(),
})
export interface RemainingPartition extends Value<typeof remainingPartition> {}

const controlledShutdownResponse = struct({
  errorCode: int16,
  remainingPartitions: array<RemainingPartition>(remainingPartition),
})
export interface ControlledShutdownResponse extends Value<typeof controlledShutdownResponse> {}

export const ControlledShutdown = defineApi<ControlledShutdownRequest, ControlledShutdownResponse>({
  key: 7,
  name: 'ControlledShutdown',
  versions: [0, 3],
  flexibleFrom: 3,
  listeners: ['zkBroker', 'controller'],
  request: controlledShutdownRequest,
  response: controlledShutdownResponse,
})
