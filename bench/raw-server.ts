// The ceiling of this machine, in this run: what a bare Node process does with the same bytes on the same socket, with
// the best ways we know (one buffer for all reads, memory used again), and nothing of Kafka in between.
// Started by run.ts as a child process: node raw-server.js <mode> <directory> [files]. Prints its port.
//
//   receive  frames are dropped, each answered with eight bytes
//   crc      the same, with CRC-32C over all bytes
//   write    the same, each frame put together and written to a file, synchronously
//   flush    the same, and the answer waits for an fdatasync; one of a file is under way at a time, and all that was
//            written meanwhile shares the next one. Connections take the files in turn
//   send     each frame is answered with the next part of a file, as long as its first int32 after the size says
import { fdatasync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { createServer } from 'node:net'
import { BlockPool } from '../broker/net/block-pool.ts'
import { FrameAssembler } from '../broker/net/frames.ts'
import { SharedReads } from '../broker/net/shared-reads.ts'
import { crc32c } from '../protocol/records/crc32c.ts'

type Mode = 'receive' | 'crc' | 'write' | 'flush' | 'send'
const [mode, directory, fileCount = '1'] = process.argv.slice(2) as [Mode, string, string?]
const reply = Buffer.from([0, 0, 0, 4, 0, 0, 0, 7])
const reads = new SharedReads()
const blocks = new BlockPool()
const FILE_LIMIT_BYTES = 1024 * 1024 * 1024

class RawFile {
  readonly #descriptor: number
  #position = 0
  #syncing = false
  #unsynced: (() => void)[] = []

  constructor(path: string) {
    // What a server before us wrote is sent; everything else begins anew.
    this.#descriptor = openSync(path, mode === 'send' ? 'r' : 'w')
  }

  write(frame: Buffer): void {
    if (this.#position > FILE_LIMIT_BYTES) this.#position = 0
    this.#position += writeSync(this.#descriptor, frame, 0, frame.length, this.#position)
  }

  whenSynced(then: () => void): void {
    this.#unsynced.push(then)
    if (!this.#syncing) this.#sync()
  }

  #sync(): void {
    this.#syncing = true
    const waiting = this.#unsynced
    this.#unsynced = []
    fdatasync(this.#descriptor, error => {
      if (error) throw error
      this.#syncing = false
      for (const then of waiting) then()
      if (this.#unsynced.length > 0) this.#sync()
    })
  }

  /** The next bytes, from the beginning again at the end. */
  read(bytes: Buffer): void {
    const read = readSync(this.#descriptor, bytes, 0, bytes.length, this.#position)
    this.#position += read
    if (read < bytes.length) this.#position = readSync(this.#descriptor, bytes, read, bytes.length - read, 0)
  }
}

const files = Array.from({ length: Number(fileCount) }, (_, i) => new RawFile(join(directory, `raw-${i}`)))
let connections = 0

const server = createServer({ noDelay: true }, accepted => {
  const socket = reads.adopt(accepted)
  const file = files[connections++ % files.length]!
  let left = 0
  const size = Buffer.alloc(4)
  let sizeRead = 0
  const frames = new FrameAssembler(
    { admit: () => true, allocate: bytes => blocks.take(bytes), frame: frame => answer(frame) },
    1 << 27,
  )
  socket.on('data', (bytes: Buffer) => {
    if (mode === 'receive' || mode === 'crc') {
      if (mode === 'crc') crc32c(bytes)
      drop(bytes)
    } else frames.push(bytes)
  })
  socket.on('error', () => socket.destroy())

  /** Counts frames without putting them together. */
  function drop(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (left === 0) {
        size[sizeRead++] = bytes[at++]!
        if (sizeRead < 4) continue
        sizeRead = 0
        left = size.readInt32BE()
        continue
      }
      const part = Math.min(left, bytes.length - at)
      left -= part
      at += part
      if (left === 0) socket.write(reply)
    }
  }

  function answer(frame: Buffer): boolean {
    if (mode === 'send') send(frame.readInt32BE())
    else {
      crc32c(frame)
      file.write(frame)
      if (mode === 'flush') file.whenSynced(() => socket.write(reply))
      else socket.write(reply)
    }
    blocks.give(frame)
    return true
  }

  function send(length: number): void {
    const bytes = blocks.take(length)
    const header = Buffer.alloc(4)
    header.writeInt32BE(length)
    file.read(bytes)
    socket.cork()
    socket.write(header)
    socket.write(bytes, () => blocks.give(bytes))
    socket.uncork()
  }
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port))
process.on('disconnect', () => process.exit())
