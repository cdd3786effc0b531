// npm run bench:compare: Odradek beside Apache Kafka, both driven by the same stock programs, A B A B. README.md says how to read it.
//
//   --tier quick | full   quick: some dozen cells, at most 25 minutes, always measured. full: everything that has no result yet.
//   --cell a,b            these cells only (measured even if there is a result); own-paths: `npm run bench`, for the share of the raw ceiling
//   --pin                 server on core 0, client on core 1; without it both go where the kernel puts them
//   --rounds 3 --seconds 8 --warm-up 30 --again --results DIR
//   --table               measures nothing, prints what the results say        --list   the cells' names
import { spawnSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { type Cell, measures } from './cell.ts'
import { cells } from './cells.ts'
import { sleep } from '../../compat-tests/brokers.ts'
import { common, hasResult, type Result, resultsDir, type Round, writeResult } from './results.ts'
import { type Session, startSession } from './servers.ts'
import { measureOwnPaths } from './own-paths.ts'
import { stopPrograms } from './program.ts'
import { report } from './report.ts'

const { values } = parseArgs({
  options: {
    tier: { type: 'string', default: 'quick' },
    cell: { type: 'string' },
    pin: { type: 'boolean', default: false },
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string' },
    'warm-up': { type: 'string', default: '30' },
    again: { type: 'boolean', default: false },
    results: { type: 'string', default: resultsDir },
    table: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
  },
})
const isFull = values.tier === 'full'
const rounds = Number(values.rounds)
const roundSeconds = Number(values.seconds ?? (isFull ? 20 : 8))
const warmUpSeconds = Number(values['warm-up'])
/** Each cell has its own, on servers that others have warmed: the paths differ. */
const OWN_WARM_UP_SECONDS = 5
const isPinned = values.pin

const OWN_PATHS = 'own-paths'

const wantsOwnPaths = () =>
  values.cell === undefined ? !isPinned : values.cell.split(',').includes(OWN_PATHS)

function chosen(): readonly Cell[] {
  if (values.cell !== undefined) {
    const names = values.cell.split(',').filter(name => name !== OWN_PATHS)
    return names.map(name => {
      const cell = cells.find(each => each.name === name)
      if (cell === undefined) throw new Error(`no cell ${name}; --list names them`)
      return cell
    })
  }
  if (!isFull) return cells.filter(cell => cell.isQuick)
  return cells.filter(cell => values.again || !hasResult(values.results, cell.name, isPinned))
}

/** Lets what the round left behind go: deleted files, dirty pages. */
async function settle(): Promise<void> {
  await sleep(1500)
  spawnSync('sync')
}

async function measure(cell: Cell, session: Session): Promise<Result> {
  const workload = cell.workload()
  const before = session.warmedSeconds
  const own = Math.max(OWN_WARM_UP_SECONDS, warmUpSeconds - before)
  for (const bench of session.benches) await workload.warmUp(bench, own)
  session.warmedSeconds += own
  const measured: Round[] = []
  for (let round = 0; round < (cell.rounds ?? rounds); round++) {
    for (const bench of session.benches) {
      await settle()
      const row: Round = { server: bench.name, measured: await workload.round(bench, roundSeconds) }
      measured.push(row)
      console.error(`  ${cell.name} ${round + 1} ${row.server}: ${brief(row)}`)
    }
  }
  const { name, what, headline, more = [], settings } = cell
  const at = new Date().toISOString()
  const kept = { cell: name, what, headline, more, isPinned, settings, at, roundSeconds, rounds: measured }
  return { ...kept, warmUpSeconds: { before, own }, ...common() }
}

const brief = ({ measured }: Round): string =>
  Object.entries(measured)
    .map(([key, value]) => `${key} ${value.toFixed(measures[key as keyof typeof measures].digits)}`)
    .join(', ')

/** Whoever stops us stops the client and the servers, and their data goes. */
let open: Session | undefined
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => {
    stopPrograms()
    const end = () => process.exit(1)
    if (open === undefined) end()
    else open[Symbol.asyncDispose]().then(end, end)
  })
}

/** Servers are shared by cells that do not mind, so that a quick run warms them once; in a full run every cell has its own. */
async function measureAll(wanted: readonly Cell[]): Promise<void> {
  const shared = isFull ? [] : wanted.filter(cell => !cell.isAlone)
  const groups = [shared, ...wanted.filter(cell => !shared.includes(cell)).map(cell => [cell])]
  for (const group of groups.filter(each => each.length > 0)) {
    await using session = await startSession(isPinned, group[0]!.servers)
    open = session
    for (const cell of group) {
      console.error(`${cell.what}${isPinned ? ', pinned' : ''}`)
      writeResult(values.results, await measure(cell, session))
    }
  }
}

const print = () => console.log(report(values.results))

if (values.list)
  for (const { name, what, isQuick } of cells)
    console.log(`${name.padEnd(44)} ${isQuick ? 'quick' : '     '} ${what}`)
else {
  if (!values.table) {
    if (wantsOwnPaths()) measureOwnPaths(values.results)
    await measureAll(chosen())
  }
  print()
}
