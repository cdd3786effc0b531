// The metadata log's port over plain memory, for tests of the controller alone: flushes resolve when the test says so, or at once;
// `crash` gives the log that a power cut would leave.
import { batches } from '../../../protocol/records/batch.ts'
import type { MetadataLog, QuorumStateFile, SnapshotId } from '../../ports/metadata-log.ts'

export class MemoryMetadataLog implements MetadataLog {
  startOffset = 0
  endOffset = 0
  lastEpoch = 0
  directoryId: string | undefined = 'DDDDDDDDDDDDDDDDDDDDDA'
  /** Set to make the next append or flush fail. */
  failure: Error | undefined
  /** Set to hold back flushes until it resolves. */
  gate: Promise<void> | undefined
  #batches: { baseOffset: number; nextOffset: number; epoch: number; bytes: Buffer }[] = []
  #flushedOffset = 0
  #snapshots = new Map<string, { id: SnapshotId; bytes: Buffer }>()
  #quorumState: QuorumStateFile | undefined
  #bootstrap: Buffer | undefined

  get sizeInBytes(): number {
    return this.#batches.reduce((sum, { bytes }) => sum + bytes.length, 0)
  }

  read(offset: number, maxBytes: number): Buffer {
    const parts: Buffer[] = []
    let size = 0
    for (const batch of this.#batches) {
      if (batch.nextOffset <= offset) continue
      if (parts.length > 0 && size + batch.bytes.length > maxBytes) break
      parts.push(batch.bytes)
      size += batch.bytes.length
    }
    return Buffer.concat(parts)
  }

  append(bytes: Buffer): void {
    if (this.failure !== undefined) throw this.failure
    for (const { baseOffset, nextOffset, partitionLeaderEpoch: epoch, slice } of batches(bytes)) {
      if (baseOffset !== this.endOffset) throw new Error(`${baseOffset} does not follow ${this.endOffset}`)
      this.#batches.push({ baseOffset, nextOffset, epoch, bytes: Buffer.from(slice) })
      this.endOffset = nextOffset
      this.lastEpoch = epoch
    }
  }

  async flush(): Promise<void> {
    const { endOffset } = this
    await this.gate
    if (this.failure !== undefined) throw this.failure
    this.#flushedOffset = Math.max(this.#flushedOffset, endOffset)
  }

  startAt(snapshot: SnapshotId): void {
    this.#batches = this.#batches.filter(batch => batch.nextOffset > snapshot.offset)
    this.startOffset = snapshot.offset
  }

  resetTo(snapshot: SnapshotId): void {
    this.#batches = []
    this.startOffset = this.endOffset = this.#flushedOffset = snapshot.offset
    this.lastEpoch = snapshot.epoch
  }

  snapshots(): SnapshotId[] {
    return [...this.#snapshots.values()].map(({ id }) => id).sort((a, b) => a.offset - b.offset)
  }

  readSnapshot(id: SnapshotId): Buffer {
    return this.#snapshots.get(`${id.offset}-${id.epoch}`)!.bytes
  }

  writeSnapshot(id: SnapshotId, bytes: Buffer): void {
    this.#snapshots.set(`${id.offset}-${id.epoch}`, { id, bytes })
  }

  deleteSnapshot(id: SnapshotId): void {
    this.#snapshots.delete(`${id.offset}-${id.epoch}`)
  }

  snapshotSizeInBytes(id: SnapshotId): number {
    return this.readSnapshot(id).length
  }

  readQuorumState(): QuorumStateFile | undefined {
    return this.#quorumState
  }

  writeQuorumState(state: QuorumStateFile): void {
    this.#quorumState = state
  }

  readBootstrap(): Buffer | undefined {
    return this.#bootstrap
  }

  setBootstrap(bytes: Buffer): void {
    this.#bootstrap = bytes
  }

  close(): void {}

  /** What is on the disk: everything flushed, and nothing else. */
  crash(): MemoryMetadataLog {
    const survivor = new MemoryMetadataLog()
    survivor.#batches = this.#batches.filter(batch => batch.nextOffset <= this.#flushedOffset)
    survivor.startOffset = this.startOffset
    survivor.endOffset = survivor.#flushedOffset = this.#flushedOffset
    survivor.lastEpoch = survivor.#batches.at(-1)?.epoch ?? 0
    survivor.#snapshots = new Map(this.#snapshots)
    survivor.#quorumState = this.#quorumState
    survivor.#bootstrap = this.#bootstrap
    return survivor
  }
}
