// The codecs of a record batch behind two calls: compress, and decompress under an output limit.
//
// Every decompression has a limit and fails with a RecordsError: MESSAGE_TOO_LARGE beyond the limit,
// UNKNOWN_SERVER_ERROR for data the codec refuses. Codecs are loaded on first use. What is written is what Java
// writes: xerial snappy of 32 KiB blocks, LZ4 frames of independent 64 KiB blocks, zstd and gzip streams.
import { constants, createGunzip, gunzipSync, gzipSync } from 'node:zlib'
import {
  beyondLimit,
  RecordsError,
  UNKNOWN_SERVER_ERROR,
  UNSUPPORTED_COMPRESSION_TYPE,
  undecodable,
} from './errors.ts'
import { type Lz4HeaderChecksum, lz4Compress, lz4Decompress } from './lz4.ts'
import { zlibLimit } from './native.ts'
import { snappyCompress, snappyDecompress } from './snappy.ts'
import { ZlibEngine } from './zlib-engine.ts'
import { zstdCompress, zstdDecompress } from './zstd.ts'

export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** In the order of their ids. */
export const compressionTypes: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

/** What one compressed batch may grow to where the caller sets no limit of its own. */
export const DEFAULT_DECOMPRESSION_LIMIT_BYTES = 128 * 1024 * 1024

export function codecId(type: CompressionType): number {
  return compressionTypes.indexOf(type)
}

export function compressionTypeOf(id: number): CompressionType {
  const type = compressionTypes[id]
  // Kafka fails on these in a place that has no code of its own either.
  if (type === undefined)
    throw new RecordsError(UNKNOWN_SERVER_ERROR, `no compression codec has the id ${id}`)
  return type
}

export interface CompressOptions {
  /** gzip 1-9, zstd 1-22. LZ4 has one level here, snappy has none. */
  level?: number | undefined
  /** Magic 0 wants the header checksum that its first writers got wrong. */
  lz4HeaderChecksum?: Lz4HeaderChecksum
}

/** With 'none' the same bytes, not a copy. */
export function compress(type: CompressionType, bytes: Uint8Array, options: CompressOptions = {}): Buffer {
  switch (type) {
    case 'none':
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    case 'gzip':
      return gzipSync(bytes, { level: options.level ?? constants.Z_DEFAULT_COMPRESSION })
    case 'snappy':
      return snappyCompress(bytes)
    case 'lz4':
      return lz4Compress(bytes, options.lz4HeaderChecksum)
    case 'zstd':
      return zstdCompress(bytes, options.level)
  }
}

export interface DecompressOptions {
  limitBytes?: number
  /** 'ignored' for magic 0, as Kafka reads it. */
  lz4HeaderChecksum?: Lz4HeaderChecksum
  /** The plain bytes are looked at before anything else is decompressed: they may be the input's, or memory that is used again then. */
  isLent?: boolean
}

/** With 'none' the same bytes, not a copy, whatever the limit. */
export function decompress(
  type: CompressionType,
  bytes: Uint8Array,
  options: DecompressOptions = {},
): Buffer {
  const limit = options.limitBytes ?? DEFAULT_DECOMPRESSION_LIMIT_BYTES
  switch (type) {
    case 'none':
      return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
    case 'gzip':
      return gunzip(bytes, limit, options.isLent)
    case 'snappy':
      return snappyDecompress(bytes, limit, options.isLent)
    case 'lz4':
      return lz4Decompress(bytes, limit, options.lz4HeaderChecksum, options.isLent)
    case 'zstd':
      return zstdDecompress(bytes, limit, options.isLent)
  }
}

const gunzipEngine = new ZlibEngine(createGunzip, constants.Z_FINISH, plain => gzipSync(plain))

function gunzip(bytes: Uint8Array, limit: number, isLent = false): Buffer {
  try {
    const lent = isLent ? gunzipEngine.decompress(bytes) : undefined
    if (lent !== undefined) {
      if (lent.length > limit) throw beyondLimit('gzip', limit)
      return lent
    }
    return gunzipSync(bytes, { maxOutputLength: zlibLimit(limit) })
  } catch (error) {
    if (error instanceof RecordsError) throw error
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw beyondLimit('gzip', limit)
    throw undecodable('gzip', (error as Error).message)
  }
}

/** Answered where a codec may not be used: zstd with old requests and old message formats. */
export function unsupportedCompression(message: string): RecordsError {
  return new RecordsError(UNSUPPORTED_COMPRESSION_TYPE, message)
}
