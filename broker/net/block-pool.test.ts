import { expect, test } from 'vitest'
import { BlockPool } from './block-pool.ts'

test('a block given back is used again for what fits it, and only once', () => {
  const pool = new BlockPool()
  const first = pool.take(100_000)
  expect(first.length).toBe(100_000)
  pool.give(first.subarray(10, 20))
  pool.give(first)
  const second = pool.take(131_072)
  const third = pool.take(131_072)
  expect(second.buffer).toBe(first.buffer)
  expect(third.buffer).not.toBe(first.buffer)
  expect(pool.take(65_536).buffer.byteLength).toBe(65_536)
})

test('bytes of elsewhere, and those too large, are left alone', () => {
  const pool = new BlockPool()
  pool.give(Buffer.from('not ours'))
  const huge = pool.take(3 * 1024 * 1024)
  pool.give(huge)
  expect(pool.keptBytes).toBe(0)
  expect(huge.length).toBe(3 * 1024 * 1024)
})

test('what is short is never a block', () => {
  const pool = new BlockPool()
  pool.give(pool.take(2047))
  expect(pool.keptBytes).toBe(0)
})

test('no more is kept than allowed', () => {
  const pool = new BlockPool({ keptBytes: 10_000 })
  for (const block of [pool.take(4000), pool.take(4096), pool.take(2048)]) pool.give(block)
  expect(pool.keptBytes).toBe(8192)
})

test('poison shows who still looks', () => {
  const pool = new BlockPool({ poison: true })
  const block = pool.take(2050).fill(1)
  pool.give(block)
  expect(block.every(byte => byte === 0xdb)).toBe(true)
})
