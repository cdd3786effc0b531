// What a flush promises, who shares it, and how a disk that fails ends a log.
import { describe, expect, test } from 'vitest'
import type { StorageError } from './errors.ts'
import { FaultyFileSystem } from './fs/faulty.ts'
import { MemoryFileSystem } from './fs/memory.ts'
import type { Log } from './log.ts'
import { batch, DIRECTORY, memoryFileSystem, openLog, readAll } from './testing/log-fixture.ts'

const append = (log: Log, value = 'a') => log.appendAsLeader(batch([value]), 0)

describe('acks that mean the disk', () => {
  test('nothing beyond the flushed offset may be acknowledged while a flush is owed', async () => {
    const asked: Log[] = []
    const log = openLog({ config: { flushMessages: 1 }, requestFlush: one => asked.push(one) })
    append(log)
    expect(asked).toEqual([log])
    expect(log).toMatchObject({ logEndOffset: 1, ackableOffset: 0, flushedOffset: 0 })
    expect(log.incrementHighWatermark(1)).toBe(false)
    const flushed: number[] = []
    log.onFlushed(offset => flushed.push(offset))
    const first = log.flush()
    append(log)
    await first
    expect(log).toMatchObject({ logEndOffset: 2, ackableOffset: 1, flushedOffset: 1 })
    expect(log.incrementHighWatermark(2)).toBe(true)
    expect(log.highWatermark).toBe(1)
    await log.flush()
    expect(log.ackableOffset).toBe(2)
    expect(flushed).toEqual([1, 2])
  })

  test('by default the page cache will do', () => {
    const log = openLog()
    append(log)
    expect(log).toMatchObject({ ackableOffset: 1, flushedOffset: 0, unflushedRecords: 1 })
    expect(log.incrementHighWatermark(1)).toBe(true)
  })

  test('flush.messages = 3 asks at every third record', () => {
    let asked = 0
    const log = openLog({ config: { flushMessages: 3 }, requestFlush: () => asked++ })
    append(log)
    append(log)
    expect([asked, log.ackableOffset]).toEqual([0, 2])
    append(log)
    expect([asked, log.ackableOffset]).toEqual([1, 0])
  })

  test('without anyone to group flushes, the log flushes itself', async () => {
    const log = openLog({ config: { flushMessages: 1 } })
    const done = new Promise<number>(resolve => log.onFlushed(resolve))
    append(log)
    expect(await done).toBe(1)
    expect(log.ackableOffset).toBe(1)
  })

  test('a truncation pays the debt', () => {
    const log = openLog({ config: { flushMessages: 1 }, requestFlush: () => {} })
    append(log)
    log.truncateTo(0)
    expect(log.ackableOffset).toBe(0)
    expect(log.logEndOffset).toBe(0)
  })
})

test('those who ask while a flush is under way share the next one', async () => {
  const fs = memoryFileSystem()
  const log = openLog({ fs })
  append(log)
  await log.flush()
  const before = fs.syncCount
  append(log)
  const all = [log.flush()]
  for (let i = 0; i < 10; i++) {
    append(log)
    all.push(log.flush())
  }
  await Promise.all(all)
  expect(log.flushedOffset).toBe(12)
  expect(fs.syncCount - before).toBe(2)
  await log.flush()
  expect(fs.syncCount - before).toBe(2)
})

test('a roll makes the finished segment durable in the background', async () => {
  const fs = memoryFileSystem()
  const log = openLog({ fs, config: { indexIntervalBytes: 1 } })
  for (let i = 0; i < 10; i++) append(log)
  const flushed = new Promise(resolve => log.onFlushed(resolve))
  log.roll()
  await flushed
  const survivor = fs.crash()
  expect(survivor.stat(`${DIRECTORY}/00000000000000000000.index`)?.size).toBe(8 * 9)
  expect(survivor.exists(`${DIRECTORY}/00000000000000000010.log`)).toBe(true)
  expect(survivor.exists(`${DIRECTORY}/00000000000000000010.snapshot`)).toBe(true)
})

