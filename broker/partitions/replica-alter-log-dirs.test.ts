// Replicas that move between log directories, asked for and watched as Admin.alterReplicaLogDirs and DescribeLogDirs do.
import { expect, test } from 'vitest'
import { Produce } from '../../protocol/apis/00-produce.ts'
import { Fetch } from '../../protocol/apis/01-fetch.ts'
import { DeleteRecords } from '../../protocol/apis/21-delete-records.ts'
import { AlterReplicaLogDirs } from '../../protocol/apis/34-alter-replica-log-dirs.ts'
import { DescribeLogDirs } from '../../protocol/apis/35-describe-log-dirs.ts'
import { errorOf } from '../../protocol/errors.ts'
import { buildBatch } from '../../protocol/records/builder.ts'
import { seen } from '../../storage/testing/log-fixture.ts'
import { dataRig, type Rig, type RigOptions } from '../handlers/testing/data-rig.ts'
import { MemoryFileSystem } from '../../storage/fs/memory.ts'

const MIB = 1024 * 1024
const turn = () => new Promise<void>(resolve => setImmediate(resolve))

/** One partition in one of two directories; `there` is the other. */
async function world({ topic, ...options }: RigOptions & { topic?: Record<string, string> } = {}) {
  const rig = await dataRig({ logDirs: ['/one', '/two'], ...options })
  const topicId = rig.createTopic('t', { configs: topic ?? {} })
  const here = placeOf(rig)
  return { rig, topicId, here, there: here === '/one' ? '/two' : '/one' }
}

const logOf = (rig: Rig) => rig.map.find('t', 0)!.log!
const placeOf = (rig: Rig): string => logOf(rig).directory.split('/t-0')[0]!
const futureOf = (rig: Rig) => rig.manager.getFutureLog({ topic: 't', partition: 0 })
const dirsNamed = (rig: Rig, path: string) => rig.fs.readdir(path).filter(name => name.startsWith('t-0'))

async function produce(rig: Rig, values: readonly string[], acks = -1): Promise<number> {
  const records = buildBatch({
    timestamp: rig.clock.nowMs(),
    records: values.map(value => ({ key: null, value })),
  })
  const topicData = [{ name: 't', partitionData: [{ index: 0, records }] }]
  const { responses } = await rig.call(Produce, 12, { acks, timeoutMs: 1000, topicData })
  return responses[0]!.partitionResponses[0]!.errorCode
}

/** Some megabytes, each record as large as a batch may be. */
async function fill(rig: Rig, mebibytes: number): Promise<string[]> {
  const values: string[] = []
  for (let index = 0; index < 2 * mebibytes; index++) {
    values.push(`${index}:`.padEnd(MIB / 2, 'x'))
    expect(await produce(rig, values.slice(-1))).toBe(0)
  }
  return values
}

async function valuesFrom(rig: Rig, offset: number): Promise<string[]> {
  const partitions = [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 64 * MIB }]
  const { responses } = await rig.call(Fetch, 12, {
    ...{ maxWaitMs: 0, minBytes: 0, maxBytes: 64 * MIB },
    topics: [{ topic: 't', partitions }],
  })
  return seen(responses[0]!.partitions[0]!.records!).map(record => record.value)
}

async function move(rig: Rig, path: string, name = 't'): Promise<string> {
  const { results } = await rig.call(AlterReplicaLogDirs, 2, {
    dirs: [{ path, topics: [{ name, partitions: [0] }] }],
  })
  return errorOf(results[0]!.partitions[0]!.errorCode).name
}

async function described(rig: Rig) {
  const { results } = await rig.call(DescribeLogDirs, 4, { topics: null })
  return results.flatMap(({ logDir, topics }) =>
    topics.flatMap(topic =>
      topic.partitions.map(row => ({ logDir, isFuture: row.isFutureKey, lag: Number(row.offsetLag) })),
    ),
  )
}

async function moved(rig: Rig): Promise<void> {
  for (let turns = 0; futureOf(rig) !== undefined; turns++) {
    if (turns > 10_000) throw new Error('the move does not end')
    await turn()
  }
}

