// The port between a coordinator runtime and the log of one internal-topic partition that this broker leads.
//
// Plain and narrow on purpose: a coordinator (group, later transaction and share) sees whole record batches, offsets and
// the high watermark, never a live Partition. The implementation is the partition in its coordinator role: `append` is
// what Kafka calls AppendOrigin.COORDINATOR (no client validation; offsets and leader epoch are assigned here).
// Answers to Kafka's PartitionWriter and CoordinatorLoader.

export interface InternalLog {
  /** Epoch of the leadership under which this view was made; doubles as coordinator epoch. */
  readonly leaderEpoch: number
  readonly logStartOffset: number
  readonly logEndOffset: number
  readonly highWatermark: number

  /** The largest batch `append` accepts, i.e. the topic's `max.message.bytes`. */
  readonly maxBatchBytes: number

  /**
   * Appends one v2 batch as the leader and returns the log end offset after it. Synchronous: when it returns, `read`
   * sees the batch. Throws when the batch cannot be appended (no longer leader, not enough in-sync replicas, too
   * large, I/O); then nothing of it is in the log. A thrown error that carries `code` names the Kafka error.
   */
  append(batch: Buffer): number

  /**
   * Whole batches from the one that holds `fromOffset`, up to the log end (not the high watermark), about `maxBytes`
   * and at least one batch. Empty at the end. The first batch may begin before `fromOffset`.
   */
  read(fromOffset: number, maxBytes: number): Buffer

  /**
   * Calls `listener` with the new high watermark each time it moves up, never from inside `append`'s own call stack
   * before it has returned. The returned function unsubscribes.
   */
  onHighWatermark(listener: (highWatermark: number) => void): () => void
}

/**
 * Who owns which internal partition. Partitions call this when leadership of a coordinator's topic changes;
 * the coordinator runtime implements it.
 */
export interface CoordinatorElections {
  /** This broker now leads the partition at `log.leaderEpoch`: load, then serve. */
  elected(partition: number, log: InternalLog): void
  /** It leads no longer (undefined epoch: the partition was deleted or went offline): drop the state. */
  resigned(partition: number, leaderEpoch: number | undefined): void
}