test('so does an append that rolls: a crash costs a scan of one segment, not of the whole log', async () => {
  const log = openLog({ config: { segmentBytes: 400 } })
  const flushed: number[] = []
  log.onFlushed(offset => flushed.push(offset))
  while (log.segmentCount < 3) append(log)
  for (let i = 0; i < 100; i++) await undefined
  expect(flushed.at(-1)).toBe(log.logEndOffset)
})

describe('a disk that fails', () => {
  function faulty(config = {}) {
    const fs = new FaultyFileSystem(memoryFileSystem())
    const failures: StorageError[] = []
    const log = openLog({ fs, config, onFailure: error => failures.push(error) })
    return { fs, log, failures }
  }

  test('a failed fsync is final: it is told once, never tried again, and ends the log', async () => {
    const { fs, log, failures } = faulty()
    append(log)
    fs.inject({ operation: 'sync', path: '.log', code: 'EIO', times: 1 })
    const two = [log.flush(), log.flush()]
    for (const flush of two) await expect(flush).rejects.toMatchObject({ kind: 'io', code: 56 })
    expect(fs.struck).toBe(1)
    expect(failures).toHaveLength(1)
    expect(log.flushedOffset).toBe(0)
    expect(() => append(log)).toThrow(failures[0])
    expect(() => log.read(0, 10, 'log-end', true)).toThrow(failures[0])
    await expect(log.flush()).rejects.toBe(failures[0])
    log.close()
  })

  test('a full disk ends the log; what it had is there after a restart', () => {
    const { fs, log, failures } = faulty()
    append(log, 'kept')
    fs.inject({ operation: 'write', path: '.log', code: 'ENOSPC', partialBytes: 40 })
    expect(() => append(log, 'torn')).toThrow(expect.objectContaining({ kind: 'full', code: 56 }))
    expect(failures).toHaveLength(1)
    log.close()
    fs.heal()
    const again = openLog({ fs })
    expect(readAll(again)).toEqual([{ offset: 0, value: 'kept' }])
    append(again, 'more')
    expect(readAll(again)).toHaveLength(2)
  })

  test.each([
    ['reading', 'read', (log: Log) => log.read(0, 10, 'log-end', true)],
    ['rolling', 'open', (log: Log) => log.roll()],
    ['truncating', 'truncate', (log: Log) => log.truncateTo(0)],
    ['renaming', 'rename', (log: Log) => log.renameDirectory('/data/other-0')],
  ] as const)('%s', (_, operation, action) => {
    const { fs, log, failures } = faulty()
    append(log)
    fs.inject({ operation, code: 'EIO', times: 1 })
    expect(() => action(log)).toThrow(expect.objectContaining({ kind: 'io' }))
    expect(failures).toHaveLength(1)
    expect(() => append(log)).toThrow(failures[0])
  })

  test('no room for an index: the roll fails, the records before it stay', () => {
    const { fs, log } = faulty({ indexIntervalBytes: 1 })
    for (let i = 0; i < 5; i++) append(log)
    fs.inject({ operation: 'write', path: '.index', code: 'ENOSPC' })
    expect(() => log.roll()).toThrow(expect.objectContaining({ kind: 'full' }))
    log.close()
    fs.heal()
    expect(readAll(openLog({ fs }))).toHaveLength(5)
  })

  test('at open: the error is thrown, nobody is told', () => {
    const fs = new FaultyFileSystem(new MemoryFileSystem())
    const failures: StorageError[] = []
    fs.inject({ operation: 'mkdir', code: 'EROFS' })
    expect(() => openLog({ fs, onFailure: error => failures.push(error) })).toThrow(
      expect.objectContaining({ kind: 'io', code: 56 }),
    )
    expect(failures).toEqual([])
  })

  test('a refused record is no failure of the disk', () => {
    const { log, failures } = faulty()
    expect(() => log.appendAsLeader(Buffer.alloc(70), 0)).toThrow()
    expect(failures).toEqual([])
    append(log)
  })
})
