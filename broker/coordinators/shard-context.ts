// One partition of a coordinator's topic, led by this broker: its log, its shard, its timers, the replies that wait.
//
//   LOADING ──all replayed──▶ ACTIVE ──resigned──▶ CLOSED
//      └──────cannot read──────▶ FAILED ◀──out of step with its log── ACTIVE (then LOADING again)
//
// Promises: commands take effect one at a time, in the order given; a record is replayed after it is in the log; nothing
// is answered before the high watermark has passed everything the answer can have observed. So a reader never sees what
// a later leader could not know. Answers to CoordinatorContext in Kafka's CoordinatorRuntime.

import { Errors } from '../../protocol/errors.ts'
import type { CompressionType } from '../../protocol/records/compression.ts'
import type { Clock, Timer } from '../ports/clock.ts'
import type { InternalLog } from '../ports/internal-log.ts'
import { RequestError } from '../ports/request-error.ts'
import { encodeBatches, replaySlice } from './coordinator-log.ts'
import { errorOfAppend } from './errors.ts'
import { type Caller, Effects, type RecordCodec, type Shard } from './shard.ts'
import { ShardTimers } from './shard-timers.ts'

export const RETRY_BACKOFF_MS = 500
/** One slice of a load at most, so that the loop is not held up by a large buffer setting. */
const MAX_LOAD_SLICE_BYTES = 256 * 1024

export interface RuntimeOptions<S extends Shard<R>, R> {
  readonly clock: Clock
  readonly codec: RecordCodec<R>
  readonly newShard: (partition: number) => S
  /** How long a reply may wait for the high watermark (`offsets.commit.timeout.ms`). */
  readonly writeTimeoutMs: () => number
  /** Bytes read at once when loading. */
  readonly loadBufferBytes?: () => number
  readonly compression?: () => CompressionType
  readonly loaded?: (partition: number) => void
  /** Told of what should not happen: a log that cannot be loaded, a command that threw. */
  readonly failed?: (partition: number, what: string, error: unknown) => void
  readonly unknownRecord?: (partition: number, key: Buffer) => void
  /** Set by the runtime itself. */
  readonly reload?: (partition: number) => void
}

export type ContextState = 'LOADING' | 'ACTIVE' | 'FAILED' | 'CLOSED'

interface Waiter {
  readonly resolve: (response: unknown) => void
  readonly reject: (error: RequestError) => void
}

/** What waits until the high watermark reaches `offset`. */
interface Deferred<R> {
  readonly offset: number
  readonly deadlineMs: number
  readonly effects: Effects<R>
}

export class ShardContext<S extends Shard<R>, R> {
  readonly partition: number
  state: ContextState = 'LOADING'
  log: InternalLog
  readonly #options: RuntimeOptions<S, R>
  readonly #clock: Clock
  readonly #timers: ShardTimers
  readonly #waiters = new Map<Caller, Waiter>()
  readonly #deferred: Deferred<R>[] = []
  readonly #mailbox: (() => void)[] = []
  #busy = false
  #shard: S
  #nextCaller = 1
  #lastWrittenOffset = 0
  #loadedUpTo = 0
  #deadline: Timer | undefined
  #unsubscribe: (() => void) | undefined

  constructor(partition: number, log: InternalLog, options: RuntimeOptions<S, R>) {
    this.partition = partition
    this.log = log
    this.#options = options
    this.#clock = options.clock
    this.#timers = new ShardTimers(options.clock)
    this.#shard = options.newShard(partition)
    this.#loadedUpTo = log.logStartOffset
  }

  /** The shard itself, for gauges; undefined unless active. */
  get shard(): S | undefined {
    return this.state === 'ACTIVE' ? this.#shard : undefined
  }

  // ---- Loading

  get needsLoading(): boolean {
    return this.state === 'LOADING'
  }

