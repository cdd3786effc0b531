// When a snapshot of the metadata is written, which ones are kept, and how far the log before them is forgotten.
// Kafka's SnapshotGenerator and KafkaMetadataLog's retention (KIP-630).
import type { MetadataImage } from '../metadata/image.ts'
import { imageRecords } from '../metadata/image-records.ts'
import { decodeSnapshot, encodeSnapshot, type VoterSet } from '../metadata/snapshot.ts'
import type { Clock } from '../ports/clock.ts'
import type { MetadataLog, SnapshotId } from '../ports/metadata-log.ts'

/** Settings are asked for each time, so that a changed one acts at once. */
export interface SnapshotPolicy {
  /** metadata.log.max.record.bytes.between.snapshots */
  readonly maxBytesBetween: () => number
  /** metadata.log.max.snapshot.interval.ms; 0: never for its age */
  readonly maxIntervalMs: () => number
  /** metadata.max.retention.bytes: of the log and its snapshots; -1: any number */
  readonly retentionBytes: () => number
  /** metadata.max.retention.ms of a snapshot; -1: for ever */
  readonly retentionMs: () => number
}

export class SnapshotWriter {
  readonly #log: MetadataLog
  readonly #clock: Clock
  readonly #policy: SnapshotPolicy
  #bytesSince = 0
  #lastWrittenMs: number

  constructor(log: MetadataLog, clock: Clock, policy: SnapshotPolicy) {
    this.#log = log
    this.#clock = clock
    this.#policy = policy
    this.#lastWrittenMs = clock.monotonicMs()
  }

  /** A snapshot that is cut or damaged is passed over for the one before it. */
  newestWhole(): { id: SnapshotId; bytes: Buffer } | undefined {
    for (const id of [...this.#log.snapshots()].reverse()) {
      const bytes = this.#log.readSnapshot(id)
      try {
        decodeSnapshot(bytes)
      } catch {
        continue
      }
      return { id, bytes }
    }
    return undefined
  }

  /** Bytes of the log that no snapshot holds. */
  count(bytes: number): void {
    this.#bytesSince += bytes
  }

  maybeWrite(image: MetadataImage, voterSet: VoterSet): void {
    const ageMs = this.#clock.monotonicMs() - this.#lastWrittenMs
    const maxIntervalMs = this.#policy.maxIntervalMs()
    const isDue =
      this.#bytesSince >= this.#policy.maxBytesBetween() || (maxIntervalMs > 0 && ageMs >= maxIntervalMs)
    if (isDue && this.#bytesSince > 0) this.write(image, voterSet)
  }

  write(image: MetadataImage, voterSet: VoterSet): void {
    const id = { offset: image.offset + 1, epoch: image.epoch }
    const content = {
      lastContainedLogTimestampMs: image.timestampMs,
      voterSet,
      records: [...imageRecords(image)],
    }
    this.#log.writeSnapshot(
      id,
      encodeSnapshot(content, {
        epoch: image.epoch,
        timestampMs: this.#clock.nowMs(),
        metadataVersion: image.features.metadataVersion,
      }),
    )
    this.#bytesSince = 0
    this.#lastWrittenMs = this.#clock.monotonicMs()
    this.#retain()
  }

  /** Snapshots go from the oldest on while there is a newer one and they are too old, or all together are too large. */
  #retain(): void {
    const snapshots = [...this.#log.snapshots()]
    let bytes = this.#log.sizeInBytes
    for (const id of snapshots) bytes += this.#log.snapshotSizeInBytes(id)
    const retentionBytes = this.#policy.retentionBytes()
    const retentionMs = this.#policy.retentionMs()
    while (snapshots.length > 1) {
      const [oldest] = snapshots
      const isTooMuch = retentionBytes >= 0 && bytes > retentionBytes
      if (!isTooMuch && !this.#isOlderThan(oldest!, retentionMs)) return
      snapshots.shift()
      bytes -= this.#log.snapshotSizeInBytes(oldest!)
      this.#log.deleteSnapshot(oldest!)
      const before = this.#log.sizeInBytes
      this.#log.startAt(snapshots[0]!)
      bytes -= before - this.#log.sizeInBytes
    }
  }

  #isOlderThan(id: SnapshotId, retentionMs: number): boolean {
    if (retentionMs < 0) return false
    const { lastContainedLogTimestampMs } = decodeSnapshot(this.#log.readSnapshot(id))
    return this.#clock.nowMs() - lastContainedLogTimestampMs > retentionMs
  }
}
