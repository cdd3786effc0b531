// What the group coordinator is told from outside: settings (read at each use, since some change at run time), member ids
// and a place to log. Names follow Kafka's GroupCoordinatorConfig; the setting each one comes from stands beside it.

import type { BrokerConfig } from '../../config/broker-config.ts'
import type { MetricsRegistry } from '../../metrics/cells.ts'

export interface GroupCoordinatorConfig {
  /** group.min.session.timeout.ms, group.max.session.timeout.ms */
  readonly minSessionTimeoutMs: number
  readonly maxSessionTimeoutMs: number
  /** group.max.size */
  readonly maxSize: number
  /** group.initial.rebalance.delay.ms */
  readonly initialRebalanceDelayMs: number
  /** offset.metadata.max.bytes */
  readonly offsetMetadataMaxBytes: number
  /** offsets.retention.minutes, in milliseconds */
  readonly offsetsRetentionMs: number
  /** offsets.retention.check.interval.ms */
  readonly offsetsRetentionCheckIntervalMs: number
  /** offsets.commit.timeout.ms */
  readonly offsetCommitTimeoutMs: number
  /** offsets.load.buffer.size */
  readonly offsetsLoadBufferBytes: number
  /** offsets.topic.compression.codec: 0 none, 1 gzip, 2 snappy, 3 lz4, 4 zstd */
  readonly offsetsTopicCompressionCodec: number
}

/** Kafka's defaults. */
export const DEFAULT_GROUP_CONFIG: GroupCoordinatorConfig = {
  minSessionTimeoutMs: 6_000,
  maxSessionTimeoutMs: 1_800_000,
  maxSize: 2_147_483_647,
  initialRebalanceDelayMs: 3_000,
  offsetMetadataMaxBytes: 4_096,
  offsetsRetentionMs: 7 * 24 * 60 * 60 * 1000,
  offsetsRetentionCheckIntervalMs: 600_000,
  offsetCommitTimeoutMs: 5_000,
  offsetsLoadBufferBytes: 5_242_880,
  offsetsTopicCompressionCodec: 0,
}

/** The settings as they are now: each is asked for when it is used. */
export function groupConfigOf(config: Pick<BrokerConfig, 'get'>): GroupCoordinatorConfig {
  return {
    get minSessionTimeoutMs() {
      return config.get('group.min.session.timeout.ms')
    },
    get maxSessionTimeoutMs() {
      return config.get('group.max.session.timeout.ms')
    },
    get maxSize() {
      return config.get('group.max.size')
    },
    get initialRebalanceDelayMs() {
      return config.get('group.initial.rebalance.delay.ms')
    },
    get offsetMetadataMaxBytes() {
      return config.get('offset.metadata.max.bytes')
    },
    get offsetsRetentionMs() {
      return config.get('offsets.retention.minutes') * 60_000
    },
    get offsetsRetentionCheckIntervalMs() {
      return Number(config.get('offsets.retention.check.interval.ms'))
    },
    get offsetCommitTimeoutMs() {
      return config.get('offsets.commit.timeout.ms')
    },
    get offsetsLoadBufferBytes() {
      return config.get('offsets.load.buffer.size')
    },
    get offsetsTopicCompressionCodec() {
      return config.get('offsets.topic.compression.codec')
    },
  }
}

/** A new member has this long to come back with the id it was given, whatever its session timeout. */
export const NEW_MEMBER_JOIN_TIMEOUT_MS = 5 * 60 * 1000

/** The part of a logger that group events need. */
export interface GroupLogger {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

/** What is counted; cells of the metrics registry, or nothing. */
export interface GroupCounters {
  readonly offsetCommits: Count
  readonly offsetExpirations: Count
  readonly offsetDeletions: Count
  readonly completedRebalances: Count
}

interface Count {
  inc(by?: number): void
}

export function groupCounters(registry: Pick<MetricsRegistry, 'counter'>): GroupCounters {
  return {
    offsetCommits: registry.counter('kafka_server_groupcoordinatormetrics_offset_commit_count'),
    offsetExpirations: registry.counter('kafka_server_groupcoordinatormetrics_offset_expiration_count'),
    offsetDeletions: registry.counter('kafka_server_groupcoordinatormetrics_offset_deletion_count'),
    completedRebalances: registry.counter(
      'kafka_server_groupcoordinatormetrics_group_completed_rebalance_count',
    ),
  }
}

const uncounted: Count = { inc() {} }
export const UNCOUNTED: GroupCounters = {
  offsetCommits: uncounted,
  offsetExpirations: uncounted,
  offsetDeletions: uncounted,
  completedRebalances: uncounted,
}

export const SILENT: GroupLogger = { info() {}, warn() {} }
