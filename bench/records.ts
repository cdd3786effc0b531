// What the scan of a produced batch costs beside its checksum, and the codecs at their usual sizes.
// Run with: node bench/records.ts (Node 22.18 and up), or through a bundler on Node 20.
import { BatchView } from '../protocol/records/batch.ts'
import { buildBatch } from '../protocol/records/builder.ts'
import {
  type CompressionType,
  compress,
  compressionTypes,
  decompress,
} from '../protocol/records/compression.ts'
import { crc32c } from '../protocol/records/crc32c.ts'
import { AppendScan, scanBatches } from '../protocol/records/scan.ts'
import { type AppendRules, validateAndAssignOffsets } from '../protocol/records/validate.ts'
import { measure } from './measure.ts'

const now = 1_790_000_000_000
const rules: AppendRules = {
  origin: 'client',
  maxMessageBytes: 2 ** 31,
  compacted: false,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: Number.MAX_SAFE_INTEGER,
  messageTimestampAfterMaxMs: 3_600_000,
  compressionType: 'producer',
}

function batchOf(batchBytes: number, recordBytes: number, compression: CompressionType = 'none'): Buffer {
  const records = Array.from({ length: Math.max(1, Math.round(batchBytes / recordBytes)) }, (_, i) => ({
    key: `key-${i}`,
    value: Buffer.alloc(recordBytes, `{"id":${i},"name":"user-${(i * 7919) % 1000}"}`),
    timestamp: now - 5000 + i,
  }))
  return buildBatch({ records, compression })
}

function row(name: string, ns: number, bytes: number): string {
  return `${name.padEnd(44)} ${ns.toFixed(0).padStart(9)} ns ${(bytes / ns).toFixed(2).padStart(7)} GB/s`
}

const scan = new AppendScan()
const view = new BatchView()

function append(batch: Buffer): void {
  view.reset(batch, 0).setBaseOffset(0)
  validateAndAssignOffsets(rules, 1000, 5, now, scanBatches(batch, rules, 5, scan))
}

console.log(`Node ${process.version}`)
for (const [batchBytes, recordBytes] of [
  [1024, 1000],
  [16 * 1024, 100],
  [16 * 1024, 1024],
  [128 * 1024, 100],
  [128 * 1024, 1024],
  [1024 * 1024, 1024],
] as const) {
  const batch = batchOf(batchBytes, recordBytes)
  const count = view.reset(batch, 0).recordCount
  const { crc, whole } = measure({
    crc: () => crc32c(batch, 0, 21),
    whole: () => append(batch),
  })
  const name = `${batchBytes / 1024} KiB of ${recordBytes} B`
  console.log(row(`${name}: crc32c`, crc, batch.length))
  console.log(
    row(`${name}: whole scan`, whole, batch.length),
    ` ${((whole - crc) / count).toFixed(1)} ns a record`,
  )
}
for (const compression of compressionTypes.filter(type => type !== 'none')) {
  const batch = batchOf(128 * 1024, 1024, compression)
  const plain = Buffer.concat(
    Array.from({ length: 1200 }, (_, i) =>
      Buffer.from(`{"id":${i},"v":${Math.sin(i)},"name":"user-${i % 91}"}`),
    ),
  )
  const bytes = compress(compression, plain)
  const { down, up, whole } = measure(
    {
      down: () => decompress(compression, bytes),
      up: () => compress(compression, plain),
      whole: () => append(batch),
    },
    { rounds: 3 },
  )
  console.log(row(`${compression}: compress ${plain.length} B`, up, plain.length))
  console.log(row(`${compression}: decompress`, down, plain.length))
  console.log(row(`${compression}: scan 128 KiB of 1 KiB records`, whole, 128 * 1024))
}
