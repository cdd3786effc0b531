/** A client as thin as can be: one connection, our own codec, any version of any request. What comes back is as the wire has it. */
import { connect, type Socket } from 'node:net'
import { apis } from '../../protocol/apis/index.ts'
import { writeMessage } from '../../protocol/codec/message.ts'
import { readResponse, SIZE_BYTES, writeRequest } from '../../protocol/frame.ts'
import type { Api } from '../../protocol/schema/message.ts'

interface Waiting {
  readonly api: Api
  readonly version: number
  readonly resolve: (response: Readonly<Record<string, unknown>>) => void
  readonly reject: (error: Error) => void
}

const byName = new Map<string, Api>(apis.map(api => [api.name, api]))

export class RawClient {
  readonly #clientId: string
  readonly #socket: Socket
  readonly #waiting = new Map<number, Waiting>()
  #received: Buffer = Buffer.alloc(0)
  #correlationId = 0

  constructor(bootstrap: string, clientId: string) {
    const [host, port] = bootstrap.split(':')
    this.#clientId = clientId
    this.#socket = connect(Number(port), host)
    this.#socket.setNoDelay(true)
    this.#socket.on('data', bytes => this.#receive(bytes))
    this.#socket.on('error', error => this.#fail(error))
    this.#socket.on('close', () => this.#fail(new Error('the connection closed')))
  }

  /** `spoil` changes the body's bytes on their way. */
  call(
    name: string,
    version: number,
    fields: object,
    spoil?: (body: Buffer) => Buffer,
  ): Promise<Readonly<Record<string, unknown>>> {
    const api = byName.get(name)
    if (api === undefined) return Promise.reject(new Error(`no API is called ${name}`))
    const correlationId = ++this.#correlationId
    const header = { correlationId, clientId: this.#clientId }
    const request = api.request.create(fields)
    const frame = writeRequest(api, version, header, request)
    if (spoil !== undefined) {
      const whole = Buffer.concat(frame)
      const body = writeMessage(api.request, version, request)
      const spoilt = Buffer.concat([whole.subarray(0, whole.length - body.length), spoil(body)])
      spoilt.writeInt32BE(spoilt.length - SIZE_BYTES)
      frame.splice(0, frame.length, spoilt)
    }
    return new Promise((resolve, reject) => {
      this.#waiting.set(correlationId, { api, version, resolve, reject })
      this.#socket.write(Buffer.concat(frame))
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #receive(bytes: Buffer): void {
    this.#received = Buffer.concat([this.#received, bytes])
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE(0)
      if (this.#received.length < end) return
      // A copy: what is answered keeps its bytes.
      const frame = Buffer.from(this.#received.subarray(4, end))
      this.#received = this.#received.subarray(end)
      this.#answer(frame)
    }
  }

  #answer(frame: Buffer): void {
    const correlationId = frame.readInt32BE(0)
    const waiting = this.#waiting.get(correlationId)
    if (waiting === undefined) return
    this.#waiting.delete(correlationId)
    try {
      const { response } = readResponse(waiting.api, waiting.version, frame)
      waiting.resolve(response as Readonly<Record<string, unknown>>)
    } catch (error) {
      waiting.reject(error as Error)
    }
  }

  #fail(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error)
    this.#waiting.clear()
  }
}
