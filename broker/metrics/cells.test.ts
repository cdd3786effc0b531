import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Histogram, MetricsRegistry } from './cells.ts'

const messagesIn = 'kafka_server_brokertopicmetrics_messagesin_total'
const totalTime = 'kafka_network_requestmetrics_totaltimems'

test('a counter is found again by name and labels, whatever their order', () => {
  const metrics = new MetricsRegistry()
  metrics.counter('kafka_network_requestmetrics_requests_total', { request: 'Fetch', version: '4' }).inc(3)
  const again = metrics.counter('kafka_network_requestmetrics_requests_total', {
    version: '4',
    request: 'Fetch',
  })
  again.inc()
  expect(again.value).toBe(4)
  expect(metrics.counter(messagesIn).value).toBe(0)
})

test('cells beyond one block keep apart', () => {
  const metrics = new MetricsRegistry()
  const counters = Array.from({ length: 3000 }, (_, i) => metrics.counter(messagesIn, { topic: `t${i}` }))
  counters.forEach((counter, i) => counter.inc(i))
  expect(counters.map(counter => counter.value)).toEqual(counters.map((_, i) => i))
})

test('removing a topic forgets its series and nobody else’s', () => {
  const metrics = new MetricsRegistry()
  metrics.counter(messagesIn, { topic: 'a' }).inc()
  metrics.counter(messagesIn, { topic: 'b' }).inc(2)
  metrics.remove({ topic: 'a' })
  expect(metrics.cells(messagesIn).map(series => series.labels)).toEqual([{ topic: 'b' }])
})

test('a gauge asks at scrape time, and several may feed one name', () => {
  const metrics = new MetricsRegistry()
  let open = 1
  const stop = metrics.gauge('kafka_server_socketservermetrics_connection_count', () => [
    [{ listener: 'A' }, open],
  ])
  metrics.gauge('kafka_server_socketservermetrics_connection_count', () => 7)
  open = 5
  expect([...metrics.samples('kafka_server_socketservermetrics_connection_count')]).toEqual([
    [{ listener: 'A' }, 5],
    [{}, 7],
  ])
  stop()
  expect([...metrics.samples('kafka_server_socketservermetrics_connection_count')]).toEqual([[{}, 7]])
})

test('quantiles of a histogram are within a factor of two of the true ones', () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.0001, max: 60_000, noNaN: true }), { minLength: 1 }), values => {
      const histogram = new MetricsRegistry().histogram(totalTime, { request: 'Produce' })
      for (const value of values) histogram.observe(value)
      const sorted = [...values].sort((a, b) => a - b)
      expect(histogram.count).toBe(values.length)
      expect(histogram.sum).toBeCloseTo(
        values.reduce((a, b) => a + b, 0),
        3,
      )
      for (const q of [0.5, 0.99]) {
        const exact = sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)]!
        const estimate = histogram.quantile(q)
        expect(estimate).toBeLessThanOrEqual(Math.max(2 * exact, 1 / 16))
        expect(estimate).toBeGreaterThanOrEqual(exact <= 1 / 16 ? 0 : exact / 2 - 1e-9)
      }
    }),
  )
})

test('observations at and beyond the edges land in a bucket', () => {
  const histogram = new MetricsRegistry().histogram(totalTime)
  for (const ms of [0, 1 / 16, 65_536, 1e12, Number.MAX_VALUE]) histogram.observe(ms)
  expect(histogram.count).toBe(5)
  expect(histogram.quantile(1)).toBe(Number.MAX_VALUE)
  expect(Histogram.cells).toBe(24)
})
