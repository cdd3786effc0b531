// Timers in the order in which they fall due; those of one moment fire in the order in which they were set.
// A binary heap: setting and firing cost O(log n); a cancelled timer is dropped when it surfaces.
import type { Timer } from '../../storage/clock.ts'

export class QueuedTimer implements Timer {
  readonly dueMs: number
  readonly sequence: number
  fn: (() => void) | undefined

  constructor(fn: () => void, dueMs: number, sequence: number) {
    this.fn = fn
    this.dueMs = dueMs
    this.sequence = sequence
  }

  cancel(): void {
    this.fn = undefined
  }
}

function isBefore(a: QueuedTimer, b: QueuedTimer): boolean {
  return a.dueMs < b.dueMs || (a.dueMs === b.dueMs && a.sequence < b.sequence)
}

export class TimerQueue {
  readonly #heap: QueuedTimer[] = []
  #sequence = 0

  add(fn: () => void, dueMs: number): QueuedTimer {
    const timer = new QueuedTimer(fn, dueMs, this.#sequence++)
    this.#heap.push(timer)
    this.#rise(this.#heap.length - 1)
    return timer
  }

  /** The earliest timer that was not cancelled. */
  peek(): QueuedTimer | undefined {
    while (this.#heap.length > 0 && this.#heap[0]!.fn === undefined) this.#removeFirst()
    return this.#heap[0]
  }

  /** Takes the earliest timer out, if it is due at that moment. */
  takeDue(nowMs: number): QueuedTimer | undefined {
    const first = this.peek()
    if (first === undefined || first.dueMs > nowMs) return undefined
    this.#removeFirst()
    return first
  }

  clear(): void {
    this.#heap.length = 0
  }

  #removeFirst(): void {
    const last = this.#heap.pop()
    if (last === undefined || this.#heap.length === 0) return
    this.#heap[0] = last
    this.#sink(0)
  }

  #rise(from: number): void {
    const heap = this.#heap
    for (let child = from; child > 0; ) {
      const parent = (child - 1) >> 1
      if (!isBefore(heap[child]!, heap[parent]!)) return
      ;[heap[child], heap[parent]] = [heap[parent]!, heap[child]!]
      child = parent
    }
  }

  #sink(from: number): void {
    const heap = this.#heap
    for (let parent = from; ; ) {
      let least = parent
      for (const child of [2 * parent + 1, 2 * parent + 2])
        if (child < heap.length && isBefore(heap[child]!, heap[least]!)) least = child
      if (least === parent) return
      ;[heap[least], heap[parent]] = [heap[parent]!, heap[least]!]
      parent = least
    }
  }
}
