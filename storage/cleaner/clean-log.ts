// One round of cleaning one log: the newest offset of each key of its dirty part, then every segment below the end of
// the round written anew without the records that a newer one replaces, then one swap for each group of segments.
// Answers to Kafka's Cleaner.
//
//   0….log  80….log  130….log       →  0….log.cleaned  (fsync)  →  0….log.swap  →  the old ones .deleted, 0….log
//
// Appends and reads go on between the slices of work: between them the round looks whether its segments are still the
// log's, and gives up if retention, truncation or close took one away. Recovery removes .cleaned and completes .swap.

import { BatchView, batchEnd } from '../../protocol/records/batch.ts'
import { recordCursor } from '../../protocol/records/record.ts'
import type { LogState } from '../log-state.ts'
import { Segment } from '../segment.ts'
import { CLEANED_SUFFIX, SWAP_SUFFIX } from '../segment-files.ts'
import type { AbortedTxn } from '../txn-index.ts'
import { type FilterContext, type FilterCounts, filterBatch, type LastRecord } from './batch-filter.ts'
import type { Cleanable } from './cleanable.ts'
import { CleanedTransactions } from './cleaned-transactions.ts'
import type { OffsetMap } from './offset-map.ts'

/** So much is read and decided at once, before other work has its turn: a few milliseconds. */
const MAX_SLICE_BYTES = 64 * 1024

export interface CleanOptions {
  readonly map: OffsetMap
  readonly ioBufferBytes: number
  /** Between slices of work; gets the bytes read and written since the last time. */
  readonly pause: (bytes: number) => Promise<void>
}

export interface RoundOptions extends CleanOptions {
  /** The log was closed or given up. */
  readonly isStopped: () => boolean
}

export interface CleanResult {
  /** Where the next round begins. */
  readonly cleanedUpTo: number
  readonly bytesBefore: number
  readonly bytesAfter: number
  readonly recordsRead: number
  readonly recordsKept: number
}

/** Null when the log changed under the round: nothing of it is left, and it may be tried again. */
export async function cleanLog(
  state: LogState,
  range: Cleanable,
  options: RoundOptions,
): Promise<CleanResult | null> {
  const round = new Round(state, range, options)
  try {
    return await round.run()
  } catch (error) {
    if (error instanceof Interrupted) return null
    throw error
  } finally {
    round.dropUnfinished()
  }
}

class Interrupted extends Error {}

class Round {
  readonly #state: LogState
  readonly #range: Cleanable
  readonly #options: RoundOptions
  readonly #truncations: number
  readonly #counts: FilterCounts = { records: 0, kept: 0 }
  #unfinished: Segment | null = null
  #bytesBefore = 0
  #bytesAfter = 0
  #bytesSincePause = 0

  constructor(state: LogState, range: Cleanable, options: RoundOptions) {
    this.#state = state
    this.#range = range
    this.#options = options
    this.#truncations = state.truncations
  }

