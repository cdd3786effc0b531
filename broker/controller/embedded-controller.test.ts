import { expect, test } from 'vitest'
import { CreateTopics } from '../../protocol/apis/19-create-topics.ts'
import { UpdateFeatures } from '../../protocol/apis/57-update-features.ts'
import { readBatches } from '../metadata/metadata-batch.ts'
import { decodeSnapshot } from '../metadata/snapshot.ts'
import { ProducerIdManager } from './producer-id-manager.ts'
import { ControllerHarness } from './testing/controller-harness.ts'
import { MemoryMetadataLog } from './testing/memory-metadata-log.ts'

const creation = (...names: string[]) =>
  CreateTopics.request.create({
    topics: names.map(name => ({
      name,
      numPartitions: 1,
      replicationFactor: -1,
      assignments: [],
      configs: [],
    })),
  })

async function started(options = {}): Promise<{ harness: ControllerHarness; log: MemoryMetadataLog }> {
  const harness = new ControllerHarness(options)
  const log = new MemoryMetadataLog()
  harness.log = log
  await harness.start()
  return { harness, log }
}

const topicsOf = (harness: ControllerHarness): string[] => [...harness.image.topics.byName.keys()].sort()

/** Lets everything run that needs no flush. */
const settle = () => new Promise(resolve => setImmediate(resolve))

test('no reply and no image passes the flush; commands that wait meanwhile share the next one', async () => {
  const { harness, log } = await started()
  let open = () => {}
  log.gate = new Promise(resolve => (open = resolve))
  let flushes = 0
  const flush = log.flush.bind(log)
  log.flush = () => {
    flushes++
    return flush()
  }
  const replies: string[] = []
  const commands = ['a', 'b', 'c'].map(async name => {
    await harness.controller.createTopics(creation(name))
    replies.push(name)
    expect(topicsOf(harness)).toContain(name)
  })
  await settle()
  const late = harness.controller.createTopics(creation('d'))
  // The state already knows: a second attempt is refused, though nothing is committed. The refusal waits as well.
  const refused = harness.controller.createTopics(creation('a')).then(rows => rows[0]!.errorCode)
  await settle()
  expect(replies).toEqual([])
  expect(topicsOf(harness)).toEqual([])
  open()
  log.gate = undefined
  await Promise.all([...commands, late])
  expect(replies).toEqual(['a', 'b', 'c'])
  expect(await refused).toBe(36)
  expect(topicsOf(harness)).toEqual(['a', 'b', 'c', 'd'])
  expect(flushes).toBe(2)
})

test('a power cut loses what nobody was told, and nothing else', async () => {
  const { harness, log } = await started()
  await harness.controller.createTopics(creation('kept'))
  log.gate = new Promise(() => {})
  void harness.controller.createTopics(creation('lost'))
  await settle()
  const after = new ControllerHarness({ firstId: 1000 })
  after.log = log.crash()
  await after.start()
  expect(topicsOf(after)).toEqual(['kept'])
})

test('when the log fails, everybody waiting is told, nothing more is accepted, and the broker hears of it once', async () => {
  const { harness, log } = await started()
  const refusals: string[] = []
  log.failure = new Error('disk is gone')
  const attempt = (name: string) =>
    harness.controller.createTopics(creation(name)).catch((error: { errorName: string }) => {
      refusals.push(error.errorName)
    })
  await Promise.all([attempt('a'), attempt('b')])
  log.failure = undefined
  await attempt('c')
  expect(refusals).toEqual(['NOT_CONTROLLER', 'NOT_CONTROLLER', 'NOT_CONTROLLER'])
  expect(harness.failures.map(error => error.message)).toEqual(['disk is gone'])
  expect(topicsOf(harness)).toEqual([])
})

test('a flush that fails is never tried again', async () => {
  const { harness, log } = await started()
  let open = () => {}
  log.gate = new Promise(resolve => (open = resolve))
  const reply = harness.controller.createTopics(creation('a'))
  await settle()
  log.failure = new Error('EIO')
  open()
  await expect(reply).rejects.toThrow()
  expect(harness.failures).toHaveLength(1)
  expect(topicsOf(harness)).toEqual([])
})

test('publishers are told in their order, beginning with everything, each time about one step', async () => {
  const harness = new ControllerHarness()
  const told: string[] = []
  for (const name of ['first', 'second']) {
    harness.publishers.push({
      name,
      onUpdate: (delta, image) => {
        const names = (topics: ReadonlyMap<string, { readonly name: string }>) =>
          [...topics.values()].map(topic => topic.name).join()
        told.push(`${name} ${image.offset} +${names(delta.topics.changed)} -${names(delta.topics.deleted)}`)
      },
    })
  }
  await harness.start()
  told.length = 0
  await harness.controller.createTopics(creation('a'))
  const { id } = harness.image.topics.byName.get('a')!
  await harness.controller.deleteTopics([id])
  await harness.controller.createTopics(creation('a'))
  expect(told.map(line => line.replace(/ \d+ /, ' '))).toEqual([
    'first +a -',
    'second +a -',
    'first + -a',
    'second + -a',
    'first +a -',
    'second +a -',
  ])
})

