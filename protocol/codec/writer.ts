// Writes messages into slabs, with record batches kept by reference: the result is a list of chunks that go to
// the socket in one writev.
//
//   slab  ┌───────────────────────┬ ─ ─ ─ ─ ─ ─ ─
//         │ size header … length  │ …next fields      chunk 1: a view of the slab
//         └───────────────────────┴ ─ ─ ─ ─ ─ ─ ─
//   records, by reference ─────────▶                  chunk 2: the caller's own bytes
//
// A slab is never reused while a view of it may still be on its way, so nothing is copied and nothing need be
// given back. When a slab is full the message goes on in the next one. Only inside a tagged value, whose size
// stands before it, bytes must stay together: they move along to the new slab.

import './native-text.ts'

/** A value that this version cannot carry: a bug of ours, not the peer's. */
export class EncodeError extends Error {
  override readonly name = 'EncodeError'
}

const SLAB_BYTES = 64 * 1024
/** A slab that grew beyond this for one message is not kept for the next. */
const KEPT_SLAB_BYTES = 16 * SLAB_BYTES
const HIGH_WORD = 0x1_0000_0000
const MAX_STRING_BYTES = 0x7fff
/** Texts up to this length are tried byte by byte before the native call. */
const SHORT_TEXT = 24
/** The most that a size prefix of a tagged value takes. */
const SIZE_ROOM = 5

/** Writes a number as an int64; the infinities are its ends. */
export function writeOffset(view: DataView, position: number, value: number): void {
  if (value === Number.POSITIVE_INFINITY) {
    view.setInt32(position, 0x7fff_ffff)
    view.setInt32(position + 4, -1)
  } else if (value === Number.NEGATIVE_INFINITY) {
    view.setInt32(position, -0x8000_0000)
    view.setInt32(position + 4, 0)
  } else {
    view.setInt32(position, Math.floor(value / HIGH_WORD))
    view.setUint32(position + 4, value >>> 0)
  }
}

export class Writer {
  view: DataView
  position = 0
  #slab: Buffer
  /** Where the chunk being written starts in the slab. */
  #start = 0
  #chunks: Buffer[] = []
  /** Bytes in `#chunks`. */
  #flushed = 0
  /** Start of the outermost open tagged value, -1 when none is open. */
  #anchor = -1

