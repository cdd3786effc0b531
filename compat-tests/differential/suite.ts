/**
 * The same requests to Apache Kafka and to the broker under test, answers compared. DIFFERENTIAL_REQUESTS, DIFFERENTIAL_SEED and
 * DIFFERENTIAL_ONLY (API names) say how many, which, and of what; the runner's --requests and --seed set the first two. With
 * `--against kafka` it compares Kafka with itself, which must find nothing.
 */
import { startServer } from '../brokers.ts'
import type { Step } from './side.ts'
import type { CheckContext, Suite } from '../suite.ts'
import { kafkaJars, pins } from '../toolchain.ts'
import { Differential, type Mismatch, type Report } from './differential.ts'

/** What CI runs: below a minute, brokers included. */
const SHORT_REQUESTS = 1500
const SHORT_SECONDS = 45

/** Kafka as it is without what we do not serve yet: transactions of version 2, the newer groups, eligible leader replicas. */
const LEVELS = [
  'transaction.version',
  'group.version',
  'share.version',
  'streams.version',
  'eligible.leader.replicas.version',
].flatMap(feature => ['--feature', `${feature}=0`])

const text = (value: unknown): string => JSON.stringify(value)?.slice(0, 400) ?? 'nothing'

function told({ scenario, isAfter, step, differences }: Mismatch): string {
  const head = `${step.api} v${step.version} (scenario ${scenario}${isAfter ? ', after another' : ''}): ${step.note.slice(0, 500)}`
  const rows = differences
    .slice(0, 6)
    .map(d => `    ${d.path || 'the reply'}: kafka ${text(d.reference)}, ours ${text(d.ours)}`)
  return [head, ...rows].join('\n')
}

async function run({ broker }: CheckContext): Promise<void> {
  const requests = Number(process.env.DIFFERENTIAL_REQUESTS ?? SHORT_REQUESTS)
  const seed = Number(process.env.DIFFERENTIAL_SEED ?? 1)
  const isShort = process.env.DIFFERENTIAL_REQUESTS === undefined
  const reference = await startServer('kafka', differential.settings, { format: LEVELS })
  let report: Report
  try {
    const deadline = isShort ? Date.now() + SHORT_SECONDS * 1000 : Number.POSITIVE_INFINITY
    const only = process.env.DIFFERENTIAL_ONLY?.split(',')
    const trace = process.env.DIFFERENTIAL_TRACE?.split(',').map(Number)
    const onStep = (scenario: number, step: Step) => {
      if (trace?.includes(scenario))
        console.log(`     > ${step.api} v${step.version}: ${step.note.slice(0, 300)}`)
    }
    const onMismatch = (mismatch: Mismatch) => console.log(`     ${told(mismatch)}`)
    report = await new Differential(reference, broker, {
      requests,
      seed,
      deadline,
      only,
      onMismatch,
      onStep,
    }).run()
  } finally {
    await reference.dispose()
  }
  const first = report.mismatches.filter(m => !m.isAfter).length
  console.log(
    `     seed ${seed}: ${report.requests} requests, ${report.byApi.size} APIs, ${report.mismatches.length} mismatches, ${report.accidents} accidents of Kafka's`,
  )
  if (report.mismatches.length > 0) {
    throw new Error(
      `${report.mismatches.length} answers differ, ${first} of them the first in their scenario (seed ${seed})`,
    )
  }
}

export const differential: Suite = {
  name: 'differential',
  title: `the same requests to Apache Kafka ${pins.reference}`,
  // Records are old, so that they are the same in every run, and nothing may go by itself while it is asked for.
  settings: {
    'log.retention.ms': '-1',
    'log.retention.check.interval.ms': '3600000',
    'auto.create.topics.enable': 'false',
    'offsets.topic.num.partitions': '2',
  },
  isInCi: false,
  prepare: () => void kafkaJars(pins.reference),
  checks: [{ name: 'every answer is what Apache Kafka answers', run }],
}
