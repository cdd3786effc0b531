// One round trip with a stock client, for every kind of test runner.
const { Kafka, logLevel } = require('kafkajs')

module.exports = async function roundTrip(broker) {
  const kafka = new Kafka({ brokers: [broker.bootstrapServers], logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic: 'orders', messages: [{ key: 'k', value: 'v' }], acks: -1 })
  await producer.disconnect()
  const admin = kafka.admin()
  await admin.connect()
  const [{ high }] = await admin.fetchTopicOffsets('orders')
  await admin.disconnect()
  return high
}
