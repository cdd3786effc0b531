/**
 * Replicas that move between our log directories (AlterReplicaLogDirs, KIP-113): a future log is filled beside the current one, slice by
 * slice, while that serves on; when it has everything it takes its place within one tick, and the old one is given up.
 *
 *   behind ─▶ copy a slice ─▶ level? ─ no ─▶ rest (others' turn, byte rate) ─▶ …
 *                               │ yes
 *                               ├─ never flushed         ─▶ flush      (the old bytes were on a disk; so are these)
 *                               ├─ metadata says otherwise ─▶ assign   (KIP-858: whoever reads it finds the replica where it will be)
 *                               └─ else                  ─▶ swap
 *
 * A restart goes on where this one stopped: future logs are found on the disk. Where something fails the current log is untouched, and a
 * replica that will not be where it was assigned is assigned where it is.
 * Answers to Kafka's ReplicaAlterLogDirsManager and -Thread; one copy at a time.
 */
import { Errors } from '../../protocol/errors.ts'
import { BatchView } from '../../protocol/records/batch.ts'
import { StorageError } from '../../storage/errors.ts'
import type { Log, TopicPartition } from '../../storage/log.ts'
import type { LogManager } from '../../storage/log-manager.ts'
import type { Clock } from '../ports/clock.ts'
import type { PartitionMap } from './partition-map.ts'

const SLICE_BYTES = 1024 * 1024
/** A stop waits no longer than this for a copy that rests. */
const MAX_REST_MS = 200
/** `<topic>-<partition>.<32 digits>-future` must be a file name (KAFKA-4893). */
const MAX_NAME_LENGTH = 255
const FUTURE_SUFFIX_LENGTH = '.-future'.length + 32

export interface ReplicaAlterLogDirsNeeds {
  readonly manager: LogManager
  readonly map: PartitionMap
  readonly clock: Clock
  /** Tells the controller where the replica will lie; resolves when the image says so. */
  readonly assign: (topicId: string, partition: number, directoryId: string) => Promise<void>
  /** replica.alter.log.dirs.io.max.bytes.per.second */
  readonly maxBytesPerSecond: () => number
  readonly onError: (what: string, error: unknown) => void
}

export class ReplicaAlterLogDirs {
  readonly #needs: ReplicaAlterLogDirsNeeds
  readonly #queue: TopicPartition[] = []
  #running: Promise<void> | undefined
  #isStopped = false
  #owedMs = 0

  constructor(needs: ReplicaAlterLogDirsNeeds) {
    this.#needs = needs
  }

  /** A Kafka error code; none when the replica lies there already, or will. Checks in Kafka's order. */
  move(topic: string, partition: number, path: string): number {
    const { manager, map } = this.#needs
    const at = { topic, partition }
    if (`${topic}-${partition}`.length + FUTURE_SUFFIX_LENGTH > MAX_NAME_LENGTH)
      return Errors.INVALID_TOPIC_EXCEPTION.code
    const target = manager.logDirs.find(logDir => logDir.path === path)
    if (target === undefined) return Errors.LOG_DIR_NOT_FOUND.code
    if (!target.isOnline) return Errors.KAFKA_STORAGE_ERROR.code
    const hosted = map.find(topic, partition)
    if (hosted?.isOffline) return Errors.KAFKA_STORAGE_ERROR.code
    const future = manager.getFutureLog(at)
    if (future !== undefined && manager.logDirOf(future) !== target) manager.removeFutureLog(at)
    const log = hosted?.log
    if (log === undefined) return Errors.UNKNOWN_TOPIC_OR_PARTITION.code
    if (manager.logDirOf(log) === target) return Errors.NONE.code
    // A copy in a directory that is offline now would be a second one when it comes back.
    if (manager.onlineLogDirs.length < manager.logDirs.length) return Errors.KAFKA_STORAGE_ERROR.code
    try {
      if (manager.getFutureLog(at) === undefined) manager.createFutureLog(at, target.directoryId!)
    } catch (error) {
      if (error instanceof StorageError) return error.code
      throw error
    }
    this.#enqueue(at)
    return Errors.NONE.code
  }

