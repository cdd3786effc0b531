// A child process that costs next to nothing beside a broker: many connections, each with one Produce request of one record on its way (a
// closed loop). Reports like the program in franz/.
//
//   node light-producer.js <port> <topic> <connections> <record bytes> <seconds> <seconds not counted>
import { produceFrame } from '../client.ts'
import { Connection, responseOf } from '../connection.ts'
import { Produce } from '../../protocol/apis/00-produce.ts'
import { buildBatch } from '../../protocol/records/builder.ts'

const [port, topic, connections, recordBytes, seconds, skip] = process.argv.slice(2)
const batch = buildBatch({
  records: [{ key: null, value: Buffer.alloc(Number(recordBytes), 'odradek ') }],
  timestamp: Date.now(),
})
const frame = [produceFrame(topic!, [0], 1, batch)]
const start = performance.now()
const endMs = start + Number(seconds) * 1000
const countedFromMs = start + Number(skip) * 1000
const latencies: number[] = []
let records = 0
const sizes = { keptBytes: 4096, readBytes: 4096 }

function load(connection: Connection): Promise<void> {
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const sentAt = performance.now()
      if (sentAt > endMs) {
        connection.close()
        resolve()
        return
      }
      connection.send(
        frame,
        answer => {
          const row = responseOf(Produce, 9, answer).responses[0]!.partitionResponses[0]!
          if (row.errorCode !== 0) reject(new Error(`Produce answered ${row.errorCode}`))
          records++
          if (sentAt >= countedFromMs) latencies.push(performance.now() - sentAt)
          next()
        },
        reject,
      )
    }
    next()
  })
}

const opened = await Promise.all(
  Array.from({ length: Number(connections) }, () => Connection.open(Number(port), sizes)),
)
const report = setInterval(() => console.log(`at ${records}`), 500)
await Promise.all(opened.map(load))
clearInterval(report)
latencies.sort((a, b) => a - b)
const at = (share: number) => latencies[Math.floor(latencies.length * share)]
console.log(JSON.stringify({ p50Ms: at(0.5), p99Ms: at(0.99), p999Ms: at(0.999), records }))
