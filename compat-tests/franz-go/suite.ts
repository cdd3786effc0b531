/**
 * franz-go's own tests of its client (`pkg/kgo`), from the Go module proxy, unmodified: the newest version that both sides know of every
 * API, groups that chain and rebalance under load (TestGroupETL), chaos in the client's own words.
 */
import { execFileSync, spawnSync } from 'node:child_process'
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
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'], env }
  execFileSync('go', ['mod', 'download', `github.com/twmb/franz-go@${version}`], { ...quiet, cwd: cacheDir })
  execFileSync('go', ['test', '-c', '-o', binary, '.'], { ...quiet, cwd: source })
}

interface GoEvent {
  readonly Action: string
  readonly Test?: string
  readonly Output?: string
}

function run(broker: RunningBroker): readonly ForeignResult[] {
  const ran = spawnSync('go', ['tool', 'test2json', '-t', binary, '-test.v', '-test.timeout', '15m'], {
    cwd: source,
    encoding: 'utf8',
    timeout: 900_000,
    maxBuffer: 512 << 20,
    env: {
      ...env,
      KGO_SEEDS: broker.bootstrap,
      KGO_TEST_RF: '1',
      KGO_TEST_RECORDS: process.env.KGO_TEST_RECORDS ?? '20000',
      KGO_LOG_LEVEL: 'none',
    },
  })
  const results: ForeignResult[] = []
  const output = new Map<string, string>()
  for (const line of ran.stdout.split('\n')) {
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
  settings: { 'group.consumer.heartbeat.interval.ms': '1000' },
  prepare,
  checks: [],
  run,
}
