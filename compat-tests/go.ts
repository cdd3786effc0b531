/** What the suites written in Go share: modules from the Go module proxy into the cache, and test2json's events as results. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import type { ForeignResult } from './suite.ts'
import { cacheDir, MissingToolchain } from './toolchain.ts'

export const goModules = join(cacheDir, 'go-modules')
export const goEnv: NodeJS.ProcessEnv = {
  ...process.env,
  GOMODCACHE: goModules,
  GOFLAGS: '-mod=mod -modcacherw',
}

export function needGo(): void {
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0) {
    throw new MissingToolchain('no go on the PATH')
  }
}

export interface GoRun {
  /** A compiled test binary, and the folder to run it in. */
  readonly binary: string
  readonly cwd: string
  readonly args: readonly string[]
  /** Of all its tests together; the binary ends itself then. */
  readonly limitSeconds: number
  readonly env?: NodeJS.ProcessEnv
}

export function runGoTests({ binary, cwd, args, limitSeconds, env }: GoRun): ForeignResult[] {
  const flags = ['-test.v', '-test.timeout', `${limitSeconds}s`, ...args]
  const ran = spawnSync('go', ['tool', 'test2json', '-t', binary, ...flags], {
    cwd,
    encoding: 'utf8',
    timeout: (limitSeconds + 10) * 1000,
    maxBuffer: 512 << 20,
    env: { ...goEnv, ...env },
  })
  return goResults(ran.stdout ?? '')
}

/** A Go test runs with all that is below it, and fails with one of them. */
export const topOf = (name: string): string => name.split('/', 1)[0]!

interface GoEvent {
  readonly Action: string
  readonly Test?: string
  readonly Output?: string
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
