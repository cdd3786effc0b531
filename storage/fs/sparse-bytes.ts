// The content of a file in memory: chunks of 64 KiB, the first one growing from small, holes costing nothing (an index
// extended to 10 MiB holds no memory until it is written).

const CHUNK_BYTES = 64 * 1024

export class SparseBytes {
  #chunks: (Buffer | undefined)[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  read(target: Uint8Array, targetStart: number, length: number, position: number): number {
    const wanted = Math.max(0, Math.min(length, target.length - targetStart, this.#size - position))
    let done = 0
    while (done < wanted) {
      const at = position + done
      const inChunk = at % CHUNK_BYTES
      const part = Math.min(wanted - done, CHUNK_BYTES - inChunk)
      const chunk = this.#chunks[Math.floor(at / CHUNK_BYTES)]
      const held = chunk === undefined ? 0 : Math.max(0, Math.min(part, chunk.length - inChunk))
      if (held > 0) target.set(chunk!.subarray(inChunk, inChunk + held), targetStart + done)
      if (held < part) target.fill(0, targetStart + done + held, targetStart + done + part)
      done += part
    }
    return wanted
  }

  write(bytes: Uint8Array, position: number): void {
    let done = 0
    while (done < bytes.length) {
      const at = position + done
      const inChunk = at % CHUNK_BYTES
      const part = Math.min(bytes.length - done, CHUNK_BYTES - inChunk)
      const chunk = this.#chunkFor(Math.floor(at / CHUNK_BYTES), inChunk + part)
      chunk.set(bytes.subarray(done, done + part), inChunk)
      done += part
    }
    this.#size = Math.max(this.#size, position + bytes.length)
  }

  truncate(size: number): void {
    if (size < this.#size) {
      const chunks = Math.ceil(size / CHUNK_BYTES)
      this.#chunks.length = Math.min(this.#chunks.length, chunks)
      const last = this.#chunks[chunks - 1]
      const inChunk = size - (chunks - 1) * CHUNK_BYTES
      if (last !== undefined && last.length > inChunk) last.fill(0, inChunk)
    }
    this.#size = size
  }

  clone(): SparseBytes {
    const copy = new SparseBytes()
    copy.#chunks = this.#chunks.map(chunk => (chunk === undefined ? undefined : Buffer.from(chunk)))
    copy.#size = this.#size
    return copy
  }

  /** Takes over the other's content; the other must not be used again. */
  assign(other: SparseBytes): void {
    this.#chunks = other.#chunks
    this.#size = other.#size
  }

  #chunkFor(index: number, needed: number): Buffer {
    const chunk = this.#chunks[index]
    if (chunk !== undefined && chunk.length >= needed) return chunk
    // Chunks before the first full one would waste memory on small files: they double.
    const length =
      index === 0 ? Math.min(CHUNK_BYTES, Math.max(256, needed, (chunk?.length ?? 0) * 2)) : CHUNK_BYTES
    const grown = Buffer.alloc(length)
    if (chunk !== undefined) grown.set(chunk)
    while (this.#chunks.length < index) this.#chunks.push(undefined)
    this.#chunks[index] = grown
    return grown
  }
}
