// What the comparison must show, and whether it does: computed from the results, so that nobody's memory is asked. A ratio counts as
// claimed when the pinned run agrees in direction.
import type { OwnPath } from './own-paths.ts'
import type { Measure } from './cell.ts'
import type { Result } from './results.ts'
import { isClientBound, ratioOf } from './statistics.ts'

interface Bar {
  readonly what: string
  readonly cell: string
  readonly measure: Measure
  readonly atLeast?: number
  readonly atMost?: number
  /** Met also where our row shows that the client is the limit. */
  readonly isMetWhenClientBound?: boolean
}

const PRODUCE = 'produce-1kib-acks-1-p1'
const PRODUCE_ALL = 'produce-1kib-acks-all-p1'
const CONSUME = 'consume-page-cache'

export const bars: readonly Bar[] = [
  {
    what: 'produce 1 KiB, acks=1',
    cell: PRODUCE,
    measure: 'mbPerSecond',
    atLeast: 1.2,
    isMetWhenClientBound: true,
  },
  {
    what: 'produce 1 KiB, acks=all',
    cell: PRODUCE_ALL,
    measure: 'mbPerSecond',
    atLeast: 1.2,
    isMetWhenClientBound: true,
  },
  { what: 'server CPU per GiB produced, acks=1', cell: PRODUCE, measure: 'serverCpuPerGib', atMost: 0.5 },
  {
    what: 'server CPU per GiB produced, acks=all',
    cell: PRODUCE_ALL,
    measure: 'serverCpuPerGib',
    atMost: 0.5,
  },
  { what: 'consume from the page cache', cell: CONSUME, measure: 'mbPerSecond', atLeast: 1 },
  { what: 'server CPU per GiB consumed', cell: CONSUME, measure: 'serverCpuPerGib', atMost: 1 },
  {
    what: 'flush before each ack, 16 producers on 1',
    cell: 'flushed-16-producers-p1',
    measure: 'requestsPerSecond',
    atLeast: 3,
  },
  {
    what: 'flush before each ack, 16 producers on 16',
    cell: 'flushed-16-producers-p16',
    measure: 'requestsPerSecond',
    atLeast: 1.2,
  },
  { what: 'end to end at 10,000/s, p50', cell: 'latency-10000', measure: 'p50Ms', atMost: 0.8 },
  { what: 'end to end at 10,000/s, p99', cell: 'latency-10000', measure: 'p99Ms', atMost: 0.5 },
  { what: 'process start to first record', cell: 'start-clean', measure: 'startMs', atMost: 0.1 },
  { what: 'memory at rest', cell: 'memory', measure: 'restMb', atMost: 0.2 },
  { what: 'memory under the produce load', cell: 'memory', measure: 'peakMb', atMost: 0.4 },
  {
    what: 'small requests, 32 connections',
    cell: 'small-requests-light',
    measure: 'requestsPerSecond',
    atLeast: 1.2,
  },
]

export type Verdict = 'met' | 'not met' | 'client-bound' | 'not measured'

export interface Judged extends Bar {
  readonly ratio: number | undefined
  readonly pinnedRatio: number | undefined
  readonly verdict: Verdict
  /** Whether the pinned run agrees about who is ahead; undefined when there is none. */
  readonly isAgreed: boolean | undefined
}

export function judge(results: readonly Result[]): Judged[] {
  const find = (name: string, isPinned: boolean) =>
    results.find(result => result.cell === name && result.isPinned === isPinned)
  return bars.map(bar => {
    const headline = find(bar.cell, false)
    const pinned = find(bar.cell, true)
    const ratio = headline && ratioOf(headline, bar.measure)
    const pinnedRatio = pinned && ratioOf(pinned, bar.measure)
    const isAgreed =
      ratio === undefined || pinnedRatio === undefined ? undefined : ratio > 1 === pinnedRatio > 1
    return { ...bar, ratio, pinnedRatio, isAgreed, verdict: verdictOf(bar, headline, ratio) }
  })
}

function verdictOf(bar: Bar, headline: Result | undefined, ratio: number | undefined): Verdict {
  if (headline === undefined || ratio === undefined || Number.isNaN(ratio)) return 'not measured'
  if (ratio >= (bar.atLeast ?? 0) && ratio <= (bar.atMost ?? Number.POSITIVE_INFINITY)) return 'met'
  return bar.isMetWhenClientBound && isClientBound(headline, 'odradek') ? 'client-bound' : 'not met'
}

/** Of the ceiling that a bare process reached in the same run. */
const OWN_PATH_AT_LEAST = 0.7

export function ownRows(paths: readonly OwnPath[]): string[][] {
  return paths.flatMap(({ what, share }) =>
    share === undefined
      ? []
      : [
          [
            `own path, ${what}, of raw`,
            `≥ ${OWN_PATH_AT_LEAST}`,
            share.toFixed(2),
            '–',
            share >= OWN_PATH_AT_LEAST ? 'met' : 'not met',
          ],
        ],
  )
}

export function barRows(results: readonly Result[]): string[][] {
  const rows = judge(results).map(({ what, atLeast, atMost, ratio, pinnedRatio, isAgreed, verdict }) => [
    what,
    atLeast === undefined ? `≤ ${atMost}` : `≥ ${atLeast}`,
    ratio?.toFixed(2) ?? '–',
    pinnedRatio?.toFixed(2) ?? '–',
    isAgreed === false && verdict === 'met' ? 'met, but the pinned run disagrees' : verdict,
  ])
  return [['bar', 'ratio wanted', 'ratio', 'pinned', ''], ...rows]
}
