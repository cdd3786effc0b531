// The `.snapshot` file beside a segment: what the log knows of its producers at that offset. An int16
// version stands before the message; its first field is a CRC-32C of what follows that field.

import { defineMessage } from '../schema/message.ts'
import { array, int16, int32, int64, offset, struct, uint32, type Value } from '../schema/vocabulary.ts'

const producerEntry = struct({
  producerId: int64,
  epoch: int16,
  lastSequence: int32,
  lastOffset: offset,
  offsetDelta: int32,
  timestamp: int64,
  coordinatorEpoch: int32,
  currentTxnFirstOffset: offset,
})
export interface ProducerEntry extends Value<typeof producerEntry> {}

const producerSnapshot = struct({
  crc: uint32,
  producerEntries: array<ProducerEntry>(producerEntry),
})
export interface ProducerSnapshot extends Value<typeof producerSnapshot> {}

export const ProducerSnapshot = defineMessage<ProducerSnapshot>({
  name: 'ProducerSnapshot',
  versions: [1, 1],
  fields: producerSnapshot,
})
