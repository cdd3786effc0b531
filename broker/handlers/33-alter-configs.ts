/**
 * AlterConfigs, the old call: a resource gets exactly the settings it names. Superseded by IncrementalAlterConfigs (KIP-133, KIP-339).
 */
import { AlterConfigs } from '../../protocol/apis/33-alter-configs.ts'
import type { AlterResources } from '../config/altering.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler } from './handler.ts'

export interface Needs {
  readonly alterResources: AlterResources
  readonly controller: Controller
}

export default defineHandler(
  AlterConfigs,
  { access: 'per-resource' },
  ({ alterResources, controller }: Needs) =>
    async ({ resources, validateOnly }, context) => {
      const responses = await alterResources(
        { context, validateOnly, incremental: false },
        resources,
        allowed => controller.alterConfigs(allowed, validateOnly),
      )
      return AlterConfigs.response.create({ responses })
    },
)