  async run(): Promise<CleanResult> {
    const { segments, clock, config } = this.#state
    const { map } = this.#options
    const nowMs = clock.nowMs()
    const { firstDirtyOffset } = this.#range
    // Batches of the old formats carry no delete horizon: their tombstones go by the age of what was cleaned before.
    const clean = segments.all.findLast(segment => segment.baseOffset < firstDirtyOffset)
    const legacyHorizonMs = clean === undefined ? 0 : (clean.log.modifiedMs ?? 0) - config.deleteRetentionMs
    await this.#fillMap()
    const roundEnd = map.latestOffset + 1
    // One for the whole round: a marker may lie in a later group than its records.
    const transactions = new CleanedTransactions()
    for (const group of this.#groups(roundEnd))
      await this.#cleanGroup(group, transactions, roundEnd, nowMs, legacyHorizonMs)
    this.#state.truncatedTo = Infinity
    const { records: recordsRead, kept: recordsKept } = this.#counts
    const [bytesBefore, bytesAfter] = [this.#bytesBefore, this.#bytesAfter]
    return { cleanedUpTo: roundEnd, bytesBefore, bytesAfter, recordsRead, recordsKept }
  }

  dropUnfinished(): void {
    this.#unfinished?.abandon()
    this.#unfinished?.deleteFiles()
    this.#unfinished = null
  }

  // ---- the map

  async #fillMap(): Promise<void> {
    const { map } = this.#options
    const { firstDirtyOffset, firstUncleanableOffset } = this.#range
    const { segments } = this.#state
    const transactions = new CleanedTransactions()
    transactions.addAborted(abortedTxns(this.#state, firstDirtyOffset, firstUncleanableOffset))
    map.latestOffset = firstDirtyOffset - 1
    for (const segment of segments.between(firstDirtyOffset, firstUncleanableOffset)) {
      const next = segments.higher(segment.baseOffset)?.baseOffset ?? firstUncleanableOffset
      const isWhole = await this.#eachBatch(segment, firstDirtyOffset, batch => {
        if (batch.isControl) transactions.onControlBatch(batch)
        else if (!transactions.onBatch(batch) && !this.#putRecords(batch)) return false
        if (batch.lastOffset >= firstDirtyOffset) map.latestOffset = batch.lastOffset
        return true
      })
      if (!isWhole) return
      // Compaction may have taken the last offsets of the segment before.
      map.latestOffset = Math.max(map.latestOffset, Math.min(next, firstUncleanableOffset) - 1)
    }
  }

  /** False when the map is full. A batch cut by that belongs to the next round, but what is in the map is true. */
  #putRecords(batch: BatchView): boolean {
    const { map } = this.#options
    const cursor = recordCursor(batch, { isLent: true })
    while (cursor.next()) {
      if (cursor.keyStart < 0 || cursor.offset < this.#range.firstDirtyOffset) continue
      if (map.isFull) return false
      map.put(cursor.bytes, cursor.keyStart, cursor.keyEnd, cursor.offset)
    }
    return true
  }

  // ---- groups and segments

  /** Small segments are merged, as long as one segment's limits hold for the whole. */
  #groups(roundEnd: number): Segment[][] {
    const { segments, config } = this.#state
    const groups: Segment[][] = []
    let group: Segment[] = []
    let bytes = 0
    let offsetEntries = 0
    let timeEntries = 0
    for (const segment of segments.between(0, roundEnd)) {
      if (segment === segments.active) break
      const next = segments.higher(segment.baseOffset)?.baseOffset ?? roundEnd
      const { offsets, times } = segment.indexes
      const fits =
        group.length > 0 &&
        bytes + segment.sizeInBytes <= config.segmentBytes &&
        offsetEntries + offsets.entries <= offsets.maxEntries &&
        timeEntries + times.entries <= times.maxEntries &&
        (segment.sizeInBytes === 0 || next - 1 - group[0]!.baseOffset <= 0x7fffffff)
      if (!fits) {
        group = []
        groups.push(group)
        bytes = offsetEntries = timeEntries = 0
      }
      group.push(segment)
      bytes += segment.sizeInBytes
      offsetEntries += offsets.entries
      timeEntries += times.entries
    }
    return groups
  }

  async #cleanGroup(
    group: Segment[],
    transactions: CleanedTransactions,
    roundEnd: number,
    nowMs: number,
    legacyHorizonMs: number,
  ): Promise<void> {
    const state = this.#state
    const cleaned = Segment.create(state.segmentOptions(group[0]!.baseOffset, CLEANED_SUFFIX))
    this.#unfinished = cleaned
    transactions.onAbortKept = txn => cleaned.txnIndex.append(txn)
    const context: FilterContext = {
      map: this.#options.map,
      transactions,
      lastRecords: lastRecordsOf(state),
      nowMs,
      deleteRetentionMs: state.config.deleteRetentionMs,
      roundEnd,
    }
    for (const segment of group) {
      const end = state.segments.higher(segment.baseOffset)?.baseOffset ?? roundEnd
      transactions.addAborted(abortedTxns(state, segment.baseOffset, end))
      const keepsLegacyDeletes = (segment.log.modifiedMs ?? 0) > legacyHorizonMs
      await this.#cleanInto(cleaned, segment, context, keepsLegacyDeletes)
    }
    const modifiedMs = group.at(-1)!.log.modifiedMs
    cleaned.becomeInactive()
    await cleaned.syncLog()
    await cleaned.syncIndexes()
    await this.#pause(group)
    this.#swap(cleaned, group, modifiedMs)
    await state.fs.syncDirLater(state.directory)
  }

