/**
 * What a suite's last whole run counted, kept beside the suite: `kafka-<release>.json` for Apache Kafka in the same place
 * (`--against kafka` writes it), `odradek.json` for us (`--record` writes it). The runner's table and the README's are made of these.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Server } from './brokers.ts'
import type { Outcome, Suite } from './suite.ts'
import { pins, root } from './toolchain.ts'

export interface Score {
  /** Of the broker that ran. */
  readonly release: string
  /** Year-month-day. */
  readonly date: string
  readonly passed: number
  readonly failed: number
  /** Without those that wait. */
  readonly skipped: number
  /** Tests that wait for a feature of ours, by feature; none for Apache Kafka. */
  readonly waiting?: Readonly<Record<string, number>>
  /** In words: what failed or was skipped, and why. Kept when a new run is written. */
  readonly notes: string
}

const WAITING = 'waiting: '

export const waitingReason = (feature: string): string => `${WAITING}${feature}`

const scorePath = (suite: string, server: Server): string =>
  join(root, 'compat-tests', suite, server === 'kafka' ? `kafka-${pins.reference}.json` : 'odradek.json')

export function recorded(suite: string, server: Server): Score | undefined {
  const path = scorePath(suite, server)
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Score) : undefined
}

export function scoreOf(suite: string, outcomes: readonly Outcome[], server: Server): Score {
  const own = outcomes.filter(outcome => outcome.suite === suite)
  const count = (result: Outcome['result']) => own.filter(o => o.result === result).length
  const waiting: Record<string, number> = {}
  for (const { reason } of own.filter(isWaiting)) {
    const feature = reason!.slice(WAITING.length)
    waiting[feature] = (waiting[feature] ?? 0) + 1
  }
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string }
  return {
    release: server === 'kafka' ? pins.reference : version,
    date: new Date().toISOString().slice(0, 10),
    passed: count('passed'),
    failed: count('failed'),
    skipped: count('skipped') - own.filter(isWaiting).length,
    ...(server === 'kafka' ? {} : { waiting }),
    notes: recorded(suite, server)?.notes ?? '',
  }
}

const isWaiting = ({ result, reason }: Outcome): boolean =>
  result === 'skipped' && reason?.startsWith(WAITING) === true

/** Only of a whole run: a part of a suite says nothing about the whole. */
export function record(suite: string, outcomes: readonly Outcome[], server: Server): void {
  const score = scoreOf(suite, outcomes, server)
  if (score.passed + score.failed === 0) return
  writeFileSync(scorePath(suite, server), `${JSON.stringify(score, null, 2)}\n`)
}

const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0)

/** One line a suite: what was counted now, and what Kafka scored in the same place. */
export function scoreRow(name: string, score: Score): string[] {
  const waits = sum(Object.values(score.waiting ?? {}))
  const { passed, failed, skipped } = score
  const kafka = recorded(name, 'kafka')
  const reference = kafka ? `${kafka.passed} of ${kafka.passed + kafka.failed + kafka.skipped}` : '–'
  return [name, ...[passed + failed + waits + skipped, passed, failed, waits, skipped].map(String), reference]
}

export const scoreHead: readonly string[] = [
  'suite',
  'tests',
  'passed',
  'failed',
  'waiting',
  'skipped',
  `Kafka ${pins.reference} passed`,
]

/** Why tests do not run, most frequent first: `5 kafka-python: waiting: transactions`. */
export function reasons(outcomes: readonly Outcome[]): string[] {
  const counts = new Map<string, number>()
  for (const { suite, reason } of outcomes.filter(o => o.result === 'skipped')) {
    const line = `${suite}: ${reason}`
    counts.set(line, (counts.get(line) ?? 0) + 1)
  }
  return [...counts].sort(([, a], [, b]) => b - a).map(([line, count]) => `${count} × ${line}`)
}

/** For the README: every suite with a record, in the runner's order. */
export function scoreTable(suites: readonly Pick<Suite, 'name' | 'title'>[]): string {
  const scored = suites.flatMap(suite => {
    const score = recorded(suite.name, 'odradek')
    return score ? [{ ...suite, score }] : []
  })
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const head = [...scoreHead, 'on']
  const rows = scored.map(({ name, title, score }) => [
    `[${title}](compat-tests/${name})`,
    ...scoreRow(name, score).slice(1),
    score.date,
  ])
  return [head, head.map(() => '---'), ...rows].map(line).join('\n')
}

/** What the numbers do not say: a line for each record that has notes. */
export function scoreNotes(suites: readonly Pick<Suite, 'name'>[]): string[] {
  return suites.flatMap(({ name }) => {
    if (!recorded(name, 'odradek')) return []
    const note = (server: Server, who: string) => {
      const notes = recorded(name, server)?.notes
      return notes ? [`- ${name}, ${who}: ${notes}`] : []
    }
    return [...note('odradek', 'this broker'), ...note('kafka', `Kafka ${pins.reference}`)]
  })
}

/** What the recorded tests wait for, over all suites. */
export function waitingFor(suites: readonly Pick<Suite, 'name'>[]): [feature: string, count: number][] {
  const counts = new Map<string, number>()
  for (const { name } of suites) {
    for (const [feature, count] of Object.entries(recorded(name, 'odradek')?.waiting ?? {})) {
      counts.set(feature, (counts.get(feature) ?? 0) + count)
    }
  }
  return [...counts].sort(([, a], [, b]) => b - a)
}
