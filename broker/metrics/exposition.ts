// The text that Prometheus reads: prom-client's rendering of our cells and gauges. Loaded at the first scrape, not at
// start. A histogram is shown as Kafka's are through the JMX exporter: quantiles, _sum and _count.
import { Counter, Gauge, Registry } from 'prom-client'
import { type Histogram, MetricsRegistry } from './cells.ts'
import { DECLARATIONS, type MetricDeclaration, type MetricName, type NameOf } from './declarations.ts'

const QUANTILES = ['0.50', '0.75', '0.95', '0.98', '0.99', '0.999']
/** A scrape of 10,000 partitions takes the loop some ten milliseconds: two scrapers at once share one rendering. */
const FRESH_MS = 1000

export class Exposition {
  readonly #registry = new Registry()
  readonly #metrics: MetricsRegistry
  readonly #monotonicMs: () => number
  #text: Promise<string> | undefined
  #renderedMs = Number.NEGATIVE_INFINITY

  constructor(metrics: MetricsRegistry, monotonicMs: () => number) {
    this.#metrics = metrics
    this.#monotonicMs = monotonicMs
    for (const [name, declaration] of Object.entries(DECLARATIONS) as [MetricName, MetricDeclaration][])
      this.#declare(name, declaration)
  }

  get contentType(): string {
    return this.#registry.contentType
  }

  render(): Promise<string> {
    const nowMs = this.#monotonicMs()
    if (this.#text === undefined || nowMs - this.#renderedMs > FRESH_MS) {
      this.#renderedMs = nowMs
      this.#text = this.#registry.metrics()
    }
    return this.#text
  }

  #declare(name: MetricName, { kind, labels, help }: MetricDeclaration): void {
    const metrics = this.#metrics
    const common = { help, labelNames: [...labels], registers: [this.#registry] }
    if (kind === 'counter') {
      new Counter({
        ...common,
        name,
        collect() {
          this.reset()
          for (const series of metrics.cells(name))
            this.inc({ ...series.labels }, (series.cell as { value: number }).value)
        },
      })
    } else if (kind === 'gauge') {
      new Gauge({
        ...common,
        name,
        collect() {
          this.reset()
          for (const [sampleLabels, value] of metrics.samples(name)) this.set({ ...sampleLabels }, value)
        },
      })
    } else this.#declareHistogram(name as NameOf<'histogram'>, common)
  }

  #declareHistogram(
    name: NameOf<'histogram'>,
    common: { help: string; labelNames: string[]; registers: Registry[] },
  ): void {
    const metrics = this.#metrics
    new Gauge({
      ...common,
      name,
      labelNames: [...common.labelNames, 'quantile'],
      collect() {
        this.reset()
        for (const { labels, cell } of metrics.cells(name)) {
          if ((cell as Histogram).count === 0) continue
          for (const quantile of QUANTILES)
            this.set({ ...labels, quantile }, (cell as Histogram).quantile(Number(quantile)))
        }
      },
    })
    for (const part of ['sum', 'count'] as const)
      new Counter({
        ...common,
        name: `${name}_${part}`,
        collect() {
          this.reset()
          for (const { labels, cell } of metrics.cells(name))
            this.inc({ ...labels }, (cell as Histogram)[part])
        },
      })
  }
}
