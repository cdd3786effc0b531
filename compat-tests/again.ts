/**
 * Other people's tests give their steps a second or ten, which a machine with other work does not always keep. A few that failed are run
 * once more, alone; the second result counts, and the runner says so. Many that fail are no accident, and count as they came.
 */
import type { ForeignResult } from './suite.ts'

const A_FEW = 3

export interface Again {
  /** Whether a failure of this test may have been an accident. */
  readonly mayBeAccident: (name: string) => boolean
  /** What the runner can run alone: the test itself, or the one around it. */
  readonly unitOf?: (name: string) => string
  readonly run: (units: readonly string[]) => readonly ForeignResult[] | Promise<readonly ForeignResult[]>
}

export async function triedAgain(
  results: readonly ForeignResult[],
  { mayBeAccident, unitOf = name => name, run }: Again,
): Promise<readonly ForeignResult[]> {
  const failed = results.filter(({ name, result }) => result === 'failed' && mayBeAccident(name))
  const units = [...new Set(failed.map(({ name }) => unitOf(name)))]
  if (units.length === 0 || units.length > A_FEW) return results
  for (const { name, reason } of failed) console.log(`tried again: ${name}: ${reason}`)
  const second = new Map((await run(units)).map(row => [row.name, row]))
  return results.map(row => (failed.includes(row) ? second.get(row.name) : undefined) ?? row)
}
