/** What a partition refuses with: a Kafka error code, and a message where the row has room for one. */

export class PartitionError extends Error {
  readonly code: number

  constructor(code: number, message?: string) {
    super(message ?? `error ${code}`)
    this.name = 'PartitionError'
    this.code = code
  }
}

/** The Kafka code of anything thrown below us; undefined when it carries none, which is a bug and not an answer. */
export function codeOf(error: unknown): number | undefined {
  if (!(error instanceof Error)) return undefined
  const { code } = error as { code?: unknown }
  return typeof code === 'number' ? code : undefined
}
