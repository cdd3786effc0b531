/**
 * Our own tests of a stock JavaScript client as a suite: the same files that `npm test` runs, here against a broker process, so that they
 * can be shown to hold for Apache Kafka too.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningBroker } from './brokers.ts'
import type { ForeignResult, Suite } from './suite.ts'
import { cacheDir, root } from './toolchain.ts'

interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly {
      readonly fullName: string
      readonly status: string
      readonly failureMessages?: readonly string[]
    }[]
  }[]
}

export function runVitest(
  broker: RunningBroker,
  folder: string,
  env: NodeJS.ProcessEnv = {},
): ForeignResult[] {
  mkdirSync(cacheDir, { recursive: true })
  const report = join(cacheDir, `vitest-${folder}.json`)
  rmSync(report, { force: true })
  const config = ['--config', 'vitest.e2e.config.ts']
  const reporter = ['--reporter=json', `--outputFile=${report}`]
  spawnSync(
    process.execPath,
    ['node_modules/vitest/vitest.mjs', 'run', ...config, `compat-tests/${folder}/`, ...reporter],
    {
      cwd: root,
      stdio: 'ignore',
      timeout: 600_000,
      env: { ...process.env, COMPAT_BOOTSTRAP: broker.bootstrap, ...env },
    },
  )
  if (!existsSync(report)) throw new Error('vitest wrote no report: it did not get to its end')
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as VitestReport
  return testResults
    .flatMap(file => file.assertionResults)
    .map(({ fullName: name, status, failureMessages }) => {
      if (status === 'passed') return { name, result: 'passed' }
      const reason = (failureMessages?.[0] ?? status).slice(0, 300)
      return { name, result: status === 'failed' ? 'failed' : 'skipped', reason }
    })
}

const clientSuite = (name: string, title: string): Suite => ({
  name,
  title,
  // `npm test` has them.
  isInCi: false,
  lists: name,
  checks: [],
  run: broker => runVitest(broker, name),
})

export const kafkajsSuite = clientSuite('kafkajs', 'KafkaJS 2.2.4, our tests')
export const platformaticSuite = clientSuite('platformatic', '@platformatic/kafka 1.35.0, our tests')
export const kafkaTsSuite = clientSuite('kafka-ts', 'kafka-ts 1.5.0, our tests')
