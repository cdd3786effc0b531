// Levels of loggers, changed while the broker runs and forgotten when it stops (KIP-412). Kafka's RuntimeLoggerManager.
import { Errors } from '../../protocol/errors.ts'
import { LEVELS, type Level, type Loggers, ROOT_LOGGER } from '../logging/loggers.ts'

const [SET, DELETE] = [0, 1]

interface LevelChange {
  readonly name: string
  readonly configOperation?: number
  readonly value: string | null
}

interface Problem {
  readonly error: { readonly code: number; readonly message: string }
  readonly message: string
}

export function problemWithLogLevels(loggers: Loggers, changes: readonly LevelChange[]): Problem | null {
  for (const { name, configOperation, value } of changes) {
    if (configOperation !== SET && configOperation !== DELETE)
      return {
        error: Errors.INVALID_REQUEST,
        message: `Operation ${configOperation} is not allowed for the BROKER_LOGGER resource`,
      }
    if (!loggers.has(name)) return { error: Errors.INVALID_CONFIG, message: `Logger ${name} does not exist!` }
    if (configOperation === DELETE && name === ROOT_LOGGER)
      return {
        error: Errors.INVALID_REQUEST,
        message: `Removing the log level of the ${ROOT_LOGGER} logger is not allowed`,
      }
    if (configOperation === SET && !(LEVELS as readonly string[]).includes(value ?? ''))
      return {
        error: Errors.INVALID_CONFIG,
        message: `Cannot set the log level of ${name} to ${value}; it is none of ${LEVELS.join(', ')}`,
      }
  }
  return null
}

export function applyLogLevels(loggers: Loggers, changes: readonly LevelChange[]): void {
  for (const { name, configOperation, value } of changes) {
    if (configOperation === DELETE) loggers.unsetLevel(name)
    else loggers.setLevel(name, value as Level)
  }
}
