// All logs of a broker over its log directories: opens, locks and checks the directories, loads every log in them,
// makes and deletes logs, writes the checkpoints, runs retention, takes a failing directory offline, and stops cleanly.
//
//   open()     make, lock and identify the directories          (before anything in them is read)
//   startup()  load the logs, begin the periodic work           (once the metadata says which logs belong here)
//   close()    flush, checkpoint, mark the stop clean, unlock
//
// An I/O error anywhere takes its whole directory offline (onDirectoryFailure tells the broker); the others serve on.
// Answers to Kafka's LogManager (KIP-112, KIP-858).
import { readCleanShutdown, writeCleanShutdown } from './clean-shutdown.ts'
import { LogCleaner, type LogCleanerSettings } from './cleaner/log-cleaner.ts'
import type { Clock } from './clock.ts'
import type { LogConfig } from './config.ts'
import { failsDirectory, StorageError } from './errors.ts'
import { Flusher } from './flusher.ts'
import { type FileSystem, hasCode } from './fs/port.ts'
import { FutureLogs } from './future-logs.ts'
import { Log, type TopicPartition } from './log.ts'
import { LogDir } from './log-dir.ts'
import { LogDirCheckpoints } from './log-dir-checkpoints.ts'
import { LogMaintenance, type MaintenanceSettings } from './log-maintenance.ts'
import { type LogOpening, loadDirectory, METADATA_TOPIC, type StartupMetadata } from './log-loading.ts'
import { LogRemoval } from './log-removal.ts'
import { LogTable } from './log-table.ts'
import { SILENT_LOGGER, type StorageLogger } from './logger.ts'
import { formatDirectories, verifyDirectories } from './meta-properties-ensemble.ts'
import { writePartitionMetadata } from './partition-metadata.ts'
import type { ProducerStateConfig } from './producer-state.ts'
import { partitionDirectoryName } from './topic-partition-name.ts'

export type { LogDir, StartupMetadata }

/** Read at each use, so the owner may change them in place. */
export interface LogManagerSettings extends MaintenanceSettings {
  readonly defaultLogConfig: LogConfig
  readonly producerState: ProducerStateConfig
  /** Nothing is compacted without. */
  readonly cleaner?: LogCleanerSettings
}

export interface LogManagerOptions {
  readonly fs: FileSystem
  readonly clock: Clock
  readonly logger?: StorageLogger
  readonly random: () => number
  readonly randomBytes: (size: number) => Uint8Array
  /** Absolute paths. */
  readonly logDirs: readonly string[]
  readonly nodeId: number
  readonly settings: LogManagerSettings
  /** Called once per directory, when it has gone offline; its logs are no longer in the manager. */
  readonly onDirectoryFailure?: (logDir: LogDir, lost: readonly Log[]) => void
}

export interface LogCreation {
  readonly topicId: string
  readonly config: LogConfig
  /** A directory id; without one (or with one that is not online) the directory with the fewest logs. */
  readonly directoryId?: string | undefined
  /** False when the replica must have existed: then nothing is made while a directory is offline. */
  readonly isNew?: boolean
}

const SETTLING_AT_ONCE = 4

export class LogManager {
  readonly #options: LogManagerOptions
  readonly #logger: StorageLogger
  readonly #settings: LogManagerSettings
  readonly #logDirs: readonly LogDir[]
  readonly #logs = new LogTable()
  readonly #removal: LogRemoval
  readonly #futureLogs: FutureLogs
  readonly #maintenance: LogMaintenance
  readonly #checkpoints: LogDirCheckpoints
  #isClosed = false
  readonly #cleaner: LogCleaner | undefined
  /** Group commit over all logs. */
  readonly flusher = new Flusher()