  async #cleanInto(
    cleaned: Segment,
    source: Segment,
    context: FilterContext,
    keepsLegacyDeletes: boolean,
  ): Promise<void> {
    let kept: Buffer[] = []
    let keptBytes = 0
    let lastOffset = -1
    const write = () => {
      if (kept.length > 0) cleaned.append(kept.length === 1 ? kept[0]! : Buffer.concat(kept), lastOffset)
      this.#bytesAfter += keptBytes
      this.#bytesSincePause += keptBytes
      kept = []
      keptBytes = 0
    }
    await this.#eachBatch(source, 0, batch => {
      this.#bytesBefore += batch.sizeInBytes
      const bytes = filterBatch(batch, context, keepsLegacyDeletes, this.#counts)
      if (bytes === null) return true
      kept.push(bytes)
      keptBytes += bytes.length
      lastOffset = batch.lastOffset
      if (keptBytes >= this.#options.ioBufferBytes) write()
      return true
    })
    write()
  }

  /** From here to the end nothing else runs: readers see the old segments or the new one. */
  #swap(cleaned: Segment, group: readonly Segment[], modifiedMs: number | undefined): void {
    const state = this.#state
    cleaned.changeSuffix(CLEANED_SUFFIX, SWAP_SUFFIX)
    this.#unfinished = null
    state.replaceSegments(cleaned, group)
    cleaned.changeSuffix(SWAP_SUFFIX, '')
    // Retention goes by the age of the file where records have no timestamps.
    if (modifiedMs !== undefined) state.fs.setModifiedTime(cleaned.log.path, modifiedMs)
  }

  // ---- slices

  /** Whole batches with their bytes, the log's own work between the slices; false when `visit` stopped it. */
  async #eachBatch(
    segment: Segment,
    fromOffset: number,
    visit: (batch: BatchView) => boolean,
  ): Promise<boolean> {
    const view = new BatchView()
    let position = fromOffset <= segment.baseOffset ? 0 : Math.max(0, segment.positionOf(fromOffset))
    let chunk = Buffer.allocUnsafe(Math.max(1024, Math.min(this.#options.ioBufferBytes, MAX_SLICE_BYTES)))
    while (position < segment.sizeInBytes) {
      const read = segment.log.readInto(chunk, position)
      let at = 0
      for (let end = batchEnd(chunk, 0, read); end >= 0; end = batchEnd(chunk, at, read)) {
        if (!visit(view.reset(chunk, at))) return false
        at = end
      }
      position += at
      this.#bytesSincePause += at
      if (at > 0) await this.#pause([segment])
      else if (read < 12 || position + 12 + chunk.readInt32BE(8) > segment.sizeInBytes) {
        throw this.#state.corrupt(
          `an incomplete batch at position ${position} of segment ${segment.baseOffset}`,
        )
      } else chunk = Buffer.allocUnsafe(12 + chunk.readInt32BE(8))
    }
    return true
  }

  async #pause(needed: readonly Segment[]): Promise<void> {
    const { segments } = this.#state
    const bytes = this.#bytesSincePause
    this.#bytesSincePause = 0
    await this.#options.pause(bytes)
    const isStale =
      this.#state.truncations !== this.#truncations || needed.some(segment => !segments.has(segment))
    if (isStale || this.#options.isStopped()) throw new Interrupted()
  }
}

/** Aborted transactions with records in [from, to). */
function abortedTxns(state: LogState, from: number, to: number): AbortedTxn[] {
  const found: AbortedTxn[] = []
  for (const segment of state.segments.between(from, Infinity)) {
    if (segment.collectAbortedTxns(from, to, found)) break
  }
  return found
}

function lastRecordsOf(state: LogState): Map<number, LastRecord> {
  const last = new Map<number, LastRecord>()
  for (const { producerId, lastDataOffset, producerEpoch } of state.producers.producers()) {
    last.set(producerId, { lastDataOffset, producerEpoch })
  }
  return last
}
