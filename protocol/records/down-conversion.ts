// Batches with magic 2 (or 1) as a fetcher of before 0.11 (or 0.10) understands them. Answers to Kafka 3.9's
// RecordsUtil.downConvert: control batches and headers are dropped, offsets stay absolute, an uncompressed batch loses
// the records below the fetch offset (old librdkafka relies on it), zstd cannot be converted.
//
// A bounded step, as Kafka's LazyDownConversionRecords is: the answer grows to no more bytes than were read, or than the first batch
// turns into. What has no room goes with the next fetch.
import { batches, BatchView } from './batch.ts'
import { compressionTypeOf, type DecompressOptions, unsupportedCompression } from './compression.ts'
import { buildLegacySet } from './legacy.ts'
import { records as recordsOf } from './record.ts'

const ZSTD = 4
/** A message of magic 0 or 1: int64 offset, int32 size of what follows. */
const SIZE_POSITION = 8
const MESSAGE_START = 12

/** Throws UNSUPPORTED_COMPRESSION_TYPE when the first batch that could be sent is zstd; later ones end the answer. */
export function downConvert(
  records: Buffer,
  toMagic: 0 | 1,
  firstOffset: number,
  options: DecompressOptions = {},
): Buffer {
  const parts: Buffer[] = []
  let total = 0
  for (const batch of batches(records, 0, records.length, new BatchView())) {
    if (batch.isControl) continue
    if (batch.magic > toMagic && batch.compression === ZSTD) {
      if (total > 0) break
      throw unsupportedCompression('zstd batches cannot be converted to older message formats')
    }
    const part = batch.magic <= toMagic ? batch.slice : convert(batch, toMagic, firstOffset, options)
    const sent = total === 0 ? part : wholeMessages(part, records.length - total)
    parts.push(sent)
    total += sent.length
    if (sent.length < part.length || total >= records.length) break
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts, total)
}

/** Kafka cuts the last message in two; fetchers drop what is not whole. */
function wholeMessages(set: Buffer, roomBytes: number): Buffer {
  if (set.length <= roomBytes) return set
  let end = 0
  for (let next = 0; next <= roomBytes; next += MESSAGE_START + set.readInt32BE(next + SIZE_POSITION))
    end = next
  return set.subarray(0, end)
}

function convert(batch: BatchView, magic: 0 | 1, firstOffset: number, options: DecompressOptions): Buffer {
  const isCompressed = batch.compression !== 0
  const kept = []
  for (const record of recordsOf(batch, options))
    if (isCompressed || record.offset >= firstOffset) kept.push(record)
  const { compression, timestampType } = batch
  return buildLegacySet({ magic, records: kept, compression: compressionTypeOf(compression), timestampType })
}
