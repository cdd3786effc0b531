// What the parts of a log share: its files, offsets, producers and epochs, and the steps that touch several of them at
// once (making, rolling and removing segments). append.ts, read.ts, retention.ts, flush.ts and recovery.ts work on it;
// log.ts is its only owner. Answers to the inner half of Kafka's UnifiedLog and LocalLog.

import type { AppendRules } from '../protocol/records/validate.ts'
import type { Clock, Timer } from './clock.ts'
import { type LogConfig, segmentJitter } from './config.ts'
import { StorageError } from './errors.ts'
import type { FileSystem } from './fs/port.ts'
import type { LeaderEpochs } from './leader-epochs.ts'
import type { StorageLogger } from './logger.ts'
import { LogOffsets } from './offsets.ts'
import type { ProducerState } from './producer-state.ts'
import { Segment } from './segment.ts'
import { DELETED_SUFFIX } from './segment-files.ts'
import { Segments } from './segments.ts'
import type { TopicPartition } from './topic-partition.ts'
import type { AbortedTxn } from './txn-index.ts'

export interface LogEnvironment {
  readonly fs: FileSystem
  readonly clock: Clock
  readonly random: () => number
  readonly logger: StorageLogger
  readonly topicPartition: TopicPartition
}

export class LogState {
  readonly fs: FileSystem
  readonly clock: Clock
  readonly logger: StorageLogger
  readonly topicPartition: TopicPartition
  readonly segments = new Segments()
  readonly producers: ProducerState
  readonly epochs: LeaderEpochs
  offsets = new LogOffsets(0, 0, 0)
  directory: string
  /** Everything below is on the disk. */
  recoveryPoint = 0
  /** Segments rolled so far: each is to be made durable soon after. */
  rolls = 0
  /** Raised whenever records are cut off: a flush that began before says nothing about what came after. */
  truncations = 0
  /** The lowest offset the log was cut to since it was cleaned: above it nothing is clean. */
  truncatedTo = Infinity
  /** Segment files were made or removed since the directory was last synced: no flush is done before it is. */
  directoryChanged = false
  /** The directory itself is new: its name in the log directory is not synced yet. */
  isNewDirectory = false
  /** Segments that stopped being active, or were rebuilt, since the last flush: their indexes are final, not synced. */
  unsyncedIndexes: Segment[] = []
  /** Producer snapshots written but not synced. */
  unsyncedSnapshots: string[] = []
  rules!: AppendRules
  #config!: LogConfig
  readonly #random: () => number
  readonly #deletions = new Set<Timer>()

  constructor(
    environment: LogEnvironment,
    directory: string,
    config: LogConfig,
    producers: ProducerState,
    epochs: LeaderEpochs,
  ) {
    this.fs = environment.fs
    this.clock = environment.clock
    this.logger = environment.logger
    this.topicPartition = environment.topicPartition
    this.#random = environment.random
    this.directory = directory
    this.producers = producers
    this.epochs = epochs
    this.config = config
  }

  get config(): LogConfig {
    return this.#config
  }

  set config(config: LogConfig) {
    this.#config = config
    this.rules = appendRules(config)
  }

