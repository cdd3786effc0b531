// A map that shares structure with its successors: changing one key of ten thousand copies one small bucket and one array of
// pointers, not the map. Images are made of these. Reading costs one hash and one lookup in a built-in Map.
//
// Iteration follows the buckets, i.e. the hash: stable for the same keys and history of sizes, but not insertion order.

type Key = string | number

const KEYS_PER_BUCKET = 16

function hashOf(key: Key): number {
  if (typeof key === 'number') return Math.imul(key, 0x9e3779b1) >>> 8
  let hash = 0x811c9dc5
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193)
  return (hash ^ (hash >>> 15)) >>> 0
}

export class PersistentMap<K extends Key, V> implements ReadonlyMap<K, V> {
  static readonly #nothing = new PersistentMap<Key, unknown>([new Map()], 0)

  /** Length is a power of two. A bucket is never changed once a map holds it. */
  readonly #buckets: readonly Map<K, V>[]
  readonly size: number

  private constructor(buckets: readonly Map<K, V>[], size: number) {
    this.#buckets = buckets
    this.size = size
  }

  static empty<K extends Key, V>(): PersistentMap<K, V> {
    return PersistentMap.#nothing as unknown as PersistentMap<K, V>
  }

  static from<K extends Key, V>(entries: Iterable<readonly [K, V]>): PersistentMap<K, V> {
    if (entries instanceof PersistentMap) return entries as PersistentMap<K, V>
    const editor = PersistentMap.empty<K, V>().edit()
    for (const [key, value] of entries) editor.set(key, value)
    return editor.done()
  }

  get(key: K): V | undefined {
    return this.#buckets[hashOf(key) & (this.#buckets.length - 1)]!.get(key)
  }

  has(key: K): boolean {
    return this.#buckets[hashOf(key) & (this.#buckets.length - 1)]!.has(key)
  }

  forEach(visit: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const bucket of this.#buckets) for (const [key, value] of bucket) visit(value, key, this)
  }

  *entries(): Generator<[K, V], undefined> {
    for (const bucket of this.#buckets) yield* bucket
    return undefined
  }

  *keys(): Generator<K, undefined> {
    for (const bucket of this.#buckets) yield* bucket.keys()
    return undefined
  }

  *values(): Generator<V, undefined> {
    for (const bucket of this.#buckets) yield* bucket.values()
    return undefined
  }

  [Symbol.iterator](): Generator<[K, V], undefined> {
    return this.entries()
  }

  with(key: K, value: V): PersistentMap<K, V> {
    return this.edit().set(key, value).done()
  }

  without(key: K): PersistentMap<K, V> {
    return this.has(key) ? this.edit().delete(key).done() : this
  }

  edit(): MapEditor<K, V> {
    return new MapEditor<K, V>(this, [...this.#buckets], (buckets, size) => new PersistentMap(buckets, size))
  }
}

/** Collects changes to one map; `done` gives the successor. The editor must not be used after it. */
export class MapEditor<K extends Key, V> {
  readonly #base: PersistentMap<K, V>
  readonly #make: (buckets: readonly Map<K, V>[], size: number) => PersistentMap<K, V>
  #buckets: Map<K, V>[]
  #own: Set<Map<K, V>> = new Set()
  #size: number
  #changed = false

  constructor(
    base: PersistentMap<K, V>,
    buckets: Map<K, V>[],
    make: (buckets: readonly Map<K, V>[], size: number) => PersistentMap<K, V>,
  ) {
    this.#base = base
    this.#buckets = buckets
    this.#make = make
    this.#size = base.size
  }

  get size(): number {
    return this.#size
  }

  get(key: K): V | undefined {
    return this.#buckets[hashOf(key) & (this.#buckets.length - 1)]!.get(key)
  }

  has(key: K): boolean {
    return this.#buckets[hashOf(key) & (this.#buckets.length - 1)]!.has(key)
  }

  set(key: K, value: V): this {
    const bucket = this.#ownBucket(key)
    if (!bucket.has(key)) this.#size++
    bucket.set(key, value)
    this.#changed = true
    if (this.#size > this.#buckets.length * KEYS_PER_BUCKET) this.#grow()
    return this
  }

  delete(key: K): this {
    if (!this.has(key)) return this
    this.#ownBucket(key).delete(key)
    this.#size--
    this.#changed = true
    return this
  }

  *keys(): Generator<K, undefined> {
    for (const bucket of this.#buckets) yield* bucket.keys()
    return undefined
  }

  done(): PersistentMap<K, V> {
    return this.#changed ? this.#make(this.#buckets, this.#size) : this.#base
  }

  #ownBucket(key: K): Map<K, V> {
    const at = hashOf(key) & (this.#buckets.length - 1)
    let bucket = this.#buckets[at]!
    if (!this.#own.has(bucket)) {
      bucket = new Map(bucket)
      this.#own.add(bucket)
      this.#buckets[at] = bucket
    }
    return bucket
  }

  #grow(): void {
    const buckets = Array.from({ length: this.#buckets.length * 4 }, () => new Map<K, V>())
    for (const bucket of this.#buckets) {
      for (const [key, value] of bucket) buckets[hashOf(key) & (buckets.length - 1)]!.set(key, value)
    }
    this.#buckets = buckets
    this.#own = new Set(buckets)
  }
}
