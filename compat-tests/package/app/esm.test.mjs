import assert from 'node:assert/strict'
import test from 'node:test'
import { startBroker } from 'odradek'
import roundTrip from './round-trip.cjs'

void test('an ES module starts a broker', async () => {
  const broker = await startBroker({ topics: ['orders'] })
  try {
    assert.equal(await roundTrip(broker), '1')
  } finally {
    await broker.stop()
  }
})
