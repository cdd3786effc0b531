// The append path: validate → dedupe → assign offsets → write → index → producer state → epochs → advance.
// Answers to UnifiedLog.append of the reference.

import type { RecordError } from '../protocol/records/errors.ts'

/** Who wrote the records, which decides how strictly they are checked (Kafka's AppendOrigin). */
export type AppendOrigin = 'client' | 'coordinator' | 'raft-leader' | 'replication'

export interface AppendOptions {
  readonly origin?: AppendOrigin
  /** What a transactional producer's verification returned; see ProducerState. */
  readonly verification?: object | null
}

export interface LogAppendInfo {
  readonly firstOffset: number
  readonly lastOffset: number
  readonly maxTimestamp: number
  readonly shallowOffsetOfMaxTimestamp: number
  /** -1 unless the topic stamps LogAppendTime (or the append was a duplicate, then the first one's timestamp). */
  readonly logAppendTimeMs: number
  readonly logStartOffset: number
  /** -1 when nothing was appended. */
  readonly leaderEpoch: number
  /** Nothing was written: these offsets are those of the first time. */
  readonly duplicate: boolean
  readonly recordErrors: readonly RecordError[]
  readonly sizeInBytes: number
  readonly recordCount: number
}
