// What the process itself has to say: memory, CPU, event-loop delay, open files. Names are those of prom-client's
// default metrics, so the usual Node dashboards fit. Only for a broker that owns its process: an embedded one leaves
// these to its host.
import { monitorEventLoopDelay } from 'node:perf_hooks'
import type { MetricsRegistry } from './cells.ts'

const QUANTILES = [0.5, 0.99, 1]

/** Returns how to stop measuring. `countOpenFiles` is asked at scrape time. */
export function measureProcess(metrics: MetricsRegistry, countOpenFiles?: () => number): () => void {
  const delay = monitorEventLoopDelay({ resolution: 20 })
  delay.enable()
  const seconds = (nanoseconds: number): number => (Number.isFinite(nanoseconds) ? nanoseconds / 1e9 : 0)
  metrics.gauge('odradek_event_loop_delay_seconds', () => {
    const samples = QUANTILES.map(
      q => [{ quantile: String(q) }, seconds(q === 1 ? delay.max : delay.percentile(q * 100))] as const,
    )
    delay.reset()
    return samples
  })
  metrics.gauge('process_resident_memory_bytes', () => process.memoryUsage.rss())
  metrics.gauge('nodejs_heap_size_used_bytes', () => process.memoryUsage().heapUsed)
  metrics.gauge('nodejs_external_memory_bytes', () => process.memoryUsage().external)
  metrics.gauge('process_cpu_seconds_total', () => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1e6
  })
  metrics.gauge('process_start_time_seconds', () => performance.timeOrigin / 1000)
  if (countOpenFiles) metrics.gauge('process_open_fds', countOpenFiles)
  return () => delay.disable()
}
