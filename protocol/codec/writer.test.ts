// A text that ends where its slab ends: Node 24 refuses to be told of more room than there is.
import { expect, test } from 'vitest'
import { Writer } from './writer.ts'

test('a long text fits exactly into the rest of a slab', () => {
  const text = 'x'.repeat(50)
  for (let filled = 0; filled <= 64; filled++) {
    const writer = new Writer(128)
    writer.begin()
    for (let i = 0; i < filled; i++) writer.int8(1)
    writer.compactString(text)
    const bytes = Buffer.concat(writer.end())
    expect(bytes.subarray(filled + 1).toString('latin1')).toBe(text)
  }
})
