/**
 * `npm run compat -- [suite…] [--against kafka] [--keep]`: each suite on a fresh broker, one table at the end.
 * The exit code is 0 when every check that ran has passed and, for Odradek, no check of `must-pass` was lost.
 */
import { writeFileSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Server, startServer } from './brokers.ts'
import { kafkaCli } from './kafka-cli/suite.ts'
import { kcatSuite } from './kcat/suite.ts'
import type { Outcome, Suite } from './suite.ts'
import { cacheDir, MissingToolchain } from './toolchain.ts'

const suites: readonly Suite[] = [kcatSuite, kafkaCli]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { against: { type: 'string', default: 'odradek' }, only: { type: 'string' } },
})

async function runSuite(suite: Suite, server: Server): Promise<Outcome[]> {
  const checks = suite.checks.filter(check => !values.only || check.name.includes(values.only))
  const outcome = (name: string, result: Outcome['result'], ms: number, reason?: string): Outcome => ({
    suite: suite.name,
    name,
    result,
    ms,
    ...(reason === undefined ? {} : { reason }),
  })
  try {
    suite.prepare?.()
  } catch (error) {
    if (!(error instanceof MissingToolchain)) throw error
    return checks.map(check => outcome(check.name, 'skipped', 0, error.message))
  }
  const broker = await startServer(server, suite.settings)
  const outcomes: Outcome[] = []
  let topics = 0
  try {
    for (const check of checks) {
      const started = Date.now()
      try {
        await check.run({ broker, topic: () => `${suite.name}-${++topics}` })
        outcomes.push(outcome(check.name, 'passed', Date.now() - started))
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        outcomes.push(outcome(check.name, 'failed', Date.now() - started, reason))
      }
      const last = outcomes.at(-1)!
      console.log(`${last.result === 'passed' ? 'ok  ' : 'FAIL'} ${suite.name}: ${last.name} (${last.ms} ms)`)
      if (last.reason) console.log(last.reason.replaceAll(/^/gm, '     '))
    }
    if (outcomes.some(o => o.result === 'failed')) {
      console.log(`--- the broker's log, last lines\n${readFileSync(broker.logFile, 'utf8').slice(-3000)}`)
    }
  } finally {
    await broker.dispose()
  }
  return outcomes
}

function table(outcomes: readonly Outcome[], server: Server): string {
  const count = (suite: string, result: Outcome['result']) =>
    outcomes.filter(o => o.suite === suite && o.result === result).length
  const names = [...new Set(outcomes.map(o => o.suite))]
  const rows = names.map(
    name => `| ${name} | ${count(name, 'passed')} | ${count(name, 'failed')} | ${count(name, 'skipped')} |`,
  )
  return [`| suite (against ${server}) | passed | failed | skipped |`, '|---|---|---|---|', ...rows].join(
    '\n',
  )
}

const server = values.against as Server
const chosen = positionals.length === 0 ? suites : suites.filter(suite => positionals.includes(suite.name))
if (chosen.length === 0) throw new Error(`no such suite; there are: ${suites.map(s => s.name).join(', ')}`)

const outcomes: Outcome[] = []
for (const suite of chosen) outcomes.push(...(await runSuite(suite, server)))
mkdirSync(cacheDir, { recursive: true })
writeFileSync(join(cacheDir, `outcomes-${server}.json`), `${JSON.stringify(outcomes, null, 1)}\n`)
for (const skipped of outcomes.filter(o => o.result === 'skipped')) {
  console.log(`skipped ${skipped.suite}: ${skipped.name}: ${skipped.reason}`)
}
console.log(table(outcomes, server))
const total = (result: Outcome['result']) => outcomes.filter(o => o.result === result).length
console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`)
process.exitCode = total('failed') === 0 ? 0 : 1