  /** Replays one slice; the last one makes the shard active. */
  loadSlice(): void {
    if (this.state !== 'LOADING') return
    try {
      const before = this.#loadedUpTo
      if (before < this.log.logEndOffset) {
        const { nextOffset } = replaySlice(
          this.log,
          before,
          Math.min(MAX_LOAD_SLICE_BYTES, this.#options.loadBufferBytes?.() ?? MAX_LOAD_SLICE_BYTES),
          this.#shard,
          this.#options.codec,
          key => this.#options.unknownRecord?.(this.partition, key),
        )
        // Compaction may have left nothing from here to the end.
        this.#loadedUpTo = nextOffset === before ? this.log.logEndOffset : nextOffset
      }
      if (this.#loadedUpTo >= this.log.logEndOffset) this.#activate()
    } catch (error) {
      this.state = 'FAILED'
      this.#options.failed?.(this.partition, 'load', error)
    }
  }

  #activate(): void {
    this.state = 'ACTIVE'
    this.#lastWrittenOffset = this.log.logEndOffset
    this.#subscribe()
    this.#execute('loaded', null, effects => this.#shard.loaded(effects))
    this.#options.loaded?.(this.partition)
  }

  #subscribe(): void {
    this.#unsubscribe?.()
    this.#unsubscribe = this.log.onHighWatermark(offset => this.#enqueue(() => this.#release(offset)))
  }

  /** The same leadership continues under a later epoch: the state holds, the log is seen through a new view. */
  continueWith(log: InternalLog): void {
    this.log = log
    if (this.state === 'ACTIVE') this.#subscribe()
  }

  // ---- Commands

  submit<T>(name: string, command: (shard: S, effects: Effects<R>, caller: Caller) => void): Promise<T> {
    if (this.state === 'LOADING') return Promise.reject(new RequestError(Errors.COORDINATOR_LOAD_IN_PROGRESS))
    if (this.state !== 'ACTIVE') return Promise.reject(new RequestError(Errors.NOT_COORDINATOR))
    return new Promise<T>((resolve, reject) => {
      const caller = this.#nextCaller++
      this.#waiters.set(caller, { resolve: resolve as (response: unknown) => void, reject })
      this.#enqueue(() => this.#execute(name, caller, effects => command(this.#shard, effects, caller)))
    })
  }

