// meta.properties, partition.metadata, quorum-state and the clean shutdown mark, against files that Apache Kafka 4.3.1
// has written.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readCleanShutdown, takeCleanShutdown, writeCleanShutdown } from './clean-shutdown.ts'
import { MemoryFileSystem } from './fs/memory.ts'
import {
  MetaPropertiesError,
  parseMetaProperties,
  readMetaProperties,
  writeMetaProperties,
} from './meta-properties.ts'
import {
  decodePartitionMetadata,
  encodePartitionMetadata,
  readPartitionMetadata,
} from './partition-metadata.ts'
import {
  metadataSnapshotName,
  parseMetadataSnapshotName,
  parseQuorumState,
  QuorumStateError,
  readQuorumState,
  writeQuorumState,
} from './quorum-state.ts'
import {
  parsePartitionDirectoryName,
  partitionDirectoryName,
  suffixedDirectoryName,
} from './topic-partition-name.ts'

const DIRECTORY = '/data'

function newFileSystem(): MemoryFileSystem {
  const fs = new MemoryFileSystem()
  fs.mkdirp(DIRECTORY)
  return fs
}

const KAFKA_META = `#
#Sun Nov 22 17:59:00 UTC 2026
node.id=1
directory.id=2LNnVXIp0Q7HnC-CfqHvmA
version=1
cluster.id=chqmc5MHT1WgsipS_RfOPQ
`

