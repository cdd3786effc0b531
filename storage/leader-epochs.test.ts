import fc from 'fast-check'
import { expect, test } from 'vitest'
import { MemoryFileSystem } from './fs/memory.ts'
import { type EpochEntry, LeaderEpochs } from './leader-epochs.ts'

const DIRECTORY = '/log/orders-0'
const FILE = `${DIRECTORY}/leader-epoch-checkpoint`

function newFileSystem(): MemoryFileSystem {
  const fs = new MemoryFileSystem()
  fs.mkdirp(DIRECTORY)
  return fs
}

function epochsOf(...entries: [epoch: number, startOffset: number][]): LeaderEpochs {
  const epochs = LeaderEpochs.empty(newFileSystem(), DIRECTORY)
  for (const [epoch, startOffset] of entries) epochs.assign(epoch, startOffset)
  return epochs
}

function pairs(epochs: LeaderEpochs): [number, number][] {
  return epochs.entries.map(({ epoch, startOffset }) => [epoch, startOffset])
}

test('the end of an epoch is the start of the next, of the latest the log end', () => {
  const epochs = epochsOf([2, 0], [4, 10], [7, 30])
  expect(epochs.endOffsetFor(2, 50)).toEqual({ epoch: 2, endOffset: 10 })
  expect(epochs.endOffsetFor(3, 50)).toEqual({ epoch: 2, endOffset: 10 })
  expect(epochs.endOffsetFor(5, 50)).toEqual({ epoch: 4, endOffset: 30 })
  expect(epochs.endOffsetFor(7, 50)).toEqual({ epoch: 7, endOffset: 50 })
  expect(epochs.endOffsetFor(8, 50)).toEqual({ epoch: -1, endOffset: -1 })
  expect(epochs.endOffsetFor(-1, 50)).toEqual({ epoch: -1, endOffset: -1 })
  // Older than all we know: the data is gone, and our first epoch's start is the best answer.
  expect(epochs.endOffsetFor(1, 50)).toEqual({ epoch: 1, endOffset: 0 })
  expect([epochs.latestEpoch, epochs.previousEpoch]).toEqual([7, 4])
  expect([9, 10, 29, 30].map(offset => epochs.epochForOffset(offset))).toEqual([2, 4, 4, 7])
})

test('an epoch is assigned once; entries that contradict a new one go', () => {
  expect(pairs(epochsOf([1, 0], [1, 5]))).toEqual([[1, 0]])
  expect(pairs(epochsOf([1, 0], [2, 10], [3, 10]))).toEqual([
    [1, 0],
    [3, 10],
  ])
  expect(pairs(epochsOf([1, 0], [2, 10], [4, 20], [3, 15]))).toEqual([
    [1, 0],
    [2, 10],
    [3, 15],
  ])
  expect(() => epochsOf([-1, 0])).toThrow(RangeError)
})

test('truncation from the end drops what begins there, from the start moves the covering epoch', () => {
  const epochs = epochsOf([1, 0], [2, 10], [3, 20])
  epochs.truncateFromEnd(20)
  expect(pairs(epochs)).toEqual([
    [1, 0],
    [2, 10],
  ])
  epochs.truncateFromStart(12)
  expect(pairs(epochs)).toEqual([[2, 12]])
  epochs.truncateFromStart(5)
  expect(pairs(epochs)).toEqual([[2, 12]])
})

test('reads Kafka’s file and writes the same', () => {
  const fs = newFileSystem()
  fs.writeFileAtomic(FILE, Buffer.from('0\n2\n0 100\n7 1250\n'))
  const epochs = LeaderEpochs.load(fs, DIRECTORY)
  expect(pairs(epochs)).toEqual([
    [0, 100],
    [7, 1250],
  ])
  epochs.assign(9, 2000)
  epochs.persist(2001)
  expect(fs.readFile(FILE).toString()).toBe('0\n3\n0 100\n7 1250\n9 2000\n')
})

test('the file is written only for epochs that have records', () => {
  const fs = newFileSystem()
  const epochs = LeaderEpochs.load(fs, DIRECTORY)
  epochs.assign(3, 0)
  epochs.persist(0)
  expect(fs.exists(FILE)).toBe(false)
  epochs.persist(1)
  expect(fs.readFile(FILE).toString()).toBe('0\n1\n3 0\n')
  epochs.clear()
  expect(fs.readFile(FILE).toString()).toBe('0\n0\n')
})

test('a torn or foreign file counts as empty', () => {
  const fs = newFileSystem()
  const good = Buffer.from('0\n2\n0 100\n7 1250\n')
  for (const bytes of ['1\n1\n0 100\n', '0\n2\n0 100\n', '0\n1\n0 x\n', '0\n1\n0 1 2\n', 'x', '0\n-1\n']) {
    fs.writeFileAtomic(FILE, Buffer.from(bytes))
    expect(LeaderEpochs.load(fs, DIRECTORY).isEmpty).toBe(true)
  }
  // Cut anywhere it is either refused or, without the last line end or digits, still a list of two.
  for (let length = 0; length < good.length - 5; length++) {
    fs.writeFileAtomic(FILE, good.subarray(0, length))
    expect(LeaderEpochs.load(fs, DIRECTORY).entries).toEqual([])
  }
})

test('entries ascend in epoch and offset whatever happens, and answers agree with a plain search', () => {
  const operation = fc.oneof(
    fc.record({ kind: fc.constant('assign'), a: fc.nat(12), b: fc.nat(60) }),
    fc.record({ kind: fc.constantFrom('end', 'start'), a: fc.nat(60), b: fc.nat(60) }),
  )
  fc.assert(
    fc.property(fc.array(operation, { maxLength: 30 }), operations => {
      const epochs = epochsOf()
      let model: EpochEntry[] = []
      for (const { kind, a, b } of operations) {
        if (kind === 'assign') {
          const latest = model.at(-1)
          epochs.assign(a, b)
          if (latest !== undefined && latest.epoch === a && b >= latest.startOffset) continue
          model = [...model.filter(e => e.epoch < a && e.startOffset < b), { epoch: a, startOffset: b }]
        } else if (kind === 'end') {
          epochs.truncateFromEnd(a)
          model = model.filter(e => e.startOffset < a)
        } else {
          epochs.truncateFromStart(a)
          const covering = model.findLast(e => e.startOffset <= a)
          if (covering !== undefined)
            model = [{ epoch: covering.epoch, startOffset: a }, ...model.filter(e => e.startOffset > a)]
        }
      }
      expect(epochs.entries).toEqual(model)
      for (let epoch = 0; epoch <= 13; epoch++) {
        const next = model.find(e => e.epoch > epoch)
        const floor = model.findLast(e => e.epoch <= epoch)
        const expected =
          epoch === model.at(-1)?.epoch
            ? { epoch, endOffset: 99 }
            : next === undefined
              ? { epoch: -1, endOffset: -1 }
              : { epoch: floor?.epoch ?? epoch, endOffset: next.startOffset }
        expect(epochs.endOffsetFor(epoch, 99)).toEqual(expected)
      }
    }),
  )
})
