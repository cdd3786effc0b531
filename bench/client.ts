// A load client that costs little beside a broker: produces one ready frame over and over, and fetches without
// looking at what it gets beyond its size. Kafka's protocol, any broker. Some connections, some requests in flight on each.
import { setTimeout as sleep } from 'node:timers/promises'
import { ListOffsets } from '../protocol/apis/02-list-offsets.ts'
import { CreateTopics } from '../protocol/apis/19-create-topics.ts'
import { Fetch } from '../protocol/apis/01-fetch.ts'
import { Produce } from '../protocol/apis/00-produce.ts'
import { writeRequest } from '../protocol/frame.ts'
import { buildBatch } from '../protocol/records/builder.ts'
import type { CompressionType } from '../protocol/records/compression.ts'
import { Connection, responseOf } from './connection.ts'

const PRODUCE_VERSION = 9
const FETCH_VERSION = 12

export interface Load {
  port: number
  topic: string
  partitions: number
  /** Stops when so many bytes of record batches went through. */
  totalBytes: number
  connections: number
  /** On each connection. */
  inFlight: number
}

export interface Passed {
  bytes: number
  requests: number
  seconds: number
  /** ms from sending a request to its answer, sorted. */
  latencies: number[]
}

export interface BatchShape {
  batchBytes: number
  recordBytes: number
  compression?: CompressionType
}

export function batchOf({ batchBytes, recordBytes, compression = 'none' }: BatchShape): Buffer {
  const count = Math.max(1, Math.floor(batchBytes / (recordBytes + 10)))
  const value = Buffer.alloc(recordBytes, 'odradek ')
  const timestamp = Date.now()
  return buildBatch({
    records: Array.from({ length: count }, () => ({ key: null, value })),
    timestamp,
    compression,
  })
}

export async function createTopic(
  port: number,
  name: string,
  numPartitions: number,
  settings: Readonly<Record<string, string>> = {},
): Promise<void> {
  const connection = await Connection.open(port)
  const configs = Object.entries(settings).map(([key, value]) => ({ name: key, value }))
  const topic = { name, numPartitions, replicationFactor: 1, configs }
  const response = await connection.request(CreateTopics, 5, CreateTopics.request.create({ topics: [topic] }))
  const created = response.topics[0]!
  if (created.errorCode !== 0)
    throw new Error(`CreateTopics answered ${created.errorCode} ${created.errorMessage}`)
  // The controller has decided; the broker may still be taking up its new partitions.
  for (let partition = 0; partition < numPartitions; partition++) {
    while (!(await isLed(connection, name, partition))) await sleep(20)
  }
  connection.close()
}

async function isLed(connection: Connection, topic: string, partition: number): Promise<boolean> {
  const topics = [{ name: topic, partitions: [{ partitionIndex: partition, timestamp: -1n }] }]
  const response = await connection.request(ListOffsets, 5, ListOffsets.request.create({ topics }))
  return response.topics[0]!.partitions[0]!.errorCode === 0
}

/** A Produce frame for one partition, with as many batches' worth of partitions as it names. */
export function produceFrame(
  topic: string,
  partitions: readonly number[],
  acks: number,
  batch: Buffer,
): Buffer {
  const partitionData = partitions.map(index => ({ index, records: batch }))
  const request = Produce.request.create({
    acks,
    timeoutMs: 30_000,
    topicData: [{ name: topic, partitionData }],
  })
  return Buffer.concat(
    writeRequest(Produce, PRODUCE_VERSION, { correlationId: 7, clientId: 'bench' }, request),
  )
}

export interface ProduceLoad extends Load {
  acks: -1 | 1
  batch: Buffer
}

export function produce(load: ProduceLoad): Promise<Passed> {
  const { topic, partitions, acks, batch } = load
  const frames = Array.from({ length: partitions }, (_, partition) =>
    produceFrame(topic, [partition], acks, batch),
  )
  const slots = load.connections * load.inFlight
  return drive(load, slot => {
    let partition = slot % partitions
    return {
      frame: () => [frames[partition]!],
      take: answer => {
        const { errorCode, errorMessage } = responseOf(Produce, PRODUCE_VERSION, answer).responses[0]!
          .partitionResponses[0]!
        if (errorCode !== 0) throw new Error(`Produce answered ${errorCode} ${errorMessage}`)
        partition = (partition + slots) % partitions
        return batch.length
      },
    }
  })
}

export interface FetchLoad extends Load {
  /** Of the batches the topic was filled with, all alike: the next offset follows from the size of an answer. */
  batch: Buffer
  recordsPerBatch: number
  /** Offsets a partition has; reading starts again at its end. */
  endOffset: number
  maxBytes: number
}

export function fetch(load: FetchLoad): Promise<Passed> {
  const { topic, partitions, batch, recordsPerBatch, endOffset, maxBytes } = load
  return drive(load, slot => {
    const partition = slot % partitions
    let fetchOffset = 0
    return {
      frame: () => {
        const asked = { partition, fetchOffset, partitionMaxBytes: maxBytes }
        const request = Fetch.request.create({
          maxWaitMs: 500,
          minBytes: 1,
          maxBytes,
          topics: [{ topic, partitions: [asked] }],
        })
        return writeRequest(Fetch, FETCH_VERSION, { correlationId: 9, clientId: 'bench' }, request)
      },
      take: answer => {
        const batches = Math.floor(answer.size / batch.length)
        if (batches === 0) {
          const response = responseOf(Fetch, FETCH_VERSION, answer)
          throw new Error(
            `Fetch answered ${response.errorCode}, ${response.responses[0]?.partitions[0]?.errorCode} and no batch`,
          )
        }
        fetchOffset += batches * recordsPerBatch
        if (fetchOffset >= endOffset) fetchOffset = 0
        return batches * batch.length
      },
    }
  })
}

/** One request at a time, over and over. */
export interface Slot {
  frame(): readonly Uint8Array[]
  /** The bytes of record batches that the exchange moved. */
  take(answer: { size: number; head: Buffer }): number
}

/** Keeps `inFlight` requests of each connection on their way until `totalBytes` have passed. */
export async function drive(
  load: Pick<Load, 'port' | 'totalBytes' | 'connections' | 'inFlight'>,
  slotOf: (slot: number) => Slot,
): Promise<Passed> {
  const { port, totalBytes, inFlight } = load
  const connections: Connection[] = []
  for (let i = 0; i < load.connections; i++) connections.push(await Connection.open(port))
  const latencies: number[] = []
  const start = performance.now()
  let bytes = 0
  let sent = 0
  let requests = 0
  let open = 0
  try {
    await new Promise<void>((resolve, reject) => {
      const next = (connection: Connection, slot: Slot, expected: number): void => {
        if (sent >= totalBytes) {
          if (open === 0) resolve()
          return
        }
        open++
        sent += expected
        const sentAt = performance.now()
        connection.send(
          slot.frame(),
          answer => {
            try {
              open--
              const moved = slot.take(answer)
              latencies.push(performance.now() - sentAt)
              bytes += moved
              sent += moved - expected
              requests++
              next(connection, slot, moved)
            } catch (error) {
              reject(error as Error)
            }
          },
          reject,
        )
      }
      connections.forEach((connection, first) => {
        for (let i = 0; i < inFlight; i++) next(connection, slotOf(first * inFlight + i), 0)
      })
    })
  } finally {
    for (const connection of connections) connection.close()
  }
  latencies.sort((a, b) => a - b)
  return { bytes, requests, seconds: (performance.now() - start) / 1000, latencies }
}
