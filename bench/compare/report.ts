// Everything the results say, as Markdown: the machine, the table, the pinned one, the bars, the settings of each row.
import { barRows, ownRows } from './bars.ts'
import { cells } from './cells.ts'
import { readOwnPaths } from './own-paths.ts'
import { readResults, type Result } from './results.ts'
import { aligned, settingsList, table } from './table.ts'

export function report(resultsDir: string): string {
  const names = cells.map(cell => cell.name)
  const results = readResults(resultsDir).toSorted((a, b) => names.indexOf(a.cell) - names.indexOf(b.cell))
  const first = results[0]
  if (first === undefined) return 'No results yet.'
  const { machine, kafkaFlags, serverSettings } = first
  const settings = Object.entries(serverSettings).map(([key, value]) => `${key}=${value}`)
  const pinned = table(results, true)
  const machines = new Set(results.map(each => machineOf(each)))
  const parts = [
    `${[...machines].join('; ')}.${machines.size > 1 ? ' Which row is from which, the last list says.' : ''}`,
    `Node ${machine.node}, UV_THREADPOOL_SIZE ${machine.uvThreadpoolSize}; ${machine.java}.`,
    `Apache Kafka ${machine.kafka}: \`${kafkaFlags.join(' ')}\`; both servers: \`${settings.join(' ')}\`.`,
    '',
    table(results, false),
    ...(pinned === '' ? [] : ['', PINNED, '', pinned]),
    '',
    aligned([...barRows(results), ...ownRows(readOwnPaths(resultsDir))]),
    '',
    settingsList(results),
  ]
  return parts.join('\n')
}

const machineOf = ({ machine: { cores, cpu, memoryGib, kernel } }: Result) =>
  `${cores} × ${cpu}, ${memoryGib} GiB, Linux ${kernel}`

const PINNED =
  'Server pinned to core 0, client to core 1. It costs the JVM its parallel collector and a core for its compiler threads.'
