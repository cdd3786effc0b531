// Ours alone beside the raw ceiling, by `npm run bench`, whose medians are kept next to the comparison's.
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { root } from '../../compat-tests/toolchain.ts'

/** As `npm run bench -- --json` writes them. */
export interface OwnPath {
  readonly what: string
  readonly requestsPerSecond: number
  readonly share?: number
}

const fileIn = (resultsDir: string) => join(resultsDir, 'own/paths.json')

export function measureOwnPaths(resultsDir: string): void {
  const file = fileIn(resultsDir)
  mkdirSync(dirname(file), { recursive: true })
  // Its table goes where our progress goes.
  execFileSync(process.execPath, [join(root, 'dist/bench/run.js'), '--json', file], {
    stdio: ['ignore', 2, 2],
  })
}

export function readOwnPaths(resultsDir: string): OwnPath[] {
  const file = fileIn(resultsDir)
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as OwnPath[]) : []
}
