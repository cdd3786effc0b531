// Zstandard frames: node:zlib where it has them (Node 22.15 and up); on Node 20 fzstd reads, and what we write there
// is a legal frame of stored blocks.
//
// Both engines are told about one frame at a time. Its end is found by walking the block headers, because node:zlib
// stops silently after the first frame and neither engine refuses a window or content that would not fit the limit.
//
//   28 b5 2f fd | FHD | [window descriptor] | [dictionary id] | [content size] | (3-byte header, block)* | [4-byte checksum]
//   FHD: bits 6-7 content size field, 5 single segment, 3 reserved, 2 checksum, 0-1 dictionary id field
//   block header, little-endian: bit 0 last, bits 1-2 type (0 stored, 1 one byte repeated, 2 compressed), 3-23 size
//   5? 2a 4d 18 | uint32le size | bytes to skip
import zlib from 'node:zlib'
import { beyondLimit, RecordsError, undecodable } from './errors.ts'
import { loadOptional, zlibLimit } from './native.ts'
import { ZlibEngine } from './zlib-engine.ts'

const MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const MAX_BLOCK_SIZE = 128 * 1024
/** What the reference decoder allows unless told otherwise: window log 27. */
const MAX_WINDOW_SIZE = 128 * 1024 * 1024

interface Fzstd {
  decompress(bytes: Uint8Array): Uint8Array
  Decompress: new (onData: (chunk: Uint8Array) => void) => { push(chunk: Uint8Array, final: boolean): void }
}

interface Frame {
  end: number
  /** -1 when the frame does not say. */
  contentSize: number
}

const hasNative = typeof zlib.zstdDecompressSync === 'function'
let fzstd: Fzstd | undefined

const zstdEngine = new ZlibEngine(zlib.createZstdDecompress, zlib.constants.ZSTD_e_end, zstdStore)

export function zstdCompress(bytes: Uint8Array, level = 3): Buffer {
  if (!hasNative) return zstdStore(bytes)
  return zlib.zstdCompressSync(bytes, { params: { [zlib.constants.ZSTD_c_compressionLevel]: level } })
}

/** A frame of stored blocks; also what tests compare the readers with. */
export function zstdStore(bytes: Uint8Array): Buffer {
  const blocks = Math.max(1, Math.ceil(bytes.length / MAX_BLOCK_SIZE))
  const frame = Buffer.allocUnsafe(9 + blocks * 3 + bytes.length)
  let at = frame.writeUInt32LE(MAGIC)
  at = frame.writeUInt8(0xa0, at) // single segment, 4 bytes of content size
  at = frame.writeUInt32LE(bytes.length, at)
  for (let block = 0; block < blocks; block++) {
    const plain = bytes.subarray(block * MAX_BLOCK_SIZE, (block + 1) * MAX_BLOCK_SIZE)
    at = frame.writeUIntLE((plain.length << 3) | (block === blocks - 1 ? 1 : 0), at, 3)
    frame.set(plain, at)
    at += plain.length
  }
  return frame
}

/** With `isLent` the result may be memory that the next decompression uses again. */
export function zstdDecompress(bytes: Uint8Array, limit: number, isLent = false): Buffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const parts: Uint8Array[] = []
  let total = 0
  let at = 0
  do {
    if (bytes.length - at < 8) throw undecodable('zstd', 'the frame header is cut')
    const magic = view.getUint32(at, true)
    if ((magic & 0xfffffff0) >>> 0 === SKIPPABLE_MAGIC) {
      at += 8 + view.getUint32(at + 4, true)
      if (at > bytes.length) throw undecodable('zstd', 'a frame to skip is cut')
      continue
    }
    if (magic !== MAGIC) throw undecodable('zstd', 'this is no zstd frame')
    const frame = walkFrame(bytes, view, at)
    if (total + frame.contentSize > limit) throw beyondLimit('zstd', limit)
    const isAlone = isLent && at === 0 && frame.end === bytes.length
    const part = decompressFrame(bytes.subarray(at, frame.end), frame, limit - total, limit, isAlone)
    total += part.length
    parts.push(part)
    at = frame.end
  } while (at < bytes.length)
  if (parts.length === 1) return Buffer.from(parts[0]!.buffer, parts[0]!.byteOffset, parts[0]!.byteLength)
  return Buffer.concat(parts, total)
}