test('a replica moves while it is written to: every record in order, the old place given up', async () => {
  const { rig, topicId, here, there } = await world()
  const values = await fill(rig, 6)
  expect(await move(rig, there)).toBe('NONE')
  expect(await described(rig)).toEqual(
    expect.arrayContaining([
      { logDir: here, isFuture: false, lag: 0 },
      { logDir: there, isFuture: true, lag: expect.any(Number) },
    ]),
  )
  // Asked again, it goes on.
  expect(await move(rig, there)).toBe('NONE')
  while (futureOf(rig) !== undefined) {
    values.push(`while it moves ${values.length}`)
    expect(await produce(rig, values.slice(-1))).toBe(0)
    await turn()
  }
  expect(values.length).toBeGreaterThan(14)
  expect(placeOf(rig)).toBe(there)
  expect(await described(rig)).toEqual([{ logDir: there, isFuture: false, lag: 0 }])
  expect(rig.assigned).toEqual([
    {
      topicId,
      partition: 0,
      directoryId: rig.manager.logDirs.find(one => one.path === there)!.directoryId,
    },
  ])
  values.push('afterwards')
  expect(await produce(rig, ['afterwards'])).toBe(0)
  expect(await valuesFrom(rig, 0)).toEqual(values)
  expect(dirsNamed(rig, here)).toEqual([expect.stringMatching(/-delete$/)])
  rig.clock.advance(120_000)
  expect(dirsNamed(rig, here)).toEqual([])
  expect(rig.bugs).toEqual([])
})

test('a fetch that waits meanwhile gets what is produced to the new place', async () => {
  const { rig, there } = await world()
  await produce(rig, ['a'])
  const waiting = rig.call(Fetch, 12, {
    ...{ maxWaitMs: 5000, minBytes: 1, maxBytes: MIB },
    topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 1, partitionMaxBytes: MIB }] }],
  })
  await move(rig, there)
  await moved(rig)
  await produce(rig, ['b'])
  const { responses } = await waiting
  expect(seen(responses[0]!.partitions[0]!.records!).map(record => record.value)).toEqual(['b'])
})

test('a move taken back leaves the log where it was', async () => {
  const { rig, here, there } = await world()
  const values = await fill(rig, 3)
  await move(rig, there)
  await turn()
  expect(await move(rig, here)).toBe('NONE')
  expect(futureOf(rig)).toBeUndefined()
  for (let turns = 0; turns < 20; turns++) await turn()
  expect(placeOf(rig)).toBe(here)
  expect(rig.assigned).toEqual([])
  expect(await valuesFrom(rig, 0)).toEqual(values)
  expect(await move(rig, there)).toBe('NONE')
  await moved(rig)
  expect(placeOf(rig)).toBe(there)
  expect(rig.bugs).toEqual([])
})

test('what is left of one that was stopped is resumed', async () => {
  const { rig, topicId, there } = await world()
  const values = await fill(rig, 4)
  await move(rig, there)
  await turn()
  await rig.moves.stop()
  const copied = futureOf(rig)!.logEndOffset
  expect(copied).toBeGreaterThan(0)
  expect(copied).toBeLessThan(values.length)

  const placed = { t: { id: topicId, directory: undefined } }
  const next = await dataRig({ logDirs: ['/one', '/two'], fs: rig.fs.kill(), placed })
  next.createTopic('t', { id: topicId })
  expect(futureOf(next)!.logEndOffset).toBe(copied)
  next.moves.resume()
  await moved(next)
  expect(placeOf(next)).toBe(there)
  expect(await valuesFrom(next, 0)).toEqual(values)
  expect(next.bugs).toEqual([])
})

