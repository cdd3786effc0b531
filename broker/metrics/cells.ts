// The numbers that hot paths write: plain float64 cells in shared blocks (3-4 ns an update; a labelled prom-client
// counter costs 200). prom-client reads them when somebody scrapes, in exposition.ts. A cell is found once, by name and
// labels, and then held: const messagesIn = metrics.counter('kafka_server_brokertopicmetrics_messagesin_total', { topic }).
// The names, kinds and labels are declared in declarations.ts, and nothing else may be counted. One registry per broker.
import { DECLARATIONS, type MetricName, type NameOf } from './declarations.ts'

export type Labels = Readonly<Record<string, string>>

/** What a gauge answers at scrape time: one number, or one per label set. */
export type Samples = number | Iterable<readonly [labels: Labels, value: number]>

const CELLS_PER_BLOCK = 1024

/** Hands out runs of neighbouring cells. They are not taken back: whoever holds a removed cell may still write to it. */
class Arena {
  #block = new Float64Array(CELLS_PER_BLOCK)
  #used = 0

  take(length: number): { block: Float64Array; start: number } {
    if (this.#used + length > CELLS_PER_BLOCK) {
      this.#block = new Float64Array(CELLS_PER_BLOCK)
      this.#used = 0
    }
    const run = { block: this.#block, start: this.#used }
    this.#used += length
    return run
  }
}

export class Counter {
  readonly #block: Float64Array
  readonly #at: number

  constructor(block: Float64Array, at: number) {
    this.#block = block
    this.#at = at
  }

  inc(n = 1): void {
    this.#block[this.#at]! += n
  }

  get value(): number {
    return this.#block[this.#at]!
  }
}

/**
 * Buckets by powers of two from 1/16 ms (62.5 µs) to 2^16 ms (65 s), and one above:
 *   bucket 0: <= 1/16   bucket i: <= 2^(i-4)   last: everything
 * Layout of the run: [sum, max, bucket 0 .. bucket 21].
 */
export class Histogram {
  static readonly buckets = 22
  static readonly cells = Histogram.buckets + 2
  readonly #block: Float64Array
  readonly #at: number

  constructor(block: Float64Array, at: number) {
    this.#block = block
    this.#at = at
  }

  observe(ms: number): void {
    const sixteenths = ms * 16
    let bucket = sixteenths <= 1 ? 0 : 32 - Math.clz32(Math.ceil(sixteenths) - 1)
    if (bucket >= Histogram.buckets || sixteenths > 0x7fff_ffff) bucket = Histogram.buckets - 1
    this.#block[this.#at]! += ms
    if (ms > this.#block[this.#at + 1]!) this.#block[this.#at + 1] = ms
    this.#block[this.#at + 2 + bucket]! += 1
  }

  get sum(): number {
    return this.#block[this.#at]!
  }

  get max(): number {
    return this.#block[this.#at + 1]!
  }

  get count(): number {
    let count = 0
    for (let i = 0; i < Histogram.buckets; i++) count += this.#block[this.#at + 2 + i]!
    return count
  }

  /** The value below which this part of the observations lies, linear within its bucket. NaN when nothing was seen. */
  quantile(q: number): number {
    const wanted = q * this.count
    if (wanted === 0) return Number.NaN
    let below = 0
    for (let i = 0; i < Histogram.buckets; i++) {
      const here = this.#block[this.#at + 2 + i]!
      if (here > 0 && below + here >= wanted) {
        const low = i === 0 ? 0 : 2 ** (i - 5)
        const high = i === Histogram.buckets - 1 ? this.max : Math.min(2 ** (i - 4), this.max)
        return low + (Math.max(high, low) - low) * ((wanted - below) / here)
      }
      below += here
    }
    return this.max
  }
}

export interface Series<Cell> {
  readonly labels: Labels
  readonly cell: Cell
}

interface Family {
  readonly series: Map<string, Series<Counter | Histogram>>
  readonly collectors: Set<() => Samples>
}

function keyOf(labels: Labels): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)))
}

export class MetricsRegistry {
  readonly #arena = new Arena()
  readonly #families = new Map<MetricName, Family>()

  /** The counter of that name and label set; the same one when asked again. */
  counter(name: NameOf<'counter'>, labels: Labels = {}): Counter {
    return this.#cell(name, labels, () => {
      const { block, start } = this.#arena.take(1)
      return new Counter(block, start)
    }) as Counter
  }

  histogram(name: NameOf<'histogram'>, labels: Labels = {}): Histogram {
    return this.#cell(name, labels, () => {
      const { block, start } = this.#arena.take(Histogram.cells)
      return new Histogram(block, start)
    }) as Histogram
  }

  /** Asked at every scrape. Several may feed one name. Returns how to take it out again. */
  gauge(name: NameOf<'gauge'>, collect: () => Samples): () => void {
    const family = this.#family(name)
    family.collectors.add(collect)
    return () => family.collectors.delete(collect)
  }

  /** Forgets the series whose labels include these, e.g. those of a deleted topic. */
  remove(labels: Labels): void {
    const wanted = Object.entries(labels)
    for (const family of this.#families.values())
      for (const [key, series] of family.series)
        if (wanted.every(([name, value]) => series.labels[name] === value)) family.series.delete(key)
  }

  /** What exposition.ts reads. */
  cells(name: MetricName): Series<Counter | Histogram>[] {
    return [...(this.#families.get(name)?.series.values() ?? [])]
  }

  *samples(name: MetricName): Generator<readonly [Labels, number]> {
    for (const collect of this.#families.get(name)?.collectors ?? []) {
      const samples = collect()
      if (typeof samples === 'number') yield [{}, samples]
      else yield* samples
    }
  }

  #family(name: MetricName): Family {
    let family = this.#families.get(name)
    if (family === undefined) {
      if (!(name in DECLARATIONS))
        throw new Error(`the metric ${name} is not declared in broker/metrics/declarations.ts`)
      family = { series: new Map(), collectors: new Set() }
      this.#families.set(name, family)
    }
    return family
  }

  #cell(name: MetricName, labels: Labels, create: () => Counter | Histogram): Counter | Histogram {
    const family = this.#family(name)
    const key = keyOf(labels)
    let series = family.series.get(key)
    if (series === undefined) {
      series = { labels, cell: create() }
      family.series.set(key, series)
    }
    return series.cell
  }
}
