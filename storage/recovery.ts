// Opens what is in a partition's directory. Answers to Kafka's LogLoader.
//
//   leftovers     .deleted                  removed
//                 .cleaned                  removed: the cleaner or a split was not done; with them every .swap at or
//                                           above the lowest .cleaned, which belongs to the same unfinished split
//                 .swap                     complete: segments it covers are removed, then it takes their place
//                 index without its log     removed
//   clean stop    nothing is scanned: the log ends where the last segment ends
//   crash         every segment from the recovery point on is read and checked, batch by batch; indexes, leader epochs
//                 and producers are rebuilt on the way. At the first batch that is torn, corrupt or out of order the
//                 log is cut, and later segments go
//
// An index that is missing or makes no sense is rebuilt at its first use (segment.ts).

import { BatchView, batchEnd } from '../protocol/records/batch.ts'
import { endTxnMarkerOf } from './append.ts'
import { BatchCursor } from './batch-cursor.ts'
import { RecordsError, StorageError } from './errors.ts'
import type { LogState } from './log-state.ts'
import { LogOffsets } from './offsets.ts'
import type { ProducerState } from './producer-state.ts'
import { Segment } from './segment.ts'
import {
  CLEANED_SUFFIX,
  DELETED_SUFFIX,
  fileName,
  isIndexFile,
  isLogFile,
  LOG_SUFFIX,
  offsetOfFile,
  SWAP_SUFFIX,
  TXN_INDEX_SUFFIX,
} from './segment-files.ts'

export interface RecoveryOptions {
  readonly names: readonly string[]
  readonly logStartOffset: number
  readonly recoveryPoint: number
  readonly cleanShutdown: boolean
}

/** Snapshots of the metadata log are deleted by their own rules. */
const METADATA_SNAPSHOT_DELETED = '.checkpoint.deleted'

/** Fills the state from its directory: segments, offsets, producers, epochs, recovery point. */
export function loadLog(state: LogState, options: RecoveryOptions): void {
  const { cleanShutdown, logStartOffset } = options
  openSegments(state, recoverLeftovers(state, options.names))
  // Between an older snapshot and the first segment there are records to replay that are gone: its state would be stale.
  if (!state.segments.isEmpty) state.producers.snapshots.deleteBefore(state.segments.first.baseOffset)
  const wereRebuilt = recoverTxnIndexes(state, cleanShutdown ? Infinity : options.recoveryPoint)
  if (!cleanShutdown) recoverUnflushed(state, options.recoveryPoint)

  const { segments, producers, epochs } = state
  let logEnd = segments.isEmpty ? -1 : segments.active.nextOffset()
  if (!segments.isEmpty && logEnd < logStartOffset) {
    const { directory } = state
    state.logger.warn(
      { directory, logEnd, logStartOffset },
      'log ends below its start: segment files are missing',
    )
    removeNow(state, segments.all.slice())
    epochs.clear()
    producers.truncateFullyAndStartAt(logStartOffset)
    logEnd = -1
  }
  const lostEverything = logEnd < 0
  if (lostEverything) logEnd = state.createSegment(logStartOffset).baseOffset
  state.recoveryPoint = cleanShutdown && !lostEverything ? logEnd : Math.min(options.recoveryPoint, logEnd)

  epochs.truncateFromEnd(logEnd)
  const logStart = Math.max(logStartOffset, segments.first.baseOffset)
  epochs.truncateFromStart(logStart)
  producers.snapshots.removeStrays(segments.all.map(segment => segment.baseOffset))
  rebuildProducerState(state, logEnd, cleanShutdown && !wereRebuilt)
  state.offsets = new LogOffsets(logStart, logStart, logEnd)
  state.updateFirstUnstable()
}

// ---- leftovers

/** Answers the names that are there afterwards. */
function recoverLeftovers(state: LogState, names: readonly string[]): readonly string[] {
  const isLeftover = (name: string) =>
    name.endsWith(SWAP_SUFFIX) || name.endsWith(CLEANED_SUFFIX) || name.endsWith(DELETED_SUFFIX)
  if (!names.some(isLeftover)) return names
  const { fs, directory } = state
  const remove = (name: string) => fs.unlink(`${directory}/${name}`)

  const cleaned = names.filter(name => name.endsWith(CLEANED_SUFFIX))
  const lowestCleaned = Math.min(Infinity, ...cleaned.map(name => offsetOfFile(name) ?? Infinity))
  const swaps = names.filter(name => name.endsWith(SWAP_SUFFIX))
  const unfinished = swaps.filter(name => (offsetOfFile(name) ?? 0) >= lowestCleaned)
  const valid = swaps.filter(name => !unfinished.includes(name))
  const deleted = names.filter(
    name => name.endsWith(DELETED_SUFFIX) && !name.endsWith(METADATA_SNAPSHOT_DELETED),
  )
  // Swaps of an unfinished split first: once the .cleaned files are gone, nothing tells them from complete ones.
  for (const name of [...deleted, ...unfinished, ...cleaned]) remove(name)
  if (valid.length > 0)
    takeSwaps(
      state,
      names.filter(name => !isLeftover(name)),
      valid,
    )
  state.directoryChanged = true
  return fs.readdir(directory)
}

