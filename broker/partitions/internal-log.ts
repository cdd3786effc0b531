/**
 * A partition as its coordinator sees it (ports/internal-log.ts): one leadership, whole batches, the high watermark. Appends are those
 * of Kafka's AppendOrigin.COORDINATOR and ask for all in-sync replicas, as its PartitionWriter does.
 */
import { Errors } from '../../protocol/errors.ts'
import type { InternalLog } from '../ports/internal-log.ts'
import type { Log } from '../../storage/log.ts'
import type { Partition } from './partition.ts'
import { PartitionError } from './partition-error.ts'

export class PartitionInternalLog implements InternalLog {
  readonly #partition: Partition
  readonly leaderEpoch: number

  constructor(partition: Partition) {
    this.#partition = partition
    this.leaderEpoch = partition.leaderEpoch
  }

  get logStartOffset(): number {
    return this.#log().logStartOffset
  }

  get logEndOffset(): number {
    return this.#log().logEndOffset
  }

  get highWatermark(): number {
    return this.#log().highWatermark
  }

  get maxBatchBytes(): number {
    return this.#log().config.maxMessageBytes
  }

  append(batch: Buffer): number {
    this.#log()
    return this.#partition.append(batch, 'coordinator', -1).lastOffset + 1
  }

  read(fromOffset: number, maxBytes: number): Buffer {
    return this.#log().read(fromOffset, maxBytes, 'log-end', true).records
  }

  onHighWatermark(listener: (highWatermark: number) => void): () => void {
    const partition = this.#partition
    let last = this.#log().highWatermark
    // A waiter that is never satisfied: it is called after every change, in a microtask of its own.
    const waiter = {
      check: (): boolean => {
        const now = partition.log?.highWatermark ?? last
        if (now > last) {
          last = now
          listener(now)
        }
        return false
      },
    }
    const link = partition.waiters.add(waiter)
    return () => partition.waiters.remove(link)
  }

  /** The log, as long as this is still the leadership we were made for. */
  #log(): Log {
    const log = this.#partition.logFor(this.leaderEpoch)
    if (this.#partition.leaderEpoch !== this.leaderEpoch)
      throw new PartitionError(Errors.NOT_LEADER_OR_FOLLOWER.code)
    return log
  }
}
