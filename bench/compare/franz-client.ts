// The load program in franz/, built from the Go module proxy. Its modes are described there.
import { execFileSync, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { cacheDir, MissingToolchain, root } from '../../compat-tests/toolchain.ts'
import type { Measured } from './cell.ts'
import type { Program } from './program.ts'

const binary = join(cacheDir, 'bench-franz')
let isBuilt = false

function franz(): string {
  if (isBuilt) return binary
  if (spawnSync('go', ['version'], { stdio: 'ignore' }).status !== 0)
    throw new MissingToolchain('no go on the PATH')
  execFileSync('go', ['build', '-o', binary, '.'], {
    cwd: join(root, 'bench/compare/franz'),
    env: { ...process.env, GOMODCACHE: join(cacheDir, 'go-modules'), GOFLAGS: '-modcacherw' },
    stdio: 'inherit',
  })
  isBuilt = true
  return binary
}

export type FranzMode = 'produce' | 'flood' | 'consume' | 'tail' | 'rebalance' | 'null'

export function franzClient(mode: FranzMode, flags: Readonly<Record<string, string | number>>): Program {
  const args = Object.entries(flags).map(([key, value]) => `-${key}=${value}`)
  return { command: [franz(), mode, ...args], progress: reportedSoFar }
}

/** `at <records so far>`. */
export function reportedSoFar(line: string): number | undefined {
  const said = /^at (\d+)$/.exec(line)
  return said === null ? undefined : Number(said[1])
}

export interface Outcome extends Measured {
  readonly records?: number
}

/** The closing line. */
export function outcomeOf(lines: readonly string[]): Outcome {
  return JSON.parse(lines.at(-1) ?? '{}') as Outcome
}

/** Of a closing line, what goes into a table. */
export function latencyOf({
  p50Ms = Number.NaN,
  p99Ms = Number.NaN,
  p999Ms = Number.NaN,
}: Outcome): Measured {
  return { p50Ms, p99Ms, p999Ms }
}
