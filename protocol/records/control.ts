// Control records: what the broker itself writes between a partition's records. Consumers skip them; their key says
// what they are. Answers to Kafka's ControlRecordType, EndTransactionMarker and the KRaft control records.
//
//   key    int16 version (0) | int16 type
//   value  of abort and commit: int16 version (0) | int32 coordinatorEpoch
//          of the others: a message of protocol/internal (LeaderChangeMessage, SnapshotHeaderRecord, ...)
import { buildBatch } from './builder.ts'
import { invalidRecord } from './errors.ts'

export type ControlRecordType =
  | 'ABORT'
  | 'COMMIT'
  | 'LEADER_CHANGE'
  | 'SNAPSHOT_HEADER'
  | 'SNAPSHOT_FOOTER'
  | 'KRAFT_VERSION'
  | 'KRAFT_VOTERS'
  | 'UNKNOWN'

/** In the order of their ids. */
const types: readonly ControlRecordType[] = [
  'ABORT',
  'COMMIT',
  'LEADER_CHANGE',
  'SNAPSHOT_HEADER',
  'SNAPSHOT_FOOTER',
  'KRAFT_VERSION',
  'KRAFT_VOTERS',
]

export function controlRecordKey(type: Exclude<ControlRecordType, 'UNKNOWN'>): Buffer {
  const key = Buffer.alloc(4)
  key.writeInt16BE(types.indexOf(type), 2)
  return key
}

/** A type of a later Kafka is UNKNOWN, not an error. */
export function controlRecordType(key: Buffer | null): ControlRecordType {
  if (key === null || key.length < 4) throw invalidRecord('the key of a control record is cut')
  const version = key.readInt16BE(0)
  if (version < 0) throw invalidRecord(`the key of a control record has the version ${version}`)
  return types[key.readInt16BE(2)] ?? 'UNKNOWN'
}

export interface ControlBatchInput {
  type: Exclude<ControlRecordType, 'UNKNOWN'>
  value: Uint8Array
  timestamp: number
  baseOffset?: number
  partitionLeaderEpoch?: number
}

/** A batch of one control record outside any transaction, as KRaft writes them. */
export function buildControlBatch({ type, value, ...rest }: ControlBatchInput): Buffer {
  return buildBatch({ ...rest, isControl: true, records: [{ key: controlRecordKey(type), value }] })
}

export interface EndTransactionMarkerInput {
  type: 'ABORT' | 'COMMIT'
  coordinatorEpoch: number
  producerId: number
  producerEpoch: number
  timestamp: number
  baseOffset?: number
  partitionLeaderEpoch?: number
}

export function buildEndTransactionMarker({
  type,
  coordinatorEpoch,
  ...rest
}: EndTransactionMarkerInput): Buffer {
  const value = Buffer.alloc(6)
  value.writeInt32BE(coordinatorEpoch, 2)
  return buildBatch({
    ...rest,
    isControl: true,
    isTransactional: true,
    records: [{ key: controlRecordKey(type), value }],
  })
}

export interface EndTransactionMarker {
  type: 'ABORT' | 'COMMIT'
  coordinatorEpoch: number
}

/** Of a control record that ends a transaction; undefined for the other types. Later versions only add fields. */
export function readEndTransactionMarker(
  key: Buffer | null,
  value: Buffer | null,
): EndTransactionMarker | undefined {
  const type = controlRecordType(key)
  if (type !== 'ABORT' && type !== 'COMMIT') return undefined
  if (value === null || value.length < 6) throw invalidRecord('a transaction marker is cut')
  const version = value.readInt16BE(0)
  if (version < 0) throw invalidRecord(`a transaction marker has the version ${version}`)
  return { type, coordinatorEpoch: value.readInt32BE(2) }
}
