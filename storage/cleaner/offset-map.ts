// The newest offset of every key in the dirty part of a log. Answers to Kafka's SkimpyOffsetMap: keys are not kept, only
// 128 bits of hash, 24 bytes an entry, up to a bound; then the rest of the log waits for another round. The hash is
// seeded per process, so nobody can choose keys that collide.
//
//   slot:  four int32 of hash | float64 offset + 1 (0: free)          open addressing, linear probing
//
// The table starts small and doubles, up to the slots that the bound allows.

const FIRST_SLOTS = 1024
const BYTES_PER_SLOT = 24

export class OffsetMap {
  readonly #maxSlots: number
  readonly #maxEntries: number
  readonly #seed: number
  #slots = FIRST_SLOTS
  #hashes = new Int32Array(4 * FIRST_SLOTS)
  #offsets = new Float64Array(FIRST_SLOTS)
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

  put(key: Uint8Array, offset: number): void {
    if (this.#size >= 0.75 * this.#slots && this.#slots < this.#maxSlots) this.#grow()
    hash128(key, this.#seed)
    const slot = this.#find(h1, h2, h3, h4)
    if (this.#offsets[slot] === 0) {
      this.#size++
      this.#hashes[4 * slot] = h1
      this.#hashes[4 * slot + 1] = h2
      this.#hashes[4 * slot + 2] = h3
      this.#hashes[4 * slot + 3] = h4
    }
    this.#offsets[slot] = offset + 1
    this.latestOffset = offset
  }

  /** -1 for a key that is not there. */
  get(key: Uint8Array): number {
    hash128(key, this.#seed)
    return this.#offsets[this.#find(h1, h2, h3, h4)]! - 1
  }

  #find(a: number, b: number, c: number, d: number): number {
    const mask = this.#slots - 1
    const hashes = this.#hashes
    let slot = a & mask
    while (this.#offsets[slot] !== 0) {
      const at = 4 * slot
      if (hashes[at] === a && hashes[at + 1] === b && hashes[at + 2] === c && hashes[at + 3] === d) break
      slot = (slot + 1) & mask
    }
    return slot
  }

  #grow(): void {
    const hashes = this.#hashes
    const offsets = this.#offsets
    this.#slots *= 2
    this.#hashes = new Int32Array(4 * this.#slots)
    this.#offsets = new Float64Array(this.#slots)
    for (let old = 0; old < offsets.length; old++) {
      if (offsets[old] === 0) continue
      const at = 4 * old
      const slot = this.#find(hashes[at]!, hashes[at + 1]!, hashes[at + 2]!, hashes[at + 3]!)
      this.#hashes.set(hashes.subarray(at, at + 4), 4 * slot)
      this.#offsets[slot] = offsets[old]!
    }
  }
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
function hash128(key: Uint8Array, seed: number): void {
  let a = seed
  let b = seed
  let c = seed
  let d = seed
  const length = key.length
  let at = 0
  for (; at + 16 <= length; at += 16) {
    a ^= Math.imul(rotate(Math.imul(word(key, at), C1), 15), C2)
    a = (Math.imul((rotate(a, 19) + b) | 0, 5) + 0x561ccd1b) | 0
    b ^= Math.imul(rotate(Math.imul(word(key, at + 4), C2), 16), C3)
    b = (Math.imul((rotate(b, 17) + c) | 0, 5) + 0x0bcaa747) | 0
    c ^= Math.imul(rotate(Math.imul(word(key, at + 8), C3), 17), C4)
    c = (Math.imul((rotate(c, 15) + d) | 0, 5) + 0x96cd1c35) | 0
    d ^= Math.imul(rotate(Math.imul(word(key, at + 12), C4), 18), C1)
    d = (Math.imul((rotate(d, 13) + a) | 0, 5) + 0x32ac3b17) | 0
  }
  if (at < length) {
    a ^= Math.imul(rotate(Math.imul(rest(key, at), C1), 15), C2)
    b ^= Math.imul(rotate(Math.imul(rest(key, at + 4), C2), 16), C3)
    c ^= Math.imul(rotate(Math.imul(rest(key, at + 8), C3), 17), C4)
    d ^= Math.imul(rotate(Math.imul(rest(key, at + 12), C4), 18), C1)
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

function word(key: Uint8Array, at: number): number {
  return key[at]! | (key[at + 1]! << 8) | (key[at + 2]! << 16) | (key[at + 3]! << 24)
}

/** Up to four bytes; those beyond the end count as zero. */
function rest(key: Uint8Array, at: number): number {
  return (key[at] ?? 0) | ((key[at + 1] ?? 0) << 8) | ((key[at + 2] ?? 0) << 16) | ((key[at + 3] ?? 0) << 24)
}

function mix(value: number): number {
  let mixed = value ^ (value >>> 16)
  mixed = Math.imul(mixed, 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
