// A socket that speaks Kafka's framing and little else: requests are sent as ready frames, answers come back in order.
// Of a long answer only the beginning is kept, so that reading back a log costs the client next to nothing.
import { connect, type Socket } from 'node:net'
import { readResponse, writeRequest } from '../protocol/frame.ts'
import type { Api } from '../protocol/schema/message.ts'

/** Answers up to this size arrive whole, unless the caller wants more. */
const KEPT_BYTES = 64 * 1024
const READ_BYTES = 1024 * 1024

export interface Answer {
  /** Without the four bytes in front. */
  readonly size: number
  /** All of the frame, or its first `keptBytes`; valid until the callback returns. */
  readonly head: Buffer
}

export interface Sizes {
  /** Answers up to this size arrive whole. */
  readonly keptBytes?: number
  /** Of the buffer that the socket reads into. */
  readonly readBytes?: number
}

export class Connection {
  readonly #socket: Socket
  readonly #waiting: { take: (answer: Answer) => void; fail: (error: Error) => void }[] = []
  readonly #head: Buffer
  readonly #sizeBytes = Buffer.alloc(4)
  #sizeRead = 0
  #size = -1
  #read = 0

  private constructor(
    port: number,
    { keptBytes, readBytes }: Required<Sizes>,
    connected: (error?: Error) => void,
  ) {
    this.#head = Buffer.allocUnsafe(keptBytes)
    const onread = {
      buffer: Buffer.allocUnsafeSlow(readBytes),
      callback: (count: number, bytes: Uint8Array) => {
        this.#take(bytes, count)
        return true
      },
    }
    this.#socket = connect({ port, host: '127.0.0.1', noDelay: true, onread })
    this.#socket.once('connect', () => connected())
    this.#socket.once('error', error => {
      connected(error)
      this.#fail(error)
    })
    this.#socket.once('close', () => this.#fail(new Error('the connection was closed')))
  }

  static open(port: number, sizes: Sizes = {}): Promise<Connection> {
    return new Promise((resolve, reject) => {
      const chosen = { keptBytes: KEPT_BYTES, readBytes: READ_BYTES, ...sizes }
      const connection: Connection = new Connection(port, chosen, error =>
        error === undefined ? resolve(connection) : reject(error),
      )
    })
  }

  /** Sends ready chunks; the callback runs when the answer is complete. */
  send(chunks: readonly Uint8Array[], take: (answer: Answer) => void, fail: (error: Error) => void): void {
    this.#waiting.push({ take, fail })
    if (chunks.length === 1) this.#socket.write(chunks[0]!)
    else {
      this.#socket.cork()
      for (const chunk of chunks) this.#socket.write(chunk)
      this.#socket.uncork()
    }
  }

  request<Q, R>(api: Api<Q, R>, version: number, request: Q): Promise<R> {
    return new Promise((resolve, reject) => {
      const chunks = writeRequest(api, version, { correlationId: 1, clientId: 'bench' }, request)
      this.send(chunks, answer => resolve(responseOf(api, version, answer)), reject)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(bytes: Uint8Array, count: number): void {
    let at = 0
    while (at < count) {
      if (this.#size < 0) {
        this.#sizeBytes[this.#sizeRead++] = bytes[at++]!
        if (this.#sizeRead < 4) continue
        this.#size = this.#sizeBytes.readInt32BE()
        this.#sizeRead = 0
        this.#read = 0
      }
      const part = Math.min(count - at, this.#size - this.#read)
      if (this.#read < this.#head.length) {
        const kept = Math.min(part, this.#head.length - this.#read)
        this.#head.set(bytes.subarray(at, at + kept), this.#read)
      }
      this.#read += part
      at += part
      if (this.#read === this.#size) this.#complete()
    }
  }

  #complete(): void {
    const size = this.#size
    this.#size = -1
    const waiting = this.#waiting.shift()
    waiting?.take({ size, head: this.#head.subarray(0, Math.min(size, this.#head.length)) })
  }

  #fail(error: Error): void {
    for (const { fail } of this.#waiting.splice(0)) fail(error)
  }
}

export function responseOf<R>(api: Api<unknown, R>, version: number, { size, head }: Answer): R {
  if (size > head.length) throw new Error(`an answer of ${size} bytes was not kept`)
  return readResponse(api, version, Buffer.from(head)).response
}
