// Snappy as Kafka's clients write it: Java, and everything that followed it, in xerial's framing; a few others as one
// raw block. Reading takes both (and framed streams laid end to end), writing is xerial with 32 KiB blocks.
//
//   xerial: 82 'S' 'N' 'A' 'P' 'P' 'Y' 00 | int32 version 1 | int32 compatible 1 | (int32 length, raw block)*
//   raw block: varint length of the plain data | tagged literals and copies
import { beyondLimit, undecodable } from './errors.ts'
import { joined } from './lent.ts'
import { loadOptional } from './native.ts'

interface SnappyModule {
  readonly compressSync: (input: Uint8Array, options: { copyOutputData: boolean }) => Buffer
  readonly uncompressSync: (
    input: Uint8Array,
    options: { asBuffer: boolean; copyOutputData: boolean },
  ) => Buffer
}

const XERIAL_HEADER = Buffer.from('82534e41505059000000000100000001', 'hex')
const XERIAL_MAGIC_SIZE = 8
const BLOCK_SIZE = 32 * 1024
/** A copy tag spends 3 bytes on at most 64: nothing can honestly claim to grow more than this. */
const MAX_RATIO = 22

// Without copyOutputData the result is external memory: 2 to 7 times slower here.
const encoding = { copyOutputData: true }
const decoding = { asBuffer: true, copyOutputData: true }

let loaded: SnappyModule | undefined

function snappy(): SnappyModule {
  loaded ??= loadOptional<SnappyModule>('snappy')
  if (loaded === undefined) throw undecodable('snappy', 'the codec is not available on this platform')
  return loaded
}

export function snappyCompress(bytes: Uint8Array): Buffer {
  const { compressSync } = snappy()
  const parts: Uint8Array[] = [XERIAL_HEADER]
  for (let start = 0; start < bytes.length; start += BLOCK_SIZE) {
    const block = compressSync(bytes.subarray(start, start + BLOCK_SIZE), encoding)
    const length = Buffer.allocUnsafe(4)
    length.writeInt32BE(block.length)
    parts.push(length, block)
  }
  return Buffer.concat(parts)
}

/** With `isLent` the result may be memory that the next decompression uses again. */
export function snappyDecompress(bytes: Uint8Array, limit: number, isLent = false): Buffer {
  if (isXerial(bytes, 0)) return decompressXerial(bytes, limit, isLent)
  claimedSize(bytes, limit)
  return uncompress(bytes)
}

function isXerial(bytes: Uint8Array, position: number): boolean {
  for (let i = 0; i < XERIAL_MAGIC_SIZE; i++) if (bytes[position + i] !== XERIAL_HEADER[i]) return false
  return position + XERIAL_HEADER.length <= bytes.length
}

function decompressXerial(bytes: Uint8Array, limit: number, isLent: boolean): Buffer {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const parts: Buffer[] = []
  let total = 0
  for (let at = XERIAL_HEADER.length; at < bytes.length; ) {
    if (isXerial(bytes, at)) {
      at += XERIAL_HEADER.length
      continue
    }
    if (bytes.length - at < 4) throw undecodable('snappy', 'a block length is cut')
    const length = view.getInt32(at)
    at += 4
    if (length <= 0 || length > bytes.length - at)
      throw undecodable('snappy', `a block of ${length} bytes is cut`)
    const block = bytes.subarray(at, at + length)
    total += claimedSize(block, limit - total, limit)
    parts.push(uncompress(block))
    at += length
  }
  return parts.length === 1 ? parts[0]! : joined(parts, total, isLent)
}

/** What the block says it holds, refused before anything is allocated for it. */
function claimedSize(block: Uint8Array, allowed: number, limit = allowed): number {
  let size = 0
  for (let i = 0; i < 5; i++) {
    const byte = block[i]
    if (byte === undefined) break
    size += (byte & 0x7f) * 2 ** (7 * i)
    if (byte < 0x80) {
      if (size > allowed) throw beyondLimit('snappy', limit)
      if (size > block.length * MAX_RATIO)
        throw undecodable('snappy', `${block.length} bytes cannot hold ${size}`)
      return size
    }
  }
  throw undecodable('snappy', 'the length before the block is cut')
}

function uncompress(block: Uint8Array): Buffer {
  const { uncompressSync } = snappy()
  try {
    return uncompressSync(block, decoding)
  } catch (error) {
    throw undecodable('snappy', (error as Error).message)
  }
}
