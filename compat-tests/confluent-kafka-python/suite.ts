/**
 * confluent-kafka-python, the wheel from PyPI with its librdkafka, through tests of our own over its whole surface: upstream's
 * integration tests are in no package (README.md).
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningBroker } from '../brokers.ts'
import { junitResults } from '../junit.ts'
import type { ForeignResult, Suite } from '../suite.ts'
import { cacheDir, MissingToolchain, root } from '../toolchain.ts'

const version = '2.16.1'
const home = join(cacheDir, `confluent-kafka-python-${version}`)
const python = join(home, 'venv/bin/python')

function prepare(): void {
  const done = join(home, '.complete')
  if (existsSync(done)) return
  if (spawnSync('python3', ['-m', 'venv', '--help'], { stdio: 'ignore' }).status !== 0) {
    throw new MissingToolchain('no python3 with venv on the PATH')
  }
  mkdirSync(home, { recursive: true })
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'], cwd: home }
  execFileSync('python3', ['-m', 'venv', 'venv'], quiet)
  const packages = [`confluent-kafka==${version}`, 'pytest==8.4.2', 'pytest-timeout==2.4.0']
  execFileSync(python, ['-m', 'pip', '-q', 'install', ...packages], quiet)
  writeFileSync(done, '')
}

function run(broker: RunningBroker): readonly ForeignResult[] {
  const report = join(home, 'report.xml')
  // A report that an earlier run left must never speak for this one.
  rmSync(report, { force: true })
  const test = join(root, 'compat-tests/confluent-kafka-python/test_surface.py')
  spawnSync(
    python,
    ['-m', 'pytest', '-q', '--timeout=60', `--junitxml=${report}`, '-p', 'no:cacheprovider', test],
    {
      cwd: home,
      stdio: 'ignore',
      timeout: 300_000,
      env: { ...process.env, BOOTSTRAP: broker.bootstrap, PYTHONDONTWRITEBYTECODE: '1' },
    },
  )
  if (!existsSync(report)) throw new Error('pytest wrote no report: it did not get to its end')
  const results = junitResults(readFileSync(report, 'utf8'))
  return results.map(row => ({ ...row, name: row.name.replace(/^.*\.(?=test_)/, '') }))
}

export const confluentKafkaPython: Suite = {
  name: 'confluent-kafka-python',
  title: `confluent-kafka-python ${version}, our tests`,
  isInCi: true,
  lists: 'confluent-kafka-python',
  prepare,
  checks: [],
  run,
}
