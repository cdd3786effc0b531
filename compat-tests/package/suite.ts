/**
 * The packed package as its users get it: installed from its tarball, production dependencies only, without install scripts, and
 * started under node:test, vitest, Jest's default set-up and require(). publint and attw look at the tarball itself.
 */
import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Check, expectMatch, type Suite } from '../suite.ts'
import { cacheDir, root } from '../toolchain.ts'

const runners = { jest: '30.5.2', kafkajs: '2.2.4', vitest: '4.1.11' }
const home = join(cacheDir, 'package')
const app = join(home, 'app')
let tarball = ''

function prepare(): void {
  rmSync(app, { recursive: true, force: true })
  mkdirSync(app, { recursive: true })
  const packed = execFileSync('npm', ['pack', '--ignore-scripts', '--json', '--pack-destination', home], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }]
  tarball = join(home, filename)
  cpSync(join(root, 'compat-tests/package/app'), app, { recursive: true })
  writeFileSync(join(app, 'package.json'), '{ "name": "app", "private": true }')
  const quiet = ['--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']
  execFileSync('npm', ['install', ...quiet, '--prefer-offline', tarball, ...named(runners)], {
    cwd: app,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

const named = (versions: Record<string, string>): string[] =>
  Object.entries(versions).map(([name, version]) => `${name}@${version}`)

function run(command: string, args: readonly string[], cwd = app): string {
  const ran = spawnSync(command, args, {
    cwd,
    encoding: 'utf8',
    timeout: 180_000,
    env: { ...process.env, CI: 'true' },
  })
  const output = `${ran.stdout}${ran.stderr}`
  if (ran.status !== 0)
    throw new Error(`${command} ${args.join(' ')} ended with ${ran.status ?? ran.signal}: ${output}`)
  return output
}

const node = process.execPath
const inApp = (path: string): string => join(app, 'node_modules', path)

const checks: readonly Check[] = [
  {
    name: 'the tarball is lean and holds what it must',
    run() {
      const files = readdirSync(inApp('odradek'), { recursive: true, encoding: 'utf8' })
      for (const wanted of [
        'README.md',
        'LICENSE',
        'dist/bin/main.js',
        'dist/cjs/index.cjs',
        'dist/broker/index.d.ts',
      ])
        if (!files.includes(wanted)) throw new Error(`${wanted} is missing`)
      const unwanted = files.filter(file =>
        /\.test\.|testing\/|^(compat-tests|bench|examples|docs)|\.ts$/.test(file),
      )
      const strange = unwanted.filter(file => !/\.d\.(c?)ts$/.test(file))
      if (strange.length > 0) throw new Error(`not for users: ${strange.slice(0, 5).join(', ')}`)
    },
  },
  { name: 'publint finds nothing', run: () => void run(node, [bin('publint'), '--strict', tarball], root) },
  {
    name: 'the types resolve for every kind of importer (attw)',
    run: () => void run(node, [bin('attw'), tarball, '--profile', 'node16'], root),
  },
  { name: 'node:test, ES modules', run: () => void run(node, ['--test', 'esm.test.mjs']) },
  { name: 'node:test, require()', run: () => void run(node, ['--test', 'cjs.test.cjs']) },
  { name: 'vitest', run: () => void run(node, [inApp('vitest/vitest.mjs'), 'run', 'vitest.spec.mjs']) },
  {
    name: 'Jest as it comes, fake timers and all',
    run: () => void run(node, [inApp('jest/bin/jest.js'), 'jest.spec.js']),
  },
  {
    name: 'a process that has stopped its broker ends by itself',
    run: () => expectMatch(run(node, ['leaves-nothing.mjs']), /^active: \[\]/m, 'what is left'),
  },
  {
    name: 'npx odradek',
    run: () => expectMatch(run('npx', ['--no-install', 'odradek', '--version']), /^\d+\.\d+\.\d+/, 'version'),
  },
]

function bin(name: 'publint' | 'attw'): string {
  const paths = { publint: 'publint/src/cli.js', attw: '@arethetypeswrong/cli/dist/index.js' }
  const path = join(root, 'node_modules', paths[name])
  if (!existsSync(path)) throw new Error(`${name} is not installed: ${readFileSync(path, 'utf8')}`)
  return path
}

export const packageSuite: Suite = {
  name: 'package',
  title: `the npm package under node:test, vitest ${runners.vitest}, Jest ${runners.jest} and require()`,
  isInCi: true,
  prepare,
  checks,
}
