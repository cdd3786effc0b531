/**
 * The same requests to Apache Kafka and to the broker under test, answers compared; and in the versions that Kafka 4.0 dropped, to the elder.
 * The runner's --requests and --seed say how many and which; without them it is the short run of CI. DIFFERENTIAL_ONLY (API names) and
 * DIFFERENTIAL_SCENARIOS (numbers) narrow it, DIFFERENTIAL_TRACE (numbers) prints every step, DIFFERENTIAL_KEEP=1 makes the conversation
 * of each mismatch small and puts it into the corpus. With `--against kafka` it compares Kafka with itself, which must find nothing.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { startServer } from '../brokers.ts'
import type { CheckContext, Suite } from '../suite.ts'
import { cacheDir, kafkaJars, pins } from '../toolchain.ts'
import { writeKept } from './corpus.ts'
import { Differential, type Mismatch, type Report, type RunOptions } from './differential.ts'
import type { Step } from './side.ts'

/** What CI runs of the first check, below a minute with its brokers; the elder is left to full runs. */
const SHORT = { requests: 1000, elderRequests: 300, seconds: 60 }
/** In a run as long as this no version may be left out. */
const COVERING_REQUESTS = 8000
const LANES = 4
/** The elder answers for 25 versions of 13 APIs, the reference for all others. */
const ELDER_PART = 5

/** Kafka as it is without what we do not serve yet: transactions of version 2, the newer groups, eligible leader replicas. */
const LEVELS = ['transaction.version']
const NEWER_LEVELS = ['group.version', 'share.version', 'streams.version', 'eligible.leader.replicas.version']
/** What 4.0 changed the default of. */
const NEWER_DEFAULTS = {
  'log.message.timestamp.after.max.ms': '3600000',
  'num.recovery.threads.per.data.dir': '2',
  'log.segment.bytes': '1073741824',
}
const levels = (names: readonly string[]) => names.flatMap(feature => ['--feature', `${feature}=0`])

const text = (value: unknown): string => JSON.stringify(value)?.slice(0, 400) ?? 'nothing'

function told({ where, isAfter, step, differences, kept }: Mismatch): string {
  const head = `${step.api} v${step.version} (${where}${isAfter ? ', after another' : ''}): ${step.note.slice(0, 600)}`
  const rows = differences
    .slice(0, 6)
    .map(d => `    ${d.path || 'the reply'}: kafka ${text(d.reference)}, ours ${text(d.ours)}`)
  const small = kept?.steps.map(s => `    < ${s.api} v${s.version} ${text(s.fields)} ${text(s.damage)}`) ?? []
  return [head, ...rows, ...small].join('\n')
}

const numbers = (list: string | undefined): number[] | undefined => list?.split(',').map(Number)

function options(isElder: boolean): RunOptions {
  const { env } = process
  const isShort = env.DIFFERENTIAL_REQUESTS === undefined
  const trace = numbers(env.DIFFERENTIAL_TRACE)
  const seed = Number(env.DIFFERENTIAL_SEED ?? 1)
  return {
    seed,
    requests: isElder
      ? Number(env.DIFFERENTIAL_REQUESTS ?? SHORT.elderRequests * ELDER_PART) / ELDER_PART
      : Number(env.DIFFERENTIAL_REQUESTS ?? SHORT.requests),
    lanes: trace ? 1 : LANES,
    deadline: isShort ? Date.now() + SHORT.seconds * 1000 : Number.POSITIVE_INFINITY,
    only: env.DIFFERENTIAL_ONLY?.split(','),
    scenarios: numbers(env.DIFFERENTIAL_SCENARIOS),
    isElder,
    keeps: env.DIFFERENTIAL_KEEP !== undefined,
    onStep(scenario: number, step: Step) {
      if (trace?.includes(scenario))
        console.log(`     > ${step.api} v${step.version}: ${step.note.slice(0, 300)}`)
    },
    onMismatch(mismatch: Mismatch) {
      console.log(`     ${told(mismatch)}`)
      if (mismatch.kept) writeKept(mismatch.kept, isElder, mismatch)
    },
  }
}

/** One line for the record, the table of what was asked, and an error when anything differs. */
function judge(report: Report, { seed, requests }: RunOptions, name: string): void {
  const { coverage, mismatches, accidents, explained } = report
  mkdirSync(cacheDir, { recursive: true })
  const file = join(cacheDir, `differential-${name}-${seed}.md`)
  writeFileSync(file, coverage.table())
  const first = mismatches.filter(m => !m.isAfter).length
  const told = (what: ReadonlyMap<string, number>) =>
    [...what]
      .sort((a, b) => b[1] - a[1])
      .map(([name, times]) => `${name} ${times}`)
      .join(', ') || 'none'
  console.log(
    `     seed ${seed}: ${report.requests} requests in ${report.scenarios} scenarios, ${coverage.size - coverage.unasked.length} of ${coverage.size} API versions, ${mismatches.length} mismatches, ${first} of them first; accidents of Kafka's: ${told(accidents)}; explained: ${told(explained)}; table in ${file}`,
  )
  if (mismatches.length > 0)
    throw new Error(`${mismatches.length} answers differ, ${first} of them first (seed ${seed})`)
  if (
    requests >= (name === pins.elder ? COVERING_REQUESTS / ELDER_PART : COVERING_REQUESTS) &&
    coverage.unasked.length > 0
  )
    throw new Error(`not asked once: ${coverage.unasked.join(', ')}`)
}

async function run({ broker }: CheckContext, isElder: boolean): Promise<void> {
  const release = isElder ? pins.elder : pins.reference
  const format = levels(isElder ? LEVELS : [...LEVELS, ...NEWER_LEVELS])
  const settings = { ...differential.settings, ...(isElder && NEWER_DEFAULTS) }
  const reference = await startServer('kafka', settings, { format, release })
  const chosen = options(isElder)
  try {
    judge(await new Differential(reference, broker, chosen).run(), chosen, release)
  } finally {
    await reference.dispose()
  }
}

export const differential: Suite = {
  name: 'differential',
  title: `the same requests to Apache Kafka ${pins.reference} and ${pins.elder}`,
  // Records are old, so that they are the same in every run, and nothing may go by itself while it is asked for.
  settings: {
    'log.retention.ms': '-1',
    'log.retention.check.interval.ms': '3600000',
    'log.initial.task.delay.ms': '3600000',
    'producer.id.expiration.check.interval.ms': '3600000',
    'offsets.retention.check.interval.ms': '3600000',
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': '2',
  },
  isInCi: true,
  prepare: () => void kafkaJars(pins.reference),
  checks: [
    { name: `every answer is what Apache Kafka ${pins.reference} answers`, run: c => run(c, false) },
    {
      name: `in versions that Kafka 4.0 dropped, what ${pins.elder} answers`,
      isSlow: true,
      run: c => run(c, true),
    },
  ],
}
