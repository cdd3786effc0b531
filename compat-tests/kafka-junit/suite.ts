/**
 * Apache Kafka's own JUnit classes, compiled as Maven Central has them: its command-line tools' tests and its clients' integration tests.
 * Their framework starts an embedded cluster per test; against Odradek two classes of ours (`org/`, beside this file) stand before it on
 * the class path and start a broker process instead. Against Kafka they are left off, so that Kafka is judged in its own house.
 *
 * The unit is a test method: it has passed when none of its invocations (a template has several) failed and one passed. A Java machine
 * per class, so that one that hangs takes no other with it; what it had done by then is known from the log that `listener/` writes.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdirSync,
  openSync,
  closeSync,
  readdirSync,
  readFileSync,
  rmSync,
} from 'node:fs'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Server } from '../brokers.ts'
import type { ForeignResult, RunOptions, Suite } from '../suite.ts'
import { cacheDir, MissingToolchain, pins, root } from '../toolchain.ts'

const folder = join(root, 'compat-tests/kafka-junit')
const jars = join(cacheDir, `kafka-junit-${pins.reference}`)
const seamClasses = join(cacheDir, 'kafka-junit-classes')
const listenerClasses = join(cacheDir, 'kafka-junit-listener')
const reports = join(cacheDir, 'kafka-junit-reports')

/** A test is interrupted after the first; a class is killed after the second; after the third no class is begun. */
const limits = {
  odradek: { testSeconds: 60, classSeconds: 480, runSeconds: 45 * 60 },
  kafka: { testSeconds: 120, classSeconds: 1500, runSeconds: 150 * 60 },
}

/** The rows of a list: what stands before `  #`, and what follows. */
function rows(file: string): [name: string, why: string][] {
  return readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .map((line): [string, string] => [line.split('  #')[0]!.trim(), line.split('  #')[1]?.trim() ?? ''])
    .filter(([name]) => name !== '' && !name.startsWith('#'))
}

const simple = (className: string): string => className.slice(className.lastIndexOf('.') + 1)

/** Those that wait for a feature of ours are left out, but not against Kafka. */
function chosenClasses(server: Server, options: RunOptions): string[] {
  const inCi = new Set(options.isCi ? rows('ci.txt').map(([name]) => name) : [])
  return rows('classes.txt')
    .filter(([, why]) => why === '' || server === 'kafka' || options.isWaiting)
    .map(([name]) => name)
    .filter(name => !options.isCi || inCi.has(name))
    .filter(name => options.only === undefined || name.includes(options.only))
}

