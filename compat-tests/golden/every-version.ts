// Asks a real broker every API in every version that it serves, with our own encoder, and records both sides. The broker's
// taking the request is a test of how we write it, its answer a golden frame of versions that no client sends any more.
import { connect, type Socket } from 'node:net'
import { crc32 } from 'node:zlib'
import { apis } from '../../protocol/apis/index.ts'
import { ApiVersions } from '../../protocol/apis/18-api-versions.ts'
import { CreateTopics } from '../../protocol/apis/19-create-topics.ts'
import { FrameSplitter, readResponse, writeRequest } from '../../protocol/frame.ts'
import type { Api } from '../../protocol/schema/message.ts'
import { buildBatch } from '../../protocol/records/builder.ts'

/** What to ask, by API name; the rest is asked with its defaults. Given: the version, and the id of topic `golden`. */
type Ask = (version: number, topicId: string) => object

const golden = (rows: object) => ({ topics: [{ name: 'golden', ...rows }] })
const group = { groupId: 'every', memberId: '', generationId: -1 }

const asks: Record<string, Ask> = {
  Produce: (version, topicId) => ({
    acks: 1,
    timeoutMs: 1000,
    topicData: [
      {
        ...(version < 13 ? { name: 'golden' } : { topicId }),
        partitionData: [{ index: 0, records: version < 3 ? oldSet : batch }],
      },
    ],
  }),
  Fetch: (version, topicId) => ({
    maxWaitMs: 100,
    topics: [
      {
        ...(version < 13 ? { topic: 'golden' } : { topicId }),
        partitions: [{ partition: 0, partitionMaxBytes: 200 }],
      },
    ],
  }),
  ListOffsets: version => ({
    replicaId: -1,
    topics: [
      {
        name: 'golden',
        partitions: [{ partitionIndex: 0, timestamp: -1n, ...(version === 0 && { maxNumOffsets: 2 }) }],
      },
    ],
  }),
  Metadata: () => golden({}),
  OffsetCommit: (version, topicId) => ({
    ...(version === 0 ? { groupId: 'every' } : { groupId: 'every', generationIdOrMemberEpoch: -1 }),
    topics: [
      {
        ...(version < 10 ? { name: 'golden' } : { topicId }),
        partitions: [{ partitionIndex: 0, committedOffset: 2n, committedMetadata: 'm' }],
      },
    ],
  }),
  OffsetFetch: (version, topicId) => {
    const topics = [{ ...(version < 10 ? { name: 'golden' } : { topicId }), partitionIndexes: [0] }]
    return version < 8 ? { groupId: 'every', topics } : { groups: [{ groupId: 'every', topics }] }
  },
  FindCoordinator: version => (version < 4 ? { key: 'every' } : { coordinatorKeys: ['every'] }),
  JoinGroup: () => ({
    ...group,
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: Buffer.alloc(0) }],
  }),
  DescribeGroups: () => ({ groups: ['every', 'none'] }),
  ListGroups: () => ({}),
  LeaveGroup: version => ({
    groupId: 'every',
    ...(version < 3 ? { memberId: 'm' } : { members: [{ memberId: 'm' }] }),
  }),
  SaslHandshake: () => ({ mechanism: 'PLAIN' }),
  CreateTopics: version => ({
    timeoutMs: 1000,
    topics: [{ name: `made-in-v${version}`, numPartitions: 1, replicationFactor: 1 }],
  }),
  DeleteTopics: version => ({
    timeoutMs: 1000,
    ...(version < 6 ? { topicNames: [`made-in-v${version}`] } : { topics: [{ name: 'made-in-v6' }] }),
  }),
  DeleteRecords: () => golden({ partitions: [{ partitionIndex: 0, offset: 0 }] }),
  InitProducerId: () => ({ transactionalId: null, transactionTimeoutMs: 1000 }),
  OffsetForLeaderEpoch: () => ({
    topics: [{ topic: 'golden', partitions: [{ partition: 0, leaderEpoch: 0 }] }],
  }),
  AddPartitionsToTxn: version =>
    version < 4
      ? {
          v3AndBelowTransactionalId: 'x',
          v3AndBelowProducerId: 1n,
          v3AndBelowTopics: [{ name: 'golden', partitions: [0] }],
        }
      : {
          transactions: [
            { transactionalId: 'x', producerId: 1n, topics: [{ name: 'golden', partitions: [0] }] },
          ],
        },
  DescribeAcls: () => ({ resourceTypeFilter: 1, operation: 1, permissionType: 1 }),
  DescribeConfigs: () => ({
    resources: [
      { resourceType: 2, resourceName: 'golden', configurationKeys: ['flush.messages', 'retention.ms'] },
    ],
  }),
  AlterConfigs: () => ({
    resources: [
      { resourceType: 2, resourceName: 'golden', configs: [{ name: 'retention.ms', value: '90000' }] },
    ],
  }),
  IncrementalAlterConfigs: () => ({
    resources: [
      { resourceType: 2, resourceName: 'golden', configs: [{ name: 'retention.ms', value: '80000' }] },
    ],
  }),
  DescribeLogDirs: () => ({ topics: [{ topic: 'golden', partitions: [0] }] }),
  CreatePartitions: () => ({ topics: [{ name: 'golden', count: 1 }], timeoutMs: 1000, validateOnly: true }),
  DeleteGroups: () => ({ groupsNames: ['none'] }),
  ElectLeaders: () => ({ topicPartitions: [{ topic: 'golden', partitions: [0] }], timeoutMs: 1000 }),
  DescribeTopicPartitions: () => golden({}),
  DescribeProducers: () => golden({ partitionIndexes: [0] }),
  DescribeQuorum: () => ({
    topics: [{ topicName: '__cluster_metadata', partitions: [{ partitionIndex: 0 }] }],
  }),
  ConsumerGroupDescribe: () => ({ groupIds: ['none'] }),
  ShareGroupDescribe: () => ({ groupIds: ['none'] }),
  StreamsGroupDescribe: () => ({ groupIds: ['none'] }),
}

