// Stands between clients and a broker, passes every byte on, and keeps frames: of each API, version, direction and client
// the one that says most and is still small. Knows of the protocol only sizes and headers.
import { connect, createServer, type Server, type Socket } from 'node:net'
import { Reader } from '../../protocol/codec/reader.ts'
import { FrameSplitter } from '../../protocol/frame.ts'
import { apiOf, readRequestHeader } from '../../protocol/header.ts'

export interface Frame {
  readonly key: number
  readonly version: number
  readonly kind: 'request' | 'response'
  /** Who sent the request, or who answered it. */
  readonly from: string
  /** With its header, without its size. */
  readonly bytes: Buffer
}

/** Frames above this are kept only when there is no smaller one. */
const LARGE_BYTES = 700

export class Recorder {
  readonly #frames = new Map<string, Frame>()

  get frames(): Frame[] {
    return [...this.#frames.values()]
  }

  keep(frame: Frame): void {
    const id = `${frame.key} ${frame.version} ${frame.kind} ${frame.from}`
    const known = this.#frames.get(id)
    if (known === undefined || worth(frame) > worth(known)) this.#frames.set(id, frame)
  }
}

const worth = ({ bytes }: Frame): number => (bytes.length <= LARGE_BYTES ? bytes.length : -bytes.length)

/** A proxy in front of one port; `client` names who is talking at the moment. */
export class Proxy {
  client = ''
  readonly #recorder: Recorder
  readonly #broker: string
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #upstream = 0

  constructor(recorder: Recorder, broker: string) {
    this.#recorder = recorder
    this.#broker = broker
    this.#server = createServer(socket => this.#serve(socket))
  }

  async listen(): Promise<number> {
    await new Promise<void>(resolve => this.#server.listen(0, '127.0.0.1', resolve))
    return (this.#server.address() as { port: number }).port
  }

  /** Connections made before this is known are refused. */
  set upstream(port: number) {
    this.#upstream = port
  }

  close(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #serve(client: Socket): void {
    if (this.#upstream === 0) return void client.destroy()
    const broker = connect(this.#upstream, '127.0.0.1')
    const open = new Map<number, { key: number; version: number }>()
    const from = this.client
    const requests = new FrameSplitter()
    const responses = new FrameSplitter()
    this.#join(client, broker, chunk => {
      for (const bytes of requests.push(chunk)) this.#request(bytes, from, open)
    })
    this.#join(broker, client, chunk => {
      for (const bytes of responses.push(chunk)) this.#response(bytes, open)
    })
  }

  #join(source: Socket, target: Socket, watch: (chunk: Buffer) => void): void {
    this.#sockets.add(source)
    source.on('data', chunk => {
      watch(Buffer.from(chunk as Buffer))
      target.write(chunk)
    })
    source.on('close', () => {
      this.#sockets.delete(source)
      target.destroy()
    })
    source.on('error', () => target.destroy())
  }

  #request(bytes: Buffer, from: string, open: Map<number, { key: number; version: number }>): void {
    if (apiOf(bytes.readInt16BE(0)) === undefined) return
    const header = readRequestHeader(new Reader(bytes))
    const [key, version] = [header.requestApiKey, header.requestApiVersion]
    open.set(header.correlationId, { key, version })
    this.#recorder.keep({ key, version, kind: 'request', from, bytes })
  }

  #response(bytes: Buffer, open: Map<number, { key: number; version: number }>): void {
    const asked = open.get(bytes.readInt32BE(0))
    if (asked === undefined) return
    open.delete(bytes.readInt32BE(0))
    this.#recorder.keep({ ...asked, kind: 'response', from: this.#broker, bytes })
  }
}
