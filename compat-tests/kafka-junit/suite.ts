/**
 * Apache Kafka's own JUnit classes, compiled as Maven Central has them: its command-line tools' tests and its clients' integration tests.
 * Their framework starts an embedded cluster per test; against Odradek two classes of ours (beside this file) stand before it on the class
 * path and start a broker process instead. Against Kafka they are left off, so that Kafka is judged in its own house.
 *
 * The unit is a test method: it has passed when none of its invocations (a template has several) failed and one passed.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { RunningBroker } from '../brokers.ts'
import { junitResults } from '../junit.ts'
import type { ForeignResult, Suite } from '../suite.ts'
import { cacheDir, MissingToolchain, pins, root } from '../toolchain.ts'

const folder = join(root, 'compat-tests/kafka-junit')
const jars = join(cacheDir, `kafka-junit-${pins.reference}`)
const classes = join(cacheDir, 'kafka-junit-classes')
const reports = join(cacheDir, 'kafka-junit-reports')
const seam = join(folder, 'org/apache/kafka/common/test/junit')

const lines = (file: string): string[] =>
  readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .map(line => line.split('  #')[0]!.trim())
    .filter(Boolean)

function prepare(): void {
  for (const [tool, version] of [
    ['javac', '-version'],
    ['mvn', '-version'],
  ] as const) {
    if (spawnSync(tool, [version], { stdio: 'ignore' }).status !== 0) {
      throw new MissingToolchain(`no ${tool} on the PATH (Java 17 or newer)`)
    }
  }
  const quiet = { stdio: ['ignore', 'ignore', 'inherit'] as ['ignore', 'ignore', 'inherit'] }
  const done = join(jars, '.complete')
  if (!existsSync(done)) {
    rmSync(jars, { recursive: true, force: true })
    const pom = ['-f', join(folder, 'pom.xml'), `-Dkafka.version=${pins.reference}`]
    const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${jars}`]
    execFileSync('mvn', ['-q', '-B', ...pom, ...copy], quiet)
    writeFileSync(done, '')
  }
  rmSync(classes, { recursive: true, force: true })
  mkdirSync(classes, { recursive: true })
  const sources = readdirSync(seam).map(file => join(seam, file))
  execFileSync('javac', ['-proc:none', '-d', classes, '-cp', `${jars}/*`, ...sources], quiet)
}

/** A Java machine per class: one that hangs takes no other with it. */
function run(broker: RunningBroker): readonly ForeignResult[] {
  const waiting = broker.server === 'odradek' ? lines('waiting.txt') : []
  rmSync(reports, { recursive: true, force: true })
  const results = lines('classes.txt').flatMap(name => oneClass(broker, name, waiting))
  // A waiting test is not run: most of them end only by their time limit.
  return [...results, ...waiting.map(name => ({ name, result: 'skipped' as const, reason: 'waiting' }))]
}

function oneClass(broker: RunningBroker, name: string, waiting: readonly string[]): ForeignResult[] {
  const home = join(reports, name)
  mkdirSync(home, { recursive: true })
  const short = name.slice(name.lastIndexOf('.') + 1)
  const methods = waiting
    .filter(test => test.startsWith(`${short}.`))
    .map(test => test.slice(short.length + 1))
  const command = [process.execPath, join(root, 'dist/bin/main.js'), '--set', 'odradek.metrics.listener=']
  const before = broker.server === 'kafka' ? '' : `${classes}:`
  const args = [
    '-Xmx768m',
    '-XX:TieredStopAtLevel=1',
    `-Djava.io.tmpdir=${home}`,
    `-Dcompat.command=${[...command, '--config'].join('\n')}`,
    '-cp',
    `${before}${jars}/*`,
    'org.junit.platform.console.ConsoleLauncher',
    'execute',
    `--select-class=${name}`,
    ...(methods.length > 0 ? [`--exclude-methodname=.*[.#](${methods.join('|')})`] : []),
    '--config=junit.jupiter.extensions.autodetection.enabled=true',
    '--config=junit.jupiter.execution.timeout.default=60s',
    '--details=none',
    `--reports-dir=${home}`,
  ]
  spawnSync('java', args, { cwd: home, stdio: 'ignore', timeout: 900_000 })
  const report = join(home, 'TEST-junit-jupiter.xml')
  if (!existsSync(report))
    return [{ name: short, result: 'failed', reason: 'the class did not get to its end' }]
  return byMethod(junitResults(readFileSync(report, 'utf8')))
}

/** `a.b.FooTest.testBar(ClusterInstance)[2]` and its like become `FooTest.testBar`. */
export function byMethod(results: readonly ForeignResult[]): ForeignResult[] {
  const rank = { failed: 2, passed: 1, skipped: 0 } as const
  const merged = new Map<string, ForeignResult>()
  for (const row of results) {
    const name = row.name.replace(/[({[].*$/, '').replace(/^.*\.(\w+\.\w+)$/, '$1')
    const known = merged.get(name)
    if (!known || rank[row.result] > rank[known.result]) merged.set(name, { ...row, name })
  }
  return [...merged.values()]
}

export const kafkaJunit: Suite = {
  name: 'kafka-junit',
  title: `Apache Kafka ${pins.reference}'s own JUnit classes`,
  isInCi: false,
  lists: 'kafka-junit',
  prepare,
  checks: [],
  run,
}
