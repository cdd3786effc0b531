// Changes to one map of the image: reads see them, the map they started from does not, and what was touched is remembered.
import { type MapEditor, PersistentMap } from './persistent-map.ts'

export class MapDelta<K extends string | number, V> {
  readonly before: ReadonlyMap<K, V>
  /** Keys that were set or deleted, in that order, also if they ended up as they had been. */
  readonly changed = new Set<K>()
  #editor: MapEditor<K, V> | undefined

  constructor(before: ReadonlyMap<K, V>) {
    this.before = before
  }

  get(key: K): V | undefined {
    return (this.#editor ?? this.before).get(key)
  }

  set(key: K, value: V): void {
    this.changed.add(key)
    this.#edit().set(key, value)
  }

  delete(key: K): void {
    this.changed.add(key)
    this.#edit().delete(key)
  }

  keys(): Iterable<K> {
    return (this.#editor ?? this.before).keys()
  }

  /** To be called once, at the end. */
  apply(): ReadonlyMap<K, V> {
    return this.#editor?.done() ?? this.before
  }

  #edit(): MapEditor<K, V> {
    this.#editor ??= PersistentMap.from<K, V>(this.before).edit()
    return this.#editor
  }
}
