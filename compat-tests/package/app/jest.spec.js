const { startBroker } = require('odradek')
const roundTrip = require('./round-trip.cjs')

let broker
beforeAll(async () => {
  broker = await startBroker({ topics: ['orders'] })
})
afterAll(() => broker.stop())

test('Jest starts a broker', async () => {
  expect(await roundTrip(broker)).toBe('1')
})

test('faked timers do not freeze the broker', async () => {
  const before = broker.clock.nowMs()
  jest.useFakeTimers()
  try {
    const later = broker.clock.nowMs()
    expect(later).toBeGreaterThanOrEqual(before)
    await broker.createTopics(['made-meanwhile'])
  } finally {
    jest.useRealTimers()
  }
})
