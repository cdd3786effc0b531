// One of the broker's `log.dirs`: its lock, its meta.properties, its checkpoints, the logs in it, and whether it still
// works. An I/O error takes the whole directory offline, for good: its logs are gone from the broker until a restart
// finds the disk mended, while the other directories serve on.
// Answers to the per-directory half of Kafka's LogManager (KIP-112).
import {
  CorruptCheckpointError,
  HIGH_WATERMARK_CHECKPOINT,
  LOG_START_OFFSET_CHECKPOINT,
  OffsetCheckpoint,
  RECOVERY_POINT_CHECKPOINT,
} from './checkpoint.ts'
import type { LogError } from './errors.ts'
import { type DirectoryLock, directoryOf, type FileSystem } from './fs/port.ts'
import type { Log } from './log.ts'
import {
  META_PROPERTIES,
  type MetaProperties,
  MetaPropertiesError,
  readMetaProperties,
} from './meta-properties.ts'
import { parsePartitionDirectoryName } from './topic-partition-name.ts'

/** The checkpoints' content when the directory was opened. */
export interface DirectoryCheckpoints {
  readonly recoveryPoints: ReadonlyMap<string, number>
  readonly logStartOffsets: ReadonlyMap<string, number>
  readonly highWatermarks: ReadonlyMap<string, number>
}

export class LogDir {
  readonly path: string
  readonly #fs: FileSystem
  readonly #lock: DirectoryLock | undefined
  #meta: MetaProperties | undefined
  #failure: LogError | Error | undefined
  /** Current and future logs. */
  readonly logs = new Set<Log>()
  readonly #recoveryPoints: OffsetCheckpoint
  readonly #logStartOffsets: OffsetCheckpoint
  readonly #highWatermarks: OffsetCheckpoint

  /** The last stop of whoever used this directory was clean. */
  hadCleanShutdown = false
  /** Every log in it was loaded, so a clean stop of ours may be marked. */
  isLoaded = false

  private constructor(
    fs: FileSystem,
    path: string,
    lock: DirectoryLock | undefined,
    meta: MetaProperties | undefined,
  ) {
    this.#fs = fs
    this.path = path
    this.#lock = lock
    this.#meta = meta
    this.#recoveryPoints = new OffsetCheckpoint(fs, path, RECOVERY_POINT_CHECKPOINT)
    this.#logStartOffsets = new OffsetCheckpoint(fs, path, LOG_START_OFFSET_CHECKPOINT)
    this.#highWatermarks = new OffsetCheckpoint(fs, path, HIGH_WATERMARK_CHECKPOINT)
  }

  /**
   * Makes the directory if it is missing, locks it before reading anything in it, and reads who it belongs to.
   * Rejects with EBUSY when somebody holds it, MetaPropertiesError when it is not to be touched, and otherwise what the
   * file system threw.
   */
  static async open(fs: FileSystem, path: string): Promise<LogDir> {
    makeDurably(fs, path)
    if (fs.stat(path)?.isDirectory !== true)
      throw Object.assign(new Error(`${path} is not a directory`), { code: 'ENOTDIR' })
    const lock = await fs.lockDirectory(path)
    try {
      const meta = readMetaProperties(fs, path)
      const log =
        meta === undefined ? fs.readdir(path).find(name => parsePartitionDirectoryName(name)) : undefined
      if (log !== undefined)
        throw new MetaPropertiesError(
          `${path} holds a log (${log}) but no ${META_PROPERTIES}: it is not formatted over. ` +
            'Restore the file, or use an empty directory',
        )
      return new LogDir(fs, path, lock, meta)
    } catch (error) {
      lock.release()
      throw error
    }
  }

  /** A directory that could not even be opened: offline from the start. */
  static failed(fs: FileSystem, path: string, cause: Error): LogDir {
    const logDir = new LogDir(fs, path, undefined, undefined)
    logDir.goOffline(cause)
    return logDir
  }

  /** Undefined until the directory is formatted. */
  get meta(): MetaProperties | undefined {
    return this.#meta
  }

  set meta(meta: MetaProperties) {
    this.#meta = meta
  }

  get directoryId(): string | undefined {
    return this.#meta?.directoryId
  }

  get isOnline(): boolean {
    return this.#failure === undefined
  }

  /** What took it offline. */
  get failure(): Error | undefined {
    return this.#failure
  }

  /** Names in it, in no order. */
  list(): string[] {
    return this.#fs.readdir(this.path)
  }

  /** Lets go of the lock: a repaired disk may be opened by the next process. The logs are the manager's to drop. */
  goOffline(cause: Error): void {
    this.#failure ??= cause
    this.#lock?.release()
  }

  close(): void {
    this.#lock?.release()
  }

  /** An unreadable checkpoint costs a longer recovery, never the start: it counts as empty. */
  readCheckpoints(onCorrupt: (error: Error) => void): DirectoryCheckpoints {
    const read = (checkpoint: OffsetCheckpoint): Map<string, number> => {
      try {
        return checkpoint.read()
      } catch (error) {
        if (!(error instanceof CorruptCheckpointError)) throw error
        onCorrupt(error)
        return new Map()
      }
    }
    return {
      recoveryPoints: read(this.#recoveryPoints),
      logStartOffsets: read(this.#logStartOffsets),
      highWatermarks: read(this.#highWatermarks),
    }
  }

  /** Up to where each log need not be scanned after a crash. */
  checkpointRecoveryPoints(): void {
    this.#recoveryPoints.write(entries(this.logs, log => log.flushedOffset))
  }

  /** Where DeleteRecords has put the start above what the files say. */
  checkpointLogStartOffsets(): void {
    const moved = Array.from(this.logs).filter(log => log.logStartOffset > log.firstSegmentBaseOffset)
    this.#logStartOffsets.write(entries(moved, log => log.logStartOffset))
  }

  checkpointHighWatermarks(): void {
    this.#highWatermarks.write(entries(this.logs, log => log.highWatermark))
  }
}

function* entries(logs: Iterable<Log>, offset: (log: Log) => number): Generator<[string, number, number]> {
  for (const log of logs) yield [log.topicPartition.topic, log.topicPartition.partition, offset(log)]
}

/** Also its parents: a directory whose name is lost in a power cut takes all it holds along. */
function makeDurably(fs: FileSystem, path: string): void {
  const missing: string[] = []
  for (let level = path; !fs.exists(level); level = directoryOf(level)) missing.push(level)
  if (missing.length === 0) return
  fs.mkdirp(path)
  for (const level of missing) fs.syncDir(directoryOf(level))
}
