/**
 * A list from which anything leaves in one step, for what comes and goes with every request. A long-lived Set or Map makes a new table
 * every few additions, and V8 keeps a reference from each table to the one after it: once a table has grown old, all behind it stay until
 * the next full collection, half a kilobyte a fetch (bench/NOTES.md). Here what has left refers to nothing.
 */
export interface Link<T> {
  readonly value: T
}

class Node<T> implements Link<T> {
  readonly value: T
  previous: Node<T> | undefined
  next: Node<T> | undefined = undefined
  hasLeft = false

  constructor(value: T, previous: Node<T> | undefined) {
    this.value = value
    this.previous = previous
  }
}

export class LinkedList<T> {
  #first: Node<T> | undefined
  #last: Node<T> | undefined
  #size = 0

  get size(): number {
    return this.#size
  }

  get first(): T | undefined {
    return this.#first?.value
  }

  /** At the end. */
  add(value: T): Link<T> {
    const node = new Node(value, this.#last)
    if (this.#last === undefined) this.#first = node
    else this.#last.next = node
    this.#last = node
    this.#size++
    return node
  }

  /** Of a link of this list; once is enough. */
  remove(link: Link<T>): void {
    const node = link as Node<T>
    if (node.hasLeft) return
    node.hasLeft = true
    if (node.previous === undefined) this.#first = node.next
    else node.previous.next = node.next
    if (node.next === undefined) this.#last = node.previous
    else node.next.previous = node.previous
    node.previous = undefined
    node.next = undefined
    this.#size--
  }

  /** From the first to the last. Nothing is to be removed on the way. */
  *[Symbol.iterator](): Generator<T, void> {
    for (let node = this.#first; node !== undefined; node = node.next) yield node.value
  }
}

/** A Map whose order is changed all the time. */
export class LinkedMap<K, V> {
  readonly #links = new Map<K, Link<V>>()
  readonly #line = new LinkedList<V>()

  get size(): number {
    return this.#links.size
  }

  get first(): V | undefined {
    return this.#line.first
  }

  get(key: K): V | undefined {
    return this.#links.get(key)?.value
  }

  has(key: K): boolean {
    return this.#links.has(key)
  }

  /** At the end, also a key that was here. */
  set(key: K, value: V): void {
    const before = this.#links.get(key)
    if (before !== undefined) this.#line.remove(before)
    this.#links.set(key, this.#line.add(value))
  }

  moveToEnd(key: K): void {
    const link = this.#links.get(key)
    if (link !== undefined) this.set(key, link.value)
  }

  delete(key: K): void {
    const link = this.#links.get(key)
    if (link === undefined) return
    this.#line.remove(link)
    this.#links.delete(key)
  }

  values(): Iterable<V> {
    return this.#line
  }
}
