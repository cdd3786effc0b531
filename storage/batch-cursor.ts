// Walks the batches of a log file by their headers, without reading the records between them: small batches come many
// to a read, large ones one header at a time. For searches, indexes and timestamps; recovery, which needs every byte,
// reads whole batches with readBatch().

import { BatchView, batchEnd, RECORD_BATCH_OVERHEAD } from '../protocol/records/batch.ts'
import type { File } from './fs/port.ts'

/** Twice index.interval.bytes by default: a lookup in small batches takes one read. */
const CHUNK_BYTES = 8 * 1024

export class BatchCursor {
  /** The header under the cursor. Only the header: record bytes are not there. */
  readonly batch = new BatchView()
  /** Where in the file it is. */
  position = 0
  sizeInBytes = 0
  readonly #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES)
  #chunkStart = 0
  #chunkEnd = 0
  #file: File | null = null
  #limit = 0

  /** To the batch that starts at `start`, to be seen after the first next(); nothing at or beyond `limit` is read. */
  reset(file: File, start: number, limit: number): this {
    this.#file = file
    this.#limit = limit
    this.position = start
    this.sizeInBytes = 0
    this.#chunkStart = 0
    this.#chunkEnd = 0
    return this
  }

  /** False at the end, and before a batch that is not all there. Throws RecordsError for bytes that can be no batch. */
  next(): boolean {
    const position = this.position + this.sizeInBytes
    const wanted = Math.min(RECORD_BATCH_OVERHEAD, this.#limit - position)
    if (position < this.#chunkStart || position + wanted > this.#chunkEnd) this.#fill(position)
    const at = position - this.#chunkStart
    const end = batchEnd(this.#chunk, at, at + this.#limit - position)
    this.position = position
    this.sizeInBytes = 0
    if (end < 0) return false
    this.sizeInBytes = end - at
    this.batch.reset(this.#chunk, at)
    return true
  }

  /** All bytes of the batch under the cursor. */
  readBatch(): Buffer {
    const bytes = Buffer.allocUnsafe(this.sizeInBytes)
    const read = this.#file!.read(bytes, 0, bytes.length, this.position)
    return read < bytes.length ? bytes.subarray(0, read) : bytes
  }

  #fill(position: number): void {
    const left = this.#limit - position
    // After a batch larger than the chunk, the next is likely to be large too.
    const length = Math.min(left, this.sizeInBytes > CHUNK_BYTES ? RECORD_BATCH_OVERHEAD : CHUNK_BYTES)
    const read = length <= 0 ? 0 : this.#file!.read(this.#chunk, 0, length, position)
    // A file shorter than it should be ends here.
    if (read < length) this.#limit = Math.min(this.#limit, position + read)
    this.#chunkStart = position
    this.#chunkEnd = position + read
  }
}
