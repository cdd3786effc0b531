// An internal log that is an array of batches, for tests. The high watermark follows the log end unless it is held;
// appends can be made to fail, as a log does that lost its in-sync replicas or its disk.

import { type BatchView, batches, BatchView as View } from '../../../protocol/records/batch.ts'
import type { InternalLog } from '../../ports/internal-log.ts'

export class MemoryInternalLog implements InternalLog {
  leaderEpoch = 0
  maxBatchBytes = 1024 * 1024
  logStartOffset = 0
  readonly appended: Buffer[] = []
  /** The next appends fail with these codes, one each. */
  readonly failures: number[] = []
  #logEndOffset = 0
  #highWatermark = 0
  #held = false
  readonly #listeners = new Set<(highWatermark: number) => void>()

  get logEndOffset(): number {
    return this.#logEndOffset
  }

  get highWatermark(): number {
    return this.#highWatermark
  }

  append(batch: Buffer): number {
    const failure = this.failures.shift()
    if (failure !== undefined) throw Object.assign(new Error('append failed'), { code: failure })
    const bytes = Buffer.from(batch)
    const view = new View().reset(bytes, 0)
    view.setBaseOffset(this.#logEndOffset)
    view.setPartitionLeaderEpoch(this.leaderEpoch)
    this.appended.push(bytes)
    this.#logEndOffset = view.nextOffset
    if (!this.#held) this.#highWatermark = this.#logEndOffset
    return this.#logEndOffset
  }

  read(fromOffset: number, maxBytes: number): Buffer {
    const found: Buffer[] = []
    const view = new View()
    let size = 0
    for (const batch of this.appended) {
      if (view.reset(batch, 0).lastOffset < fromOffset) continue
      if (size > 0 && size + batch.length > maxBytes) break
      found.push(batch)
      size += batch.length
    }
    return Buffer.concat(found)
  }

  onHighWatermark(listener: (highWatermark: number) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** From now on nothing that is appended is committed. */
  hold(): void {
    this.#held = true
  }

  /** Commits up to an offset, all by default. */
  release(upTo = this.#logEndOffset): void {
    if (upTo === this.#logEndOffset) this.#held = false
    this.#highWatermark = upTo
    for (const listener of this.#listeners) listener(upTo)
  }

  /** The same bytes under a new leadership; what was not committed may be cut off, as by a new leader that never saw it. */
  failOver(keepUncommitted: boolean): MemoryInternalLog {
    const next = new MemoryInternalLog()
    next.leaderEpoch = this.leaderEpoch + 1
    for (const batch of this.appended) {
      if (keepUncommitted || new View().reset(batch, 0).lastOffset < this.#highWatermark) next.append(batch)
    }
    return next
  }

  *batches(): Generator<BatchView> {
    for (const bytes of this.appended) yield* batches(bytes)
  }
}
