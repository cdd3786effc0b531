// What a coordinator is to the runtime: a shard. One shard holds the state of one internal-topic partition and decides;
// it never waits, reads no clock and touches no log. A command is a call on the shard that fills in an `Effects`: records
// to append, replies to send, timers to set. The runtime carries them out (runtime.ts).
//
//   command ─▶ records ─▶ append ─▶ replay ─▶ high watermark passes ─▶ settled, then replies
//
// Two kinds of state live in a shard. Replayed state (committed offsets) changes in `replay` alone, after its record is in
// the log, so a failed append leaves nothing to undo. Soft state (who is joining right now) changes in the command itself;
// a command that needs to know how its append ended says so with `whenSettled`.
// Answers to Kafka's CoordinatorShard, CoordinatorResult and CoordinatorTimer.

import type { RequestError } from '../ports/request-error.ts'

/** Someone who waits for a reply. Kept by a shard that answers later (a parked JoinGroup), given back with the reply. */
export type Caller = number

export interface Reply {
  readonly caller: Caller
  readonly response: unknown
}

export type TimerChange<R> =
  | {
      readonly key: string
      readonly afterMs: number
      /** Run again after RETRY_BACKOFF_MS when its append failed. */
      readonly retry: boolean
      readonly run: (effects: Effects<R>) => void
    }
  | { readonly key: string; readonly cancelled: true }

/**
 * How the append ended: null once the high watermark has passed it, or why it did not. Records that were appended and not
 * committed in time (`isAppended`) may yet be committed: what they say must not be undone in memory.
 */
export type Settled<R> = (error: RequestError | null, effects: Effects<R>, isAppended: boolean) => void

/** Everything one command wants done. */
export class Effects<R> {
  readonly nowMs: number
  readonly records: R[] = []
  readonly replies: Reply[] = []
  readonly timers: TimerChange<R>[] = []
  /** False when the command has changed the shard's state itself, so that its records must not be replayed. */
  replayed = true
  /** All records in one batch or none. Clean-up work may be split over several. */
  atomic = true
  settled: Settled<R> | undefined

  constructor(nowMs: number) {
    this.nowMs = nowMs
  }

  append(...records: R[]): void {
    for (const record of records) this.records.push(record)
  }

  reply(caller: Caller, response: unknown): void {
    this.replies.push({ caller, response })
  }

  /** Sets the timer, in place of one with the same key. */
  schedule(key: string, afterMs: number, run: (effects: Effects<R>) => void, retry = false): void {
    this.timers.push({ key, afterMs, retry, run })
  }

  cancel(key: string): void {
    this.timers.push({ key, cancelled: true })
  }

  whenSettled(settled: Settled<R>): void {
    this.settled = settled
  }
}

export interface Shard<R> {
  /** Applies a record of the log. `producerId` is -1 outside transactions. */
  replay(offset: number, producerId: number, record: R): void
  replayEndTransactionMarker(producerId: number, committed: boolean): void
  /** The whole log has been replayed: set timers, serve. */
  loaded(effects: Effects<R>): void
  /** The partition moves away or the state is about to be dropped: answer whoever is parked. */
  unloaded(effects: Effects<R>): void
}

/** How records look in the log. */
export interface RecordCodec<R> {
  write(record: R): { readonly key: Buffer; readonly value: Buffer | null }
  /** Null: a type of record that this release does not know. It stays in the log. Throws when the bytes make no sense. */
  read(key: Buffer, value: Buffer | null): R | null
}
