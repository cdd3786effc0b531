import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { MemoryFileSystem } from '../../storage/fs/memory.ts'
import { Log } from '../../storage/log.ts'
import { metadataSnapshotName } from '../../storage/quorum-state.ts'
import { ControllerHarness, type HarnessOptions } from '../controller/testing/controller-harness.ts'
import { METADATA_TOPIC_ID } from '../../protocol/uuid.ts'
import { imageRecords } from '../metadata/image-records.ts'
import { bootstrapCheckpoint } from './format.ts'
import { KafkaMetadataLog, metadataLogConfig } from './kafka-metadata-log.ts'

const fixture = (name: string) => readFileSync(join(import.meta.dirname, '../metadata/fixtures', name))

/** A node: its disk, and a controller on it that can be stopped, killed, and started again. */
class Node {
  fs = new MemoryFileSystem({ recordsCrashes: true })
  harness = new ControllerHarness()
  readonly directory = '/data/__cluster_metadata-0'
  readonly #options: HarnessOptions
  readonly #segmentBytes: number
  #starts = 0

  constructor(options: HarnessOptions = {}, segmentBytes = 1 << 20) {
    this.#options = options
    this.#segmentBytes = segmentBytes
    this.fs.mkdirp(this.directory)
    this.fs.writeFileAtomic('/data/bootstrap.checkpoint', bootstrapCheckpoint({ nowMs: 0 }))
    this.fs.syncDir('/')
    this.fs.syncDir('/data')
  }

