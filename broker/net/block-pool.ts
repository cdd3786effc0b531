/**
 * Blocks of memory that are used again: for frames coming in and for log bytes going out, which are as large as they are short-lived.
 * Fresh ones would cost page faults and, from Node 24 on, a fifth of the loop in garbage collection. Blocks come in powers of two; what
 * is asked for is the beginning of one. Whoever takes a block may keep it (then it is garbage like any other) or give it back once;
 * giving it back is a promise that nobody looks at it any more. Above `keptBytes` what comes back is let go.
 */
/** Anything shorter is not worth a block: Node cuts it from a slab. */
export const POOLED_FROM_BYTES = 2048
const SMALLEST_BITS = 12
const LARGEST_BITS = 21

export class BlockPool {
  readonly #keptLimitBytes: number
  readonly #free: ArrayBuffer[][] = []
  /** Ours and taken; so a block given back twice, or one that was never ours, changes nothing. */
  readonly #taken = new WeakSet<ArrayBufferLike>()
  readonly #poison: boolean
  #keptBytes = 0

  /** With `poison`, what is given back is overwritten at once: tests that read it later see it. */
  constructor({ keptBytes = 16 * 1024 * 1024, poison = false } = {}) {
    this.#keptLimitBytes = keptBytes
    this.#poison = poison
    for (let bits = 0; bits <= LARGEST_BITS; bits++) this.#free.push([])
  }

  get keptBytes(): number {
    return this.#keptBytes
  }

  take(size: number): Buffer {
    if (size < POOLED_FROM_BYTES) return Buffer.allocUnsafe(size)
    const bits = bitsOf(size)
    if (bits > LARGEST_BITS) return Buffer.allocUnsafeSlow(size)
    let block = this.#free[bits]!.pop()
    if (block === undefined) block = Buffer.allocUnsafeSlow(1 << bits).buffer as ArrayBuffer
    else this.#keptBytes -= block.byteLength
    this.#taken.add(block)
    return Buffer.from(block, 0, size)
  }

  /** Any part of what was taken. Bytes of elsewhere are left alone. */
  give(bytes: Uint8Array): void {
    const block = bytes.buffer
    if (!this.#taken.delete(block)) return
    if (this.#poison) new Uint8Array(block).fill(0xdb)
    if (this.#keptBytes + block.byteLength > this.#keptLimitBytes) return
    this.#keptBytes += block.byteLength
    this.#free[bitsOf(block.byteLength)]!.push(block as ArrayBuffer)
  }
}

function bitsOf(size: number): number {
  return Math.max(SMALLEST_BITS, 32 - Math.clz32(size - 1))
}