function takeSwaps(state: LogState, live: readonly string[], swaps: readonly string[]): void {
  const { fs, directory, logger } = state
  let from = Infinity
  let to = -1
  for (const name of swaps) {
    if (!name.endsWith(LOG_SUFFIX + SWAP_SUFFIX)) continue
    const baseOffset = offsetOfFile(name)!
    const segment = Segment.open(state.segmentOptions(baseOffset, SWAP_SUFFIX), false)
    from = Math.min(from, baseOffset)
    to = Math.max(to, segment.nextOffset())
    segment.close()
  }
  logger.info({ directory, swaps, from, to }, 'finishing an interrupted swap of segments')
  for (const name of live) {
    const offset = offsetOfFile(name)
    if (offset !== undefined && offset >= from && offset < to) fs.unlink(`${directory}/${name}`)
  }
  for (const name of swaps) {
    const path = `${directory}/${name}`
    if (fs.exists(path)) fs.rename(path, path.slice(0, -SWAP_SUFFIX.length))
  }
}

function openSegments(state: LogState, names: readonly string[]): void {
  const { fs, directory, segments } = state
  const present = new Set(names)
  const bases: number[] = []
  for (const name of names) {
    if (isLogFile(name)) bases.push(offsetOfFile(name)!)
    else if (isIndexFile(name) && !present.has(fileName(offsetOfFile(name)!, LOG_SUFFIX))) {
      state.logger.warn({ directory, name }, 'index without a log removed')
      fs.unlink(`${directory}/${name}`)
    }
  }
  for (const baseOffset of bases.sort((a, b) => a - b)) {
    const hasTxnIndex = present.has(fileName(baseOffset, TXN_INDEX_SUFFIX))
    segments.add(Segment.open(state.segmentOptions(baseOffset), hasTxnIndex))
  }
}

// ---- after a crash

/** Reads everything from the recovery point on; the producers' state is then that of the log's end. */
function recoverUnflushed(state: LogState, recoveryPoint: number): void {
  const { segments, logger, directory } = state
  const unflushed = segments.between(recoveryPoint, Infinity)
  const first = unflushed[0]
  if (first === undefined) return
  rebuildProducerState(state, first.baseOffset, false)
  // The file may tell of epochs whose records are lost; those that are there are found by the scan.
  state.epochs.truncateFromEnd(first.baseOffset)
  for (const [i, segment] of unflushed.entries()) {
    if (i > 0) state.producers.takeSnapshot()
    const truncatedBytes = recoverSegment(state, segment)
    const next = unflushed[i + 1]
    if (truncatedBytes === 0 && (next === undefined || isFollowedBy(state, segment, next))) continue
    const dropped = unflushed.slice(i + 1)
    logger.warn(
      {
        directory,
        segment: segment.baseOffset,
        truncatedBytes,
        droppedSegments: dropped.length,
        end: endOf(state, segment),
      },
      'log cut at its last whole batch after a crash',
    )
    removeNow(state, dropped)
    state.syncCut(segment)
    break
  }
}

/**
 * A lost write leaves a hole before the next segment, a truncation whose renames were lost an overlap. Only a compacted
 * log may skip offsets.
 */
function isFollowedBy(state: LogState, segment: Segment, next: Segment): boolean {
  const end = endOf(state, segment)
  return state.config.cleanupPolicy.compact ? end <= next.baseOffset : end === next.baseOffset
}

function endOf(state: LogState, segment: Segment): number {
  return Math.max(segment.baseOffset, state.producers.mapEndOffset)
}

/**
 * A transaction index cannot be rebuilt at first use (it needs the producers), so it is looked at now. Segments from the
 * recovery point on are scanned anyway.
 */
function recoverTxnIndexes(state: LogState, recoveryPoint: number): boolean {
  let wereRebuilt = false
  const scannedFrom =
    recoveryPoint === Infinity ? Infinity : (state.segments.floor(recoveryPoint)?.baseOffset ?? 0)
  for (const segment of state.segments.all.slice()) {
    if (segment.baseOffset >= scannedFrom) break
    try {
      segment.txnIndex.sanityCheck()
    } catch (error) {
      if (!(error instanceof StorageError) || error.kind !== 'corrupt') throw error
      state.logger.warn(
        { err: error, directory: state.directory },
        'transaction index is rebuilt from the log',
      )
      rebuildProducerState(state, segment.baseOffset, false)
      if (recoverSegment(state, segment) > 0) state.syncCut(segment)
      wereRebuilt = true
    }
  }
  return wereRebuilt
}

const view = new BatchView()
const CHUNK_BYTES = 1024 * 1024

