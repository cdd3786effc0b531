/**
 * franz-go's own tests of its client (`pkg/kgo`), from the Go module proxy, unmodified: the newest version that both sides know of every
 * API, groups that chain and rebalance under load (TestGroupETL), and those again in the client's own chaos mode. README.md has the scores.
 */
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Again, triedAgain } from '../again.ts'
import type { RunningBroker } from '../brokers.ts'
import { goEnv, goModules, needGo, runGoTests, topOf } from '../go.ts'
import { listed } from '../lists.ts'
import type { ForeignResult, Suite } from '../suite.ts'
import { cacheDir } from '../toolchain.ts'

const version = 'v1.22.2'
const binary = join(cacheDir, `kgo-${version}.test`)
const source = join(goModules, `github.com/twmb/franz-go@${version}`, 'pkg/kgo')

function prepare(): void {
  needGo()
  if (existsSync(binary)) return
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'], env: goEnv }
  execFileSync('go', ['mod', 'download', `github.com/twmb/franz-go@${version}`], { ...quiet, cwd: cacheDir })
  execFileSync('go', ['test', '-c', '-o', binary, '.'], { ...quiet, cwd: source })
}

/** Without the feature this one never ends, so it does not begin; it waits in the table under the feature's name. */
const endless: Readonly<Record<string, string>> = { TestTxnEtl: 'waiting: transactions' }

const CHAOS = 'chaos: '

async function run(broker: RunningBroker): Promise<readonly ForeignResult[]> {
  const kept = broker.server === 'kafka' ? {} : endless
  const mustPass = listed('franz-go', 'must-pass.txt')
  const again = (more: NodeJS.ProcessEnv, prefix = ''): Again => ({
    mayBeAccident: name => broker.server === 'odradek' && mustPass.has(prefix + name),
    unitOf: topOf,
    run: units => kgo(broker, [], more, `^(${units.join('|')})$`),
  })
  const results = await triedAgain(kgo(broker, Object.keys(kept)), again({}))
  const skipped = Object.entries(kept).map(([name, reason]) => ({ name, result: 'skipped' as const, reason }))
  // Once more with every connection killed after about a second.
  const killing = { KGO_TEST_CHAOS: '1' }
  const chaos = await triedAgain(kgo(broker, [], killing, 'TestGroupETL'), again(killing, CHAOS))
  return [...results, ...skipped, ...chaos.map(row => ({ ...row, name: CHAOS + row.name }))]
}

/** Five minutes are the budget of the whole suite. */
const limit = { seconds: 240, kafkaSeconds: 600 }

function kgo(
  broker: RunningBroker,
  skip: string[],
  more: NodeJS.ProcessEnv = {},
  only = '.',
): ForeignResult[] {
  const args = ['-test.run', only]
  if (skip.length > 0) args.push('-test.skip', `^(${skip.join('|')})$`)
  return runGoTests({
    binary,
    cwd: source,
    args,
    limitSeconds: broker.server === 'kafka' ? limit.kafkaSeconds : limit.seconds,
    env: {
      KGO_SEEDS: broker.bootstrap,
      KGO_TEST_RF: '1',
      KGO_TEST_RECORDS: process.env.KGO_TEST_RECORDS ?? '20000',
      KGO_LOG_LEVEL: 'none',
      ...more,
    },
  })
}

export const franzGo: Suite = {
  name: 'franz-go',
  title: `franz-go ${version}, pkg/kgo`,
  isInCi: true,
  lists: 'franz-go',
  settings: {
    'group.consumer.heartbeat.interval.ms': '1000',
    'group.consumer.min.heartbeat.interval.ms': '1000',
  },
  prepare,
  checks: [],
  run,
}
