// The harness of the micro-benchmarks: cases interleaved, the best of several rounds. Quote ratios, not absolute
// numbers: the machine is shared.

/** ns a call of each case. */
export function measure<K extends string>(
  cases: Record<K, () => unknown>,
  { ms = 120, rounds = 5 } = {},
): Record<K, number> {
  const names = Object.keys(cases) as K[]
  const calls = {} as Record<K, number>
  const best = {} as Record<K, number>
  for (const name of names) {
    let count = 1
    let took = 0
    for (;;) {
      took = time(cases[name], count)
      if (took >= (ms * 1e6) / 3) break
      count *= took < 5e5 ? 8 : 2
    }
    calls[name] = Math.max(1, Math.round((count * ms * 1e6) / took))
    best[name] = Number.POSITIVE_INFINITY
  }
  for (let round = 0; round < rounds; round++) {
    for (const name of names) best[name] = Math.min(best[name], time(cases[name], calls[name]) / calls[name])
  }
  return best
}

function time(run: () => unknown, count: number): number {
  const start = process.hrtime.bigint()
  for (let i = 0; i < count; i++) run()
  return Number(process.hrtime.bigint() - start)
}
