/** The settings that each part reads, by the names that part gives them: getters over the one table, so that a change acts at once. */
import type { LogManagerSettings } from '../../storage/log-manager.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import type { ControllerSettings } from '../controller/context.ts'
import type { SnapshotPolicy } from '../controller/snapshot-writer.ts'
import type { ListenerLimits } from '../net/listener.ts'

export function logManagerSettings(config: BrokerConfig): LogManagerSettings {
  return {
    get defaultLogConfig() {
      return config.topicConfig()
    },
    get retentionCheckIntervalMs() {
      return config.get('log.retention.check.interval.ms')
    },
    get recoveryPointCheckpointIntervalMs() {
      return config.get('log.flush.offset.checkpoint.interval.ms')
    },
    get logStartOffsetCheckpointIntervalMs() {
      return config.get('log.flush.start.offset.checkpoint.interval.ms')
    },
    get highWatermarkCheckpointIntervalMs() {
      return Number(config.get('replica.high.watermark.checkpoint.interval.ms'))
    },
    get producerIdExpirationCheckIntervalMs() {
      return config.get('producer.id.expiration.check.interval.ms')
    },
    get flushSchedulerIntervalMs() {
      return config.get('log.flush.scheduler.interval.ms')
    },
    get initialTaskDelayMs() {
      return Number(config.get('log.initial.task.delay.ms'))
    },
    cleaner: {
      get isEnabled() {
        return config.get('log.cleaner.enable')
      },
      get backoffMs() {
        return Number(config.get('log.cleaner.backoff.ms'))
      },
      get dedupeBufferBytes() {
        return Number(config.get('log.cleaner.dedupe.buffer.size'))
      },
      get loadFactor() {
        return config.get('log.cleaner.io.buffer.load.factor')
      },
      get ioBufferBytes() {
        return config.get('log.cleaner.io.buffer.size')
      },
      get maxBytesPerSecond() {
        return config.get('log.cleaner.io.max.bytes.per.second')
      },
    },
    producerState: {
      get producerIdExpirationMs() {
        return config.get('producer.id.expiration.ms')
      },
      get transactionVerificationEnabled() {
        return config.get('transaction.partition.verification.enable')
      },
      get maxTransactionTimeoutMs() {
        return config.get('transaction.max.timeout.ms')
      },
    },
  }
}

export const snapshotPolicy = (config: BrokerConfig): SnapshotPolicy => ({
  maxBytesBetween: () => Number(config.get('metadata.log.max.record.bytes.between.snapshots')),
  maxIntervalMs: () => Number(config.get('metadata.log.max.snapshot.interval.ms')),
  retentionBytes: () => Number(config.get('metadata.max.retention.bytes')),
  retentionMs: () => Number(config.get('metadata.max.retention.ms')),
})

export const controllerSettings = (config: BrokerConfig, clusterId: string): ControllerSettings => ({
  nodeId: config.nodeId,
  clusterId,
  numPartitions: () => config.get('num.partitions'),
  defaultReplicationFactor: () => config.get('default.replication.factor'),
})

export const listenerLimits = (config: BrokerConfig, listener: string) => (): ListenerLimits => ({
  maxRequestBytes: config.get('socket.request.max.bytes'),
  maxConnections: config.get('max.connections'),
  maxOwnConnections: config.ofListener(listener, 'max.connections'),
  maxConnectionsPerIp: config.get('max.connections.per.ip'),
  maxConnectionsOf: perAddress(config.get('max.connections.per.ip.overrides')),
  maxIdleMs: Number(config.get('connections.max.idle.ms')),
})

function perAddress(overrides: string): ReadonlyMap<string, number> {
  const pairs = overrides.split(',').filter(pair => pair.trim() !== '')
  return new Map(
    pairs.map(pair => {
      const at = pair.lastIndexOf(':')
      return [pair.slice(0, at).trim(), Number(pair.slice(at + 1))] as const
    }),
  )
}
