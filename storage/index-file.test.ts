// The indexes against a linear search, through page boundaries, truncation, idleness and a restart.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryFileSystem } from './fs/memory.ts'
import { OffsetIndex } from './offset-index.ts'
import { TimeIndex } from './time-index.ts'
import { type AbortedTxn, TxnIndex } from './txn-index.ts'

const BASE = 1_000_000
const MAX_BYTES = 64 * 1024

// Gaps between entries; enough of them to fill several 4 KiB pages now and then.
const gaps = fc.oneof(
  fc.array(fc.integer({ min: 1, max: 50 }), { maxLength: 60 }),
  fc.array(fc.integer({ min: 1, max: 1000 }), { minLength: 500, maxLength: 1600 }),
)

interface Entry {
  readonly key: number
  readonly value: number
}

function rising(steps: readonly number[], start: number): Entry[] {
  let key = start
  return steps.map((step, i) => ({ key: (key += step), value: i * 7 }))
}

function linearFloor(entries: readonly Entry[], key: number): Entry | undefined {
  return entries.findLast(entry => entry.key <= key)
}

function probes(entries: readonly Entry[]): number[] {
  const chosen = entries.filter((_, i) => i % 97 === 0 || i > entries.length - 3)
  return [BASE, ...chosen.flatMap(({ key }) => [key - 1, key, key + 1])]
}

/** What may happen to an index between two uses. */
const happenings = fc.constantFrom('nothing', 'release', 'writeOut', 'reopen')

test('offset index: lookup equals a linear search, whatever happened before', () => {
  fc.assert(
    fc.property(gaps, happenings, fc.nat(), (steps, happening, seed) => {
      const fs = new MemoryFileSystem()
      let index = new OffsetIndex(fs, '/0.index', BASE, MAX_BYTES, true)
      const all = rising(steps, BASE)
      for (const { key, value } of all) index.append(key, value)
      index = age(happening, index, () => new OffsetIndex(fs, '/0.index', BASE, MAX_BYTES, false))
      expect(index.entries).toBe(all.length)
      for (const offset of probes(all))
        expect(index.lookup(offset)).toBe(linearFloor(all, offset)?.value ?? 0)

      const cut = all.length === 0 ? BASE : all[seed % all.length]!.key + (seed % 2)
      const kept = all.filter(entry => entry.key < cut)
      index.truncateTo(cut)
      expect(index.entries).toBe(kept.length)
      expect(index.lastOffset).toBe(kept.at(-1)?.key ?? BASE)
      const later = rising(steps.slice(0, 20), index.lastOffset)
      for (const { key, value } of later) index.append(key, value)
      index = age(happening, index, () => new OffsetIndex(fs, '/0.index', BASE, MAX_BYTES, false))
      const now = [...kept, ...later]
      for (const offset of probes(now))
        expect(index.lookup(offset)).toBe(linearFloor(now, offset)?.value ?? 0)
      index.close()
      expect(fs.stat('/0.index')?.size).toBe(now.length * 8)
    }),
    { numRuns: 60 },
  )
})

test('time index: lookup equals a linear search, whatever happened before', () => {
  fc.assert(
    fc.property(gaps, happenings, fc.nat(), (steps, happening, seed) => {
      const fs = new MemoryFileSystem()
      let index = new TimeIndex(fs, '/0.timeindex', BASE, MAX_BYTES, true)
      const all = rising(steps, 1_700_000_000_000).map(({ key, value }) => ({ key, value: value + BASE }))
      for (const { key, value } of all) {
        index.maybeAppend(key, value)
        index.maybeAppend(key, value + 1)
      }
      index = age(happening, index, () => new TimeIndex(fs, '/0.timeindex', BASE, MAX_BYTES, false))
      expect(index.entries).toBe(all.length)
      for (const time of probes(all)) expect(index.lookup(time)).toBe(linearFloor(all, time)?.value ?? BASE)

      const cut = all.length === 0 ? BASE : all[seed % all.length]!.value + (seed % 2)
      index.truncateTo(cut)
      const kept = all.filter(entry => entry.value < cut)
      expect(index.entries).toBe(kept.length)
      expect(index.lastTimestamp).toBe(kept.at(-1)?.key ?? -1)
      index = age(happening, index, () => new TimeIndex(fs, '/0.timeindex', BASE, MAX_BYTES, false))
      for (const time of probes(all)) expect(index.lookup(time)).toBe(linearFloor(kept, time)?.value ?? BASE)
    }),
    { numRuns: 60 },
  )
})

function age<T extends OffsetIndex | TimeIndex>(happening: string, index: T, reopen: () => T): T {
  if (happening === 'release') index.release()
  else if (happening === 'writeOut') index.writeOut()
  else if (happening === 'reopen') {
    index.close()
    return reopen()
  }
  return index
}

test('the file is sparse at full length while it grows, and cut to its entries at the end', () => {
  const fs = new MemoryFileSystem()
  const index = new OffsetIndex(fs, '/0.index', 0, 1000, true)
  expect(fs.stat('/0.index')?.size).toBe(0)
  index.append(5, 100)
  index.writeOut()
  expect(fs.stat('/0.index')?.size).toBe(1000)
  index.trim()
  expect(fs.stat('/0.index')?.size).toBe(8)
  expect(fs.readFile('/0.index').toString('hex')).toBe('0000000500000064')
  expect(index.maxEntries).toBe(125)
})

