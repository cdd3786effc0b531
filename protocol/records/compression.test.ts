import { randomBytes } from 'node:crypto'
import { createRequire } from 'node:module'
import zlib, { gzipSync } from 'node:zlib'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compress, compressionTypes, decompress } from './compression.ts'
import { MESSAGE_TOO_LARGE, RecordsError, UNKNOWN_SERVER_ERROR } from './errors.ts'
import { lz4BlockDecode } from './lz4-block.ts'
import { xxhash32 } from './xxhash32.ts'
import { zstdStore } from './zstd.ts'

const require = createRequire(import.meta.url)
const hasZstd = typeof zlib.zstdDecompressSync === 'function'
const codecs = compressionTypes.filter(type => type !== 'none')
const text = Buffer.from(
  Array.from(
    { length: 9000 },
    (_, i) => `{"id":${i},"name":"user-${(i * 7919) % 1000}","v":${Math.sin(i)}}`,
  ).join(),
)
const sizes = [0, 1, 11, 100, 640, 5000, 32768, 65536, 65537, 300_000]

function codeOf(run: () => unknown): number | undefined {
  try {
    run()
    return undefined
  } catch (error) {
    if (!(error instanceof RecordsError)) throw error
    return error.code
  }
}

test.each(codecs)('%s gives back what it was given, and holds the limit', codec => {
  for (const size of sizes) {
    const plain = text.subarray(0, size)
    const compressed = compress(codec, plain)
    expect(decompress(codec, compressed, { limitBytes: size }).equals(plain)).toBe(true)
    if (size > 1) {
      expect(codeOf(() => decompress(codec, compressed, { limitBytes: size - 1 }))).toBe(MESSAGE_TOO_LARGE)
    }
  }
})

test.each(codecs)('%s lends what it would give, also after bytes that it refused', codec => {
  for (const size of [...sizes, 2_000_000]) {
    const plain = Buffer.alloc(size, text)
    const compressed = compress(codec, plain)
    expect(decompress(codec, compressed, { isLent: true, limitBytes: size }).equals(plain)).toBe(true)
    const spoilt = Buffer.from(compressed)
    for (let at = compressed.length >> 1; at < compressed.length; at += 7) spoilt[at]! ^= 0x5a
    const options = { limitBytes: 4_000_000 }
    const code = codeOf(() => decompress(codec, spoilt, options))
    expect(codeOf(() => decompress(codec, spoilt, { ...options, isLent: true }))).toBe(code)
    if (size > 1) {
      const tooLittle = { isLent: true, limitBytes: size - 1 }
      expect(codeOf(() => decompress(codec, compressed, tooLittle))).toBe(MESSAGE_TOO_LARGE)
    }
    expect(decompress(codec, compressed, { isLent: true }).equals(plain)).toBe(true)
  }
})

test.each(codecs.filter(codec => codec !== 'zstd' || hasZstd))('%s lends the same memory again', codec => {
  const lent = (size: number) => decompress(codec, compress(codec, text.subarray(0, size)), { isLent: true })
  const first = lent(70_000)
  expect(lent(80_000).buffer).toBe(first.buffer)
  const own = decompress(codec, compress(codec, text.subarray(0, 70_000)))
  expect(own.buffer).not.toBe(first.buffer)
})

test('a block of LZ4 that is stored is lent as it lies there, and otherwise copied', () => {
  const compressed = compress('lz4', randomBytes(50_000))
  expect(decompress('lz4', compressed, { isLent: true }).buffer).toBe(compressed.buffer)
  expect(decompress('lz4', compressed).buffer).not.toBe(compressed.buffer)
})

test.each(codecs)('%s refuses every cut', codec => {
  for (const size of [1, 100, 70_000]) {
    const compressed = compress(codec, text.subarray(0, size))
    const step = Math.max(1, Math.floor(compressed.length / 200))
    for (let cut = 0; cut < compressed.length; cut += step) {
      // A xerial stream has no end mark: a cut between blocks is a shorter stream.
      const code = codeOf(() => decompress(codec, compressed.subarray(0, cut)))
      expect(codeOf(() => decompress(codec, compressed.subarray(0, cut), { isLent: true }))).toBe(code)
      if (codec === 'snappy' && (cut === 16 || code === undefined)) continue
      expect([cut, code]).toEqual([cut, UNKNOWN_SERVER_ERROR])
    }
  }
})

test.each(codecs)('%s answers damaged bytes with a clean error and never passes the limit', codec => {
  const limitBytes = 200_000
  const inputs = [1, 500, 20_000].map(size => compress(codec, text.subarray(0, size)))
  fc.assert(
    fc.property(
      fc.constantFrom(...inputs),
      fc.array(fc.tuple(fc.nat(30_000), fc.nat(255)), { minLength: 1, maxLength: 6 }),
      (input, changes) => {
        const bytes = Buffer.from(input)
        for (const [at, value] of changes) bytes[at % bytes.length] = value
        try {
          expect(decompress(codec, bytes, { limitBytes }).length).toBeLessThanOrEqual(limitBytes)
        } catch (error) {
          expect(error).toBeInstanceOf(RecordsError)
        }
      },
    ),
    { numRuns: 300 },
  )
})

test.each(codecs)('%s answers any bytes with a clean error', codec => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), bytes => {
      try {
        expect(decompress(codec, bytes, { limitBytes: 10_000 }).length).toBeLessThanOrEqual(10_000)
      } catch (error) {
        expect(error).toBeInstanceOf(RecordsError)
      }
    }),
    { numRuns: 200 },
  )
})

