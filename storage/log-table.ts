// Which logs there are, by partition, and in which directory each lies. A partition has one current log, and perhaps a
// future one: a copy under way to another directory.
import type { Log, TopicPartition } from './log.ts'
import type { LogDir } from './log-dir.ts'
import { partitionDirectoryName } from './topic-partition-name.ts'

export class LogTable {
  readonly #current = new Map<string, Log>()
  readonly #future = new Map<string, Log>()
  readonly #dirOf = new Map<Log, LogDir>()

  get size(): number {
    return this.#current.size
  }

  current(topicPartition: TopicPartition): Log | undefined {
    return this.#current.get(partitionDirectoryName(topicPartition))
  }

  future(topicPartition: TopicPartition): Log | undefined {
    return this.#future.get(partitionDirectoryName(topicPartition))
  }

  dirOf(log: Log): LogDir | undefined {
    return this.#dirOf.get(log)
  }

  currentLogs(): IterableIterator<Log> {
    return this.#current.values()
  }

  /** Current and future. */
  allLogs(): IterableIterator<Log> {
    return this.#dirOf.keys()
  }

  addCurrent(logDir: LogDir, log: Log): void {
    this.#add(this.#current, logDir, log)
  }

  addFuture(logDir: LogDir, log: Log): void {
    this.#add(this.#future, logDir, log)
  }

  /** The future log of a partition becomes the current one; answers the one it replaces. */
  promote(future: Log): Log | undefined {
    const key = partitionDirectoryName(future.topicPartition)
    const replaced = this.#current.get(key)
    this.#future.delete(key)
    this.#current.set(key, future)
    return replaced
  }

  delete(log: Log): void {
    const key = partitionDirectoryName(log.topicPartition)
    if (this.#current.get(key) === log) this.#current.delete(key)
    if (this.#future.get(key) === log) this.#future.delete(key)
    this.#dirOf.get(log)?.logs.delete(log)
    this.#dirOf.delete(log)
  }

  #add(logs: Map<string, Log>, logDir: LogDir, log: Log): void {
    const key = partitionDirectoryName(log.topicPartition)
    const twin = logs.get(key)
    if (twin !== undefined)
      throw new Error(
        `${key} is in both ${twin.directory} and ${log.directory}, probably since a directory failed while the log was ` +
          'being moved. Remove the one in the directory that failed',
      )
    logs.set(key, log)
    logDir.logs.add(log)
    this.#dirOf.set(log, logDir)
  }
}
