// Log lines as JSON on stderr, by pino; stdout is for what a command answers. Written at once: there are few of them,
// and the last ones before an end are the ones that matter.
import pino from 'pino'
import { LEVELS, type Level, Loggers, type Sink } from '../broker/logging/loggers.ts'

/** `odradek.log.level`, where silent means nothing at all. */
export function openLoggers(level: string): Loggers {
  if (level === 'silent') return new Loggers()
  return new Loggers(pinoSink(2), level.toUpperCase() as Level)
}

function pinoSink(destination: number | string): Sink {
  const logger = pino(
    { level: 'trace', base: null, timestamp: pino.stdTimeFunctions.isoTime },
    pino.destination({ dest: destination, sync: true }),
  )
  const write = Object.fromEntries(
    LEVELS.map(level => [level, logger[level.toLowerCase() as Lowercase<Level>].bind(logger)]),
  ) as Record<Level, pino.LogFn>
  return (level, name, fields, message) => write[level]({ logger: name, ...fields }, message)
}