test('a bomb is refused early', () => {
  const zeros = Buffer.alloc(8 * 1024 * 1024)
  for (const codec of codecs) {
    const bomb = compress(codec, zeros)
    expect(codeOf(() => decompress(codec, bomb, { limitBytes: 100_000 }))).toBe(MESSAGE_TOO_LARGE)
  }
})

test('xxhash32 has the published values', () => {
  expect(xxhash32(Buffer.alloc(0))).toBe(0x02cc5d05)
  expect(xxhash32(Buffer.from('a'))).toBe(0x550d7456)
  expect(xxhash32(Buffer.from('Nobody inspects the spammish repetition'))).toBe(0xe2293b2f)
})

test('snappy: a raw block, framed streams end to end, and lies about the length', () => {
  const raw = require('snappy').compressSync(text.subarray(0, 5000)) as Buffer
  expect(decompress('snappy', raw).equals(text.subarray(0, 5000))).toBe(true)
  const two = Buffer.concat([compress('snappy', Buffer.from('one')), compress('snappy', Buffer.from('two'))])
  expect(decompress('snappy', two).toString()).toBe('onetwo')
  const lie = Buffer.from([0xff, 0xff, 0xff, 0xff, 0x03, 0x00])
  expect(codeOf(() => decompress('snappy', lie))).toBe(MESSAGE_TOO_LARGE)
  expect(codeOf(() => decompress('snappy', lie, { limitBytes: 2 ** 32 }))).toBe(UNKNOWN_SERVER_ERROR)
})

test('lz4: frames of another writer, with checksums, in every block size class', () => {
  const { compressFrameSync } = require('lz4-napi') as {
    compressFrameSync: (b: Buffer, o?: object) => Buffer
  }
  for (const size of [1, 1000, 100_000, text.length]) {
    const plain = text.subarray(0, size)
    const frame = compressFrameSync(plain, { contentChecksum: true, blockChecksums: true })
    expect(decompress('lz4', frame).equals(plain)).toBe(true)
    for (const at of [frame.length - 1, frame.length - 12]) {
      const damaged = Buffer.from(frame)
      damaged[at]! ^= 1
      expect(codeOf(() => decompress('lz4', damaged))).toBe(UNKNOWN_SERVER_ERROR)
    }
  }
})

test('lz4: our frames are read by another reader', () => {
  const { decompressFrameSync } = require('lz4-napi') as { decompressFrameSync: (b: Buffer) => Buffer }
  for (const size of sizes) {
    expect(decompressFrameSync(compress('lz4', text.subarray(0, size))).equals(text.subarray(0, size))).toBe(
      true,
    )
  }
})

test('lz4: the header checksum of the first clients is taken only where it is expected', () => {
  const frame = compress('lz4', Buffer.from('old'), { lz4HeaderChecksum: 'old' })
  expect(codeOf(() => decompress('lz4', frame))).toBe(UNKNOWN_SERVER_ERROR)
  expect(decompress('lz4', frame, { lz4HeaderChecksum: 'old' }).toString()).toBe('old')
  frame[6]! ^= 0xff
  expect(decompress('lz4', frame, { lz4HeaderChecksum: 'ignored' }).toString()).toBe('old')
})

test('lz4: dependent blocks, dictionaries and unknown versions are refused', () => {
  const frame = compress('lz4', Buffer.from('x'.repeat(100)))
  for (const flags of [0x40, 0x61, 0x62, 0x20, 0xa0]) {
    const changed = Buffer.from(frame)
    changed[4] = flags
    changed[6] = xxhash32(changed, 4, 6) >>> 8
    expect(codeOf(() => decompress('lz4', changed))).toBe(UNKNOWN_SERVER_ERROR)
  }
})

test('the LZ4 block decoder in JavaScript agrees with the native one', () => {
  const { compressSync } = require('lz4-napi') as { compressSync: (b: Buffer) => Buffer }
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'bc', 'odradek', '0123456789'), { maxLength: 400 }), words => {
      const plain = Buffer.from(words.join(''))
      const block = compressSync(plain)
      const target = Buffer.alloc(plain.length + 1)
      expect(lz4BlockDecode(block, 4, block.length, target, target.length)).toBe(plain.length)
      expect(target.subarray(0, plain.length).equals(plain)).toBe(true)
      if (plain.length > 0) {
        expect(lz4BlockDecode(block, 4, block.length, target, plain.length - 1)).toBe(-1)
      }
    }),
  )
})

test('zstd: stored frames, several frames, frames to skip, frames without a size', () => {
  const plain = text.subarray(0, 300_000)
  expect(decompress('zstd', zstdStore(plain)).equals(plain)).toBe(true)
  const skip = Buffer.from('532a4d1803000000616263', 'hex')
  const several = Buffer.concat([compress('zstd', Buffer.from('one')), skip, zstdStore(Buffer.from('two'))])
  expect(decompress('zstd', several).toString()).toBe('onetwo')
  // From a streaming writer: window descriptor, no content size, two blocks, a checksum.
  const unsized = Buffer.from('28b52ffd04587c0000406f64726164656b200100e551850b430100787f61818c', 'hex')
  expect(decompress('zstd', unsized, { limitBytes: 280 }).toString()).toBe(
    'odradek '.repeat(30) + 'x'.repeat(40),
  )
  expect(codeOf(() => decompress('zstd', unsized, { limitBytes: 279 }))).toBe(MESSAGE_TOO_LARGE)
})

test('gzip: members laid end to end', () => {
  const two = Buffer.concat([gzipSync('one'), gzipSync('two')])
  expect(decompress('gzip', two).toString()).toBe('onetwo')
})
