// Loads one log directory at start, leftovers of half-done operations included:
//   .kafka_cleanshutdown   taken; without it every log is recovered from its recovery point
//   checkpoints            an unreadable one counts as empty: a longer recovery
//   <log>.<uuid>-delete    was given up: removed after file.delete.delay.ms
//   <log>.<uuid>-stray     was set aside before: left alone, listed
//   <log>.<uuid>-future    a copy under way: goes on where it stopped
//   <log>                  a stray if the metadata has no such partition here, or one with another topic id
// A log without a readable partition.metadata gets the id the metadata knows (it is never fsynced when a log is made).
// Answers to loadLogs and loadLog of Kafka's LogManager.
import { takeCleanShutdown } from './clean-shutdown.ts'
import type { LogConfig } from './config.ts'
import type { FileSystem } from './fs/port.ts'
import type { Log, TopicPartition } from './log.ts'
import type { DirectoryCheckpoints, LogDir } from './log-dir.ts'
import type { StorageLogger } from './logger.ts'
import { PARTITION_METADATA, readPartitionMetadata, writePartitionMetadata } from './partition-metadata.ts'
import {
  type PartitionDirectoryName,
  parsePartitionDirectoryName,
  partitionDirectoryName,
} from './topic-partition-name.ts'

/** What the metadata says about the logs that belong on this broker. */
export interface StartupMetadata {
  /** The id of the topic if this partition has a replica here; a log of any other id is a stray. */
  expectedTopicId(topicPartition: TopicPartition): string | undefined
  topicConfig(topic: string): LogConfig
  /** The id of the directory the partition should lie in, where that is known. */
  assignedDirectoryId?(topicPartition: TopicPartition): string | undefined
}

export interface LogOpening {
  readonly topicId?: string | undefined
  readonly fileNames?: readonly string[]
  readonly config: LogConfig
  readonly logStartOffset?: number
  readonly recoveryPoint: number
  readonly cleanShutdown: boolean
}

export interface LoadingContext {
  readonly fs: FileSystem
  readonly logger: StorageLogger
  readonly metadata: StartupMetadata
  readonly onlineLogDirs: readonly LogDir[]
  openLog(directory: string, topicPartition: TopicPartition, opening: LogOpening): Log
  addCurrent(log: Log): void
  addFuture(log: Log): void
  doom(directory: string): void
  setAside(directory: string, topicPartition: TopicPartition, reason: string): void
  addStray(directory: string): void
}

export const METADATA_TOPIC = '__cluster_metadata'

export async function loadDirectory(logDir: LogDir, context: LoadingContext): Promise<void> {
  const { fs, logger } = context
  logDir.hadCleanShutdown = takeCleanShutdown(fs, logDir.path) !== undefined
  const checkpoints = logDir.readCheckpoints(error =>
    logger.warn({ err: error, logDir: logDir.path }, 'checkpoint is unreadable and counts as empty'),
  )
  for (const name of logDir.list()) {
    const parsed = parsePartitionDirectoryName(name)
    if (parsed === undefined) {
      const directory = `${logDir.path}/${name}`
      if (fs.stat(directory)?.isDirectory === true) logger.warn({ directory }, 'not a partition: left alone')
    } else if (parsed.topic !== METADATA_TOPIC) {
      loadOne(logDir, name, parsed, checkpoints, context)
      // A recovery may scan for long: let the process answer its signals in between.
      if (!logDir.hadCleanShutdown) await new Promise(resolve => setImmediate(resolve))
    }
  }
  logDir.isLoaded = true
}

function loadOne(
  logDir: LogDir,
  name: string,
  parsed: PartitionDirectoryName,
  checkpoints: DirectoryCheckpoints,
  context: LoadingContext,
): void {
  const { fs, metadata } = context
  const directory = `${logDir.path}/${name}`
  if (parsed.kind === 'delete') return context.doom(directory)
  if (parsed.kind === 'stray') return context.addStray(directory)

  const topicPartition: TopicPartition = { topic: parsed.topic, partition: parsed.partition }
  const expected = metadata.expectedTopicId(topicPartition)
  const fileNames = fs.readdir(directory)
  const found = fileNames.includes(PARTITION_METADATA) ? readPartitionMetadata(fs, directory) : undefined
  if (expected === undefined || (found !== undefined && found !== expected))
    return context.setAside(directory, topicPartition, 'the metadata does not know it')
  if (parsed.kind === 'current' && isLeftBehind(logDir, topicPartition, context))
    return context.setAside(directory, topicPartition, 'it has moved to another directory')
  if (found === undefined) writePartitionMetadata(fs, directory, expected)

  const key = partitionDirectoryName(topicPartition)
  const log = context.openLog(directory, topicPartition, {
    topicId: expected,
    fileNames,
    config: metadata.topicConfig(parsed.topic),
    logStartOffset: checkpoints.logStartOffsets.get(key) ?? 0,
    recoveryPoint: checkpoints.recoveryPoints.get(key) ?? 0,
    cleanShutdown: logDir.hadCleanShutdown,
  })
  const highWatermark = checkpoints.highWatermarks.get(key)
  if (highWatermark !== undefined) log.updateHighWatermark(highWatermark)
  if (parsed.kind === 'future') context.addFuture(log)
  else context.addCurrent(log)
}

/** A copy took its place in the assigned directory, and the crash came before this was given up durably. */
function isLeftBehind(logDir: LogDir, topicPartition: TopicPartition, context: LoadingContext): boolean {
  const { fs, metadata, onlineLogDirs } = context
  const assigned = metadata.assignedDirectoryId?.(topicPartition)
  if (assigned === undefined || assigned === logDir.directoryId) return false
  const right = onlineLogDirs.find(one => one.directoryId === assigned)
  if (right === undefined) return false
  return fs.stat(`${right.path}/${partitionDirectoryName(topicPartition)}`)?.isDirectory === true
}
