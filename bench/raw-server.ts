// The ceiling of this machine, in this run: what a bare Node process does with the same bytes on the same socket, with
// the best ways we know (one buffer for all reads, memory used again), and nothing of Kafka in between.
// Started by run.ts as a child process: node raw-server.js <mode> <file>. Prints its port.
//
//   receive  frames are dropped, each answered with eight bytes
//   crc      the same, with CRC-32C over all bytes
//   write    the same, each frame put together and written to a file, synchronously
//   send     each frame is answered with the next part of the file, as long as its first int32 after the size says
import { openSync, readSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { BlockPool } from '../broker/net/block-pool.ts'
import { FrameAssembler } from '../broker/net/frames.ts'
import { SharedReads } from '../broker/net/shared-reads.ts'
import { crc32c } from '../protocol/records/crc32c.ts'

type Mode = 'receive' | 'crc' | 'write' | 'send'
const [mode, path] = process.argv.slice(2) as [Mode, string]
const file = openSync(path, mode === 'send' ? 'r' : 'w')
const reply = Buffer.from([0, 0, 0, 4, 0, 0, 0, 7])
const reads = new SharedReads()
const blocks = new BlockPool()
const FILE_LIMIT_BYTES = 1024 * 1024 * 1024

const server = createServer({ noDelay: true }, accepted => {
  const socket = reads.adopt(accepted)
  let position = 0
  let left = 0
  const size = Buffer.alloc(4)
  let sizeRead = 0
  const frames = new FrameAssembler(
    { admit: () => true, allocate: bytes => blocks.take(bytes), frame: frame => answer(frame) },
    1 << 27,
  )
  socket.on('data', (bytes: Buffer) => {
    if (mode === 'write' || mode === 'send') frames.push(bytes)
    else {
      if (mode === 'crc') crc32c(bytes)
      drop(bytes)
    }
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
      if (position > FILE_LIMIT_BYTES) position = 0
      position += writeSync(file, frame, 0, frame.length, position)
      socket.write(reply)
    }
    blocks.give(frame)
    return true
  }

  function send(length: number): void {
    const bytes = blocks.take(length)
    const header = Buffer.alloc(4)
    header.writeInt32BE(length)
    let read = readSync(file, bytes, 0, length, position)
    position += read
    if (read < length) {
      position = 0
      read += readSync(file, bytes, read, length - read, 0)
    }
    socket.cork()
    socket.write(header)
    socket.write(bytes, () => blocks.give(bytes))
    socket.uncork()
  }
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port))
process.on('disconnect', () => process.exit())