function compile(source: string, target: string): void {
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const files = readdirSync(source, { recursive: true, encoding: 'utf8' }).map(file => join(source, file))
  const java = files.filter(file => file.endsWith('.java'))
  execFileSync('javac', ['-proc:none', '-d', target, '-cp', `${jars}/*`, ...java], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function prepare(): void {
  for (const tool of ['javac', 'mvn']) {
    if (spawnSync(tool, ['-version'], { stdio: 'ignore' }).status !== 0) {
      throw new MissingToolchain(`no ${tool} on the PATH (Java 17 or newer)`)
    }
  }
  const done = join(jars, '.complete')
  const pomText = readFileSync(join(folder, 'pom.xml'), 'utf8')
  if (!existsSync(done) || readFileSync(done, 'utf8') !== pomText) {
    rmSync(jars, { recursive: true, force: true })
    const pom = ['-f', join(folder, 'pom.xml'), `-Dkafka.version=${pins.reference}`]
    const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${jars}`]
    execFileSync('mvn', ['-q', '-B', ...pom, ...copy], { stdio: ['ignore', 'ignore', 'inherit'] })
    writeFileSync(done, pomText)
  }
  compile(join(folder, 'org'), seamClasses)
  compile(join(folder, 'listener'), listenerClasses)
  cpSync(join(folder, 'listener/META-INF'), join(listenerClasses, 'META-INF'), { recursive: true })
}

async function runAlone(server: Server, options: RunOptions): Promise<readonly ForeignResult[]> {
  const waiting = server === 'odradek' ? rows('waiting.txt').map(([name]) => name) : []
  const deadline = Date.now() + limits[server].runSeconds * 1000
  const results: ForeignResult[] = []
  for (const name of chosenClasses(server, options)) {
    if (Date.now() > deadline) {
      results.push({
        name: simple(name),
        result: 'failed',
        reason: 'not begun: the time of the run was spent',
      })
      continue
    }
    const started = Date.now()
    const own = await oneClass(server, name, waiting, options.isWaiting)
    const count = (result: ForeignResult['result']) => own.filter(row => row.result === result).length
    console.log(
      `${simple(name)}: ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped, ${Math.round((Date.now() - started) / 1000)} s`,
    )
    results.push(...own)
  }
  if (options.isCi || options.isWaiting || options.only !== undefined) return results
  // A waiting test is not run: most of them end only by their time limit.
  return [...results, ...waiting.map(name => ({ name, result: 'skipped' as const, reason: 'waiting' }))]
}

async function oneClass(
  server: Server,
  name: string,
  waiting: readonly string[],
  onlyWaiting: boolean,
): Promise<ForeignResult[]> {
  const home = join(reports, server, simple(name))
  rmSync(home, { recursive: true, force: true })
  mkdirSync(home, { recursive: true })
  const log = join(home, 'tests.tsv')
  const methods = waiting
    .filter(test => test.startsWith(`${simple(name)}.`))
    .map(test => test.slice(simple(name).length + 1))
  if (onlyWaiting && methods.length === 0) return []
  const command = [process.execPath, join(root, 'dist/bin/main.js'), '--set', 'odradek.metrics.listener=']
  const before = server === 'kafka' ? '' : `${seamClasses}:`
  const args = [
    server === 'kafka' ? '-Xmx1500m' : '-Xmx768m',
    '-XX:TieredStopAtLevel=1',
    `-Djava.io.tmpdir=${home}`,
    `-Dcompat.log=${log}`,
    `-Dcompat.command=${[...command, '--config'].join('\n')}`,
    '-cp',
    `${before}${listenerClasses}:${jars}/*`,
    'org.junit.platform.console.ConsoleLauncher',
    'execute',
    `--select-class=${name}`,
    ...(methods.length > 0
      ? [`--${onlyWaiting ? 'include' : 'exclude'}-methodname=.*[.#](${methods.join('|')})`]
      : []),
    '--config=junit.jupiter.extensions.autodetection.enabled=true',
    `--config=junit.jupiter.execution.timeout.default=${onlyWaiting ? 25 : limits[server].testSeconds}s`,
    '--details=none',
    '--disable-banner',
  ]
  const ended = await java(args, home, limits[server].classSeconds * 1000)
  const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
  const results = byMethod(text)
  // 0: all passed, 1: some did not; anything else is no end at all, nor is an end without a test.
  if ((ended === 0 || ended === 1) && results.length > 0) return results
  return byMethod(text, {
    name: simple(name),
    reason: `the Java machine: ${typeof ended === 'number' ? `ended with ${ended}, after ${results.length} tests` : ended}`,
  })
}

/** Runs in a process group of its own, so that no broker that it started outlives it. */
function java(args: readonly string[], home: string, limitMs: number): Promise<number | string> {
  const out = openSync(join(home, 'out.txt'), 'w')
  const child = spawn('java', args, { cwd: home, stdio: ['ignore', out, out], detached: true })
  const endGroup = () => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // Nobody is left.
    }
  }
  process.once('exit', endGroup)
  return new Promise((resolve, reject) => {
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      endGroup()
    }, limitMs)
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      endGroup()
      process.off('exit', endGroup)
      closeSync(out)
      resolve(isLate ? `did not end within ${limitMs / 1000} s` : (code ?? `ended by ${signal}`))
    })
  })
}

type Verdict = ForeignResult['result']

/**
 * The log of one class as a row per method. Where the machine did not come to its end (`broken`), the test that was running has failed,
 * and so has the class.
 */
export function byMethod(log: string, broken?: { name: string; reason: string }): ForeignResult[] {
  const rank = { failed: 2, passed: 1, skipped: 0 } as const
  const merged = new Map<string, ForeignResult>()
  const running = new Set<string>()
  for (const line of log.split('\n').filter(Boolean)) {
    const [what, name, invocation, , reason = ''] = line.split('\t') as [Verdict | 'started', ...string[]]
    const key = `${name} ${invocation}`
    if (what === 'started') {
      running.add(key)
      continue
    }
    running.delete(key)
    const known = merged.get(name!)
    // Of several reasons to skip the last one says more: the first is often that a later invocation is the one to run.
    if (known && rank[what] <= rank[known.result] && !(what === 'skipped' && known.result === 'skipped'))
      continue
    merged.set(name!, { name: name!, result: what, ...(what === 'passed' ? {} : { reason }) })
  }
  if (broken !== undefined) {
    for (const key of running) {
      const name = key.split(' ')[0]!
      merged.set(name, {
        name,
        result: 'failed',
        reason: `it was running when the class ended: ${broken.reason}`,
      })
    }
    merged.set(broken.name, { name: broken.name, result: 'failed', reason: broken.reason })
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
  runAlone,
  covers: (name, options) =>
    !options.isWaiting &&
    chosenClasses('odradek', options).some(className => name.startsWith(`${simple(className)}.`)),
}
