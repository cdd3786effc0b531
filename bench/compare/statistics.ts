// Medians and ratios of rounds.
import type { Server } from '../../compat-tests/brokers.ts'
import type { Measure } from './cell.ts'
import type { Result } from './results.ts'

/** Of an even number of values, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Over the rounds of one server; undefined when the cell does not measure it. */
export function medianOf(result: Result, server: Server, measure: Measure): number | undefined {
  const values = result.rounds
    .filter(round => round.server === server)
    .map(round => round.measured[measure])
    .filter(value => typeof value === 'number')
  return values.length === 0 ? undefined : median(values)
}

/** Odradek : Kafka. */
export function ratioOf(result: Result, measure: Measure): number | undefined {
  const ours = medianOf(result, 'odradek', measure)
  const theirs = medianOf(result, 'kafka', measure)
  return ours === undefined || theirs === undefined || theirs === 0 ? undefined : ours / theirs
}

/** From here on a thread, or a pinned client, has nothing left to give. */
const SATURATED = 0.9

/** Whether the client was the limit: its busiest thread filled a core, or it filled the core it was pinned to. */
export function isClientBound(result: Result, server: Server): boolean {
  const thread = medianOf(result, server, 'clientThreadCores') ?? 0
  const cores = medianOf(result, server, 'clientCores') ?? 0
  return thread >= SATURATED || (result.isPinned && cores >= SATURATED)
}

/** Whether client and server together used all the machine has. */
export function isMachineBound(result: Result, server: Server): boolean {
  const cores =
    (medianOf(result, server, 'clientCores') ?? 0) + (medianOf(result, server, 'serverCores') ?? 0)
  return cores >= result.machine.cores * 0.95
}

/** So much of a core taken by strangers makes a result one of a busy machine. */
const DISTURBED = 0.2

export function isDisturbed(result: Result): boolean {
  const worst = Math.max(
    medianOf(result, 'odradek', 'foreignCores') ?? 0,
    medianOf(result, 'kafka', 'foreignCores') ?? 0,
  )
  return worst >= DISTURBED
}
