// node dist/bench/codec.js: nanoseconds to read and to write a message, compiled, and interpreted beside it.
// The best of several rounds; cases take turns, so that a busy neighbour hits all of them.
import { Produce } from '../protocol/apis/00-produce.ts'
import { Fetch } from '../protocol/apis/01-fetch.ts'
import { Metadata } from '../protocol/apis/03-metadata.ts'
import { planOfMessage } from '../protocol/codec/message.ts'
import { Reader } from '../protocol/codec/reader.ts'
import { Writer } from '../protocol/codec/writer.ts'
import { OffsetCommitValue } from '../protocol/internal/group-records.ts'
import { compiled } from '../protocol/schema/compiler.ts'
import { interpreted } from '../protocol/schema/interpreter.ts'
import type { Codec, Message } from '../protocol/schema/message.ts'

interface Case {
  readonly name: string
  readonly run: () => unknown
  times: number
  best: number
}

const records = Buffer.alloc(1024, 7)
const topicId = 'q83vEjRWeJCrze8SNFZ4kA'
const range = (n: number): number[] => Array.from({ length: n }, (_, i) => i)

const fetchTopics = (n: number) =>
  range(n).map(i => ({
    topic: `topic-${i}`,
    topicId,
    partitions: range(n).map(partition => ({ partition, fetchOffset: 123_456, partitionMaxBytes: 1 << 20 })),
  }))
const fetched = (n: number) =>
  range(n).map(i => ({
    topic: `topic-${i}`,
    topicId,
    partitions: range(n).map(partitionIndex => ({ partitionIndex, highWatermark: 123_456, records })),
  }))
const produced = (n: number) =>
  range(n).map(i => ({
    name: `topic-${i}`,
    topicId,
    partitionData: range(n).map(index => ({ index, records })),
  }))
const topics = (n: number) =>
  range(n).map(i => ({
    name: `topic-${i}`,
    topicId,
    partitions: range(3).map(partitionIndex => ({
      partitionIndex,
      leaderId: 1,
      leaderEpoch: 4,
      replicaNodes: [1, 2, 3],
      isrNodes: [1, 2, 3],
    })),
  }))

const messages: [name: string, message: Message<object>, version: number, value: object][] = []
function add<T extends object>(name: string, message: Message<T>, version: number, value: object): void {
  const whole = message.create(value as never)
  messages.push([`${message.name} v${version} ${name}`, message, version, whole])
}
add('empty', Fetch.request, 17, {})
add('1×1', Fetch.request, 17, { topics: fetchTopics(1) })
add('10×10', Fetch.request, 11, { topics: fetchTopics(10) })
add('10×10', Fetch.request, 17, { topics: fetchTopics(10) })
add('1×1', Fetch.response, 17, { responses: fetched(1) })
add('10×10', Fetch.response, 17, { responses: fetched(10) })
add('1×1', Produce.request, 12, { topicData: produced(1) })
add('10×10', Produce.request, 12, { topicData: produced(10) })
add('100×3', Metadata.response, 12, { topics: topics(100) })
add('', OffsetCommitValue, 3, { offset: 5n, metadata: '', commitTimestamp: 1_700_000_000_000n })

function casesOf(kind: string, codec: Codec<object>, value: object): Case[] {
  const writer = new Writer()
  const write = (): number => {
    writer.begin()
    codec.write(writer, value)
    return writer.end().length
  }
  writer.begin()
  codec.write(writer, value)
  const bytes = Buffer.concat(writer.end())
  const read = (): object => codec.read(new Reader(bytes))
  return [
    { name: `${kind} read`, run: read, times: 1, best: Number.POSITIVE_INFINITY },
    { name: `${kind} write`, run: write, times: 1, best: Number.POSITIVE_INFINITY },
  ]
}

function timed(one: Case): number {
  const start = process.hrtime.bigint()
  for (let i = 0; i < one.times; i++) one.run()
  return Number(process.hrtime.bigint() - start)
}

const ROUND_NS = 20e6
const all = messages.map(([name, message, version, value]) => {
  const plan = planOfMessage(message, version)
  return {
    name,
    cases: [...casesOf('', compiled(plan), value), ...casesOf('interpreted', interpreted(plan), value)],
  }
})
const cases = all.flatMap(row => row.cases)
for (const one of cases) while (timed(one) < ROUND_NS / 2) one.times *= 2
for (let round = 0; round < 7; round++) {
  for (const one of cases) one.best = Math.min(one.best, timed(one) / one.times)
}
console.log(`node ${process.version}, nanoseconds`)
console.table(
  Object.fromEntries(
    all.map(({ name, cases }) => [
      name,
      Object.fromEntries(cases.map(one => [one.name.trim(), Math.round(one.best)])),
    ]),
  ),
)
