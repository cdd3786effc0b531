/**
 * An idempotent producer as stubborn as Java's, and simple enough to trust: five requests in flight, and when the
 * connection breaks it sends everything that was not acknowledged again, in order, with the sequences it had.
 */
import { connect, type Socket } from 'node:net'
import { Produce } from '../../protocol/apis/00-produce.ts'
import { Fetch } from '../../protocol/apis/01-fetch.ts'
import { InitProducerId } from '../../protocol/apis/22-init-producer-id.ts'
import { readResponse, writeRequest } from '../../protocol/frame.ts'
import { BatchView } from '../../protocol/records/batch.ts'
import { buildBatch } from '../../protocol/records/builder.ts'
import { records } from '../../protocol/records/record.ts'
import type { Api } from '../../protocol/schema/message.ts'
import { sleep } from '../brokers.ts'

const IN_FLIGHT = 5
const RETRIABLE = new Set([3, 5, 6, 7, 19, 20, 56])
const DUPLICATE_SEQUENCE_NUMBER = 46

/** One connection; answers come in the order of requests. */
class Wire {
  readonly #socket: Socket
  readonly #waiting: { take: (frame: Buffer) => void; fail: (error: Error) => void }[] = []
  #received: Buffer = Buffer.alloc(0)

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.on('data', bytes => this.#take(bytes))
    socket.on('error', error => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the connection was closed')))
  }

  static open(port: number): Promise<Wire> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => resolve(new Wire(socket)))
    })
  }

  request<Q, R>(api: Api<Q, R>, version: number, request: Q): Promise<R> {
    return new Promise((resolve, reject) => {
      if (this.#socket.destroyed) return reject(new Error('the connection was closed'))
      const take = (frame: Buffer) => resolve(readResponse(api, version, frame).response)
      this.#waiting.push({ take, fail: reject })
      for (const chunk of writeRequest(api, version, { correlationId: 1, clientId: 'kill9' }, request))
        this.#socket.write(chunk)
    })
  }

  close(): void {
    this.#socket.destroy()
  }

  #take(bytes: Buffer): void {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes])
    while (this.#received.length >= 4 && this.#received.length >= 4 + this.#received.readInt32BE(0)) {
      const size = this.#received.readInt32BE(0)
      this.#waiting.shift()?.take(Buffer.from(this.#received.subarray(4, 4 + size)))
      this.#received = this.#received.subarray(4 + size)
    }
  }

  #fail(error: Error): void {
    for (const { fail } of this.#waiting.splice(0)) fail(error)
  }
}

async function wireTo(port: number, whileTrue: () => boolean): Promise<Wire | undefined> {
  while (whileTrue()) {
    try {
      return await Wire.open(port)
    } catch {
      await sleep(20)
    }
  }
  return undefined
}

interface Batch {
  readonly sequence: number
  readonly count: number
}

export class IdempotentProducer {
  readonly #port: number
  readonly #topic: string
  readonly #partition: number
  readonly #unacked: Batch[] = []
  #isStopping = false
  #next = 0
  /** Values 0 … acked-1 are promised to be there. */
  acked = 0
  retries = 0

  constructor(port: number, topic: string, partition: number) {
    this.#port = port
    this.#topic = topic
    this.#partition = partition
  }

