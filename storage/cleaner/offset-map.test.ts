import fc from 'fast-check'
import { expect, test } from 'vitest'
import { OffsetMap } from './offset-map.ts'

const put = (map: OffsetMap, key: Uint8Array, offset: number) => map.put(key, 0, key.length, offset)
const get = (map: OffsetMap, key: Uint8Array) => map.get(key, 0, key.length)

test('equals a map of keys, however it grows', () => {
  const entries = fc.array(fc.tuple(fc.uint8Array({ maxLength: 40 }), fc.maxSafeNat()), { maxLength: 4000 })
  fc.assert(
    fc.property(entries, fc.integer(), (all, seed) => {
      const map = new OffsetMap(1024 * 1024, 0.9, seed)
      const model = new Map<string, number>()
      for (const [key, offset] of all) {
        put(map, key, offset)
        model.set(Buffer.from(key).toString('hex'), offset)
      }
      expect(map.size).toBe(model.size)
      for (const [key, offset] of model) expect(get(map, Buffer.from(key, 'hex'))).toBe(offset)
      expect(get(map, Buffer.from('a key that is longer than all of the others, by far'))).toBe(-1)
    }),
    { numRuns: 40 },
  )
})

test('grows to what its memory allows and is full at its load factor', () => {
  const map = new OffsetMap(24 * 4096, 0.5, 1)
  let n = 0
  while (!map.isFull) put(map, Buffer.from(`key ${n}`), n++)
  expect(n).toBe(2048)
  for (let i = 0; i < n; i++) expect(get(map, Buffer.from(`key ${i}`))).toBe(i)
  expect(map.latestOffset).toBe(2047)
})

test('keys that end in zeros or only differ in length are different', () => {
  const map = new OffsetMap(1024 * 1024, 0.9, 7)
  for (let length = 0; length < 40; length++) put(map, Buffer.alloc(length), length)
  for (let length = 0; length < 40; length++) expect(get(map, Buffer.alloc(length))).toBe(length)
})
