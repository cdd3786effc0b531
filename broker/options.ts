// What the composition root is given and what it gives back: the line between broker.ts and those who start a broker
// (the command line, the library, tests). Types only.
import type { Clock } from '../storage/clock.ts'
import type { FileSystem } from '../storage/fs/port.ts'
import type { BrokerConfig } from './config/broker-config.ts'
import type { Loggers } from './logging/loggers.ts'
import type { MetadataSource } from './metadata/image.ts'
import type { MetricsRegistry } from './metrics/cells.ts'
import type { FaultInjector } from './net/fault.ts'
import type { Controller } from './ports/controller.ts'

export interface BrokerOptions {
  readonly config: BrokerConfig
  readonly fs: FileSystem
  readonly clock: Clock
  readonly loggers: Loggers
  readonly metrics: MetricsRegistry
  /** Ids and jitter come from here, so that a simulation can repeat itself. */
  readonly randomBytes: (size: number) => Uint8Array
  readonly fault?: FaultInjector
  /** What other brokers would find us under when a listener binds a wildcard and nothing is advertised. Default: localhost. */
  readonly hostName?: string
}

export interface BoundListener {
  readonly name: string
  /** As bound: a wildcard stays one. */
  readonly host: string
  readonly port: number
}

export interface RunningBroker {
  readonly nodeId: number
  readonly clusterId: string
  /** Where clients come. */
  readonly listeners: readonly BoundListener[]
  /** Where those come who ask a controller; none unless the settings name one. */
  readonly controllerListeners: readonly BoundListener[]
  /** For whoever embeds a broker: look at its metadata, create topics without a client. */
  readonly metadata: MetadataSource
  readonly controller: Controller
  /** Why the process should be restarted, and why clients should not come here; null: all is well. */
  unhealthy(): string | null
  unready(): string | null
  /** Answers what was accepted, flushes, marks the stop clean, unlocks. Called twice it is one stop. */
  stop(): Promise<void>
  /** Resolves when the broker has stopped; rejects when it stopped by itself, with the reason. */
  readonly closed: Promise<void>
}
