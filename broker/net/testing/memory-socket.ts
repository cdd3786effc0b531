/** A socket in memory: what a connection reads is pushed by the test, what it writes is kept. Backpressure on command. */
import { EventEmitter } from 'node:events'
import type { ConnectionSocket } from '../connection.ts'

export class MemorySocket extends EventEmitter implements ConnectionSocket {
  written: Buffer[] = []
  writes = 0
  writableLength = 0
  paused = false
  destroyed = false
  ended = false
  /** While true, what is written counts as not taken by the peer. */
  stuck = false
  #corked = 0
  #whenTaken: (() => void) | undefined

  /** Bytes from the peer. A paused socket keeps them, as the kernel would. */
  #waiting: Buffer[] = []

  receive(bytes: Buffer): void {
    if (this.paused) this.#waiting.push(bytes)
    else this.emit('data', bytes)
  }

  get waitingBytes(): number {
    return this.#waiting.reduce((sum, chunk) => sum + chunk.length, 0)
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
    while (!this.paused && this.#waiting.length > 0) this.emit('data', this.#waiting.shift()!)
  }

  cork(): void {
    this.#corked++
  }

  uncork(): void {
    if (--this.#corked === 0) this.writes++
  }

  write(bytes: Uint8Array, taken?: () => void): boolean {
    this.written.push(Buffer.from(bytes))
    if (this.#corked === 0) this.writes++
    taken?.()
    if (this.stuck) this.writableLength += bytes.length
    return !this.stuck
  }

  /** The peer reads again. */
  unstick(): void {
    this.stuck = false
    this.writableLength = 0
    this.emit('drain')
    this.#whenTaken?.()
  }

  end(done?: () => void): void {
    this.ended = true
    this.#whenTaken = done
    if (!this.stuck) done?.()
  }

  destroy(): void {
    this.destroyed = true
  }

  /** Everything written so far, cut into frames without their size. */
  frames(): Buffer[] {
    const all = Buffer.concat(this.written)
    const frames: Buffer[] = []
    for (let at = 0; at < all.length; ) {
      const size = all.readInt32BE(at)
      frames.push(all.subarray(at + 4, at + 4 + size))
      at += 4 + size
    }
    return frames
  }
}
