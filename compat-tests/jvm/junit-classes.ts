/**
 * Suites of Apache Kafka's own JUnit classes, compiled as Maven Central has them. They start an embedded cluster; against Odradek classes
 * of ours stand before it on the class path (the seam) and start a broker process instead (`process/`). Against Kafka they are left off,
 * so that Kafka is judged in its own house.
 *
 * Each suite's folder has `pom.xml` (what to fetch), `classes.txt` (`class  # waits: feature`), `must-pass.txt`, `waiting.txt`, `ci.txt`.
 * A Java machine per class, so that one that hangs takes no other with it; what it had done by then is known from the log that
 * `listener/` writes.
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
import { triedAgain } from '../again.ts'
import type { Server } from '../brokers.ts'
import type { ForeignResult, RunOptions, Suite } from '../suite.ts'
import { cacheDir, MissingToolchain, pins, root } from '../toolchain.ts'

export interface JunitClasses {
  /** The suite's name, and its folder's. */
  readonly name: string
  readonly title: string
  /** The folders of Java sources that make the seam, under compat-tests/. */
  readonly seam: readonly string[]
  /**
   * What one row of the lists is. A method has passed when none of its invocations (a template has several) failed and one passed; where
   * invocations differ in the feature that they need, each is a row of its own: `FooTest.testBar[2]`.
   */
  readonly unit: 'method' | 'invocation'
  /** Templates that run their invocations in another order each time: these are named by their arguments, `FooTest.testBar[a=1, b=2]`. */
  readonly shuffled?: readonly string[]
  readonly isInCi: boolean
  /** Where the usual limits are too short: tests that sleep, or wait for a group's session to end. */
  readonly limits?: Limits
  /** Classes that run at the same time, each in its own Java machine with its own broker: 1 unless they wait more than they work. */
  readonly lanes?: number
}

interface Limits {
  /** A test is interrupted after this; where it has a limit of its own, that counts. */
  readonly testSeconds: number
  /** A class is killed after this. */
  readonly classSeconds: number
  /** After this no class is begun. */
  readonly runSeconds: number
}

const usualLimits: Readonly<Record<Server, Limits>> = {
  odradek: { testSeconds: 60, classSeconds: 480, runSeconds: 45 * 60 },
  kafka: { testSeconds: 120, classSeconds: 1500, runSeconds: 150 * 60 },
}

const simple = (className: string): string => className.slice(className.lastIndexOf('.') + 1)

/** The rows of a list: what stands before `  #`, and what follows. */
function rows(file: string): [name: string, why: string][] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .map((line): [string, string] => [line.split('  #')[0]!.trim(), line.split('  #')[1]?.trim() ?? ''])
    .filter(([name]) => name !== '' && !name.startsWith('#'))
}

