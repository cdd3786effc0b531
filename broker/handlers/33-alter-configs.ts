/**
 * AlterConfigs, the old call: a resource gets exactly the settings it names. Superseded by IncrementalAlterConfigs (KIP-133, KIP-339).
 */
import { AlterConfigs } from '../../protocol/apis/33-alter-configs.ts'
import { type AlterNeeds, alter } from '../config/altering.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler } from './handler.ts'

export default defineHandler(
  AlterConfigs,
  { access: 'per-resource' },
  (needs: AlterNeeds & { readonly controller: Controller }) =>
    async ({ resources, validateOnly }, context) => {
      const responses = await alter(
        needs,
        { context, validateOnly, incremental: false },
        resources,
        allowed => needs.controller.alterConfigs(allowed, validateOnly),
      )
      return AlterConfigs.response.create({ responses })
    },
)
