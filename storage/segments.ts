// The segments of one log in the order of their base offsets; the last one is active. Answers to Kafka's LogSegments.
// A sorted array: lookups bisect it, and rolling, the only frequent change, appends to it.

import type { Segment } from './segment.ts'

export class Segments {
  #segments: Segment[] = []

  get all(): readonly Segment[] {
    return this.#segments
  }

  get count(): number {
    return this.#segments.length
  }

  get isEmpty(): boolean {
    return this.#segments.length === 0
  }

  get first(): Segment {
    return this.#segments[0]!
  }

  /** The one that takes appends. */
  get active(): Segment {
    return this.#segments[this.#segments.length - 1]!
  }

  get sizeInBytes(): number {
    let size = 0
    for (const segment of this.#segments) size += segment.sizeInBytes
    return size
  }

  add(segment: Segment): void {
    const at = this.#floorIndex(segment.baseOffset)
    if (at >= 0 && this.#segments[at]!.baseOffset === segment.baseOffset) this.#segments[at] = segment
    else this.#segments.splice(at + 1, 0, segment)
  }

  remove(segment: Segment): void {
    const at = this.#segments.indexOf(segment)
    if (at >= 0) this.#segments.splice(at, 1)
  }

  clear(): void {
    this.#segments = []
  }

  has(segment: Segment): boolean {
    return this.#segments[this.#floorIndex(segment.baseOffset)] === segment
  }

  /** The last segment that begins at or below `offset`. */
  floor(offset: number): Segment | undefined {
    return this.#segments[this.#floorIndex(offset)]
  }

  /** The first segment that begins above `offset`. */
  higher(offset: number): Segment | undefined {
    return this.#segments[this.#floorIndex(offset) + 1]
  }

  /** Those that may hold offsets of [from, to), in order. */
  between(from: number, to: number): Segment[] {
    const start = Math.max(0, this.#floorIndex(from))
    let end = this.#floorIndex(to)
    if (end >= 0 && this.#segments[end]!.baseOffset < to) end++
    return this.#segments.slice(start, Math.max(start, end))
  }

  #floorIndex(offset: number): number {
    let low = -1
    let high = this.#segments.length - 1
    // The active segment is asked for most.
    if (high >= 0 && this.#segments[high]!.baseOffset <= offset) return high
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if (this.#segments[middle]!.baseOffset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }
}
