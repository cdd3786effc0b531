/**
 * Chunks of a socket → frames: int32 size, then that many bytes. A frame that lies inside one chunk is a view on it; a frame across
 * chunks is joined exactly once, when its last byte is there, so a peer that only announces a big frame costs no memory.
 *
 *   chunk   [size│frame──────][size│frame──      two frames, the second unfinished
 *   chunk   ────────────][si                     its rest; half of the next size
 *
 * The assembler never runs ahead: after each frame it asks whether to go on, and keeps the rest of the chunk.
 */
import { ConnectionError } from '../ports/request-error.ts'

const SIZE_BYTES = 4
const NOTHING = Buffer.alloc(0)

export interface FrameReceiver {
  /** A frame of this many bytes begins. False holds the assembler until `resume()`. Asked once more then. */
  admit(sizeBytes: number): boolean
  /** A whole frame. False holds the assembler until `resume()`. */
  frame(frame: Buffer): boolean
}

export class FrameAssembler {
  readonly #receiver: FrameReceiver
  readonly #maxFrameBytes: number
  /** Bytes not consumed yet: at most one chunk, plus up to three bytes of an unfinished size. */
  #rest: Buffer = NOTHING
  #parts: Buffer[] = []
  #partsBytes = 0
  /** Size of the frame under way, -1 between frames. */
  #size = -1
  #admitted = false
  #held = false

  constructor(receiver: FrameReceiver, maxFrameBytes: number) {
    this.#receiver = receiver
    this.#maxFrameBytes = maxFrameBytes
  }

  /** Bytes of an unfinished frame and of what waits behind it. */
  get bufferedBytes(): number {
    return this.#partsBytes + this.#rest.length
  }

  get held(): boolean {
    return this.#held
  }

  /** Takes a chunk; false when held, and the caller should stop reading. Throws ConnectionError on a size that no frame has. */
  push(chunk: Buffer): boolean {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk])
    return this.#held ? false : this.#run()
  }

  /** Goes on after a hold. False when held again. */
  resume(): boolean {
    this.#held = false
    return this.#run()
  }

  #run(): boolean {
    while (!this.#held) {
      if (this.#size === -1 && !this.#beginFrame()) return true
      if (!this.#admitted && !this.#admit()) return false
      const frame = this.#take()
      if (frame === undefined) return true
      this.#size = -1
      this.#admitted = false
      if (!this.#receiver.frame(frame)) this.#held = true
    }
    return false
  }

  #beginFrame(): boolean {
    if (this.#rest.length < SIZE_BYTES) return false
    const size = this.#rest.readInt32BE(0)
    if (size < 0) throw new ConnectionError(`frame size ${size} is negative`)
    if (size > this.#maxFrameBytes) {
      throw new ConnectionError(
        `frame size ${size} exceeds socket.request.max.bytes (${this.#maxFrameBytes})`,
      )
    }
    this.#size = size
    this.#rest = this.#rest.subarray(SIZE_BYTES)
    return true
  }

  #admit(): boolean {
    this.#admitted = this.#receiver.admit(this.#size)
    if (!this.#admitted) this.#held = true
    return this.#admitted
  }

  #take(): Buffer | undefined {
    const missing = this.#size - this.#partsBytes
    if (this.#rest.length < missing) {
      if (this.#rest.length > 0) {
        this.#parts.push(this.#rest)
        this.#partsBytes += this.#rest.length
        this.#rest = NOTHING
      }
      return undefined
    }
    const last = this.#rest.subarray(0, missing)
    this.#rest = this.#rest.length === missing ? NOTHING : this.#rest.subarray(missing)
    if (this.#partsBytes === 0) return last
    this.#parts.push(last)
    const frame = Buffer.concat(this.#parts, this.#size)
    this.#parts = []
    this.#partsBytes = 0
    return frame
  }
}
