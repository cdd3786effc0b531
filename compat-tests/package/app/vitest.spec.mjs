import { startBroker } from 'odradek'
import { afterAll, beforeAll, expect, test } from 'vitest'
import roundTrip from './round-trip.cjs'

let broker
beforeAll(async () => {
  broker = await startBroker({ topics: ['orders'] })
})
afterAll(() => broker.stop())

test('vitest starts a broker, and empties it', async () => {
  expect(await roundTrip(broker)).toBe('1')
  await broker.reset()
  expect(await roundTrip(broker)).toBe('1')
})
