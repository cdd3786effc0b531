/**
 * franz-go's `kafka_tests` (of `pkg/kfake`): tests derived from Apache Kafka's clients-integration-tests, written for franz-go's fake
 * cluster. A stand-in for the fake (kfake/cluster.go) gives each of them a broker process of its own; the tests are unmodified.
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, cpSync, existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { triedAgain } from '../again.ts'
import type { Server } from '../brokers.ts'
import { goEnv, goModules, needGo, runGoTests, topOf } from '../go.ts'
import { listed } from '../lists.ts'
import type { ForeignResult, RunOptions, Suite } from '../suite.ts'
import { cacheDir, root } from '../toolchain.ts'

/** The module has no tagged release. */
const version = 'v0.0.0-20260918054303-01f206a7e32c'
const client = 'v1.22.2'
const home = join(cacheDir, `kafka-tests-${version}`)
const binary = join(home, 'kafka_tests.test')

/** They ask the fake cluster to show or to fail requests. */
const needsFake: readonly string[] = [
  'TestAssignConsumeFromEnd',
  'TestFetchOutOfRangeResetLatest',
  'Test848FencedEpochRecovery',
  'Test848SessionTimeout',
]

function prepare(): void {
  needGo()
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'], env: goEnv }
  if (!existsSync(join(home, '.complete'))) {
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home, { recursive: true })
    const module = `github.com/twmb/franz-go/pkg/kfake@${version}`
    execFileSync('go', ['mod', 'download', module], { ...quiet, cwd: cacheDir })
    for (const file of ['go.mod', 'go.sum']) copyFileSync(join(goModules, module, file), join(home, file))
    cpSync(join(goModules, module, 'kafka_tests'), join(home, 'kafka_tests'), { recursive: true })
    // Its go.mod names an older client than its tests are written for.
    const needs = [`franz-go@${client}`, 'franz-go/pkg/kmsg@v1.15.0'].map(name => `github.com/twmb/${name}`)
    execFileSync('go', ['mod', 'edit', ...needs.map(name => `-require=${name}`)], { ...quiet, cwd: home })
    writeFileSync(join(home, '.complete'), '')
  }
  const standIn = join(root, 'compat-tests/kafka-tests/kfake')
  for (const file of readdirSync(standIn)) copyFileSync(join(standIn, file), join(home, file))
  execFileSync('go', ['test', '-c', '-o', binary, './kafka_tests'], { ...quiet, cwd: home })
}

/** Without their feature these end only by their time limit. */
const endless = [...listed('kafka-tests', 'waiting.txt')].filter(([, feature]) => feature === 'transactions')

async function run(server: Server, { isWaiting, only = '.' }: RunOptions): Promise<readonly ForeignResult[]> {
  const launcher = [process.execPath, join(root, 'dist/compat-tests/kafka-tests/launch.js'), server]
  const waiting = server === 'kafka' || isWaiting ? [] : endless
  const skipped = [...needsFake, ...waiting.map(([name]) => name)]
  const goTests = (pattern: string) =>
    runGoTests({
      binary,
      cwd: join(home, 'kafka_tests'),
      // A Java machine is larger and slower to start than we are.
      args: [
        ...['-test.run', pattern, '-test.parallel', server === 'kafka' ? '1' : '2'],
        ...['-test.skip', `^(${skipped.join('|')})$`],
      ],
      limitSeconds: server === 'kafka' ? 900 : 280,
      env: { KAFKA_TESTS_LAUNCHER: launcher.join('\n'), KAFKA_TESTS_ROOT: root },
    })
  const mustPass = listed('kafka-tests', 'must-pass.txt')
  const results = await triedAgain(goTests(only), {
    mayBeAccident: name => server === 'odradek' && mustPass.has(name),
    unitOf: topOf,
    run: units => goTests(`^(${units.join('|')})$`),
  })
  const reason = "asks franz-go's fake cluster to show or to fail requests"
  const skip = (name: string, why: string): ForeignResult => ({ name, result: 'skipped', reason: why })
  return [
    ...results,
    ...needsFake.map(name => skip(name, reason)),
    ...waiting.map(([name]) => skip(name, 'not run')),
  ]
}

export const kafkaTests: Suite = {
  name: 'kafka-tests',
  title: 'franz-go kafka_tests (2026-09-18)',
  isInCi: true,
  lists: 'kafka-tests',
  prepare,
  checks: [],
  runAlone: run,
}