test('records deleted up to the middle of a batch stay deleted', async () => {
  const { rig, there } = await world()
  await produce(rig, ['a', 'b', 'c'])
  await produce(rig, ['d'])
  await rig.call(DeleteRecords, 2, {
    topics: [{ name: 't', partitions: [{ partitionIndex: 0, offset: 1 }] }],
    timeoutMs: 1000,
  })
  expect(logOf(rig).logStartOffset).toBe(1)
  await move(rig, there)
  await moved(rig)
  const { logStartOffset, logEndOffset, highWatermark } = logOf(rig)
  expect({ logStartOffset, logEndOffset, highWatermark }).toEqual({
    ...{ logStartOffset: 1, logEndOffset: 4, highWatermark: 4 },
  })
  expect(await valuesFrom(rig, 1)).toEqual(['a', 'b', 'c', 'd'])
})

/** Flushes of copies wait for `release`, one after the other. */
class SlowCopies extends MemoryFileSystem {
  readonly waiting: (() => void)[] = []

  override open(path: string, mode: Parameters<MemoryFileSystem['open']>[1]) {
    const file = super.open(path, mode)
    const sync = file.sync.bind(file)
    if (path.includes('-future/'))
      file.sync = async () => {
        await new Promise<void>(resolve => this.waiting.push(resolve))
        return sync()
      }
    return file
  }
}

test('what was acknowledged as flushed while the copy was flushed is there after a power cut right behind the swap', async () => {
  const fs = new SlowCopies({ recordsCrashes: true })
  const { rig, topicId, there } = await world({ fs, topic: { 'flush.messages': '1' } })
  expect(await produce(rig, ['before'])).toBe(0)
  await move(rig, there)
  while (fs.waiting.length === 0) await turn()
  expect(await produce(rig, ['meanwhile'])).toBe(0)
  while (rig.assigned.length === 0) {
    fs.waiting.shift()?.()
    await turn()
  }
  expect(futureOf(rig)).toBeUndefined()

  const placed = { t: { id: topicId, directory: rig.assigned[0]!.directoryId } }
  const next = await dataRig({ logDirs: ['/one', '/two'], fs: fs.crash(), placed })
  next.createTopic('t', { id: topicId })
  expect(placeOf(next)).toBe(there)
  expect(await valuesFrom(next, 0)).toEqual(['before', 'meanwhile'])
})

test('the other directory fails under the copy: the original serves on', async () => {
  const { rig, here, there } = await world()
  const values = await fill(rig, 4)
  await move(rig, there)
  await turn()
  rig.manager.failDirectory(rig.manager.logDirs.find(one => one.path === there)!, new Error('gone'))
  for (let turns = 0; turns < 20; turns++) await turn()
  expect(placeOf(rig)).toBe(here)
  expect(rig.map.find('t', 0)!.isOffline).toBe(false)
  expect(await valuesFrom(rig, 0)).toEqual(values)
  // A second copy would be one too many when that directory comes back.
  expect(await move(rig, there)).toBe('KAFKA_STORAGE_ERROR')
  expect(await move(rig, here)).toBe('NONE')
})

const idOf = (rig: Rig, path: string) => rig.manager.logDirs.find(one => one.path === path)!.directoryId

/** As `world`, with something that happens once, when the target has been assigned and the copy has not taken its place. */
async function interrupted(
  happens: (rig: Rig, here: string, there: string) => unknown,
  logDirs = ['/one', '/two'],
) {
  let once: (() => unknown) | undefined
  const made = await world({
    logDirs,
    onAssign: async () => {
      const now = once
      once = undefined
      await now?.()
    },
  })
  const { rig, here, there } = made
  once = () => happens(rig, here, there)
  expect(await produce(rig, ['a'])).toBe(0)
  expect(await move(rig, there)).toBe('NONE')
  for (let turns = 0; turns < 20; turns++) await turn()
  expect(once).toBe(undefined)
  return made
}

test('a move taken back when its target was assigned already: the replica is assigned where it stays', async () => {
  const { rig, here, there } = await interrupted((rig, here) => move(rig, here))
  expect(placeOf(rig)).toBe(here)
  expect(rig.assigned.map(one => one.directoryId)).toEqual([idOf(rig, there), idOf(rig, here)])
  expect(rig.bugs).toEqual([])
})

