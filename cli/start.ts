// `odradek start`, the default command: settings, broker, banner, and a clean stop on SIGTERM or SIGINT. Only this file
// owns signals and the exit code.
//   0  stopped as asked        1  could not start, or stopped by itself        130/143  killed by a second signal
import { randomBytes } from 'node:crypto'
import { parseArgs } from 'node:util'
import { type BrokerConfig, InvalidSettings } from '../broker/config/broker-config.ts'
import type { Loggers } from '../broker/logging/loggers.ts'
import { MetricsRegistry } from '../broker/metrics/cells.ts'
import type { BrokerOptions, RunningBroker } from '../broker/options.ts'
import { SystemClock } from '../broker/time/system-clock.ts'
import { NodeFileSystem } from '../storage/fs/node.ts'
import { banner } from './banner.ts'
import { gatherSettings } from './settings.ts'
import { VERSION } from './version.ts'

export type StartBroker = (options: BrokerOptions) => Promise<RunningBroker>

/** A clean stop that takes longer than this is not clean any more. */
const STOP_LIMIT_MS = 10_000

const START_OPTIONS = {
  config: { type: 'string', short: 'c' },
  set: { type: 'string', short: 's', multiple: true },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const

/** Resolves with the exit code. */
export async function start(args: readonly string[], startBroker: StartBroker): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: START_OPTIONS,
    strict: true,
    allowPositionals: false,
  })
  const config = await settingsOrComplaint(values)
  if (config === undefined) return 1
  const { openLoggers } = await import('./pino-sink.ts')
  const loggers = openLoggers(config.get('odradek.log.level'))
  for (const warning of config.warnings) loggers.get('config').warn({}, warning)
  try {
    return await serve(config, loggers, startBroker)
  } catch (error) {
    process.stderr.write(`odradek: ${explained(error as NodeJS.ErrnoException)}\n`)
    loggers.get('start').fatal({ err: error }, 'the broker could not start')
    return 1
  }
}

async function settingsOrComplaint(values: {
  config?: string | undefined
  set?: string[] | undefined
}): Promise<BrokerConfig | undefined> {
  try {
    return await gatherSettings({ ...values, environment: process.env })
  } catch (error) {
    const problems =
      error instanceof InvalidSettings ? error.problems : [explained(error as NodeJS.ErrnoException)]
    for (const problem of problems) process.stderr.write(`odradek: ${problem}\n`)
    return undefined
  }
}

function explained(error: NodeJS.ErrnoException): string {
  if (error.code === 'EADDRINUSE') return `${error.message}; is another broker running?`
  return error.message
}

async function serve(config: BrokerConfig, loggers: Loggers, startBroker: StartBroker): Promise<number> {
  const clock = new SystemClock()
  const metrics = new MetricsRegistry()
  const flushTimes = metrics.histogram('kafka_log_logflushstats_logflushrateandtimems')
  const fs = new NodeFileSystem({
    maxOpenFiles: config.get('odradek.max.open.files'),
    onSync: tookMs => flushTimes.observe(tookMs),
  })
  const signals = listenForSignals()
  const broker = await startBroker({ config, fs, clock, loggers, metrics, randomBytes })
  let stopMetrics = async (): Promise<void> => {}
  try {
    const { openMetrics } = await import('./metrics.ts')
    const opened = await openMetrics({
      config,
      metrics,
      broker,
      clock,
      countOpenFiles: () => fs.openFileCount,
    })
    stopMetrics = opened?.close ?? stopMetrics
    const facts = { version: VERSION, startedInMs: performance.now(), metricsPort: opened?.port }
    metrics.gauge('odradek_start_duration_seconds', () => facts.startedInMs / 1000)
    process.stdout.write(banner(broker, config, facts))
    const failure = await Promise.race([signals.first, broker.closed]).then(
      () => undefined,
      (error: Error) => error,
    )
    if (failure === undefined) return 0
    // The broker has logged it already, as it happened.
    process.stderr.write(`odradek: stopped by itself: ${explained(failure)}\n`)
    return 1
  } finally {
    const timer = clock.setTimeout(() => process.exit(1), STOP_LIMIT_MS)
    await Promise.allSettled([broker.stop(), stopMetrics()])
    timer.cancel()
    loggers.get('start').info({}, 'stopped')
    signals.release()
  }
}

/** The first SIGTERM or SIGINT asks for a clean stop; a second one ends the process as it would without us. */
function listenForSignals(): { first: Promise<string>; release(): void } {
  const names = ['SIGTERM', 'SIGINT'] as const
  let resolveFirst: (signal: string) => void
  const first = new Promise<string>(resolve => {
    resolveFirst = resolve
  })
  const onSignal = (signal: string): void => {
    release()
    resolveFirst(signal)
  }
  const release = (): void => {
    for (const name of names) process.off(name, onSignal)
  }
  for (const name of names) process.on(name, onSignal)
  return { first, release }
}
