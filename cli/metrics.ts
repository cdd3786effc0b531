// The metrics endpoint of a started broker, if it wants one. Loaded after the broker serves: clients come first.
import type { BrokerConfig } from '../broker/config/broker-config.ts'
import type { MetricsRegistry } from '../broker/metrics/cells.ts'
import type { RunningBroker } from '../broker/options.ts'
import type { Clock } from '../storage/clock.ts'

export interface MetricsNeeds {
  readonly config: BrokerConfig
  readonly metrics: MetricsRegistry
  readonly broker: RunningBroker
  readonly clock: Clock
  readonly countOpenFiles: () => number
}

export async function openMetrics(
  needs: MetricsNeeds,
): Promise<{ readonly port: number; close(): Promise<void> } | undefined> {
  const { MetricsServer, parseMetricsListener } = await import('../broker/metrics/http.ts')
  const listener = parseMetricsListener(needs.config.get('odradek.metrics.listener'))
  if (listener === undefined) return undefined
  const { broker, clock, metrics } = needs
  const { measureProcess } = await import('../broker/metrics/process.ts')
  const server = await MetricsServer.open({
    ...listener,
    metrics,
    health: { unhealthy: () => broker.unhealthy(), unready: () => broker.unready() },
    monotonicMs: () => clock.monotonicMs(),
  })
  const stop = measureProcess(metrics, needs.countOpenFiles)
  return {
    port: server.port,
    close: async () => {
      stop()
      await server.close()
    },
  }
}
