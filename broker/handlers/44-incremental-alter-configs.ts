/**
 * IncrementalAlterConfigs: sets, deletes, appends to and subtracts from single settings of topics, brokers, groups, client metrics
 * subscriptions and loggers (KIP-339, KIP-412).
 */
import { IncrementalAlterConfigs } from '../../protocol/apis/44-incremental-alter-configs.ts'
import { type AlterNeeds, alter } from '../config/altering.ts'
import type { Controller } from '../ports/controller.ts'
import { defineHandler } from './handler.ts'

export default defineHandler(
  IncrementalAlterConfigs,
  { access: 'per-resource' },
  (needs: AlterNeeds & { readonly controller: Controller }) =>
    async ({ resources, validateOnly }, context) => {
      const responses = await alter(needs, { context, validateOnly, incremental: true }, resources, allowed =>
        needs.controller.incrementalAlterConfigs(allowed, validateOnly),
      )
      return IncrementalAlterConfigs.response.create({ responses })
    },
)
