// Start of the controller: the newest snapshot that is whole, the log after it, and who votes. Reads only, with one exception: a log
// that ends below its snapshot (its tail was lost, or it never was) begins anew where the snapshot ends, as Kafka's does.
import type { MetadataLoader } from '../metadata/loader.ts'
import { type MetadataBatch, readBatches } from '../metadata/metadata-batch.ts'
import { applyVoterRecord, decodeSnapshot, STATIC_VOTERS, type VoterSet } from '../metadata/snapshot.ts'
import type { MetadataLog } from '../ports/metadata-log.ts'
import type { SnapshotWriter } from './snapshot-writer.ts'

/** This directory's metadata cannot be led by this node alone: other voters, or a part of it is missing. */
class QuorumError extends Error {
  override readonly name = 'QuorumError'
}

const READ_BYTES = 8 * 1024 * 1024

export function loadMetadata(
  log: MetadataLog,
  snapshots: SnapshotWriter,
  loader: MetadataLoader,
  nodeId: number,
): VoterSet {
  let voterSet = STATIC_VOTERS
  let offset = 0
  const snapshot = snapshots.newestWhole()
  if (snapshot !== undefined) {
    const content = decodeSnapshot(snapshot.bytes)
    voterSet = content.voterSet
    offset = snapshot.id.offset
    const { epoch } = snapshot.id
    loader.loadSnapshot(content.records, {
      endOffset: offset,
      epoch,
      timestampMs: content.lastContainedLogTimestampMs,
    })
    if (log.endOffset < offset) log.resetTo(snapshot.id)
  }
  if (log.startOffset > offset) {
    throw new QuorumError(
      `the metadata log begins at ${log.startOffset}, and no whole snapshot holds what was before: the newest ends at ${offset}`,
    )
  }
  while (offset < log.endOffset) {
    const before = offset
    for (const batch of readBatches(log.read(offset, READ_BYTES))) {
      if (batch.lastOffset < offset) continue
      loader.replay(batch)
      voterSet = votersAfter(voterSet, batch)
      snapshots.count(batch.sizeInBytes)
      offset = batch.lastOffset + 1
    }
    if (offset === before) throw new QuorumError(`the metadata log has nothing at ${offset}, before its end`)
  }
  loader.publish()
  refuseOtherVoters(voterSet, log, nodeId)
  return voterSet
}

/** Control records in the log change who votes. */
export function votersAfter(before: VoterSet, batch: MetadataBatch): VoterSet {
  if (batch.kind !== 'control') return before
  return batch.control.reduce((voters, { type, value }) => applyVoterRecord(voters, type, value), before)
}

function refuseOtherVoters(voterSet: VoterSet, log: MetadataLog, nodeId: number): void {
  const voters =
    voterSet.voters?.voters.map(voter => voter.voterId) ?? log.readQuorumState()?.currentVoters ?? []
  if (voters.some(voter => voter !== nodeId)) {
    throw new QuorumError(
      `the metadata quorum of this directory has the voters ${voters.join(', ')}, and this node is ${nodeId}. ` +
        'Only a quorum of this node alone can be led by the embedded controller',
    )
  }
}
