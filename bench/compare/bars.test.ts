import { expect, test } from 'vitest'
import { judge } from './bars.ts'
import type { Measured } from './cell.ts'
import type { Result } from './results.ts'

const machine = {
  cpu: 'x',
  cores: 2,
  memoryGib: 1,
  kernel: 'x',
  fileSystem: 'x',
  node: 'x',
  java: 'x',
  kafka: 'x',
  odradek: 'x',
  uvThreadpoolSize: '4',
}

const result = (cell: string, ours: Measured, theirs: Measured, isPinned = false): Result => ({
  cell,
  what: cell,
  headline: 'mbPerSecond',
  more: [],
  isPinned,
  settings: {},
  at: '',
  warmUpSeconds: { before: 0, own: 0 },
  roundSeconds: 1,
  machine,
  kafkaFlags: [],
  serverSettings: {},
  rounds: [
    { server: 'odradek', measured: ours },
    { server: 'kafka', measured: theirs },
  ],
})

const verdict = (results: readonly Result[], what: string) => judge(results).find(bar => bar.what === what)

test('a bar is met, missed, excused by a busy client where the bar says so, or unmeasured', () => {
  const produce = (ours: Measured) => [
    result(
      'produce-1kib-acks-1-p1',
      { serverCpuPerGib: 3, ...ours },
      { mbPerSecond: 100, serverCpuPerGib: 5 },
    ),
  ]
  expect(verdict(produce({ mbPerSecond: 130 }), 'produce 1 KiB, acks=1')?.verdict).toBe('met')
  expect(verdict(produce({ mbPerSecond: 110 }), 'produce 1 KiB, acks=1')?.verdict).toBe('not met')
  const busy = produce({ mbPerSecond: 110, clientThreadCores: 0.95 })
  expect(verdict(busy, 'produce 1 KiB, acks=1')?.verdict).toBe('client-bound')
  expect(verdict(busy, 'server CPU per GiB produced, acks=1')).toMatchObject({
    verdict: 'not met',
    ratio: 0.6,
  })
  expect(verdict([], 'produce 1 KiB, acks=1')?.verdict).toBe('not measured')
})

test('the pinned run agrees when the same server is ahead', () => {
  const cell = 'small-requests-light'
  const headline = result(cell, { requestsPerSecond: 150 }, { requestsPerSecond: 100 })
  const agreeing = result(cell, { requestsPerSecond: 101 }, { requestsPerSecond: 100 }, true)
  const other = result(cell, { requestsPerSecond: 90 }, { requestsPerSecond: 100 }, true)
  const what = 'small requests, 32 connections'
  expect(verdict([headline], what)?.isAgreed).toBeUndefined()
  expect(verdict([headline, agreeing], what)?.isAgreed).toBe(true)
  expect(verdict([headline, other], what)?.isAgreed).toBe(false)
})
