import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ConnectionError } from '../ports/request-error.ts'
import { FrameAssembler } from './frames.ts'

/** Collects frames; holds after every `holdEvery`th, and refuses to admit the first time where told. */
function collector(options: { holdEvery?: number; refuse?: ReadonlySet<number> } = {}) {
  const frames: Buffer[] = []
  const refused = new Set<number>()
  const allocated: number[] = []
  const assembler = new FrameAssembler(
    {
      admit(size) {
        if (!options.refuse?.has(size) || refused.has(size)) return true
        refused.add(size)
        return false
      },
      allocate(size) {
        allocated.push(size)
        return Buffer.allocUnsafe(size)
      },
      frame(frame) {
        frames.push(frame)
        return options.holdEvery === undefined || frames.length % options.holdEvery !== 0
      },
    },
    8 * 1024 * 1024,
  )
  return { assembler, frames, allocated }
}

function framed(frame: Uint8Array): Buffer {
  const size = Buffer.alloc(4)
  size.writeInt32BE(frame.length)
  return Buffer.concat([size, frame])
}

test('however the bytes are cut, and however often it is held, the same frames come out', () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 40 }),
      fc.option(fc.integer({ min: 1, max: 3 }), { nil: undefined }),
      fc.uniqueArray(fc.nat(40), { maxLength: 5 }),
      (frames, cuts, holdEvery, refuse) => {
        const { assembler, frames: seen } = collector({
          ...(holdEvery === undefined ? {} : { holdEvery }),
          refuse: new Set(refuse),
        })
        const bytes = Buffer.concat(frames.map(framed))
        // One buffer for all chunks, as a shared read buffer is.
        const shared = Buffer.alloc(30)
        for (let at = 0, i = 0; at < bytes.length; i++) {
          const length = bytes.copy(shared, 0, at, at + cuts[i % cuts.length]!)
          let goOn = assembler.push(shared.subarray(0, length))
          shared.fill(0xee)
          while (!goOn && assembler.held) goOn = assembler.resume()
          at += length
        }
        expect(seen.map(frame => frame.toString('hex'))).toEqual(
          frames.map(frame => Buffer.from(frame).toString('hex')),
        )
        expect(assembler.bufferedBytes).toBe(0)
      },
    ),
  )
})

test('what comes while it is held is kept', () => {
  const { assembler, frames } = collector({ holdEvery: 1 })
  expect(assembler.push(Buffer.concat([framed(Buffer.from('a')), framed(Buffer.from('b'))]))).toBe(false)
  expect(assembler.push(framed(Buffer.from('c')))).toBe(false)
  expect(assembler.bufferedBytes).toBe(10)
  while (assembler.held) assembler.resume()
  expect(frames.map(String)).toEqual(['a', 'b', 'c'])
})

test('a large frame grows as it comes', () => {
  const { assembler, frames, allocated } = collector()
  const big = Buffer.alloc(5_000_000, 'odradek')
  const bytes = framed(big)
  for (let at = 0; at < bytes.length; at += 65_536) assembler.push(bytes.subarray(at, at + 65_536))
  expect(frames[0]!.equals(big)).toBe(true)
  expect(allocated).toEqual([1_048_576, 2_097_152, 4_194_304, 5_000_000])
})

test('sizes that no frame has', () => {
  for (const size of [-1, 8 * 1024 * 1024 + 1]) {
    const bytes = Buffer.alloc(4)
    bytes.writeInt32BE(size)
    expect(() => collector().assembler.push(bytes)).toThrow(ConnectionError)
  }
})
