// Batches with magic 2 (or 1) as a fetcher of before 0.11 (or 0.10) understands them. Answers to Kafka 3.9's
// RecordsUtil.downConvert: control batches and headers are dropped, offsets stay absolute, an uncompressed batch loses
// the records below the fetch offset (old librdkafka relies on it), zstd cannot be converted.
//
// A bounded step: batch by batch, until maxBytes are filled; the fetcher asks again for the rest.
import { batches, BatchView } from './batch.ts'
import { compressionTypeOf, type DecompressOptions, unsupportedCompression } from './compression.ts'
import { buildLegacySet } from './legacy.ts'
import { records as recordsOf } from './record.ts'

const ZSTD = 4

export interface DownConversionOptions extends DecompressOptions {
  /** The first batch is converted whatever it grows to, the next ones only while this is not filled. */
  maxBytes?: number
}

/** Throws UNSUPPORTED_COMPRESSION_TYPE when the first batch that could be sent is zstd; later ones end the answer. */
export function downConvert(
  records: Buffer,
  toMagic: 0 | 1,
  firstOffset: number,
  { maxBytes = Number.POSITIVE_INFINITY, ...options }: DownConversionOptions = {},
): Buffer {
  const parts: Buffer[] = []
  let total = 0
  for (const batch of batches(records, 0, records.length, new BatchView())) {
    if (total > 0 && total >= maxBytes) break
    if (batch.isControl) continue
    if (batch.magic > toMagic && batch.compression === ZSTD) {
      if (total > 0) break
      throw unsupportedCompression('zstd batches cannot be converted to older message formats')
    }
    const part = batch.magic <= toMagic ? batch.slice : convert(batch, toMagic, firstOffset, options)
    if (total > 0 && total + part.length > maxBytes) break
    parts.push(part)
    total += part.length
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, total)
}

function convert(batch: BatchView, magic: 0 | 1, firstOffset: number, options: DecompressOptions): Buffer {
  const isCompressed = batch.compression !== 0
  const kept = []
  for (const record of recordsOf(batch, options))
    if (isCompressed || record.offset >= firstOffset) kept.push(record)
  const { compression, timestampType } = batch
  return buildLegacySet({ magic, records: kept, compression: compressionTypeOf(compression), timestampType })
}
