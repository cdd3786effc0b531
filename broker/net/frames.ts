/**
 * Chunks of a socket → frames: int32 size, then that many bytes. Every byte is copied exactly once, from the chunk into its frame, so
 * the chunk may be one buffer that all sockets read into, over and over.
 *
 *   chunk   [size│frame──────][size│frame──      two frames, the second unfinished
 *   chunk   ────────────][si                     its rest; half of the next size
 *
 * A frame up to 1 MiB gets its memory with its first bytes, a larger one grows as it comes, so a peer that only announces a big frame
 * costs little; every part is admitted before it is copied. The assembler never runs ahead: after each frame it asks whether to go on, and
 * keeps the rest of the chunk.
 */
import { ConnectionError } from '../ports/request-error.ts'

const SIZE_BYTES = 4
const AT_ONCE_BYTES = 1024 * 1024
const NOTHING = Buffer.alloc(0)

export interface FrameReceiver {
  /** So many bytes more of a frame, which has `begun` with others. False holds the assembler until `resume()`. Asked once more then. */
  admit(bytes: number, begun: boolean): boolean
  /** Memory for a frame that begins so, or for a longer part of it; `beginning` may be short or empty. */
  allocate(sizeBytes: number, beginning: Buffer): Buffer
  /** A whole frame. False holds the assembler until `resume()`. */
  frame(frame: Buffer): boolean
}

export class FrameAssembler {
  readonly #receiver: FrameReceiver
  readonly #maxFrameBytes: number
  /** Bytes that came while held. */
  #rest: Buffer = NOTHING
  readonly #sizeBytes = Buffer.alloc(SIZE_BYTES)
  #sizeBytesRead = 0
  /** Size of the frame under way, -1 between frames. */
  #size = -1
  #frame: Buffer | undefined
  #frameBytesRead = 0
  #held = false

  constructor(receiver: FrameReceiver, maxFrameBytes: number) {
    this.#receiver = receiver
    this.#maxFrameBytes = maxFrameBytes
  }

  /** Bytes of an unfinished frame and of what waits behind it. */
  get bufferedBytes(): number {
    return this.#frameBytesRead + this.#rest.length
  }

  get held(): boolean {
    return this.#held
  }

  /**
   * Takes a chunk, which is the caller's again afterwards; false when held, and the caller should stop reading. Throws
   * ConnectionError on a size that no frame has.
   */
  push(chunk: Buffer): boolean {
    if (!this.#held) return this.#run(chunk)
    this.#rest = Buffer.concat([this.#rest, chunk])
    return false
  }

  /** Goes on after a hold. False when held again. */
  resume(): boolean {
    this.#held = false
    const rest = this.#rest
    this.#rest = NOTHING
    return this.#run(rest)
  }

  #run(chunk: Buffer): boolean {
    let at = 0
    for (;;) {
      if (this.#size === -1) {
        while (this.#sizeBytesRead < SIZE_BYTES && at < chunk.length) {
          this.#sizeBytes[this.#sizeBytesRead++] = chunk[at++]!
        }
        if (this.#sizeBytesRead < SIZE_BYTES) return true
        this.#size = this.#frameSize()
      }
      const part = Math.min(this.#size - this.#frameBytesRead, chunk.length - at)
      if (part === 0 && this.#size > 0) return true
      if (!this.#receiver.admit(part, this.#frameBytesRead > 0)) return this.#hold(chunk, at)
      const frame = this.#roomFor(chunk, at, part)
      if (part > 0) chunk.copy(frame, this.#frameBytesRead, at, at + part)
      this.#frameBytesRead += part
      at += part
      if (this.#frameBytesRead < this.#size) return true
      this.#reset()
      if (!this.#receiver.frame(frame)) return this.#hold(chunk, at)
    }
  }

  #frameSize(): number {
    const size = this.#sizeBytes.readInt32BE(0)
    if (size < 0) throw new ConnectionError(`frame size ${size} is negative`)
    if (size > this.#maxFrameBytes) {
      throw new ConnectionError(
        `frame size ${size} exceeds socket.request.max.bytes (${this.#maxFrameBytes})`,
      )
    }
    return size
  }

  #roomFor(chunk: Buffer, at: number, part: number): Buffer {
    const size = this.#size
    const needed = this.#frameBytesRead + part
    let frame = this.#frame
    if (frame === undefined) {
      frame = this.#receiver.allocate(
        Math.min(size, Math.max(AT_ONCE_BYTES, needed)),
        chunk.subarray(at, at + part),
      )
    } else if (frame.length < needed) {
      const longer = this.#receiver.allocate(Math.min(size, Math.max(frame.length * 2, needed)), frame)
      frame.copy(longer, 0, 0, this.#frameBytesRead)
      frame = longer
    }
    this.#frame = frame
    return frame
  }

  #reset(): void {
    this.#size = -1
    this.#sizeBytesRead = 0
    this.#frame = undefined
    this.#frameBytesRead = 0
  }

  #hold(chunk: Buffer, at: number): boolean {
    this.#held = true
    this.#rest = Buffer.from(chunk.subarray(at))
    return false
  }
}
