// Metadata snapshots (`<end offset>-<epoch>.checkpoint`) and bootstrap.checkpoint, as bytes.
//
//   control batch  SnapshotHeader, and with kraft.version 1 KRaftVersion and KRaftVoters
//   data batches   records, offsets counted from 0 over the whole file, in the snapshot's epoch
//   control batch  SnapshotFooter; without it the file is not whole
//
// Kafka's RecordsSnapshotWriter and RecordsSnapshotReader.
import { readMessage, writeMessage } from '../../protocol/codec/message.ts'
import { chunksOf, controlBatch, dataBatch, encodeRecords, readBatches } from './metadata-batch.ts'
import type { MetadataRecord } from './metadata-record.ts'
import {
  KRaftVersionRecord,
  SnapshotFooterRecord,
  SnapshotHeaderRecord,
  VotersRecord,
} from '../../protocol/internal/control-records.ts'
import { MetadataFormatError } from './record-framing.ts'

/** kraft.version and voters, as far as they are in the log (kraft.version 1). */
export interface VoterSet {
  readonly kraftVersion: number
  readonly voters: VotersRecord | undefined
}

export const STATIC_VOTERS: VoterSet = { kraftVersion: 0, voters: undefined }

export interface SnapshotContent {
  readonly lastContainedLogTimestampMs: number
  readonly voterSet: VoterSet
  readonly records: readonly MetadataRecord[]
}

export function encodeSnapshot(
  content: SnapshotContent,
  place: { readonly epoch: number; readonly timestampMs: number; readonly metadataVersion: number },
): Buffer {
  const { epoch, timestampMs, metadataVersion } = place
  const header = writeMessage(SnapshotHeaderRecord, 0, {
    version: 0,
    lastContainedLogTimestamp: BigInt(content.lastContainedLogTimestampMs),
  })
  const parts: Buffer[] = [
    controlBatch({ baseOffset: 0, epoch, timestampMs }, [
      { type: 'SNAPSHOT_HEADER', value: header },
      ...voterRecords(content.voterSet),
    ]),
  ]
  let baseOffset = 1 + voterRecords(content.voterSet).length
  for (const chunk of chunksOf(encodeRecords(content.records, metadataVersion))) {
    parts.push(dataBatch({ baseOffset, epoch, timestampMs }, chunk))
    baseOffset += chunk.length
  }
  const footer = writeMessage(SnapshotFooterRecord, 0, { version: 0 })
  parts.push(controlBatch({ baseOffset, epoch, timestampMs }, [{ type: 'SNAPSHOT_FOOTER', value: footer }]))
  return Buffer.concat(parts)
}

/** The control records by which kraft.version 1 says who votes; none with static voters. */
export function voterRecords({ kraftVersion, voters }: VoterSet) {
  if (kraftVersion === 0 || voters === undefined) return []
  return [
    {
      type: 'KRAFT_VERSION' as const,
      value: writeMessage(KRaftVersionRecord, 0, { version: 0, kRaftVersion: kraftVersion }),
    },
    { type: 'KRAFT_VOTERS' as const, value: writeMessage(VotersRecord, 0, voters) },
  ]
}

/** Throws MetadataFormatError when the bytes are no whole snapshot. */
export function decodeSnapshot(bytes: Buffer): SnapshotContent {
  const records: MetadataRecord[] = []
  let voterSet = STATIC_VOTERS
  let lastContainedLogTimestampMs = 0
  let ended = false
  let size = 0
  for (const batch of readBatches(bytes)) {
    size += batch.sizeInBytes
    if (ended) throw new MetadataFormatError('something follows the footer of the snapshot')
    if (batch.kind === 'data') {
      for (const record of batch.records) records.push(record)
      continue
    }
    for (const { type, value } of batch.control) {
      if (type === 'SNAPSHOT_HEADER') {
        lastContainedLogTimestampMs = Number(
          readMessage(SnapshotHeaderRecord, 0, value).lastContainedLogTimestamp,
        )
      } else if (type === 'SNAPSHOT_FOOTER') ended = true
      else voterSet = applyVoterRecord(voterSet, type, value)
    }
  }
  if (!ended || size !== bytes.length) throw new MetadataFormatError('the snapshot is cut: it has no footer')
  return { lastContainedLogTimestampMs, voterSet, records }
}

/** What a control record does to the voter set, in a snapshot or in the log; other types do nothing. */
export function applyVoterRecord(before: VoterSet, type: string, value: Buffer): VoterSet {
  if (type === 'KRAFT_VERSION') {
    return { ...before, kraftVersion: readMessage(KRaftVersionRecord, 0, value).kRaftVersion }
  }
  if (type === 'KRAFT_VOTERS') return { ...before, voters: readMessage(VotersRecord, 0, value) }
  return before
}
