// The port between the embedded controller and `__cluster_metadata-0` on a disk or in memory: batches, snapshots, the quorum state.
//
// Kafka's RaftLog (KafkaMetadataLog) and QuorumStateStore, as far as one voter needs them. An error from any call is final: the
// metadata directory is gone, and the broker stops.

/** A snapshot holds everything below `offset`, whose last record was written in `epoch`. */
export interface SnapshotId {
  readonly offset: number
  readonly epoch: number
}

export interface QuorumStateFile {
  /** 0 with static voters (kraft.version 0), 1 with voters in the log (KIP-853). */
  readonly dataVersion: 0 | 1
  readonly leaderId: number
  readonly leaderEpoch: number
  readonly votedId: number
  readonly votedDirectoryId: string
  readonly currentVoters: readonly number[]
}

export interface MetadataLog {
  readonly startOffset: number
  readonly endOffset: number
  /** Epoch of the last batch; of the newest snapshot if there is none; 0 in a new log. */
  readonly lastEpoch: number
  readonly sizeInBytes: number

  /** Whole batches from the one that holds `offset` on, about `maxBytes` and at least one; empty at the end. */
  read(offset: number, maxBytes: number): Buffer
  /** A batch that begins at `endOffset` and carries its epoch. In the log when it returns, on the disk after `flush`. */
  append(batch: Buffer): void
  /** Everything appended before the call is on the disk when it resolves. */
  flush(): Promise<void>
  /** Forgets the log below a snapshot, as far as whole segments go. */
  startAt(snapshot: SnapshotId): void
  /** A log that ends below a snapshot (or never was) begins anew at the snapshot's end. */
  resetTo(snapshot: SnapshotId): void

  /** Oldest first. Half-written ones are not in it. */
  snapshots(): readonly SnapshotId[]
  readSnapshot(id: SnapshotId): Buffer
  /** Durable when it returns. */
  writeSnapshot(id: SnapshotId, content: Buffer): void
  deleteSnapshot(id: SnapshotId): void
  snapshotSizeInBytes(id: SnapshotId): number

  readQuorumState(): QuorumStateFile | undefined
  /** Durable when it returns. */
  writeQuorumState(state: QuorumStateFile): void
  /** Of the metadata directory, from meta.properties; undefined in old ones. */
  readonly directoryId: string | undefined
  /** bootstrap.checkpoint, which `format` writes beside the log; undefined if there is none. */
  readBootstrap(): Buffer | undefined
  close(): void
}