test('the target fails when it was assigned already: the replica is assigned where it stays', async () => {
  const { rig, here, there } = await interrupted((rig, _, there) =>
    rig.manager.failDirectory(rig.manager.logDirs.find(one => one.path === there)!, new Error('gone')),
  )
  expect(placeOf(rig)).toBe(here)
  expect(rig.assigned.map(one => one.directoryId)).toEqual([idOf(rig, there), idOf(rig, here)])
})

test('the target fails as it takes in what came meanwhile: the replica is assigned where it stays', async () => {
  const { rig, here, there } = await interrupted(async (rig, _, there) => {
    rig.faults.inject({ operation: 'write', path: `${there}/t-0`, code: 'EIO' })
    expect(await produce(rig, ['b'])).toBe(0)
  })
  expect(placeOf(rig)).toBe(here)
  expect(rig.assigned.map(one => one.directoryId)).toEqual([idOf(rig, there), idOf(rig, here)])
  expect(await valuesFrom(rig, 0)).toEqual(['a', 'b'])
})

test.each(['rename', 'syncDir'] as const)(
  'the target fails at the swap (%s): it goes offline, and the replica serves on where it was',
  async operation => {
    const { rig, here, there } = await interrupted((rig, _, there) => {
      rig.faults.inject({ operation, path: there, code: 'EIO' })
    })
    expect(rig.manager.onlineLogDirs.map(one => one.path)).toEqual([here])
    expect(placeOf(rig)).toBe(here)
    expect(rig.assigned.map(one => one.directoryId)).toEqual([idOf(rig, there), idOf(rig, here)])
    expect(await produce(rig, ['b'])).toBe(0)
    expect(await valuesFrom(rig, 0)).toEqual(['a', 'b'])
  },
)

test('a move to a third directory while the second is assigned: the replica is assigned where it will be', async () => {
  const dirs = ['/one', '/two', '/three']
  const { rig, there } = await interrupted(async (rig, here, there) => {
    const third = dirs.find(path => path !== here && path !== there)!
    expect(await move(rig, third)).toBe('NONE')
  }, dirs)
  expect(placeOf(rig)).not.toBe(there)
  expect(rig.assigned.map(one => one.directoryId)).toEqual([idOf(rig, there), idOf(rig, placeOf(rig))])
  expect(rig.bugs).toEqual([])
})

test('a topic deleted under the copy takes both with it', async () => {
  const { rig, topicId, there } = await world()
  await fill(rig, 3)
  await move(rig, there)
  await turn()
  rig.apply([{ type: 'RemoveTopicRecord', value: { topicId } }])
  for (let turns = 0; turns < 20; turns++) await turn()
  for (const path of ['/one', '/two'])
    for (const name of dirsNamed(rig, path)) expect(name).toMatch(/-delete$/)
  expect(rig.bugs).toEqual([])
})

test('no faster than its rate', async () => {
  const { rig, there } = await world({
    settings: { 'replica.alter.log.dirs.io.max.bytes.per.second': `${MIB}` },
  })
  await fill(rig, 5)
  const startedMs = rig.clock.monotonicMs()
  await move(rig, there)
  while (futureOf(rig) !== undefined) {
    rig.clock.advance(100)
    await turn()
    expect(rig.clock.monotonicMs() - startedMs).toBeLessThan(20_000)
  }
  expect(rig.clock.monotonicMs() - startedMs).toBeGreaterThan(4000)
})

test('what is refused, and with what', async () => {
  const { rig, here, there } = await world()
  expect(await move(rig, '/nowhere')).toBe('LOG_DIR_NOT_FOUND')
  expect(await move(rig, there, 'nothing')).toBe('UNKNOWN_TOPIC_OR_PARTITION')
  expect(await move(rig, there, 'n'.repeat(240))).toBe('INVALID_TOPIC_EXCEPTION')
  expect(await move(rig, here)).toBe('NONE')
  expect(futureOf(rig)).toBeUndefined()
})
