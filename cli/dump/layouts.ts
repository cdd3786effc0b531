// The fixed layouts of a partition's small files, for binary-parser: offset index, time index, transaction index,
// producer snapshot, and the header of a v2 batch. It reads with bounds checks as long as no length field is trusted,
// and here every record has a fixed size; the wire has its own codec.
import { Parser } from 'binary-parser'

export interface OffsetIndexEntry {
  relativeOffset: number
  position: number
}
export interface TimeIndexEntry {
  timestamp: bigint
  relativeOffset: number
}
export interface TxnIndexEntry {
  version: number
  producerId: bigint
  firstOffset: bigint
  lastOffset: bigint
  lastStableOffset: bigint
}
export interface ProducerSnapshotEntry {
  producerId: bigint
  producerEpoch: number
  lastSequence: number
  lastOffset: bigint
  offsetDelta: number
  timestamp: bigint
  coordinatorEpoch: number
  currentTxnFirstOffset: bigint
}
export interface BatchHeader {
  baseOffset: bigint
  length: number
  partitionLeaderEpoch: number
  magic: number
  crc: number
  attributes: number
  lastOffsetDelta: number
  baseTimestamp: bigint
  maxTimestamp: bigint
  producerId: bigint
  producerEpoch: number
  baseSequence: number
  recordCount: number
}

interface Layout<T> {
  readonly size: number
  readonly parser: { parse(bytes: Buffer): T }
}

function layoutOf<T>(size: number, parser: unknown): Layout<T> {
  return { size, parser: parser as Layout<T>['parser'] }
}

export const OFFSET_INDEX = layoutOf<OffsetIndexEntry>(
  8,
  new Parser().int32be('relativeOffset').int32be('position'),
)
export const TIME_INDEX = layoutOf<TimeIndexEntry>(
  12,
  new Parser().int64be('timestamp').int32be('relativeOffset'),
)
export const TXN_INDEX = layoutOf<TxnIndexEntry>(
  34,
  new Parser()
    .int16be('version')
    .int64be('producerId')
    .int64be('firstOffset')
    .int64be('lastOffset')
    .int64be('lastStableOffset'),
)
export const PRODUCER_SNAPSHOT_HEADER = layoutOf<{ version: number; crc: number; count: number }>(
  10,
  new Parser().int16be('version').uint32be('crc').int32be('count'),
)
export const PRODUCER_SNAPSHOT = layoutOf<ProducerSnapshotEntry>(
  46,
  new Parser()
    .int64be('producerId')
    .int16be('producerEpoch')
    .int32be('lastSequence')
    .int64be('lastOffset')
    .int32be('offsetDelta')
    .int64be('timestamp')
    .int32be('coordinatorEpoch')
    .int64be('currentTxnFirstOffset'),
)
export const BATCH_HEADER = layoutOf<BatchHeader>(
  61,
  new Parser()
    .int64be('baseOffset')
    .int32be('length')
    .int32be('partitionLeaderEpoch')
    .int8('magic')
    .uint32be('crc')
    .int16be('attributes')
    .int32be('lastOffsetDelta')
    .int64be('baseTimestamp')
    .int64be('maxTimestamp')
    .int64be('producerId')
    .int16be('producerEpoch')
    .int32be('baseSequence')
    .int32be('recordCount'),
)

/** Whole entries only; what is left over at the end is not one. */
export function* entries<T>({ size, parser }: Layout<T>, bytes: Buffer, start = 0): Generator<T> {
  for (let at = start; at + size <= bytes.length; at += size)
    yield parser.parse(bytes.subarray(at, at + size))
}
