/** What a partition refuses with: a Kafka error code, and a message where the row has room for one. */
export const Codes = {
  UNKNOWN_SERVER_ERROR: -1,
  OFFSET_OUT_OF_RANGE: 1,
  UNKNOWN_TOPIC_OR_PARTITION: 3,
  NOT_LEADER_OR_FOLLOWER: 6,
  REQUEST_TIMED_OUT: 7,
  INVALID_TOPIC_EXCEPTION: 17,
  NOT_ENOUGH_REPLICAS: 19,
  NOT_ENOUGH_REPLICAS_AFTER_APPEND: 20,
  POLICY_VIOLATION: 44,
  KAFKA_STORAGE_ERROR: 56,
  LOG_DIR_NOT_FOUND: 57,
  FENCED_LEADER_EPOCH: 74,
  UNKNOWN_LEADER_EPOCH: 75,
  OFFSET_NOT_AVAILABLE: 78,
  INVALID_RECORD: 87,
  INCONSISTENT_TOPIC_ID: 103,
} as const

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
