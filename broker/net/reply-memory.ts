/**
 * Reply bytes in memory, over all connections: read from logs and on their way to the peers. Kafka sends from the page cache and needs no
 * such bound; we read first, and hundreds of long polls may wake in one tick. So whoever reads asks how much there is room for, and at the
 * limit (odradek.queued.max.reply.bytes) gets one batch.
 *
 *   claimed   read in this turn of the loop, not in a reply queue yet       queued   in one, or in the socket
 *
 * Claims end with the turn: by then each is in its queue, or nobody wants it any more. So nothing that goes wrong in between leaks.
 */
import type { ReplyMemory as Port } from '../ports/reply-memory.ts'
import type { BlockPool } from './block-pool.ts'

export class ReplyMemory implements Port {
  readonly #blocks: BlockPool
  readonly #limitBytes: number
  #claimedBytes = 0
  #queuedBytes = 0

  constructor(blocks: BlockPool, limitBytes: number) {
    this.#blocks = blocks
    this.#limitBytes = limitBytes
  }

  take(size: number): Buffer {
    return this.#blocks.take(size)
  }

  give(bytes: Uint8Array): void {
    this.#blocks.give(bytes)
  }

  get availableBytes(): number {
    return Math.max(0, this.#limitBytes - this.#claimedBytes - this.#queuedBytes)
  }

  get queuedBytes(): number {
    return this.#queuedBytes
  }

  claim(bytes: number): void {
    if (this.#claimedBytes === 0) {
      setImmediate(() => {
        this.#claimedBytes = 0
      })
    }
    this.#claimedBytes += bytes
  }

  // ---- for reply queues

  queue(bytes: number): void {
    this.#queuedBytes += bytes
  }

  /** The peer has them, or never will. */
  release(bytes: number): void {
    this.#queuedBytes -= bytes
  }
}
