/**
 * Runs named steps one after the other, each within its budget, and counts what they tested. A step is a command; when it names a
 * results file, the tests in it are counted, otherwise the step itself counts as one check.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * @typedef {{ name: string, command: string[], budgetSeconds: number, results?: string, env?: Record<string, string>, cwd?: string }} Step
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 */

/** @param {readonly Step[]} steps @returns {Promise<Counts>} */
export async function runSteps(steps) {
  const total = { passed: 0, failed: 0, skipped: 0 }
  const rows = []
  for (const step of steps) {
    console.log(`\n=== ${step.name}`)
    if (step.results) {
      mkdirSync(dirname(step.results), { recursive: true })
      rmSync(step.results, { force: true })
    }
    const started = Date.now()
    const status = await run(step)
    const seconds = Math.round((Date.now() - started) / 1000)
    const counts = countOf(step, status)
    for (const key of /** @type {const} */ (['passed', 'failed', 'skipped'])) total[key] += counts[key]
    rows.push(`${counts.failed ? 'FAIL' : 'ok  '} ${step.name}: ${seconds} s of ${step.budgetSeconds} s`)
  }
  console.log(`\n${rows.join('\n')}`)
  return total
}

/** Prints the closing line and sets the exit code. @param {Counts} counts */
export function close(counts) {
  console.log(`${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`)
  process.exitCode = counts.failed === 0 && counts.passed > 0 ? 0 : 1
}

/** @param {Step} step @returns {Promise<number>} exit status; 124 when the budget ran out */
function run(step) {
  const [command, ...args] = step.command
  const child = spawn(command, args, {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, ...step.env },
    cwd: step.cwd,
    detached: true,
  })
  return new Promise(resolve => {
    const timer = setTimeout(() => {
      console.log(`--- ${step.name}: over its budget of ${step.budgetSeconds} s`)
      process.kill(-Number(child.pid), 'SIGKILL')
      resolve(124)
    }, step.budgetSeconds * 1000)
    child.once('error', () => resolve(127))
    child.once('exit', code => {
      clearTimeout(timer)
      resolve(code ?? 1)
    })
  })
}

/** @param {Step} step @param {number} status @returns {Counts} */
function countOf(step, status) {
  const own = { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 }
  if (!step.results || !existsSync(step.results)) return own
  const results = JSON.parse(readFileSync(step.results, 'utf8'))
  const counts = Array.isArray(results) ? outcomes(results) : vitest(results)
  // A runner that failed without a failed test (a crash, no test found) has failed all the same.
  if (status !== 0 && counts.failed === 0) counts.failed = 1
  return counts
}

const vitest = json => ({
  passed: json.numPassedTests,
  failed: json.numFailedTests + json.numFailedTestSuites * (json.numFailedTests === 0 ? 1 : 0),
  skipped: json.numPendingTests + json.numTodoTests,
})

const outcomes = rows => ({
  passed: rows.filter(row => row.result === 'passed').length,
  failed: rows.filter(row => row.result === 'failed').length,
  skipped: rows.filter(row => row.result === 'skipped').length,
})
