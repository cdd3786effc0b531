// How far each log is clean, in `cleaner-offset-checkpoint` of its log directory: read once, written after every round. A directory in
// which that fails goes offline, as with every I/O error; one whose file is damaged begins dirty, which costs a round.
// Answers to the checkpoints of Kafka's LogCleanerManager.
import { CLEANER_OFFSET_CHECKPOINT, CorruptCheckpointError, OffsetCheckpoint } from '../checkpoint.ts'
import { StorageError } from '../errors.ts'
import type { FileSystem } from '../fs/port.ts'
import type { Log, TopicPartition } from '../log.ts'
import type { StorageLogger } from '../logger.ts'
import { partitionDirectoryName } from '../topic-partition-name.ts'

export interface CleanerCheckpointsOptions {
  readonly fs: FileSystem
  readonly logger: StorageLogger
  /** Every log with the path of its log directory. */
  readonly logs: () => Iterable<readonly [log: Log, logDir: string]>
  readonly onFailure: (logDir: string, error: StorageError) => void
}

export class CleanerCheckpoints {
  readonly #options: CleanerCheckpointsOptions
  readonly #cleanedUpTo = new Map<string, Map<string, number>>()

  constructor(options: CleanerCheckpointsOptions) {
    this.#options = options
  }

  /** Undefined: nothing of it is clean. */
  cleanedUpTo(logDir: string, { topicPartition }: Log): number | undefined {
    return this.#offsetsOf(logDir).get(partitionDirectoryName(topicPartition))
  }

  set(logDir: string, { topicPartition }: Log, offset: number): void {
    this.#offsetsOf(logDir).set(partitionDirectoryName(topicPartition), offset)
    this.#write(logDir)
  }

  /** The log was given up: one of the same name begins dirty. */
  forget(logDir: string, topicPartition: TopicPartition): void {
    if (this.#offsetsOf(logDir).delete(partitionDirectoryName(topicPartition))) this.#write(logDir)
  }

  #offsetsOf(logDir: string): Map<string, number> {
    let offsets = this.#cleanedUpTo.get(logDir)
    if (offsets === undefined) {
      offsets = this.#read(logDir)
      this.#cleanedUpTo.set(logDir, offsets)
    }
    return offsets
  }

  #read(logDir: string): Map<string, number> {
    const { logger } = this.#options
    try {
      return this.#checkpointOf(logDir).read()
    } catch (error) {
      if (!(error instanceof CorruptCheckpointError)) throw this.#failed(logDir, error, 'reading')
      logger.warn({ err: error, logDir }, 'cleaner checkpoint is unreadable and counts as empty')
      return new Map()
    }
  }

  #write(logDir: string): void {
    const offsets = this.#offsetsOf(logDir)
    const lines: [string, number, number][] = []
    for (const [{ topicPartition }, directory] of this.#options.logs()) {
      const offset = directory === logDir ? offsets.get(partitionDirectoryName(topicPartition)) : undefined
      if (offset !== undefined) lines.push([topicPartition.topic, topicPartition.partition, offset])
    }
    try {
      this.#checkpointOf(logDir).write(lines)
    } catch (error) {
      throw this.#failed(logDir, error, 'writing')
    }
  }

  #checkpointOf(logDir: string): OffsetCheckpoint {
    return new OffsetCheckpoint(this.#options.fs, logDir, CLEANER_OFFSET_CHECKPOINT)
  }

  /** Answers what to throw. */
  #failed(logDir: string, error: unknown, doing: string): Error {
    const failure = StorageError.from(error, `${logDir}/${CLEANER_OFFSET_CHECKPOINT}`, doing) as StorageError
    this.#options.onFailure(logDir, failure)
    return failure
  }
}