test('a file that was never cut is read up to its last entry', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1200 }), count => {
      const fs = new MemoryFileSystem()
      const index = new TimeIndex(fs, '/0.timeindex', BASE, MAX_BYTES, true)
      for (let i = 0; i < count; i++) index.maybeAppend(1 + i, BASE + i)
      index.writeOut()
      const again = new TimeIndex(fs, '/0.timeindex', BASE, MAX_BYTES, false)
      expect(again.entries).toBe(count)
      again.maybeAppend(5_000, BASE + 5_000)
      again.close()
      expect(fs.stat('/0.timeindex')?.size).toBe((count + 1) * 12)
    }),
    { numRuns: 30 },
  )
})

test('the bytes of a time index entry', () => {
  const fs = new MemoryFileSystem()
  const index = new TimeIndex(fs, '/0.timeindex', BASE, MAX_BYTES, true)
  index.maybeAppend(0x0000_018b_cfe5_6800, BASE + 258)
  index.close()
  expect(fs.readFile('/0.timeindex').toString('hex')).toBe('0000018bcfe5680000000102')
})

test('offsets must rise; a relative offset must fit 31 bits', () => {
  const index = new OffsetIndex(new MemoryFileSystem(), '/0.index', BASE, MAX_BYTES, true)
  index.append(BASE + 1, 10)
  expect(() => index.append(BASE + 1, 20)).toThrow(/does not follow/)
  index.append(BASE + 2, 20)
  expect(index.lookup(BASE + 9)).toBe(20)
  expect(index.canAppendOffset(BASE + 0x7fffffff)).toBe(true)
  expect(index.canAppendOffset(BASE + 0x80000000)).toBe(false)
  expect(index.canAppendOffset(BASE - 1)).toBe(false)
})

test('the time index keeps its last slot for the close', () => {
  const index = new TimeIndex(new MemoryFileSystem(), '/0.timeindex', 0, 36, true)
  for (let i = 1; i < 9; i++) index.maybeAppend(i, i)
  expect(index.entries).toBe(2)
  expect(index.isFull).toBe(true)
  index.maybeAppend(99, 99, true)
  expect(index.entries).toBe(3)
})

test.each([
  ['an odd length', Buffer.alloc(13, 1)],
  ['keys that fall', Buffer.concat([page(900), page(100)])],
])('corrupt: %s', (_, bytes) => {
  const fs = new MemoryFileSystem()
  fs.replaceFile('/0.index', bytes)
  const index = new OffsetIndex(fs, '/0.index', 0, MAX_BYTES, false)
  expect(() => index.lookup(5)).toThrow(expect.objectContaining({ kind: 'corrupt' }))
  index.reset()
  expect(index.lookup(5)).toBe(0)
})

function page(firstKey: number): Buffer {
  const bytes = Buffer.alloc(4096)
  for (let i = 0; i < 512; i++) bytes.writeInt32BE(firstKey + i, i * 8)
  return bytes
}

test('transaction index: what a reader must know equals a linear search', () => {
  const txns = fc.array(fc.tuple(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 1, max: 40 })), {
    maxLength: 20,
  })
  fc.assert(
    fc.property(txns, fc.nat(600), fc.nat(600), fc.boolean(), (shapes, from, length, reopened) => {
      const fs = new MemoryFileSystem()
      let index = new TxnIndex(fs, '/0.txnindex', 0, false)
      let marker = 0
      const all: AbortedTxn[] = shapes.map(([size, gap], producerId) => {
        marker += gap
        const firstOffset = Math.max(0, marker - size)
        return { producerId, firstOffset, lastOffset: marker, lastStableOffset: marker + 1 }
      })
      for (const txn of all) index.append(txn)
      if (reopened) {
        index.close()
        index = new TxnIndex(fs, '/0.txnindex', 0, true)
      }
      const found: AbortedTxn[] = []
      index.collect(from, from + length, found)
      expect(found).toEqual(
        all.filter(txn => txn.lastOffset >= from && txn.firstOffset < from + length && isBefore(txn)),
      )
      // Nothing is looked at after an entry from which on everything below the bound was stable.
      function isBefore(txn: AbortedTxn): boolean {
        const stop = all.find(other => other.lastStableOffset >= from + length)
        return stop === undefined || txn.lastOffset <= stop.lastOffset
      }
      index.truncateTo(from)
      expect(index.entries).toEqual(all.filter(txn => txn.lastOffset < from))
    }),
    { numRuns: 100 },
  )
})

test('the bytes of a transaction index entry; no file without one', () => {
  const fs = new MemoryFileSystem()
  const index = new TxnIndex(fs, '/0.txnindex', 0, false)
  expect(index.isEmpty).toBe(true)
  expect(fs.exists('/0.txnindex')).toBe(false)
  index.append({ producerId: 1, firstOffset: 2, lastOffset: 3, lastStableOffset: 4 })
  const longs = ['0000000000000001', '0000000000000002', '0000000000000003', '0000000000000004']
  expect(fs.readFile('/0.txnindex').toString('hex')).toBe(`0000${longs.join('')}`)
  fs.replaceFile('/0.txnindex', Buffer.alloc(33))
  expect(() => new TxnIndex(fs, '/0.txnindex', 0, true).sanityCheck()).toThrow(/corrupt/)
})
