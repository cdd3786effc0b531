// What a start prints, once, when clients can come: who this is, where to reach it, where the data is.
import type { BrokerConfig } from '../broker/config/broker-config.ts'
import type { Listener } from '../broker/config/listeners.ts'
import type { RunningBroker } from '../broker/options.ts'

const WILDCARDS = ['', '0.0.0.0', '::']

export interface BannerFacts {
  readonly version: string
  readonly startedInMs: number
  readonly metricsPort: number | undefined
}

function reachable(host: string): string {
  if (WILDCARDS.includes(host)) return 'localhost'
  return host.includes(':') ? `[${host}]` : host
}

export function banner(broker: RunningBroker, config: BrokerConfig, facts: BannerFacts): string {
  const rows: [string, string][] = []
  for (const listener of [...broker.listeners, ...broker.controllerListeners]) {
    const everywhere = WILDCARDS.includes(listener.host) ? ' (every interface)' : ''
    rows.push([listener.name, `${reachable(listener.host)}:${listener.port}${everywhere}`])
  }
  const advertised = config.listeners.advertised
  const shown = (listener: Listener): string =>
    `${listener.name}://${reachable(listener.host)}:${listener.port}`
  rows.push([
    'advertised',
    advertised
      ? advertised.map(shown).join(', ')
      : 'the address each client came in through; behind a mapped port, set advertised.listeners',
  ])
  rows.push(['data', config.logDirs.join(', ')])
  rows.push(['node', `${broker.nodeId} of cluster ${broker.clusterId}`])
  rows.push([
    'metrics',
    facts.metricsPort === undefined
      ? 'off'
      : `http://localhost:${facts.metricsPort}/metrics (/healthz, /readyz)`,
  ])
  const width = Math.max(...rows.map(([name]) => name.length))
  const lines = rows.map(([name, value]) => `  ${name.padEnd(width)}  ${value}`)
  return `Odradek ${facts.version} serves after ${Math.round(facts.startedInMs)} ms\n${lines.join('\n')}\n`
}
