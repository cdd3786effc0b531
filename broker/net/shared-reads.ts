/**
 * All plaintext sockets read into one buffer. Node otherwise makes 64 KiB of memory for every read and leaves it to the garbage
 * collector, which costs a producing connection a third of its processor time and more (ADR 11). net.Socket has `onread` for
 * this, but only for sockets one opens oneself; so an accepted socket hands its handle to a new one. Both objects are Node's own; what
 * is not documented is the way the handle changes its owner. Where that is not found as expected, the socket stays as it is: slower,
 * and nothing else. Chunks must be used up before their listener returns.
 */
import { Socket, type SocketConstructorOpts } from 'node:net'

const READ_BYTES = 64 * 1024

/** The parts of an accepted socket that Node does not document. */
interface Accepted {
  _handle?: { readonly getAsyncId?: unknown } | null
  _server?: unknown
  server?: unknown
}

export class SharedReads {
  readonly #buffer = Buffer.allocUnsafeSlow(READ_BYTES)

  /** The socket to use from now on. It emits 'data' as any other, with parts of the shared buffer. */
  adopt(accepted: Socket): Socket {
    const { _handle: handle, _server: server } = accepted as unknown as Accepted
    // Bytes that it has read already would be lost.
    if (!handle || server === undefined || accepted.readableLength > 0 || accepted.bytesRead > 0)
      return accepted
    const reading: Socket = new Socket({
      handle,
      allowHalfOpen: accepted.allowHalfOpen,
      onread: {
        buffer: this.#buffer,
        callback: (length: number, buffer: Uint8Array) => {
          reading.emit('data', (buffer as Buffer).subarray(0, length))
          return true
        },
      },
    } as unknown as SocketConstructorOpts)
    // The server counts its sockets and waits for the last one when it closes: this one is counted instead.
    Object.assign(reading, { _server: server, server })
    Object.assign(accepted, { _handle: null, _server: null })
    return reading
  }
}
