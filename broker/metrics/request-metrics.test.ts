import { expect, test } from 'vitest'
import { type Level, Loggers } from '../logging/loggers.ts'
import type { BoundHandler } from '../handlers/registry.ts'
import type { RequestRecord } from '../net/events.ts'
import { MetricsRegistry } from './cells.ts'
import { RequestMetrics } from './request-metrics.ts'

function setUp() {
  const metrics = new MetricsRegistry()
  const lines: [Level, string][] = []
  const loggers = new Loggers((level, _name, _fields, message) => lines.push([level, message]))
  return { metrics, lines, events: new RequestMetrics(metrics, loggers.get('net')) }
}

const handler = { definition: { api: { key: 0, name: 'Produce' } } } as unknown as BoundHandler

const record = (response: unknown): RequestRecord => ({
  handler,
  version: 9,
  clientId: 'c',
  requestBytes: 100,
  responseBytes: 50,
  receivedMs: 10,
  startedMs: 11,
  returnedMs: 13,
  answeredMs: 20,
  response,
})

test('a request is counted by version, its times by kind, its errors by name and row', () => {
  const { metrics, events } = setUp()
  const rows = {
    responses: [{ name: 't', partitionResponses: [{ errorCode: 0 }, { errorCode: 3 }, { errorCode: 3 }] }],
  }
  events.requestDone(record(rows))
  events.requestDone(record(null))
  const request = 'Produce'
  expect(
    metrics.counter('kafka_network_requestmetrics_requests_total', { request, version: '9' }).value,
  ).toBe(2)
  const sum = (name: 'requestqueuetimems' | 'localtimems' | 'remotetimems' | 'totaltimems'): number =>
    metrics.histogram(`kafka_network_requestmetrics_${name}`, { request }).sum
  expect([sum('requestqueuetimems'), sum('localtimems'), sum('remotetimems'), sum('totaltimems')]).toEqual([
    2, 4, 14, 20,
  ])
  const errors = (error: string): number =>
    metrics.counter('kafka_network_requestmetrics_errors_total', { request, error }).value
  expect([errors('NONE'), errors('UNKNOWN_TOPIC_OR_PARTITION')]).toEqual([1, 2])
})

test('an answer without any code counts as one without error', () => {
  const { metrics, events } = setUp()
  events.requestDone(record({ apiKeys: [] }))
  expect(
    metrics.counter('kafka_network_requestmetrics_errors_total', { request: 'Produce', error: 'NONE' }).value,
  ).toBe(1)
})

test('connections are counted open and closed; only what the client did wrong is a warning', () => {
  const { metrics, lines, events } = setUp()
  events.connectionOpened('1', 'PLAINTEXT')
  events.connectionOpened('2', 'PLAINTEXT')
  events.connectionClosed('1', 'PLAINTEXT', 'peer', undefined)
  events.connectionClosed('2', 'PLAINTEXT', 'malformed', 'a negative length')
  events.connectionOpened('3', 'PLAINTEXT')
  expect([...metrics.samples('kafka_server_socketservermetrics_connection_count')]).toEqual([
    [{ listener: 'PLAINTEXT' }, 1],
  ])
  expect(metrics.counter('odradek_connections_rejected_total', { reason: 'malformed' }).value).toBe(1)
  expect(lines).toEqual([['WARN', 'connection closed for what the client sent']])
  events.handlerFailed('Produce', 'c', new Error('x'))
  expect(lines[1]).toEqual(['ERROR', 'a request failed for no fault of the client'])
})
