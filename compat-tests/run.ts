/**
 * `npm run compat -- [suite…] [--against kafka] [--only part-of-a-name] [--waiting] [--ci]`: each suite on a fresh broker, one table at the end.
 * The exit code is 0 when every check that ran has passed and, for Odradek, no check of `must-pass` was lost.
 * `--against kafka` keeps what Kafka scored beside each suite; `--record` does so for us, and the README's table follows.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type Server, startServer } from './brokers.ts'
import { listed } from './lists.ts'
import { reasons, record, scoreHead, scoreOf, scoreRow, waitingReason } from './scores.ts'
import type { ForeignResult, Outcome, RunOptions, Suite } from './suite.ts'
import { suites } from './suites.ts'
import { cacheDir, MissingToolchain } from './toolchain.ts'

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    against: { type: 'string', default: 'odradek' },
    only: { type: 'string' },
    /** Writes our own score beside the suite. */
    record: { type: 'boolean', default: false },
    requests: { type: 'string' },
    seed: { type: 'string' },
    /** The part that every change must pass, within its budget of time. */
    ci: { type: 'boolean', default: false },
    /** Foreign suites that leave waiting tests out run only them, to see which of them have begun to pass. */
    waiting: { type: 'boolean', default: false },
  },
})

// For the differential suite.
if (values.requests !== undefined) process.env.DIFFERENTIAL_REQUESTS = values.requests
if (values.seed !== undefined) process.env.DIFFERENTIAL_SEED = values.seed

/** What a foreign result means here: a test that waits for a feature is skipped under its name, and a lost pass is a failure. */
function judge(
  suite: Suite,
  server: Server,
  results: readonly ForeignResult[],
  options: RunOptions,
  ms: number,
): Outcome[] {
  const mustPass = listed(suite.lists!, 'must-pass.txt')
  const waiting = listed(suite.lists!, 'waiting.txt')
  const ran = results.map(({ name, result, reason }): Outcome => {
    const row = { suite: suite.name, name, ms: 0 }
    if (server === 'odradek' && result !== 'passed' && waiting.has(name)) {
      return { ...row, result: 'skipped', reason: waitingReason(waiting.get(name)!) }
    }
    return { ...row, result, ...(reason === undefined ? {} : { reason }) }
  })
  const seen = new Set(results.filter(r => r.result === 'passed').map(r => r.name))
  const failed = new Set(results.filter(r => r.result === 'failed').map(r => r.name))
  const lost = [...mustPass.keys()].filter(
    name =>
      server === 'odradek' && !seen.has(name) && !failed.has(name) && (suite.covers?.(name, options) ?? true),
  )
  const reason = 'listed in must-pass.txt, and did not run'
  return [...ran, ...lost.map(name => ({ suite: suite.name, name, ms, result: 'failed' as const, reason }))]
}

async function foreign(
  suite: Suite,
  server: Server,
  run: (options: RunOptions) => readonly ForeignResult[] | Promise<readonly ForeignResult[]>,
): Promise<Outcome[]> {
  const started = Date.now()
  const options = {
    isCi: values.ci,
    isWaiting: values.waiting,
    ...(values.only === undefined ? {} : { only: values.only }),
  }
  const outcomes = judge(suite, server, await run(options), options, Date.now() - started)
  for (const { name, reason } of outcomes.filter(o => o.result === 'failed')) {
    console.log(`FAIL ${suite.name}: ${name}: ${reason}`)
  }
  return outcomes
}

async function runSuite(suite: Suite, server: Server): Promise<Outcome[]> {
  const checks = suite.checks.filter(
    check => (!values.only || check.name.includes(values.only)) && !(values.ci && check.isSlow),
  )
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
    const names = suite.run || suite.runAlone ? ['the whole suite'] : checks.map(check => check.name)
    return names.map(name => outcome(name, 'skipped', 0, error.message))
  }
  if (suite.runAlone) return foreign(suite, server, options => suite.runAlone!(server, options))
  const own = server === 'kafka' ? { ...suite.settings, ...suite.kafkaSettings } : suite.settings
  const broker = await startServer(server, own)
  const outcomes: Outcome[] = []
  let topics = 0
  try {
    if (suite.run) outcomes.push(...(await foreign(suite, server, options => suite.run!(broker, options))))
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
  const names = [...new Set(outcomes.map(o => o.suite))]
  const rows = names.map(name => scoreRow(name, scoreOf(name, outcomes, server)))
  const head = [`suite (against ${server})`, ...scoreHead.slice(1)]
  return [head, head.map(() => '---'), ...rows].map(cells => `| ${cells.join(' | ')} |`).join('\n')
}

const server = values.against as Server
const chosen = suites.filter(suite =>
  positionals.length > 0 ? positionals.includes(suite.name) : !values.ci || suite.isInCi,
)
if (chosen.length === 0) throw new Error(`no such suite; there are: ${suites.map(s => s.name).join(', ')}`)

const outcomes: Outcome[] = []
for (const suite of chosen) outcomes.push(...(await runSuite(suite, server)))
mkdirSync(cacheDir, { recursive: true })
writeFileSync(join(cacheDir, `outcomes-${server}.json`), `${JSON.stringify(outcomes, null, 1)}\n`)
const isWhole = values.only === undefined && !values.ci && !values.waiting
if (isWhole && (server === 'kafka' || values.record)) {
  for (const { name } of chosen) record(name, outcomes, server)
}
for (const line of reasons(outcomes)) console.log(`not run: ${line}`)
console.log(table(outcomes, server))
const total = (result: Outcome['result']) => outcomes.filter(o => o.result === result).length
console.log(`${total('passed')} passed, ${total('failed')} failed, ${total('skipped')} skipped`)
process.exitCode = total('failed') === 0 ? 0 : 1
