// The ceiling of this machine, in this run: what a bare Node process does with the same bytes on the same socket.
// Started by run.ts as a child process: node raw-server.js <mode> <file>. Prints its port.
//
//   receive  frames are dropped, each answered with eight bytes
//   crc      the same, with CRC-32C over all bytes
//   write    the same, and every read is appended to a file, synchronously
//   send     each frame is answered with the next part of the file, as long as its first int32 after the size says
import { openSync, readSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { crc32c } from '../protocol/records/crc32c.ts'

const [mode, path] = process.argv.slice(2) as ['receive' | 'crc' | 'write' | 'send', string]
const file = openSync(path, mode === 'send' ? 'r' : 'w')
const reply = Buffer.from([0, 0, 0, 4, 0, 0, 0, 7])

const server = createServer({ noDelay: true }, socket => {
  let left = 0
  let position = 0
  const header = Buffer.alloc(8)
  let headerRead = 0
  // Frames come as size, then that many bytes; sizes may be cut anywhere.
  socket.on('data', bytes => {
    if (mode !== 'receive' && mode !== 'send') crc32c(bytes)
    if (mode === 'write') writeSync(file, bytes)
    let answers = 0
    for (let at = 0; at < bytes.length; ) {
      if (left === 0) {
        header[headerRead++] = bytes[at++]!
        if (headerRead < (mode === 'send' ? 8 : 4)) continue
        headerRead = 0
        left = header.readInt32BE() - (mode === 'send' ? 4 : 0)
        if (mode === 'send') send(header.readInt32BE(4))
      } else {
        const part = Math.min(left, bytes.length - at)
        left -= part
        at += part
        if (left === 0) answers++
      }
    }
    if (mode !== 'send') for (; answers > 0; answers--) socket.write(reply)
  })
  socket.on('error', () => socket.destroy())

  function send(length: number): void {
    const frame = Buffer.allocUnsafe(4 + length)
    frame.writeInt32BE(length)
    let read = readSync(file, frame, 4, length, position)
    position += read
    if (read < length) {
      position = 0
      read += readSync(file, frame, 4 + read, length - read, 0)
    }
    socket.write(frame)
  }
})
server.listen(0, '127.0.0.1', () => console.log((server.address() as { port: number }).port))
process.on('disconnect', () => process.exit())
