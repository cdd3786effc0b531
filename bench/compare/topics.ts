// What a workload asks a server for besides load: topics, where they end, and whether all that was written comes back.
import { Fetch } from '../../protocol/apis/01-fetch.ts'
import { ListOffsets } from '../../protocol/apis/02-list-offsets.ts'
import { DeleteTopics } from '../../protocol/apis/20-delete-topics.ts'
import { IncrementalAlterConfigs } from '../../protocol/apis/44-incremental-alter-configs.ts'
import { type BatchView, batches } from '../../protocol/records/batch.ts'
import { Connection } from '../connection.ts'

export { createTopic } from '../client.ts'

const LATEST = -1n
/** Kafka's ConfigResource.Type. */
const TOPIC = 2
const FETCH_BYTES = 1024 * 1024

export async function deleteTopic(port: number, name: string): Promise<void> {
  const connection = await Connection.open(port)
  const request = DeleteTopics.request.create({ topics: [{ name }], timeoutMs: 30_000 })
  const { responses } = await connection.request(DeleteTopics, 6, request)
  connection.close()
  const { errorCode } = responses[0]!
  if (errorCode !== 0) throw new Error(`DeleteTopics answered ${errorCode}`)
}

/** Sets settings of a topic, and leaves its others. */
export async function alterTopic(
  port: number,
  name: string,
  settings: Readonly<Record<string, string>>,
): Promise<void> {
  const connection = await Connection.open(port)
  const configs = Object.entries(settings).map(([key, value]) => ({ name: key, configOperation: 0, value }))
  const resources = [{ resourceType: TOPIC, resourceName: name, configs }]
  const request = IncrementalAlterConfigs.request.create({ resources })
  const { responses } = await connection.request(IncrementalAlterConfigs, 1, request)
  connection.close()
  const { errorCode } = responses[0]!
  if (errorCode !== 0) throw new Error(`IncrementalAlterConfigs answered ${errorCode}`)
}

async function endOffset(connection: Connection, topic: string, partitionIndex: number): Promise<number> {
  const topics = [{ name: topic, partitions: [{ partitionIndex, timestamp: LATEST }] }]
  const response = await connection.request(ListOffsets, 5, ListOffsets.request.create({ topics }))
  const { errorCode, offset } = response.topics[0]!.partitions[0]!
  if (errorCode !== 0) throw new Error(`ListOffsets answered ${errorCode}`)
  return Number(offset)
}

/** Throws when a batch is not as its producer was told to make it. */
export type BatchCheck = (batch: BatchView) => void

/**
 * Reads the whole topic: every offset once and in order, every checksum right. The producers made the checksums, so records that pass are
 * those that were sent. Returns how many there are; those before `from` in each partition are taken for read.
 */
export async function readBack(
  port: number,
  topic: string,
  partitions: number,
  check?: BatchCheck,
  from = 0,
): Promise<number> {
  const connection = await Connection.open(port, { keptBytes: 16 * FETCH_BYTES })
  let records = 0
  try {
    for (let partition = 0; partition < partitions; partition++) {
      records += await readPartition(connection, topic, partition, check, from)
    }
  } finally {
    connection.close()
  }
  return records
}

async function readPartition(
  connection: Connection,
  topic: string,
  partition: number,
  check: BatchCheck | undefined,
  from: number,
): Promise<number> {
  const end = await endOffset(connection, topic, partition)
  let fetchOffset = from
  while (fetchOffset < end) {
    const asked = { partition, fetchOffset, partitionMaxBytes: FETCH_BYTES }
    const topics = [{ topic, partitions: [asked] }]
    const request = Fetch.request.create({ maxWaitMs: 5000, minBytes: 1, maxBytes: FETCH_BYTES, topics })
    const response = await connection.request(Fetch, 12, request)
    const row = response.responses[0]!.partitions[0]!
    if (row.errorCode !== 0) throw new Error(`Fetch answered ${row.errorCode}`)
    const before = fetchOffset
    for (const batch of batches(row.records ?? Buffer.alloc(0))) {
      if (batch.baseOffset !== fetchOffset || !batch.isValidCrc()) {
        throw new Error(`${topic}-${partition}: a spoilt batch or a gap at ${fetchOffset}`)
      }
      check?.(batch)
      fetchOffset += batch.recordCount
    }
    if (fetchOffset === before) throw new Error(`${topic}-${partition} ends at ${fetchOffset}, not at ${end}`)
  }
  return end
}

export async function expectRecords(
  port: number,
  topic: string,
  partitions: number,
  sent: number,
  check?: BatchCheck,
): Promise<void> {
  const found = await readBack(port, topic, partitions, check)
  if (found !== sent) throw new Error(`${sent} records were acknowledged, and ${found} come back`)
}
