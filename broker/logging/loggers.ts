// Named loggers, each with a level that an operator may change while the broker runs (DescribeConfigs and
// IncrementalAlterConfigs of BROKER_LOGGER resources, KIP-412). Where lines go is the caller's business: the command
// line hands in pino, the library nothing. Log what an operator needs, one line per event, nothing per request above
// debug.

export const LEVELS = ['TRACE', 'DEBUG', 'INFO', 'WARN', 'ERROR', 'FATAL'] as const
export type Level = (typeof LEVELS)[number]
/** The name of the logger all others inherit from. */
export const ROOT_LOGGER = 'root'

export interface Logger {
  readonly name: string
  trace(fields: object, message: string): void
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  fatal(fields: object, message: string): void
}

export type Sink = (level: Level, logger: string, fields: object, message: string) => void

const SILENT = LEVELS.length

class NamedLogger implements Logger {
  readonly name: string
  readonly #sink: Sink
  /** Index of the least severe level that is written. */
  threshold: number

  constructor(name: string, sink: Sink, threshold: number) {
    this.name = name
    this.#sink = sink
    this.threshold = threshold
  }

  trace(fields: object, message: string): void {
    if (this.threshold <= 0) this.#sink('TRACE', this.name, fields, message)
  }
  debug(fields: object, message: string): void {
    if (this.threshold <= 1) this.#sink('DEBUG', this.name, fields, message)
  }
  info(fields: object, message: string): void {
    if (this.threshold <= 2) this.#sink('INFO', this.name, fields, message)
  }
  warn(fields: object, message: string): void {
    if (this.threshold <= 3) this.#sink('WARN', this.name, fields, message)
  }
  error(fields: object, message: string): void {
    if (this.threshold <= 4) this.#sink('ERROR', this.name, fields, message)
  }
  fatal(fields: object, message: string): void {
    if (this.threshold <= 5) this.#sink('FATAL', this.name, fields, message)
  }
}

export class Loggers {
  readonly #sink: Sink | undefined
  readonly #named = new Map<string, NamedLogger>()
  readonly #own = new Map<string, number>()
  #root: number

  /** Without a sink nothing is written; the levels can still be set and read. */
  constructor(sink?: Sink, rootLevel: Level = 'INFO') {
    this.#sink = sink
    this.#root = LEVELS.indexOf(rootLevel)
  }

  get(name: string): Logger {
    let logger = this.#named.get(name)
    if (logger === undefined) {
      logger = new NamedLogger(name, this.#sink ?? (() => {}), this.#thresholdOf(name))
      this.#named.set(name, logger)
    }
    return logger
  }

  has(name: string): boolean {
    return name === ROOT_LOGGER || this.#named.has(name)
  }

  /** Every logger and its level, the root first. */
  levels(): ReadonlyMap<string, Level> {
    const levels = new Map<string, Level>([[ROOT_LOGGER, LEVELS[this.#root]!]])
    for (const name of [...this.#named.keys()].sort())
      levels.set(name, LEVELS[this.#own.get(name) ?? this.#root]!)
    return levels
  }

  setLevel(name: string, level: Level): void {
    if (name === ROOT_LOGGER) this.#root = LEVELS.indexOf(level)
    else this.#own.set(name, LEVELS.indexOf(level))
    this.#apply()
  }

  /** Lets the logger follow the root again. */
  unsetLevel(name: string): void {
    this.#own.delete(name)
    this.#apply()
  }

  #thresholdOf(name: string): number {
    return this.#sink === undefined ? SILENT : (this.#own.get(name) ?? this.#root)
  }

  #apply(): void {
    for (const [name, logger] of this.#named) logger.threshold = this.#thresholdOf(name)
  }
}
