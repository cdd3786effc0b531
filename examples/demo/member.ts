// One member of the demo's consumer group, in a process of its own so that it can be killed. Tells its parent what it
// was handed, batch by batch, before its offsets are committed.
//   node member.js <address> <topic> <group>
import { Kafka, logLevel } from 'kafkajs'

/** Offsets and keys of one batch, and the number each record was sent with. */
export interface Handed {
  readonly partition: number
  readonly records: readonly (readonly [offset: number, key: string, index: number])[]
}

const [address, topic, groupId] = process.argv.slice(2) as [string, string, string]
const kafka = new Kafka({ clientId: `member-${process.pid}`, brokers: [address], logLevel: logLevel.NOTHING })
const consumer = kafka.consumer({
  groupId,
  sessionTimeout: 6000,
  heartbeatInterval: 500,
  maxWaitTimeInMs: 100,
})
process.on('disconnect', () => process.exit())
process.on('message', message => {
  if (message === 'stop') void consumer.disconnect().then(() => process.exit())
})

/** Resolves when the bytes have left this process: what is committed before that would be lost if it were killed. */
const hand = (handed: Handed) =>
  new Promise<void>((resolve, reject) => {
    process.send!(handed, undefined, undefined, error => (error ? reject(error) : resolve()))
  })

await consumer.connect()
await consumer.subscribe({ topic, fromBeginning: true })
await consumer.run({
  autoCommitInterval: 200,
  eachBatch: async ({ batch, resolveOffset, heartbeat, commitOffsetsIfNecessary }) => {
    const records = batch.messages.map(({ offset, key, value }) => {
      const { index } = JSON.parse(value!.toString()) as { index: number }
      return [Number(offset), key!.toString(), index] as const
    })
    await hand({ partition: batch.partition, records })
    resolveOffset(batch.lastOffset())
    await commitOffsetsIfNecessary()
    await heartbeat()
  },
})
