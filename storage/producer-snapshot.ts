// `<offset>.snapshot`: every producer that a log knew at that offset, so that a start need not read the log again.
// Kafka's ProducerSnapshot message, version 1 (the only one), with a checksum over all that follows it:
//
//    0  int16   version = 1
//    2  uint32  crc32c of [6, end)
//    6  int32   count
//   10  count × 46 bytes:
//        0 int64 producerId         22 int32 offsetDelta (of the last batch)
//        8 int16 producerEpoch      26 int64 timestamp
//       10 int32 lastSequence       34 int32 coordinatorEpoch
//       14 int64 lastOffset         38 int64 currentTxnFirstOffset (-1: none)
//
// Of the five-batch window only the last batch is kept, as in Kafka.
import { getInt64, setInt64 } from '../protocol/records/batch.ts'
import { crc32c } from '../protocol/records/crc32c.ts'
import { ProducerEntry } from './producer-entry.ts'

const PRODUCER_SNAPSHOT_SUFFIX = '.snapshot'
const VERSION = 1
const CRC_POSITION = 2
const COUNT_POSITION = 6
const ENTRIES_POSITION = 10
const ENTRY_SIZE = 46

export class CorruptSnapshotError extends Error {
  override readonly name = 'CorruptSnapshotError'
}

export function producerSnapshotName(offset: number): string {
  return String(offset).padStart(20, '0') + PRODUCER_SNAPSHOT_SUFFIX
}

/** The offset in a snapshot's file name, or undefined for any other file. */
export function producerSnapshotOffset(fileName: string): number | undefined {
  if (!fileName.endsWith(PRODUCER_SNAPSHOT_SUFFIX)) return undefined
  const digits = fileName.slice(0, -PRODUCER_SNAPSHOT_SUFFIX.length)
  return /^\d{1,20}$/.test(digits) ? Number(digits) : undefined
}

export function writeProducerSnapshot(producers: ReadonlyMap<number, ProducerEntry>): Buffer {
  const bytes = Buffer.alloc(ENTRIES_POSITION + producers.size * ENTRY_SIZE)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  view.setInt16(0, VERSION)
  view.setInt32(COUNT_POSITION, producers.size)
  let at = ENTRIES_POSITION
  for (const producer of producers.values()) {
    setInt64(view, at, producer.producerId)
    view.setInt16(at + 8, producer.producerEpoch)
    view.setInt32(at + 10, producer.lastSequence)
    setInt64(view, at + 14, producer.lastDataOffset)
    view.setInt32(at + 22, producer.lastOffsetDelta)
    setInt64(view, at + 26, producer.lastTimestamp)
    view.setInt32(at + 34, producer.coordinatorEpoch)
    setInt64(view, at + 38, producer.currentTxnFirstOffset)
    at += ENTRY_SIZE
  }
  view.setUint32(CRC_POSITION, crc32c(bytes.subarray(COUNT_POSITION)))
  return bytes
}

export function readProducerSnapshot(bytes: Buffer): ProducerEntry[] {
  if (bytes.length < ENTRIES_POSITION) throw new CorruptSnapshotError(`only ${bytes.length} bytes`)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const version = view.getInt16(0)
  if (version !== VERSION) throw new CorruptSnapshotError(`unknown version ${version}`)
  if (view.getUint32(CRC_POSITION) !== crc32c(bytes.subarray(COUNT_POSITION)))
    throw new CorruptSnapshotError('the checksum does not match')
  const count = view.getInt32(COUNT_POSITION)
  if (count < 0 || ENTRIES_POSITION + count * ENTRY_SIZE > bytes.length)
    throw new CorruptSnapshotError(`${count} producers do not fit in ${bytes.length} bytes`)
  const producers: ProducerEntry[] = []
  for (let at = ENTRIES_POSITION; producers.length < count; at += ENTRY_SIZE) {
    const producer = new ProducerEntry(getInt64(view, at))
    const lastOffset = getInt64(view, at + 14)
    const timestamp = getInt64(view, at + 26)
    if (lastOffset >= 0)
      producer.addBatch(
        view.getInt16(at + 8),
        view.getInt32(at + 10),
        lastOffset,
        view.getInt32(at + 22),
        timestamp,
      )
    producer.producerEpoch = view.getInt16(at + 8)
    producer.lastTimestamp = timestamp
    producer.coordinatorEpoch = view.getInt32(at + 34)
    producer.currentTxnFirstOffset = Math.max(-1, getInt64(view, at + 38))
    producers.push(producer)
  }
  return producers
}