function walkFrame(bytes: Uint8Array, view: DataView, start: number): Frame {
  const descriptor = bytes[start + 4]!
  if ((descriptor & 0x08) !== 0) throw undecodable('zstd', 'a reserved bit is set')
  const singleSegment = (descriptor & 0x20) !== 0
  const sizeField = descriptor >>> 6
  const sizeBytes = sizeField === 0 ? (singleSegment ? 1 : 0) : 1 << sizeField
  const dictionaryBytes = [0, 1, 2, 4][descriptor & 3]!
  let at = start + 5 + (singleSegment ? 0 : 1) + dictionaryBytes
  if (at + sizeBytes + 3 > bytes.length) throw undecodable('zstd', 'the frame header is cut')
  const contentSize = readSize(view, at, sizeBytes)
  const window = singleSegment ? contentSize : windowSize(bytes[start + 5]!)
  if (window > MAX_WINDOW_SIZE && !singleSegment)
    throw undecodable('zstd', `a window of ${window} bytes is too large`)
  at += sizeBytes
  for (let last = false; !last; ) {
    if (at + 3 > bytes.length) throw undecodable('zstd', 'the frame ends before its last block')
    const header = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16)
    const type = (header >>> 1) & 3
    if (type === 3) throw undecodable('zstd', 'a block has a reserved type')
    last = (header & 1) !== 0
    if (header >>> 3 > MAX_BLOCK_SIZE)
      throw undecodable('zstd', `a block of ${header >>> 3} bytes is too large`)
    at += 3 + (type === 1 ? 1 : header >>> 3)
  }
  if ((descriptor & 0x04) !== 0) at += 4
  if (at > bytes.length) throw undecodable('zstd', 'the last block is cut')
  return { end: at, contentSize }
}

function windowSize(descriptor: number): number {
  const base = 2 ** (10 + (descriptor >>> 3))
  return base + (base / 8) * (descriptor & 7)
}

function readSize(view: DataView, at: number, sizeBytes: number): number {
  if (sizeBytes === 0) return -1
  if (sizeBytes === 1) return view.getUint8(at)
  if (sizeBytes === 2) return view.getUint16(at, true) + 256
  if (sizeBytes === 4) return view.getUint32(at, true)
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32
}

function decompressFrame(
  frame: Uint8Array,
  { contentSize }: Frame,
  allowed: number,
  limit: number,
  isLent: boolean,
): Uint8Array {
  try {
    const lent = isLent && hasNative ? zstdEngine.decompress(frame) : undefined
    if (lent !== undefined) {
      if (lent.length > allowed) throw beyondLimit('zstd', limit)
      return lent
    }
    if (hasNative) return zlib.zstdDecompressSync(frame, { maxOutputLength: zlibLimit(allowed) })
    fzstd ??= loadOptional<Fzstd>('fzstd')
    if (fzstd === undefined) throw undecodable('zstd', 'the codec is not available on this platform')
    if (contentSize < 0) return streamed(fzstd, frame, allowed, limit)
    return fzstd.decompress(frame)
  } catch (error) {
    if (error instanceof RecordsError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw beyondLimit('zstd', limit)
    throw undecodable('zstd', (error as Error).message)
  }
}

/** A frame that does not tell its size, block by block, so that the limit holds. */
function streamed(engine: Fzstd, frame: Uint8Array, allowed: number, limit: number): Uint8Array {
  const chunks: Uint8Array[] = []
  let total = 0
  const stream = new engine.Decompress(chunk => {
    total += chunk.length
    if (total > allowed) throw beyondLimit('zstd', limit)
    chunks.push(chunk)
  })
  stream.push(frame, true)
  return Buffer.concat(chunks, total)
}
