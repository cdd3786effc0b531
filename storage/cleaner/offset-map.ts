// The newest offset of every key in the dirty part of a log. Answers to Kafka's SkimpyOffsetMap: keys are not kept, only
// 128 bits of hash, 24 bytes an entry, up to a bound; then the rest of the log waits for another round. The hash is
// seeded per process, so nobody can choose keys that collide.
//
//   slot:  four int32 of hash | int32, int32 offset + 1, low and high (both 0: free)      open addressing, linear probing
//
// The table starts small and doubles, up to the slots that the bound allows.

const FIRST_SLOTS = 1024
const WORDS_PER_SLOT = 6
const BYTES_PER_SLOT = 4 * WORDS_PER_SLOT
const TWO_32 = 2 ** 32

export class OffsetMap {
  readonly #maxSlots: number
  readonly #maxEntries: number
  readonly #seed: number
  #slots = FIRST_SLOTS
  #words = new Int32Array(WORDS_PER_SLOT * FIRST_SLOTS)
  #size = 0
  /** The last offset that the map has seen, keyless records included; -1 at first. */
  latestOffset = -1

  /** `memoryBytes` as log.cleaner.dedupe.buffer.size, filled up to `loadFactor`. */
  constructor(memoryBytes: number, loadFactor: number, seed: number) {
    this.#maxSlots = Math.max(FIRST_SLOTS, 2 ** Math.floor(Math.log2(memoryBytes / BYTES_PER_SLOT)))
    this.#maxEntries = Math.max(
      1,
      Math.floor(Math.min(memoryBytes / BYTES_PER_SLOT, this.#maxSlots) * loadFactor),
    )
    this.#seed = seed | 0
  }

  get size(): number {
    return this.#size
  }

  get isFull(): boolean {
    return this.#size >= this.#maxEntries
  }

  /** The key is bytes[start, end). */
  put(bytes: Uint8Array, start: number, end: number, offset: number): void {
    if (this.#size >= 0.75 * this.#slots && this.#slots < this.#maxSlots) this.#grow()
    hash128(bytes, start, end, this.#seed)
    const words = this.#words
    const at = this.#find(h1, h2, h3, h4)
    if (isFree(words, at)) {
      this.#size++
      words[at] = h1
      words[at + 1] = h2
      words[at + 2] = h3
      words[at + 3] = h4
    }
    words[at + 4] = (offset + 1) | 0
    words[at + 5] = Math.floor((offset + 1) / TWO_32)
    this.latestOffset = offset
  }

  /** -1 for a key that is not there. */
  get(bytes: Uint8Array, start: number, end: number): number {
    hash128(bytes, start, end, this.#seed)
    const at = this.#find(h1, h2, h3, h4)
    return this.#words[at + 5]! * TWO_32 + (this.#words[at + 4]! >>> 0) - 1
  }

  /** Where its words are, or those of the free slot where they would be. */
  #find(a: number, b: number, c: number, d: number): number {
    const mask = this.#slots - 1
    const words = this.#words
    for (let slot = a & mask; ; slot = (slot + 1) & mask) {
      const at = WORDS_PER_SLOT * slot
      if (words[at] === a && words[at + 1] === b && words[at + 2] === c && words[at + 3] === d) return at
      if (isFree(words, at)) return at
    }
  }

  #grow(): void {
    const before = this.#words
    this.#slots *= 2
    this.#words = new Int32Array(WORDS_PER_SLOT * this.#slots)
    for (let old = 0; old < before.length; old += WORDS_PER_SLOT) {
      if (isFree(before, old)) continue
      const at = this.#find(before[old]!, before[old + 1]!, before[old + 2]!, before[old + 3]!)
      for (let word = 0; word < WORDS_PER_SLOT; word++) this.#words[at + word] = before[old + word]!
    }
  }
}

function isFree(words: Int32Array, at: number): boolean {
  return words[at + 4] === 0 && words[at + 5] === 0
}

// Where hash128 leaves its result.
let h1 = 0
let h2 = 0
let h3 = 0
let h4 = 0

const C1 = 0x239b961b
const C2 = 0xab0e9789 | 0
const C3 = 0x38b34ae5
const C4 = 0xa1e38b93 | 0

function rotate(value: number, by: number): number {
  return (value << by) | (value >>> (32 - by))
}

/** MurmurHash3, the 128-bit variant for 32-bit machines. */
function hash128(bytes: Uint8Array, start: number, end: number, seed: number): void {
  let a = seed
  let b = seed
  let c = seed
  let d = seed
  const length = end - start
  let at = start
  for (; at + 16 <= end; at += 16) {
    a ^= Math.imul(rotate(Math.imul(word(bytes, at), C1), 15), C2)
    a = (Math.imul((rotate(a, 19) + b) | 0, 5) + 0x561ccd1b) | 0
    b ^= Math.imul(rotate(Math.imul(word(bytes, at + 4), C2), 16), C3)
    b = (Math.imul((rotate(b, 17) + c) | 0, 5) + 0x0bcaa747) | 0
    c ^= Math.imul(rotate(Math.imul(word(bytes, at + 8), C3), 17), C4)
    c = (Math.imul((rotate(c, 15) + d) | 0, 5) + 0x96cd1c35) | 0
    d ^= Math.imul(rotate(Math.imul(word(bytes, at + 12), C4), 18), C1)
    d = (Math.imul((rotate(d, 13) + a) | 0, 5) + 0x32ac3b17) | 0
  }
  if (at < end) {
    a ^= Math.imul(rotate(Math.imul(rest(bytes, at, end), C1), 15), C2)
    b ^= Math.imul(rotate(Math.imul(rest(bytes, at + 4, end), C2), 16), C3)
    c ^= Math.imul(rotate(Math.imul(rest(bytes, at + 8, end), C3), 17), C4)
    d ^= Math.imul(rotate(Math.imul(rest(bytes, at + 12, end), C4), 18), C1)
  }
  a ^= length
  b ^= length
  c ^= length
  d ^= length
  a = (a + b + c + d) | 0
  b = (b + a) | 0
  c = (c + a) | 0
  d = (d + a) | 0
  a = mix(a)
  b = mix(b)
  c = mix(c)
  d = mix(d)
  h1 = (a + b + c + d) | 0
  h2 = (b + h1) | 0
  h3 = (c + h1) | 0
  h4 = (d + h1) | 0
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

/** Up to four bytes; those beyond the end count as zero. */
function rest(bytes: Uint8Array, at: number, end: number): number {
  if (at + 4 <= end) return word(bytes, at)
  let value = 0
  for (let i = at; i < end; i++) value |= bytes[i]! << (8 * (i - at))
  return value
}

function mix(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