test('more records than one batch may hold become one metadata transaction', async () => {
  const { harness, log } = await started()
  const topics = Array.from({ length: 3 }, (_, i) => ({
    name: `wide-${i}`,
    numPartitions: 4000,
    replicationFactor: -1,
    assignments: [],
    configs: [],
  }))
  for (const topic of topics)
    await harness.controller.createTopics(CreateTopics.request.create({ topics: [topic] }))
  const before = log.endOffset
  const after = new ControllerHarness({ firstId: 1000 })
  after.log = log.crash()
  await after.start()
  const types: string[] = []
  for (const batch of readBatches(after.log.read(before, 1 << 30))) {
    if (batch.kind === 'data')
      types.push(batch.records[0]!.type, batch.records.at(-1)!.type, String(batch.records.length))
  }
  expect(types.slice(3)).toEqual([
    'BeginTransactionRecord',
    'PartitionChangeRecord',
    '10000',
    'PartitionChangeRecord',
    'EndTransactionRecord',
    '2003',
    'BeginTransactionRecord',
    'PartitionChangeRecord',
    '10000',
    'PartitionChangeRecord',
    'EndTransactionRecord',
    '2003',
  ])
  expect(after.image.topics.byName.get('wide-2')!.partitions.get(3999)).toMatchObject({
    leader: 1,
    leaderEpoch: 2,
  })
})

test('a transaction that a crash left open is aborted by the next controller', async () => {
  const { harness, log } = await started()
  const topics = [0, 1, 2].map(i => ({
    name: `wide-${i}`,
    numPartitions: 4000,
    replicationFactor: -1,
    assignments: [],
    configs: [],
  }))
  for (const topic of topics)
    await harness.controller.createTopics(CreateTopics.request.create({ topics: [topic] }))
  // A power cut between the two batches of the registration's transaction.
  const torn = new ControllerHarness({ firstId: 1000 })
  const cut = log.crash()
  torn.log = cut
  torn.open()
  await torn.controller.activate({ incarnationId: torn.newUuid(), endpoints: [] })
  const append = cut.append.bind(cut)
  let appends = 0
  cut.append = bytes => {
    if (++appends === 2) throw new Error('cut')
    append(bytes)
  }
  await expect(
    torn.controller.registerBroker({
      brokerId: 1,
      incarnationId: torn.newUuid(),
      endpoints: [],
      rack: null,
      directories: ['DDDDDDDDDDDDDDDDDDDDDA'],
      cordonedDirectories: [],
      previousBrokerEpoch: -1,
    }),
  ).rejects.toThrow()
  await cut.flush()
  const next = new ControllerHarness({ firstId: 2000 })
  next.log = cut.crash()
  await next.start()
  const types = [...readBatches(next.log.read(0, 1 << 30))].flatMap(batch =>
    batch.kind === 'data' ? batch.records.map(({ type }) => type) : [],
  )
  expect(types).toContain('AbortTransactionRecord')
  // Once, not twice: what the open transaction did is undone.
  expect(next.image.topics.byName.get('wide-0')!.partitions.get(0)).toMatchObject({
    leader: 1,
    leaderEpoch: 2,
  })
})

test('producer ids never repeat, whoever asks and however the controller restarts', async () => {
  const { harness, log } = await started()
  const ids = new ProducerIdManager(harness.controller)
  const seen = new Set<bigint>()
  for (const id of await Promise.all(Array.from({ length: 2500 }, () => ids.next()))) seen.add(id)
  const after = new ControllerHarness({ firstId: 1000 })
  after.log = log.crash()
  await after.start()
  const more = new ProducerIdManager(after.controller)
  for (let i = 0; i < 1500; i++) seen.add(await more.next())
  expect(seen.size).toBe(4000)
})

// FeatureCommandTest.testUpgradeWithReleaseVersion; KIP-853
test('kraft.version 1 is in the log from its upgrade on, and in every snapshot and the quorum state after it', async () => {
  const { harness, log } = await started({ maxBytesBetweenSnapshots: 1 })
  const upgrade = (validateOnly: boolean) =>
    harness.controller.updateFeatures(
      UpdateFeatures.request.create({ featureUpdates: [{ feature: 'kraft.version', maxVersionLevel: 1 }] })
        .featureUpdates,
      validateOnly,
    )
  expect(await upgrade(true)).toMatchObject({ errorCode: 0 })
  expect(harness.controller.describeQuorum().kraftVersion).toBe(0)
  expect(await upgrade(false)).toMatchObject({ errorCode: 0 })
  expect(harness.controller.describeQuorum().kraftVersion).toBe(1)
  const { voterSet } = decodeSnapshot(log.readSnapshot(log.snapshots().at(-1)!))
  const [voter] = voterSet.voters!.voters
  expect(voterSet.kraftVersion).toBe(1)
  expect(voter).toMatchObject({ voterId: 1, endpoints: [{ name: 'CONTROLLER', port: 9093 }] })
  const after = new ControllerHarness({ firstId: 1000 })
  after.log = log.crash()
  await after.start()
  expect(after.controller.describeQuorum().kraftVersion).toBe(1)
  expect(after.log.readQuorumState()).toMatchObject({ dataVersion: 1, currentVoters: [] })
})
