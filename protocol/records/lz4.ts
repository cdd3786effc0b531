// LZ4 frames, our own code around the block calls of lz4-napi: its frame calls are 3 to 5 times slower, know no output
// limit, and accept cut frames. Answers to Kafka's Lz4BlockInputStream and Lz4BlockOutputStream: version 1, independent
// blocks, no dictionary; one frame, and what follows its end mark is not looked at.
//
//   04 22 4d 18 | FLG | BD | [int64 content size] | HC | (uint32 length, block, [uint32 xxh32])* | 00000000 | [uint32 xxh32]
//   FLG: bits 6-7 version 01, 5 independent blocks, 4 block checksums, 3 content size, 2 content checksum
//   BD:  bits 4-6 largest block: 4 64 KiB, 5 256 KiB, 6 1 MiB, 7 4 MiB.  A length's high bit marks a stored block
//   HC:  second byte of xxh32(FLG..content size); the first Kafka clients hashed the magic number along with it
import { beyondLimit, undecodable } from './errors.ts'
import { joined } from './lent.ts'
import { lz4BlockDecode } from './lz4-block.ts'
import { loadOptional } from './native.ts'
import { xxhash32 } from './xxhash32.ts'

export type Lz4HeaderChecksum = 'right' | 'old' | 'ignored'

interface Lz4Module {
  /** Four bytes little-endian with the plain size, then the block. */
  readonly compressSync: (input: Uint8Array) => Buffer
  readonly uncompressSync: (input: Uint8Array) => Buffer
}

const MAGIC = 0x184d2204
const BLOCK_SIZE = 64 * 1024
const HEADER = Buffer.from('04224d18604082', 'hex')
const STORED = 0x8000_0000
/** Blocks up to this size decode faster in JavaScript than the call into native code takes (measured). */
const JAVASCRIPT_UP_TO_BYTES = 640
/** One small block decoded, and one block with its size in front: never kept longer than the block. */
const scratch = { plain: Buffer.alloc(0), sized: Buffer.alloc(0) }

let loaded: Lz4Module | undefined

function lz4(): Lz4Module {
  loaded ??= loadOptional<Lz4Module>('lz4-napi')
  if (loaded === undefined) throw undecodable('lz4', 'the codec is not available on this platform')
  return loaded
}

export function lz4Compress(bytes: Uint8Array, headerChecksum: Lz4HeaderChecksum = 'right'): Buffer {
  const { compressSync } = lz4()
  const header = Buffer.from(HEADER)
  if (headerChecksum === 'old') header[6] = xxhash32(header, 0, 6) >>> 8
  const parts: Uint8Array[] = [header]
  for (let start = 0; start < bytes.length; start += BLOCK_SIZE) {
    const plain = Buffer.from(
      bytes.buffer,
      bytes.byteOffset + start,
      Math.min(BLOCK_SIZE, bytes.length - start),
    )
    const block = compressSync(plain)
    const length = block.length - 4
    if (length < plain.length) {
      block.writeUInt32LE(length)
      parts.push(block)
    } else {
      const stored = Buffer.allocUnsafe(4)
      stored.writeUInt32LE(plain.length + STORED)
      parts.push(stored, plain)
    }
  }
  parts.push(Buffer.alloc(4))
  return Buffer.concat(parts)
}

interface FrameHeader {
  end: number
  maxBlockSize: number
  blockChecksums: boolean
  contentChecksum: boolean
  contentSize: number
}

function readHeader(bytes: Uint8Array, view: DataView, headerChecksum: Lz4HeaderChecksum): FrameHeader {
  if (bytes.length < 7) throw undecodable('lz4', 'the frame header is cut')
  if (view.getUint32(0, true) !== MAGIC) throw undecodable('lz4', 'this is no LZ4 frame')
  const flags = bytes[4]!
  const descriptor = bytes[5]!
  if (flags >>> 6 !== 1) throw undecodable('lz4', `unknown frame version ${flags >>> 6}`)
  if ((flags & 0x20) === 0) throw undecodable('lz4', 'blocks that depend on one another are not allowed')
  if ((flags & 0x03) !== 0) throw undecodable('lz4', 'dictionaries are not allowed')
  const sizeClass = (descriptor >>> 4) & 7
  if ((descriptor & 0x8f) !== 0 || sizeClass < 4)
    throw undecodable('lz4', 'the block descriptor is not valid')
  const hasContentSize = (flags & 0x08) !== 0
  const hashAt = hasContentSize ? 14 : 6
  if (bytes.length <= hashAt) throw undecodable('lz4', 'the frame header is cut')
  if (headerChecksum !== 'ignored') {
    const hash = (xxhash32(bytes, headerChecksum === 'old' ? 0 : 4, hashAt) >>> 8) & 0xff
    if (hash !== bytes[hashAt]) throw undecodable('lz4', 'the header checksum does not match')
  }
  return {
    end: hashAt + 1,
    maxBlockSize: 1 << (8 + 2 * sizeClass),
    blockChecksums: (flags & 0x10) !== 0,
    contentChecksum: (flags & 0x04) !== 0,
    contentSize: hasContentSize ? view.getUint32(6, true) + view.getUint32(10, true) * 2 ** 32 : -1,
  }
}

