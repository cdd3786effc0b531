const assert = require('node:assert/strict')
const test = require('node:test')
const { startBroker } = require('odradek')
const roundTrip = require('./round-trip.cjs')

void test('require() starts a broker', async () => {
  const broker = await startBroker({ topics: ['orders'] })
  try {
    assert.equal(await roundTrip(broker), '1')
    assert.match(await broker.metrics(), /kafka_server_brokertopicmetrics_messagesin_total\{topic="orders"\} 1/)
  } finally {
    await broker.stop()
  }
})
