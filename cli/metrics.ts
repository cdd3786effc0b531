// The metrics endpoint of a started broker, if it wants one. Loaded after the broker serves: clients come first.
import type { BrokerConfig } from '../broker/config/broker-config.ts'
import type { MetricsRegistry } from '../broker/metrics/cells.ts'
import type { RunningBroker } from '../broker/options.ts'
import type { Clock } from '../storage/clock.ts'
import { VERSION } from './version.ts'

/** Kafka's BrokerState. */
const brokerStates: Readonly<Record<string, number>> = { starting: 1, serving: 3, stopping: 6 }
const UNKNOWN = 127

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
  const labels = {
    version: VERSION,
    node_id: String(broker.nodeId),
    cluster_id: broker.clusterId,
    nodejs: process.version,
  }
  metrics.gauge('odradek_info', () => [[labels, 1]])
  metrics.gauge(
    'kafka_server_kafkaserver_brokerstate',
    () => brokerStates[broker.unready() ?? 'serving'] ?? UNKNOWN,
  )
  const stop = measureProcess(metrics, needs.countOpenFiles)
  return {
    port: server.port,
    close: async () => {
      stop()
      await server.close()
    },
  }
}