  segmentOptions(baseOffset: number, suffix?: string) {
    const { fs, directory, config, clock } = this
    const rollJitterMs = segmentJitter(config, this.#random)
    const options = { fs, directory, baseOffset, config, rollJitterMs, createdMs: clock.nowMs() }
    return suffix === undefined ? options : { ...options, suffix }
  }

  createSegment(baseOffset: number): Segment {
    const segment = Segment.create(this.segmentOptions(baseOffset))
    this.directoryChanged = true
    this.segments.add(segment)
    return segment
  }

  /**
   * A new active segment from the log end (or, if that is higher, from `expectedNextOffset`: a follower may skip
   * offsets that compaction took). The producers' state is saved there, so that recovery of the segment can begin with it.
   */
  roll(expectedNextOffset = 0): Segment {
    const newOffset = Math.max(expectedNextOffset, this.offsets.logEnd)
    const active = this.segments.active
    if (newOffset < active.baseOffset) {
      throw new Error(
        `cannot roll ${this.directory} to ${newOffset}, below its active segment ${active.baseOffset}`,
      )
    }
    if (newOffset === active.baseOffset) {
      // Empty, and yet full: its index has no room for a single entry. A fresh one takes the settings of today.
      active.deleteFiles()
      return this.createSegment(newOffset)
    }
    active.becomeInactive()
    this.unsyncedIndexes.push(active)
    const segment = this.createSegment(newOffset)
    this.rolls++
    this.producers.updateMapEndOffset(newOffset)
    const snapshot = this.producers.takeSnapshot({ sync: false })
    if (snapshot !== undefined) this.unsyncedSnapshots.push(snapshot)
    return segment
  }

  /** Out of sight at once, renamed to `.deleted`, and off the disk after file.delete.delay.ms. */
  removeSegments(segments: readonly Segment[], keptSnapshot = -1): void {
    if (segments.length === 0) return
    this.directoryChanged = true
    const doomed: Segment[] = []
    const snapshots: string[] = []
    for (const segment of segments) {
      this.segments.remove(segment)
      segment.abandon()
      segment.changeSuffix('', DELETED_SUFFIX)
      doomed.push(segment)
      if (segment.baseOffset === keptSnapshot) continue
      const snapshot = this.producers.snapshots.markForDeletion(segment.baseOffset)
      if (snapshot !== undefined) snapshots.push(snapshot)
    }
    const timer = this.clock.setTimeout(() => {
      this.#deletions.delete(timer)
      this.#deleteFiles(doomed, snapshots)
    }, this.config.fileDeleteDelayMs)
    this.#deletions.add(timer)
  }

  /** What the cleaner made takes the place of a run of segments. It begins where the first of them did. */
  replaceSegments(replacement: Segment, replaced: readonly Segment[]): void {
    this.removeSegments(replaced, replacement.baseOffset)
    this.segments.add(replacement)
  }

  /** Called by a timer, so nobody is there to catch: what could not be deleted goes at the next start. */
  #deleteFiles(segments: readonly Segment[], snapshots: readonly string[]): void {
    try {
      for (const segment of segments) segment.deleteFiles()
      for (const snapshot of snapshots) this.fs.unlink(snapshot)
    } catch (error) {
      this.logger.warn({ err: error, directory: this.directory }, 'deleted segments could not be removed')
    }
  }

  /** Leaves `.deleted` files to the next start. */
  cancelDeletions(): void {
    for (const timer of this.#deletions) timer.cancel()
    this.#deletions.clear()
  }

  addAbortedTxn(segment: Segment, txn: AbortedTxn): void {
    // The first one makes the file.
    if (segment.txnIndex.isEmpty) this.directoryChanged = true
    segment.txnIndex.append(txn)
  }

  updateFirstUnstable(): void {
    this.offsets.setFirstUnstable(this.producers.firstUnstableOffset ?? null)
  }

  /**
   * Records were cut off, perhaps with whole segments. That they are gone must be durable before new ones are written
   * in their place: a power cut could bring old batches back behind new ones, and they would look whole and in order.
   */
  syncCut(segment: Segment | undefined): void {
    segment?.log.syncNow()
    this.fs.syncDir(this.directory)
  }

  moved(directory: string): void {
    this.directory = directory
    for (const segment of this.segments.all) segment.moved(directory)
    this.producers.snapshots.updateDirectory(directory)
    this.epochs.updateDirectory(directory)
    this.unsyncedSnapshots = []
    this.directoryChanged = true
    this.isNewDirectory = true
  }

  corrupt(message: string): StorageError {
    return new StorageError('corrupt', this.directory, `${message} in ${this.directory}`)
  }
}

function appendRules(config: LogConfig): AppendRules {
  const levels = {
    gzip: config.compressionGzipLevel,
    lz4: config.compressionLz4Level,
    zstd: config.compressionZstdLevel,
  } as const
  const type = config.compressionType === 'uncompressed' ? 'none' : config.compressionType
  return {
    origin: 'client',
    maxMessageBytes: config.maxMessageBytes,
    compacted: config.cleanupPolicy.compact,
    messageTimestampType: config.messageTimestampType,
    messageTimestampBeforeMaxMs: config.messageTimestampBeforeMaxMs,
    messageTimestampAfterMaxMs: config.messageTimestampAfterMaxMs,
    compressionType: type,
    compressionLevel: type === 'gzip' || type === 'lz4' || type === 'zstd' ? levels[type] : undefined,
  }
}
