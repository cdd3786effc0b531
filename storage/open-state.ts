// From a partition's directory to the state of its log: what is found there is loaded, and recovered where the stop was not clean.
import { LEADER_EPOCH_CHECKPOINT } from './checkpoint.ts'
import type { Clock } from './clock.ts'
import type { LogConfig } from './config.ts'
import { isIoError, RecordsError, StorageError } from './errors.ts'
import type { FileSystem } from './fs/port.ts'
import { LeaderEpochs } from './leader-epochs.ts'
import { LogState } from './log-state.ts'
import { SILENT_LOGGER, type StorageLogger } from './logger.ts'
import { DEFAULT_PRODUCER_STATE_CONFIG, ProducerState, type ProducerStateConfig } from './producer-state.ts'
import { loadLog } from './recovery.ts'
import type { TopicPartition } from './topic-partition.ts'

export interface LogStateOptions {
  readonly fs: FileSystem
  readonly clock: Clock
  /** The partition's own directory, `<log dir>/<topic>-<partition>`; made if missing. */
  readonly directory: string
  readonly topicPartition: TopicPartition
  /** The names in the directory, if the caller has read them: a start with many partitions saves the calls. */
  readonly fileNames?: readonly string[]
  readonly config: LogConfig
  /** From log-start-offset-checkpoint. */
  readonly logStartOffset?: number
  /** From recovery-point-offset-checkpoint. */
  readonly recoveryPoint?: number
  /** Whether `.kafka_cleanshutdown` was found: then nothing is scanned. */
  readonly cleanShutdown?: boolean
  /** Shared by all logs and changed in place, so read it at each use. */
  readonly producerState?: Readonly<ProducerStateConfig>
  /** For the jitter of segment.ms. */
  readonly random?: () => number
  readonly logger?: StorageLogger
}

/** Throws StorageError where the disk fails. */
export function openState(options: LogStateOptions): LogState {
  const { fs, directory, config, clock, topicPartition, random = () => 0 } = options
  const { logger = SILENT_LOGGER, producerState = DEFAULT_PRODUCER_STATE_CONFIG } = options
  try {
    const isNew = options.fileNames === undefined && !fs.exists(directory)
    if (isNew) fs.mkdirp(directory)
    const names = options.fileNames ?? (isNew ? [] : fs.readdir(directory))
    const producers = new ProducerState({ fs, directory, config: producerState, fileNames: names })
    const hasEpochs = names.includes(LEADER_EPOCH_CHECKPOINT)
    const epochs = hasEpochs ? LeaderEpochs.load(fs, directory) : LeaderEpochs.empty(fs, directory)
    const environment = { fs, clock, random, logger, topicPartition }
    const state = new LogState(environment, directory, config, producers, epochs)
    const { logStartOffset = 0, recoveryPoint = 0, cleanShutdown = false } = options
    loadLog(state, { names, logStartOffset, recoveryPoint, cleanShutdown })
    // A directory without segments may have been made a moment ago by whoever put partition.metadata there; after a
    // crash nobody knows whether its name, and the names in it, ever reached the disk.
    state.isNewDirectory = !cleanShutdown || !names.some(name => name.endsWith('.log'))
    state.directoryChanged ||= state.isNewDirectory
    return state
  } catch (error) {
    if (error instanceof RecordsError || !isIoError(error)) throw error
    throw StorageError.from(error, directory, 'opening the log')
  }
}