  constructor(slabBytes = SLAB_BYTES) {
    this.#slab = Buffer.allocUnsafeSlow(slabBytes)
    this.view = new DataView(this.#slab.buffer)
  }

  /** Forgets whatever an earlier write left unfinished. */
  begin(): void {
    this.#chunks = []
    this.#flushed = 0
    this.#anchor = -1
    this.#start = this.position
  }

  /** Bytes written since `begin`. */
  get size(): number {
    return this.#flushed + this.position - this.#start
  }

  /** The chunks written since `begin`, in order. */
  end(): Buffer[] {
    this.#flush()
    const chunks = this.#chunks
    this.#chunks = []
    return chunks
  }

  /** As `end`, but one buffer of exactly its size, and the slab's bytes are free again. */
  endAsOne(): Buffer {
    const whole = Buffer.allocUnsafe(this.size)
    let at = 0
    for (const chunk of this.#chunks) at += chunk.copy(whole, at)
    this.#slab.copy(whole, at, this.#start, this.position)
    this.#chunks = []
    this.position = this.#start
    if (this.#slab.length > KEPT_SLAB_BYTES) this.#replaceSlab(SLAB_BYTES)
    return whole
  }

  #flush(): void {
    if (this.position > this.#start) {
      this.#chunks.push(this.#slab.subarray(this.#start, this.position))
      this.#flushed += this.position - this.#start
      this.#start = this.position
    }
  }

  /** The position of the next `size` bytes, which are now behind the cursor. */
  take(size: number): number {
    if (size > this.#slab.length - this.position) this.#grow(size)
    const position = this.position
    this.position = position + size
    return position
  }

  #grow(size: number): void {
    const old = this.#slab
    const keepFrom = this.#anchor < 0 ? this.position : this.#anchor
    const kept = old.subarray(keepFrom, this.position)
    this.position = keepFrom
    this.#flush()
    this.#replaceSlab(Math.max(SLAB_BYTES, (kept.length + size) * 2))
    kept.copy(this.#slab, 0)
    this.position = kept.length
    if (this.#anchor >= 0) this.#anchor = 0
  }

  #replaceSlab(slabBytes: number): void {
    this.#slab = Buffer.allocUnsafeSlow(slabBytes)
    this.view = new DataView(this.#slab.buffer)
    this.#start = 0
    this.position = 0
  }

  int8(value: number): void {
    const position = this.take(1)
    this.view.setInt8(position, value)
  }

  int16(value: number): void {
    const position = this.take(2)
    this.view.setInt16(position, value)
  }

  int32(value: number): void {
    const position = this.take(4)
    this.view.setInt32(position, value)
  }

  uvarint(value: number): void {
    let position = this.take(SIZE_ROOM)
    while (value > 0x7f) {
      this.view.setUint8(position++, (value & 0x7f) | 0x80)
      value >>>= 7
    }
    this.view.setUint8(position++, value)
    this.position = position
  }

  string(text: string): void {
    const at = this.take(2 + text.length * 3)
    const length = this.#utf8(text, at + 2)
    this.view.setInt16(at, length)
    this.position = at + 2 + length
  }

  nullableString(text: string | null): void {
    if (text === null) this.int16(-1)
    else this.string(text)
  }

  compactString(text: string): void {
    if (text.length <= 42) {
      // At most 126 bytes, so the length fits into one.
      const at = this.take(1 + text.length * 3)
      const length = this.#utf8(text, at + 1)
      this.view.setUint8(at, length + 1)
      this.position = at + 1 + length
    } else {
      const length = Buffer.byteLength(text)
      this.uvarint(length + 1)
      const at = this.take(length)
      this.#utf8(text, at)
    }
  }

  compactNullableString(text: string | null): void {
    if (text === null) this.int8(0)
    else this.compactString(text)
  }

  /** Writes at `at`, where there is room; answers the number of bytes. */
  #utf8(text: string, at: number): number {
    const slab = this.#slab
    const length = text.length
    if (length <= SHORT_TEXT) {
      let i = 0
      for (; i < length; i++) {
        const unit = text.charCodeAt(i)
        if (unit > 0x7f) break
        slab[at + i] = unit
      }
      if (i === length) return length
    }
    // Node 24 refuses a length that reaches past the end, whatever would be written.
    const written = slab.utf8Write(text, at, Math.min(length * 3, slab.length - at))
    if (written > MAX_STRING_BYTES) throw new EncodeError(`string of ${written} bytes`)
    return written
  }

  bytes(bytes: Uint8Array): void {
    this.int32(bytes.length)
    this.raw(bytes)
  }

  nullableBytes(bytes: Uint8Array | null): void {
    if (bytes === null) this.int32(-1)
    else this.bytes(bytes)
  }

  compactBytes(bytes: Uint8Array): void {
    this.uvarint(bytes.length + 1)
    this.raw(bytes)
  }

  compactNullableBytes(bytes: Uint8Array | null): void {
    if (bytes === null) this.int8(0)
    else this.compactBytes(bytes)
  }

  /** Copies bytes in, without a length. */
  raw(bytes: Uint8Array): void {
    const at = this.take(bytes.length)
    this.#slab.set(bytes, at)
  }

  records(bytes: Buffer): void {
    this.int32(bytes.length)
    this.reference(bytes)
  }

  nullableRecords(bytes: Buffer | null): void {
    if (bytes === null) this.int32(-1)
    else this.records(bytes)
  }

  compactRecords(bytes: Buffer): void {
    this.uvarint(bytes.length + 1)
    this.reference(bytes)
  }

  compactNullableRecords(bytes: Buffer | null): void {
    if (bytes === null) this.int8(0)
    else this.compactRecords(bytes)
  }

  /** The bytes become a chunk of their own, uncopied. */
  reference(bytes: Buffer): void {
    if (bytes.length === 0) return
    if (this.#anchor >= 0) return this.raw(bytes)
    this.#flush()
    this.#chunks.push(bytes)
    this.#flushed += bytes.length
  }

  uuidAt(position: number, text: string): void {
    if (this.#slab.base64urlWrite(text, position, 16) !== 16 || text.length !== 22) {
      throw new EncodeError(`not a uuid: ${JSON.stringify(text)}`)
    }
  }

  /** Opens a tagged value; hand the result to `endTagged`. */
  beginTagged(tag: number): number {
    this.uvarint(tag)
    const outermost = this.#anchor < 0
    if (outermost) this.#anchor = this.position
    const mark = this.position - this.#anchor
    this.take(SIZE_ROOM)
    return outermost ? -1 : mark
  }

  /** Puts the size before the value and closes the gap. */
  endTagged(mark: number): void {
    const at = this.#anchor + (mark < 0 ? 0 : mark)
    const from = at + SIZE_ROOM
    const end = this.position
    this.position = at
    this.uvarint(end - from)
    this.#slab.copyWithin(this.position, from, end)
    this.position += end - from
    if (mark < 0) this.#anchor = -1
  }

  nullInNonNullable(field: string): never {
    throw new EncodeError(`null in non-nullable field ${field}`)
  }

  /** A field this version lacks holds something that may not be dropped. */
  cannotCarry(field: string, version: string): never {
    throw new EncodeError(`${field} is set, but ${version} cannot carry it`)
  }
}
