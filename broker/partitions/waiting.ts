/**
 * Waiting on partitions: one file for everything that answers later (a fetch short of bytes, an ack short of a watermark, a delete
 * short of a low watermark). A waiter is registered with the partitions it watches and with a deadline; whatever happens to one of them
 * calls its check, and the check says whether the wait is over. Nothing polls. Answers to Kafka's purgatories.
 *
 * Wakes are collected and run in one microtask after the tick that caused them, so an append to ten partitions wakes a fetch once, and no
 * check runs inside an append.
 */
import type { Clock, Timer } from '../ports/clock.ts'
import { type Link, LinkedList } from './linked-list.ts'

export interface Waiter {
  /** Looks again; true ends the wait. */
  check(): boolean
}

/** What a partition keeps of those who wait for it. */
export class WaitList {
  readonly #waiters = new LinkedList<Waiter>()
  readonly #room: WaitingRoom
  /** Already on the room's list of those to be called. */
  #called = false

  constructor(room: WaitingRoom) {
    this.#room = room
  }

  get size(): number {
    return this.#waiters.size
  }

  /** Remove the link when the wait is over. */
  add(waiter: Waiter): Link<Waiter> {
    return this.#waiters.add(waiter)
  }

  remove(link: Link<Waiter>): void {
    this.#waiters.remove(link)
  }

  /** Something changed that a waiter may have been waiting for. */
  wake(): void {
    if (this.#called || this.#waiters.size === 0) return
    this.#called = true
    this.#room.call(this)
  }

  /** For the room. */
  takeAll(): Waiter[] {
    this.#called = false
    return [...this.#waiters]
  }
}

export class WaitingRoom {
  readonly #clock: Clock
  readonly #all = new LinkedList<{ end(): void }>()
  #calledLists: WaitList[] = []
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many wait now. */
  get size(): number {
    return this.#all.size
  }

  list(): WaitList {
    return new WaitList(this)
  }

  /**
   * Waits until `isOver` says so, `timeoutMs` has passed or the room closes; resolves with what `result` returns then. `isOver` is asked
   * only when one of the lists wakes: the caller has asked it once already.
   */
  until<T>(
    lists: readonly WaitList[],
    timeoutMs: number,
    isOver: () => boolean,
    result: () => T,
  ): Promise<T> {
    if (this.#closed || timeoutMs <= 0) return Promise.resolve(result())
    return new Promise((resolve, reject) => {
      let timer: Timer | undefined
      let hasLeft = false
      const waiter: Waiter & { end(): void } = {
        check: () => {
          if (hasLeft) return true
          let over: boolean
          try {
            over = isOver()
          } catch (error) {
            leave()
            reject(error)
            return true
          }
          if (over) waiter.end()
          return over
        },
        end: () => {
          leave()
          try {
            resolve(result())
          } catch (error) {
            reject(error)
          }
        },
      }
      const place = this.#all.add(waiter)
      const links = lists.map(list => list.add(waiter))
      const leave = (): void => {
        if (hasLeft) return
        hasLeft = true
        timer?.cancel()
        this.#all.remove(place)
        for (let i = 0; i < lists.length; i++) lists[i]!.remove(links[i]!)
      }
      timer = this.#clock.setTimeout(waiter.end, timeoutMs)
    })
  }

  /** For WaitList.wake. */
  call(list: WaitList): void {
    if (this.#calledLists.push(list) === 1) queueMicrotask(() => this.#runCalls())
  }

  /** Ends every wait now, with what there is: the broker stops. */
  close(): void {
    this.#closed = true
    for (const waiter of [...this.#all]) waiter.end()
  }

  #runCalls(): void {
    const lists = this.#calledLists
    this.#calledLists = []
    for (const list of lists) {
      for (const waiter of list.takeAll()) waiter.check()
    }
  }
}
