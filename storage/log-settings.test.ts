// The settings of a topic that show in its files or in what it accepts and stores; those of rolling, retention and
// flushing have their tests with those.
import zlib, { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { BatchView, RECORD_BATCH_OVERHEAD } from '../protocol/records/batch.ts'
import { compressionTypeOf } from '../protocol/records/compression.ts'
import { records } from '../protocol/records/record.ts'
import type { LogConfig } from './config.ts'
import { batch, memoryFileSystem, openLog } from './testing/log-fixture.ts'

const text = 'to be compressed '.repeat(200)

function stored(config: Partial<LogConfig>, bytes = batch([text])): { view: BatchView; bytes: Buffer } {
  const log = openLog({ config })
  log.appendAsLeader(bytes, 0)
  const read = Buffer.from(log.read(0, 1e6, 'log-end', true).records)
  return { view: new BatchView().reset(read, 0), bytes: read }
}

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)(
  'compression.type=%s compresses what came plain',
  type => {
    const { view } = stored({ compressionType: type })
    expect(compressionTypeOf(view.compression)).toBe(type)
    expect([...records(view)].map(record => record.value!.toString())).toEqual([text])
  },
)

test('compression.type=producer keeps what came, uncompressed takes it apart', () => {
  const packed = batch([text], { compression: 'gzip' })
  expect(stored({ compressionType: 'producer' }, Buffer.from(packed)).view.compression).toBe(1)
  const { view } = stored({ compressionType: 'uncompressed' }, Buffer.from(packed))
  expect(view.compression).toBe(0)
  expect(view.isValidCrc()).toBe(true)
})

test('compression.gzip.level and compression.zstd.level reach the compressor', () => {
  const varied = Array.from({ length: 400 }, (_, i) => `record ${i * 7919} of ${i % 13} `.repeat(1 + (i % 5)))
  const sizeOf = (config: Partial<LogConfig>): number => stored(config, batch(varied)).view.sizeInBytes
  const gzip = (compressionGzipLevel: number) => sizeOf({ compressionType: 'gzip', compressionGzipLevel })
  expect(gzip(9)).toBeLessThan(gzip(1))
  const zstd = (compressionZstdLevel: number) => sizeOf({ compressionType: 'zstd', compressionZstdLevel })
  // Node 20 has no zstd of its own, and our fallback stores.
  if ('zstdCompressSync' in zlib) expect(zstd(19)).toBeLessThan(zstd(1))
  const { bytes } = stored({ compressionType: 'gzip', compressionGzipLevel: 1 }, batch(varied))
  expect(gunzipSync(bytes.subarray(RECORD_BATCH_OVERHEAD)).length).toBeGreaterThan(10_000)
})

test('message.timestamp.before.max.ms and .after.max.ms bound a producer’s time', () => {
  const nowMs = 1_700_000_000_000
  const config = { messageTimestampBeforeMaxMs: 1000, messageTimestampAfterMaxMs: 500 }
  const append = (timestamp: number) => () =>
    openLog({ config }).appendAsLeader(batch(['a'], { timestamp }), 0)
  expect(append(nowMs - 1000)).not.toThrow()
  expect(append(nowMs + 500)).not.toThrow()
  expect(append(nowMs - 1001)).toThrow(expect.objectContaining({ code: 32 }))
  expect(append(nowMs + 501)).toThrow(expect.objectContaining({ code: 32 }))
})

test('index.interval.bytes: a shorter interval, more entries', () => {
  const indexSize = (indexIntervalBytes: number): number => {
    const fs = memoryFileSystem()
    const log = openLog({ fs, config: { indexIntervalBytes } })
    for (let i = 0; i < 100; i++) log.appendAsLeader(batch(['x'.repeat(100)]), 0)
    log.close()
    const name = fs.readdir(log.directory).find(file => file.endsWith('.index'))
    return fs.stat(`${log.directory}/${name}`)!.size
  }
  expect(indexSize(200)).toBeGreaterThan(2 * indexSize(2000))
})

test('preallocate: the segment has its full size from the start, and is cut to its records at the end', () => {
  const fs = memoryFileSystem()
  const log = openLog({ fs, config: { preallocate: true, segmentBytes: 1_000_000 } })
  log.appendAsLeader(batch(['a']), 0)
  const path = `${log.directory}/${'0'.repeat(20)}.log`
  expect(fs.stat(path)!.size).toBe(1_000_000)
  const { sizeInBytes } = log
  log.close()
  expect(fs.stat(path)!.size).toBe(sizeInBytes)
})
