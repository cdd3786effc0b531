// One JSON file a cell: every round as measured, with what it ran on. Medians are made from it, never kept.
import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, readFileSync, statfsSync, writeFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Server } from '../../compat-tests/brokers.ts'
import { pins, root } from '../../compat-tests/toolchain.ts'
import type { Measure, Measured } from './cell.ts'
import { kafkaServerFlags, serverSettings } from './servers.ts'

export const resultsDir = join(root, 'bench/results')

export interface Round {
  readonly server: Server
  readonly measured: Measured
}

export interface Machine {
  readonly cpu: string
  readonly cores: number
  readonly memoryGib: number
  readonly kernel: string
  readonly fileSystem: string
  readonly node: string
  readonly java: string
  readonly kafka: string
  readonly odradek: string
  readonly uvThreadpoolSize: string
}

export interface Result {
  readonly cell: string
  readonly what: string
  readonly headline: Measure
  readonly more: readonly Measure[]
  readonly isPinned: boolean
  readonly settings: Readonly<Record<string, string | number>>
  readonly at: string
  /** Of each server, uncounted: before this cell began, and by its own load. */
  readonly warmUpSeconds: { readonly before: number; readonly own: number }
  readonly roundSeconds: number
  readonly machine: Machine
  readonly kafkaFlags: readonly string[]
  readonly serverSettings: Readonly<Record<string, string>>
  /** In the order they ran. */
  readonly rounds: readonly Round[]
}

/** What a broker is made of: its last commit is the one that was measured. */
const product = ['broker', 'storage', 'protocol', 'cli']

const firstLine = (text: string): string => text.trim().split('\n')[0]!

export function describeMachine(): Machine {
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, encoding: 'utf8' }).trim()
  const isDirty = git('status', '--porcelain', '--', ...product) !== ''
  return {
    cpu: cpus()[0]!.model,
    cores: availableParallelism(),
    memoryGib: Math.round(totalmem() / 2 ** 30),
    kernel: `${release()} ${arch()}`,
    fileSystem: `type 0x${statfsSync(root).type.toString(16)}`,
    node: process.versions.node,
    java: firstLine(spawnSync('java', ['-version'], { encoding: 'utf8' }).stderr),
    kafka: pins.reference,
    odradek: git('log', '-1', '--format=%h', '--', ...product) + (isDirty ? ' and changes' : ''),
    uvThreadpoolSize: process.env.UV_THREADPOOL_SIZE ?? '4 (default)',
  }
}

export const common = (): Pick<Result, 'machine' | 'kafkaFlags' | 'serverSettings'> => ({
  machine: describeMachine(),
  kafkaFlags: kafkaServerFlags,
  serverSettings,
})

const fileOf = (dir: string, cell: string, isPinned: boolean) =>
  join(dir, `${cell}${isPinned ? '.pinned' : ''}.json`)

export const hasResult = (dir: string, cell: string, isPinned: boolean): boolean =>
  existsSync(fileOf(dir, cell, isPinned))

export function writeResult(dir: string, result: Result): void {
  mkdirSync(dir, { recursive: true })
  writeFileSync(fileOf(dir, result.cell, result.isPinned), `${JSON.stringify(result, null, 1)}\n`)
}

export function readResults(dir: string): Result[] {
  if (!existsSync(dir)) return []
  const files = readdirSync(dir).filter(file => file.endsWith('.json'))
  return files.map(file => JSON.parse(readFileSync(join(dir, file), 'utf8')) as Result)
}
