/**
 * What a suite needs from outside npm, installed from its registry into `compat-tests/.cache` and found again on the next run.
 * A toolchain that is absent is a reason to skip, said in words; never a pass.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'

/** The repository root: npm runs every script from there. */
export const root = resolve('.')
export const cacheDir = join(root, 'compat-tests', '.cache')

interface Pins {
  /** The Apache Kafka release that sets the highest versions. */
  readonly reference: string
  /** The 3.9.x release that still serves what 4.0 dropped. */
  readonly elder: string
}

export const pins = JSON.parse(readFileSync(join(root, 'compat-tests/reference.json'), 'utf8')) as Pins

/** Thrown when a suite cannot run here; the runner prints the reason and counts its checks as skipped. */
export class MissingToolchain extends Error {}

function onPath(command: string, args: string[] = ['--version']): boolean {
  return spawnSync(command, args, { stdio: 'ignore' }).status === 0
}

/** Jars of one Kafka release with all dependencies, from Maven Central. Returns a Java class path. */
export function kafkaJars(release: string): string {
  const target = join(cacheDir, `kafka-${release}`)
  const done = join(target, '.complete')
  if (!existsSync(done)) {
    if (!onPath('java', ['-version'])) throw new MissingToolchain('no java on the PATH (17 or newer)')
    if (!onPath('mvn')) throw new MissingToolchain('no mvn on the PATH')
    rmSync(target, { recursive: true, force: true })
    mkdirSync(target, { recursive: true })
    const pom = join(target, 'pom.xml')
    writeFileSync(pom, pomFor(release))
    execFileSync(
      'mvn',
      ['-q', '-B', '-f', pom, 'dependency:copy-dependencies', `-DoutputDirectory=${target}`],
      {
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    )
    writeFileSync(done, '')
  } else if (!onPath('java', ['-version'])) {
    throw new MissingToolchain('no java on the PATH (17 or newer)')
  }
  if (readdirSync(target).length < 20) throw new MissingToolchain(`jars of Kafka ${release} did not arrive`)
  return `${target}/*`
}

function pomFor(release: string): string {
  const dependency = (groupId: string, artifactId: string, version: string) =>
    `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version></dependency>`
  return `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
<groupId>odradek</groupId><artifactId>compat</artifactId><version>1</version><dependencies>
${dependency('org.apache.kafka', 'kafka_2.13', release)}
${dependency('org.apache.kafka', 'kafka-tools', release)}
${dependency('org.slf4j', 'slf4j-nop', '1.7.36')}
</dependencies></project>
`
}

/** Installs Debian's packages, where there are any and we may; whether they are there now. */
export function debianPackages(...names: string[]): boolean {
  if (!onPath('apt-get') || process.getuid?.() !== 0) return false
  spawnSync('apt-get', ['update'], { stdio: 'ignore' })
  const installed = spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...names], {
    stdio: 'ignore',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  })
  return installed.status === 0
}

/** kcat from the PATH, or from Debian's packages. */
export function kcat(): string {
  if (onPath('kcat', ['-V']) || debianPackages('kcat')) return 'kcat'
  throw new MissingToolchain('no kcat on the PATH, and no Debian packages to take it from')
}