  /** Produces until stop(), then until all it has begun is acknowledged. Rejects on an error no retry can mend. */
  async run(): Promise<void> {
    const producerId = await this.#initialize()
    while (!this.#isStopping || this.#unacked.length > 0) {
      const wire = await wireTo(this.#port, () => true)
      try {
        await this.#send(wire!, producerId)
      } catch (error) {
        if (error instanceof Refused) throw error
        this.retries++
        await sleep(10)
      } finally {
        wire!.close()
      }
    }
  }

  stop(): void {
    this.#isStopping = true
  }

  async #initialize(): Promise<bigint> {
    for (;;) {
      const wire = await wireTo(this.#port, () => true)
      try {
        const request = InitProducerId.request.create({ transactionalId: null, transactionTimeoutMs: 60_000 })
        const { errorCode, producerId } = await wire!.request(InitProducerId, 4, request)
        if (errorCode === 0) return producerId
      } catch {
        // The broker was killed under it.
      } finally {
        wire!.close()
      }
      await sleep(20)
    }
  }

  /** Until the connection breaks or an answer asks for a retry; first what is still unacknowledged. */
  async #send(wire: Wire, producerId: bigint): Promise<void> {
    const inFlight: { batch: Batch; answered: Promise<void> }[] = []
    const begin = (batch: Batch) => {
      const answered = this.#produce(wire, producerId, batch)
      answered.catch(() => {})
      inFlight.push({ batch, answered })
    }
    for (const batch of this.#unacked) begin(batch)
    for (;;) {
      while (!this.#isStopping && inFlight.length < IN_FLIGHT) {
        const batch = { sequence: this.#next, count: 1 + (this.#next % 7) }
        this.#next += batch.count
        this.#unacked.push(batch)
        begin(batch)
      }
      const oldest = inFlight.shift()
      if (oldest === undefined) return
      await oldest.answered
      this.#unacked.shift()
      this.acked = oldest.batch.sequence + oldest.batch.count
    }
  }

  async #produce(wire: Wire, producerId: bigint, { sequence, count }: Batch): Promise<void> {
    const values = Array.from({ length: count }, (_, i) => ({ key: null, value: valueOf(sequence + i) }))
    const batch = buildBatch({
      records: values,
      timestamp: Date.now(),
      producerId: Number(producerId),
      producerEpoch: 0,
      baseSequence: sequence,
    })
    const partitionData = [{ index: this.#partition, records: batch }]
    const topicData = [{ name: this.#topic, topicId: 'AAAAAAAAAAAAAAAAAAAAAA', partitionData }]
    const request = Produce.request.create({ acks: -1, timeoutMs: 30_000, topicData })
    const response = await wire.request(Produce, 9, request)
    const { errorCode, errorMessage } = response.responses[0]!.partitionResponses[0]!
    if (errorCode === 0 || errorCode === DUPLICATE_SEQUENCE_NUMBER) return
    if (RETRIABLE.has(errorCode)) throw new Error(`error ${errorCode}`)
    throw new Refused(`sequence ${sequence} was refused with error ${errorCode} (${errorMessage})`)
  }
}

class Refused extends Error {}

/** Long enough that a segment is full every few seconds. */
function valueOf(sequence: number): Buffer {
  return Buffer.from(`${sequence}:`.padEnd(600, 'x'))
}

/** The sequences in a partition, in the order of their offsets. */
export async function readSequences(port: number, topic: string, partition: number): Promise<number[]> {
  const wire = (await wireTo(port, () => true))!
  const sequences: number[] = []
  try {
    for (let fetchOffset = 0; ; ) {
      const partitions = [complete({ partition, fetchOffset, partitionMaxBytes: 8 << 20 })]
      const request = Fetch.request.create({
        maxWaitMs: 0,
        minBytes: 0,
        maxBytes: 8 << 20,
        topics: [{ topic, topicId: 'AAAAAAAAAAAAAAAAAAAAAA', partitions }],
      })
      const response = await wire.request(Fetch, 12, request)
      const answer = response.responses[0]!.partitions[0]!
      if (answer.errorCode !== 0) throw new Error(`Fetch answered ${answer.errorCode}`)
      if (fetchOffset >= answer.highWatermark) return sequences
      fetchOffset = take(answer.records as Buffer, fetchOffset, sequences)
    }
  } finally {
    wire.close()
  }
}

type FetchPartition = ReturnType<typeof Fetch.request.create>['topics'][number]['partitions'][number]

function complete(partition: Partial<FetchPartition>): FetchPartition {
  return {
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
    logStartOffset: -1,
    replicaDirectoryId: 'AAAAAAAAAAAAAAAAAAAAAA',
    ...partition,
  } as FetchPartition
}

function take(bytes: Buffer, from: number, sequences: number[]): number {
  const view = new BatchView()
  let next = from
  for (
    let at = 0;
    at + 12 <= bytes.length && at + 12 + bytes.readInt32BE(at + 8) <= bytes.length;
    at += view.sizeInBytes
  ) {
    view.reset(bytes, at)
    if (!view.isValidCrc()) throw new Error(`the batch at offset ${view.baseOffset} is corrupt`)
    for (const record of records(new BatchView().reset(bytes, at)))
      if (record.offset >= from) sequences.push(Number.parseInt(record.value!.toString(), 10))
    next = view.lastOffset + 1
  }
  return next
}