  private constructor(options: LogManagerOptions, logDirs: readonly LogDir[]) {
    this.#options = options
    this.#logger = options.logger ?? SILENT_LOGGER
    this.#settings = options.settings
    this.#logDirs = logDirs
    this.#checkpoints = new LogDirCheckpoints(logDirs, (logDir, error) => this.failDirectory(logDir, error))
    const { fs, clock } = options
    const shared = {
      ...{ fs, clock, logger: this.#logger, logs: this.#logs, checkpoints: this.#checkpoints },
      newUuid: () => Buffer.from(options.randomBytes(16)).toString('hex'),
      onFailure: (logDir: LogDir, error: Error) => this.failDirectory(logDir, error),
    }
    this.#removal = new LogRemoval({
      ...shared,
      fileDeleteDelayMs: () => this.#settings.defaultLogConfig.fileDeleteDelayMs,
      onGivenUp: (logDir, topicPartition) => this.#cleaner?.forget(logDir.path, topicPartition),
    })
    this.#futureLogs = new FutureLogs({
      ...shared,
      removal: this.#removal,
      open: (...what) => this.#open(...what),
    })
    this.#maintenance = new LogMaintenance({
      clock: options.clock,
      logger: this.#logger,
      settings: options.settings,
      logs: this.#logs,
      checkpoints: this.#checkpoints,
    })
    this.#cleaner = this.#makeCleaner()
  }

  /**
   * Rejects when a directory is in use (EBUSY), holds somebody else's data (MetaPropertiesError), or when none works.
   * A directory whose disk fails is offline from the start.
   */
  static async open(options: LogManagerOptions): Promise<LogManager> {
    const opened: LogDir[] = []
    try {
      for (const path of new Set(options.logDirs)) {
        try {
          opened.push(await LogDir.open(options.fs, path))
        } catch (error) {
          if (hasCode(error, 'EBUSY') || !failsDirectory(error) || options.logDirs.length === 1) throw error
          options.logger?.error({ err: error, logDir: path }, 'log directory cannot be opened and is offline')
          opened.push(LogDir.failed(options.fs, path, error as Error))
        }
      }
      if (!opened.some(logDir => logDir.isOnline))
        throw new Error(`No log directory works: ${options.logDirs.join(', ')}`)
      verifyDirectories(opened, options.nodeId)
    } catch (error) {
      for (const logDir of opened) logDir.close()
      throw error
    }
    return new LogManager(options, opened)
  }

  // ---- directories

  get logDirs(): readonly LogDir[] {
    return this.#logDirs
  }

  get onlineLogDirs(): readonly LogDir[] {
    return this.#logDirs.filter(logDir => logDir.isOnline)
  }

  /** Undefined while no directory is formatted. */
  get clusterId(): string | undefined {
    return this.#logDirs.find(logDir => logDir.meta !== undefined)?.meta?.clusterId
  }

  /** Writes meta.properties where it is missing (new directories), and directory ids where they are. */
  format(clusterId: string): void {
    const { fs, nodeId, randomBytes, clock } = this.#options
    formatDirectories(fs, this.onlineLogDirs, { clusterId, nodeId, randomBytes, nowMs: clock.nowMs() })
  }

  /**
   * The broker epoch of the last clean stop, to prove to the controller that it was one; undefined if any directory
   * cannot tell or they disagree. To be asked before startup().
   */
  previousBrokerEpoch(): number | undefined {
    const epochs = this.#logDirs.map(logDir =>
      logDir.isOnline ? readCleanShutdown(this.#options.fs, logDir.path)?.brokerEpoch : undefined,
    )
    return epochs.every(epoch => epoch === epochs[0]) ? epochs[0] : undefined
  }

  /** Closes every log in it and tells the broker. Idempotent. */
  failDirectory(logDir: LogDir, error: Error): void {
    if (!logDir.isOnline || this.#isClosed) return
    logDir.goOffline(error)
    const lost = Array.from(logDir.logs)
    this.#logger.error({ err: error, logDir: logDir.path, logs: lost.length }, 'log directory is offline')
    for (const log of lost) this.#logs.delete(log)
    // The failing log may be in the middle of the call that failed: close when it has unwound.
    queueMicrotask(() => {
      for (const log of lost) closeQuietly(log)
    })
    this.#options.onDirectoryFailure?.(logDir, lost)
  }

  // ---- logs

  getLog(topicPartition: TopicPartition): Log | undefined {
    return this.#logs.current(topicPartition)
  }

  /** A copy under way to another directory, which will replace the log. */
  getFutureLog(topicPartition: TopicPartition): Log | undefined {
    return this.#logs.future(topicPartition)
  }

  logs(): Iterable<Log> {
    return this.#logs.currentLogs()
  }

  logDirOf(log: Log): LogDir | undefined {
    return this.#logs.dirOf(log)
  }

  /** Directories set aside because the metadata does not know their partition; an operator decides about them. */
  get strayDirectories(): readonly string[] {
    return this.#removal.strays
  }

  /** The log, made if there is none. Throws a StorageError when no directory can take it. */
  getOrCreateLog(topicPartition: TopicPartition, creation: LogCreation): Log {
    const existing = this.getLog(topicPartition)
    if (existing === undefined)
      return this.#create(topicPartition, creation, this.#candidates(creation.directoryId))
    existing.topicId ??= creation.topicId
    if (existing.topicId !== creation.topicId)
      throw new Error(
        `${existing.directory} belongs to topic id ${existing.topicId}, not ${creation.topicId}: the metadata and the disk disagree`,
      )
    return existing
  }

  /** The metadata log is the controller's: it lives in a log directory but is neither retained nor checkpointed here. */
  openMetadataLog(logDir: LogDir, topicId: string, config: LogConfig): Log {
    const topicPartition = { topic: METADATA_TOPIC, partition: 0 }
    const directory = `${logDir.path}/${partitionDirectoryName(topicPartition)}`
    return this.#open(logDir, directory, topicPartition, {
      topicId,
      config,
      recoveryPoint: 0,
      cleanShutdown: false,
    })
  }

  /** Gives logs up: renamed now, removed from the disk after file.delete.delay.ms. */
  deleteLog(topicPartition: TopicPartition): void {
    for (const log of [this.getLog(topicPartition), this.getFutureLog(topicPartition)])
      if (log !== undefined) this.#removal.giveUp(log)
  }

  // ---- AlterReplicaLogDirs: a second copy is filled by its owner and then takes the log's place

  /** An empty log in `directoryId`, beside the current one. */
  createFutureLog(topicPartition: TopicPartition, directoryId: string): Log {
    const current = this.getLog(topicPartition)
    const logDir = this.onlineLogDirs.find(candidate => candidate.directoryId === directoryId)
    if (current === undefined || logDir === undefined || this.#logs.dirOf(current) === logDir)
      throw new Error(`${partitionDirectoryName(topicPartition)} cannot be moved to directory ${directoryId}`)
    return this.#futureLogs.create(topicPartition, current, logDir)
  }

  futureLogs(): Log[] {
    return this.#futureLogs.all()
  }

  /** The copy is not wanted any more. */
  removeFutureLog(topicPartition: TopicPartition): void {
    const future = this.getFutureLog(topicPartition)
    if (future !== undefined) this.#removal.giveUp(future)
  }

  /** The copy has caught up: it becomes the log, and the old one is given up. */
  replaceWithFutureLog(topicPartition: TopicPartition): Log {
    return this.#futureLogs.promote(topicPartition)
  }

  // ---- start

  /** Loads every log of every directory. A directory that fails while loading goes offline; a duplicate log throws. */
  async startup(metadata: StartupMetadata): Promise<void> {
    const startedMs = this.#options.clock.monotonicMs()
    for (const logDir of this.onlineLogDirs) {
      try {
        await loadDirectory(logDir, {
          fs: this.#options.fs,
          logger: this.#logger,
          metadata,
          onlineLogDirs: this.onlineLogDirs,
          openLog: (directory, topicPartition, opening) =>
            this.#open(logDir, directory, topicPartition, opening),
          addCurrent: log => this.#logs.addCurrent(logDir, log),
          addFuture: log => this.#logs.addFuture(logDir, log),
          doom: directory => this.#removal.doom(logDir, directory),
          setAside: (...what) => this.#removal.setAside(logDir, ...what),
          addStray: directory => this.#removal.addStray(directory),
        })
      } catch (error) {
        if (!failsDirectory(error)) throw error
        this.failDirectory(logDir, error as Error)
      }
    }
    if (this.onlineLogDirs.length === this.#logDirs.length) this.#futureLogs.adoptAbandoned()
    const tookMs = Math.round(this.#options.clock.monotonicMs() - startedMs)
    const unclean = this.onlineLogDirs.filter(logDir => !logDir.hadCleanShutdown).map(logDir => logDir.path)
    this.#logger.info({ logs: this.#logs.size, tookMs, unclean }, 'logs loaded')
    this.#maintenance.start()
    this.#cleaner?.start()
  }

  // ---- stop

  /** Everything flushed, checkpointed and marked clean, then unlocked. Idempotent. */
  async close(brokerEpoch = -1): Promise<void> {
    if (this.#isClosed) return
    this.#maintenance.stop()
    this.#checkpoints.stop()
    this.#removal.stop()
    await this.#cleaner?.stop()
    for (const logDir of this.onlineLogDirs) {
      try {
        await settleAll(logDir.logs)
        if (!logDir.isOnline) continue
        for (const log of logDir.logs) log.close()
        logDir.checkpointRecoveryPoints()
        logDir.checkpointLogStartOffsets()
        logDir.checkpointHighWatermarks()
        if (logDir.isLoaded) writeCleanShutdown(this.#options.fs, logDir.path, brokerEpoch)
      } catch (error) {
        this.#logger.error({ err: error, logDir: logDir.path }, 'log directory was not closed cleanly')
        for (const log of logDir.logs) closeQuietly(log)
      }
    }
    this.#isClosed = true
    for (const logDir of this.#logDirs) logDir.close()
  }

  #makeCleaner(): LogCleaner | undefined {
    const { fs, clock, random, settings } = this.#options
    if (settings.cleaner === undefined) return undefined
    const logger = this.#logger
    return new LogCleaner({
      fs,
      clock,
      random,
      logger,
      settings: settings.cleaner,
      logs: () => this.#cleanableLogs(),
      onDirectoryFailure: (path, error) =>
        this.failDirectory(this.#logDirs.find(logDir => logDir.path === path)!, error),
    })
  }

  *#cleanableLogs(): Generator<readonly [log: Log, logDir: string]> {
    for (const log of this.#logs.currentLogs()) {
      const logDir = this.#logs.dirOf(log)
      if (logDir !== undefined) yield [log, logDir.path]
    }
  }

  // ---- inside

  /** Where a new log may go, best first. */
  #candidates(directoryId: string | undefined): LogDir[] {
    const online = this.onlineLogDirs
    const wanted = online.find(
      logDir => logDir.directoryId !== undefined && logDir.directoryId === directoryId,
    )
    if (wanted !== undefined) return [wanted]
    return online.toSorted((a, b) => a.logs.size - b.logs.size)
  }

  #create(topicPartition: TopicPartition, creation: LogCreation, candidates: readonly LogDir[]): Log {
    const key = partitionDirectoryName(topicPartition)
    if (creation.isNew === false && this.onlineLogDirs.length < this.#logDirs.length)
      throw new StorageError('closed', key, `The log of ${key} may be in a log directory that is offline`)
    for (const logDir of candidates) {
      const directory = `${logDir.path}/${key}`
      try {
        const { topicId, config } = creation
        const log = this.#open(logDir, directory, topicPartition, {
          topicId,
          config,
          recoveryPoint: 0,
          cleanShutdown: true,
        })
        writePartitionMetadata(this.#options.fs, directory, topicId)
        this.#logs.addCurrent(logDir, log)
        return log
      } catch (error) {
        if (!failsDirectory(error)) throw error
        this.failDirectory(logDir, StorageError.from(error, directory, 'creating a log'))
      }
    }
    throw new StorageError('closed', key, `No log directory can take the log of ${key}`)
  }

  #open(logDir: LogDir, directory: string, topicPartition: TopicPartition, opening: LogOpening): Log {
    const { fs, clock, random } = this.#options
    return Log.open({
      ...opening,
      fs,
      clock,
      random,
      directory,
      topicPartition,
      producerState: this.#settings.producerState,
      logger: this.#logger,
      onFailure: error => this.failDirectory(logDir, error),
      requestFlush: log => this.flusher.request(log),
    })
  }
}

/** As many at once as the thread pool has room for, and no more descriptors than that. */
async function settleAll(logs: Iterable<Log>): Promise<void> {
  const queue = logs[Symbol.iterator]()
  const work = async () => {
    for (let next = queue.next(); next.done !== true; next = queue.next()) await next.value.settle()
  }
  await Promise.all(Array.from({ length: SETTLING_AT_ONCE }, work))
}

function closeQuietly(log: Log): void {
  try {
    log.close()
  } catch {
    // Its directory is offline: what could not be written is lost to this run, and recovered by the next.
  }
}
