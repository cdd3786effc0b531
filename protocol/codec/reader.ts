// A bounds-checked cursor over one frame. Every length and count that a peer sent is checked against what is
// left of the frame before anything is allocated or sliced; whatever is wrong is a MalformedError.
//
// Compiled readers ask for a run of fixed-width fields with one `take` and read them from `view`.
// Strings decode as Kafka's do: bad UTF-8 becomes U+FFFD, never an error.

import './native-text.ts'
import { ZERO_UUID } from '../uuid.ts'

/** The bytes are not what the schema says. The connection they came from is closed. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError'
}

const MAX_STRING_BYTES = 0x7fff
/** Elements of all arrays of one message. Two bytes on the wire can be a hundred in memory: a frame of 100 MiB would be 5 GB. */
export const MAX_ELEMENTS = 1_000_000
const HIGH_WORD = 0x1_0000_0000
const OFFSET_HIGH_LIMIT = 0x20_0000

/** An int64 as a number: exact within 2^53, an infinity beyond. */
export function readOffset(view: DataView, position: number): number {
  const high = view.getInt32(position)
  if (high >= OFFSET_HIGH_LIMIT) return Number.POSITIVE_INFINITY
  if (high < -OFFSET_HIGH_LIMIT) return Number.NEGATIVE_INFINITY
  return high * HIGH_WORD + view.getUint32(position + 4)
}

export class Reader {
  readonly buffer: Buffer
  readonly view: DataView
  position: number
  readonly end: number
  #elementsLeft = MAX_ELEMENTS

  constructor(bytes: Uint8Array, position = 0) {
    this.buffer = Buffer.isBuffer(bytes)
      ? bytes
      : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.position = position
    this.end = bytes.byteLength
  }

  get remaining(): number {
    return this.end - this.position
  }

  /** The position of the next `size` bytes, which are now behind the cursor. */
  take(size: number): number {
    const position = this.position
    if (size > this.end - position) return this.#short(size)
    this.position = position + size
    return position
  }

  #short(size: number): never {
    throw new MalformedError(`${size} bytes wanted at ${this.position}, ${this.remaining} left`)
  }

  uvarint(): number {
    const first = this.view.getUint8(this.take(1))
    return first < 0x80 ? first : this.#longUvarint(first & 0x7f)
  }

  #longUvarint(low: number): number {
    let value = low
    for (let shift = 7; shift < 35; shift += 7) {
      const byte = this.view.getUint8(this.take(1))
      // Multiplied, not shifted: the fifth byte may reach past 31 bits.
      value += (byte & 0x7f) * 2 ** shift
      if (byte < 0x80) {
        if (value > 0x7fff_ffff) break
        return value
      }
    }
    throw new MalformedError(`varint too long before ${this.position}`)
  }

  /** Length of the next bytes, -1 for null. */
  compactLength(): number {
    return this.uvarint() - 1
  }

  /** Number of elements, -1 for null. Each needs `minSize` bytes at least, or the count is a lie. */
  count(minSize: number): number {
    return this.#count(this.view.getInt32(this.take(4)), minSize)
  }

  compactCount(minSize: number): number {
    return this.#count(this.uvarint() - 1, minSize)
  }

  #count(count: number, minSize: number): number {
    if (count < 0) return -1
    if (count * minSize > this.end - this.position) {
      throw new MalformedError(`${count} elements cannot fit into ${this.remaining} bytes`)
    }
    this.#elementsLeft -= count
    if (this.#elementsLeft < 0) throw new MalformedError(`more than ${MAX_ELEMENTS} elements`)
    return count
  }

  string(): string | null {
    return this.#text(this.view.getInt16(this.take(2)))
  }

  compactString(): string | null {
    return this.#text(this.uvarint() - 1)
  }

  #text(length: number): string | null {
    if (length < 0) return null
    if (length === 0) return ''
    if (length > MAX_STRING_BYTES) throw new MalformedError(`string of ${length} bytes`)
    const position = this.take(length)
    return this.buffer.utf8Slice(position, position + length)
  }

  /** A view, null for a negative length. */
  bytes(): Buffer | null {
    return this.#slice(this.view.getInt32(this.take(4)))
  }

  compactBytes(): Buffer | null {
    return this.#slice(this.uvarint() - 1)
  }

  #slice(length: number): Buffer | null {
    if (length < 0) return null
    const position = this.take(length)
    return this.buffer.subarray(position, position + length)
  }

  uuidAt(position: number): string {
    const view = this.view
    if (
      (view.getInt32(position) | view.getInt32(position + 4)) === 0 &&
      (view.getInt32(position + 8) | view.getInt32(position + 12)) === 0
    ) {
      return ZERO_UUID
    }
    return this.buffer.base64urlSlice(position, position + 16)
  }

  /** Number of tags; each takes two bytes at least, its number and its size. */
  tagCount(): number {
    return this.#count(this.uvarint(), 2)
  }

  /** Passes over a tag section in which nothing is known. */
  skipTags(): void {
    for (let left = this.tagCount(); left > 0; left--) {
      this.uvarint()
      this.position = this.taggedEnd()
    }
  }

  /** Reads the size of a tagged value; answers where it ends. */
  taggedEnd(): number {
    const size = this.uvarint()
    if (size > this.end - this.position) this.#short(size)
    return this.position + size
  }

  /** A tagged value must fill its size exactly. */
  endTagged(end: number): void {
    if (this.position !== end) {
      throw new MalformedError(`tagged value ends at ${this.position} instead of ${end}`)
    }
  }

  /** The whole frame must have been read. */
  finish(): void {
    if (this.position !== this.end) throw new MalformedError(`${this.remaining} bytes too many`)
  }

  nullInNonNullable(field: string): never {
    throw new MalformedError(`null in non-nullable field ${field}`)
  }
}
