// What a log is told: Kafka's topic settings as storage uses them, with Kafka's defaults (LogConfig of the reference).
// Numbers throughout: Kafka's Long.MAX_VALUE ("never") is Infinity here, -1 keeps its meaning ("unlimited").

export interface LogConfig {
  readonly segmentBytes: number
  readonly segmentMs: number
  readonly segmentJitterMs: number
  /** Room the offset index is given; the time index gets the same. */
  readonly segmentIndexBytes: number
  readonly indexIntervalBytes: number
  readonly retentionMs: number
  readonly retentionBytes: number
  readonly maxMessageBytes: number
  readonly cleanupPolicy: { readonly delete: boolean; readonly compact: boolean }
  /** An append that brings this many unflushed records asks for a flush; 1 makes every ack mean the disk. */
  readonly flushMessages: number
  readonly flushMs: number
  readonly fileDeleteDelayMs: number
  readonly deleteRetentionMs: number
  readonly minCompactionLagMs: number
  readonly maxCompactionLagMs: number
  readonly minCleanableDirtyRatio: number
  readonly messageTimestampType: 'CreateTime' | 'LogAppendTime'
  readonly messageTimestampBeforeMaxMs: number
  readonly messageTimestampAfterMaxMs: number
  readonly minInsyncReplicas: number
  readonly uncleanLeaderElectionEnable: boolean
  readonly compressionType: 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly compressionGzipLevel: number
  readonly compressionLz4Level: number
  readonly compressionZstdLevel: number
  readonly preallocate: boolean
}

export const DEFAULT_LOG_CONFIG: LogConfig = Object.freeze({
  segmentBytes: 1024 * 1024 * 1024,
  segmentMs: 7 * 24 * 3600 * 1000,
  segmentJitterMs: 0,
  segmentIndexBytes: 10 * 1024 * 1024,
  indexIntervalBytes: 4096,
  retentionMs: 7 * 24 * 3600 * 1000,
  retentionBytes: -1,
  maxMessageBytes: 1024 * 1024 + 12,
  cleanupPolicy: Object.freeze({ delete: true, compact: false }),
  flushMessages: Infinity,
  flushMs: Infinity,
  fileDeleteDelayMs: 60_000,
  deleteRetentionMs: 24 * 3600 * 1000,
  minCompactionLagMs: 0,
  maxCompactionLagMs: Infinity,
  minCleanableDirtyRatio: 0.5,
  messageTimestampType: 'CreateTime',
  messageTimestampBeforeMaxMs: Infinity,
  messageTimestampAfterMaxMs: 3600 * 1000,
  minInsyncReplicas: 1,
  uncleanLeaderElectionEnable: false,
  compressionType: 'producer',
  compressionGzipLevel: -1,
  compressionLz4Level: 9,
  compressionZstdLevel: 3,
  preallocate: false,
})

export function logConfig(overrides: Partial<LogConfig> = {}): LogConfig {
  return { ...DEFAULT_LOG_CONFIG, ...overrides }
}

/** Only segments that are no longer active are compacted, so max.compaction.lag.ms bounds how long one may be. */
export function segmentLifeMs({ cleanupPolicy, maxCompactionLagMs, segmentMs }: LogConfig): number {
  return cleanupPolicy.compact && maxCompactionLagMs > 0 ? Math.min(maxCompactionLagMs, segmentMs) : segmentMs
}

/** segment.jitter.ms, but never more than segment.ms, so that a new segment lives at all. */
export function segmentJitter(config: LogConfig, random: () => number): number {
  return config.segmentJitterMs === 0
    ? 0
    : Math.floor(random() * Math.min(config.segmentJitterMs, config.segmentMs))
}
