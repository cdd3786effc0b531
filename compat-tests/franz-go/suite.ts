/**
 * franz-go's own tests of its client (`pkg/kgo`), from the Go module proxy, unmodified: the newest version that both sides know of every
 * API, groups that chain and rebalance under load (TestGroupETL), and those again in the client's own chaos mode. README.md has the scores.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningBroker } from '../brokers.ts'
import type { ForeignResult, Suite } from '../suite.ts'
import { cacheDir, MissingToolchain } from '../toolchain.ts'

const version = 'v1.22.2'
const modules = join(cacheDir, 'go-modules')
const env = { ...process.env, GOMODCACHE: modules, GOFLAGS: '-mod=mod -modcacherw' }
const binary = join(cacheDir, `kgo-${version}.test`)
const source = join(modules, `github.com/twmb/franz-go@${version}`, 'pkg/kgo')

function prepare(): void {
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0)
    throw new MissingToolchain('no go on the PATH')
  if (existsSync(binary)) return
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'], env }
  execFileSync('go', ['mod', 'download', `github.com/twmb/franz-go@${version}`], { ...quiet, cwd: cacheDir })
  execFileSync('go', ['test', '-c', '-o', binary, '.'], { ...quiet, cwd: source })
}

interface GoEvent {
  readonly Action: string
  readonly Test?: string
  readonly Output?: string
}

/** Without the feature this one never ends, so it does not begin; it waits in the table under the feature's name. */
const endless: Readonly<Record<string, string>> = { TestTxnEtl: 'waiting: transactions' }

function run(broker: RunningBroker): readonly ForeignResult[] {
  const kept = broker.server === 'kafka' ? {} : endless
  const results = kgo(broker, Object.keys(kept))
  for (const [name, reason] of Object.entries(kept)) results.push({ name, result: 'skipped', reason })
  // Once more with every connection killed after about a second.
  const chaos = kgo(broker, [], { KGO_TEST_CHAOS: '1' }, 'TestGroupETL')
  return [...results, ...chaos.map(row => ({ ...row, name: `chaos: ${row.name}` }))]
}

/** Five minutes are the budget of the whole suite. */
const limit = { seconds: 240, kafkaSeconds: 600 }

function kgo(
  broker: RunningBroker,
  skip: string[],
  more: NodeJS.ProcessEnv = {},
  only = '.',
): ForeignResult[] {
  const seconds = broker.server === 'kafka' ? limit.kafkaSeconds : limit.seconds
  const args = ['-test.v', '-test.timeout', `${seconds}s`, '-test.run', only]
  if (skip.length > 0) args.push('-test.skip', `^(${skip.join('|')})$`)
  const ran = spawnSync('go', ['tool', 'test2json', '-t', binary, ...args], {
    cwd: source,
    encoding: 'utf8',
    timeout: (seconds + 10) * 1000,
    maxBuffer: 512 << 20,
    env: {
      ...env,
      KGO_SEEDS: broker.bootstrap,
      KGO_TEST_RF: '1',
      KGO_TEST_RECORDS: process.env.KGO_TEST_RECORDS ?? '20000',
      KGO_LOG_LEVEL: 'none',
      ...more,
    },
  })
  return goResults(ran.stdout ?? '')
}

function goResults(stdout: string): ForeignResult[] {
  const results: ForeignResult[] = []
  const output = new Map<string, string>()
  for (const line of stdout.split('\n')) {
    if (!line.startsWith('{')) continue
    const event = JSON.parse(line) as GoEvent
    if (!event.Test) continue
    if (event.Action === 'output')
      output.set(event.Test, (output.get(event.Test) ?? '') + (event.Output ?? ''))
    const result = ({ pass: 'passed', fail: 'failed', skip: 'skipped' } as const)[event.Action]
    if (!result) continue
    const said = (output.get(event.Test) ?? '').replaceAll(/^(=== |--- ).*$/gm, '').trim()
    results.push({ name: event.Test, result, ...(result === 'passed' ? {} : { reason: said.slice(0, 300) }) })
  }
  return results
}

export const franzGo: Suite = {
  name: 'franz-go',
  title: `franz-go ${version}, pkg/kgo`,
  isInCi: false,
  lists: 'franz-go',
  settings: {
    'group.consumer.heartbeat.interval.ms': '1000',
    'group.consumer.min.heartbeat.interval.ms': '1000',
  },
  prepare,
  checks: [],
  run,
}