  async start(previousBrokerEpoch?: number): Promise<void> {
    this.harness = new ControllerHarness({ ...this.#options, firstId: 1000 * ++this.#starts })
    this.harness.log = this.openLog()
    await this.harness.start(previousBrokerEpoch)
  }

  openLog(): KafkaMetadataLog {
    const { fs, directory } = this
    const log = Log.open({
      fs,
      clock: this.harness.clock,
      directory,
      topicPartition: { topic: '__cluster_metadata', partition: 0 },
      topicId: METADATA_TOPIC_ID,
      config: {
        ...metadataLogConfig({ segmentBytes: this.#segmentBytes, segmentMs: 1e9 }),
        fileDeleteDelayMs: 0,
      },
    })
    return new KafkaMetadataLog({ fs, log, logDir: '/data', directoryId: 'DDDDDDDDDDDDDDDDDDDDDA' })
  }

  create(...names: string[]): Promise<string[]> {
    const topics = names.map(name => ({ name, numPartitions: 2 }))
    return this.harness.run(`create-topics ${JSON.stringify({ topics })}`)
  }

  /** The power goes, and comes back: what was not synced is gone. */
  crash(): void {
    this.fs = this.fs.crash()
  }

  get topics(): string[] {
    return [...this.harness.image.topics.byName.keys()].sort()
  }

  get checkpoints(): string[] {
    return this.fs
      .readdir(this.directory)
      .filter(name => name.endsWith('.checkpoint'))
      .sort()
  }
}

test('what was answered is there after a clean stop and after a power cut', async () => {
  const node = new Node()
  await node.start()
  await node.create('a', 'b')
  await node.harness.controller.close()
  await node.start()
  expect(node.topics).toEqual(['a', 'b'])
  expect(node.harness.controller.epoch).toBe(2)
  await node.create('c')
  node.crash()
  await node.start()
  expect(node.topics).toEqual(['a', 'b', 'c'])
  expect(node.harness.controller.epoch).toBe(3)
  expect(node.harness.image.topics.byName.get('a')!.partitions.get(0)!.leaderEpoch).toBe(4)
})

test('an epoch is never used twice, even if nothing was ever written in it', async () => {
  const node = new Node()
  await node.start()
  for (const epoch of [2, 3, 4]) {
    node.harness = new ControllerHarness()
    node.harness.log = node.openLog()
    node.harness.open()
    // The quorum state is on the disk when activate() returns its promise; the log behind it is not.
    void node.harness.controller
      .activate({ incarnationId: node.harness.newUuid(), endpoints: [] })
      .catch(() => {})
    expect(node.harness.controller.epoch).toBe(epoch)
    node.crash()
  }
})

test('snapshots are written, loaded, and let the log before them go', async () => {
  const node = new Node({ maxBytesBetweenSnapshots: 2000, retentionBytes: 20_000 }, 8000)
  await node.start()
  for (let i = 0; i < 60; i++) await node.create(`topic-${i}`)
  const { log } = node.harness
  expect(node.checkpoints.length).toBeGreaterThan(0)
  expect(log.startOffset).toBeGreaterThan(0)
  const before = [...imageRecords(node.harness.image)].filter(({ type }) => type === 'TopicRecord')
  await node.harness.controller.close()
  await node.start()
  expect([...imageRecords(node.harness.image)].filter(({ type }) => type === 'TopicRecord')).toEqual(before)
})

test('a torn snapshot is passed over for the one before it', async () => {
  const node = new Node({ maxBytesBetweenSnapshots: 1500 })
  await node.start()
  for (let i = 0; i < 20; i++) await node.create(`topic-${i}`)
  await node.harness.controller.close()
  const newest = `${node.directory}/${node.checkpoints.at(-1)}`
  const bytes = node.fs.readFile(newest)
  node.fs.writeFileAtomic(newest, bytes.subarray(0, bytes.length - 10))
  node.fs.writeFileAtomic(`${node.directory}/${metadataSnapshotName({ offset: 9, epoch: 9 })}.part`, bytes)
  await node.start()
  expect(node.topics).toHaveLength(20)
  expect(node.fs.readdir(node.directory).some(name => name.endsWith('.part'))).toBe(false)
})

test('a log whose beginning is in no whole snapshot is refused, not forgotten', async () => {
  const node = new Node({ maxBytesBetweenSnapshots: 2000, retentionBytes: 20_000 }, 8000)
  await node.start()
  for (let i = 0; i < 60; i++) await node.create(`topic-${i}`)
  await node.harness.controller.close()
  for (const name of node.checkpoints) node.fs.unlink(`${node.directory}/${name}`)
  const files = node.fs
    .readdir(node.directory)
    .filter(name => name.endsWith('.log'))
    .sort()
  await expect(node.start()).rejects.toThrow('no whole snapshot holds what was before')
  expect(
    node.fs
      .readdir(node.directory)
      .filter(name => name.endsWith('.log'))
      .sort(),
  ).toEqual(files)
})

test.each([
  // With its broker epoch from .kafka_cleanshutdown the stop is proven clean, and the eligible leader replica leads again.
  [11, 2],
  // Without it the ELR is given up, and who led last is elected uncleanly, which counts its recovery as a change.
  [-1, 4],
])(
  "Apache Kafka's own log is taken over (previous broker epoch %i)",
  async (previousBrokerEpoch, partitionEpoch) => {
    const node = new Node({ directoryIds: ['9eRtbb8syCuxiKOjQ-Dd3g'] })
    node.fs.writeFileAtomic(`${node.directory}/00000000000000000000.log`, fixture('kafka-4.3.1.log'))
    node.fs.writeFileAtomic(
      `${node.directory}/quorum-state`,
      Buffer.from(
        '{"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0}',
      ),
    )
    await node.start(previousBrokerEpoch)
    expect(node.harness.controller.epoch).toBe(2)
    expect(node.topics).toEqual(['alpha'])
    const partition = node.harness.image.topics.byName.get('alpha')!.partitions.get(0)!
    const led = { leader: 1, isr: [1], elr: [], lastKnownElr: [], leaderRecoveryState: 0 }
    expect(partition).toMatchObject({ ...led, leaderEpoch: 2, partitionEpoch })
    expect(node.harness.image.features.finalized.get('transaction.version')).toBe(2)
    const { dataVersion, leaderEpoch } = node.harness.log.readQuorumState()!
    expect({ dataVersion, leaderEpoch }).toEqual({ dataVersion: 0, leaderEpoch: 2 })
  },
)

test('a directory formatted with --standalone keeps its voters', async () => {
  const node = new Node()
  node.fs.writeFileAtomic(
    `${node.directory}/00000000000000000000-0000000000.checkpoint`,
    fixture('kafka-4.3.1-standalone.checkpoint'),
  )
  await node.start()
  expect(node.harness.controller.kraftVersion).toBe(1)
  await node.create('a')
  const said = node.harness.log.read(0, 1000).toString('latin1')
  expect(said).toContain('CONTROLLER')
  expect(node.harness.log.readQuorumState()).toMatchObject({
    dataVersion: 1,
    leaderEpoch: 1,
    currentVoters: [],
  })
  await node.harness.controller.close()
  await node.start()
  expect(node.harness.controller.kraftVersion).toBe(1)
  expect(node.topics).toEqual(['a'])
})

test('a quorum with other voters is refused, and nothing is written', async () => {
  const node = new Node()
  const state =
    '{"clusterId":"","leaderId":2,"leaderEpoch":7,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1},{"voterId":2}],"data_version":0}'
  node.fs.writeFileAtomic(`${node.directory}/quorum-state`, Buffer.from(state))
  await expect(node.start()).rejects.toThrow('voters 1, 2, and this node is 1')
  expect(node.fs.readFile(`${node.directory}/quorum-state`).toString()).toBe(state)
  expect(node.harness.log.endOffset).toBe(0)
})
