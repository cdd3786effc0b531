import fc from 'fast-check'
import { expect, test } from 'vitest'
import { BlockPool } from './block-pool.ts'
import { ReplyMemory } from './reply-memory.ts'
import { ReplyQueue, type ReplySink } from './reply-queue.ts'

const KIB = 1024

function setUp() {
  const written: Buffer[] = []
  const taken: (() => void)[] = []
  let corks = 0
  let corkings = 0
  const sink: ReplySink = {
    cork() {
      corks++
      corkings++
    },
    uncork: () => void corks--,
    write(bytes, done) {
      written.push(Buffer.from(bytes))
      if (done) taken.push(done)
      return true
    },
    writableLength: 0,
  }
  const memory = new ReplyMemory(new BlockPool(), 64 * KIB * KIB)
  return {
    queue: new ReplyQueue(sink, memory),
    written,
    taken,
    memory,
    corks: () => corks,
    corkings: () => corkings,
  }
}

const reply = (...sizes: number[]) => sizes.map((size, i) => Buffer.alloc(size, i + 1))

test('replies wait for the one before, and then leave in one corked write', () => {
  const { queue, written, corkings } = setUp()
  const slots = [queue.take(), queue.take()]
  queue.fill(slots[1]!, reply(20, 900, 4))
  expect(queue.flush()).toBe(0)
  queue.fill(slots[0]!, reply(30))
  expect(queue.flush()).toBe(2)
  expect(Buffer.concat(written)).toEqual(Buffer.concat([...reply(30), ...reply(20, 900, 4)]))
  expect(corkings()).toBe(1)
})

test('a large buffer is written as it is, and its memory is free when the peer has it', () => {
  const { queue, written, taken, memory } = setUp()
  queue.fill(queue.take(), reply(30, 64 * KIB, 4))
  queue.flush()
  expect(written.map(bytes => bytes.length)).toEqual([30, 64 * KIB, 4])
  expect(memory.queuedBytes).toBe(64 * KIB)
  for (const done of taken) done()
  expect(memory.queuedBytes).toBe(0)
})

test('whatever the sizes, every byte leaves in order and no cork stays', () => {
  const sizes = fc.array(
    fc.array(fc.oneof(fc.nat(64), fc.integer({ min: 2000, max: 2100 })), { maxLength: 4 }),
  )
  fc.assert(
    fc.property(sizes, replies => {
      const { queue, written, corks } = setUp()
      const expected: Buffer[] = []
      for (const one of replies) {
        const buffers = reply(...one)
        expected.push(...buffers)
        queue.fill(queue.take(), buffers)
      }
      queue.flush()
      expect(Buffer.concat(written).equals(Buffer.concat(expected))).toBe(true)
      expect(corks()).toBe(0)
      expect(queue.pendingBytes).toBe(0)
    }),
  )
})