/** With `isLent` the result may be the input's memory, or some that the next decompression uses again. */
export function lz4Decompress(
  bytes: Uint8Array,
  limit: number,
  headerChecksum: Lz4HeaderChecksum = 'right',
  isLent = false,
): Buffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const header = readHeader(bytes, view, headerChecksum)
  if (header.contentSize > limit) throw beyondLimit('lz4', limit)
  const parts: Uint8Array[] = []
  let total = 0
  let at = header.end
  for (;;) {
    if (bytes.length - at < 4) throw undecodable('lz4', 'the frame ends without its end mark')
    const word = view.getUint32(at, true)
    at += 4
    if (word === 0) break
    const stored = word >= STORED
    const length = stored ? word - STORED : word
    const checksumSize = header.blockChecksums ? 4 : 0
    if (length > header.maxBlockSize)
      throw undecodable('lz4', `a block of ${length} bytes is beyond the frame's size`)
    if (length + checksumSize > bytes.length - at)
      throw undecodable('lz4', `a block of ${length} bytes is cut`)
    if (header.blockChecksums && xxhash32(bytes, at, at + length) !== view.getUint32(at + length, true))
      throw undecodable('lz4', 'a block checksum does not match')
    const part = stored
      ? bytes.subarray(at, at + length)
      : decodeBlock(bytes, at, length, header.maxBlockSize)
    total += part.length
    if (total > limit) throw beyondLimit('lz4', limit)
    parts.push(part)
    at += length + checksumSize
  }
  const [only] = parts
  // A stored block is still a part of the input; whoever does not borrow expects bytes of his own.
  const isWhole = parts.length === 1 && (isLent || only!.buffer !== bytes.buffer)
  const plain = isWhole ? asBuffer(only!) : joined(parts, total, isLent)
  checkContent(plain, header, bytes, view, at)
  return plain
}

function asBuffer(part: Uint8Array): Buffer {
  return Buffer.from(part.buffer, part.byteOffset, part.byteLength)
}

function checkContent(
  plain: Buffer,
  header: FrameHeader,
  bytes: Uint8Array,
  view: DataView,
  at: number,
): void {
  if (header.contentSize >= 0 && header.contentSize !== plain.length)
    throw undecodable('lz4', `the frame holds ${plain.length} bytes, not ${header.contentSize}`)
  if (!header.contentChecksum) return
  if (bytes.length - at < 4) throw undecodable('lz4', 'the content checksum is cut')
  if (xxhash32(plain) !== view.getUint32(at, true))
    throw undecodable('lz4', 'the content checksum does not match')
}

function decodeBlock(bytes: Uint8Array, at: number, length: number, maxBlockSize: number): Buffer {
  // A length byte adds at most 255 bytes, so short blocks need no room for a whole block of the frame's size.
  const room = Math.min(maxBlockSize, length * 255)
  if (length <= JAVASCRIPT_UP_TO_BYTES) {
    if (scratch.plain.length < room) scratch.plain = Buffer.allocUnsafeSlow(room)
    const size = lz4BlockDecode(bytes, at, at + length, scratch.plain, room)
    if (size < 0) throw undecodable('lz4', 'a block is damaged')
    return Buffer.from(scratch.plain.subarray(0, size))
  }
  if (scratch.sized.length < 4 + length) scratch.sized = Buffer.allocUnsafeSlow(4 + length)
  scratch.sized.writeUInt32LE(room)
  scratch.sized.set(bytes.subarray(at, at + length), 4)
  try {
    return lz4().uncompressSync(scratch.sized.subarray(0, 4 + length))
  } catch (error) {
    throw undecodable('lz4', (error as Error).message)
  }
}