test('meta.properties: Kafka’s is read, ours is the same file', () => {
  const meta = parseMetaProperties(KAFKA_META, 'meta.properties')
  expect(meta).toEqual({
    version: 1,
    nodeId: 1,
    clusterId: 'chqmc5MHT1WgsipS_RfOPQ',
    directoryId: '2LNnVXIp0Q7HnC-CfqHvmA',
  })
  const fs = newFileSystem()
  expect(readMetaProperties(fs, DIRECTORY)).toBeUndefined()
  writeMetaProperties(fs, DIRECTORY, meta, Date.UTC(2026, 10, 22, 17, 59))
  expect(readMetaProperties(fs, DIRECTORY)).toEqual(meta)
  expect(fs.readFile(`${DIRECTORY}/meta.properties`).toString().replace(/^#.+$/m, '')).toBe(
    KAFKA_META.replace(/^#.+$/m, ''),
  )
})

test('meta.properties: an unknown version, a missing or ill-typed key is refused', () => {
  for (const [from, to] of [
    ['version=1', 'version=0'],
    ['version=1', 'version=2'],
    ['version=1\n', ''],
    ['node.id=1', 'node.id=one'],
    ['cluster.id=chqmc5MHT1WgsipS_RfOPQ', ''],
    ['directory.id=2LNnVXIp0Q7HnC-CfqHvmA', 'directory.id=short'],
  ] as const)
    expect(() => parseMetaProperties(KAFKA_META.replace(from, to), 'meta.properties'), to).toThrow(
      MetaPropertiesError,
    )
  expect(parseMetaProperties(KAFKA_META.replace(/^directory.*$/m, ''), 'f').directoryId).toBeUndefined()
})

test('partition.metadata: Kafka’s is read, a torn one is unknown', () => {
  const kafka = Buffer.from('version: 0\ntopic_id: tjNPb5PrTuaxBdOdSMDqJA')
  expect(encodePartitionMetadata('tjNPb5PrTuaxBdOdSMDqJA')).toEqual(kafka)
  expect(decodePartitionMetadata(kafka)).toBe('tjNPb5PrTuaxBdOdSMDqJA')
  for (let length = 0; length < kafka.length; length++)
    expect(decodePartitionMetadata(kafka.subarray(0, length))).toBeUndefined()
  expect(decodePartitionMetadata(encodePartitionMetadata('AAAAAAAAAAAAAAAAAAAAAA'))).toBeUndefined()
  expect(readPartitionMetadata(newFileSystem(), DIRECTORY)).toBeUndefined()
})

test('quorum-state: both of Kafka’s data versions, byte for byte', () => {
  const fs = newFileSystem()
  const versions = [
    '{"clusterId":"","leaderId":1,"leaderEpoch":1,"votedId":-1,"appliedOffset":0,"currentVoters":[{"voterId":1}],"data_version":0}',
    '{"leaderId":1,"leaderEpoch":7,"votedId":2,"votedDirectoryId":"2LNnVXIp0Q7HnC-CfqHvmA","data_version":1}',
  ]
  for (const text of versions) {
    const state = parseQuorumState(text, 'quorum-state')
    writeQuorumState(fs, DIRECTORY, state)
    expect(fs.readFile(`${DIRECTORY}/quorum-state`).toString()).toBe(text)
    expect(readQuorumState(fs, DIRECTORY)).toEqual(state)
  }
  expect(readQuorumState(newFileSystem(), DIRECTORY)).toBeUndefined()
})

test('quorum-state: what cannot be understood is an error, never a fresh start', () => {
  for (const text of [
    '',
    '{',
    '{"leaderId":1,"leaderEpoch":1,"votedId":-1}',
    '{"data_version":2}',
    '{"data_version":0}',
  ])
    expect(() => parseQuorumState(text, 'quorum-state'), text).toThrow(QuorumStateError)
})

test('names of metadata snapshots', () => {
  const id = { offset: 1234, epoch: 7 }
  expect(metadataSnapshotName(id)).toBe('00000000000000001234-0000000007.checkpoint')
  expect(parseMetadataSnapshotName(metadataSnapshotName(id))).toEqual(id)
  for (const name of [
    'bootstrap.checkpoint',
    `${metadataSnapshotName(id)}.part`,
    `${metadataSnapshotName(id)}.deleted`,
  ])
    expect(parseMetadataSnapshotName(name)).toBeUndefined()
})

test('the clean shutdown mark is taken once, whatever it says', () => {
  const fs = newFileSystem()
  expect(takeCleanShutdown(fs, DIRECTORY)).toBeUndefined()
  writeCleanShutdown(fs, DIRECTORY, 11)
  expect(fs.readFile(`${DIRECTORY}/.kafka_cleanshutdown`).toString()).toBe('{"version":0,"brokerEpoch":11}')
  expect(readCleanShutdown(fs, DIRECTORY)).toEqual({ brokerEpoch: 11 })
  expect(takeCleanShutdown(fs, DIRECTORY)).toEqual({ brokerEpoch: 11 })
  expect(takeCleanShutdown(fs, DIRECTORY)).toBeUndefined()
  for (const text of ['', 'null', '{"version":0}', '{"ver']) {
    fs.writeFileAtomic(`${DIRECTORY}/.kafka_cleanshutdown`, Buffer.from(text))
    expect(takeCleanShutdown(fs, DIRECTORY), text).toEqual({ brokerEpoch: undefined })
  }
})

test('directory names: every topic Kafka allows, every ending, never above 255 characters', () => {
  const topic = fc.stringMatching(/^[a-zA-Z0-9._-]{1,249}$/).filter(name => name !== '.' && name !== '..')
  const uuid = '643e43c550084acab138db4267715e20'
  fc.assert(
    fc.property(topic, fc.nat(), (name, partition) => {
      const topicPartition = { topic: name, partition }
      expect(parsePartitionDirectoryName(partitionDirectoryName(topicPartition))).toEqual({
        ...topicPartition,
        kind: 'current',
      })
      for (const kind of ['delete', 'stray', 'future'] as const) {
        const directory = suffixedDirectoryName(topicPartition, uuid, kind)
        expect(directory.length).toBeLessThanOrEqual(255)
        const parsed = parsePartitionDirectoryName(directory)
        expect(parsed).toMatchObject({ partition, kind })
        expect(name.startsWith(parsed!.topic)).toBe(true)
      }
    }),
  )
  expect(parsePartitionDirectoryName('doomed-1.3bba613011c54435a47a85c3c7d68163-delete')).toEqual({
    topic: 'doomed',
    partition: 1,
    kind: 'delete',
  })
  for (const name of [
    'lost+found',
    'meta.properties',
    'recovery-point-offset-checkpoint',
    'bootstrap.checkpoint',
  ])
    expect(parsePartitionDirectoryName(name), name).toBeUndefined()
})
