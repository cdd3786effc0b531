// Where storage tells what an operator should know. The shape is pino's, so the broker hands its logger in as it is.

export interface StorageLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

export const SILENT_LOGGER: StorageLogger = { info() {}, warn() {}, error() {} }