/** Checks and re-indexes every batch; cuts at the first that is not whole and valid. Answers the bytes cut. */
function recoverSegment(state: LogState, segment: Segment): number {
  const { producers } = state
  const before = segment.sizeInBytes
  segment.indexes.reset()
  segment.txnIndex.reset()
  producers.updateMapEndOffset(segment.baseOffset)
  let lastOffset = segment.baseOffset - 1
  const validBytes = forEachBatch(segment, (batch, position) => {
    if (!batch.isValidCrc()) return false
    // The checksum does not cover offsets: they must rise, and stay within what the index can say.
    if (batch.lastOffset <= lastOffset || batch.baseOffset < segment.baseOffset) return false
    if (!segment.canAppendOffset(batch.lastOffset)) return false
    lastOffset = batch.lastOffset
    segment.indexes.add(batch, position, batch.sizeInBytes)
    const { latestEpoch } = state.epochs
    const epoch = batch.partitionLeaderEpoch
    if (epoch >= 0 && (latestEpoch === undefined || epoch > latestEpoch))
      state.epochs.assign(epoch, batch.baseOffset)
    const marker = batch.isControl ? endTxnMarkerOf(batch) : undefined
    producers.replay(batch, marker, (txn, lastStableOffset) => {
      if (txn.isAborted) state.addAbortedTxn(segment, { ...txn, lastStableOffset })
    })
    return true
  })
  if (validBytes < before) segment.truncateBytes(validBytes)
  segment.indexes.finish()
  // They may lie below the recovery point: a flush would not look at the segment again.
  state.unsyncedIndexes.push(segment)
  return before - validBytes
}

/** Whole batches with all their bytes, until `visit` answers false or bytes are no batch; answers where it stopped. */
function forEachBatch(segment: Segment, visit: (batch: BatchView, position: number) => boolean): number {
  let chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, Math.max(1, segment.sizeInBytes)))
  let chunkStart = 0
  let position = 0
  while (position < segment.sizeInBytes) {
    const read = segment.log.readInto(chunk, position)
    chunkStart = position
    let at = 0
    for (let end = nextEnd(chunk, at, read); end >= 0; end = nextEnd(chunk, at, read)) {
      if (!visit(view.reset(chunk, at), chunkStart + at)) return chunkStart + at
      at = end
    }
    position = chunkStart + at
    if (at > 0) continue
    // Not one whole batch in the chunk: it is larger than the chunk, or torn, or no batch.
    const needed = read < 12 ? 0 : 12 + chunk.readInt32BE(8)
    if (needed <= read || needed > segment.sizeInBytes - position) return position
    chunk = Buffer.allocUnsafe(needed)
  }
  return position
}

function nextEnd(bytes: Buffer, position: number, limit: number): number {
  try {
    return batchEnd(bytes, position, limit)
  } catch (error) {
    if (error instanceof RecordsError) return -1
    throw error
  }
}

function removeNow(state: LogState, segments: readonly Segment[]): void {
  for (const segment of segments) {
    state.segments.remove(segment)
    segment.abandon()
    segment.deleteFiles()
    state.producers.snapshots.delete(segment.baseOffset)
  }
}

// ---- producers

/**
 * Brings the producers' state to `lastOffset`: from the newest snapshot below it, then from the records. A snapshot is
 * of use as long as all records after it are there, whatever the log start offset says. A log that was closed cleanly
 * and yet has no snapshot comes from a Kafka that wrote none: it is taken to have no producers.
 */
export function rebuildProducerState(state: LogState, lastOffset: number, cleanShutdown: boolean): void {
  const { segments, producers } = state
  const snapshot = () => {
    const path = producers.takeSnapshot({ sync: false })
    if (path !== undefined) state.unsyncedSnapshots.push(path)
  }
  if (producers.snapshots.latestOffset === undefined && cleanShutdown) {
    const bases = segments.all.slice(-2).map(segment => segment.baseOffset)
    for (const offset of [...bases, lastOffset]) {
      producers.updateMapEndOffset(offset)
      snapshot()
    }
    return
  }
  const hadNone = producers.isEmpty && producers.mapEndOffset >= lastOffset
  producers.truncateAndReload(Math.max(0, segments.first.baseOffset - 1), lastOffset, state.clock.nowMs())
  if (lastOffset > producers.mapEndOffset && !hadNone) {
    for (const segment of segments.between(producers.mapEndOffset, lastOffset)) {
      const from = Math.max(segment.baseOffset, producers.mapEndOffset)
      producers.updateMapEndOffset(from)
      const isOfLastTwo =
        segment === segments.active || segments.higher(segment.baseOffset) === segments.active
      if (isOfLastTwo) snapshot()
      replaySegment(segment, producers, from, lastOffset)
    }
  }
  producers.updateMapEndOffset(lastOffset)
  snapshot()
}

function replaySegment(segment: Segment, producers: ProducerState, from: number, to: number): void {
  const start = segment.positionOf(from)
  if (start < 0) return
  const cursor = segment.log.seek(new BatchCursor(), start)
  while (cursor.next() && cursor.batch.baseOffset < to) {
    const { batch } = cursor
    const marker = batch.isControl ? endTxnMarkerOf(view.reset(cursor.readBatch(), 0)) : undefined
    producers.replay(batch, marker)
  }
}
