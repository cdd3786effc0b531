// Frames: an int32 size, then a header, then a message. Requests and responses, both ways: a broker reads one and
// writes the other, tests and tools do the opposite.
//
// Written frames are lists of chunks: small fields in a slab, record batches by reference.
// Reading a request ends in `upgrade`, writing a response starts with `downgrade`, so nobody above sees an old
// version's shape. Trailing bytes after a request are ignored, as Kafka ignores them.

import { codecOf } from './codec/message.ts'
import { MalformedError, Reader } from './codec/reader.ts'
import { Writer } from './codec/writer.ts'
import { readResponseHeader, type RequestHeader, writeRequestHeader, writeResponseHeader } from './header.ts'
import type { Api } from './schema/message.ts'

export const SIZE_BYTES = 4

const writer = new Writer()

/** The body of a request, in the shape that handlers see. The reader stands behind the header. */
export function readRequest<Q>(api: Api<Q>, version: number, reader: Reader): Q {
  const request = codecOf(api.request, version).read(reader)
  api.upgrade?.(request, version)
  return request
}

/** A whole response frame. `response` may be changed by `downgrade`: do not use it afterwards. */
export function writeResponse<R>(
  api: Api<unknown, R>,
  version: number,
  correlationId: number,
  response: R,
): Buffer[] {
  api.downgrade?.(response, version)
  const codec = codecOf(api.response, version)
  return framed(() => {
    writeResponseHeader(writer, api, version, { correlationId })
    codec.write(writer, response)
  })
}

/** A whole request frame, in the wire's own shape: `upgrade` has no inverse. */
export function writeRequest<Q>(
  api: Api<Q>,
  version: number,
  { correlationId, clientId }: Pick<RequestHeader, 'correlationId' | 'clientId'>,
  request: Q,
): Buffer[] {
  const codec = codecOf(api.request, version)
  return framed(() => {
    const header = { requestApiKey: api.key, requestApiVersion: version, correlationId, clientId }
    writeRequestHeader(writer, api, header)
    codec.write(writer, request)
  })
}

/** A response frame without its size, in the wire's own shape. */
export function readResponse<R>(
  api: Api<unknown, R>,
  version: number,
  frame: Uint8Array,
): { correlationId: number; response: R } {
  const reader = new Reader(frame)
  const { correlationId } = readResponseHeader(reader, api, version)
  const response = codecOf(api.response, version).read(reader)
  reader.finish()
  return { correlationId, response }
}

function framed(write: () => void): Buffer[] {
  writer.begin()
  const at = writer.take(SIZE_BYTES)
  const view = writer.view
  write()
  view.setInt32(at, writer.size - SIZE_BYTES)
  return writer.end()
}

/**
 * Cuts a stream into frames, without their sizes. A frame that arrived in one piece is a view of that piece.
 * For tests and tools; a listener receives into blocks of its own (broker/net).
 */
export class FrameSplitter {
  readonly #limit: number
  #pending: Buffer[] = []
  #pendingBytes = 0

  constructor(limit = 100 * 1024 * 1024) {
    this.#limit = limit
  }

  /** Throws MalformedError for a negative size, and for one above the limit. */
  push(chunk: Buffer): Buffer[] {
    this.#pending.push(chunk)
    this.#pendingBytes += chunk.length
    const frames: Buffer[] = []
    for (;;) {
      const size = this.#nextSize()
      if (size === undefined || this.#pendingBytes < SIZE_BYTES + size) return frames
      const bytes = this.#joined()
      frames.push(bytes.subarray(SIZE_BYTES, SIZE_BYTES + size))
      const rest = bytes.subarray(SIZE_BYTES + size)
      this.#pending = rest.length === 0 ? [] : [rest]
      this.#pendingBytes = rest.length
    }
  }

  #nextSize(): number | undefined {
    if (this.#pendingBytes < SIZE_BYTES) return undefined
    if ((this.#pending[0] as Buffer).length < SIZE_BYTES) this.#joined()
    const size = (this.#pending[0] as Buffer).readInt32BE(0)
    if (size < 0 || size > this.#limit) throw new MalformedError(`frame of ${size} bytes`)
    return size
  }

  #joined(): Buffer {
    const bytes = this.#pending.length === 1 ? (this.#pending[0] as Buffer) : Buffer.concat(this.#pending)
    this.#pending = [bytes]
    return bytes
  }
}
