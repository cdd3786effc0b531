// The coordinator runtime: carries out what shards decide. It knows logs, order, timers and failure; it knows nothing of
// groups, transactions or shares. One shard per partition of the coordinator's topic; the leader of the partition is the
// coordinator of every key that hashes to it.
//
// A partition is loaded when this broker is elected for it, slice by slice so that a long log does not hold up the loop;
// meanwhile commands answer COORDINATOR_LOAD_IN_PROGRESS. Where it is not elected, they answer NOT_COORDINATOR.
// Answers to Kafka's CoordinatorRuntime (KIP-848).

import { Errors } from '../../protocol/errors.ts'
import type { CoordinatorElections, InternalLog } from '../ports/internal-log.ts'
import { RequestError } from '../ports/request-error.ts'
import type { Caller, Effects, Shard } from './shard.ts'
import { type RuntimeOptions, ShardContext } from './shard-context.ts'

export type { RuntimeOptions } from './shard-context.ts'

/** How long the loop may be held by loading before other work gets its turn. */
const LOAD_TURN_MS = 5

export type Command<S, R> = (shard: S, effects: Effects<R>, caller: Caller) => void

export class CoordinatorRuntime<S extends Shard<R>, R> implements CoordinatorElections {
  readonly #options: RuntimeOptions<S, R>
  readonly #contexts = new Map<number, ShardContext<S, R>>()
  readonly #toLoad: ShardContext<S, R>[] = []
  #loading = false

  constructor(options: RuntimeOptions<S, R>) {
    this.#options = { ...options, reload: partition => this.#load(this.#contexts.get(partition)) }
  }

  // ---- Elections

  elected(partition: number, log: InternalLog): void {
    const known = this.#contexts.get(partition)
    if (known !== undefined && log.leaderEpoch < known.log.leaderEpoch) return
    if (known !== undefined && (known.state === 'ACTIVE' || known.state === 'LOADING')) {
      known.continueWith(log)
      return
    }
    const context = new ShardContext<S, R>(partition, log, this.#options)
    this.#contexts.set(partition, context)
    // Most partitions of a small broker are empty: they need no turn of their own.
    if (log.logStartOffset === log.logEndOffset) context.loadSlice()
    else this.#load(context)
  }

  resigned(partition: number, leaderEpoch: number | undefined): void {
    const context = this.#contexts.get(partition)
    if (context === undefined) return
    if (leaderEpoch !== undefined && leaderEpoch <= context.log.leaderEpoch) return
    this.#contexts.delete(partition)
    context.close()
  }

  #load(context: ShardContext<S, R> | undefined): void {
    if (context === undefined) return
    this.#toLoad.push(context)
    if (this.#loading) return
    this.#loading = true
    this.#options.clock.setTimeout(() => this.#loadTurn(), 0)
  }

  #loadTurn(): void {
    const { clock } = this.#options
    const untilMs = clock.monotonicMs() + LOAD_TURN_MS
    while (this.#toLoad.length > 0) {
      const context = this.#toLoad[0]!
      context.loadSlice()
      if (!context.needsLoading) this.#toLoad.shift()
      if (clock.monotonicMs() >= untilMs) break
    }
    if (this.#toLoad.length > 0) clock.setTimeout(() => this.#loadTurn(), 0)
    else this.#loading = false
  }

  // ---- Commands

  /**
   * Runs a command on the partition's shard. Resolves with what the shard replies to `caller`, at once or later, when the
   * high watermark has passed all it can have observed. Rejects with a RequestError.
   */
  submit<T>(partition: number, name: string, command: Command<S, R>): Promise<T> {
    const context = this.#contexts.get(partition)
    if (context === undefined) return Promise.reject(new RequestError(Errors.NOT_COORDINATOR))
    return context.submit<T>(name, command)
  }

  /** A command whose reply is what it returns. */
  query<T>(partition: number, name: string, ask: (shard: S, effects: Effects<R>) => T): Promise<T> {
    return this.submit<T>(partition, name, (shard, effects, caller) =>
      effects.reply(caller, ask(shard, effects)),
    )
  }

  /** The same on every partition led here, loading ones included (they reject). */
  queryAll<T>(name: string, ask: (shard: S, effects: Effects<R>) => T): Promise<T>[] {
    return [...this.#contexts.keys()].map(partition => this.query(partition, name, ask))
  }

  /** The shards that serve now, for gauges. */
  *shards(): Generator<S> {
    for (const context of this.#contexts.values()) {
      const { shard } = context
      if (shard !== undefined) yield shard
    }
  }

  isActive(partition: number): boolean {
    return this.#contexts.get(partition)?.state === 'ACTIVE'
  }

  close(): void {
    this.#toLoad.length = 0
    for (const context of this.#contexts.values()) context.close()
    this.#contexts.clear()
  }
}