function compile(jars: string, folders: readonly string[], target: string): void {
  rmSync(target, { recursive: true, force: true })
  mkdirSync(target, { recursive: true })
  const java = folders.flatMap(folder =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter(file => file.endsWith('.java'))
      .map(file => join(folder, file)),
  )
  execFileSync('javac', ['-proc:none', '-d', target, '-cp', `${jars}/*`, ...java], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

/** What a suite's `pom.xml` names, fetched again when that has changed. Returns the folder. */
export function suiteJars(suite: string): string {
  for (const tool of ['javac', 'mvn']) {
    if (spawnSync(tool, ['-version'], { stdio: 'ignore' }).status !== 0) {
      throw new MissingToolchain(`no ${tool} on the PATH (Java 17 or newer)`)
    }
  }
  const jars = join(cacheDir, `${suite}-${pins.reference}`)
  const done = join(jars, '.complete')
  const pom = join(root, 'compat-tests', suite, 'pom.xml')
  const pomText = readFileSync(pom, 'utf8')
  if (!existsSync(done) || readFileSync(done, 'utf8') !== pomText) {
    rmSync(jars, { recursive: true, force: true })
    const copy = ['dependency:copy-dependencies', `-DoutputDirectory=${jars}`]
    execFileSync('mvn', ['-q', '-B', '-f', pom, `-Dkafka.version=${pins.reference}`, ...copy], {
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    writeFileSync(done, pomText)
  }
  return jars
}

export function junitClasses(about: JunitClasses): Suite {
  const run = new ClassRunner(about)
  return {
    name: about.name,
    title: about.title,
    isInCi: about.isInCi,
    lists: about.name,
    checks: [],
    prepare: () => run.prepare(),
    runAlone: (server, options) => run.all(server, options),
    covers: (name, options) => run.covers(name, options),
  }
}

class ClassRunner {
  readonly #about: JunitClasses
  readonly #folder: string
  readonly #jars: string
  readonly #seamClasses: string
  readonly #listenerClasses: string
  readonly #reports: string

  constructor(about: JunitClasses) {
    this.#about = about
    this.#folder = join(root, 'compat-tests', about.name)
    this.#jars = join(cacheDir, `${about.name}-${pins.reference}`)
    this.#seamClasses = join(cacheDir, `${about.name}-classes`)
    this.#listenerClasses = join(cacheDir, `${about.name}-listener`)
    this.#reports = join(cacheDir, `${about.name}-reports`)
  }

  prepare(): void {
    suiteJars(this.#about.name)
    const ours = (folder: string) => join(root, 'compat-tests', folder)
    compile(this.#jars, ['jvm/process', ...this.#about.seam].map(ours), this.#seamClasses)
    compile(this.#jars, [ours('jvm/listener')], this.#listenerClasses)
    cpSync(ours('jvm/listener/META-INF'), join(this.#listenerClasses, 'META-INF'), { recursive: true })
  }

  covers(test: string, options: RunOptions): boolean {
    if (options.isWaiting) return false
    return this.#chosen('odradek', options).some(className => test.startsWith(`${simple(className)}.`))
  }

  /** Those that wait for a feature of ours are left out, but not against Kafka. */
  #chosen(server: Server, options: RunOptions): string[] {
    const inCi = new Set(options.isCi ? this.#rows('ci.txt').map(([name]) => name) : [])
    return this.#rows('classes.txt')
      .filter(([, why]) => why === '' || server === 'kafka' || options.isWaiting)
      .map(([name]) => name)
      .filter(name => !options.isCi || inCi.has(name))
      .filter(name => options.only === undefined || name.includes(options.only))
  }

  #limits(server: Server): Limits {
    return this.#about.limits ?? usualLimits[server]
  }

  #rows(file: string): [name: string, why: string][] {
    return rows(join(this.#folder, file))
  }

  async all(server: Server, options: RunOptions): Promise<readonly ForeignResult[]> {
    const waiting = server === 'odradek' ? this.#rows('waiting.txt').map(([name]) => name) : []
    const deadline = Date.now() + this.#limits(server).runSeconds * 1000
    const chosen = this.#chosen(server, options)
    const ofClass = new Map<string, readonly ForeignResult[]>()
    const left = [...chosen]
    const lane = async (): Promise<void> => {
      for (let name = left.shift(); name !== undefined; name = left.shift()) {
        ofClass.set(name, await this.#timed(server, name, waiting, options.isWaiting, deadline))
      }
    }
    await Promise.all(Array.from({ length: this.#about.lanes ?? 1 }, lane))
    const mustPass = new Set(this.#rows('must-pass.txt').map(([name]) => name))
    const results = await triedAgain(
      chosen.flatMap(name => ofClass.get(name)!),
      {
        mayBeAccident: name => mustPass.has(name),
        unitOf: name => chosen.find(className => name.startsWith(`${simple(className)}.`))!,
        run: async names => {
          const again: ForeignResult[] = []
          for (const name of names) again.push(...(await this.#timed(server, name, waiting, false, deadline)))
          return again
        },
      },
    )
    if (options.isCi || options.isWaiting || options.only !== undefined) return results
    // A waiting test is not run (most of them end only by their time limit), and those of a class that waits are not even met.
    const met = new Set(results.map(({ name }) => name))
    const unmet = waiting.filter(name => !met.has(name))
    return [...results, ...unmet.map(name => ({ name, result: 'skipped' as const, reason: 'waiting' }))]
  }

  /** One class, and its line for whoever watches; none is begun after the deadline. */
  async #timed(
    server: Server,
    name: string,
    waiting: readonly string[],
    onlyWaiting: boolean,
    deadline: number,
  ): Promise<readonly ForeignResult[]> {
    const started = Date.now()
    if (started > deadline) {
      const reason = 'not begun: the time of the run was spent'
      return [{ name: simple(name), result: 'failed', reason }]
    }
    const own = await this.#one(server, name, waiting, onlyWaiting)
    const count = (result: ForeignResult['result']) => own.filter(row => row.result === result).length
    const seconds = Math.round((Date.now() - started) / 1000)
    console.log(
      `${simple(name)}: ${count('passed')} passed, ${count('failed')} failed, ${count('skipped')} skipped, ${seconds} s`,
    )
    return own
  }

  async #one(
    server: Server,
    name: string,
    waiting: readonly string[],
    onlyWaiting: boolean,
  ): Promise<ForeignResult[]> {
    if (onlyWaiting && !waiting.some(test => test.startsWith(`${simple(name)}.`))) return []
    const home = join(this.#reports, server, simple(name))
    rmSync(home, { recursive: true, force: true })
    mkdirSync(home, { recursive: true })
    const log = join(home, 'tests.tsv')
    const leftOut = join(home, 'waiting.txt')
    writeFileSync(leftOut, waiting.join('\n'))
    const odradek = [process.execPath, join(root, 'dist/bin/main.js')]
    const command = [...odradek, '--config']
    const before = server === 'kafka' ? '' : `${this.#seamClasses}:`
    const args = [
      // A class of Connect's or MirrorMaker's runs up to six workers and keeps much of what its earlier tests had.
      '-Xmx2500m',
      '-XX:TieredStopAtLevel=1',
      // On a busy machine the usual collector misses its pauses, shrinks its young part for that, and then does little else.
      '-XX:+UseSerialGC',
      `-Djava.io.tmpdir=${home}`,
      `-Dcompat.log=${log}`,
      `-Dcompat.waiting=${leftOut}`,
      `-Dcompat.shuffled=${this.#about.shuffled?.join() ?? ''}`,
      `-Dcompat.only=${onlyWaiting}`,
      `-Dcompat.command=${command.join('\n')}`,
      `-Dcompat.format=${[...odradek, 'format'].join('\n')}`,
      '-cp',
      `${before}${this.#listenerClasses}:${this.#jars}/*`,
      'org.junit.platform.console.ConsoleLauncher',
      'execute',
      `--select-class=${name}`,
      '--config=junit.jupiter.extensions.autodetection.enabled=true',
      `--config=junit.jupiter.execution.timeout.default=${onlyWaiting ? 25 : this.#limits(server).testSeconds}s`,
      '--details=none',
      '--disable-banner',
    ]
    const ended = await java(args, home, this.#limits(server).classSeconds * 1000)
    const text = existsSync(log) ? readFileSync(log, 'utf8') : ''
    const results = readLog(text, this.#about.unit)
    // 0: all passed, 1: some did not; anything else is no end at all, nor is an end without a test.
    if ((ended === 0 || ended === 1) && results.length > 0) return results
    const end = typeof ended === 'number' ? `ended with ${ended}, after ${results.length} tests` : ended
    return readLog(text, this.#about.unit, { name: simple(name), reason: `the Java machine: ${end}` })
  }
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
 * The log of one class, a row per unit. Where the machine did not come to its end (`broken`), the test that was running has failed, and
 * so has the class.
 */
export function readLog(
  log: string,
  unit: JunitClasses['unit'],
  broken?: { name: string; reason: string },
): ForeignResult[] {
  const rank = { failed: 2, passed: 1, skipped: 0 } as const
  const merged = new Map<string, ForeignResult>()
  const running = new Map<string, string>()
  for (const line of log.split('\n').filter(Boolean)) {
    const [what, method, invocation = '', , reason = ''] = line.split('\t') as [
      Verdict | 'started',
      string,
      ...string[],
    ]
    const own = invocation === '' ? method : `${method}[${invocation}]`
    const name = unit === 'method' ? method : own
    if (what === 'started') {
      running.set(own, name)
      continue
    }
    running.delete(own)
    const known = merged.get(name)
    // Of several reasons to skip the last one says more: the first is often that a later invocation is the one to run.
    if (known && rank[what] <= rank[known.result] && !(what === 'skipped' && known.result === 'skipped'))
      continue
    merged.set(name, { name, result: what, ...(what === 'passed' ? {} : { reason }) })
  }
  if (broken !== undefined) {
    for (const name of running.values()) {
      const reason = `it was running when the class ended: ${broken.reason}`
      merged.set(name, { name, result: 'failed', reason })
    }
    merged.set(broken.name, { name: broken.name, result: 'failed', reason: broken.reason })
  }
  return [...merged.values()]
}
