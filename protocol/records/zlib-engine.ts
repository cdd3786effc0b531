/**
 * An engine of node:zlib and an output, used again for whatever is decompressed only to be looked at. The public synchronous calls make both
 * anew each time: 100 to 200 KB a batch outside of V8's heap, and at 64 MB of that V8 collects everything there is (bench/NOTES.md).
 * The engines are Node's own; what is not documented is the call they make themselves. An engine that does not turn a known input into its
 * known output is not used: the public call does it then, slower, and nothing else.
 */
import { LENT_BYTES, lentMemory } from './lent.ts'

interface Handle {
  onerror: (message: string) => void
  reset(): void
  close(): void
  writeSync(
    flush: number,
    input: Uint8Array,
    inputAt: number,
    inputLength: number,
    output: Uint8Array,
    outputAt: number,
    outputLength: number,
  ): void
}

/** What an engine says after a call: room left in the output, input left. */
interface Engine {
  readonly _handle?: Handle | null
  readonly _writeState?: Uint32Array
}

const KNOWN = Buffer.from('known')

export class ZlibEngine {
  readonly #create: () => object
  readonly #flush: number
  readonly #compress: (plain: Buffer) => Uint8Array
  /** Undefined before the first use, null where it does not do what it should. */
  #handle: Handle | null | undefined
  #state: Uint32Array = new Uint32Array(2)
  #error: string | undefined

  /** `flush` says that the input is complete; `compress` makes the known input. */
  constructor(create: () => object, flush: number, compress: (plain: Buffer) => Uint8Array) {
    this.#create = create
    this.#flush = flush
    this.#compress = compress
  }

  /**
   * The plain bytes, which are gone with the next call of any engine; undefined where the public call has to do it. Throws an Error with the
   * engine's own words for what it refuses.
   */
  decompress(bytes: Uint8Array): Buffer | undefined {
    if (this.#handle === undefined) this.#open()
    return this.#handle === null ? undefined : this.#run(this.#handle!, bytes)
  }

  #open(): void {
    this.#handle = null
    try {
      const engine = this.#create() as Engine
      const { _handle: handle, _writeState: state } = engine
      if (!handle || !(state instanceof Uint32Array) || state.length !== 2) return
      handle.onerror = message => {
        this.#error = message
      }
      this.#state = state
      if (this.#run(handle, this.#compress(KNOWN))?.equals(KNOWN)) this.#handle = handle
    } catch {
      // Not as we know it.
      this.#handle = null
    }
  }

  #run(handle: Handle, bytes: Uint8Array): Buffer | undefined {
    const output = lentMemory()
    this.#error = undefined
    handle.reset()
    handle.writeSync(this.#flush, bytes, 0, bytes.length, output, 0, LENT_BYTES)
    if (this.#error !== undefined) {
      // An engine of zstd refuses everything once it has refused something, whatever it is reset to.
      handle.close()
      this.#handle = undefined
      throw new Error(this.#error)
    }
    const [room = 0, inputLeft = 0] = this.#state
    if (room === 0 || inputLeft > 0) return undefined
    return output.subarray(0, LENT_BYTES - room)
  }
}
