import { expect, test } from 'vitest'
import {
  consumedSoFar,
  endToEndPercentiles,
  producedSoFar,
  producerLatency,
  roundTripsSoFar,
} from './java-clients.ts'
import { type Ran, measuredIn, windowOf } from './program.ts'
import { median } from './statistics.ts'

test('the median of an even number of rounds lies between the two in the middle', () => {
  expect(median([9, 1, 4])).toBe(4)
  expect(median([8, 1, 4, 2])).toBe(3)
})

test('ProducerPerformance: intervals add up, closing lines do not, the last percentiles count', () => {
  const lines = [
    'Warmup first 100000 records. Steady state results will print after the complete test summary.',
    '12736 records sent, 12736.0 records/sec (12.44 MB/sec), 369.2 ms avg latency, 524.0 ms max latency.',
    'In steady state.',
    '54741 records sent, 54741.0 records/sec (53.46 MB/sec), 347.9 ms avg latency, 362.0 ms max latency.',
    '400000 records sent, 75557.2 records/sec (73.79 MB/sec), 355.60 ms avg latency, 807.00 ms max latency, 349 ms 50th, 682 ms 95th, 776 ms 99th, 804 ms 99.9th.',
    '300000 steady state records sent, 89153.0 records/sec (87.06 MB/sec), 304.83 ms avg latency, 434.00 ms max latency, 332 ms 50th, 411 ms 95th, 430 ms 99th, 433 ms 99.9th.',
  ]
  let records = 0
  for (const line of lines) records = producedSoFar(line, records) ?? records
  expect(records).toBe(12736 + 54741)
  expect(producerLatency(lines)).toEqual({ p50Ms: 332, p99Ms: 430, p999Ms: 433 })
})

test('ConsumerPerformance: the fifth column, and no header', () => {
  expect(
    consumedSoFar('time, threadId, data.consumed.in.MB, MB.sec, data.consumed.in.nMsg, nMsg.sec'),
  ).toBeUndefined()
  expect(consumedSoFar('2026-11-22 20:49:14:306, 0, 124.1514, 230.6348, 127131, 236170.0000, 0')).toBe(127131)
})

test('EndToEndLatency: a line every thousand records, and whole milliseconds at the end', () => {
  const lines = ['4000\t0.614', 'Avg latency: 0.5710 ms', '', 'Percentiles: 50th = 1, 99th = 3, 99.9th = 12']
  expect(lines.map(roundTripsSoFar)).toEqual([4000, undefined, undefined, undefined])
  expect(endToEndPercentiles(lines)).toEqual({ p50Ms: 1, p99Ms: 3, p999Ms: 12 })
})

test('the window begins after the warm-up of the client and ends with its last report', () => {
  const look = (atMs: number, records: number, serverSeconds: number, thread: number) => ({
    atMs,
    records,
    serverSeconds,
    otherSeconds: 0,
    clientSeconds: thread,
    machine: { idle: atMs, stolen: 0 },
    threads: new Map([['1', thread]]),
  })
  const ran: Ran = {
    lines: [],
    isCutShort: false,
    looks: [look(0, 10, 1, 1), look(1900, 500, 2, 2), look(2100, 600, 2.1, 2.2), look(4100, 2600, 3.1, 4.2)],
  }
  const window = windowOf(ran, 2)
  expect(window).toEqual({
    seconds: 2,
    records: 2000,
    serverSeconds: 1,
    otherSeconds: 0,
    clientSeconds: 2,
    busiestThreadSeconds: 2,
    machine: { idle: 2000, stolen: 0 },
  })
  const { mbPerSecond, serverCpuPerGib, clientThreadCores } = measuredIn(window, 2 ** 20)
  expect(mbPerSecond).toBeCloseTo(1048.576)
  expect(serverCpuPerGib).toBeCloseTo(1 / (2000 / 1024))
  expect(clientThreadCores).toBe(1)
  expect(() => windowOf(ran, 4)).toThrow('less than half a second')
})