  /** One thing at a time: what arrives while a command runs is done after it. */
  #enqueue(work: () => void): void {
    this.#mailbox.push(work)
    if (this.#busy) return
    this.#busy = true
    try {
      for (let next = this.#mailbox.shift(); next !== undefined; next = this.#mailbox.shift()) next()
    } finally {
      this.#busy = false
    }
  }

  #execute(name: string, caller: Caller | null, command: (effects: Effects<R>) => void): boolean {
    if (this.state !== 'ACTIVE') return true
    const effects = new Effects<R>(this.#clock.nowMs())
    try {
      command(effects)
    } catch (error) {
      // What was decided before the throw stands (a parked caller was answered); its records do not.
      effects.records.length = 0
      effects.settled = undefined
      if (!(error instanceof RequestError)) this.#options.failed?.(this.partition, name, error)
      if (caller !== null) {
        const failure = error instanceof RequestError ? error : new RequestError(Errors.UNKNOWN_SERVER_ERROR)
        effects.replies.push({ caller, response: failure })
      }
    }
    return this.#apply(effects)
  }

  /** False when its records could not be appended. */
  #apply(effects: Effects<R>): boolean {
    for (const change of effects.timers) {
      if ('cancelled' in change) this.#timers.cancel(change.key)
      else this.#setTimer(change.key, change.afterMs, change.retry, change.run)
    }
    if (effects.records.length > 0) {
      try {
        this.#append(effects)
      } catch (error) {
        this.#settle(effects, errorOfAppend(error), false)
        return false
      }
    }
    if (this.state !== 'ACTIVE') return false
    if (this.log.highWatermark >= this.#lastWrittenOffset) this.#settle(effects, null)
    else this.#defer(effects)
    return true
  }

  #setTimer(key: string, afterMs: number, retry: boolean, run: (effects: Effects<R>) => void): void {
    this.#timers.schedule(key, afterMs, () =>
      this.#enqueue(() => {
        const appended = this.#execute(`timer ${key}`, null, run)
        if (!appended && retry && this.state === 'ACTIVE' && !this.#timers.has(key))
          this.#setTimer(key, RETRY_BACKOFF_MS, retry, run)
      }),
    )
  }

  #append(effects: Effects<R>): void {
    const { codec } = this.#options
    const encoded = encodeBatches(effects.records, codec, {
      timestampMs: effects.nowMs,
      maxBatchBytes: this.log.maxBatchBytes,
      atomic: effects.atomic,
      compression: this.#options.compression?.() ?? 'none',
    })
    let index = 0
    for (const { bytes, count } of encoded) {
      const endOffset = this.log.append(bytes)
      if (endOffset !== this.#lastWrittenOffset + count) this.#reload(endOffset)
      this.#lastWrittenOffset = endOffset
      for (let i = 0; i < count; i++, index++) {
        if (effects.replayed) this.#shard.replay(endOffset - count + i, -1, effects.records[index]!)
      }
    }
  }

  /** Someone else wrote to our log: what we hold in memory is not what the log says. Start over from the log. */
  #reload(endOffset: number): never {
    this.#options.failed?.(
      this.partition,
      'append',
      new Error(
        `expected the log to end at ${this.#lastWrittenOffset} before the batch, it ends at ${endOffset} after it`,
      ),
    )
    this.#drop()
    this.state = 'LOADING'
    this.#shard = this.#options.newShard(this.partition)
    this.#loadedUpTo = this.log.logStartOffset
    this.#options.reload?.(this.partition)
    throw new RequestError(Errors.NOT_COORDINATOR)
  }

  // ---- Waiting for the high watermark

  #defer(effects: Effects<R>): void {
    if (effects.replies.length === 0 && effects.settled === undefined) return
    const timeoutMs = this.#options.writeTimeoutMs()
    this.#deferred.push({
      offset: this.#lastWrittenOffset,
      deadlineMs: this.#clock.monotonicMs() + timeoutMs,
      effects,
    })
    this.#armDeadline()
  }

  #release(highWatermark: number): void {
    while (this.#deferred.length > 0 && this.#deferred[0]!.offset <= highWatermark) {
      this.#settle(this.#deferred.shift()!.effects, null)
    }
    this.#armDeadline()
  }

  #armDeadline(): void {
    if (this.#deferred.length === 0) {
      this.#deadline?.cancel()
      this.#deadline = undefined
      return
    }
    if (this.#deadline !== undefined) return
    const waitMs = Math.max(0, this.#deferred[0]!.deadlineMs - this.#clock.monotonicMs())
    this.#deadline = this.#clock.setTimeout(() => this.#enqueue(() => this.#expire()), waitMs)
  }

  /** The high watermark did not come in time. What was written may yet be committed; the client is told to try again. */
  #expire(): void {
    this.#deadline = undefined
    const nowMs = this.#clock.monotonicMs()
    while (this.#deferred.length > 0 && this.#deferred[0]!.deadlineMs <= nowMs) {
      this.#settle(this.#deferred.shift()!.effects, new RequestError(Errors.REQUEST_TIMED_OUT))
    }
    this.#armDeadline()
  }

  #settle(effects: Effects<R>, error: RequestError | null, isAppended = true): void {
    const { settled } = effects
    if (settled !== undefined && this.state === 'ACTIVE')
      this.#execute('settled', null, next => settled(error, next, isAppended))
    for (const { caller, response } of effects.replies) this.#answer(caller, error ?? response)
  }

  #answer(caller: Caller, response: unknown): void {
    const waiter = this.#waiters.get(caller)
    if (waiter === undefined) return
    this.#waiters.delete(caller)
    if (response instanceof RequestError) waiter.reject(response)
    else waiter.resolve(response)
  }

  // ---- The end

  close(): void {
    if (this.state === 'CLOSED') return
    this.#drop()
    this.state = 'CLOSED'
  }

  /** Answers everyone and lets go of log, timers and state. */
  #drop(): void {
    const wasActive = this.state === 'ACTIVE'
    this.state = 'FAILED'
    this.#unsubscribe?.()
    this.#unsubscribe = undefined
    this.#timers.cancelAll()
    this.#deadline?.cancel()
    this.#deadline = undefined
    const resigned = new RequestError(Errors.NOT_COORDINATOR)
    for (const { effects } of this.#deferred.splice(0)) {
      for (const { caller } of effects.replies) this.#answer(caller, resigned)
    }
    if (wasActive) {
      const effects = new Effects<R>(this.#clock.nowMs())
      this.#shard.unloaded(effects)
      for (const { caller, response } of effects.replies) this.#answer(caller, response)
    }
    for (const caller of [...this.#waiters.keys()]) this.#answer(caller, resigned)
  }
}
