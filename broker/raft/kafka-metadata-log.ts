// `__cluster_metadata-0` in a log directory: batches in an ordinary log, snapshots and quorum-state beside its segments.
//
//   __cluster_metadata-0/00000000000000000000.log .index .timeindex   the log, as of any partition
//                        00000000000000000812-0000000003.checkpoint   a snapshot: all below offset 812, last epoch 3
//                        quorum-state                                 the epoch, written before it is used
//   bootstrap.checkpoint                                              what `format` left for the first controller
//
// Promise: a snapshot has its name only when its bytes are on the disk; a half-written or doomed one (.part, .deleted) is removed at
// start and never read. Kafka's KafkaMetadataLog and FileQuorumStateStore.
import { METADATA_TOPIC_ID } from '../../protocol/uuid.ts'
import { DEFAULT_LOG_CONFIG, type LogConfig } from '../../storage/config.ts'
import type { FileSystem } from '../../storage/fs/port.ts'
import type { Log } from '../../storage/log.ts'
import { readPartitionMetadata, writePartitionMetadata } from '../../storage/partition-metadata.ts'
import {
  metadataSnapshotName,
  parseMetadataSnapshotName,
  readQuorumState,
  writeQuorumState,
} from '../../storage/quorum-state.ts'
import type { MetadataLog, QuorumStateFile, SnapshotId } from '../ports/metadata-log.ts'
import { BOOTSTRAP_CHECKPOINT } from './format.ts'

export interface KafkaMetadataLogOptions {
  readonly fs: FileSystem
  /** The log of `__cluster_metadata-0`, open. */
  readonly log: Log
  /** The log directory that it lies in. */
  readonly logDir: string
  readonly directoryId: string | undefined
}

/** How the metadata log is kept: no retention of its own, whole batches of up to 8 MiB, Kafka's segment settings. */
export function metadataLogConfig(settings: {
  readonly segmentBytes: number
  readonly segmentMs: number
}): LogConfig {
  return {
    ...DEFAULT_LOG_CONFIG,
    ...settings,
    retentionMs: -1,
    retentionBytes: -1,
    maxMessageBytes: 8 * 1024 * 1024 + 1024 * 1024,
    messageTimestampAfterMaxMs: Number.POSITIVE_INFINITY,
  }
}

export class KafkaMetadataLog implements MetadataLog {
  readonly directoryId: string | undefined
  readonly #fs: FileSystem
  readonly #log: Log
  readonly #logDir: string
  #snapshots: SnapshotId[]

  constructor({ fs, log, logDir, directoryId }: KafkaMetadataLogOptions) {
    this.#fs = fs
    this.#log = log
    this.#logDir = logDir
    this.directoryId = directoryId
    this.#snapshots = []
    for (const name of fs.readdir(log.directory)) {
      const id = parseMetadataSnapshotName(name)
      if (id !== undefined) this.#snapshots.push(id)
      else if (/\.checkpoint\.(part|deleted)$/.test(name)) fs.unlink(`${log.directory}/${name}`)
    }
    if (readPartitionMetadata(fs, log.directory) === undefined) {
      writePartitionMetadata(fs, log.directory, METADATA_TOPIC_ID)
    }
    this.#snapshots.sort((a, b) => a.offset - b.offset || a.epoch - b.epoch)
  }

  get startOffset(): number {
    return this.#log.logStartOffset
  }

  get endOffset(): number {
    return this.#log.logEndOffset
  }

  get lastEpoch(): number {
    return this.#log.latestEpoch ?? this.#snapshots.at(-1)?.epoch ?? 0
  }

  get sizeInBytes(): number {
    return this.#log.sizeInBytes
  }

  read(offset: number, maxBytes: number): Buffer {
    return this.#log.read(Math.max(offset, this.startOffset), maxBytes, 'log-end', true).records
  }

  append(batch: Buffer): void {
    this.#log.appendAsFollower(batch)
  }

  async flush(): Promise<void> {
    const endOffset = this.#log.logEndOffset
    await this.#log.flush(endOffset)
    this.#log.incrementHighWatermark(endOffset)
  }

  startAt({ offset }: SnapshotId): void {
    if (offset <= this.#log.logStartOffset || offset > this.#log.highWatermark) return
    this.#log.maybeIncrementLogStartOffset(offset, 'snapshot')
    this.#log.deleteOldSegments()
  }

  resetTo({ offset }: SnapshotId): void {
    this.#log.truncateFullyAndStartAt(offset, offset)
  }

  snapshots(): readonly SnapshotId[] {
    return this.#snapshots
  }

  readSnapshot(id: SnapshotId): Buffer {
    return this.#fs.readFile(this.#pathOf(id))
  }

  writeSnapshot(id: SnapshotId, content: Buffer): void {
    this.#fs.writeFileAtomic(this.#pathOf(id), content)
    this.#snapshots = this.#snapshots.filter(other => other.offset !== id.offset || other.epoch !== id.epoch)
    this.#snapshots.push(id)
  }

  deleteSnapshot(id: SnapshotId): void {
    this.#snapshots = this.#snapshots.filter(other => other.offset !== id.offset || other.epoch !== id.epoch)
    this.#fs.unlink(this.#pathOf(id))
  }

  snapshotSizeInBytes(id: SnapshotId): number {
    return this.#fs.stat(this.#pathOf(id))?.size ?? 0
  }

  readQuorumState(): QuorumStateFile | undefined {
    return readQuorumState(this.#fs, this.#log.directory)
  }

  writeQuorumState(state: QuorumStateFile): void {
    writeQuorumState(this.#fs, this.#log.directory, state)
  }

  readBootstrap(): Buffer | undefined {
    const path = `${this.#logDir}/${BOOTSTRAP_CHECKPOINT}`
    return this.#fs.exists(path) ? this.#fs.readFile(path) : undefined
  }

  close(): void {
    this.#log.close()
  }

  #pathOf(id: SnapshotId): string {
    return `${this.#log.directory}/${metadataSnapshotName(id)}`
  }
}
