// The one table: medians of both servers, their ratio, processor time of server and client apart, peak memory, who was the limit; below
// it the settings of each row.
import type { Server } from '../../compat-tests/brokers.ts'
import { type Measure, measures } from './cell.ts'
import type { Result } from './results.ts'
import { isClientBound, isDisturbed, isMachineBound, medianOf, ratioOf } from './statistics.ts'

type Row = readonly string[]

export function aligned(rows: readonly Row[]): string {
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map(row => row[i]!.length)))
  const line = (row: Row) =>
    `| ${row.map((text, i) => (i < 2 ? text.padEnd(widths[i]!) : text.padStart(widths[i]!))).join(' | ')} |`
  const rule = `|${widths.map((width, i) => (i < 2 ? '-'.repeat(width + 2) : `${'-'.repeat(width + 1)}:`)).join('|')}|`
  return [line(rows[0]!), rule, ...rows.slice(1).map(line)].join('\n')
}

function shown(result: Result, server: Server, measure: Measure): string {
  return medianOf(result, server, measure)?.toFixed(measures[measure].digits) ?? '–'
}

/** What the row must be read with. */
function limits(result: Result, measure: Measure): string {
  const floor = measure === 'p50Ms' ? 'floorP50Ms' : measure === 'p99Ms' ? 'floorP99Ms' : undefined
  const least = floor && medianOf(result, 'odradek', floor)
  if (floor && least !== undefined) return `floor ${least.toFixed(2)}`
  const of = (server: Server) =>
    isClientBound(result, server) ? 'client-bound' : isMachineBound(result, server) ? 'all cores busy' : ''
  const [ours, theirs] = [of('odradek'), of('kafka')]
  if (ours === theirs) return ours
  return [ours && `ours ${ours}`, theirs && `Kafka's ${theirs}`].filter(Boolean).join(', ')
}

export function table(results: readonly Result[], isPinned: boolean): string {
  const header = [
    'what',
    'measure',
    'Odradek',
    'Kafka',
    'ratio',
    'server s/GiB',
    '',
    'client s/GiB',
    '',
    'peak MB',
    '',
  ]
  const rows = results
    .filter(result => result.isPinned === isPinned)
    .flatMap(result =>
      [result.headline, ...result.more].map((measure): Row => {
        const both = (which: Measure) => [shown(result, 'odradek', which), shown(result, 'kafka', which)]
        return [
          isDisturbed(result) ? `${result.what} *` : result.what,
          measures[measure].title,
          ...both(measure),
          ratioOf(result, measure)?.toFixed(2) ?? '–',
          ...both('serverCpuPerGib'),
          ...both('clientCpuPerGib'),
          ...both('peakMb'),
          limits(result, measure),
        ]
      }),
    )
  if (rows.length === 0) return ''
  const note = results.some(result => result.isPinned === isPinned && isDisturbed(result))
    ? '\n\n`*`: other programs took a fifth of a core or more meanwhile (median over the rounds).'
    : ''
  return aligned([[...header, 'limit'], ...rows]) + note
}

export function settingsList(results: readonly Result[]): string {
  const lines = results.map(
    ({ what, isPinned, settings, rounds, roundSeconds, warmUpSeconds: { before, own }, at, machine }) => {
      const listed = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
      const how = `${rounds.length / 2} rounds of ${roundSeconds} s after ${before} + ${own} s of warm-up`
      return `- ${what}${isPinned ? ', pinned' : ''}: ${listed.join(', ')}; ${how}; ${machine.odradek}, ${at.slice(0, 16)}Z, ${machine.cpu}`
    },
  )
  return lines.join('\n')
}
