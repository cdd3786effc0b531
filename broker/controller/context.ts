// What a command is given besides the state: everything that would make it impure if it took it itself.
import type { ConfigSchema } from '../ports/controller.ts'

export interface ControllerSettings {
  readonly nodeId: number
  readonly clusterId: string
  readonly numPartitions: () => number
  readonly defaultReplicationFactor: () => number
}

export interface CommandContext {
  readonly settings: ControllerSettings
  readonly schema: ConfigSchema
  readonly nowMs: number
  readonly newUuid: () => string
}
