// Kafka's own load programs, as its scripts start them: half a GiB of heap, the same collector as the server.
import { kafkaJars, pins } from '../../compat-tests/toolchain.ts'
import type { Measured } from './cell.ts'
import type { Program } from './program.ts'

/** KAFKA_JVM_PERFORMANCE_OPTS of kafka-run-class. */
export const kafkaRunClassFlags = [
  '-server',
  '-XX:+UseG1GC',
  '-XX:MaxGCPauseMillis=20',
  '-XX:InitiatingHeapOccupancyPercent=35',
  '-XX:+ExplicitGCInvokesConcurrent',
  '-XX:MaxInlineLevel=15',
  '-Djava.awt.headless=true',
] as const

function tool(name: string, args: readonly string[]): readonly string[] {
  const java = ['java', '-Xmx512M', ...kafkaRunClassFlags, '-cp', kafkaJars(pins.reference)]
  return [...java, `org.apache.kafka.tools.${name}`, ...args]
}

/** Further client settings, as `key=value`, behind one flag: of a repeated one the tools take the last and forget the others. */
function properties(settings: Readonly<Record<string, string | number>>): string[] {
  const pairs = Object.entries(settings).map(([key, value]) => `${key}=${value}`)
  return pairs.length === 0 ? [] : ['--command-property', ...pairs]
}

export interface ProducerPerformance {
  readonly bootstrap: string
  readonly topic: string
  readonly records: number
  readonly recordBytes: number
  /** Of the records, those that the closing percentiles leave out. */
  readonly warmUpRecords?: number
  readonly settings: Readonly<Record<string, string | number>>
}

export function producerPerformance(load: ProducerPerformance): Program {
  const { bootstrap, topic, records, recordBytes, warmUpRecords = 0, settings } = load
  const args = ['--bootstrap-server', bootstrap, '--topic', topic, '--num-records', `${records}`]
  args.push('--record-size', `${recordBytes}`, '--throughput', '-1', '--reporting-interval', '500')
  if (warmUpRecords > 0) args.push('--warmup-records', `${warmUpRecords}`)
  return { command: tool('ProducerPerformance', [...args, ...properties(settings)]), progress: producedSoFar }
}

/** Lines of an interval count its records; the two closing lines, with percentiles, count everything again. */
export function producedSoFar(line: string, before: number): number | undefined {
  const sent = /^(\d+) records sent,/.exec(line)
  return sent === null || line.includes('50th') ? undefined : before + Number(sent[1])
}

/** Of the last line with percentiles, which is that of the steady state if there is one. */
export function producerLatency(lines: readonly string[]): Measured {
  const line = lines.findLast(text => text.includes('50th')) ?? ''
  const at = (rank: string) => Number(new RegExp(`(\\d+) ms ${rank}`).exec(line)?.[1] ?? Number.NaN)
  return { p50Ms: at('50th'), p99Ms: at('99th'), p999Ms: at('99.9th') }
}

export interface ConsumerPerformance {
  readonly bootstrap: string
  readonly topic: string
  readonly records: number
  readonly settings: Readonly<Record<string, string | number>>
}

export function consumerPerformance({ bootstrap, topic, records, settings }: ConsumerPerformance): Program {
  const args = ['--bootstrap-server', bootstrap, '--topic', topic, '--num-records', `${records}`]
  args.push('--show-detailed-stats', '--reporting-interval', '250', '--timeout', '30000')
  return { command: tool('ConsumerPerformance', [...args, ...properties(settings)]), progress: consumedSoFar }
}

/** time, threadId, MB so far, MB/s, records so far, … */
export function consumedSoFar(line: string): number | undefined {
  const fields = line.split(', ')
  return /^\d{4}-/.test(line) && fields.length >= 6 ? Number(fields[4]) : undefined
}

export interface EndToEndLatency {
  readonly bootstrap: string
  readonly topic: string
  readonly records: number
  readonly recordBytes: number
  readonly acks: '1' | 'all'
}

export function endToEndLatency({ bootstrap, topic, records, recordBytes, acks }: EndToEndLatency): Program {
  const args = ['--bootstrap-server', bootstrap, '--topic', topic, '--num-records', `${records}`]
  args.push('--producer-acks', acks, '--record-size', `${recordBytes}`)
  return { command: tool('EndToEndLatency', args), progress: roundTripsSoFar }
}

/** Every thousand records: their number, and the milliseconds of the last one. */
export function roundTripsSoFar(line: string): number | undefined {
  const said = /^(\d+)\t[\d.]+$/.exec(line)
  return said === null ? undefined : Number(said[1])
}

/** Whole milliseconds, of all records. */
export function endToEndPercentiles(lines: readonly string[]): Measured {
  const line = lines.findLast(text => text.startsWith('Percentiles:')) ?? ''
  const at = (rank: string) => Number(new RegExp(`\\b${rank} = (\\d+)`).exec(line)?.[1] ?? Number.NaN)
  return { p50Ms: at('50th'), p99Ms: at('99th'), p999Ms: at('99\\.9th') }
}
