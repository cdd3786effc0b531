/** What partitions ask of the log manager (LogSource, LogDirSource), and what the manager asks of the metadata while it loads. */
import { Errors } from '../../protocol/errors.ts'
import type { FileSystem } from '../../storage/fs/port.ts'
import type { LogManager, StartupMetadata } from '../../storage/log-manager.ts'
import type { BrokerConfig } from '../config/broker-config.ts'
import { ConfigResourceType, configsOf, type MetadataImage } from '../metadata/image.ts'
import type { LogDirSource } from '../partitions/local-partitions.ts'
import type { LogSource } from '../partitions/partition-map.ts'
import type { LogDirDescription } from '../ports/partitions.ts'

export const logSource = (manager: LogManager): LogSource => ({
  openOrCreate: (partition, topicId, config, directoryId, isNew) =>
    manager.getOrCreateLog(partition, { topicId, config, directoryId, isNew }),
  delete: partition => manager.deleteLog(partition),
})

export function logDirSource(manager: LogManager, fs: FileSystem): LogDirSource {
  const describe = (): LogDirDescription[] =>
    manager.logDirs.map(logDir => {
      const space = logDir.isOnline ? fs.space(logDir.path) : undefined
      return {
        errorCode: logDir.isOnline ? Errors.NONE.code : Errors.KAFKA_STORAGE_ERROR.code,
        logDir: logDir.path,
        totalBytes: space?.totalBytes ?? -1,
        usableBytes: space?.usableBytes ?? -1,
        isCordoned: false,
        replicas: Array.from(logDir.logs, log => ({
          ...log.topicPartition,
          sizeBytes: log.sizeInBytes,
          // A leader lags behind nothing; a future copy behind the log it will replace.
          offsetLag: Math.max((manager.getLog(log.topicPartition)?.logEndOffset ?? 0) - log.logEndOffset, 0),
          isFuture: manager.getFutureLog(log.topicPartition) === log,
        })),
      }
    })
  return { describe }
}

/** Which logs belong on this broker, by the image it starts with. */
export const startupMetadata = (image: MetadataImage, config: BrokerConfig): StartupMetadata => ({
  expectedTopicId({ topic, partition }) {
    const found = image.topics.byName.get(topic)
    return found?.partitions.get(partition)?.replicas.includes(config.nodeId) ? found.id : undefined
  },
  topicConfig: topic => config.topicConfig(configsOf(image, ConfigResourceType.TOPIC, topic)),
  assignedDirectoryId({ topic, partition }) {
    const found = image.topics.byName.get(topic)?.partitions.get(partition)
    return found?.directories[found.replicas.indexOf(config.nodeId)]
  },
})
