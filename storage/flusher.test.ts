import { expect, test } from 'vitest'
import { ManualClock } from '../broker/time/manual-clock.ts'
import { buildBatch } from '../protocol/records/builder.ts'
import { logConfig } from './config.ts'
import { Flusher } from './flusher.ts'
import { FaultyFileSystem } from './fs/faulty.ts'
import { MemoryFileSystem } from './fs/memory.ts'
import type { File, FileSystem } from './fs/port.ts'
import { Log } from './log.ts'

/** A disk whose fsyncs end when told, and which counts them. */
class SlowDisk extends FaultyFileSystem {
  readonly pending: (() => void)[] = []
  started = 0

  override open(...args: Parameters<FileSystem['open']>): File {
    const file = super.open(...args)
    const sync = file.sync.bind(file)
    file.sync = () => {
      if (!file.path.endsWith('.log')) return sync()
      this.started++
      return new Promise((resolve, reject) => this.pending.push(() => void sync().then(resolve, reject)))
    }
    return file
  }

  async finishOne(): Promise<void> {
    this.pending.shift()!()
    await settle()
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 30; i++) await undefined
}

function newLog(fs: FileSystem, name: string): Log {
  const config = logConfig()
  const topicPartition = { topic: name, partition: 0 }
  return Log.open({ fs, clock: new ManualClock(), directory: `/d/${name}-0`, topicPartition, config })
}

function append(log: Log): number {
  const batch = buildBatch({ records: [{ key: null, value: Buffer.from('v') }], timestamp: 1 })
  return log.appendAsLeader(batch, 0).lastOffset + 1
}

test('all who ask in one tick share one fsync, those who ask during it share the next', async () => {
  const disk = new SlowDisk(new MemoryFileSystem())
  const log = newLog(disk, 'a')
  const flusher = new Flusher()
  const reached: number[] = []
  const wait = () => {
    const end = append(log)
    flusher.whenFlushed(log, end).then(
      () => reached.push(end),
      () => {},
    )
  }
  for (let i = 0; i < 10; i++) wait()
  await settle()
  expect(disk.started).toBe(1)
  for (let i = 0; i < 10; i++) wait()
  await settle()
  expect([disk.started, reached.length]).toEqual([1, 0])
  await disk.finishOne()
  expect(reached).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  expect(disk.started).toBe(2)
  await disk.finishOne()
  expect(reached).toHaveLength(20)
  expect(disk.started).toBe(2)
  await flusher.whenFlushed(log)
  expect(disk.started).toBe(2)
})

test('few logs flush at once, and none is forgotten', async () => {
  const disk = new SlowDisk(new MemoryFileSystem())
  const flusher = new Flusher(2)
  const logs = ['a', 'b', 'c', 'd', 'e'].map(name => newLog(disk, name))
  const done: string[] = []
  for (const log of logs) {
    append(log)
    flusher.whenFlushed(log).then(
      () => done.push(log.topicPartition.topic),
      () => {},
    )
  }
  for (let finished = 0; finished < 5; finished++) {
    await settle()
    expect(disk.pending.length).toBe(Math.min(2, 5 - finished))
    await disk.finishOne()
  }
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('a failed fsync refuses its waiters, and is not tried again for those who come later', async () => {
  const disk = new SlowDisk(new MemoryFileSystem())
  const flusher = new Flusher()
  const [log, other] = [newLog(disk, 'a'), newLog(disk, 'b')]
  append(log)
  append(other)
  disk.inject({ operation: 'sync', path: '/d/a-0/00000000000000000000.log', code: 'EIO' })
  const refused = flusher.whenFlushed(log)
  const kept = flusher.whenFlushed(other)
  refused.catch(() => {})
  await settle()
  await disk.finishOne()
  await expect(refused).rejects.toMatchObject({ code: 56 })
  await expect(flusher.whenFlushed(log)).rejects.toMatchObject({ code: 56 })
  expect(disk.struck).toBe(1)
  await disk.finishOne()
  await kept
})

test('whoever waits for records that are cut off is refused', async () => {
  const disk = new SlowDisk(new MemoryFileSystem())
  const flusher = new Flusher()
  const log = newLog(disk, 'a')
  append(log)
  const first = flusher.whenFlushed(log, 1)
  const second = flusher.whenFlushed(log, append(log))
  second.catch(() => {})
  await settle()
  log.truncateTo(1)
  while (disk.pending.length > 0) await disk.finishOne()
  await first
  await expect(second).rejects.toThrow(/truncated/)
})
