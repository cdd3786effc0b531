/**
 * Replies leave in the order of their requests, whenever they become ready. A slot is taken when a request arrives and filled with the
 * buffers of its reply, or with nothing (acks=0). What stands ready at the front goes out in one corked write. The queue counts the
 * bytes that the socket has not taken yet: the connection stops starting requests above its limit, and the broker's reply memory hears
 * of every large buffer, from here until the peer has it.
 */
import { POOLED_FROM_BYTES } from './block-pool.ts'
import type { ReplyMemory } from './reply-memory.ts'

export interface ReplySlot {
  /** Undefined until the reply is ready; empty when there is none to send. */
  buffers: readonly Uint8Array[] | undefined
}

/** The part of a socket that writing needs. */
export interface ReplySink {
  cork(): void
  uncork(): void
  /** The callback runs when the bytes have left this process, or will not. */
  write(bytes: Uint8Array, taken?: (error?: Error | null) => void): boolean
  readonly writableLength: number
}

export class ReplyQueue {
  readonly #sink: ReplySink
  readonly #memory: ReplyMemory
  #slots: ReplySlot[] = []
  #head = 0
  #readyBytes = 0

  constructor(sink: ReplySink, memory: ReplyMemory) {
    this.#sink = sink
    this.#memory = memory
  }

  /** Requests without an answer on its way to the socket. */
  get length(): number {
    return this.#slots.length - this.#head
  }

  /** Bytes of replies that wait here (for an earlier one) or in the socket (for the peer). */
  get pendingBytes(): number {
    return this.#readyBytes + this.#sink.writableLength
  }

  take(): ReplySlot {
    const slot: ReplySlot = { buffers: undefined }
    this.#slots.push(slot)
    return slot
  }

  fill(slot: ReplySlot, buffers: readonly Uint8Array[]): void {
    slot.buffers = buffers
    for (const buffer of buffers) {
      this.#readyBytes += buffer.length
      if (isLarge(buffer)) this.#memory.queue(buffer.length)
    }
  }

  /** Hands all replies that are ready and next in order to the socket. Returns how many. */
  flush(): number {
    if (this.#slots[this.#head]?.buffers === undefined) return 0
    let count = 0
    this.#sink.cork()
    for (let slot = this.#slots[this.#head]; slot?.buffers !== undefined; slot = this.#slots[this.#head]) {
      for (const buffer of slot.buffers) {
        this.#readyBytes -= buffer.length
        if (isLarge(buffer)) this.#sink.write(buffer, error => this.#taken(buffer, error))
        else this.#sink.write(buffer)
      }
      this.#slots[this.#head++] = undefined as never
      count++
    }
    this.#sink.uncork()
    if (this.#head > 32 && this.#head * 2 > this.#slots.length) {
      this.#slots = this.#slots.slice(this.#head)
      this.#head = 0
    }
    return count
  }

  #taken(buffer: Uint8Array, error: Error | null | undefined): void {
    this.#memory.release(buffer.length)
    // After an error the socket may look at it still.
    if (!error) this.#memory.give(buffer)
  }

  /** Nobody will read what is still here. */
  abandon(): void {
    for (const slot of this.#slots.splice(0).slice(this.#head)) {
      for (const buffer of slot.buffers ?? []) if (isLarge(buffer)) this.#memory.release(buffer.length)
    }
    this.#head = 0
    this.#readyBytes = 0
  }
}

/** Large buffers hold records; of small ones there are never more than requests. */
const isLarge = (buffer: Uint8Array): boolean => buffer.length >= POOLED_FROM_BYTES
