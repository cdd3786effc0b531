import { expect, test } from 'vitest'
import { MetricsRegistry } from './cells.ts'
import { DECLARATIONS } from './declarations.ts'
import { Exposition } from './exposition.ts'
import { MetricsServer, parseMetricsListener } from './http.ts'
import { measureProcess } from './process.ts'

async function serve(metrics: MetricsRegistry, state: { unhealthy: string | null; unready: string | null }) {
  const server = await MetricsServer.open({
    metrics,
    health: { unhealthy: () => state.unhealthy, unready: () => state.unready },
    monotonicMs: () => performance.now(),
    host: '127.0.0.1',
    port: 0,
  })
  const get = async (path: string, method = 'GET') => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`, { method })
    return { status: response.status, text: await response.text() }
  }
  return { server, get }
}

test('/metrics shows counters, gauges and histograms as dashboards expect them', async () => {
  const metrics = new MetricsRegistry()
  metrics.counter('kafka_server_brokertopicmetrics_messagesin_total').inc(7)
  metrics.counter('kafka_server_brokertopicmetrics_messagesin_total', { topic: 'orders' }).inc(7)
  metrics.gauge('kafka_consumergroup_lag', () => [
    [{ consumergroup: 'g', topic: 'orders', partition: '0' }, 3],
  ])
  const produce = metrics.histogram('kafka_network_requestmetrics_totaltimems', { request: 'Produce' })
  for (const ms of [1, 2, 4]) produce.observe(ms)
  const { server, get } = await serve(metrics, { unhealthy: null, unready: null })
  try {
    const { status, text } = await get('/metrics')
    expect(status).toBe(200)
    const lines = text.split('\n')
    expect(lines).toContain('kafka_server_brokertopicmetrics_messagesin_total 7')
    expect(lines).toContain('kafka_server_brokertopicmetrics_messagesin_total{topic="orders"} 7')
    expect(lines).toContain('kafka_consumergroup_lag{consumergroup="g",topic="orders",partition="0"} 3')
    expect(lines).toContain('kafka_network_requestmetrics_totaltimems_count{request="Produce"} 3')
    expect(lines).toContain('kafka_network_requestmetrics_totaltimems_sum{request="Produce"} 7')
    expect(text).toMatch(/totaltimems\{request="Produce",quantile="0.999"\} 3\.99/)
  } finally {
    await server.close()
  }
})

test('/healthz and /readyz say ok or why not', async () => {
  const state = { unhealthy: null as string | null, unready: 'recovering' as string | null }
  const { server, get } = await serve(new MetricsRegistry(), state)
  try {
    expect(await get('/healthz')).toEqual({ status: 200, text: 'ok\n' })
    expect(await get('/readyz')).toEqual({ status: 503, text: 'recovering\n' })
    state.unready = null
    expect(await get('/readyz?verbose')).toEqual({ status: 200, text: 'ok\n' })
    state.unhealthy = 'no log directory is left'
    expect((await get('/healthz')).status).toBe(503)
    expect((await get('/readyz')).status).toBe(503)
    expect((await get('/')).status).toBe(404)
    expect((await get('/metrics', 'POST')).status).toBe(405)
  } finally {
    await server.close()
  }
})

test('two scrapes within a second share a rendering, a later one is new', async () => {
  const metrics = new MetricsRegistry()
  let asked = 0
  metrics.gauge('kafka_brokers', () => ++asked)
  let nowMs = 0
  const exposition = new Exposition(metrics, () => nowMs)
  await Promise.all([exposition.render(), exposition.render()])
  expect(asked).toBe(1)
  nowMs = 1001
  expect(await exposition.render()).toContain('kafka_brokers 2')
})

test('every declared metric has a legal name, legal labels and a sentence', async () => {
  const text = await new Exposition(new MetricsRegistry(), () => 0).render()
  for (const [name, { labels, help, kind }] of Object.entries(DECLARATIONS)) {
    expect(name).toMatch(/^[a-z][a-z0-9_]*$/)
    for (const label of labels) expect(label).toMatch(/^[a-z_]+$/)
    expect(help, name).toMatch(/^[A-Z0-9].*\.$/)
    expect(text).toContain(`# TYPE ${name} ${kind === 'counter' ? 'counter' : 'gauge'}`)
  }
})

test('the process measures itself and stops', () => {
  const metrics = new MetricsRegistry()
  const stop = measureProcess(metrics, () => 12)
  const [[, rss]] = [...metrics.samples('process_resident_memory_bytes')] as [[object, number]]
  expect(rss).toBeGreaterThan(1e7)
  expect([...metrics.samples('odradek_event_loop_delay_seconds')]).toHaveLength(3)
  expect([...metrics.samples('process_open_fds')]).toEqual([[{}, 12]])
  stop()
})

test('where to listen', () => {
  expect(parseMetricsListener(':9404')).toEqual({ host: '', port: 9404 })
  expect(parseMetricsListener('[::1]:0')).toEqual({ host: '::1', port: 0 })
  expect(parseMetricsListener('')).toBeUndefined()
})