const batch = buildBatch({
  records: [{ key: Buffer.from('k'), value: Buffer.from('v') }],
  timestamp: 1_700_000_000_000,
})
/** One record in message format 0: offset, size, CRC-32 of the rest; magic, attributes, key "k", value "v". */
const oldRecord = Buffer.from('0000' + '000000016b' + '0000000176', 'hex')
const oldHead = Buffer.alloc(16)
oldHead.writeInt32BE(4 + oldRecord.length, 8)
oldHead.writeUInt32BE(crc32(oldRecord), 12)
const oldSet = Buffer.concat([oldHead, oldRecord])

/** One request at a time over one socket, which is opened anew when the broker closes it. */
class Asker {
  readonly #port: number
  #socket: Socket | undefined
  #splitter = new FrameSplitter()
  #waiting: ((frame: Buffer | undefined) => void) | undefined

  constructor(port: number) {
    this.#port = port
  }

  /** Undefined when the broker closes the connection or stays silent. */
  async ask(chunks: readonly Buffer[]): Promise<Buffer | undefined> {
    const socket = this.#socket ?? (await this.#open())
    const answer = new Promise<Buffer | undefined>(resolve => (this.#waiting = resolve))
    const silence = setTimeout(() => this.close(), 8000)
    for (const chunk of chunks) socket.write(chunk)
    const frame = await answer
    clearTimeout(silence)
    return frame
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
    this.#waiting?.(undefined)
  }

  async #open(): Promise<Socket> {
    const socket = connect(this.#port, '127.0.0.1')
    this.#splitter = new FrameSplitter()
    socket.on('data', chunk => {
      for (const frame of this.#splitter.push(chunk as Buffer)) this.#waiting?.(frame)
    })
    socket.on('close', () => this.#socket === socket && this.close())
    socket.on('error', () => this.#socket === socket && this.close())
    await new Promise(resolve => socket.once('connect', resolve))
    this.#socket = socket
    return socket
  }
}

/** What a listener serves, asked in every version that there is: an answer depends on the kind of listener. */
export async function askApiVersions(port: number): Promise<void> {
  const asker = new Asker(port)
  const [lowest, highest] = ApiVersions.versions
  for (let version = lowest; version <= highest; version++) {
    const request = ApiVersions.request.create({ clientSoftwareName: 'odradek', clientSoftwareVersion: '0' })
    await asker.ask(writeRequest(ApiVersions, version, { correlationId: 1, clientId: 'odradek' }, request))
  }
  asker.close()
}

/** Answers what went wrong: a version refused or unanswered, an answer that we could not read. */
export async function askEveryVersion(port: number): Promise<string[]> {
  const asker = new Asker(port)
  const problems: string[] = []
  let correlationId = 0
  const ask = async <Q, R>(api: Api<Q, R>, version: number, partial: object): Promise<R | undefined> => {
    correlationId++
    const request = api.request.create(partial as never)
    const frame = await asker.ask(writeRequest(api, version, { correlationId, clientId: 'odradek' }, request))
    if (frame === undefined) return void problems.push(`${api.name} v${version}: no answer`)
    return readResponse(api, version, frame).response
  }
  const served = await ask(ApiVersions, 3, { clientSoftwareName: 'odradek', clientSoftwareVersion: '0' })
  const made = await ask(CreateTopics, 7, {
    timeoutMs: 10_000,
    topics: [{ name: 'golden', numPartitions: 1, replicationFactor: 1 }],
  })
  const topicId = made?.topics[0]?.topicId ?? ''
  for (const { apiKey, minVersion, maxVersion } of served?.apiKeys ?? []) {
    const api = apis.find(one => one.key === apiKey)
    if (api === undefined) problems.push(`the broker serves key ${apiKey}, we do not know it`)
    for (let version = minVersion; api !== undefined && version <= maxVersion; version++) {
      try {
        await ask(api, version, asks[api.name]?.(version, topicId) ?? {})
      } catch (error) {
        problems.push(`${api.name} v${version}: ${String(error)}`)
      }
    }
  }
  asker.close()
  return problems
}