  /** Copies that an earlier run began. */
  resume(): void {
    for (const future of this.#needs.manager.futureLogs()) this.#enqueue(future.topicPartition)
  }

  /** Resolves when the slice under way has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true
    await this.#running
  }

  #enqueue(at: TopicPartition): void {
    this.#queue.push(at)
    this.#running ??= this.#run().finally(() => {
      this.#running = undefined
    })
  }

  async #run(): Promise<void> {
    for (let at = this.#queue.shift(); at !== undefined && !this.#isStopped; at = this.#queue.shift()) {
      try {
        await this.#copy(at)
      } catch (error) {
        // A disk that failed has taken its directory offline, and the copy or the original with it.
        this.#needs.onError(`moving ${at.topic}-${at.partition} to another log directory`, error)
      }
    }
  }

  async #copy(at: TopicPartition): Promise<void> {
    const { manager } = this.#needs
    // Another move may have taken this one's place while we rested: nothing was done for its copy yet.
    let flushed: Log | undefined
    let assigned: Log | undefined
    try {
      while (!this.#isStopped) {
        // Both may have gone while we rested: the topic deleted, the move taken back, a directory failed.
        const current = manager.getLog(at)
        const future = manager.getFutureLog(at)
        if (current === undefined || future === undefined) return
        const bytes = copySlice(current, future)
        if (future.logEndOffset !== current.logEndOffset) await this.#rest(bytes)
        else if (flushed !== future) {
          await future.flush()
          flushed = future
        } else if (assigned !== future) {
          assigned = future
          await this.#assign(at, future)
        } else return this.#swap(at, current, future)
      }
    } finally {
      if (assigned !== undefined) await this.#assignBack(at, assigned)
    }
  }

  async #assign({ partition }: TopicPartition, log: Log): Promise<void> {
    const directoryId = this.#needs.manager.logDirOf(log)?.directoryId
    if (directoryId !== undefined) await this.#needs.assign(log.topicId!, partition, directoryId)
  }

  /** The copy did not take its place, and no other is under way: the replica is, and stays, where the current log is. */
  async #assignBack(at: TopicPartition, assigned: Log): Promise<void> {
    const { manager } = this.#needs
    const current = manager.getLog(at)
    if (current === undefined || current === assigned || manager.getFutureLog(at) !== undefined) return
    await this.#assign(at, current)
  }

  /** Nothing else runs from here to the end. */
  #swap(at: TopicPartition, current: Log, future: Log): void {
    const { manager, map } = this.#needs
    const { logStartOffset, config } = current
    future.updateConfig(config)
    // What came since the flush may have been acknowledged as being on the disk.
    if (Number.isFinite(config.flushMessages)) future.syncNow()
    manager.replaceWithFutureLog(at)
    future.maybeIncrementLogStartOffset(logStartOffset, 'leader-offset')
    map.find(at.topic, at.partition)?.replaceLog(future)
  }

  /** Others' turn, and as long a rest as the byte rate asks for. */
  async #rest(bytes: number): Promise<void> {
    const { clock, maxBytesPerSecond } = this.#needs
    const rate = maxBytesPerSecond()
    if (Number.isFinite(rate)) this.#owedMs += (1000 * bytes) / Math.max(1, rate)
    do {
      const restMs = Math.min(this.#owedMs, MAX_REST_MS)
      if (restMs >= 1) await new Promise<void>(resolve => clock.setTimeout(resolve, restMs))
      else await new Promise<void>(resolve => setImmediate(resolve))
      this.#owedMs -= restMs
    } while (this.#owedMs >= 1 && !this.#isStopped)
  }
}

/** The bytes copied; none when the two are level. */
function copySlice(current: Log, future: Log): number {
  if (future.logEndOffset > current.logEndOffset) future.truncateTo(current.logEndOffset)
  const isBehindStart = future.logEndOffset < current.logStartOffset
  if (isBehindStart) future.truncateFullyAndStartAt(current.logStartOffset)
  if (future.logEndOffset === current.logEndOffset) return 0
  const { records } = current.read(future.logEndOffset, SLICE_BYTES, 'log-end', true)
  if (records.length === 0) return 0
  // DeleteRecords may have put the start into the middle of a batch: the copy begins with the whole of it.
  const { baseOffset } = new BatchView().reset(records, 0)
  if (baseOffset < future.logEndOffset) future.truncateFullyAndStartAt(baseOffset)
  future.appendAsFollower(records)
  return records.length
}
