// The four codecs of a record batch, behind two calls: compress and decompress under a limit.
import { gunzipSync, gzipSync } from 'node:zlib'
import { RecordsError, UNSUPPORTED_COMPRESSION_TYPE } from './errors.ts'

export type CompressionType = 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'

/** In the order of their ids. */
export const compressionTypes: readonly CompressionType[] = ['none', 'gzip', 'snappy', 'lz4', 'zstd']

export function codecId(type: CompressionType): number {
  return compressionTypes.indexOf(type)
}

export function compressionTypeOf(id: number): CompressionType {
  const type = compressionTypes[id]
  if (type === undefined)
    throw new RecordsError(UNSUPPORTED_COMPRESSION_TYPE, `no compression codec has the id ${id}`)
  return type
}

export function compress(type: CompressionType, bytes: Uint8Array, level?: number): Buffer {
  if (type === 'none') return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (type === 'gzip') return gzipSync(bytes, level === undefined ? {} : { level })
  throw new RecordsError(UNSUPPORTED_COMPRESSION_TYPE, `${type} is still to come`)
}

export function decompress(type: CompressionType, bytes: Uint8Array, limit: number): Buffer {
  if (type === 'none') return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  if (type === 'gzip') return gunzipSync(bytes, { maxOutputLength: limit })
  throw new RecordsError(UNSUPPORTED_COMPRESSION_TYPE, `${type} is still to come`)
}
