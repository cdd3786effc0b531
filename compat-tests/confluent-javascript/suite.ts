/**
 * @confluentinc/kafka-javascript (librdkafka under KafkaJS's interface) through our own tests. It is native and heavy, so it is no dependency
 * of ours: the runner installs it from npm beside its manifest's copy. Its install script wants a binary from GitHub; where that cannot be had
 * it is built against the system's libraries, Debian's where we may install them. A build without zstd is none.
 */
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Suite } from '../suite.ts'
import { cacheDir, debianPackages, MissingToolchain, root } from '../toolchain.ts'
import { runVitest } from '../vitest-suite.ts'

const manifest = join(root, 'compat-tests/confluent-javascript/package.json')
const name = '@confluentinc/kafka-javascript'
const pins = JSON.parse(readFileSync(manifest, 'utf8')) as { dependencies: Record<string, string> }
const version = pins.dependencies[name]!
/** What is built loads into one line of Node only. */
const home = join(cacheDir, `confluent-javascript-${version}-abi${process.versions.modules}`)

const libraries = ['libcurl4-openssl-dev', 'libsasl2-dev', 'libssl-dev', 'libzstd-dev', 'zlib1g-dev']

/** It builds without zstd, and says nothing, where the library is not there. */
const canDoAll = `if (!require('${name}').features.includes('zstd')) process.exit(1)`

/** A build takes the headers of the Node that will load it, where that Node came with them; npm may be set to another's. */
function headers(): NodeJS.ProcessEnv {
  const prefix = dirname(dirname(process.execPath))
  return existsSync(join(prefix, 'include/node/node.h')) ? { npm_config_nodedir: prefix } : {}
}

function prepare(): void {
  const done = join(home, '.complete')
  if (existsSync(done)) return
  mkdirSync(home, { recursive: true })
  copyFileSync(manifest, join(home, 'package.json'))
  debianPackages(...libraries)
  // The second way links what the system has; without it the build fetches the sources of every library it needs.
  const ways: NodeJS.ProcessEnv[] = [{}, { CKJS_LINKING: 'dynamic' }]
  for (const way of ways) {
    rmSync(join(home, 'node_modules'), { recursive: true, force: true })
    const installed = spawnSync('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
      cwd: home,
      stdio: 'ignore',
      timeout: 900_000,
      env: { ...process.env, ...headers(), ...way },
    })
    if (installed.status !== 0) continue
    const loads = spawnSync(process.execPath, ['-e', canDoAll], { cwd: home, stdio: 'ignore' })
    if (loads.status !== 0) continue
    writeFileSync(done, '')
    return
  }
  throw new MissingToolchain(
    `${name}: neither its binary from GitHub nor what a build of it needs (${libraries.join(', ')})`,
  )
}

export const confluentJavascript: Suite = {
  name: 'confluent-javascript',
  title: `${name} ${version}, our tests`,
  isInCi: false,
  lists: 'confluent-javascript',
  prepare,
  checks: [],
  run: broker => runVitest(broker, 'confluent-javascript', { CONFLUENT_JAVASCRIPT: home }),
}
